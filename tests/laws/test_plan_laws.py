"""Laws of plans: whatever the file and the store say, the account closes and nobody who objected is written to."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from itertools import islice
from random import Random
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

import smskit as sk
from smskit.encoding import measure
from smskit.kinds import Reason
from smskit.planning import make, sending
from smskit.records import ConsentAction, ConsentEvent, Suppression
from smskit.testing.numbers import mobile_numbers

PARIS = ZoneInfo("Europe/Paris")
NUMBERS = [
    *islice(mobile_numbers("FR", 3), 6),
    *islice(mobile_numbers("GP", 3), 2),
    *islice(mobile_numbers("BE", 3), 1),
]
NO_NUMBERS = ["", "06 12 34", "6,12346E+08", "01 42 68 53 00", "06 12 34 56 78 / 07 12 34 56 78", "+999 123", None, 0]
HALF = json.loads('"Zo\\ud83d"')
PRICES = sk.Prices.per_part(FR="0.045", GP="0.0715", without_price="leave_out")
CONSENT = sk.ConsentColumns(granted_at="date_optin", source="origine", withdrawn_at="desinscrit_le")

# What a cell says, and the day it means: None is no day, and "oui" means as of the plan.
GRANTED = {
    "": None,
    "un jour": None,
    "12/03/2025": (2025, 3, 12),
    "01/02/2020": (2020, 2, 1),
    "20/05/2026": (2026, 5, 20),
}
WITHDRAWN = {
    "": None,
    "non": None,
    "oui": (9999, 1, 1),
    "jadis": (9999, 1, 1),
    "01/05/2024": (2024, 5, 1),
    "01/05/2026": (2026, 5, 1),
}
DAYS = [(2020, 6, 1), (2025, 6, 1), (2026, 6, 1)]


def instant(day: tuple[int, int, int]) -> datetime:
    return datetime(*day, 12, tzinfo=timezone.utc)


def written(number: int, shape: int) -> str:
    """Write a number as people do."""
    national = f"0{str(number)[2:]}" if 33_600_000_000 <= number < 33_800_000_000 else f"+{number}"
    shapes = (f"+{number}", f"00{number}", national, f" {national} ", f"+{number}".replace("+33", "+33(0)"))
    return shapes[shape % len(shapes)]


@define
class Case:
    """A file, a store and a campaign, as plain values."""

    rows: Sequence[Mapping[str, object]]
    owners: Sequence[int]
    suppressions: Sequence[Suppression] = ()
    consents: Sequence[ConsentEvent] = ()
    at: str = "2026-06-24 12:00"
    arguments: Mapping[str, object] = field(factory=dict)
    in_segment: bool = False

    def plan(self) -> sk.Plan:
        store = sk.MemoryStore()
        store.suppress(self.suppressions)
        store.record_consents(self.consents)
        changes = store._database._connection.total_changes
        contacts = sk.Contacts.read(list(self.rows), region="FR", mobile="mobile", consent=CONSENT)
        contacts = contacts.where(sk.F.ca >= 50) if self.in_segment else contacts
        usual = {"to": contacts, "sender": "MABOUTIQUE", "kind": sk.Kind.MARKETING}
        plan = sk.Campaign("soldes", "Bonjour $prenom", **{**usual, **self.arguments}).plan(
            at=self.at, prices=PRICES, store=store
        )
        assert store._database._connection.total_changes == changes, "a plan was written down"
        return plan

    def objects(self, number: int, at: datetime) -> bool:
        """Whether the last word of *number*, anywhere, is a no: read as plainly as can be."""
        mine = [row for row, owner in zip(self.rows, self.owners, strict=True) if owner == number]
        taken = [WITHDRAWN[str(row["desinscrit_le"])] for row in mine]
        given = [GRANTED[str(row["date_optin"])] for row in mine]
        no = [datetime(*day, tzinfo=PARIS) for day in taken if day]
        yes = [datetime(*day, tzinfo=PARIS) for day in given if day]
        no += [entry.at for entry in self.suppressions if entry.number == number and entry.reason is Reason.OPTED_OUT]
        for event in self.consents:
            if event.number == number:
                (no if event.action is ConsentAction.WITHDRAWN else yes).append(event.at)
        ours = [e for e in self.suppressions if e.number == number and e.reason is Reason.SUPPRESSED]
        # Our own latest entry counts: we may shorten what we began. One of an instant that lasts longer is the later.
        last = max(ours, key=lambda one: (one.at, one.until is None, one.until or one.at), default=None)
        if last is not None and (last.until is None or last.until > at):
            return True
        return bool(no) and max(no) > max(yes, default=datetime(1, 1, 2, tzinfo=timezone.utc))


def row_of(number: int | None, shape: int, bad: object, cells: Mapping[str, str]) -> dict[str, object]:
    return {"mobile": bad if number is None else written(number, shape), "origine": "caisse", **cells}


cells = st.fixed_dictionaries(
    {
        "prenom": st.sampled_from(["Marie", "Marie", "Anaïs", "Zoé", "", "x" * 200, HALF]),
        "date_optin": st.sampled_from(["12/03/2025", "12/03/2025", *GRANTED]),
        "desinscrit_le": st.sampled_from(["", "", "", *WITHDRAWN]),
        "ca": st.sampled_from(["100", "1", ""]),
        "code_postal": st.sampled_from(["75011", "67000", "57000", "97150", "97133", ""]),
    }
)
row = st.tuples(st.sampled_from([*NUMBERS, *NUMBERS, None]), st.integers(0, 4), st.sampled_from(NO_NUMBERS), cells)
suppression = st.builds(
    lambda number, reason, day, until: Suppression(
        number, reason, instant(day), "liste", instant(until) if until and reason is Reason.SUPPRESSED else None
    ),
    st.sampled_from(NUMBERS),
    st.sampled_from([Reason.OPTED_OUT, Reason.SUPPRESSED]),
    st.sampled_from(DAYS),
    st.sampled_from([None, (2026, 6, 23), (2026, 7, 1)]),
)
consent = st.builds(
    lambda number, action, day: ConsentEvent(number, action, instant(day), "site web"),
    st.sampled_from(NUMBERS),
    st.sampled_from(ConsentAction),
    st.sampled_from(DAYS),
)
arguments = st.fixed_dictionaries(
    {},
    optional={
        "holdout": st.sampled_from([0.2, 0.9]),
        "variants": st.sampled_from([{"B": "Salut ${prenom|vous}"}, {"B": "Salut", "C": "Bonsoir $prenom !"}]),
        "budget": st.sampled_from(["0", "0.1", "0.2"]),
        "defer": st.booleans(),
        "countries": st.sampled_from([{"FR"}, {"GP"}]),
    },
)
cases = st.builds(
    lambda rows, suppressions, consents, at, arguments, in_segment: Case(
        [row_of(*one) for one in rows], [one[0] or 0 for one in rows], suppressions, consents, at, arguments, in_segment
    ),
    st.lists(row, min_size=1, max_size=25),
    st.lists(suppression, max_size=3),
    st.lists(consent, max_size=3),
    st.sampled_from(["2026-06-24 12:00", "2026-06-24 23:30", "2026-06-28 12:00", "2026-06-24 21:00"]),
    arguments,
    st.booleans(),
)


def look_at(case: Case, plan: sk.Plan) -> None:
    """Hold a plan to everything that holds for every plan."""
    account, rows, messages = plan.account, list(plan.rows()), list(plan.messages())
    assert account.closes
    assert account.rows == len(rows) == len(case.rows)
    counted = Counter(disposition for _, _, disposition in rows)
    told = {"to_send": account.to_send, "held_out": account.held_out, "deferred": account.deferred}
    assert counted == Counter(told) + Counter({reason.value: count for reason, count in account.blocked.items()})

    kept = [(number, place, word) for place, number, word in rows if word in told]
    assert [(send.number, send.row) for send in messages] == [one[:2] for one in kept if one[2] != "held_out"]
    assert len({number for number, _, _ in kept}) == len(kept), "a number twice"
    objecting = [number for number, _, _ in kept if case.objects(number, plan.inputs.at)]
    assert not objecting, "somebody who objected"

    parts = [measure(send.text).parts for send in messages]
    assert parts == [send.parts for send in messages]
    assert plan.parts == sum(parts)
    micros = [(71_500 if str(send.number).startswith("590") else 45_000) * send.parts for send in messages]
    assert [send.price_micros for send in messages] == micros
    assert plan.cost.micros == sum(micros)
    budget = case.arguments.get("budget")
    assert budget is None or sum(micros) <= float(str(budget)) * 1e6
    at = plan.inputs.at.timestamp()
    assert sum(send.not_before > at for send in messages) == account.deferred


@given(cases)
@settings(max_examples=250, deadline=None)
def test_a_plan_accounts_for_every_row_and_writes_to_nobody_who_objected(case: Case) -> None:
    look_at(case, case.plan())


@given(cases, st.integers(1, 9))
@settings(max_examples=120, deadline=None)
def test_the_same_inputs_give_the_same_plan_however_many_rows_are_read_at_once(case: Case, size: int) -> None:
    whole = case.plan()
    assert case.plan().digest == whole.digest
    with patch.object(make, "BATCH", size), patch.object(sending, "BATCH", size):
        cut = case.plan()
        look_at(case, cut)
    if "budget" not in case.arguments:
        # With a budget, an objection in a later batch comes when its message has already taken its share.
        assert list(cut.rows()) == list(whole.rows())
        assert list(cut.messages()) == list(whole.messages())
        assert (cut.cost, cut.parts_by_country) == (whole.cost, whole.parts_by_country)


ITS_OWN = (Reason.NOT_IN_SEGMENT, Reason.MISSING_NUMBER, Reason.INVALID_NUMBER, Reason.NOT_MOBILE, Reason.NO_PRICE)
"""Reasons that a row has by itself; among the others the first row of a number counts, so that order matters."""


@given(cases, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_rows_changes_no_reason_that_a_row_has_by_itself(case: Case, random: Random) -> None:
    plan = case.plan()
    places = list(range(len(case.rows)))
    random.shuffle(places)
    shuffled = Case(
        [case.rows[place] for place in places], [case.owners[place] for place in places], case.suppressions,
        case.consents, case.at, case.arguments, case.in_segment,
    )  # fmt: skip
    again = shuffled.plan()
    look_at(shuffled, again)
    assert [plan.reasons.get(reason) for reason in ITS_OWN] == [again.reasons.get(reason) for reason in ITS_OWN]


@pytest.mark.parametrize("seed", range(4))
def test_large_files_keep_the_laws_across_batches(seed: int) -> None:
    random = Random(seed)
    numbers = [*islice(mobile_numbers("FR", seed), 2_500), *islice(mobile_numbers("GP", seed), 100)]
    owners = [random.choice(numbers) if random.random() < 0.95 else 0 for _ in range(6_000)]
    rows = [
        row_of(owner or None, random.randrange(5), random.choice(NO_NUMBERS), {
            "prenom": random.choice(["Marie", "Anaïs", "Zoé", ""]), "ca": random.choice(["100", "1"]),
            "date_optin": random.choice(["12/03/2025"] * 8 + list(GRANTED)),
            "desinscrit_le": random.choice([""] * 40 + list(WITHDRAWN)), "code_postal": random.choice(["75011", "97150"]),
        })
        for owner in owners
    ]  # fmt: skip
    opposed = [Suppression(n, Reason.OPTED_OUT, instant((2026, 6, 1)), "STOP") for n in random.sample(numbers, 50)]
    rest = {"holdout": 0.1, "variants": {"B": "Salut $prenom"}} if seed % 2 else {}
    case = Case(rows, owners, opposed, in_segment=seed > 1, arguments=rest)
    plan = case.plan()
    look_at(case, plan)
    assert plan.account.to_send > 500
    assert {Reason.OPTED_OUT, Reason.DUPLICATE} <= set(plan.reasons)
    with patch.object(make, "BATCH", 7_000), patch.object(sending, "BATCH", 7_000):
        once = case.plan()
        assert list(once.rows()) == list(plan.rows())
        assert list(once.messages()) == list(plan.messages())


def test_no_plan_opens_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: object, **rest: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    rows = [row_of(number, shape, None, {"prenom": "Marie", "date_optin": "12/03/2025", "desinscrit_le": "", "ca": "100",
                                         "code_postal": "75011"}) for shape, number in enumerate(NUMBERS)]  # fmt: skip
    assert Case(rows, NUMBERS).plan().account.to_send == 6
