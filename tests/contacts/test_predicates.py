from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from attrs import frozen

from smskit.contacts.conditions import AllOf, AnyOf, Predicate
from smskit.contacts.predicates import F, Past, SegmentContext, tagged
from smskit.errors import InvalidInput, NaiveDatetime, UnknownColumn
from smskit.records import Engagement

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 6, 24, 12, tzinfo=PARIS)


@frozen
class Table:
    columns: Mapping[str, Sequence[str]]
    numbers: Sequence[int] = ()

    @property
    def size(self) -> int:
        return len(self.numbers) or len(next(iter(self.columns.values()), ()))


def context(table: Table, **more: object) -> SegmentContext:
    def resolve(name: str) -> str | None:
        return name if name in table.columns else None

    return SegmentContext(NOON, resolve, **more)  # type: ignore[arg-type]


def judged(predicate: Predicate, *cells: str) -> str:
    """Give a letter for each cell of column x: Y, n, or ? when it is not known."""
    table = Table({"x": cells})
    answers = predicate.answers(table, context(table))
    mask = predicate.mask(table, context(table))
    against = (~predicate).mask(table, context(table))
    letters = "".join("Y" if yes else "n" if no else "?" for yes, no in zip(mask, against, strict=True))
    assert not any(yes and no for yes, no in zip(mask, against, strict=True))
    assert (answers.matches, answers.missing) == (letters.count("Y"), letters.count("?"))
    return letters


