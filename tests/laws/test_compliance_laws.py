"""Laws of compliance: what no instant, no order and no text may break."""

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from smskit.compliance import (
    CampaignFacts,
    CustomerBasis,
    Decision,
    Evidence,
    Profile,
    Request,
    Rules,
    decide,
    opt_out_word,
    record_of,
    replay,
)
from smskit.compliance.calendar import days_off
from smskit.compliance.consent import PersonRules, objection
from smskit.compliance.folding import fold, one_apart, skeleton
from smskit.compliance.history import broken_at, evidence_of, export_events, forgotten, import_events, seal
from smskit.compliance.links import read_link
from smskit.kinds import Kind, Reason
from smskit.protocols import StopForm, Window
from smskit.records import ConsentAction, ConsentEvent

RULES = Rules.default()
UTC = timezone.utc
INSTANTS = st.datetimes(datetime(2024, 9, 2), datetime(2030, 12, 31), timezones=st.just(UTC))
FRENCH = sorted(code for code, place in RULES.territories.items() if place.country == "FR")
EVERYWHERE = sorted(RULES.territories)


def facts(at, **changes):
    given_ = {
        "kind": Kind.MARKETING,
        "sender": "MABOUTIQUE",
        "text": "Bonjour",
        "at": at,
        "stop": {"*": StopForm("STOP au 36180")},
    }
    return CampaignFacts(**{**given_, **changes})


def french_hours(day: date, profile: Profile, closed: bool) -> tuple[time, time] | None:
    """The French rules written a second time, as a lawyer would tell them."""
    closes = time(22) if day <= date(2026, 2, 28) else time(21, 30)
    working_days_only = profile is not Profile.CHARTER or day <= date(2026, 2, 28)
    if working_days_only and (day.weekday() == 6 or closed):
        return None
    return time(8), min(closes, time(20)) if profile is Profile.STRICT else closes


@settings(max_examples=400, deadline=None)
@given(INSTANTS, st.sampled_from(FRENCH), st.sampled_from(Profile))
def test_no_instant_outside_a_window_of_any_candidate_zone_is_ever_allowed(at, code, profile):
    opening = RULES.desk(facts(at), profile=profile).opening(code, at)
    assert opening.at is not None
    assert opening.at >= at
    place = RULES.territory(code)
    days = place.holidays + (place.customary if profile is Profile.STRICT else ())
    for zone in place.zones:
        local = opening.at.astimezone(ZoneInfo(zone))
        hours = french_hours(local.date(), profile, local.date() in days_off(days, local.year))
        assert hours is not None
        assert hours[0] <= local.time() < hours[1]


@settings(max_examples=200, deadline=None)
@given(INSTANTS, st.sampled_from(EVERYWHERE), st.sampled_from(Profile))
def test_an_opening_is_open_and_nothing_before_it_was(at, code, profile):
    desk = RULES.desk(facts(at), profile=profile)
    opening = desk.opening(code, at)
    assert opening.at is not None
    assert desk.opening(code, opening.at).at == opening.at
    assert (opening.finding is None) == (opening.at == at)
    if opening.at > at:
        middle = at + (opening.at - at) / 2
        assert desk.opening(code, middle).at == opening.at
        assert desk.opening(code, opening.at - timedelta(microseconds=1)).at == opening.at


@settings(max_examples=100, deadline=None)
@given(INSTANTS, st.sampled_from(EVERYWHERE), st.integers(0, 22), st.integers(1, 24))
def test_a_carriers_window_only_ever_makes_later(at, code, opens, length):
    window = Window(time(opens), time((opens + length) % 24 if opens + length < 24 else 0))
    without = RULES.desk(facts(at)).opening(code, at)
    with_it = RULES.desk(facts(at, windows={"*": window})).opening(code, at)
    assert with_it.at is None or with_it.at >= without.at


