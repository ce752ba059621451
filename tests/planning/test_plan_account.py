"""Each row has exactly one disposition, the first that fits it, and the account closes."""

import csv
import io
import json
from datetime import datetime, timezone

import pytest

import smskit as sk
from smskit.kinds import Reason
from smskit.records import ConsentAction, ConsentEvent, Suppression

ROWS = [
    # what                                          cells                                                     reason
    ("a contact with everything is sent to",        {},                                                       None),
    ("a cell without a number",                     {"mobile": ""},                                           Reason.MISSING_NUMBER),
    ("spreadsheet notation is not guessed at",      {"mobile": "6,12346E+08"},                                Reason.INVALID_NUMBER),
    ("two numbers in a cell are not guessed at",    {"mobile": "06 12 34 56 78 / 07 12 34 56 78"},            Reason.INVALID_NUMBER),
    ("a range that France does not dial",           {"mobile": "0639980000"},                                 Reason.INVALID_NUMBER),
    ("a fixed line",                                {"mobile": "01 42 68 53 00"},                             Reason.NOT_MOBILE),
    ("a country without a price, left out",         {"mobile": "+32470123456"},                               Reason.NO_PRICE),
    ("no consent at all",                           {"date_optin": "", "origine": ""},                        Reason.NO_CONSENT),
    ("a consent that nobody can date",              {"date_optin": "un jour"},                                Reason.NO_CONSENT),
    ("a consent older than three years",            {"date_optin": "01/02/2020"},                             Reason.CONSENT_EXPIRED),
    ("an opposition after the consent",             {"desinscrit_le": "01/05/2026"},                          Reason.OPTED_OUT),
    ("an opposition on the day of the consent",     {"desinscrit_le": "12/03/2025"},                          Reason.OPTED_OUT),
    ("an opposition without a date",                {"desinscrit_le": "oui"},                                 Reason.OPTED_OUT),
    ("an opposition that nobody can read",          {"desinscrit_le": "la semaine dernière"},                 Reason.OPTED_OUT),
    ("a consent given again after an opposition",   {"desinscrit_le": "01/05/2024"},                          None),
    ("a value that the text needs",                 {"prenom": "  "},                                         Reason.MISSING_VARIABLE),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "reason"), [case[1:] for case in ROWS], ids=[case[0] for case in ROWS])
def test_one_row_has_the_first_reason_that_fits(shop, cells, reason):
    prices = sk.Prices.per_part(FR="0.045", without_price="leave_out")
    plan = shop.plan(shop.row(**cells), prices=prices)
    assert plan.account.closes
    assert dict(plan.reasons) == ({} if reason is None else {reason: 1})
    assert plan.account.to_send == (reason is None)


def test_the_order_of_reasons_is_that_of_the_vocabulary(shop):
    # This row fails every question: the first one is its reason.
    row = shop.row(mobile="", date_optin="", prenom="", ca="1")
    contacts = shop.contacts(row).where(sk.F.ca >= 50)
    plan = shop.campaign(contacts).plan(at="2026-06-24 12:00", prices=sk.Prices.per_part(FR="0.045"))
    assert dict(plan.reasons) == {Reason.NOT_IN_SEGMENT: 1}


def test_a_number_written_in_two_ways_is_sent_to_once_and_billed_once(shop):
    number = shop.number()
    plan = shop.plan(shop.row(mobile=number), shop.row(mobile=f"0{number[3:]}"), shop.row(mobile=f"0033{number[3:]}"))
    assert (plan.account.to_send, plan.parts) == (1, 1)
    assert dict(plan.reasons) == {Reason.DUPLICATE: 2}


OPPOSED_ELSEWHERE = [
    # what                                       rows before            rows after
    ("on a later row",                           [],                    [{"desinscrit_le": "01/05/2026"}]),
    ("on an earlier row",                        [{"desinscrit_le": "01/05/2026"}], []),
    ("two thousand rows later",                  [],                    [None] * 2_500 + [{"desinscrit_le": "oui"}]),
    ("on a later row outside the segment",       [],                    [{"desinscrit_le": "01/05/2026", "ca": "1"}]),
    ("on an earlier row outside the segment",    [{"desinscrit_le": "01/05/2026", "ca": "1"}], []),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [c[1:] for c in OPPOSED_ELSEWHERE], ids=[c[0] for c in OPPOSED_ELSEWHERE])
def test_a_person_who_objects_on_one_row_objects_on_all(shop, before, after):
    number = shop.number()
    rows = [shop.row(mobile=number, **cells) for cells in before]
    rows.append(shop.row(mobile=number))
    rows += [shop.row() if cells is None else shop.row(mobile=number, **cells) for cells in after]
    contacts = shop.contacts(*rows).where(sk.F.ca >= 50)
    plan = shop.campaign(contacts).plan(at="2026-06-24 12:00", prices=sk.Prices.per_part(FR="0.045"))
    assert plan.account.closes
    assert number not in {f"+{send.number}" for send in plan.messages()}
    assert plan.parts == plan.account.to_send == sum(cells is None for cells in after)


def test_what_the_store_knows_of_a_person_counts(shop):
    store = sk.MemoryStore()
    stopped, dead, revived, consenting = (int(shop.number()[1:]) for _ in range(4))
    long_ago = datetime(2026, 1, 1, tzinfo=timezone.utc)
    store.suppress([
        Suppression(stopped, Reason.OPTED_OUT, long_ago, "STOP"),
        Suppression(dead, Reason.SUPPRESSED, long_ago, "run 1"),
        Suppression(revived, Reason.SUPPRESSED, long_ago, "run 1", until=datetime(2026, 3, 1, tzinfo=timezone.utc)),
    ])  # fmt: skip
    store.record_consents([ConsentEvent(consenting, ConsentAction.GRANTED, long_ago, "site web")])
    plan = shop.plan(
        shop.row(mobile=f"+{stopped}"), shop.row(mobile=f"+{dead}"), shop.row(mobile=f"+{revived}"),
        shop.row(mobile=f"+{consenting}", date_optin="", origine=""), store=store,
    )  # fmt: skip
    assert dict(plan.reasons) == {Reason.OPTED_OUT: 1, Reason.SUPPRESSED: 1}
    assert {send.number for send in plan.messages()} == {revived, consenting}


