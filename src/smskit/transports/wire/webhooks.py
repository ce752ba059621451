"""What comes in at a webhook: is it the carrier's word, and what does it tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import evolve, field, frozen

from smskit.errors import InvalidInput, NaiveDatetime, WebhookError
from smskit.kinds import EventType
from smskit.protocols import Hears, WebhookRequest
from smskit.records import Event
from smskit.transports.wire.reading import json_in, one_or_many

LARGEST_BODY: Final = 4 * 1024 * 1024
SHORTEST_SECRET: Final = 16
_SAID: Final = frozenset({EventType.REPLY, EventType.OPT_OUT, EventType.OPT_IN})


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@frozen(kw_only=True)
class Webhook:
    """How calls to your webhook are told from forged ones.

    Args:
        secrets: what the carrier signs with, one or several: while you change it, the new and the old.
        path_secrets: a long random word that stands in the path of your webhook's address, such as
            ``https://shop.example/sms/8Zk…``; several while you change it. Carriers that do not sign need one.
        tolerance_s: how old a signature may be, in seconds, where it tells its time.
        accept_unverified: take what nobody can vouch for. Anybody who finds the address can then stop your campaigns
            and opt people out.

    Raises:
        InvalidInput: a secret of fewer than 16 characters in the path, or an empty one.
    """

    secrets: tuple[str, ...] = field(default=(), converter=_texts, repr=False)
    path_secrets: tuple[str, ...] = field(default=(), converter=_texts, repr=False)
    tolerance_s: float = 300.0
    accept_unverified: bool = False

    def __attrs_post_init__(self) -> None:
        if any(len(secret) < SHORTEST_SECRET or "/" in secret for secret in self.path_secrets):
            raise InvalidInput(
                f"a secret in a path has {SHORTEST_SECRET} characters or more and no slash; "
                "make one with secrets.token_urlsafe(24)"
            )
        if not all(self.secrets):
            raise InvalidInput("an empty secret signs nothing; leave it out")

    def check_path(self, url: str) -> bool:
        """Look for the secret in the path of *url*; False when none was set up.

        Raises:
            WebhookError: it is not there.
        """
        if not self.path_secrets:
            return False
        if not self.knows(url):
            raise WebhookError("the secret is not in the path of this address; somebody guesses, or it was changed")
        return True

    def knows(self, url: str) -> bool:
        """Whether one of the secrets is a word of the path of *url*."""
        try:
            words = [unquote(word).encode() for word in urlsplit(url).path.split("/")]
        except ValueError:
            return False  # no address at all
        # Every word is held against every secret: how long it takes tells nobody which one was close.
        found = [compare_digest(word, secret.encode()) for word in words for secret in self.path_secrets]
        return any(found)

    def check_age(self, at: datetime, now: datetime) -> None:
        """Refuse a signature that is older, or newer, than the tolerance.

        Raises:
            WebhookError: it is.
        """
        apart_s = abs((now - at).total_seconds())
        if apart_s > self.tolerance_s:
            raise WebhookError(
                f"the signature is {apart_s:.0f} s away from our clock and {self.tolerance_s:g} s are allowed; "
                "it is a repetition, or a clock is wrong"
            )


def parse_events(
    provider: Hears,
    headers: Mapping[str, str],
    body: bytes,
    url: str,
    *,
    method: str = "POST",
    now: datetime | None = None,
) -> tuple[Event, ...]:
    """Make sure that *provider*'s carrier sent a webhook request, and give what it tells.

    Args:
        provider: the transport, with its :class:`Webhook` secrets.
        headers: of the request.
        body: its raw bytes, before anybody decoded them: the signature is over these.
        url: its whole address as the carrier called it, with scheme, host and query; behind a proxy that is the outer
            one.
        method: of the request.
        now: the present instant; None asks the machine.

    Returns:
        Receipts, replies, opt-outs and clicks, for :func:`smskit.receive`. Words that nobody understands give a receipt
        without a status. What a person said is never later than *now*: a START from the future would outlast each STOP
        until then.

    Raises:
        WebhookError: it cannot be trusted, or not be read; answer 403 and keep nothing.
        NaiveDatetime: *now* has no zone.
    """
    if now is not None and now.utcoffset() is None:
        raise NaiveDatetime("now", now)
    if not isinstance(body, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidInput("body= takes the raw bytes of the request: a signature cannot be checked over anything else")
    if len(body) > LARGEST_BODY:
        raise WebhookError(f"the body has {len(body)} bytes; no carrier writes so much")
    try:
        urlsplit(url)
        "".join((url, *headers.values())).encode()
    except ValueError as error:
        raise WebhookError("the address of the request is none, or a header holds what nobody can write") from error
    moment = now or datetime.now(timezone.utc)
    request = WebhookRequest({name.lower(): value for name, value in headers.items()}, body, url, method.upper())
    provider.verify(request, moment)
    return tuple(_not_ahead(event, moment) for event in provider.parse(request, moment))


def _not_ahead(event: Event, now: datetime) -> Event:
    return evolve(event, at=now) if event.at > now and event.type in _SAID else event


def header(request: WebhookRequest, name: str) -> str:
    """Give a header of a request, empty when it is not there."""
    return request.headers.get(name.lower(), "")


def fields_in(request: WebhookRequest) -> dict[str, str]:
    """Give the fields of a form: those of the body over those of the address."""
    query = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    if "json" in header(request, "content-type"):
        return dict(query)
    try:
        body = request.body.decode()
    except UnicodeDecodeError as error:
        raise WebhookError("the body is not UTF-8") from error
    return dict(query) | dict(parse_qsl(body, keep_blank_values=True))


def told_in(request: WebhookRequest) -> Sequence[object]:
    """Give the objects that a request tells of, whether as JSON, as a form or in the address; none in other JSON."""
    return one_or_many(json_in(request.body)) if "json" in header(request, "content-type") else (fields_in(request),)
