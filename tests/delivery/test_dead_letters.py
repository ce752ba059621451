"""Dead letters: everything that did not arrive and will not by itself, with its reason and what to do."""

import csv
import io
import json

import pytest
from tests.delivery.conftest import NOON, Bench, Carrier

import smskit as sk
from smskit.delivery.dead_letters import _REASONS, _WORDS
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Reason, Retry, SendState
from smskit.records import Accepted, Event, Refused, Suppression, Unanswered

FIRST = 33_612_000_000


def answer(message, again):
    seq = int(message.reference[4:])
    special = {
        1: Refused(message.reference, FailureClass.INVALID_NUMBER, "21211"),
        2: Refused(message.reference, FailureClass.SENDER_INVALID, "SENDER"),
        3: Unanswered(message.reference),
        4: Refused(message.reference, FailureClass.OPTED_OUT, "21610"),
    }
    return special.get(seq, Accepted(message.reference, f"id-{seq}"))


def receipt(seq, status, failure=None, code=""):
    return Event(f"r-{seq}", EventType.RECEIPT, NOON, reference=f"run-{seq}", status=status, failure=failure, code=code)


@pytest.fixture
def run(bench: Bench):
    bench.load(9)
    bench.store.suppress([Suppression(FIRST + 5, Reason.SUPPRESSED, NOON, "list")])
    run = bench.run(Carrier(answer)).resume()
    run.receive(
        [
            receipt(0, DeliveryStatus.DELIVERED),
            receipt(6, DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE, "27"),
            receipt(7, DeliveryStatus.SENT),
        ]
    )
    return run


LETTERS = [
    # seq   state                   cause                   code       retry               what to do
    (1,     SendState.REJECTED,     "invalid_number",       "21211",   Retry.NEVER,        "does not exist"),
    (2,     SendState.REJECTED,     "sender_invalid",       "SENDER",  Retry.AFTER_FIX,    "mend"),
    (3,     SendState.SUBMITTING,   "in_doubt",             "",        Retry.AMBIGUOUS,    "run.resolve()"),
    (4,     SendState.REJECTED,     "opted_out",            "21610",   Retry.NEVER,        "objected"),
    (5,     SendState.CANCELLED,    "suppressed",           "",        Retry.NEVER,        "suppression list"),
    (6,     SendState.ACCEPTED,     "unreachable",          "27",      Retry.LATER,        "later"),
]  # fmt: skip


def test_each_has_its_cause_the_carriers_word_and_what_to_do(run):
    told = [(one.seq, one.state, one.cause, one.code, one.retry) for one in run.dead_letters()]
    assert told == [letter[:5] for letter in LETTERS]
    for one, letter in zip(run.dead_letters(), LETTERS, strict=True):
        assert letter[5] in one.what_to_do
        assert one.reference == f"run-{one.seq}"


def test_what_arrived_what_still_may_and_what_somebody_took_back_is_none(bench: Bench):
    bench.load(3, not_before=int(NOON.timestamp()) + 3600)
    run = bench.run(Carrier()).resume()
    assert list(run.dead_letters()) == []
    run.cancel()
    assert list(run.dead_letters()) == []


def test_a_refusal_that_a_receipt_disproves_is_none(bench: Bench):
    bench.load(1)
    run = bench.run(Carrier(lambda m, again: Refused(m.reference, FailureClass.NETWORK))).resume()
    assert len(list(run.dead_letters())) == 1
    run.receive([receipt(0, DeliveryStatus.DELIVERED)])
    assert list(run.dead_letters()) == []


def test_they_are_written_with_masked_numbers_or_with_whole_ones(run):
    for show in (False, True):
        target = io.StringIO()
        run.dead_letters().to_csv(target, show_numbers=show)
        rows = list(csv.DictReader(io.StringIO(target.getvalue())))
        assert [int(row["seq"]) for row in rows] == [letter[0] for letter in LETTERS]
        assert (rows[0]["number"] == f"+{FIRST + 1}") is show
        assert (str(FIRST + 1) in target.getvalue()) is show
        assert rows[1]["what_to_do"] == _WORDS[Retry.AFTER_FIX]
        lines = io.StringIO()
        run.dead_letters().to_jsonl(lines, show_numbers=show)
        assert [json.loads(line)["code"] for line in lines.getvalue().splitlines()] == [letter[3] for letter in LETTERS]


def test_looking_at_them_counts_by_cause_and_shows_no_number(run):
    letters = run.dead_letters()
    shown = str(letters)
    assert "dead letters: 6" in shown
    assert "in_doubt: it may have arrived: call run.resolve()" in shown
    for text in (shown, repr(letters), *map(repr, letters)):
        assert "612000" not in text


def test_each_reason_of_the_last_look_has_words_of_its_own():
    stopped_at_sending = {Reason.OPTED_OUT, Reason.SUPPRESSED, Reason.ALREADY_SENT, Reason.FREQUENCY_CAP,
                          Reason.QUIET_HOURS, Reason.BUDGET, Reason.EXPIRED}  # fmt: skip
    assert set(_REASONS) == stopped_at_sending
    assert set(_WORDS) == set(Retry)


def test_the_codes_are_in_the_export_of_the_run_too(run):
    target = io.StringIO()
    run.to_csv(target)
    rows = {int(row["seq"]): row for row in csv.DictReader(io.StringIO(target.getvalue()))}
    assert (rows[2]["code"], rows[2]["failure"]) == ("SENDER", "sender_invalid")
    assert rows[0]["billed_parts"] == ""
    assert sk.Reason.SUPPRESSED.value == rows[5]["reason"]
