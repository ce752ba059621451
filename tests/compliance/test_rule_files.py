"""The registry: what is packaged keeps to the schema, what is brought is checked, a change is a line with a date."""

import json
import re
from datetime import date, datetime, timezone

import pytest

from smskit.compliance import Check, Confidence, Effect, Force, Profile, Rules, explain
from smskit.compliance.schema import SCHEMA
from smskit.errors import InvalidInput, InvalidRules
from smskit.kinds import Reason

RULES = Rules.default()


def luxembourg(**changes):
    rule = {
        "id": "LU.QH.TEST", "kinds": ["marketing"], "check": "hours", "effect": "defer", "reason": "quiet_hours",
        "force": "law", "confidence": "secondary", "condition": "always", "citation": "art. 1",
        "settings": {"allowed": [["10:00", "12:00"]]}, "explain": {"fr": "De 10h à 12h.", "en": "10 to 12."},
        "in_force": "2026-01-01",
    }  # fmt: skip
    rule.update(changes)
    return {"schema": SCHEMA, "country": "LU", "territories": {"LU": {"zones": ["Europe/Luxembourg"]}}, "rules": [rule]}


@pytest.fixture
def written(tmp_path):
    def write(document):
        path = tmp_path / "lu.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return path

    return write


def test_what_is_packaged():
    assert len(RULES) == 162
    assert len(RULES.countries) == 27
    assert RULES is Rules.default()
    assert len(RULES.version) == 12


@pytest.mark.parametrize("rule", list(RULES), ids=lambda rule: rule.rule_id)
def test_every_rule_can_be_read_by_a_lawyer(rule):
    assert rule.explain_fr.endswith(".")
    assert rule.explain_en.endswith(".")
    assert rule.citation
    assert rule.condition
    told = str(explain(rule.rule_id))
    for part in (
        rule.rule_id,
        rule.explain_fr,
        rule.explain_en,
        rule.citation,
        rule.force.value,
        rule.confidence.value,
    ):
        assert part in told
    assert all(line in told for line in rule.penalty)


@pytest.mark.parametrize("rule", list(RULES), ids=lambda rule: rule.rule_id)
def test_no_row_speaks_of_the_workplace_it_came_from(rule):
    assert not re.search(r"\b(?:file id|seeds?|sessions?|stored|mission)\b", f"{rule} {rule.sources}".lower())


def test_rules_that_enforce_have_a_predicate_or_are_cited_by_name():
    idle = [r.rule_id for r in RULES if r.check is Check.INFORMATION and r.effect is not Effect.NONE]
    assert idle == ["GLOBAL.QH.TRANSPORT", "GLOBAL.NUMBER.SUPPRESSED"]


def test_memory_alone_is_marked_unverified():
    recalled = [
        rule for rule in RULES if any("From memory" in source for source in rule.sources) and len(rule.sources) == 1
    ]
    assert recalled
    assert {rule.confidence for rule in recalled} == {Confidence.UNVERIFIED}


def test_explain_names_what_it_does_not_know():
    with pytest.raises(InvalidInput, match=r"FR\.NOTHING"):
        explain("FR.NOTHING")


def test_days_in_force_include_both_ends():
    rule = explain("FR.QH.HOURS.2024")
    assert not rule.holds_on(date(2024, 8, 31))
    assert rule.holds_on(date(2024, 9, 1))
    assert rule.holds_on(date(2026, 2, 28))
    assert not rule.holds_on(date(2026, 3, 1))


def test_profiles_change_the_effect():
    sunday = explain("FR.QH.SUNDAY")
    assert [sunday.effect_in(profile) for profile in Profile] == [Effect.DEFER, Effect.WARN, Effect.DEFER]
    assert explain("GB.QH.PROVIDER").effect_in(Profile.LAW) is Effect.NONE
    assert explain("GB.QH.PROVIDER").force is Force.PROVIDER


def test_a_country_without_rows_is_refused_until_somebody_brings_them(ask, written):
    assert ask().refusal("LU").reason is Reason.RULES_UNKNOWN
    rules = Rules.from_file(written(luxembourg()))
    assert len(rules) == len(RULES) + 1
    assert rules.version != RULES.version
    desk = ask(rules=rules)
    assert desk.refusal("LU") is None
    assert desk.opening("LU", desk.facts.at).at.hour == 10
    assert ask(rules=rules).refusal("FR") is None
    assert RULES.territory("LU") is None


