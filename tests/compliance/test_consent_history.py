"""A person's history: folded by the time of the events, chained, exported, purged and shown on one page."""

import json
from datetime import datetime, timedelta, timezone
from itertools import permutations

import pytest
from attrs import evolve

from smskit.compliance import Evidence
from smskit.compliance.history import (
    GENESIS,
    broken_at,
    due_for_purge,
    event_digest,
    event_row,
    evidence_of,
    export_events,
    forgotten,
    import_events,
    next_seal,
    proof,
    seal,
)
from smskit.errors import InvalidInput, NaiveDatetime
from smskit.records import ConsentAction, ConsentEvent

NUMBER = 33612345678
START = datetime(2026, 1, 10, 9, tzinfo=timezone.utc)


def given(day=0, **changes):
    return evolve(ConsentEvent(NUMBER, ConsentAction.GRANTED, START + timedelta(days=day), "web"), **changes)


def gone(day=0, **changes):
    return evolve(ConsentEvent(NUMBER, ConsentAction.WITHDRAWN, START + timedelta(days=day), "STOP"), **changes)


FOLDS = [
    # what, events, granted and withdrawn (days)
    ("nothing", [], None, None),
    ("given", [given()], 0, None),
    ("given and withdrawn", [given(), gone(1)], 0, 1),
    ("given, withdrawn, given again", [given(), gone(1), given(2)], 2, 1),
    ("withdrawn twice", [gone(1), gone(3)], None, 3),
    ("an opt-out from e-mail leaves SMS", [given(), gone(1, channel="email")], 0, None),
    ("an opt-out from everything does not", [given(), gone(1, channel="*")], 0, 1),
    ("an opt-out from another advertiser leaves us", [given(), gone(1, advertiser="Autre")], 0, None),
    ("an opt-out from us", [given(), gone(1, advertiser="Nous")], 0, 1),
    ("consent to another advertiser gives way to ours", [given(), given(1, advertiser="Autre")], 0, None),
    ("consent to us by name", [given(), given(1, advertiser="Nous")], 1, None),
]


@pytest.mark.parametrize(("events", "granted", "withdrawn"), [row[1:] for row in FOLDS], ids=[row[0] for row in FOLDS])
def test_a_history_folds_the_same_in_any_order(events, granted, withdrawn):
    for order in permutations(events):
        state = evidence_of(order, advertiser="Nous")
        assert state.granted_at == (None if granted is None else START + timedelta(days=granted))
        assert state.withdrawn_at == (None if withdrawn is None else START + timedelta(days=withdrawn))


def test_consent_that_does_not_fit_is_told_as_such():
    assert evidence_of([given(channel="email")]).channel == "email"
    assert evidence_of([given(advertiser="Autre")], advertiser="Nous").advertiser == "Autre"


def test_the_evidence_of_the_consent_goes_with_it():
    state = evidence_of([given(), given(1, source="caisse", wording="Oui")])
    assert (state.source, state.wording) == ("caisse", "Oui")


def test_what_else_is_known_stays_and_takes_part():
    known = Evidence(granted_at=START + timedelta(days=5), source="fichier", purchased_at=START)
    assert evidence_of([given()], known=known) == known
    assert evidence_of([given(6)], known=known).source == "web"
    assert evidence_of([gone(7)], known=known).withdrawn_at == START + timedelta(days=7)
    assert evidence_of(
        [gone(7)], known=evolve(known, withdrawn_at=START + timedelta(days=9))
    ).withdrawn_at == START + timedelta(days=9)
    assert evidence_of([], known=known) is known


HISTORY = [given(), gone(1), given(2), gone(3)]
KEY = b"k" * 32
CHAIN = list(seal(HISTORY, key=KEY))

TAMPERED = [
    # what, chain, broken at
    ("untouched", CHAIN, None),
    ("empty", [], 0),
    ("an event changed", [CHAIN[0], evolve(CHAIN[1], event=gone(1, source="web")), *CHAIN[2:]], 1),
    ("an event removed", [CHAIN[0], *CHAIN[2:]], 1),
    ("the first removed", CHAIN[1:], 0),
    ("two exchanged", [CHAIN[1], CHAIN[0], *CHAIN[2:]], 0),
    (
        "one added with a seal of its own",
        [*CHAIN[:2], *seal([given(9)], key=KEY, after=CHAIN[1].seal), *CHAIN[2:]],
        3,
    ),
    ("an event forgotten, its digest left", [CHAIN[0], forgotten(CHAIN[1], key=KEY), *CHAIN[2:]], None),
    (
        "an event forgotten with another digest",
        [CHAIN[0], evolve(forgotten(CHAIN[1], key=KEY), digest="00" * 32), *CHAIN[2:]],
        1,
    ),
    ("an event emptied by hand", [CHAIN[0], evolve(CHAIN[1], event=None), *CHAIN[2:]], 1),
    ("an event emptied without the key", [CHAIN[0], forgotten(CHAIN[1], key=b"guess"), *CHAIN[2:]], 1),
    (
        "an event emptied with the mark of another",
        [forgotten(CHAIN[0], key=KEY), evolve(CHAIN[1], event=None, erasure=forgotten(CHAIN[0], key=KEY).erasure)],
        1,
    ),
    ("sealed by somebody without the key", [*CHAIN[:3], *seal([gone(3)], key=b"guess", after=CHAIN[2].seal)], 3),
    ("the end cut off", CHAIN[:3], 3),
    ("the end changed and sealed anew", [*CHAIN[:3], *seal([given(3)], key=KEY, after=CHAIN[2].seal)], 4),
]