JUDGED = [
    # what                                        condition                  cells                      answers
    ("at least, on numbers as they are written", F.x >= 200, ("200", "199,99", "1 234,56 €", ""), "YnY?"),
    ("below", F.x < 200, ("200", "199.99", "-5", "mille"), "nYY?"),
    ("above", F.x > 1.5, ("1,5", "1,51"), "nY"),
    ("at most", F.x <= 1, ("1", "1,01"), "Yn"),
    ("a number is the same in all its shapes", F.x == 1234.5, ("1 234,50", "1234.5", "1234"), "YYn"),
    ("a decimal is exact", F.x == Decimal("0.1"), ("0,1", "0.10", "0.11"), "YYn"),
    ("an empty cell differs from nothing", F.x != 3, ("3", "4", "", "abc"), "nY??"),
    ("a value on the left", 200 <= F.x, ("200", "1"), "Yn"),
    ("between takes both ends", F.x.between(25, 34), ("24", "25", "34", "35", ""), "nYYn?"),
    (
        "text without case and accents",
        F.x == "saint-etienne",
        ("Saint-Étienne", "SAINT-ETIENNE", "Lyon", " "),
        "YYn?",
    ),
    (
        "text with accents in the condition",
        F.x == "Besançon",
        ("BESANCON", "besançon", "Besancon\u00a0"),
        "YYY",
    ),
    ("text with a ligature", F.x == "oeuvre", ("Œuvre", "œuvre"), "YY"),
    ("text with spaces doubled", F.x == "Aix en Provence", ("Aix  en\u00a0Provence",), "Y"),
    ("another text", F.x != "Lyon", ("lyon", "Nice", ""), "nY?"),
    ("text in order", F.x < "m", ("Lyon", "Nice", "Évry"), "YnY"),
    ("a postal code keeps its zero", F.x == "6308", ("6308", "06308"), "Yn"),
    ("as a number it has none", F.x == 6308, ("6308", "06308"), "YY"),
    ("a department", F.x.startswith("13"), ("13001", "83130", "13", ""), "YnY?"),
    ("several departments", F.x.startswith("13", "2A"), ("2a004", "13001", "69001"), "YYn"),
    ("a sign is itself, not a pattern", F.x.startswith("1."), ("1.5", "13"), "Yn"),
    ("an interest in a cell of several", F.x.contains("velo"), ("Randonnée;Vélo", "cuisine", ""), "Yn?"),
    ("one of two interests", F.x.contains("vélo", "cuisine"), ("Vélo", "Cuisine", "jazz"), "YYn"),
    ("one of some texts", F.x.in_(["Nice", "LYON"]), ("lyon", "nice", "Paris", ""), "YYn?"),
    ("one of some numbers", F.x.in_((1, 2)), ("1", "2,0", "3", "x"), "YYn?"),
    ("yes", F.x == True, ("oui", "Non", "1", "", "?"), "YnY??"),  # noqa: E712
    ("not yes", F.x != True, ("oui", "Non", ""), "nY?"),  # noqa: E712
    ("missing is always known", F.x.is_missing(), ("", " ", "\u00a0", "x"), "YYYn"),
    ("the day itself", F.x == date(2026, 6, 24), ("24/06/2026", "24/06/2026 23:00", "25/06/26", ""), "YYn?"),
    ("before a day", F.x < date(2026, 6, 24), ("23/06/2026 23:59", "24/06/2026"), "Yn"),
    ("from a day on", F.x >= date(2026, 6, 24), ("24/06/2026 00:00", "23/06/2026"), "Yn"),
    ("a day of another zone is that of the plan's", F.x == date(2026, 6, 24), ("2026-06-23T23:30:00Z",), "Y"),
    (
        "before an instant",
        F.x < NOON,
        ("24/06/2026 11:59", "24/06/2026 12:00", "2026-06-24T09:59:00Z"),
        "YnY",
    ),
    ("a day begins before its noon", F.x < NOON, ("24/06/2026", "25/06/2026", "demain"), "Yn?"),
    ("one of some days", F.x.in_([date(2026, 6, 24), date(2026, 6, 25)]), ("25/06/2026", "26/06/2026"), "Yn"),
    (
        "within counts the last day",
        F.x.within(days=90),
        ("26/03/2026", "25/03/2026", "24/06/2026", ""),
        "YnY?",
    ),
    ("with an hour it is the same day", F.x.within(days=90), ("26/03/2026 00:00", "25/03/2026 23:59"), "Yn"),
    ("and the same for older", F.x.older_than(days=90), ("26/03/2026 00:00", "25/03/2026 23:59"), "nY"),
    ("older does not", F.x.older_than(days=90), ("26/03/2026", "25/03/2026", "24/06/2026", ""), "nYn?"),
    (
        "the future is not within",
        F.x.within(days=90),
        ("25/06/2026", "24/06/2026 12:01", "24/06/2026 11:59"),
        "nnY",
    ),
    ("nor is it older", F.x.older_than(days=0), ("25/06/2026", "24/06/2026 12:01", "23/06/2026"), "nnY"),
    (
        "an instant of another zone",
        F.x.within(days=1),
        ("2026-06-22T23:00:00Z", "2026-06-22T21:00:00Z"),
        "Yn",
    ),
    ("the end of time", F.x.older_than(days=1), ("9999-12-31T23:59:59-10:00", "31/12/9999"), "nn"),
    ("more days than there were", F.x.within(days=10**9), ("01/01/1800", "25/06/2026"), "Yn"),
]


@pytest.mark.parametrize(("predicate", "cells", "answers"), [row[1:] for row in JUDGED], ids=[row[0] for row in JUDGED])
def test_a_condition_judges_cells(predicate: Predicate, cells: tuple[str, ...], answers: str) -> None:
    assert judged(predicate, *cells) == answers


def test_not_known_is_carried_through_and_or_and_not() -> None:
    truth = {"1": "Y", "0": "n", "": "?"}
    pairs = [(x, y) for x in truth for y in truth]
    table = Table({"x": [x for x, _ in pairs], "y": [y for _, y in pairs]})
    both, either = (F.x == 1) & (F.y == 1), (F.x == 1) | (F.y == 1)

    def letters(predicate: Predicate) -> str:
        yes = predicate.mask(table, context(table))
        no = (~predicate).mask(table, context(table))
        return "".join("Y" if a else "n" if b else "?" for a, b in zip(yes, no, strict=True))

    assert letters(both) == "Yn?" + "nnn" + "?n?"
    assert letters(either) == "YYY" + "Yn?" + "Y??"


def test_a_batch_without_rows() -> None:
    table = Table({"x": []})
    assert ((F.x >= 1) & ~F.x.is_missing()).mask(table, context(table)) == []


