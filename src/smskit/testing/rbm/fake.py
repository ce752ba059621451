"""The fake RBM as tests see it: a context manager, what people do with their telephones, and what the webhook hears."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timezone
from secrets import token_urlsafe
from threading import RLock
from typing import TYPE_CHECKING, Final, TypeVar, cast

from attrs import evolve, frozen

from smskit.clock import VirtualClock
from smskit.errors import InvalidInput, TransportError
from smskit.phone.mask import mask
from smskit.protocols import Call, WebhookRequest
from smskit.rcs import Reply as ReplyChip
from smskit.rcs.pieces import timestamp
from smskit.testing.rbm.platform import Platform, Refusal, Request
from smskit.testing.rbm.records import Asked, Handset, RbmFault, RbmMessage, RbmState
from smskit.testing.rbm.server import BROKEN, Answer, Server, Wrong
from smskit.testing.rbm.tokens import Tokens, key_file
from smskit.transports.providers.rbm import Rbm
from smskit.transports.wire.signatures import hmac_base64
from smskit.transports.wire.webhooks import Webhook

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

T = TypeVar("T")

_JSON: Final = {"Content-Type": "application/json"}
_HOOK: Final = "https://shop.example/rbm"
_UNAUTHENTICATED: Final = "Request had invalid authentication credentials."


@frozen
class _Armed:
    wrong: Wrong
    path: str
    after: int
    times: int


class FakeRbm:
    """Google's RCS Business Messaging on loopback, for tests: a real HTTP server that remembers what it was told.

        with FakeRbm() as google:
            rbm = google.transport()
            ...  # your code sends with it
            google.assert_sent("+33612345678", containing="Soldes")

    It runs in threads of its own, so it serves blocking code and any running loop; all its methods may be called from
    any thread. Time stands still until :meth:`advance`.

    Args:
        agent: id of the agent.
        is_launched: whether the agent reaches everybody; before its launch only testers.
        is_of_one_use: whether a message without a traffic type is taken.
        handset: the one of every number of which nothing else was said with :meth:`set_handset`.
        delivers: whether messages to handsets that are online arrive at once; else with :meth:`deliver`.
        starts_at: what the clock shows at first; None takes the present.
        client_token: what the webhook's calls are signed with; None makes one.
        seed: another seed, other samples.
    """

    def __init__(
        self,
        agent: str = "fake-agent",
        *,
        is_launched: bool = True,
        is_of_one_use: bool = False,
        handset: Handset | None = None,
        delivers: bool = False,
        starts_at: datetime | None = None,
        client_token: str | None = None,
        seed: int = 0,
    ) -> None:
        self.agent = agent
        self.token = f"fake-token-{token_urlsafe(12)}"
        self.client_token = client_token or token_urlsafe(24)
        self._clock = VirtualClock(starts_at or datetime.now(timezone.utc))
        self._platform = Platform(
            agent, self._clock, self._tell, usual=handset or Handset(), is_launched=is_launched,
            is_of_one_use=is_of_one_use, delivers=delivers, seed=seed,
        )  # fmt: skip
        self._tokens = Tokens(self.token)
        self._lock = RLock()
        self._faults: list[_Armed] = []
        self._asked: list[Asked] = []
        self._told: list[WebhookRequest] = []
        self._waiting: list[WebhookRequest] = []
        self._count = 0
        self._server: Server | None = None

    def __repr__(self) -> str:
        return f"FakeRbm({self.agent!r}, messages={len(self._platform.messages)})"

    def open(self) -> Self:
        """Begin to listen; what a ``with`` block does, for fixtures and notebooks."""
        if self._server is None:
            self._server = Server(self._serve, self._draw)
        return self

    def close(self) -> None:
        """Hang up on everybody; what it was told stays to be looked at."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ how it is reached

    @property
    def url(self) -> str:
        """Its address, for ``Rbm(base_url=)``.

        Raises:
            InvalidInput: it is not open; it is a context manager.
        """
        if self._server is None:
            raise InvalidInput("the fake RBM is not open; use it in a with block")
        return f"http://127.0.0.1:{self._server.port}"

    def transport(self, **options: object) -> Rbm:
        """Give the transport to it: ``google.transport(parts_per_second=5)``."""
        told: dict[str, object] = {
            "agent": self.agent, "token": self.token, "base_url": self.url, "now": self._clock.now,
            "webhook": Webhook(secrets=self.client_token), **options,
        }  # fmt: skip
        make = cast("Callable[..., Rbm]", Rbm)
        return make(**told)

    def key_file(self) -> Mapping[str, object]:
        """Give the content of a service account's key file, for ``ServiceAccount(google.key_file())``."""
        return key_file(f"{self.url}/token")

    def take_tokens_back(self) -> None:
        """Have no token be good any more that a service account asked for."""
        self._locked(self._tokens.take_back)

    # ------------------------------------------------------------ what goes wrong

    def go_wrong(
        self, fault: RbmFault, /, *, path: str = "", after: int = 0, times: int = 1, seconds: float = 0.2
    ) -> None:
        """Let some of the next requests go wrong.

        Args:
            fault: how.
            path: only requests whose path has this in it, such as ``agentMessages``.
            after: how many of them go well before.
            times: how many of them go wrong.
            seconds: how late an answer is, for ``TAKES_AND_IS_SLOW``.
        """
        self._locked(lambda: self._faults.append(_Armed(Wrong(fault, seconds), path, after, times)))

    def go_well(self) -> None:
        """From now on nothing goes wrong any more."""
        self._locked(self._faults.clear)

    def _draw(self, method: str, path: str) -> Wrong | None:
        return self._locked(lambda: self._next_fault(method, path))

    def _next_fault(self, method: str, path: str) -> Wrong | None:
        for place, armed in enumerate(self._faults):
            if armed.path not in path:
                continue
            if armed.after:
                self._faults[place] = evolve(armed, after=armed.after - 1)
                return None
            self._faults[place : place + 1] = [evolve(armed, times=armed.times - 1)] if armed.times > 1 else []
            fault = armed.wrong.fault
            if not fault.is_taken:
                self._asked.append(Asked(method, path, BROKEN[fault].status if fault in BROKEN else 0))
            return armed.wrong
        return None

    # ------------------------------------------------------------ people and their telephones

    def set_handset(
        self,
        *numbers: int | str,
        has_rcs: bool | None = None,
        is_online: bool | None = None,
        features: Collection[str] | None = None,
    ) -> None:
        """Say what telephones people have; what is not given stays as it is. Back online, they get what waited."""

        def changed(old: Handset) -> Handset:
            return Handset(
                old.has_rcs if has_rcs is None else has_rcs,
                old.is_online if is_online is None else is_online,
                old.features if features is None else frozenset(features),
            )

        def change() -> None:
            platform = self._platform
            for number in map(_number, numbers):
                platform.handsets[number] = changed(platform.handset(number))
            if platform.delivers:
                self.deliver(*numbers)

        self._locked(change)

    def refuse_revocation(self, *numbers: int | str) -> None:
        """Have messages to these not be taken back at their end: ``TTL_EXPIRATION_REVOKE_FAILED``."""
        self._locked(lambda: self._platform.stubborn.update(map(_number, numbers)))

    def launch(self) -> None:
        """Launch the agent: from now on it reaches everybody."""
        self._platform.is_launched = True

    def accept_invitation(self, number: int | str, /) -> None:
        """Have somebody who was invited agree to test the agent.

        Raises:
            AssertionError: nobody invited them.
        """
        invited = {one for _, one in self._platform.invitations}
        assert _number(number) in invited, f"{mask(_number(number))} was not invited"
        self._locked(lambda: self._platform.testers.add(_number(number)))

    def deliver(self, *numbers: int | str) -> int:
        """Bring all that waits to handsets that are online, of these numbers or of all; give how many arrived."""
        return self._each(self._platform.deliver, numbers)

    def read(self, *numbers: int | str) -> int:
        """Have people look at all that arrived; give how many messages."""
        return self._each(self._platform.read, numbers)

    def _each(self, do: Callable[[RbmMessage], bool], numbers: Collection[int | str]) -> int:
        meant = set(map(_number, numbers))

        def all_of_them() -> int:
            some = [one for one in self._platform.messages.values() if not meant or one.number in meant]
            return sum(map(do, some))

        return self._locked(all_of_them)

    def advance(self, seconds: float) -> None:
        """Move the clock; messages whose time is over are taken back on the way."""
        self._locked(lambda: self._platform.advance(seconds))

    def reply(self, number: int | str, text: str, /) -> None:
        """Have somebody write to the agent."""
        self._say(number, {"text": text})

    def send_location(self, number: int | str, latitude: float, longitude: float) -> None:
        """Have somebody tell where they are."""
        self._say(number, {"location": {"latitude": latitude, "longitude": longitude}})

    def send_file(self, number: int | str, url: str, mime_type: str) -> None:
        """Have somebody send a file."""
        told = {"mimeType": mime_type, "fileSizeBytes": 1024, "fileUri": url, "fileName": url.rpartition("/")[2]}
        self._say(number, {"userFile": {"payload": told}})

    def tap(self, number: int | str, label: str, /) -> None:
        """Have somebody tap a suggestion of the last message that has one of this label.

        Raises:
            AssertionError: no message that arrived has it.
        """
        whom = _number(number)
        arrived = [one for one in self.sent_to(whom) if one.state in (RbmState.DELIVERED, RbmState.READ)]
        for kept in reversed(arrived):
            for one in kept.suggestions:
                if one.text != label:
                    continue
                if isinstance(one, ReplyChip):
                    told = {"postbackData": one.postback, "text": one.text, "type": "REPLY"}
                    self._say(whom, {"suggestionResponse": told})
                else:
                    # An action comes with an id of its own, and without its label.
                    told = {"postbackData": one.postback, "type": "ACTION"}
                    self._tell(whom, {"suggestionResponse": told})
                return
        raise AssertionError(f"none of {len(arrived)} messages that arrived at {mask(whom)} has such a suggestion")

    def show_typing(self, number: int | str, /) -> None:
        """Have somebody begin to write."""
        self._tell(_number(number), {"eventType": "IS_TYPING"})

    def unsubscribe(self, number: int | str, /, *, text: str | None = "STOP") -> None:
        """Have somebody object: the word that their telephone sends, and the event; None for the event alone."""
        if text is not None:
            self.reply(number, text)
        self._tell(_number(number), {"eventType": "UNSUBSCRIBE"})

    def subscribe(self, number: int | str, /, *, text: str | None = "Démarrer") -> None:
        """Have somebody come back, as :meth:`unsubscribe`."""
        if text is not None:
            self.reply(number, text)
        self._tell(_number(number), {"eventType": "SUBSCRIBE"})

    def _say(self, number: int | str, told: Mapping[str, object]) -> None:
        self._tell(_number(number), told, id_name="messageId")

    # ------------------------------------------------------------ the webhook

    def _tell(self, number: int, told: Mapping[str, object], id_name: str = "eventId") -> None:
        with self._lock:
            self._count += 1
            is_ours = str(told.get("eventType", "")).startswith("TTL_")
            event = {
                "phoneNumber" if is_ours else "senderPhoneNumber": f"+{number}",
                id_name: f"{id_name}-{self._count}",
                "sendTime": timestamp(self._clock.now()),
                "agentId": self.agent,
                **told,
            }
            call = self.signed(event)
            self._told.append(call)
            self._waiting.append(call)

    def signed(self, event: Mapping[str, object], /, *, client_token: str | None = None) -> WebhookRequest:
        """Give the call that tells *event*, signed with the client token, or with another one."""
        data = json.dumps(event, ensure_ascii=False).encode()
        envelope = {"message": {"data": b64encode(data).decode(), "messageId": str(self._count)}}
        signature = hmac_base64(client_token or self.client_token, data, "sha512")
        headers = {"X-Goog-Signature": signature, "X-Goog-Webhook-Type": "message_callback", **_JSON}
        return WebhookRequest(headers, json.dumps(envelope).encode(), _HOOK)

    def take_calls(self) -> tuple[WebhookRequest, ...]:
        """Give the calls of the webhook that nobody took yet, to hand them to :func:`smskit.parse_events`.

        With ``starts_at=`` give that ``now=google.now``: it refuses events that are more than a month old.
        """
        with self._lock:
            calls, self._waiting = tuple(self._waiting), []
        return calls

    def tell_again(self) -> None:
        """Have everything be told once more, as after answers that were lost."""
        with self._lock:
            self._waiting = list(self._told)

    def push(self, url: str, /) -> int:
        """Call a webhook with all that nobody took yet; give how many it acknowledged, with 200 as RBM wants it.

        The others wait for the next time.
        """
        waiting = self.take_calls()
        refused = [call for call in waiting if _post(url, call.headers, call.body)[0] != 200]
        with self._lock:
            self._waiting = refused + self._waiting
        return len(waiting) - len(refused)

    def shake_hands(self, url: str, /) -> bool:
        """Make the call by which RBM checks a new webhook; tell whether it answers with the bare secret."""
        call, secret = self.handshake()
        status, body = _post(url, call.headers, call.body)
        return status == 200 and body == secret.encode()

    def handshake(self) -> tuple[WebhookRequest, str]:
        """Give the call by which RBM checks a new webhook, and what it has to be answered with."""
        secret = token_urlsafe(12)
        body = json.dumps({"clientToken": self.client_token, "secret": secret}).encode()
        headers = {"X-Goog-Webhook-Type": "verification", **_JSON}
        return WebhookRequest(headers, body, _HOOK), secret

    # ------------------------------------------------------------ what it was told

    @property
    def sent(self) -> tuple[RbmMessage, ...]:
        """Every message that it took, each once, in their order."""
        return self._locked(lambda: tuple(self._platform.messages.values()))

    @property
    def duplicates(self) -> int:
        """How many messages came with an id that was there before, and were ignored."""
        return self._platform.duplicates.total()

    @property
    def requests(self) -> tuple[Asked, ...]:
        """Every request, in their order; those for tokens are among them."""
        return self._locked(lambda: tuple(self._asked))

    @property
    def shown(self) -> tuple[tuple[int, Mapping[str, object]], ...]:
        """The events of the agent, typing and read, with whom they were shown to."""
        return self._locked(lambda: tuple(self._platform.shown))

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files that it keeps."""
        return self._locked(lambda: tuple(self._platform.files))

    @property
    def now(self) -> datetime:
        """What its clock shows."""
        return self._clock.now()

    def sent_to(self, number: int | str, /) -> tuple[RbmMessage, ...]:
        """Give the messages to one number."""
        return tuple(one for one in self.sent if one.number == _number(number))

    def assert_sent(self, number: int | str, /, *, containing: str = "") -> RbmMessage:
        """Give the last message to *number* that has *containing* in one of its texts.

        Raises:
            AssertionError: there is none; neither number nor text stands in it.
        """
        found = self.sent_to(number)
        for kept in reversed(found):
            if containing in json.dumps(kept.payload, ensure_ascii=False):
                return kept
        what = "such a message" if found else "nothing"
        raise AssertionError(f"{what} was not sent to {mask(_number(number))}; messages to all: {len(self.sent)}")

    def assert_nothing_sent_to(self, number: int | str, /) -> None:
        """Make sure that nothing was sent to *number*.

        Raises:
            AssertionError: something was.
        """
        count = len(self.sent_to(number))
        assert not count, f"{count} messages were sent to {mask(_number(number))}"

    # ------------------------------------------------------------ requests

    def _serve(self, request: Request) -> Answer:
        with self._lock:
            answer = self._answer(request)
            self._asked.append(Asked(request.method, request.path, answer.status))
        return answer

    def _answer(self, request: Request) -> Answer:
        if (request.method, request.path) == ("POST", "/token"):
            return Answer(*self._tokens.give(request.body))
        try:
            if not self._tokens.knows(request.headers.get("authorization", "")):
                raise Refusal(401, "UNAUTHENTICATED", _UNAUTHENTICATED)
            return Answer(200, self._platform.answer(request))
        except Refusal as refusal:
            return Answer(refusal.code, refusal.body)

    def _locked(self, work: Callable[[], T]) -> T:
        with self._lock:
            return work()


def _number(number: int | str) -> int:
    return int(str(number).removeprefix("+"))


def _post(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    from smskit.transports.http import BlockingHttpCaller

    caller = BlockingHttpCaller()
    try:
        reply = caller(Call("POST", url, headers, body, label="webhook"))
    except TransportError:
        return 0, b""
    finally:
        caller.close()
    return reply.status, reply.body