@pytest.mark.parametrize(("chain", "place"), [row[1:] for row in TAMPERED], ids=[row[0] for row in TAMPERED])
def test_the_chain_shows_where_it_was_tampered_with(chain, place):
    assert broken_at(chain, key=KEY, head=CHAIN[-1].seal) == place


def test_nothing_of_a_forgotten_person_stays_but_a_keyed_digest():
    left = forgotten(CHAIN[0], key=KEY)
    assert left.event is None
    assert (left.digest, left.seal) == (CHAIN[0].digest, CHAIN[0].seal)
    assert event_digest(given(), key=b"guess") != left.digest


def test_without_the_last_seal_a_cut_goes_unnoticed():
    assert broken_at(CHAIN[:3], key=KEY) is None


def test_a_chain_can_be_continued_and_checked_from_the_middle():
    assert list(seal(HISTORY[2:], key=KEY, after=CHAIN[1].seal)) == CHAIN[2:]
    assert broken_at(CHAIN[2:], key=KEY, after=CHAIN[1].seal, head=CHAIN[-1].seal) is None
    assert len(GENESIS) == len(CHAIN[0].seal) == 64


def test_the_same_instant_in_two_zones_has_one_seal():
    paris = given(at=START.astimezone(timezone(timedelta(hours=2))))
    assert event_digest(paris, key=KEY) == event_digest(given(), key=KEY)


def test_seals_kept_for_years_stay_what_they_are():
    """The bytes are the contract: a seal written today is checked by whatever version comes later."""
    event = given(wording="J'accepte é")
    assert list(export_events([event])) == [
        '{"action":"granted","advertiser":"","at":"2026-01-10T09:00:00+00:00","channel":"sms","evidence":"",'
        '"number":"+33612345678","source":"web","wording":"J\'accepte é"}'
    ]
    sealed = next(seal([event], key=KEY))
    assert sealed.digest == "99d21ee9427e3319864176e50b155e5f56fde75007ed87c521064726beb1c53f"
    assert (
        sealed.seal
        == next_seal(GENESIS, sealed.digest)
        == "8f972413a79f12aa9fc00a8eda6e5b4f8ec731a0990408f470184e708c19abae"
    )


def test_events_come_back_as_they_were_exported():
    events = [given(wording="J'accepte é", evidence="f/1", advertiser="Nous", channel="sms"), gone(1)]
    lines = list(export_events(events))
    assert list(import_events([lines[0], "", lines[1] + "\n"])) == events


BAD_LINES = [
    "{",
    "[]",
    "{}",
    '{"number":"x","action":"granted","at":"2026-01-01T00:00:00+00:00","source":""}',
    '{"number":"+33612345678","action":"maybe","at":"2026-01-01T00:00:00+00:00","source":""}',
]


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_line_that_is_no_event_is_named_without_its_number(line):
    with pytest.raises(InvalidInput, match="line 2") as caught:
        list(import_events([next(export_events([given()])), line]))
    assert "612345678" not in str(caught.value)


def test_an_event_without_zone_is_refused():
    line = next(export_events([given()])).replace("+00:00", "")
    with pytest.raises(NaiveDatetime):
        list(import_events([line]))
    with pytest.raises(NaiveDatetime):
        evidence_of([given(at=datetime(2026, 1, 1))])


THREE_YEARS = datetime(2029, 1, 10, 9, tzinfo=timezone.utc)


def test_three_years_without_a_contact_are_due_for_purge():
    histories = {NUMBER: [given()], NUMBER + 1: [given(), gone(1)], NUMBER + 2: []}
    assert due_for_purge(histories, now=THREE_YEARS) == (NUMBER,)
    assert due_for_purge(histories, now=THREE_YEARS - timedelta(seconds=1)) == ()
    assert due_for_purge(histories, now=THREE_YEARS + timedelta(days=1)) == (NUMBER, NUMBER + 1)
    assert due_for_purge(histories, now=THREE_YEARS, last_contact={NUMBER: START + timedelta(days=1)}) == ()
    assert due_for_purge(histories, now=THREE_YEARS, years=5) == ()


def test_the_proof_fits_on_a_page_and_says_who_when_how_and_in_which_words():
    events = [given(wording="J'accepte les SMS", evidence="form/12", advertiser="Nous"), gone(1), given(2, number=1)]
    page = proof(events, number=NUMBER, made_at=THREE_YEARS, head=CHAIN[-1].seal)
    for part in (
        "+33612345678",
        "2026-01-10T09:00:00+00:00",
        "web",
        "J'accepte les SMS",
        "form/12",
        "Nous",
        "no consent",
        "events / événements: 2",
        CHAIN[-1].seal,
    ):
        assert part in page
    assert len(page.splitlines()) < 60
    assert "consented" in proof([given()], number=NUMBER, made_at=THREE_YEARS)
    assert "no consent" in proof([], number=NUMBER, made_at=THREE_YEARS)
    assert "no consent" in proof([given(), gone()], number=NUMBER, made_at=THREE_YEARS)


def test_a_line_is_the_row_as_json_with_its_keys_in_order():
    awkward = given(wording='J\'accepte "é" \\ \n \x00 \u2028 😀', source="", evidence="\t", advertiser="</script>")
    expected = json.dumps(event_row(awkward), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert next(export_events([awkward])) == expected
