"""One message, one verdict: precedence, all reasons, JSON both ways, replay byte for byte."""

import json
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from smskit.compliance import (
    ActionKind,
    CustomerBasis,
    Decision,
    Declaration,
    Evidence,
    Profile,
    Request,
    Rules,
    Sector,
    Verdict,
    decide,
    dry_run,
    read_request,
    record_of,
    replay,
)
from smskit.display import to_text
from smskit.errors import InvalidInput, NaiveDatetime, NotPermitted
from smskit.kinds import Kind, Reason
from smskit.protocols import StopForm, Window
from smskit.records import ConsentAction, ConsentEvent

PARIS = ZoneInfo("Europe/Paris")
GIVEN = datetime(2026, 1, 10, 9, tzinfo=PARIS)
CONSENT = Evidence(granted_at=GIVEN, source="formulaire web")
NUMBER = 33612345678


@pytest.fixture
def request_(facts):
    def made(territory="FR", evidence=CONSENT, **changes):
        ours = {
            key: changes.pop(key) for key in ("history", "zones", "recent", "suppressed", "profile") if key in changes
        }
        return Request(territory=territory, facts=facts(**changes), evidence=evidence, **ours)

    return made


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def test_a_lawful_message_is_allowed_with_the_mention_to_append(request_):
    verdict = decide(request_())
    assert verdict.decision is Decision.ALLOWED
    assert verdict.allowed
    assert verdict.until is None
    assert verdict.findings == ()
    assert [(action.kind, action.text) for action in verdict.actions] == [(ActionKind.APPEND_STOP, " STOP au 36180")]
    assert verdict.explain("en") == "Allowed."
    assert verdict.explain("fr") == "Autorisé."
    verdict.raise_unless_allowed()


def test_a_carrier_that_prints_the_mention_is_not_handed_it(request_):
    printed = {"*": StopForm("STOP au 36180", printed_by_transport=True)}
    assert [action.kind for action in decide(request_(stop=printed)).actions] == [ActionKind.CARRIER_PRINTS_STOP]


def test_a_message_at_night_is_deferred(request_):
    verdict = decide(request_(at=at("2026-06-24 23:00")))
    assert verdict.decision is Decision.DEFERRED
    assert verdict.until == at("2026-06-25 08:00")
    assert "2026-06-25T08:00:00+02:00" in verdict.explain("fr")
    with pytest.raises(NotPermitted) as caught:
        verdict.raise_unless_allowed()
    assert caught.value.until == verdict.until


def test_blocked_beats_deferred_and_all_reasons_are_told(request_):
    verdict = decide(request_(evidence=Evidence(), sender="AMELI", text="Votre CPF", at=at("2026-06-21 23:00")))
    assert verdict.decision is Decision.BLOCKED
    assert verdict.until is None
    assert verdict.actions == ()
    told = [finding.rule_id for finding in verdict.findings]
    assert told == ["FR.CPF.BAN", "FR.OADC.SENSITIVE", "FR.CONSENT.PRIOR", "FR.QH.HOURS"]
    for language, word in (("en", "Blocked."), ("fr", "Bloqué.")):
        lines = verdict.explain(language).splitlines()
        assert lines[0] == word
        assert lines[1].startswith("- FR.CPF.BAN: ")
        assert len(lines) == 5
    assert "Code du travail" in str(verdict)


def test_functional_messages_go_at_night_without_consent(request_):
    verdict = decide(request_(kind=Kind.OTP, evidence=Evidence(), text="Code 4821", at=at("2026-06-21 03:00")))
    assert (verdict.decision, verdict.actions) == (Decision.ALLOWED, ())


def test_warnings_change_nothing(request_):
    verdict = decide(request_(text="Voir https://boutique.example/", allowed_hosts=None))
    assert verdict.decision is Decision.ALLOWED
    assert [finding.rule_id for finding in verdict.warnings] == ["FR.URL.ALLOWLIST"]
    assert verdict.explain("en").splitlines()[1].startswith("! FR.URL.ALLOWLIST: ")


SUPPRESSED = [
    ("an opt-out stops marketing", Reason.OPTED_OUT, Kind.MARKETING, CONSENT, Decision.BLOCKED),
    ("an opt-out leaves notifications", Reason.OPTED_OUT, Kind.NOTIFICATION, CONSENT, Decision.ALLOWED),
    ("a dead number gets nothing", Reason.SUPPRESSED, Kind.MARKETING, CONSENT, Decision.BLOCKED),
    ("a dead number gets no code either", Reason.SUPPRESSED, Kind.OTP, CONSENT, Decision.BLOCKED),
    ("nothing on the list", None, Kind.MARKETING, CONSENT, Decision.ALLOWED),
    (
        "given again after the opt-out on record",
        Reason.OPTED_OUT,
        Kind.MARKETING,
        evolve(CONSENT, withdrawn_at=GIVEN - timedelta(1)),
        Decision.ALLOWED,
    ),
]


