"""The contract of providers over HTTP: what each promises, whatever its carrier answers.

Subclass it in a test module and play the carrier: read the request, and answer as its documentation says:

    class TestMyCarrier(ProviderContract):
        secrets = ("the-key",)

        def make_transport(self, **options: object) -> MyCarrier:
            return MyCarrier(key="the-key", **options)

        def take(self, call: Call) -> Reply: ...
        def said(self, call: Call) -> list[Said]: ...

Nothing here needs pytest; it collects the methods by their names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any, ClassVar, Final, TypeVar, cast

from attrs import evolve, field, frozen

from smskit.errors import TransportError, UnsupportedFeature, WebhookError
from smskit.kinds import DeliveryStatus, FailureClass
from smskit.phone.mask import mask
from smskit.protocols import Call, Flow, Reply, WebhookRequest
from smskit.records import Accepted, Event, Outcome, Outgoing, Postponed, Refused, Unanswered
from smskit.testing.factories import words_of
from smskit.testing.nonsense import NONSENSE, bent, changed
from smskit.testing.transports import TransportContract
from smskit.transports.drivers import drive
from smskit.transports.wire.provider import HttpProvider
from smskit.transports.wire.webhooks import Webhook, parse_events

T = TypeVar("T")

NOW: Final = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
HOOK: Final = "https://shop.example/sms/a-very-secret-word-of-mine/in"
PATH_SECRET: Final = "a-very-secret-word-of-mine"


@frozen
class Said:
    """What a request asks of the carrier for one message; None where its interface has no word for it."""

    number: int = field(repr=mask)
    text: str = field(repr=lambda text: f"<{len(text)} characters>")
    sender: str
    reference: str | None = None
    is_unicode: bool | None = None
    send_at: datetime | None = None
    validity_s: int | None = None
    stop: bool | None = None


@frozen(kw_only=True)
class Told:
    """One call of the carrier's at a webhook, and the events that it means.

    ``events`` are compared by what is given here: type, status, failure, number, reference, provider id, text and part.
    """

    what: str
    body: bytes = field(default=b"", repr=False)
    content_type: str = "application/json"
    query: str = ""
    method: str = "POST"
    events: tuple[Mapping[str, object], ...] = ()

    def request(self, headers: Mapping[str, str] | None = None) -> WebhookRequest:
        """Give it as it comes in."""
        url = f"{HOOK}?{self.query}" if self.query else HOOK
        return WebhookRequest({"content-type": self.content_type, **(headers or {})}, self.body, url, self.method)


class ProviderContract(TransportContract):
    """Each test is one promise; its docstring says which."""

    secrets: ClassVar[Sequence[str]] = ()
    """What must not be seen in any repr: keys and tokens of :meth:`make_transport`."""

    refusals: ClassVar[Sequence[tuple[str, Reply, type[Outcome], FailureClass | None]]] = ()
    """How the carrier refuses a single message: a sentence, its reply, the outcome and the failure."""

    told: ClassVar[Sequence[Told]] = ()
    """What the carrier tells at a webhook."""

    # ------------------------------------------------------------ said by subclasses

    def make_transport(self, **options: object) -> HttpProvider:
        """Give the provider with *options* over those of the test account."""
        raise NotImplementedError("subclasses say how their provider is made")

    def take(self, call: Call) -> Reply:
        """Play the carrier: take every message of the request."""
        raise NotImplementedError("subclasses play their carrier")

    def said(self, call: Call) -> list[Said]:
        """Read a request as the carrier does; nothing for one that hands over no messages (a log-in, a clock)."""
        raise NotImplementedError("subclasses read their requests")

    def id_of(self, number: int) -> str | None:
        """Give the provider id that :meth:`take` gives the message to *number*; None when it is not told apart."""
        return None

    def refuse(self, call: Call, reply: Reply) -> Reply:
        """Answer *reply* to a request that hands over messages, and play along with all others."""
        return reply if self.said(call) else self.take(call)

    def sign(self, request: WebhookRequest, at: datetime, secret: str) -> Mapping[str, str]:
        """Give the headers that prove a webhook call to come from the carrier; nothing where it does not sign."""
        return {}

    webhook_secret: ClassVar[str] = ""
    """What :meth:`sign` signs with; empty where the carrier does not sign."""

    next_secret: ClassVar[str] = "the-secret-of-tomorrow"
    """Another one that the provider takes, to change to."""

    extra: ClassVar[Mapping[str, object]] = {"smskitUnmodelled": "passes-through"}

    # ------------------------------------------------------------ requests

    def run(self, flow: Flow[T]) -> T:
        """Drive a flow against the carrier that takes everything."""
        return drive(flow, self.take, sleep=lambda _: None)

    def test_what_is_handed_over_is_what_was_asked(self) -> None:
        """Plain, beyond GSM-7, and long texts arrive as they are, at the right number, from the right sender."""
        texts = [("plain", "Bonjour, -15% jusqu'a dimanche", 1), ("accents", "Noël: çà & là œ €", 1)]
        texts += [
            ("emoji", "Merci 🎉 " * 20, 3),
            ("long", "Bonjour " * 50, 3),
            ("quotes", "a\"b'c\\d<e>&f=%20+\n$x {y}", 1),
        ]
        for what, text, parts in texts:
            (said,) = self._said([self.outgoing(7, text=text, parts=parts)])
            assert (said.number, said.text, said.sender) == (33612000007, text, "MABOUTIQUE"), what
            if said.is_unicode is not None:
                assert said.is_unicode == (what in ("accents", "emoji")), f"{what}: the alphabet"
            if said.reference is not None:
                assert said.reference == "run-7", what

    def test_a_full_batch_reaches_the_right_people(self) -> None:
        """Each of them once, with its own text; each outcome belongs to the message that it names."""
        transport = self.make_transport()
        count = transport.features.largest_batch
        messages = [self.outgoing(seq, text=f"Bonjour {seq % 3}") for seq in range(count)]
        calls: list[Call] = []
        outcomes = drive(transport.submit(messages), _noting(calls, self.take), sleep=lambda _: None)
        said = [one for call in calls for one in self.said(call)]
        assert sorted((one.number, one.text) for one in said) == sorted((m.number, words_of(m)) for m in messages)
        numbers = {message.reference: message.number for message in messages}
        assert len(outcomes) == count
        for outcome in outcomes:
            assert isinstance(outcome, Accepted), "the carrier takes everything"
            wanted = self.id_of(numbers[outcome.reference])
            assert wanted is None or outcome.provider_id == wanted, "an id of another recipient"

    def test_the_same_number_twice_is_two_messages(self) -> None:
        """Two texts to one person in one batch are both sent, and both answered."""
        transport = self.make_transport()
        if transport.features.largest_batch < 2:
            return
        messages = [self.outgoing(0, number=33612000000), self.outgoing(1, number=33612000000)]
        calls: list[Call] = []
        outcomes = drive(transport.submit(messages), _noting(calls, self.take), sleep=lambda _: None)
        assert len([one for call in calls for one in self.said(call)]) == 2
        assert sorted(outcome.reference for outcome in outcomes) == ["run-0", "run-1"]
        assert all(isinstance(outcome, Accepted) for outcome in outcomes)

    def test_a_time_is_handed_over_or_refused(self) -> None:
        """``send_at`` reaches the carrier as the same instant, or is refused before anything is sent."""
        at = datetime(2026, 6, 25, 12, 30, tzinfo=timezone(timedelta(hours=2)))
        self._asks("send_at", self.make_transport().features.schedules, value=at)

    def test_a_validity_is_handed_over_or_refused(self) -> None:
        """``validity_s`` reaches the carrier, or is refused before anything is sent."""
        bounds = self.make_transport().features.validity_s
        for seconds in (600,) if bounds is None else bounds:
            self._asks("validity_s", bounds is not None, value=seconds)
        if bounds is not None:
            self._refuses(evolve(self.outgoing(), validity_s=bounds[1] + 1))

    def test_the_mention_is_printed_when_it_is_asked_for_and_only_then(self) -> None:
        """A carrier that can print STOP is told yes or no with each message; the others refuse to be asked."""
        features = self.make_transport().features
        prints = any(form.printed_by_transport for form in features.stop.values())
        self._asks("carrier_stop", prints, said="stop", value=True)
        if prints:
            (said,) = self._said([self.outgoing()])
            assert said.stop is False, "it was not told to print nothing"

    def test_an_option_of_the_carrier_passes_through(self) -> None:
        """What smskit does not model is put into the request as it is."""
        calls: list[Call] = []
        drive(
            self.make_transport(extra=self.extra).submit([self.outgoing()]),
            _noting(calls, self.take),
            sleep=lambda _: None,
        )
        sent = b"".join(call.body + call.url.encode() for call in calls if self.said(call))
        assert b"passes-through" in sent

    def test_nothing_secret_is_shown(self) -> None:
        """No key stands in the repr of the provider or of a call."""
        transport = self.make_transport(callback=HOOK, webhook=Webhook(path_secrets=PATH_SECRET))
        calls: list[Call] = []
        drive(transport.submit([self.outgoing()]), _noting(calls, self.take), sleep=lambda _: None)
        for shown in (repr(transport), str(transport), *map(repr, calls)):
            for secret in (*self.secrets, PATH_SECRET):
                assert secret not in shown, "a secret in a repr"

    # ------------------------------------------------------------ refusals

    def test_refusals_mean_what_they_say(self) -> None:
        """Each refusal of the carrier has its outcome and its failure; none raises."""
        for what, reply, kind, failure in self.refusals:
            (outcome,) = self._answered(reply)
            assert type(outcome) is kind, f"{what}: {outcome!r}"
            assert getattr(outcome, "failure", None) is failure, f"{what}: {outcome!r}"

    def test_every_http_status_has_its_meaning(self) -> None:
        """What nobody took may be offered again, what may have been taken is in doubt; a bad account rejects nobody."""
        for _, body in NONSENSE:
            for status in (301, 302, 303, 408, 500, 502, 503, 504):
                (outcome,) = self._answered(Reply(status, {}, body))
                assert type(outcome) is Unanswered, f"HTTP {status} was read as {outcome!r}"
            for status in (401, 402, 403, 307, 308):
                (outcome,) = self._answered(Reply(status, {}, body))
                assert isinstance(outcome, Postponed), f"HTTP {status} was read as {outcome!r}"
                assert outcome.failure.is_of_account, f"HTTP {status} is {outcome.failure}"
            (outcome,) = self._answered(Reply(429, {"Retry-After": "7"}, body))
            assert isinstance(outcome, Postponed), "too many requests were taken for something else"
            assert (outcome.failure, outcome.retry_after_s) == (FailureClass.THROTTLED, 7.0)
            for status in (400, 422):
                (outcome,) = self._answered(Reply(status, {}, body))
                assert type(outcome) is Refused, f"HTTP {status} was read as {outcome!r}"

    def test_an_answer_that_nobody_can_read_leaves_the_message_in_doubt(self) -> None:
        """A success that is no success of this carrier: it may have taken the message."""
        genuine = self._genuine()
        for what, body in NONSENSE:
            (outcome,) = self._answered(evolve(genuine, body=body))
            assert type(outcome) is Unanswered, f"{what} was read as {outcome!r}"

    def test_an_answer_that_breaks_off_is_never_a_refusal(self) -> None:
        """Whatever byte is the last to come in: accepted or in doubt."""
        genuine = self._genuine()
        for end in range(len(genuine.body)):
            (outcome,) = self._answered(evolve(genuine, body=genuine.body[:end]))
            assert isinstance(outcome, Accepted | Unanswered), f"cut after {end} bytes: {outcome!r}"

    def test_an_answer_with_strange_fields_never_raises(self) -> None:
        """Any field may be missing or of another type."""
        genuine = self._genuine()
        random = Random(5)
        for _ in range(300):
            body = json.dumps(bent(json.loads(genuine.body), random)).encode()
            (outcome,) = self._answered(evolve(genuine, body=body))
            assert outcome.reference == "run-0"

    def test_a_line_that_is_lost_leaves_one_request_in_doubt(self) -> None:
        """Only what left is in doubt; what was not offered may be offered again; nothing is sent twice."""
        transport = self.make_transport()
        messages = [
            self.outgoing(seq, text=f"Bonjour {seq}") for seq in range(min(5, transport.features.largest_batch))
        ]
        calls: list[Call] = []

        def lose(call: Call) -> Reply:
            if not self.said(call):
                return self.take(call)
            calls.append(call)
            raise TransportError("carrier", "no answer", retryable=False)

        outcomes = drive(transport.submit(messages), lose, sleep=lambda _: None)
        lost = {(one.number, one.text) for one in self.said(calls[0])}
        assert all(call == calls[0] for call in calls), "another request left after the line was lost"
        for message in messages:
            (outcome,) = [o for o in outcomes if o.reference == message.reference]
            wanted = Unanswered if (message.number, words_of(message)) in lost else Postponed
            assert type(outcome) is wanted

    def test_a_line_that_cannot_be_opened_leaves_nothing_in_doubt(self) -> None:
        """The error goes through: the whole batch may be offered again."""

        def refuse(_: Call) -> Reply:
            raise TransportError("carrier", "connection refused", retryable=True)

        told: TransportError | None = None
        try:
            drive(self.make_transport().submit([self.outgoing()]), refuse, sleep=lambda _: None)
        except TransportError as error:
            told = error
        assert told is not None, "a refused connection must be told"
        assert told.retryable

    # ------------------------------------------------------------ webhooks

    def test_what_is_told_becomes_events(self) -> None:
        """Receipts, replies, opt-outs and clicks as the table says, the same each time they are told."""
        for told in self.told:
            events = self._heard(told)
            assert len(events) == len(told.events), f"{told.what}: {events!r}"
            for event, wanted in zip(events, told.events, strict=True):
                for name, value in wanted.items():
                    assert getattr(event, name) == value, f"{told.what}: {name} is {getattr(event, name)!r}"
                assert event.at.utcoffset() is not None, told.what
            again = self._heard(told, now=NOW + timedelta(seconds=60))
            assert [event.key for event in again] == [event.key for event in events], f"{told.what}: another key"
            assert len({event.key for event in events}) == len(events), f"{told.what}: one key for two events"

    def test_no_event_shows_a_number_or_a_text(self) -> None:
        """What was told is masked in every repr."""
        for told in self.told:
            for event in self._heard(told):
                assert event.number is None or str(event.number) not in repr(event), told.what
                assert not event.text or event.text not in repr(event), told.what

    def test_an_unverified_call_is_refused(self) -> None:
        """Without a secret, with a wrong path, without or with a wrong signature: nothing is taken."""
        for told in self.told:
            request = told.request()
            elsewhere = evolve(request, url=request.url.replace(PATH_SECRET, "another-word-of-the-same-length"))
            bare = self.make_transport()
            wrong = self.make_transport(webhook=Webhook(path_secrets="not-the-word-in-the-path"))
            right = self.make_transport(webhook=Webhook(path_secrets=PATH_SECRET))
            for what, transport, asked in (
                ("no secret", bare, request),
                ("wrong", wrong, request),
                ("path", right, elsewhere),
            ):
                self._distrusts(transport, asked, NOW, f"{told.what}: {what}")

    def test_a_signature_is_checked_over_every_byte(self) -> None:
        """A changed body, another secret, no signature: refused; the old secret beside the new one: taken."""
        if not self.webhook_secret:
            return
        for told in self.told:
            self._forges(told)

    def test_what_cannot_be_read_is_refused_or_means_nothing(self) -> None:
        """Nonsense at a webhook gives a WebhookError or no event; it never raises anything else."""
        for told in self.told[:1]:
            for what, body in NONSENSE:
                try:
                    events = self._heard(evolve(told, body=body, query=""))
                except WebhookError:
                    continue
                assert all(event.status is not DeliveryStatus.DELIVERED for event in events), what

    def test_strange_fields_at_a_webhook_never_raise(self) -> None:
        """Any field may be missing or of another type; what was not delivered never becomes delivered."""
        random = Random(9)
        for told in self.told:
            if "json" not in told.content_type or not told.body:
                continue
            for _ in range(60):
                body = json.dumps(bent(json.loads(told.body), random)).encode()
                try:
                    self._heard(evolve(told, body=body))
                except WebhookError:
                    continue

    # ------------------------------------------------------------ how it is tried

    def _said(self, messages: Sequence[Outgoing], **options: object) -> list[Said]:
        calls: list[Call] = []
        outcomes = drive(
            self.make_transport(**options).submit(messages), _noting(calls, self.take), sleep=lambda _: None
        )
        assert all(isinstance(outcome, Accepted) for outcome in outcomes), "the carrier takes everything"
        return [one for call in calls for one in self.said(call)]

    def _asks(self, name: str, able: object, *, value: object, said: str = "") -> None:
        message = evolve(self.outgoing(), **cast("dict[str, Any]", {name: value}))
        if not able:
            self._refuses(message)
            return
        (told,) = self._said([message])
        assert getattr(told, said or name) == value, f"{name} did not reach the carrier"

    def _refuses(self, message: Outgoing) -> None:
        try:
            self.make_transport().submit([message])
        except UnsupportedFeature:
            return
        raise AssertionError("what the carrier cannot do must be refused at the call")

    def _answered(self, reply: Reply) -> tuple[Outcome, ...]:
        flow = self.make_transport().submit([self.outgoing()])
        return drive(flow, lambda call: self.refuse(call, reply), sleep=lambda _: None)

    def _genuine(self) -> Reply:
        replies: list[Reply] = []

        def take(call: Call) -> Reply:
            reply = self.take(call)
            if self.said(call):
                replies.append(reply)
            return reply

        drive(self.make_transport().submit([self.outgoing()]), take, sleep=lambda _: None)
        return replies[-1]

    def _listener(self, *secrets: str) -> HttpProvider:
        webhook = Webhook(path_secrets=PATH_SECRET, secrets=secrets or self._webhook_secrets())
        return self.make_transport(webhook=webhook)

    def _webhook_secrets(self) -> tuple[str, ...]:
        return (self.webhook_secret,) if self.webhook_secret else ()

    def _signed(self, told: Told, at: datetime, secret: str) -> WebhookRequest:
        request = told.request()
        return evolve(request, headers={**request.headers, **self.sign(request, at, secret)})

    def _heard(self, told: Told, now: datetime = NOW) -> tuple[Event, ...]:
        request = self._signed(told, now, self.webhook_secret)
        return _parsed(self._listener(), request, now)

    def _forges(self, told: Told) -> None:
        secret = self.webhook_secret
        genuine = self._signed(told, NOW, secret)
        stranger = self._signed(told, NOW, "x" * len(secret))
        signed_only = self.make_transport(webhook=Webhook(secrets=secret))
        self._distrusts(signed_only, told.request(), NOW, f"{told.what}: not signed")
        self._distrusts(signed_only, stranger, NOW, f"{told.what}: signed by somebody else")
        if told.body:
            altered = evolve(genuine, body=changed(told.body))
            self._distrusts(self._listener(), altered, NOW, f"{told.what}: the body was changed")
        both = self._listener(self.next_secret, secret)
        assert _parsed(both, genuine, NOW) == _parsed(self._listener(), genuine, NOW), f"{told.what}: rotation"

    def _distrusts(self, transport: HttpProvider, request: WebhookRequest, now: datetime, what: str) -> None:
        try:
            _parsed(transport, request, now)
        except WebhookError:
            return
        raise AssertionError(f"{what}: it was taken for the carrier's word")


def _parsed(transport: HttpProvider, request: WebhookRequest, now: datetime) -> tuple[Event, ...]:
    return parse_events(transport, request.headers, request.body, request.url, method=request.method, now=now)


def _noting(calls: list[Call], take: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    def noted(call: Call) -> Reply:
        calls.append(call)
        return take(call)

    return noted
