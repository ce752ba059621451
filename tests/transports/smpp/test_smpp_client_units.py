"""What the client is made of, without sockets: pace, ids, joining, parts, and the short roads of composing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smskit.encoding import Layout
from smskit.errors import InvalidInput
from smskit.kinds import FailureClass
from smskit.records import Accepted, Postponed, Refused, Unanswered
from smskit.testing.factories import outgoing
from smskit.transports.smpp import (
    BindTransceiver,
    Incoming,
    Profile,
    Spelling,
    SubmitSm,
    compose,
    decode,
    encode,
    recipient_address,
    sender_address,
)
from smskit.transports.smpp.client import Backoff, Conduct, Memory
from smskit.transports.smpp.client.batch import Batch, Message
from smskit.transports.smpp.client.joining import Joiner
from smskit.transports.smpp.client.matching import Early, Known, Register
from smskit.transports.smpp.client.pace import Pace
from smskit.transports.smpp.datacoding import DataCoding

# ---------------------------------------------------------------- pace


def sent_in(pace: Pace, seconds: float, *, since: float = 0.0) -> int:
    """Send as fast as the pace allows; count what leaves."""
    now, count = since, 0
    while now < since + seconds:
        wait_s = pace.wait_s(now)
        if wait_s:
            now += wait_s
            continue
        pace.spend(now)
        count += 1
        now += 0.0001
    return count


def test_without_a_limit_nothing_waits():
    pace = Pace()
    assert [pace.wait_s(now) for now in (0.0, 0.0, 5.0)] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("rate", [1, 7.5, 100, 2_000], ids=lambda rate: f"{rate} a second")
def test_an_agreed_pace_is_never_exceeded_by_more_than_a_tenth_of_a_second(rate):
    count = sent_in(Pace(rate), 10.0)
    assert rate * 9.8 - 2 <= count <= rate * 10.2 + 2


def test_it_slows_down_once_a_second_however_many_were_refused():
    pace = Pace(100)
    assert [pace.throttled(1.0), pace.throttled(1.1), pace.throttled(1.9)] == [True, False, False]
    assert pace.rate == pytest.approx(70)
    assert pace.wait_s(1.0) > 0
    assert pace.throttled(2.0)
    assert pace.rate == pytest.approx(49)


def test_it_learns_where_nothing_was_agreed_and_goes_up_again_in_steps():
    pace = Pace()
    for _ in range(200):
        pace.accepted(10.0)
    pace.throttled(10.5)
    assert pace.rate == pytest.approx(140)
    for second in range(11, 21):
        pace.accepted(second + 0.6)
    assert pace.rate == pytest.approx(140 + 10 * 10)


def test_it_never_goes_beyond_what_was_agreed_nor_below_one_a_second():
    pace = Pace(10)
    for second in range(20):
        pace.throttled(float(second))
    assert pace.rate == 1.0
    for second in range(100, 200):
        pace.accepted(float(second))
    assert pace.rate == 10


def test_a_first_refusal_before_anything_was_taken_does_not_stop_everything():
    pace = Pace()
    pace.throttled(0.0)
    assert pace.rate == pytest.approx(7)


# ---------------------------------------------------------------- ids


def known(message_id: str, number: int = 33612345678, *, at: float = 0.0, reference: str = "run-1") -> Known:
    return Known(message_id, reference, number, 1, 1, "SHOP", at)


FOUND = [
    # what                                    answer      receipt     learned
    ("the same", "a-1", "a-1", Spelling.EXACT),
    ("zeros before it in the answer", "000123", "123", Spelling.PLAIN),
    ("zeros before it in the receipt", "123", "000123", Spelling.PLAIN),
    ("other letters", "7F0A", "7f0a", Spelling.PLAIN),
    ("hexadecimal in the answer", "59682f00", "1500000000", Spelling.DECIMAL_TO_HEX),
    ("hexadecimal in the receipt", "1500000000", "59682F00", Spelling.HEX_TO_DECIMAL),
]


@pytest.mark.parametrize(("answer", "receipt", "learned"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_a_receipt_finds_its_part_and_the_spelling_is_learned(answer, receipt, learned):
    register = Register()
    register.add(known(answer))
    found = register.find(receipt, "33612345678")
    assert found is not None
    assert found.message_id == answer
    assert register.spelling is learned


def test_another_spelling_is_not_believed_when_the_numbers_differ():
    register = Register()
    register.add(known("1500000000"))
    assert register.find("59682f00", "33699999999") is None
    assert register.find("1500000000", "33699999999") is not None


def test_what_is_too_much_or_too_old_is_forgotten():
    register = Register(most=3, age_s=100)
    for number in range(5):
        register.add(known(f"00{number}", at=float(number)))
    assert len(register) == 3
    assert register.find("1") is None
    assert register.find("4") is not None
    for number in range(3):
        register.add(known(f"new{number}", at=1_000.0))
    assert register.find("4") is None


def test_an_early_receipt_is_given_to_its_part_once_and_others_are_let_go_of_in_time():
    register, claimed = Register(hold_s=60, most_early=2), []
    register.hold(Early("1500000000", "33612345678", 0.0, claimed.append))
    assert register.held == 1
    register.add(known("59682f00"))
    assert [one.message_id for one in claimed] == ["59682f00"]
    assert register.held == 0
    for number in range(3):
        given_back = register.hold(Early(f"x{number}", "", float(number), claimed.append))
    assert given_back is not None
    assert given_back.message_id == "x0"
    assert [one.message_id for one in register.overdue(61.0)] == ["x1"]
    assert len(claimed) == 1


# ---------------------------------------------------------------- joining, parts


def part(place: int, total: int, text: str | None) -> Incoming:
    return Incoming(text, b"", DataCoding.of(0), 7, total, place)


def test_parts_are_joined_in_any_order_and_only_with_their_own():
    joiner = Joiner[str]()
    one, other = ("33612345678", "36180", 7, 2), ("33612345679", "36180", 7, 2)
    assert joiner.add(one, part(2, 2, "jour"), "b", 0.0) is None
    assert joiner.add(other, part(1, 2, "?"), "c", 0.0) is None
    assert joiner.add(one, part(2, 2, "jour"), "b again", 0.0) is None
    whole = joiner.add(one, part(1, 2, "Bon"), "a", 0.0)
    assert whole is not None
    assert (whole.text, list(whole.all_deliveries)) == ("Bonjour", ["a", "b", "b again"])
    assert len(joiner) == 1


def test_the_oldest_texts_are_not_waited_for():
    joiner = Joiner[str](age_s=10, most=2)
    for number in range(4):
        joiner.add((str(number), "", 1, 2), part(1, 2, "x"), "d", float(number))
    assert [one.whose[0] for one in joiner.overdue(5.0)] == ["0", "1"]
    assert [one.whose[0] for one in joiner.overdue(12.5)] == ["2"]


REFUSED, PUT_OFF = Refused("run-0", FailureClass.INVALID_NUMBER, "X"), Postponed("run-0", FailureClass.THROTTLED)
OF_ACCOUNT = Postponed("run-0", FailureClass.INSUFFICIENT_CREDIT, code="Y")
OUTCOMES = [
    # what                                                taken           bad         in doubt  outcome
    ("all taken", {1: "a", 2: "b"}, None, 0, Accepted("run-0", "a", 2)),
    ("all taken, without ids", {1: "", 2: ""}, None, 0, Accepted("run-0", None, 2)),
    ("one in doubt", {1: "a"}, None, 1, Unanswered("run-0")),
    ("one in doubt and one refused", {}, REFUSED, 1, Unanswered("run-0")),
    ("refused", {}, REFUSED, 0, REFUSED),
    ("put off", {}, PUT_OFF, 0, PUT_OFF),
    ("one taken, one refused", {1: "a"}, REFUSED, 0, Refused("run-0", REFUSED.failure, "1 of 2 parts taken, then X")),
    ("one taken, one put off", {2: "b"}, PUT_OFF, 0, Refused("run-0", PUT_OFF.failure, "1 of 2 parts taken, then throttled")),
    ("one taken, no credit for the other", {1: "a"}, OF_ACCOUNT, 0, Refused("run-0", FailureClass.CARRIER_ERROR, "1 of 2 parts taken, then Y")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("taken", "bad", "in_doubt", "outcome"), [row[1:] for row in OUTCOMES], ids=[row[0] for row in OUTCOMES]
)
def test_what_became_of_the_parts_is_what_became_of_the_message(taken, bad, in_doubt, outcome):
    batch = Batch([], is_cut_there=False, now=0.0, judge=None)
    message = Message(batch, outgoing(0), 2)
    message.taken, message.bad, message.in_doubt = taken, bad, in_doubt
    assert message.outcome() == outcome


# ---------------------------------------------------------------- settings, short roads


def test_waits_double_up_to_a_minute():
    assert [Backoff().bound_s(failures) for failures in (1, 2, 3, 7, 1000)] == [1.0, 2.0, 4.0, 60.0, 60.0]


@pytest.mark.parametrize(
    "make", [lambda: Conduct(patience_s=0), lambda: Conduct(parts_per_second=0), lambda: Memory(ids=0)],
    ids=["no patience", "no pace", "no memory"],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(make):
    with pytest.raises(InvalidInput):
        make()


@given(st.text(st.sampled_from("aé€[ ô日\n"), max_size=170))
def test_a_text_of_one_plain_part_is_composed_as_any_other(text):
    source, destination = sender_address("SHOP"), recipient_address(33612345678)
    # A limit of 160 septets changes nothing but the road.
    long_road = Profile(layout=Layout(most=160))
    assert compose(text, source, destination) == compose(text, source, destination, profile=long_road)


def test_a_session_that_writes_long_passwords_writes_the_rest_as_it_always_does():
    pdu = SubmitSm(source_addr="SHOP", destination_addr="33612345678", short_message=b"Salut")
    assert encode(pdu, 7, bounded=False) == encode(pdu, 7)
    too_long = SubmitSm(service_type="longer than five", destination_addr="33612345678")
    with pytest.raises(InvalidInput):
        encode(too_long, 7)
    assert decode(encode(too_long, 7, bounded=False)).pdu == too_long
    bind = BindTransceiver(password="longer than eight")
    assert decode(encode(bind, 7, bounded=False)).pdu == bind