ENGAGEMENT = {
    33611111111: Engagement(sent=3, delivered=2, clicked=1, last_sent=NOON - timedelta(days=10)),
    33622222222: Engagement(sent=1, replied=1, last_sent=NOON - timedelta(days=40)),
    33633333333: Engagement(sent=2, converted=2),
}
PEOPLE = Table({"sent": ["9", "9", "", "9", "9"]}, [33611111111, 33622222222, 33633333333, 33699999999, 0])

PAST = [
    ("clicked at least once", Past.clicked >= 1, "Ynnnn"),
    ("never sent to", Past.sent == 0, "nnnYY"),
    ("sent but never clicked", (Past.sent >= 1) & (Past.clicked == 0), "nYYnn"),
    ("replied", Past.replied > 0, "nYnnn"),
    ("converted", Past.converted.between(1, 5), "nnYnn"),
    ("some were not delivered", Past.delivered.in_([1, 2]), "Ynnnn"),
    ("sent lately", Past.last_sent.within(days=30), "Ynnnn"),
    ("whoever was never sent to was not sent to lately", ~Past.last_sent.within(days=30), "nYYYY"),
    ("last sent long ago", Past.last_sent.older_than(days=30), "nYnnn"),
    ("last sent before a day", Past.last_sent < date(2026, 6, 1), "nYnnn"),
    ("no last message", Past.last_sent.is_missing(), "nnYYY"),
    ("a column of the same name is the column", F.sent == 9, "YYnYY"),
    ("both at once", (F.sent == 9) & (Past.sent == 3), "Ynnnn"),
]


@pytest.mark.parametrize(("predicate", "answers"), [row[1:] for row in PAST], ids=[row[0] for row in PAST])
def test_facts_of_earlier_runs(predicate: Predicate, answers: str) -> None:
    mask = predicate.mask(PEOPLE, context(PEOPLE, engagement=ENGAGEMENT))
    assert "".join("Y" if yes else "n" for yes in mask) == answers


def test_earlier_runs_are_not_guessed_without_a_store() -> None:
    with pytest.raises(InvalidInput, match=r"Past\.clicked needs the store"):
        (Past.clicked >= 1).mask(PEOPLE, context(PEOPLE))


def test_tags_are_those_of_the_contacts() -> None:
    table = Table({"x": ["a", "b"]})
    assert tagged("vip").mask(table, context(table, tags=frozenset({"vip"}))) == [True, True]
    assert tagged("vip").mask(table, context(table)) == [False, False]
    assert (~tagged("vip")).mask(table, context(table)) == [True, True]


SENTENCES = [
    (
        (F.ca_12_mois >= 200) & F.dernier_achat.within(days=90),
        "ca_12_mois at least 200 and dernier_achat within 90 days",
    ),
    (F["code postal"].startswith("13", "83"), 'code postal starts with "13" or "83"'),
    ((F.a > 1.5) & ((F.b == "x") | F.c.is_missing()), 'a above 1.5 and (b is "x" or c is missing)'),
    ((F.a < 1) & (F.b <= 2) | (F.c != 3), "(a below 1 and b at most 2) or c is not 3"),
    (~F.email.is_missing(), "email is not missing"),
    (~((F.a == 1) | (F.b == 2)), "not (a is 1 or b is 2)"),
    (~tagged("personnel"), 'not tagged "personnel"'),
    (F.x >= date(2026, 1, 2), "x on or after 2026-01-02"),
    (F.x < date(2026, 1, 2), "x before 2026-01-02"),
    (F.newsletter == True, "newsletter is yes"),  # noqa: E712
    (F.centres.contains("vélo"), 'centres contains "vélo"'),
    (F.ville.in_(["Aix", "Nice"]), 'ville is one of "Aix", "Nice"'),
    (F.x.in_(range(9)), "x is one of 0, 1, 2, 3, 4 … (9 values)"),
    (Past.clicked >= 1, "past clicked at least 1"),
    (Past.last_sent.older_than(days=30), "past last_sent older than 30 days"),
    (F.mobile == "06 12 34 56 78", 'mobile is "06••••••••••78"'),
    (F.mobile.in_([33612345678]), "mobile is one of 33•••••••78"),
    (AllOf(()), "everybody"),
    (AnyOf(()), "nobody"),
]