@pytest.mark.parametrize(
    ("suppressed", "kind", "evidence", "decision"), [r[1:] for r in SUPPRESSED], ids=[r[0] for r in SUPPRESSED]
)
def test_the_suppression_list(request_, suppressed, kind, evidence, decision):
    text = "Le printemps" if kind is Kind.MARKETING else "Votre colis est là"
    assert decide(request_(suppressed=suppressed, kind=kind, evidence=evidence, text=text)).decision is decision


NOON = at("2026-06-24 12:00")
CAPS = [
    # what                                     sent before                                     allowed until
    ("nothing was sent", [], None),
    ("one this week", [timedelta(days=1)], None),
    # three days ago was a Sunday: the cap opens on Sunday noon, the hours on Monday morning
    ("two this week", [timedelta(days=1), timedelta(days=3)], "2026-06-29 08:00"),
    ("two, one of them just a week ago", [timedelta(days=1), timedelta(days=7)], None),
    (
        "two, one of them a week less a second ago",
        [timedelta(days=1), timedelta(days=7, seconds=-1)],
        "2026-06-24 12:00:01",
    ),
    (
        "the third waits for the second to last",
        [timedelta(days=1), timedelta(days=2), timedelta(days=3)],
        "2026-06-29 12:00",
    ),
    ("sent after the planned time does not count", [timedelta(days=-1), timedelta(days=1)], None),
]


@pytest.mark.parametrize(("before", "until"), [row[1:] for row in CAPS], ids=[row[0] for row in CAPS])
def test_two_a_week(request_, before, until):
    verdict = decide(request_(at=NOON, recent=tuple(NOON - back for back in before)))
    assert verdict.until == (at(until) if until else None)
    assert verdict.allowed == (until is None)
    if until:
        assert [finding.rule_id for finding in verdict.findings] == ["FR.FREQ.CAP"]
        assert verdict.findings[0].reason is Reason.FREQUENCY_CAP


def test_the_cap_of_other_countries_is_ours(ask):
    assert [(cap.most, cap.days) for cap in ask().caps("DE")] == [(2, 7)]
    assert [(cap.most, cap.days) for cap in ask().caps("FR")] == [(2, 7)]
    assert ask(kind=Kind.OTP, text="Code 4821").caps("FR") == ()


def full_request(request_):
    event = ConsentEvent(NUMBER, ConsentAction.GRANTED, GIVEN, "web", wording="J'accepte é", evidence="f/1")
    return request_(
        "US",
        evolve(
            CONSENT,
            purchased_at=GIVEN,
            last_contact=GIVEN,
            birth_date=date(1990, 2, 3),
            wording="Oui",
            professional=True,
        ),
        history=(event,),
        zones=("America/New_York",),
        recent=(GIVEN,),
        suppressed=Reason.SUPPRESSED,
        profile=Profile.STRICT,
        advertiser="Ma Boutique",
        sector=Sector.ALCOHOL,
        declarations={Declaration.SENDER_REGISTERED},
        allowed_hosts={"a.example", "b.example"},
        windows={"US": Window(time(9), time(20, 30), frozenset({0, 1}), holidays=False)},
        customers=CustomerBasis(same_entity=True, assessment="LIA"),
        strict_consent=True,
        votes={date(2027, 4, 11)},
    )


def test_a_request_comes_back_from_json_as_it_went(request_):
    for request in (request_(), full_request(request_), request_(allowed_hosts=None)):
        text = record_of(request).to_json()
        assert read_request(text) == request
        assert read_request(json.dumps(json.loads(text)["request"])) == request


def test_a_record_replays_byte_for_byte(request_):
    # The last one waits over a change of clocks, and a record keeps the offset of the question only.
    for request in (request_(), full_request(request_), request_(at=at("2026-10-24 23:00"))):
        text = record_of(request).to_json()
        assert replay(text).to_json() == text
        assert replay(text + "\n").to_json() == text


def test_the_id_names_the_inputs(request_):
    record = record_of(request_())
    assert record.record_id == record_of(request_()).record_id
    assert record.record_id != record_of(request_(text="Autre")).record_id
    assert len(record.record_id) == 32


