"""What people hand to a plan by mistake or by malice: each has a disposition or a clear error, and nothing leaks."""

from __future__ import annotations

import json
import logging
import socket
from datetime import date, datetime, time, timedelta, timezone

import pytest
from attrs import evolve
from tests.planning.conftest import CONSENT, PRICES, WEDNESDAY

import smskit as sk
from smskit.errors import (
    EmptyAudience,
    InvalidInput,
    NaiveDatetime,
    PlanChanged,
    StoreFull,
    TemplateError,
    UnknownColumn,
    UnreadableFile,
)
from smskit.kinds import Reason
from smskit.planning import sending
from smskit.protocols import StopForm, Window
from smskit.text import is_whole
from smskit.transports import SmsMode

HALF = json.loads('"Zo\\ud83d"')

# ---------------------------------------------------------------- strange cells

CELLS = [
    # what                                            cells                                     disposition
    ("half an emoji in a name that is said", {"prenom": HALF}, Reason.CONTENT_FORBIDDEN),
    ("half an emoji where nobody looks",              {"ca": HALF},                             None),
    ("half an emoji in the number",                   {"mobile": f"06{HALF}"},                  Reason.INVALID_NUMBER),
    ("half an emoji in the source of the consent",    {"origine": HALF},                        None),
    ("a NUL in a name",                               {"prenom": "Ma\0rie"},                    None),
    ("a name of ten thousand letters",                {"prenom": "x" * 10_000},                 Reason.TOO_MANY_PARTS),
    ("a name that no long message can hold",          {"prenom": "x" * 40_000},                 Reason.TOO_MANY_PARTS),
    ("a name that looks like a template",             {"prenom": "$lien %s {0} ${prenom}"},     None),
    ("the number 0",                                  {"mobile": 0},                            Reason.INVALID_NUMBER),
    ("no number",                                     {"mobile": None},                         Reason.MISSING_NUMBER),
    ("a number that is not one",                      {"mobile": float("nan")},                 Reason.MISSING_NUMBER),
    ("a number as a spreadsheet has it",              {"mobile": 612345678.0},                  None),
    ("no name", {"prenom": None}, Reason.MISSING_VARIABLE),
    ("a name that is 0",                              {"prenom": 0},                            None),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "reason"), [case[1:] for case in CELLS], ids=[case[0] for case in CELLS])
@pytest.mark.parametrize("store", ["memory", "file"])
def test_a_strange_cell_costs_its_own_row_at_most(shop, tmp_path, cells, reason, store):
    kept = sk.MemoryStore() if store == "memory" else sk.Store(tmp_path / "boutique.db")
    plan = shop.plan(shop.row(), shop.row(**cells), store=kept)
    assert dict(plan.reasons) == ({} if reason is None else {reason: 1})
    run = plan.send(sk.Sandbox.quiet())
    assert run.account.accepted == plan.account.to_send == 1 + (reason is None)
    kept.close()


def test_an_address_beside_a_column_of_its_name_is_the_address(shop):
    message = sk.Message("Bonjour $prenom $lien", links={"lien": "https://boutique.example/x"})
    plan = shop.plan(shop.row(lien="https://evil.example"), text=message)
    assert [send.text for send in plan.messages()] == ["Bonjour Marie https://boutique.example/x STOP au 36180"]


def test_two_hundred_variables_are_filled_in_their_order(shop):
    cells = {f"v{index}": str(index) for index in range(200)}
    plan = shop.plan(shop.row(**cells), text=" ".join(f"$v{index}" for index in range(200)))
    (send,) = plan.messages()
    assert send.text == " ".join(map(str, range(200))) + " STOP au 36180"
    assert send.parts == plan.parts == 5