def test_a_consent_in_the_file_given_after_the_stop_lifts_it_and_an_older_one_does_not(shop):
    store = sk.MemoryStore()
    numbers = [int(shop.number()[1:]) for _ in range(2)]
    stop = datetime(2026, 1, 1, tzinfo=timezone.utc)
    store.suppress([Suppression(number, Reason.OPTED_OUT, stop, "STOP") for number in numbers])
    plan = shop.plan(
        shop.row(mobile=f"+{numbers[0]}", date_optin="15/02/2026"),
        shop.row(mobile=f"+{numbers[1]}", date_optin="15/12/2025"),
        store=store,
    )
    assert [send.number for send in plan.messages()] == [numbers[0]]


def test_a_notification_asks_for_no_consent_and_a_suppressed_number_gets_nothing(shop):
    store = sk.MemoryStore()
    stopped, dead = (int(shop.number()[1:]) for _ in range(2))
    store.suppress([
        Suppression(stopped, Reason.OPTED_OUT, datetime(2026, 1, 1, tzinfo=timezone.utc), "STOP"),
        Suppression(dead, Reason.SUPPRESSED, datetime(2026, 1, 1, tzinfo=timezone.utc), "run 1"),
    ])  # fmt: skip
    rows = [shop.row(mobile=f"+{number}", date_optin="") for number in (stopped, dead)]
    plan = shop.plan(*rows, kind=sk.Kind.NOTIFICATION, text="$prenom, votre commande est prête.", store=store)
    assert [send.number for send in plan.messages()] == [stopped]
    assert "STOP" not in next(plan.messages()).text


def test_exports_hold_every_row_once_and_mask_numbers(shop, tmp_path):
    rows = [shop.row(), shop.row(mobile="06 12 34"), shop.row(mobile="0696123456")]
    plan = shop.plan(*rows)
    file = io.StringIO()
    plan.to_csv(file)
    told = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [line["row"] for line in told] == ["2", "3", "4"]
    assert [line["disposition"] for line in told] == ["to_send", "invalid_number", "deferred"]
    assert rows[0]["mobile"] not in file.getvalue()
    assert told[0]["text"] == "Bonjour Marie STOP au 36180"
    plan.to_jsonl(tmp_path / "plan.jsonl", show_numbers=True)
    lines = [json.loads(line) for line in (tmp_path / "plan.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["number"] for line in lines] == [rows[0]["mobile"], "", "+596696123456"]


def test_blank_lines_of_a_file_keep_the_rows_that_a_person_counts(shop, tmp_path):
    path = tmp_path / "clients.csv"
    one, two = shop.number(), shop.number()
    path.write_text(f"prenom;mobile;date_optin;origine;desinscrit_le\nMarie;{one};12/03/2025;caisse;\n;;;;\n"
                    f"Jean;{two};12/03/2025;caisse;\n", encoding="utf-8")  # fmt: skip
    consent = sk.ConsentColumns(granted_at="date_optin", source="origine")
    contacts = sk.Contacts.read(path, consent=consent)
    plan = shop.campaign(contacts).plan(at="2026-06-24 12:00", prices=sk.Prices.per_part(FR="0.045"))
    assert [row for row, _, _ in plan.rows()] == [2, 4]
    assert [send.row for send in plan.messages()] == [2, 4]


UNNAMED = [
    # what                                   header              cell            opposed
    ("a French header with a date",          "Désinscrit le",    "01/05/2026",   True),
    ("an English header with a yes",         "Unsubscribed",     "yes",          True),
    ("a no is no opposition",                "Opt-out",          "non",          False),
    ("an empty cell is none",                "STOP SMS",         "",             False),
    ("a date before the consent is lifted",  "Désabonné le",     "01/05/2020",   False),
    ("a bus stop is none",                   "Arrêt de bus",     "Mairie",       False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "cell", "opposed"), [case[1:] for case in UNNAMED], ids=[case[0] for case in UNNAMED]
)
def test_a_column_of_opt_outs_that_nobody_named_is_obeyed_and_said(shop, header, cell, opposed):
    row = {"mobile": shop.number(), "optin": "12/03/2025", "origine": "caisse", header: cell}
    contacts = sk.Contacts.read([row], consent=sk.ConsentColumns(granted_at="optin", source="origine"))
    plan = shop.campaign(contacts, "Bonjour").plan(at="2026-06-24 12:00", prices=sk.Prices.per_part("0.05"))
    assert plan.account.to_send == (not opposed)
    assert ("looks like opt-outs" in str(plan.warnings)) == (header != "Arrêt de bus")


def test_what_is_missing_of_the_evidence_is_said(shop):
    row = {"mobile": shop.number(), "optin": "12/03/2025", "origine": "caisse"}
    for consent, says in (
        (None, "no column of consents"),
        (sk.ConsentColumns(granted_at="optin"), "ConsentColumns(source="),
    ):
        contacts = sk.Contacts.read([row], consent=consent)
        plan = shop.campaign(contacts, "Bonjour").plan(at="2026-06-24 12:00", prices=sk.Prices.per_part("0.05"))
        assert plan.account.to_send == 0
        assert says in str(plan.warnings)
