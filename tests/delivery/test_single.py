"""One message to one person."""

import asyncio
import inspect
from datetime import datetime, timezone

import pytest
from tests.delivery.conftest import NOON

import smskit as sk
from smskit.errors import InvalidInput, InvalidNumber, NotPermitted, TransportError
from smskit.kinds import Reason, SendState
from smskit.protocols import Call, Features, Reply
from smskit.records import Accepted, ConsentAction, ConsentEvent, Suppression
from smskit.transports import SmsMode

NUMBER = "+33612345678"


def _sandbox(at=NOON):
    return sk.Sandbox.quiet(starts_at=at)


def test_a_code_is_sent_and_says_what_became_of_it():
    sandbox = _sandbox()
    sent = sk.send(
        NUMBER, "Votre code : 4821", kind=sk.Kind.OTP, transport=sandbox, prices=sk.Prices.per_part(FR="0.045")
    )
    assert (sent.state, sent.parts, sent.cost) == (SendState.ACCEPTED, 1, sk.Money(45_000))
    assert sent.accepted
    sandbox.assert_sent(NUMBER, containing="4821")
    assert "4821" not in repr(sent)
    assert NUMBER not in repr(sent)


def test_the_same_reference_sends_once():
    sandbox, store = _sandbox(), sk.MemoryStore()
    for _ in range(3):
        sent = sk.send(
            NUMBER, "Colis livré", kind=sk.Kind.NOTIFICATION, transport=sandbox, store=store, reference="order-4711"
        )
    assert sent.accepted
    assert len(sandbox.outbox) == 1


def test_a_message_without_a_reference_is_a_new_one_each_time():
    sandbox, store = _sandbox(), sk.MemoryStore()
    for _ in range(2):
        sk.send(NUMBER, "Votre code : 4821", kind=sk.Kind.OTP, transport=sandbox, store=store)
    assert len(sandbox.outbox) == 2


ANSWERED = [
    # what                               reply                                              accepted  in doubt  code
    ("a carrier that breaks",            Reply(502, body=b"<html>Bad gateway</html>"),       False,    True,     ""),
    ("a number that it refuses",         Reply(400, body=b'{"errorCode": "400.029"}'),       False,    False,    "400.029"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "accepted", "in_doubt", "code"), [c[1:] for c in ANSWERED], ids=[c[0] for c in ANSWERED]
)
def test_a_message_in_doubt_is_told_from_one_that_was_refused(reply, accepted, in_doubt, code):
    async def call(asked: Call) -> Reply:
        return reply

    sent = sk.send(NUMBER, "Votre code : 4821", kind=sk.Kind.OTP, transport=SmsMode(key="k"), call=call)
    assert (sent.accepted, sent.in_doubt, sent.code) == (accepted, in_doubt, code)


def test_who_waits_for_a_code_does_not_wait_half_a_minute_for_a_carrier_that_is_down():
    calls: list[Call] = []

    async def call(asked: Call) -> Reply:
        calls.append(asked)
        raise TransportError("carrier", "refused", retryable=True)

    clock = sk.VirtualClock(NOON)
    with pytest.raises(TransportError):
        sk.send(NUMBER, "Votre code : 4821", kind=sk.Kind.OTP, transport=SmsMode(key="k"), call=call, clock=clock)
    assert len(calls) == 3
    assert (clock.now() - NOON).total_seconds() < 10


