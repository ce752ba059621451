"""The answer to one request, and what its HTTP status alone says of the messages in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from functools import cached_property
from typing import Final

from attrs import evolve, frozen

from smskit.kinds import FailureClass, Retry
from smskit.protocols import Call, Flow, Reply
from smskit.transports.wire.reading import code_in, dig, json_in, mail_date_in, text_in

LONGEST_RETRY_AFTER_S: Final = 3600.0


class Unreadable(ValueError):
    """The carrier said that it took the request, and nobody can read what else it said."""


@frozen
class Fault:
    """Why a carrier did not take a request, and what may be done with it."""

    failure: FailureClass
    retry: Retry
    code: str = ""
    retry_after_s: float | None = None


@frozen(slots=False)
class Answer:
    """A reply, with its headers and its JSON at hand; ``is_repeat`` when an earlier one to the same was lost."""

    reply: Reply
    is_repeat: bool = False

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.reply.status

    @property
    def is_success(self) -> bool:
        """Whether the status says that the request was taken."""
        return 200 <= self.reply.status < 300

    @cached_property
    def json(self) -> object:
        """The value in the body, None when it is not JSON."""
        return json_in(self.reply.body)

    def at(self, *path: str | int) -> object:
        """Follow *path* into the JSON; None where it leads nowhere."""
        return dig(self.json, *path)

    @cached_property
    def _headers(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in self.reply.headers.items()}

    def header(self, name: str) -> str:
        """Give a header, empty when it is not there."""
        return self._headers.get(name.lower(), "")

    def retry_after_s(self, now: datetime | None = None) -> float | None:
        """Give the seconds that ``Retry-After`` asks to wait, whether written as a number or as a date."""
        text = self.header("retry-after").strip()
        if not text:
            return None
        if text.isascii() and text.replace(".", "", 1).isdigit():
            return min(LONGEST_RETRY_AFTER_S, float(text))
        moment = mail_date_in(text)
        if moment is None:
            return None
        asked_s = (moment - (now or datetime.now(timezone.utc))).total_seconds()
        return min(LONGEST_RETRY_AFTER_S, max(0.0, asked_s))


def answer_to(call: Call) -> Flow[Answer]:
    """Make one request as part of a flow, and give what came back."""
    reply = yield call
    assert reply is not None, "a driver sends a reply to a call"
    return Answer(reply)


def fault_of_status(answer: Answer) -> Fault:
    """Give what an HTTP status means where the carrier's own code says nothing.

    A redirect that a browser would follow with GET may come after the work was done; 307 and 308 certainly come
    before. A 5xx may come from a gateway behind which the message left; 511 comes from a portal before it. What is
    wrong with every request alike, such as its type, is a failure of the account: it rejects nobody.
    """
    status = answer.status
    failure, retry = _STATUSES.get(status) or _CLASSES.get(status // 100, _BROKEN)
    return Fault(failure, retry, f"http-{status}", answer.retry_after_s())


def fault_of_code(answer: Answer, code: str, failure: FailureClass | None, retry: Retry | None = None) -> Fault:
    """Give why a carrier did not take a request, where its own *code* tells.

    Args:
        answer: what it answered.
        code: its own word.
        failure: what that means; None for a word that nobody knows, and then the HTTP status tells.
        retry: what may be done; None takes what is usual with *failure*.

    After a status that leaves open whether the work was done (a 5xx above all) it stays open, whatever the code says.
    """
    general = fault_of_status(answer)
    known = code_in(code) or general.code
    if failure is None or (general.retry is Retry.AMBIGUOUS and not answer.is_success):
        return evolve(general, code=known)
    return Fault(failure, retry or failure.retry, known, general.retry_after_s)


_BROKEN: Final = (FailureClass.PROVIDER_ERROR, Retry.AMBIGUOUS)
_STATUSES: Final[Mapping[int, tuple[FailureClass, Retry]]] = {
    307: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    308: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    401: (FailureClass.AUTH, Retry.AFTER_FIX),
    402: (FailureClass.INSUFFICIENT_CREDIT, Retry.AFTER_FIX),
    403: (FailureClass.PERMISSION, Retry.AFTER_FIX),
    404: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    405: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    406: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    407: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    408: (FailureClass.PROVIDER_ERROR, Retry.AMBIGUOUS),
    409: (FailureClass.PROVIDER_ERROR, Retry.AMBIGUOUS),
    410: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    411: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    413: (FailureClass.CONTENT_INVALID, Retry.NEVER),
    415: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    421: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    425: (FailureClass.THROTTLED, Retry.SAFE),
    426: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    429: (FailureClass.THROTTLED, Retry.SAFE),
    431: (FailureClass.ACCOUNT, Retry.AFTER_FIX),
    503: (FailureClass.PROVIDER_UNAVAILABLE, Retry.AMBIGUOUS),
    511: (FailureClass.NETWORK, Retry.SAFE),
}
_CLASSES: Final[Mapping[int, tuple[FailureClass, Retry]]] = {
    3: (FailureClass.PROVIDER_ERROR, Retry.AMBIGUOUS),
    4: (FailureClass.BAD_REQUEST, Retry.NEVER),
}


def error_code(answer: Answer, *paths: tuple[str | int, ...]) -> str:
    """Give the first of *paths* at which the JSON has a code; empty when none has."""
    return next((text for path in paths if (text := text_in(answer.at(*path)))), "")
