from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from attrs import frozen

from smskit.contacts import segments
from smskit.contacts.predicates import F, Past, SegmentContext, tagged
from smskit.contacts.segments import Segment
from smskit.display import to_text
from smskit.errors import InvalidInput, NaiveDatetime, UnknownColumn
from smskit.records import Engagement

NOON = datetime(2026, 6, 24, 12, tzinfo=ZoneInfo("Europe/Paris"))


@frozen
class Table:
    columns: Mapping[str, Sequence[str]]
    numbers: Sequence[int]

    @property
    def size(self) -> int:
        return len(self.numbers)


@frozen
class Audience:
    tables: tuple[Table, ...]
    tags: frozenset[str] = frozenset()
    segments: tuple[Segment, ...] = ()

    def batches(self) -> Iterator[Table]:
        return iter(self.tables)

    def resolve(self, name: str) -> str | None:
        return name if name in self.tables[0].columns else None


SHOP = Audience(
    (
        Table(
            {
                "ca_12_mois": ["250", "199", "1 200,00 €"],
                "dernier_achat": ["01/06/2026", "01/06/2026", "01/01/2026"],
                "premier_achat": ["01/06/2026", "01/01/2020", ""],
            },
            [33611111111, 33622222222, 33633333333],
        ),
        Table(
            {
                "ca_12_mois": ["", "300"],
                "dernier_achat": ["", "24/06/2026"],
                "premier_achat": ["25/05/2026", "24/05/2026"],
            },
            [33644444444, 0],
        ),
    ),
    frozenset({"boutique"}),
)

SIZES = [
    ("nobody is left out without conditions", Segment("tous"), 5),
    ("conditions all hold", Segment("s", F.ca_12_mois >= 200, F.dernier_achat.within(days=90)), 2),
    ("loyal: 200 in a year, and lately", segments.loyal(), 2),
    ("loyal, with thresholds of one's own", segments.loyal(at_least=1000, days=365), 1),
    ("new: the first purchase within 30 days", segments.new(), 2),
    ("inactive: more than 180 days, and who never bought is not", segments.inactive(days=100), 1),
    ("inactive as it comes", segments.inactive(), 0),
    ("a tag", Segment("boutique", tagged("boutique")), 5),
    ("another tag", Segment("vip", tagged("vip")), 0),
]


@pytest.mark.parametrize(("segment", "size"), [row[1:] for row in SIZES], ids=[row[0] for row in SIZES])
def test_a_segment_has_a_size_and_comes_back_from_json(segment: Segment, size: int) -> None:
    assert segment.size(SHOP, at=NOON) == size
    assert Segment.from_json(segment.to_json()) == segment


def test_contacts_that_were_narrowed_stay_so() -> None:
    narrowed = Audience(SHOP.tables, SHOP.tags, (Segment("riches", F.ca_12_mois >= 300),))
    assert segments.loyal().size(narrowed, at=NOON) == 1


def test_the_mask_is_that_of_its_conditions() -> None:
    context = SegmentContext(NOON, SHOP.resolve)
    assert segments.loyal().mask(SHOP.tables[0], context) == [True, False, False]


def test_a_segment_reads_as_a_sentence() -> None:
    segment = Segment("fidèles", F.ca_12_mois >= 200, (F.ville == "Nice") | (F.ville == "Lyon"))
    assert str(segment) == 'fidèles: ca_12_mois at least 200 and (ville is "Nice" or ville is "Lyon")'
    assert str(Segment("tous")) == "tous: everybody"
    assert str(segments.inactive()) == "inactive: dernier_achat older than 180 days"


def test_a_segment_says_what_it_needs() -> None:
    segment = Segment("tièdes", F.ville == "Nice", Past.clicked == 0)
    assert segment.columns == ("ville",)
    assert segment.needs_engagement
    assert not segments.loyal().needs_engagement
    assert segments.loyal(spent="total", last_purchase="vu_le").columns == ("total", "vu_le")


def test_earlier_runs_are_given_by_number() -> None:
    segment = Segment("cliqueurs", Past.clicked >= 1)
    assert segment.size(SHOP, at=NOON, engagement={33622222222: Engagement(sent=1, clicked=1)}) == 1
    with pytest.raises(InvalidInput, match="needs the store"):
        segment.size(SHOP, at=NOON)


def test_what_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UnknownColumn, match="there is no column 'ville'"):
        Segment("s", F.ville == "Nice").check(SHOP.resolve, SHOP.tables[0].columns)
    with pytest.raises(UnknownColumn):
        Segment("s", F.ville == "Nice").size(SHOP, at=NOON)
    with pytest.raises(NaiveDatetime):
        segments.loyal().size(SHOP, at=datetime(2026, 6, 24))
    with pytest.raises(InvalidInput, match="needs a name"):
        Segment(" ", F.a == 1)
    with pytest.raises(InvalidInput, match="is no condition"):
        Segment("s", F.a)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="not a saved segment"):
        Segment.from_json((F.a == 1).to_json())


# ± 1.959964 · √(0.05 · 0.95 / n)
WARNINGS = [
    ("large enough", 200, None),
    ("one less", 199, "199 contacts, fewer than 200: a conversion of 5% would be known to ±3.0 points only"),
    ("small", 50, "50 contacts, fewer than 200: a conversion of 5% would be known to ±6.0 points only"),
    ("nobody", 0, "segment 'vip' is empty"),
]


@pytest.mark.parametrize(("size", "warning"), [row[1:] for row in WARNINGS], ids=[row[0] for row in WARNINGS])
def test_a_segment_that_is_too_small_is_told(size: int, warning: str | None) -> None:
    said = Segment("vip", F.a == 1).warning(size)
    assert (said is None) if warning is None else (said is not None and warning in said)


def test_the_smallest_size_can_be_chosen() -> None:
    assert Segment("vip").warning(50, min_size=50) is None
    assert Segment("vip").warning(999, min_size=1000) is not None


def test_segments_are_values() -> None:
    assert Segment("a", F.x == 1) == Segment("a", F.x == 1)
    assert Segment("a", F.x == 1) != Segment("b", F.x == 1)
    assert len({Segment("a", F.x == 1), Segment("a", F.x == 1)}) == 1
    with pytest.raises(AttributeError):
        Segment("a").name = "b"  # type: ignore[misc]


def test_a_segment_shows_its_conditions_one_by_one() -> None:
    assert to_text(Segment("fidèles", F.ca_12_mois >= 200, (F.age > 18) | (F.ville == "Lyon")).view()).splitlines() == [
        "segment · fidèles",
        "· ca_12_mois at least 200",
        '· age above 18 or ville is "Lyon"',
        "reads ca_12_mois, age, ville",
    ]
    assert to_text(Segment("tous").view()).splitlines() == ["segment · tous", "· everybody"]