@settings(max_examples=100, deadline=None)
@given(INSTANTS, st.sampled_from(FRENCH))
def test_a_stricter_profile_is_never_earlier(at, code):
    at_which = [
        RULES.desk(facts(at), profile=profile).opening(code, at).at
        for profile in (Profile.CHARTER, Profile.LAW, Profile.STRICT)
    ]
    assert at_which == sorted(at_which)


@settings(max_examples=60, deadline=None)
@given(INSTANTS)
def test_an_unknown_state_is_never_earlier_than_any_state(at):
    desk = RULES.desk(facts(at))
    anywhere = desk.opening("US", at).at
    assert all(desk.opening(code, at).at <= anywhere for code in RULES.territories if code.startswith("US-"))
    # and open in each of them at that very instant
    assert all(desk.opening(code, anywhere).at == anywhere for code in RULES.territories if code.startswith("US-"))


TIMES = st.none() | INSTANTS
EVIDENCE = st.builds(
    Evidence,
    granted_at=TIMES,
    source=st.sampled_from(["", "web", "case pré-cochée", "fichier partenaire", "caisse"]),
    withdrawn_at=TIMES,
    channel=st.sampled_from(["sms", "email"]),
    advertiser=st.sampled_from(["", "Nous", "Autre"]),
    last_contact=TIMES,
    purchased_at=TIMES,
    birth_date=st.none() | st.dates(date(1950, 1, 1), date(2024, 1, 1)),
    professional=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(INSTANTS, EVIDENCE, st.sampled_from(EVERYWHERE), st.booleans())
def test_whoever_objected_last_is_never_written_to(at, evidence, code, customers):
    basis = CustomerBasis(same_entity=True, collected_from_person=True, similar_products=True, opt_out_offered=True)
    desk = RULES.desk(facts(at, advertiser="Nous", customers=basis if customers else None))
    finding = desk.basis(evidence, code)
    if evidence.withdrawn_at is not None and (
        evidence.granted_at is None or evidence.withdrawn_at >= evidence.granted_at
    ):
        assert finding is not None
        assert finding.reason is Reason.OPTED_OUT
    if evidence.granted_at is None and not customers:
        assert finding is not None
    strict = RULES.desk(facts(at, advertiser="Nous", customers=basis, strict_consent=True)).basis(evidence, code)
    if finding is not None and not customers:
        assert strict is not None


@settings(max_examples=150, deadline=None)
@given(INSTANTS, st.lists(EVIDENCE, min_size=2, max_size=6), st.sampled_from(EVERYWHERE))
def test_what_a_desk_has_learnt_from_others_changes_nobodys_answer(at, people, code):
    basis = CustomerBasis(same_entity=True, collected_from_person=True, similar_products=True, opt_out_offered=True)
    asked = facts(at, advertiser="Nous", customers=basis)
    desk = RULES.desk(asked)
    together = [desk.basis(evidence, code) for evidence in people]
    assert together == [RULES.desk(asked).basis(evidence, code) for evidence in people]
    rules = PersonRules.among(
        {rule.check: rule for rule in RULES.of_country(RULES.territory(code).country, on=at.date())}
    )
    closely = [objection(rules, asked, evidence) for evidence in people]
    assert [found is None for found in together] == [found is None for found in closely]


ADVERTISERS = st.sampled_from(["", "Nous", "Autre"])
EVENTS = st.builds(
    ConsentEvent,
    number=st.just(33612345678),
    action=st.sampled_from(ConsentAction),
    at=INSTANTS,
    source=st.text(max_size=8),
    channel=st.sampled_from(["sms", "email", "*"]),
    advertiser=ADVERTISERS,
    wording=st.text(max_size=8),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(EVENTS, max_size=6), st.randoms())
def test_a_history_folds_the_same_in_any_order(events, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    assert evidence_of(events, advertiser="Nous") == evidence_of(shuffled, advertiser="Nous")


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=6), st.data())
def test_a_chain_shows_any_event_taken_out(events, data):
    chain = list(seal(events, key=b"key"))
    assert broken_at(chain, key=b"key", head=chain[-1].seal) is None
    out = data.draw(st.integers(0, len(chain) - 1))
    left = [*chain[:out], forgotten(chain[out], key=b"key"), *chain[out + 1 :]]
    assert broken_at(left, key=b"key", head=chain[-1].seal) is None
    assert broken_at(chain[:out] + chain[out + 1 :], key=b"key", head=chain[-1].seal) is not None


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, max_size=5))
def test_events_come_back_from_an_export(events):
    assert list(import_events(export_events(events))) == events