def test_rules_without_a_zone_never_open(ask, written):
    document = luxembourg()
    del document["territories"]
    desk = ask(rules=Rules.from_file(written(document)))
    assert desk.refusal("LU").reason is Reason.ZONE_UNKNOWN
    assert desk.opening("LU", desk.facts.at).at is None


def test_a_rule_of_the_same_id_takes_the_place_of_the_packaged_one(written):
    document = luxembourg(id="FR.QH.HOURS")
    document["country"] = "FR"
    rules = Rules.from_file(written(document))
    assert len(rules) == len(RULES)
    assert rules.explain("FR.QH.HOURS").explain_en == "10 to 12."
    assert rules.territory("FR") == RULES.territory("FR")


def test_alone_leaves_the_packaged_countries_out_and_keeps_what_holds_everywhere(ask, written):
    rules = Rules.from_file(written(luxembourg()), alone=True)
    assert rules.countries == ("LU",)
    assert {rule.country for rule in rules} == {"LU", "*"}
    assert ask(rules=rules).refusal("FR").reason is Reason.RULES_UNKNOWN


def test_rules_for_the_world_that_would_let_the_unknown_pass_are_refused(written):
    document = luxembourg(id="GLOBAL.QH.TEST")
    del document["territories"]
    with pytest.raises(InvalidRules, match="decides no_rules") as caught:
        Rules.from_file(written({**document, "country": "*"}), alone=True)
    assert len(caught.value.problems) == 4


def test_the_version_names_the_content_not_the_file(written):
    document = luxembourg()
    turned = {key: document[key] for key in reversed(list(document))}
    assert Rules.from_file(written(document)).version == Rules.from_file(written(json.dumps(turned, indent=3))).version
    assert Rules.from_file(written(luxembourg(citation="art. 2"))).version != Rules.from_file(written(document)).version


def test_an_archive_is_the_same_rules(tmp_path):
    path = tmp_path / "rules-2026.json"
    path.write_text(RULES.archive(), encoding="utf-8")
    kept = Rules.from_file(path, alone=True)
    assert kept.version == RULES.version
    assert [str(rule) for rule in kept] == [str(rule) for rule in RULES]


