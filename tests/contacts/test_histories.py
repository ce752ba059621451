"""Consents out of a file: what its columns of evidence say, as events."""

from datetime import datetime, timezone

import pytest

from smskit.contacts import ConsentColumns, Contacts, consent_events
from smskit.errors import InvalidInput, NaiveDatetime
from smskit.records import ConsentAction

NOW = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
MARCH = datetime(2025, 3, 11, 23, tzinfo=timezone.utc)  # midnight of the 12th in Paris
MAY = datetime(2026, 5, 1, 22, tzinfo=timezone.utc)
COLUMNS = ConsentColumns(
    granted_at="optin", source="origine", withdrawn_at="parti", opted_out="refus", wording="phrase", channel="canal"
)
GIVEN, GONE = ConsentAction.GRANTED, ConsentAction.WITHDRAWN

CELLS = [
    # what                                          cells                                           events
    ("nothing is said",                             {},                                             []),
    ("a consent",                                   {"optin": "12/03/2025"},                        [(GIVEN, MARCH)]),
    ("a consent nobody can date is none",           {"optin": "jadis"},                             []),
    ("a yes without a date is none",                {"optin": "oui"},                               []),
    ("a consent and a withdrawal",                  {"optin": "12/03/2025", "parti": "02/05/2026"}, [(GIVEN, MARCH), (GONE, MAY)]),
    ("a withdrawal without a date is as of now",    {"parti": "oui"},                               [(GONE, NOW)]),
    ("a withdrawal nobody can date too",            {"parti": "au printemps"},                      [(GONE, NOW)]),
    ("no withdrawal",                               {"parti": "non"},                               []),
    ("a refusal",                                   {"refus": "x"},                                 [(GONE, NOW)]),
    ("no refusal",                                  {"refus": "0"},                                 []),
    ("a refusal is as of the withdrawal's date",    {"refus": "oui", "parti": "02/05/2026"},        [(GONE, MAY)]),
    ("a row without a mobile says nothing",         {"mobile": "0142685300", "optin": "12/03/2025"}, []),
]  # fmt: skip


def contacts(**cells: str) -> Contacts:
    empty = dict.fromkeys(("optin", "origine", "parti", "refus", "phrase", "canal"), "")
    return Contacts.read([{"mobile": "0612345678", **empty, **cells}], consent=COLUMNS)


@pytest.mark.parametrize(("cells", "events"), [row[1:] for row in CELLS], ids=[row[0] for row in CELLS])
def test_what_a_row_says(cells, events):
    assert [(event.action, event.at) for event in consent_events(contacts(**cells), at=NOW)] == events


def test_the_evidence_goes_with_it():
    row = contacts(optin="12/03/2025", origine="caisse", phrase="J'accepte", canal="SMS")
    (event,) = consent_events(row, at=NOW, advertiser="Boutique", file="clients.csv")
    assert (event.number, event.source, event.channel, event.advertiser, event.wording, event.evidence) == (
        33612345678, "caisse", "sms", "Boutique", "J'accepte", "clients.csv row 2",
    )  # fmt: skip


def test_what_cannot_be_asked():
    with pytest.raises(InvalidInput, match="ConsentColumns"):
        consent_events(Contacts.read([{"mobile": "0612345678"}]), at=NOW)
    with pytest.raises(NaiveDatetime):
        consent_events(contacts(), at=datetime(2026, 1, 1))