@settings(max_examples=60, deadline=None)
@given(INSTANTS, EVIDENCE, st.sampled_from(EVERYWHERE), st.sampled_from(Kind), st.text(max_size=60))
def test_every_decision_replays_byte_for_byte(at, evidence, code, kind, text):
    request = Request(territory=code, facts=facts(at, kind=kind, text=text), evidence=evidence)
    written = record_of(request).to_json()
    assert replay(written).to_json() == written


@settings(max_examples=60, deadline=None)
@given(INSTANTS, EVIDENCE, st.sampled_from(EVERYWHERE))
def test_a_message_that_is_deferred_is_allowed_when_its_time_has_come(at, evidence, code):
    verdict = decide(Request(territory=code, facts=facts(at), evidence=evidence))
    if verdict.decision is Decision.DEFERRED:
        later = decide(Request(territory=code, facts=facts(verdict.until), evidence=evidence))
        # By then a consent may have grown too old, or a law have come into force; but the hours are open.
        assert later.decision is not Decision.DEFERRED


NAMES = st.text(
    st.characters(codec="ascii", categories=("L", "N", "P", "Zs")) | st.sampled_from("éàçÉÀœß"), max_size=12
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=8))
def test_a_batch_of_texts_is_read_as_each_of_them_alone(filled):
    template = "Bonjour $prenom, la pompe à $objet de la collection vous attend"
    at = datetime(2026, 6, 24, 12, tzinfo=UTC)
    texts = [template.replace("$prenom", name).replace("$objet", thing) for name, thing in filled]
    together = RULES.desk(facts(at, text=template)).content(texts)
    for place, text in enumerate(texts):
        assert RULES.desk(facts(at, text=template)).content([text]).get(0) == together.get(place)


TROUBLE = [
    "CPF",
    "chaleur",
    "iban",
    "cpf",
    "maprimerénov",
    "solaires",
    "https://bit.ly/a",
    "a@b",
    "evil.fr",
    "Zoé",
    "casino",
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(TROUBLE), min_size=1, max_size=6),
    st.sampled_from(["Pompe à $x", "Bonjour $x ici", "mon compte $x"]),
)
def test_the_first_look_never_misses_what_a_close_look_finds(words, template):
    at = datetime(2026, 6, 24, 12, tzinfo=UTC)
    desk = RULES.desk(facts(at, text=template, allowed_hosts=frozenset()))
    texts = [template.replace("$x", word) for word in words]
    found = desk.content(texts)
    for place, text in enumerate(texts):
        close = RULES.desk(facts(at, text=text, allowed_hosts=frozenset())).refusal("FR")
        assert (place in found) == (close is not None)


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)
    assert skeleton(fold(text)) == skeleton(text)


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_apart_goes_both_ways_and_is_never_nothing(left, right):
    assert one_apart(left, right) == one_apart(right, left)
    assert not one_apart(left, left)


@given(st.text("abc", min_size=1, max_size=6), st.data())
def test_one_letter_dropped_is_one_apart(word, data):
    place = data.draw(st.integers(0, len(word) - 1))
    assert one_apart(word, word[:place] + word[place + 1 :])


@given(st.text(max_size=60))
def test_any_answer_can_be_read(text):
    word = opt_out_word(text)
    assert word is None or word == word.upper()


@given(st.text(max_size=60))
def test_any_link_can_be_read(text):
    link = read_link(text)
    assert link.raw == text
    assert "@" not in link.host or link.trick
