"""RCS Business Messaging, Google's own interface (RBM v1): one rich message in each request, idempotent by its id.

Sources: clients generated from the discovery document (rcs-business-messaging/rcsforbusiness-samples, library 1.0.3,
2025-07), RCS for Business guides 'Send messages', 'Capability checks', 'Webhooks' and 'Test agents' as of 2026-04, REST
reference of phones.* and users.batchGet; seen 2026-11. Three traps: 404 is a telephone without RCS, and not a wrong
address; taking a message back is always answered with 200; and the agent, not ``sender``, is whom people see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from functools import partial
from typing import ClassVar, Final, cast
from urllib.parse import quote, urlencode
from uuid import NAMESPACE_URL, uuid4, uuid5

from attrs import evolve, field, frozen

from smskit.errors import InvalidInput, TransportError
from smskit.kinds import Channel, FailureClass
from smskit.protocols import Call, Features, Flow, Pause, Receipts, WebhookRequest
from smskit.rcs import RichMessage, Traffic, limits
from smskit.records import Accepted, Capability, Event, Outcome, Outgoing, Reach, Taken
from smskit.transports.providers import rbm_webhook
from smskit.transports.providers.rbm_files import KEPT_FOR, FileCache, MemoryFileCache, Upload, key_of
from smskit.transports.providers.rbm_files import linked_files as _linked_files
from smskit.transports.providers.rbm_files import with_names as _with_names
from smskit.transports.providers.rbm_tokens import ServiceAccount
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, error_code, fault_of_code
from smskit.transports.wire.codes import Codes
from smskit.transports.wire.provider import HttpProvider, failed
from smskit.transports.wire.reading import int_in, items_in, number_in, text_in
from smskit.transports.wire.requests import even_chunks, json_of, merged

NAMESPACE: Final = uuid5(NAMESPACE_URL, "urn:smskit:rbm:message")
"""The namespace of message ids: that of a message is the UUIDv5 of its reference in it, in every process."""

LEAST_AT_ONCE: Final = limits.count("batch.users.min")
MOST_AT_ONCE: Final = limits.count("batch.users.max")
LONGEST_TTL_S: Final = limits.count("ttl.max")

_HOST: Final = "rcsbusinessmessaging.googleapis.com"
_REGIONS: Final = ("europe", "us", "asia")
_UPLOAD_TIMEOUT_S: Final = 300.0
# So often another token is tried for one message; a key that was withdrawn is refused each time.
_MOST_TOKENS: Final = 3
_ASKED_AGAIN_AFTER_S: Final = (1.0, 4.0)
_LONGEST_WAIT_S: Final = 60.0
# A sentence of Google's that is about the handset, and not about what the message holds.
_OF_HANDSET: Final = re.compile(
    r"capabilit|\b(device|handset|client)s?\b.*\bsupport|\bsupport.*\b(device|handset|client|user)s?\b", re.IGNORECASE
)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def message_id(reference: str, /) -> str:
    """Give the id that RBM knows a message by: the UUIDv5 of our reference in :data:`NAMESPACE`."""
    return str(uuid5(NAMESPACE, reference))


@frozen(kw_only=True)
class Rbm(HttpProvider):
    """RCS Business Messaging of Google.

    Args:
        agent: id of the agent, what stands before ``@rbm.goog``.
        token: a :class:`ServiceAccount`, an access token, or something that is called for each request and gives one.
            What is called runs in the thread, or the event loop, that sends: let it keep its token.
        region: ``europe``, ``us`` or ``asia``, where the agent is; empty takes the global address.
        files: remembers the names of uploaded files; :class:`JsonFileCache` does so beyond this process.
        now: tells the present instant.
        base_url: of the API; empty takes the one of the region.
        webhook: its ``secrets`` are the client tokens of your webhooks.

    Raises:
        InvalidInput: a region that is none.
    """

    name = "rbm"
    codes: ClassVar[Codes] = Codes.of("rbm")
    takes_texts: ClassVar[bool] = True

    agent: str
    token: ServiceAccount | str | Callable[[], str] = field(repr=False)
    region: str = ""
    files: FileCache = field(factory=MemoryFileCache, repr=False, eq=False)
    now: Callable[[], datetime] = field(default=_now, repr=False, eq=False)
    base_url: str = field(default="", repr=False)

    def check_options(self) -> None:
        """Refuse a region that RBM does not have."""
        if self.region not in ("", *_REGIONS):
            raise InvalidInput(f"region= takes one of {', '.join(_REGIONS)}, or nothing for the global address")
        object.__setattr__(self, "agent", self.agent.removesuffix(rbm_webhook.AGENT_SUFFIX))

    def declared(self) -> Features:
        """Say what RBM can do."""
        return Features(
            largest_batch=1,
            in_flight=8,
            idempotent=True,
            # How long an id is remembered is written nowhere; it has to be while the message may wait and be revoked.
            idempotent_for_s=LONGEST_TTL_S,
            longest_text=limits.count("text.max"),
            validity_s=(limits.count("ttl.min.recommended"), LONGEST_TTL_S),
            receipts=Receipts.PUSHED,
            replies=True,
            signature="HMAC-SHA512",
            channel=Channel.RCS,
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a message that is no JSON object, or that says twice how long it is good for."""
        if message.rich is None:
            if not message.text:
                raise InvalidInput("RBM takes the JSON of a rich message (rich=), or a text")
            if not _is_whole(message.text):
                raise InvalidInput("the text holds half a character, which no JSON can carry")
            return
        if message.text:
            raise InvalidInput("a message has rich= or a text, not both: one of the two would not be sent")
        told = _object_in(message.rich)
        if message.validity_s is not None and ("ttl" in told or "expireTime" in told):
            raise InvalidInput("validity_s and the ttl or expireTime of the message both say how long it is good for")

    def _submit(self, messages: Sequence[Outgoing]) -> Flow[tuple[Outcome, ...]]:
        if not messages:
            return ()
        if (fault := (yield from self._signed_in())) is not None:
            return tuple(failed(messages, fault))
        return (yield from HttpProvider._submit(self, messages))

    def _hand_over(self, group: Sequence[Outgoing]) -> Flow[Answer]:
        used = self._at_hand()
        answer = yield from HttpProvider._hand_over(self, group)
        for _ in range(_MOST_TOKENS):
            # Taken back before its time: nothing was sent, and another one may do.
            if not self._is_stale(answer, used) or (yield from self._signed_in()) is not None:
                break
            used = self._at_hand()
            answer = yield from HttpProvider._hand_over(self, group)
        return answer

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for one message, with an id that is the same each time."""
        (message,) = group
        path = f"/v1/{_phone(message.number)}/agentMessages"
        query = self._of_agent(messageId=message_id(message.reference))
        return self._call("POST", path, query, self._body(message), label="submit")

    def _body(self, message: Outgoing) -> bytes:
        rich = message.rich
        told = {"contentMessage": {"text": message.text}} if rich is None else _object_in(rich)
        added: dict[str, object] = {}
        if told.get("messageTrafficType") in (None, "MESSAGE_TRAFFIC_TYPE_UNSPECIFIED"):
            # An agent of several uses is refused without, and another one would take its own default.
            added["messageTrafficType"] = Traffic.of(message.kind).value
        if message.validity_s is not None:
            added["ttl"] = f"{message.validity_s}s"
        if rich is not None and not added and not self.extra:
            return rich.encode()
        return json_of(merged({**told, **added}, self.extra))

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the name of the message, which ends with our id; what a repetition answers is not written anywhere."""
        (message,) = group
        wanted = message_id(message.reference)
        if not text_in(answer.at("name")).endswith(f"/agentMessages/{wanted}") and not answer.is_repeat:
            raise Unreadable("no message of ours in the answer")
        yield Accepted(message.reference, wanted)

    def fault(self, answer: Answer, /) -> Fault:
        """Read the status of the error; what a handset lacks has none of its own and is told by the sentence."""
        status = error_code(answer, ("error", "status"))
        meaning = self.codes.meaning("error", status)
        failure = meaning.failure
        if failure is FailureClass.CONTENT_INVALID and _OF_HANDSET.search(text_in(answer.at("error", "message"))):
            return fault_of_code(answer, status, FailureClass.CAPABILITY_UNSUPPORTED)
        return fault_of_code(answer, status, failure, meaning.retry)

    def was_taken(self, answer: Answer, /) -> bool:
        """Whether a refusal says that the id is known; written nowhere, and what other interfaces of Google say."""
        return answer.status == 409 and answer.at("error", "status") == "ALREADY_EXISTS"

    def repeats(self, group: Sequence[Outgoing], /) -> bool:
        """A request is always safe to make again: RBM ignores an id that it knows."""
        return True

    # ------------------------------------------------------------ afterwards

    def revoke(self, messages: Sequence[Taken], /) -> Flow[frozenset[str]]:
        """Take back what no handset got yet; give the references of those that RBM answered for.

        RBM answers 200 for a message that was delivered, too, and that receipt may come later: it counts.

        Raises:
            TransportError: no answer to the first; after later ones those before are given.
        """
        taken: set[str] = set()
        for message in messages:
            path = f"/v1/{_phone(message.number)}/agentMessages/{quote(message.provider_id, safe='')}"
            delete = partial(self._call, "DELETE", path, self._of_agent(), label="revoke")
            try:
                answer = yield from self._asked(delete)
            except TransportError:
                if not taken:
                    raise
                break
            if answer.is_success:
                taken.add(message.reference)
        return frozenset(taken)

    def show_typing(self, number: int, /, *, event_id: str = "") -> Flow[bool]:
        """Show for some 20 seconds that the agent is writing; false when the number has no RCS.

        Raises:
            TransportError: RBM did not take it.
        """
        return (yield from self._agent_event(number, {"eventType": "IS_TYPING"}, event_id or str(uuid4())))

    def mark_read(self, number: int, user_message: str, /, *, event_id: str = "") -> Flow[bool]:
        """Show a person that the agent read what they wrote, whose ``messageId`` :meth:`told` gives.

        Raises:
            TransportError: RBM did not take it.
        """
        told = {"eventType": "READ", "messageId": user_message}
        return (yield from self._agent_event(number, told, event_id or message_id(f"read {user_message}")))

    def _agent_event(self, number: int, told: Mapping[str, object], event_id: str) -> Flow[bool]:
        path, query = f"/v1/{_phone(number)}/agentEvents", self._of_agent(eventId=event_id)
        answer = yield from self._asked(partial(self._call, "POST", path, query, json_of(told), label="event"))
        return self._is_reached(answer, "the event was not sent")

    def invite_tester(self, number: int, /) -> Flow[str]:
        """Ask the owner of a handset to test the agent before its launch; give the state, such as ``PENDING``.

        An agent sends 20 invitations a day and 200 in all; RBM lists them nowhere.

        Raises:
            TransportError: it was not sent; too many (429), or not reachable (404).
        """
        yield from self._sign_in()
        call = self._call("POST", f"/v1/{_phone(number)}/testers", self._of_agent(), b"{}", label="invite")
        answer = yield from answer_to(call)
        self._expect_success(answer, "the invitation was not sent")
        return text_in(answer.at("inviteStatus"))

    # ------------------------------------------------------------ who has RCS

    def capabilities(self, numbers: Sequence[int], /) -> Flow[Reach]:
        """Tell which of *numbers* have RCS.

        From 500 different numbers on RBM is asked about up to 10 000 at once, in chunks of nearly one size, and counts
        a sample over all networks; it does not tell features then, and answers from what it last knew. Fewer are asked
        about one by one, with their features.

        Raises:
            TransportError: RBM does not tell.
        """
        unique = tuple(dict.fromkeys(numbers))
        if len(unique) < LEAST_AT_ONCE:
            return (yield from self._one_by_one(unique))
        sampled = reachable_in_sample = 0
        told: list[Capability] = []
        for chunk in even_chunks(unique, MOST_AT_ONCE):
            answer = yield from self._many(chunk)
            reachable = {number_in(one) for one in items_in(answer.at("reachableUsers"))}
            at = self.now()
            told += (Capability(number, number in reachable, at) for number in chunk)
            # Shares are not averaged: a large chunk says more than a small one.
            sampled += int_in(answer.at("totalRandomSampleUserCount")) or 0
            reachable_in_sample += int_in(answer.at("reachableRandomSampleUserCount")) or 0
        return Reach(tuple(told), len(unique), sampled, reachable_in_sample)

    def _one_by_one(self, numbers: Sequence[int]) -> Flow[Reach]:
        told: list[Capability] = []
        for number in numbers:
            told += ((yield from self.capability(number)),)
        return Reach(tuple(told), len(numbers))

    def capability(self, number: int, /) -> Flow[Capability]:
        """Tell whether one number has RCS, and what its handset can show.

        Raises:
            TransportError: RBM does not tell.
        """
        path = f"/v1/{_phone(number)}/capabilities"
        # Another id each time: RBM ignores a question whose id it knows.
        answer = yield from self._asked(
            lambda: self._call("GET", path, self._of_agent(requestId=str(uuid4())), label="capability")
        )
        if not self._is_reached(answer, "it does not tell what a handset can show"):
            return Capability(number, is_reachable=False, at=self.now())
        features = frozenset(word for one in items_in(answer.at("features")) if (word := text_in(one)))
        return Capability(number, is_reachable=True, at=self.now(), features=features)

    def _many(self, numbers: Sequence[int]) -> Flow[Answer]:
        body = json_of({"users": [f"+{number}" for number in numbers], "agentId": self.agent})
        asked = partial(self._call, "POST", "/v1/users:batchGet", {}, body, label="capabilities")
        answer = yield from self._asked(asked)
        self._expect_success(answer, "it does not tell who has RCS")
        if type(answer.json) is not dict:
            raise TransportError(self.name, "what it tells of who has RCS makes no sense", retryable=True)
        return answer

    # ------------------------------------------------------------ files

    def upload(self, file: str | Upload, /) -> Flow[str]:
        """Hand a file over, by its address or byte by byte; give its name, the one of the last time if that is good.

        Raises:
            TransportError: RBM did not take it.
        """
        key = key_of(self.agent, file)
        if (known := self.files.get(key, self.now())) is not None:
            return known
        answer = yield from self._asked(partial(self._handing_over, file))
        self._expect_success(answer, "it does not take the file")
        name = text_in(answer.at("name"))
        if not name:
            raise TransportError(self.name, "the answer about a file has no name", retryable=True)
        self.files.put(key, name, self.now() + KEPT_FOR)
        return name

    def _handing_over(self, file: str | Upload) -> Call:
        if isinstance(file, str):
            return self._call("POST", "/v1/files", self._of_agent(), json_of({"fileUrl": file}), label="upload")
        call = self._call("POST", "/upload/v1/files", self._of_agent(), file.data, file.type, label="upload")
        return evolve(call, timeout_s=max(call.timeout_s, _UPLOAD_TIMEOUT_S))

    def with_uploads(self, message: RichMessage, /) -> Flow[RichMessage]:
        """Hand over the files of *message*, each once, and give it with their names in place of their addresses.

        Do it once for a campaign, before its message is made personal.

        Raises:
            TransportError: RBM did not take one of them.
        """
        names: dict[str, str] = {}
        for url in _linked_files(message.content):
            names[url] = yield from self.upload(url)
        return _with_names(message, names)

    # ------------------------------------------------------------ webhooks

    def handshake(self, request: WebhookRequest, /) -> str | None:
        """Give the text to answer with, HTTP 200, when *request* is the call by which RBM checks a new webhook.

        Returns:
            The bare secret; None for any other call: then :func:`parse_events` reads it.

        Raises:
            WebhookError: it is such a call, and its client token is not ours.
        """
        return rbm_webhook.handshake_answer(self.webhook, request)

    def told(self, request: WebhookRequest, now: datetime | None = None, /) -> Mapping[str, object]:
        """Give an event as RBM wrote it, once it is verified: places, files and ids, which an ``Event`` has not.

        Raises:
            WebhookError: it cannot be trusted, or not be read.
        """
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.verify(evolve(request, headers=headers), now or self.now())
        return rbm_webhook.told_in(request)

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a client token: RBM signs all events."""
        return bool(self.webhook.secrets)

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check the keyed hash of the event."""
        rbm_webhook.check_signature(self.webhook, request)

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read what a person did, or what became of a message; nothing of other agents."""
        return tuple(rbm_webhook.events_in(self, self.agent, request, now))

    # ------------------------------------------------------------ requests

    def _signed_in(self) -> Flow[Fault | None]:
        if isinstance(self.token, ServiceAccount):
            return (yield from self.token.renewed(self.timeout_s))
        return None

    def _sign_in(self) -> Flow[None]:
        if (fault := (yield from self._signed_in())) is not None:
            raise TransportError(self.name, f"no access token for this key ({fault.code})", retryable=False)

    def _asked(self, make: Callable[[], Call]) -> Flow[Answer]:
        """Make a request that may be made twice, and again where RBM was busy, broken or out of reach."""
        for wait_s in (*_ASKED_AGAIN_AFTER_S, None):
            yield from self._sign_in()
            used = self._at_hand()
            try:
                answer = yield from answer_to(make())
            except TransportError:
                if wait_s is None:
                    raise
            else:
                asked_s = answer.retry_after_s() or 0.0
                is_passing = self._is_stale(answer, used) or answer.status == 429 or answer.status >= 500
                if wait_s is None or asked_s > _LONGEST_WAIT_S or not is_passing:
                    return answer
                wait_s = max(wait_s, asked_s)
            yield Pause(wait_s)
        raise AssertionError("the last try gives an answer or raises")

    def _at_hand(self) -> str:
        return self.token.at_hand if isinstance(self.token, ServiceAccount) else ""

    def _is_stale(self, answer: Answer, used: str) -> bool:
        """Whether a token was refused that can be had anew; then it is forgotten."""
        if answer.status != 401 or not isinstance(self.token, ServiceAccount):
            return False
        self.token.forget(used)
        return True

    def _is_reached(self, answer: Answer, why: str) -> bool:
        if not answer.is_success and self.fault(answer).failure is FailureClass.CHANNEL_UNAVAILABLE:
            return False
        self._expect_success(answer, why)
        return True

    def _expect_success(self, answer: Answer, why: str) -> None:
        if not answer.is_success:
            fault = self.fault(answer)
            is_passing = answer.status == 429 or answer.status >= 500
            reason = f"{why} ({fault.code}, HTTP {answer.status})"
            raise TransportError(self.name, reason, retryable=is_passing, retry_after_s=fault.retry_after_s)

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: bytes = b"",
        kind: str = "application/json",
        *,
        label: str,
    ) -> Call:
        host = f"https://{self.region}-{_HOST}" if self.region else f"https://{_HOST}"
        address = f"{self.base_url or host}{path}" + (f"?{urlencode(query)}" if query else "")
        return self._call_with(method, address, {"Authorization": f"Bearer {self._access()}"}, kind, body, label)

    def _of_agent(self, **query: str) -> Mapping[str, str]:
        return {**query, "agentId": self.agent}

    def _access(self) -> str:
        if isinstance(self.token, str):
            return self.token
        try:
            return self.token()
        except Exception as error:
            # Whatever went wrong, nothing left: without this the messages would be in doubt.
            what = f"token= gave no access token ({type(error).__name__})"
            raise TransportError(self.name, what, retryable=True) from error


def _phone(number: int) -> str:
    # The plus sign of an address is a space to many servers.
    return f"phones/%2B{number}"


def _object_in(rich: str) -> dict[str, object]:
    try:
        told: object = json.loads(rich, parse_constant=_no_number)
        # Half a character may be written out as well: only then are all texts looked at.
        is_whole = _is_whole(rich if "\\ud" not in rich.lower() else json.dumps(told, ensure_ascii=False))
    except (ValueError, RecursionError):
        told, is_whole = None, False
    if not is_whole or not isinstance(told, dict):
        raise InvalidInput("rich= takes the JSON of a message, such as RichMessage(...).json().decode()")
    return cast("dict[str, object]", told)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is Python's, and no JSON")