def test_a_changed_record_is_found_out(request_):
    document = json.loads(record_of(request_(evidence=Evidence())).to_json())
    document["verdict"]["decision"] = "allowed"
    with pytest.raises(InvalidInput, match="changed"):
        replay(json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def test_a_record_of_other_rules_is_replayed_with_those(request_, tmp_path):
    path = tmp_path / "archive.json"
    path.write_text(Rules.default().archive(), encoding="utf-8")
    text = record_of(request_()).to_json()
    assert replay(text, rules=Rules.from_file(path, alone=True)).to_json() == text
    with pytest.raises(InvalidInput, match="archive"):
        replay(text.replace(f'"rules":"{Rules.default().version}"', '"rules":"000000000000"'))


SMALLEST = {
    "destination": {"territory": "FR"},
    "at": "2026-06-24T12:00:00Z",
    "kind": "otp",
    "sender": "MABOUTIQUE",
    "text": "Code 4821",
}


def test_the_smallest_request_another_process_can_ask():
    assert decide(read_request(json.dumps(SMALLEST))).decision is Decision.ALLOWED


BAD = [
    ("no JSON", "{", "not JSON"),
    ("no object", "[1]", "not a JSON object"),
    ("another schema", json.dumps({**SMALLEST, "schema": "x"}), "schema"),
    ("no territory", json.dumps({**SMALLEST, "destination": {}}), "territory"),
    ("no text", json.dumps({key: value for key, value in SMALLEST.items() if key != "text"}), "text"),
    ("a text that is none", json.dumps({**SMALLEST, "text": 4821}), "must be a text"),
    ("an unknown kind", json.dumps({**SMALLEST, "kind": "letter"}), "ValueError"),
    ("an unknown declaration", json.dumps({**SMALLEST, "declarations": ["honest"]}), "ValueError"),
    ("a time that is none", json.dumps({**SMALLEST, "at": "noon"}), "ValueError"),
    ("a history that is none", json.dumps({**SMALLEST, "history": [{"number": "+33612345678"}]}), "action"),
]


@pytest.mark.parametrize(("text", "problem"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_bad_request_is_refused_and_says_why(text, problem):
    with pytest.raises(InvalidInput, match=problem) as caught:
        read_request(text)
    assert "33612345678" not in str(caught.value)


def test_a_naive_time_in_json_is_refused():
    with pytest.raises(NaiveDatetime):
        read_request(json.dumps({**SMALLEST, "at": "2026-06-24T12:00:00"}))


def test_nothing_personal_stands_in_a_repr(request_):
    shown = repr(full_request(request_)) + repr(record_of(full_request(request_)))
    for secret in (str(NUMBER), "J'accepte", "collection de printemps", "1990"):
        assert secret not in shown


def test_the_order_of_the_history_does_not_matter(request_):
    given = ConsentEvent(NUMBER, ConsentAction.GRANTED, GIVEN, "web")
    gone = ConsentEvent(NUMBER, ConsentAction.WITHDRAWN, GIVEN + timedelta(days=1), "STOP")
    for history in ((given, gone), (gone, given)):
        assert decide(request_(evidence=Evidence(), history=history)).findings[0].reason is Reason.OPTED_OUT


def test_a_dry_run_counts_by_rule(request_):
    requests = [
        request_(),
        request_(evidence=Evidence()),
        request_(evidence=Evidence(), text="CPF"),
        request_(at=at("2026-06-24 23:00")),
    ]
    table = dry_run(requests)
    assert table.messages == 4
    assert table.decisions == {Decision.ALLOWED: 1, Decision.DEFERRED: 1, Decision.BLOCKED: 2}
    assert [(row.finding.rule_id, row.count, row.examples) for row in table.rows] == [
        ("FR.CONSENT.PRIOR", 2, (1, 2)),
        ("FR.CPF.BAN", 1, (2,)),
        ("FR.QH.HOURS", 1, (3,)),
    ]
    assert table.next_opening == at("2026-06-25 08:00")
    assert "4 messages: allowed 1, deferred 1, blocked 2" in str(table)
    assert table.to_csv().splitlines()[1].startswith("FR.CONSENT.PRIOR,block,no_consent,2,")


def test_a_dry_run_of_many_keeps_twenty_examples(request_):
    table = dry_run(request_(evidence=Evidence()) for _ in range(25))
    assert (table.rows[0].count, len(table.rows[0].examples)) == (25, 20)
    assert dry_run([]).messages == 0


def test_unknown_never_means_yes(request_):
    verdict = decide(request_("ZZ"))
    assert verdict.decision is Decision.BLOCKED
    assert {finding.reason for finding in verdict.findings} == {Reason.RULES_UNKNOWN, Reason.ZONE_UNKNOWN}
    assert isinstance(verdict, Verdict)


def test_the_instant_counts_not_the_zone_it_is_written_in(request_):
    utc = decide(request_(at=datetime(2026, 6, 24, 19, 30, tzinfo=timezone.utc)))
    assert utc.decision is Decision.DEFERRED
    assert utc.until.tzinfo is timezone.utc


def test_a_verdict_shows_each_reason_with_its_source(request_):
    deferred = decide(request_(at=at("2026-06-24 23:00")))
    text = to_text(deferred.view())
    for seen in ("Deferred until 2026-06-25T", "marketing · rules ", "FR.QH.HOURS", "AF2M"):
        assert seen in text
    allowed = to_text(decide(request_()).view())
    assert allowed.startswith("Allowed.")
    assert "to do: append stop STOP" in allowed
    assert "<table" in deferred._repr_html_()