TEXTS = [
    # what                            text       disposition             message
    ("no text at all",                "",        Reason.EMPTY_TEXT,      None),
    ("spaces only",                   " \n ",    Reason.EMPTY_TEXT,      None),
    ("a dollar sign",                 "$$",      None,                   "$ STOP au 36180"),
    ("what Python formats with",      "%s {} %", None,                   "%s {} % STOP au 36180"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason", "message"), [case[1:] for case in TEXTS], ids=[case[0] for case in TEXTS])
def test_a_strange_text(shop, text, reason, message):
    plan = shop.plan(shop.row(), text=sk.Message(text))
    assert dict(plan.reasons) == ({} if reason is None else {reason: 1})
    assert [send.text for send in plan.messages()] == ([] if message is None else [message])


# ---------------------------------------------------------------- strange arguments

WRONG = [
    # what                                      arguments                                               error          says
    ("a date without a time", {"at": date(2026, 6, 24)}, InvalidInput, "date with a time"),
    ("a number as the time", {"at": 5}, InvalidInput, "date with a time"),
    ("a time before the calendar", {"at": "0001-01-01 00:00"}, InvalidInput, "beyond the calendar"),
    ("a time that summer time skips", {"at": "2026-03-29 02:30"}, InvalidInput, "clocks skip it"),
    ("an id that is none", {"id": None}, InvalidInput, "needs an id"),
    ("an id that is a number", {"id": 5}, InvalidInput, "needs an id"),
    ("an id of spaces", {"id": " "}, InvalidInput, "needs an id"),
    ("half an emoji in the id", {"id": HALF}, InvalidInput, "half a character"),
    ("half an emoji in the sender", {"sender": HALF}, InvalidInput, "half a character"),
    ("half an emoji in the advertiser", {"advertiser": HALF}, InvalidInput, "half a character"),
    ("half an emoji in the text", {"text": f"Bonjour {HALF}"}, TemplateError, "index 10.*half"),
    ("a weight below zero", {"variants": {"B": "x"}, "weights": {"A": -1, "B": 1}}, InvalidInput, "above zero"),
    ("a weight that is no number", {"variants": {"B": "x"}, "weights": {"A": float("nan"), "B": 1}}, InvalidInput, "above zero"),
    ("a weight without end", {"variants": {"B": "x"}, "weights": {"A": float("inf"), "B": 1}}, InvalidInput, "add up"),
    ("weights that overflow together", {"variants": {"B": "x"}, "weights": {"A": 1e308, "B": 1e308}}, InvalidInput, "add up"),
    ("weights of a campaign without variants", {"weights": {"A": 1}}, InvalidInput, "there are none"),
    ("a hold-out that is no number", {"holdout": float("nan")}, InvalidInput, "share"),
    ("a zone that does not exist", {"zone": "Mars/Olympus"}, InvalidInput, "no time zone"),
    ("a zone that is a path", {"zone": "../../etc/passwd"}, InvalidInput, "no time zone"),
    ("a zone that is a folder", {"zone": "Europe"}, InvalidInput, "no time zone"),
    ("a budget that is no number", {"budget": "NaN"}, InvalidInput, "amount"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "error", "says"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG])
def test_a_wrong_argument_has_a_clear_error(shop, arguments, error, says):
    rest = {"at": WEDNESDAY, "id": "soldes", "text": "Bonjour $prenom", **arguments}
    at, campaign_id, text = rest.pop("at"), rest.pop("id"), rest.pop("text")
    usual = {"to": shop.contacts(shop.row()), "sender": "MABOUTIQUE", "kind": sk.Kind.MARKETING}
    with pytest.raises(error, match=says):
        sk.Campaign(campaign_id, text, **{**usual, **rest}).plan(at=at, prices=PRICES)


@pytest.mark.parametrize("name", ["soldes/été 2026", "a\nb", "../../etc", "x" * 5_000, "a\0b", "'; DROP TABLE runs"])
def test_any_other_id_is_only_a_name(shop, tmp_path, name):
    campaign = evolve(shop.campaign(shop.contacts(shop.row(), shop.row())), id=name, holdout=0.01)
    with sk.Store(tmp_path / "boutique.db") as store:
        run = campaign.plan(at=WEDNESDAY, prices=PRICES, store=store).send(sk.Sandbox.quiet())
        assert run.account.closes
        assert store.runs(name)[0].run_id == run.id
        again = campaign.plan(at=WEDNESDAY, prices=PRICES, store=store)
        assert again.account.to_send == 0


def test_an_hour_that_comes_twice_is_the_first_of_the_two(shop):
    plan = shop.plan(shop.row(), at="2026-10-25 02:30")
    assert plan.inputs.at == datetime(2026, 10, 25, 0, 30, tzinfo=timezone.utc)


def test_what_costs_nothing_fits_a_budget_of_nothing(shop):
    free = sk.Prices.per_part(FR="0")
    assert shop.plan(shop.row(), prices=free, budget=0).account.to_send == 1
    assert dict(shop.plan(shop.row(), budget="0").reasons) == {Reason.BUDGET: 1}


class NaiveClock:
    def now(self):
        return datetime(2026, 6, 24, 12)

    async def sleep(self, seconds):
        raise AssertionError


def test_a_clock_without_a_zone_is_refused(shop):
    with pytest.raises(NaiveDatetime):
        shop.campaign(shop.contacts(shop.row())).plan(prices=PRICES, clock=NaiveClock())
    plan = shop.plan(shop.row())
    with pytest.raises(NaiveDatetime):
        plan.send(sk.Sandbox.quiet(), clock=NaiveClock())


def test_everybody_held_out_is_said(shop):
    plan = shop.plan(*(shop.row() for _ in range(10)), holdout=0.999_999)
    with pytest.raises(EmptyAudience, match="held_out 10"):
        plan.send(sk.Sandbox.quiet())


# ---------------------------------------------------------------- files

HEADERS = "prenom;mobile;date_optin;origine;desinscrit_le\n"
FILES = [
    # what                          content                              error
    ("an empty file",               "",                                  UnreadableFile),
    ("a file of line ends",         "\n\n \n",                           UnreadableFile),
]  # fmt: skip


@pytest.mark.parametrize(("content", "error"), [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_a_file_without_anything_is_one_clear_error(tmp_path, content, error):
    path = tmp_path / "clients.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(error, match=r"clients\.csv cannot be read"):
        sk.Contacts.read(path, consent=CONSENT)


def test_a_file_of_headers_only_plans_nobody(shop, tmp_path):
    path = tmp_path / "clients.csv"
    path.write_text(HEADERS, encoding="utf-8")
    plan = shop.campaign(sk.Contacts.read(path, consent=CONSENT)).plan(at=WEDNESDAY, prices=PRICES)
    assert (plan.account.rows, plan.account.closes, str(plan)[:6]) == (0, True, "soldes")
    with pytest.raises(EmptyAudience, match="no row"):
        plan.send(sk.Sandbox.quiet())


def _rewritten(text):
    return lambda path: path.write_text(text, encoding="utf-8")


def _appended(text):
    return lambda path: path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def _renamed(old, new):
    return lambda path: path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


MEANWHILE = [
    # what                                   done to the file                              error
    ("it was deleted",                       lambda path: path.unlink(),                   UnreadableFile),
    ("it was emptied",                       _rewritten(""),                               UnreadableFile),
    ("only its headers are left",            _rewritten(HEADERS),                          PlanChanged),
    ("a row was added", _appended("Jo;0612345670;12/03/2025;caisse;\n"), PlanChanged),
    ("a name was changed", _renamed("Anne", "Anna"), PlanChanged),
]  # fmt: skip


@pytest.mark.parametrize(("change", "error"), [case[1:] for case in MEANWHILE], ids=[case[0] for case in MEANWHILE])
@pytest.mark.parametrize("pilot", [False, True])
def test_a_file_that_changed_between_plan_and_send_sends_nothing(shop, tmp_path, change, error, pilot):
    path = tmp_path / "clients.csv"
    rows = "".join(f"{name};{shop.number()};12/03/2025;caisse;\n" for name in ("Marie", "Paul", "Anne"))
    path.write_text(HEADERS + rows, encoding="utf-8")
    store, sandbox = sk.MemoryStore(), sk.Sandbox.quiet()
    campaign = shop.campaign(sk.Contacts.read(path, consent=CONSENT))
    plan = campaign.plan(at=WEDNESDAY, prices=PRICES, store=store)
    change(path)
    with pytest.raises(error):
        (plan.pilot(1) if pilot else plan).send(sandbox)
    assert (sandbox.outbox, store.runs()) == ((), ())


# ---------------------------------------------------------------- pilots and second sendings


@pytest.mark.parametrize("count", [0, -1, -2_000, 1.5, "10", None])
def test_a_pilot_of_no_messages_is_refused(shop, count):
    with pytest.raises(InvalidInput, match="pilot"):
        shop.plan(shop.row()).pilot(count)


@pytest.mark.parametrize("count", [1, 3, 4, 7, 10, 99])
@pytest.mark.parametrize("kept", [True, False], ids=["with a store", "without a store"])
def test_a_pilot_and_then_the_whole_reach_everybody_once(shop, count, kept, monkeypatch):
    monkeypatch.setattr(sending, "BATCH", 4)
    plan = shop.plan(*(shop.row() for _ in range(10)), store=sk.MemoryStore() if kept else None)
    sandbox = sk.Sandbox.quiet()
    pilot = plan.pilot(count)
    assert f"only the first {count} are sent" in str(pilot)
    assert pilot.send(sandbox).account.accepted == min(count, 10)
    assert [message.number for message in sandbox.outbox] == [send.number for send in plan.messages(count)]
    run = plan.send(sandbox)
    assert len({message.number for message in sandbox.outbox}) == len(sandbox.outbox) == 10
    assert dict(run.differences) == {Reason.ALREADY_SENT: min(count, 10)}


def test_a_plan_without_a_store_sent_twice_sends_once(shop):
    plan = shop.plan(shop.row(), shop.row())
    sandbox = sk.Sandbox.quiet(starts_at=plan.inputs.at)
    assert plan.send(sandbox).account.accepted == plan.send(sandbox).account.accepted == 2
    assert len(sandbox.outbox) == 2
    assert sandbox.duplicates == ()


# ---------------------------------------------------------------- another carrier than planned


def test_a_text_that_sells_is_held_to_the_mention_that_was_planned_whatever_its_kind_says(shop):
    plan = shop.plan(shop.row(), kind=sk.Kind.NOTIFICATION, text="$prenom, -20% : code ETE")
    assert next(plan.messages()).text.endswith("STOP au 36180")
    other = sk.Sandbox(features=evolve(sk.Sandbox().features, stop={"*": StopForm("STOP 36111")}))
    with pytest.raises(PlanChanged, match="STOP mention"):
        plan.send(other)


def test_a_carrier_with_other_hours_than_planned_is_refused(shop):
    windows = {"FR": Window(time(10), time(11))}
    plan = shop.plan(shop.row())
    with pytest.raises(PlanChanged, match="hours"):
        plan.send(sk.Sandbox(features=evolve(sk.Sandbox().features, windows=windows)))


# ---------------------------------------------------------------- trying it on oneself

TRIED = [
    # what                                arguments
    ("as it is",                          {}),
    ("with a mention of its own",         {"text": "Bonjour $prenom STOP au 36180"}),
    ("a notice",                          {"kind": sk.Kind.NOTIFICATION}),
    ("a notice that sells",               {"kind": sk.Kind.NOTIFICATION, "text": "$prenom, -20% : code ETE"}),
    ("folded",                            {"text": sk.Message("Noël $prenom", fold="french")}),
]  # fmt: skip


@pytest.mark.parametrize("arguments", [case[1] for case in TRIED], ids=[case[0] for case in TRIED])
@pytest.mark.parametrize("printed", [False, True], ids=["our mention", "the carrier's mention"])
def test_a_test_says_what_the_contact_would_read(shop, arguments, printed):
    stop = {"*": StopForm("STOP au 36180", printed_by_transport=printed)}
    sandbox = sk.Sandbox.quiet()
    sandbox.features = evolve(sandbox.features, stop=stop)
    text = arguments.get("text", "Bonjour $prenom")
    rest = {name: value for name, value in arguments.items() if name != "text"}
    campaign = shop.campaign(shop.contacts(shop.row(prenom="Zoé")), text, **rest)
    (planned,) = campaign.plan(at=WEDNESDAY, prices=PRICES, transport=sandbox).messages()
    sent = campaign.test("+33612345678", as_contact=2, transport=sandbox)
    assert (sent.text, sandbox.outbox[-1].text) == (planned.text, planned.text)


TESTS = [
    # what                                  number            arguments                         error          says
    ("an arm that does not exist", "+33612345678", {"as_contact": 2, "arm": "Z"}, InvalidInput, "no arm 'Z'"),
    ("a row behind the last", "+33612345678", {"as_contact": 99}, InvalidInput, "no row 99"),
    ("a row before the first", "+33612345678", {"as_contact": -1}, InvalidInput, "no row -1"),
    ("a contact without what is said", "+33612345678", {"as_contact": {}}, UnknownColumn, "prenom"),
    ("a fixed line",                        "01 42 68 53 00", {"as_contact": 2},                InvalidInput,  "•"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "arguments", "error", "says"), [c[1:] for c in TESTS], ids=[c[0] for c in TESTS])
def test_a_test_that_cannot_be_says_why(shop, number, arguments, error, says):
    sandbox = sk.Sandbox.quiet()
    with pytest.raises(error, match=says):
        shop.campaign(shop.contacts(shop.row())).test(number, transport=sandbox, **arguments)
    assert sandbox.outbox == ()


# ---------------------------------------------------------------- two islands

ISLANDS = [
    # what                        postal code
    ("Saint-Martin",              "97150"),
    ("Saint-Barthélemy",          "97133"),
]  # fmt: skip


@pytest.mark.parametrize("code", [case[1] for case in ISLANDS], ids=[case[0] for case in ISLANDS])
def test_an_island_is_billed_by_its_number_and_not_by_its_postal_code(shop, code):
    there = shop.row(mobile="0690 27 12 34", code_postal=code)
    plan = shop.plan(there, shop.row())
    assert dict(plan.parts_by_country) == {"GP": 1, "FR": 1}
    filler = [shop.row() for _ in range(2_500)]
    objecting = shop.plan(there, *filler, {**there, "desinscrit_le": "oui"})
    assert dict(objecting.parts_by_country) == {"FR": 2_500}
    assert str(objecting.cost.amount) == "112.5"


# ---------------------------------------------------------------- what a plan does not do, and does not show


def test_planning_writes_nothing_and_opens_no_socket(shop, tmp_path, monkeypatch):
    def refused(*arguments, **rest):
        raise AssertionError("a socket")

    path = tmp_path / "boutique.db"
    store = sk.Store(path)
    before = list(store._database.read("SELECT * FROM sqlite_master")), store.runs(), path.read_bytes()
    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    plan = shop.plan(shop.row(), shop.row(prenom="Anaïs"), store=store, holdout=0.2)
    list(plan.messages())
    str(plan), plan._repr_html_(), plan.to_dict()
    assert (list(store._database.read("SELECT * FROM sqlite_master")), store.runs(), path.read_bytes()) == before


def test_nothing_that_is_shown_or_logged_holds_a_number_or_a_text(shop, caplog):
    caplog.set_level(logging.DEBUG)
    rows = [shop.row(prenom="Philomène", mobile=number) for number in ("0612345678", "0612345678", "+33 6 12 34 5")]
    message = sk.Message("Bonjour $prenom", max_parts=1)
    plan = shop.plan(*rows, text=message, store=sk.MemoryStore())
    run = plan.send(sk.Sandbox.quiet())
    sends = [*plan.messages(), *run.sends()]
    shown = [
        repr(plan),
        str(plan),
        plan._repr_html_(),
        repr(plan.inputs),
        repr(run),
        str(run),
        repr(sends),
        caplog.text,
    ]
    for text in shown:
        assert "12345678" not in text.replace(" ", "")
        assert "Bonjour Philomène" not in text


def test_half_a_character_is_found():
    assert is_whole("Zoé 😀")
    assert not is_whole(HALF)


# ---------------------------------------------------------------- the disk


def test_a_disk_that_fills_while_the_plan_is_written_loses_nothing(shop, tmp_path):
    rows = [shop.row() for _ in range(3_000)]
    store = sk.Store(tmp_path / "boutique.db")
    plan = shop.plan(*rows, store=store)
    pages = store._database.read("PRAGMA page_count")[0][0]
    store._database.read(f"PRAGMA max_page_count = {pages + 20}")
    sandbox = sk.Sandbox.quiet()
    with pytest.raises(StoreFull, match=r"no room is left on the disk.*nothing was lost"):
        plan.send(sandbox)
    assert (sandbox.outbox, store.runs()) == ((), ())
    store._database.read("PRAGMA max_page_count = 1073741823")
    assert plan.send(sandbox).account.accepted == 3_000
    store.close()


def test_a_disk_that_fills_while_answers_are_recorded_leaves_one_batch_in_doubt(shop, tmp_path):
    store = sk.Store(tmp_path / "boutique.db")
    plan = shop.plan(*(shop.row() for _ in range(300)), store=store)
    sandbox = sk.Sandbox.quiet(starts_at=plan.inputs.at)
    run = plan.load(sandbox)

    def fill(progress):
        settle = store.settle

        def full(run_id, settlements):
            store.settle = settle
            raise StoreFull("boutique.db")

        store.settle = full

    with pytest.raises(StoreFull):
        run.resume(on_progress=fill)
    account = run.account
    assert (account.accepted, account.in_doubt, account.remaining) == (100, 100, 100)
    assert run.resume().account.accepted == 300
    assert len({message.number for message in sandbox.outbox}) == 300
    assert sandbox.taken == 300
    store.close()


def test_late_is_measured_on_an_aware_clock(shop):
    plan = shop.plan(shop.row())
    on_time = sk.VirtualClock(plan.inputs.at + timedelta(minutes=14))
    assert plan.send(sk.Sandbox.quiet(), clock=on_time).account.accepted == 1


def test_a_territory_without_a_way_to_object_is_hinted_at():
    contacts = sk.Contacts.read(
        [
            {"tel": "0692123456", "optin": "2026-05-01", "source": "site"},
            {"tel": "0612345678", "optin": "2026-05-01", "source": "site"},
        ],
        consent=sk.ConsentColumns(granted_at="optin", source="source"),
    )
    campaign = sk.Campaign("x", "Soldes", to=contacts, sender="MABOUTIQUE", kind=sk.Kind.MARKETING)
    prices = sk.Prices.per_part("0.07")
    plan = campaign.plan(at="2026-06-24 12:00", prices=prices, transport=SmsMode(key="k"))
    assert "1 contacts would have no way to object" in str(plan)