BAD = [
    ("no JSON", "{", "not JSON"),
    ("no object", "[]", "not a JSON object"),
    ("another schema", {**luxembourg(), "schema": "x"}, "schema must be"),
    ("no country", {**luxembourg(), "country": "Luxembourg"}, "ISO 3166"),
    ("an unknown key", {**luxembourg(), "regles": []}, "unknown key 'regles'"),
    ("rules that are no list", {**luxembourg(), "rules": {}}, "rules must be a list"),
    ("a rule that is no object", {**luxembourg(), "rules": [1]}, r"rules\[0\] is not an object"),
    ("territories that are no object", {**luxembourg(), "territories": []}, "territories must be an object"),
    ("a territory without zones", {**luxembourg(), "territories": {"LU": {}}}, "zones must be"),
    ("an unknown zone", {**luxembourg(), "territories": {"LU": {"zones": ["Europe/Nowhere"]}}}, "not a time zone"),
    (
        "a day off that is none",
        {**luxembourg(), "territories": {"LU": {"zones": ["Europe/Luxembourg"], "holidays": ["13-45"]}}},
        "13-45",
    ),
    ("a rule twice", {**luxembourg(), "rules": luxembourg()["rules"] * 2}, "stands twice"),
    ("an id of another country", luxembourg(id="FR.X"), "id must start with 'LU.'"),
    ("no id", luxembourg(id=""), "id must start"),
    ("an unknown check", luxembourg(check="moon"), "check='moon'"),
    ("an unknown effect", luxembourg(effect="delay"), "effect='delay'"),
    ("an unknown reason", luxembourg(reason="because"), "reason='because'"),
    ("an unknown kind", luxembourg(kinds=["letter"]), "kinds='letter'"),
    ("kinds that are no list", luxembourg(kinds="marketing"), "kinds must be a list"),
    ("an unknown force", luxembourg(force="decree"), "force='decree'"),
    ("an unknown profile", luxembourg(by_profile={"mild": "none"}), "profile='mild'"),
    ("a profile with an unknown effect", luxembourg(by_profile={"law": "maybe"}), "by_profile='maybe'"),
    ("one language", luxembourg(explain={"en": "x"}), "'fr' and 'en'"),
    ("a day that is none", luxembourg(in_force="2026-02-30"), "in_force='2026-02-30'"),
    ("an end before the beginning", luxembourg(until="2025-12-31"), "until lies before"),
    ("an unknown field", luxembourg(colour="red"), "unknown key 'colour'"),
    ("no hours", luxembourg(settings={}), "need 'allowed'"),
    ("settings that are no object", luxembourg(settings=[]), "settings of a rule of hours"),
    ("hours that are no times", luxembourg(settings={"allowed": [["8h", "20h"]]}), "not a pair of times"),
    ("hours past midnight", luxembourg(settings={"allowed": [["22:00", "25:00"]]}), "not a pair of times"),
    ("hours that end before they begin", luxembourg(settings={"allowed": [["20:00", "08:00"]]}), "ends before"),
    ("hours that last no time", luxembourg(settings={"allowed": [["08:00", "08:00"]]}), "ends before"),
    ("hours that overlap", luxembourg(settings={"allowed": [["08:00", "12:00"], ["11:00", "20:00"]]}), "overlap"),
    ("hours of an unknown day", luxembourg(settings={"allowed": [], "friday": []}), "unknown key 'friday'"),
    ("an expression that cannot be read", luxembourg(check="sender_pattern", settings={"pattern": "("}), "pattern"),
    ("a predicate without its constant", luxembourg(check="sender_pattern", settings={}), "settings need 'pattern'"),
    (
        "a predicate whose table is nowhere",
        luxembourg(check="gift", settings={"markers": "cpf", "gifts": "presents"}),
        "no table 'presents'",
    ),
    ("a table of words that are none", {**luxembourg(), "tables": {"x": {"words": [1]}}}, "table x: words"),
    ("a table with a bad expression", {**luxembourg(), "tables": {"x": {"regex": ["("]}}}, "table x: an entry"),
    ("exceptions that are no groups", luxembourg(check="gift", settings={"markers": "cpf", "gifts": "gift", "exceptions": ["x"]}), "exceptions must"),
    ("a number that is none", luxembourg(check="retention", settings={"years": "3"}), "years must be a whole number"),
    ("a sector that is none", luxembourg(check="vote", settings={"sector": "sport"}), "sector must be one of"),
    ("a missing field", {**luxembourg(), "rules": [{"id": "LU.X"}]}, "missing kinds"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "problem"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_bad_file_is_refused_and_says_why(written, document, problem):
    with pytest.raises(InvalidRules, match=problem) as caught:
        Rules.from_file(written(document))
    assert caught.value.name == "lu.json"


def test_hours_in_two_pieces_may_touch(ask, written):
    pieces = {"allowed": [["08:00", "10:00"], ["10:00", "11:00"], ["14:00", "20:00"]]}
    desk = ask(rules=Rules.from_file(written(luxembourg(settings=pieces))))
    at = desk.facts.at
    assert desk.opening("LU", at.replace(hour=10)).at == at.replace(hour=10)
    assert desk.opening("LU", at.replace(hour=11)).at == at.replace(hour=14)


def test_every_problem_is_listed_at_once(written):
    with pytest.raises(InvalidRules) as caught:
        Rules.from_file(written(luxembourg(effect="x", force="y", until="z")))
    assert len(caught.value.problems) == 3
    assert all(problem.startswith("LU.QH.TEST: ") for problem in caught.value.problems)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidRules, match=r"none\.json"):
        Rules.from_file(tmp_path / "none.json")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidRules, match="cannot be read"):
        Rules.from_file(path)


EDITIONS = [
    ("2024-09-02", "FR 2024-09"), ("2025-01-02", "FR 2025-01"), ("2025-07-02", "FR 2025-07"),
    ("2026-02-28", "FR 2025-07"), ("2026-03-01", "FR 2026-03"), ("2026-11-21", "FR 2026-03"),
]  # fmt: skip


@pytest.mark.parametrize(("day", "edition"), EDITIONS)
def test_the_edition_is_that_of_the_planned_day(ask, day, edition):

    desk = ask(at=datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=timezone.utc))
    assert desk.editions == ""
    desk.refusal("GP")
    assert desk.editions == edition