REFUSED = [
    # what                                kind                  text                               at                                         says
    ("marketing without consent",         sk.Kind.MARKETING,    "Soldes !",                        NOON,                                      "FR.CONSENT"),
    ("a notice that sells is marketing",  sk.Kind.NOTIFICATION, "Colis livré. -20% : code ETE",    NOON,                                      "FR.CONSENT"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "at", "says"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_what_is_not_permitted_says_why_and_nothing_leaves(kind, text, at, says):
    sandbox = _sandbox(at)
    with pytest.raises(NotPermitted, match=says):
        sk.send(NUMBER, text, kind=kind, transport=sandbox, sender="MABOUTIQUE")
    assert sandbox.outbox == ()


def test_marketing_with_consent_leaves_by_day_with_its_mention_and_not_by_night():
    store = sk.MemoryStore()
    store.record_consents(
        [ConsentEvent(33612345678, ConsentAction.GRANTED, datetime(2026, 1, 1, tzinfo=timezone.utc), "caisse")]
    )
    night = datetime(2026, 6, 24, 21, tzinfo=timezone.utc)
    with pytest.raises(NotPermitted) as refused:
        sk.send(NUMBER, "Soldes", kind=sk.Kind.MARKETING, transport=_sandbox(night), sender="MABOUTIQUE", store=store)
    assert refused.value.until == datetime(2026, 6, 25, 6, tzinfo=timezone.utc)
    sandbox = _sandbox()
    sk.send(NUMBER, "Soldes", kind=sk.Kind.MARKETING, transport=sandbox, sender="MABOUTIQUE", store=store)
    sandbox.assert_sent(NUMBER, containing="Soldes STOP au 36180")


def test_a_suppressed_number_is_not_sent_to():
    store = sk.MemoryStore()
    store.suppress([Suppression(33612345678, Reason.SUPPRESSED, NOON, "dead")])
    with pytest.raises(NotPermitted, match="suppressed"):
        sk.send(NUMBER, "Votre code : 1", kind=sk.Kind.OTP, transport=_sandbox(), store=store)


def test_bad_input_is_refused_without_showing_the_number():
    with pytest.raises(InvalidNumber) as refused:
        sk.send("06 39 98 00 00", "x", kind=sk.Kind.OTP, transport=_sandbox())
    assert "639980000" not in str(refused.value).replace(" ", "")
    with pytest.raises(InvalidInput, match="empty"):
        sk.send(NUMBER, "  ", kind=sk.Kind.OTP, transport=_sandbox())


def test_a_coroutine_sends_too():
    sandbox = _sandbox()
    sent = asyncio.run(sk.asend(NUMBER, "Votre code : 4821", kind=sk.Kind.OTP, transport=sandbox))
    assert sent.accepted


def test_without_a_transport_no_telephone_rings():
    assert sk.send(NUMBER, "Votre code : 4821", kind="otp").accepted


def test_a_kind_that_does_not_exist_is_named():
    with pytest.raises(InvalidInput, match="promo"):
        sk.send(NUMBER, "Bonjour", kind="promo")


def test_the_same_reference_with_another_text_is_a_mistake_and_not_a_success():
    store = sk.MemoryStore()
    sk.send(NUMBER, "Votre code : 1111", kind=sk.Kind.OTP, transport=_sandbox(), store=store, reference="login-7")
    with pytest.raises(InvalidInput, match="another text"):
        sk.send(NUMBER, "Votre code : 2222", kind=sk.Kind.OTP, transport=_sandbox(), store=store, reference="login-7")


@pytest.mark.parametrize(
    ("plain", "awaited"),
    [
        (sk.send, sk.asend),
        (sk.Plan.send, sk.Plan.asend),
        (sk.Run.resume, sk.Run.aresume),
        (sk.Run.resolve, sk.Run.aresolve),
        (sk.Run.refresh, sk.Run.arefresh),
        (sk.Kit.send, sk.Kit.asend),
    ],
    ids=["send", "plan", "run", "resolve", "refresh", "kit"],
)
def test_the_two_ways_of_calling_take_the_same_arguments(plain, awaited):
    assert inspect.signature(plain).parameters == inspect.signature(awaited).parameters
    assert inspect.iscoroutinefunction(awaited)
    assert not inspect.iscoroutinefunction(plain)


class Calling:
    """A carrier that makes one request for each message."""

    name = "calling"
    features = Features(largest_batch=1, live=False)

    def submit(self, messages, /):
        reply = yield Call("POST", "https://carrier.example/sms")
        return tuple(Accepted(message.reference, reply.body.decode()) for message in messages)


class Caller:
    """Answers each call, and knows whether its connections were closed."""

    def __init__(self):
        self.calls = self.closed = 0

    async def __call__(self, call):
        self.calls += 1
        return Reply(201, body=b"c-1")

    async def aclose(self):
        self.closed += 1


def _plan_sent(caller):
    people = sk.Contacts.read([{"mobile": NUMBER}])
    campaign = sk.Campaign("avis", "Votre colis", to=people, sender="B", kind="notification")
    plan = campaign.plan(prices=sk.Prices.per_part(FR="0.045"))
    return next(plan.send(Calling(), call=caller).sends())


CALLING = [
    # what                       sent with a caller of one's own
    ("one message",              lambda caller: sk.send(NUMBER, "Votre code", kind="otp", transport=Calling(), call=caller)),
    ("a plan",                   _plan_sent),
    ("a kit",                    lambda caller: sk.Kit(transport=Calling(), call=caller).send(NUMBER, "Votre code", kind=sk.Kind.OTP)),
]  # fmt: skip


@pytest.mark.parametrize("sent", [case[1] for case in CALLING], ids=[case[0] for case in CALLING])
def test_the_requests_are_made_by_the_caller_that_was_given_and_its_connections_are_closed(sent):
    caller = Caller()
    assert sent(caller).provider_id == "c-1"
    assert caller.calls == 1
    assert caller.closed >= 1


def test_a_coroutine_keeps_its_connections():
    caller = Caller()
    asyncio.run(sk.asend(NUMBER, "Votre code", kind="otp", transport=Calling(), call=caller))
    assert (caller.calls, caller.closed) == (1, 0)