@pytest.mark.parametrize(("predicate", "sentence"), SENTENCES, ids=[row[1] for row in SENTENCES])
def test_a_condition_reads_as_a_sentence_and_comes_back_from_json(predicate: Predicate, sentence: str) -> None:
    assert str(predicate) == sentence
    assert sentence in repr(predicate)
    again = Predicate.from_json(predicate.to_json())
    assert again == predicate
    assert hash(again) == hash(predicate)
    assert pickle.loads(pickle.dumps(predicate)) == predicate
    assert copy.deepcopy(predicate) == predicate


def test_conditions_are_equal_when_they_say_the_same() -> None:
    assert (F.a == 1) == (F.a == 1.0)
    assert (F.a == 1) != (F.a == True)  # noqa: E712
    assert (F.a == 1) != (F.a == "1")
    assert (F.sent == 1) != (Past.sent == 1)
    assert ((F.a == 1) & (F.b == 2)) & (F.c == 3) == (F.a == 1) & ((F.b == 2) & (F.c == 3))
    assert ~~(F.a == 1) == (F.a == 1)
    assert len({F.a == 1, F.a == 1, F.a == 2}) == 2


def test_a_condition_names_its_columns_once_and_in_order() -> None:
    predicate = (F.b >= 1) & ((F.a == "x") | ~(F.b < 9)) & (Past.sent >= 1) & tagged("vip")
    assert predicate.columns == ("b", "a")
    assert predicate.needs_engagement
    assert not (F.sent >= 1).needs_engagement


def test_an_unknown_column_is_told_before_a_row_is_read() -> None:
    table = Table({"ville": ["Nice"], "age": ["30"]})
    predicate = (F.age >= 18) & (F.vile == "Nice")
    with pytest.raises(UnknownColumn, match="there is no column 'vile'; the columns are ville, age"):
        predicate.check(context(table).resolve, table.columns)
    with pytest.raises(UnknownColumn) as caught:
        predicate.mask(table, context(table))
    assert (caught.value.column, caught.value.known) == ("vile", ("ville", "age"))


def test_names_are_resolved_by_the_contacts() -> None:
    table = Table({"code_postal": ["13001", "69001"]})
    names = {"code postal": "code_postal"}
    assert F["code postal"].startswith("13").mask(table, SegmentContext(NOON, names.get)) == [True, False]


def _both() -> object:
    return (F.a >= 1) and (F.b == 2)


def _chain() -> object:
    return 1 <= F.a <= 2


def _in() -> object:
    return F.a in [1, 2]


MISTAKES = [
    ("and instead of &", _both, r"join conditions with & \| ~"),
    ("a chain of comparisons", _chain, r"F\.a\.between\(1, 2\)"),
    ("in instead of in_", _in, "join conditions"),
    ("a bare column in an if", lambda: bool(F.newsletter), r"F\['newsletter'\] alone is no condition"),
    ("a bare column joined", lambda: (F.a >= 1) & F.newsletter, "F.newsletter == True"),
    ("None", lambda: F.email == None, "is_missing"),  # noqa: E711
    ("an empty text", lambda: F.email == "", "is_missing"),
    ("another column", lambda: F.a == F.b, "cannot be compared with a Column"),
    ("a list", lambda: F.a == [1, 2], "cannot be compared with a list"),
    ("not a finite number", lambda: F.a >= float("nan"), "not a finite number"),
    ("yes and no are not in order", lambda: F.a >= True, "only == and !="),
    ("in_ of one text", lambda: F.a.in_("abc"), "in_ takes a list"),
    ("in_ of nothing", lambda: F.a.in_([]), "no value to choose from"),
    ("in_ of several kinds", lambda: F.a.in_([1, "a"]), "several kinds"),
    ("a negative number of days", lambda: F.a.within(days=-1), "zero or more"),
    ("half a day", lambda: F.a.within(days=0.5), "whole number"),
    ("a prefix that is a number", lambda: F.a.startswith(13), "needs a text, in quotes"),
    ("no prefix", lambda: F.a.startswith(), "needs a text"),
    ("a count of earlier runs held against a text", lambda: Past.sent == "x", "with a whole number"),
    ("the last message held against a number", lambda: Past.last_sent > 3, "a date or an aware datetime"),
    ("a column without a name", lambda: F[" "], "needs a name"),
    ("a tag without a name", lambda: tagged(""), "needs a name"),
]


@pytest.mark.parametrize(("mistake", "advice"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_gets_advice(mistake: object, advice: str) -> None:
    assert callable(mistake)
    with pytest.raises(InvalidInput, match=advice):
        mistake()


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveDatetime):
        _ = F.x >= datetime(2026, 1, 1)
    with pytest.raises(NaiveDatetime):
        SegmentContext(datetime(2026, 1, 1), lambda name: name)


def test_notebooks_that_look_for_special_names_find_no_column() -> None:
    assert not hasattr(F, "_repr_html_")
    assert not hasattr(F, "__deepcopy__")
    assert F["_x"].is_missing().columns == ("_x",)


def _saved(**where: object) -> str:
    return json.dumps({"smskit": "predicate", "version": 1, "where": where})


X = {"column": "x"}
BROKEN = [
    ("not JSON", "{", "not JSON"),
    ("another JSON", "[1]", "not a saved predicate"),
    ("another document", '{"smskit": "segment", "version": 1}', "not a saved predicate"),
    ("a newer version", '{"smskit": "predicate", "version": 2, "where": {}}', "version 2"),
    ("no condition", '{"smskit": "predicate", "version": 1}', "lacks 'where'"),
    (
        "a condition that is a list",
        '{"smskit": "predicate", "version": 1, "where": []}',
        "where a condition should be",
    ),
    ("an unknown test", _saved(test="near", of=X), "test 'near'"),
    ("a test without a name", _saved(of=X), "lacks 'test'"),
    ("an unknown relation", _saved(test="compare", of=X, relation="like", value={"number": 1}), "'like'"),
    (
        "an unknown kind of value",
        _saved(test="compare", of=X, relation="is", value={"colour": "red"}),
        "colour",
    ),
    (
        "a value that is not of its kind",
        _saved(test="compare", of=X, relation="is", value={"number": "1"}),
        "a number",
    ),
    (
        "a day that is none",
        _saved(test="compare", of=X, relation="is", value={"date": "2026-02-31"}),
        "which is none",
    ),
    (
        "an instant without a zone",
        _saved(test="compare", of=X, relation="is", value={"instant": "2026-02-01T00:00"}),
        "zone",
    ),
    ("an unknown fact", _saved(test="missing", of={"past": "opened"}), "past 'opened'"),
    ("no column", _saved(test="missing", of="x"), "where a column should be"),
    ("a column that is a number", _saved(test="missing", of={"column": 3}), "column 3"),
    ("days that are a text", _saved(test="age", of=X, how="within", days="90"), "not a whole number"),
    ("negative days", _saved(test="age", of=X, how="within", days=-1), "zero or more"),
    ("parts that are no list", _saved(test="all", parts={}), "not a list"),
    ("a tag that is a number", _saved(test="tagged", tag=7), "not a text"),
    ("a limit that this version does not know", _saved(test="missing", of=X, unless=1), "unless"),
    ("brackets without end", "[" * 100_000, "not JSON"),
]


@pytest.mark.parametrize(("text", "problem"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_saved_condition_that_is_not_understood_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        Predicate.from_json(text)


def test_brackets_are_not_followed_without_end() -> None:
    where: object = {"test": "missing", "of": X}
    for _ in range(100):
        where = {"test": "not", "part": where}
    with pytest.raises(InvalidInput, match="more than 64 deep"):
        Predicate.from_json(json.dumps({"smskit": "predicate", "version": 1, "where": where}))


def test_an_instant_keeps_its_offset_in_json() -> None:
    instant = datetime(2026, 6, 24, 12, tzinfo=timezone(timedelta(hours=2)))
    assert Predicate.from_json((F.x >= instant).to_json()) == (F.x >= instant)
