"""Whatever a person looks at has a face, in a terminal and in a notebook: made of real runs in the sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timezone
from html.parser import HTMLParser

import pytest
from attrs import frozen
from tests.display.eye import unreadable

import smskit as sk
from smskit import metrics
from smskit.compliance import CampaignFacts, Evidence, Request, decide
from smskit.contacts.segments import Segment
from smskit.delivery import Run
from smskit.display import Shown
from smskit.metrics import Metric
from smskit.planning import Plan

HOSTILE = "<img src=x onerror=alert(1)>"
FIRST = 33612345000
PEOPLE = 400


@frozen
class Shop:
    """A shop whose customers and campaign bear hostile names."""

    segment: Segment
    message: sk.Message
    plan: Plan
    run: Run
    report: metrics.Report


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "clients.csv").write_text(
        "Prénom,Mobile,Opt-in,Source\n"
        + "".join(
            f"{HOSTILE if place % 50 == 0 else 'Zoé'},+{FIRST + place},01/02/2026,caisse\n" for place in range(PEOPLE)
        ),
        encoding="utf-8",
    )
    contacts = sk.Contacts.read(
        folder / "clients.csv", region="FR", consent=sk.ConsentColumns(granted_at="Opt-in", source="Source")
    )
    segment = sk.Segment(HOSTILE, sk.F.prenom != f"+{FIRST}")
    message = sk.Message("Bonjour $prenom, -15% : $lien", links={"lien": "https://boutique.example/?a=<b>"})
    campaign = sk.Campaign(
        f"ete-{HOSTILE}", message, to=contacts.where(segment), sender="MABOUTIQUE", kind=sk.Kind.MARKETING, holdout=0.2,
        variants={"<B>": sk.Message("$prenom, 15% : $lien", links={"lien": "https://boutique.example/b"})},
        weights={"A": 1, "<B>": 1}, short_links=sk.ShortLinks("go.boutique.example"),
        allowed_hosts={"go.boutique.example"},
    )  # fmt: skip
    plan = campaign.plan(at="2026-06-24 12:00", prices=sk.Prices.per_part(FR="0.045"), store=sk.Store(folder / "b.db"))
    run = plan.send(sk.Sandbox(seed=3, refused=0.02))
    noon = datetime(2026, 6, 25, 12, tzinfo=timezone.utc)
    orders = [sk.Order(noon, "22.50", number=FIRST + place) for place in range(0, PEOPLE, 9)]
    return Shop(segment, message, plan, run, run.report(orders))


def verdict(text: str) -> object:
    at = datetime(2026, 6, 24, 22, tzinfo=timezone.utc)
    facts = CampaignFacts(kind=sk.Kind.MARKETING, sender="MABOUTIQUE", text=text, at=at)
    return decide(Request(territory="FR", facts=facts, evidence=Evidence()))


FACES: list[tuple[str, Callable[[Shop], object]]] = [
    ("a segment", lambda shop: shop.segment),
    ("a message", lambda shop: shop.message),
    ("a plan", lambda shop: shop.plan),
    ("a run", lambda shop: shop.run),
    ("a report", lambda shop: shop.report),
    ("a verdict", lambda shop: verdict(f"{HOSTILE} https://bit.ly/x")),
    ("the plan of an experiment", lambda shop: metrics.ExperimentPlan.of(0.1, absolute=0.02)),
    ("a comparison of arms", lambda shop: shop.report.compare()[0]),
    ("a comparison of revenue", lambda shop: metrics.compare_revenue({HOSTILE: metrics.Takings.of(500, ["22.00", "8.50"]), "B": metrics.Takings.of(480, ["9"])})[0]),
    ("a hold-out", lambda shop: metrics.visits(exposed=(900, 18_000), control=(70, 2_000), what=HOSTILE)),
    ("a check of the arms", lambda shop: metrics.check_sample_ratio({HOSTILE: 500, "B": 640})),
    ("a simulation", lambda shop: metrics.simulate(1000, "0.05", basket="22.00")),
    ("a goal", lambda shop: metrics.Goal(Metric.CLICK_RATE, target="0.1", by=date(2026, 7, 1)).check(shop.report, now=date(2026, 6, 30))),
]  # fmt: skip
every_face = pytest.mark.parametrize("made", [row[1] for row in FACES], ids=[row[0] for row in FACES])


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


@every_face
def test_it_is_shown(made: Callable[[Shop], object], shop: Shop) -> None:
    shown = made(shop)
    assert isinstance(shown, Shown)
    html = shown._repr_html_()
    page = Tags(html)
    assert page.tags <= {"div", "span", "b", "mark", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.attributes <= {"style", "title"}
    assert "url(" not in html
    assert str(shown).strip()
    assert str(shown) != repr(shown)


@every_face
def test_it_can_be_read_in_light_and_in_dark(made: Callable[[Shop], object], shop: Shop) -> None:
    assert unreadable(made(shop)._repr_html_()) == []  # type: ignore[attr-defined]


@every_face
def test_nobody_is_named_by_a_number(made: Callable[[Shop], object], shop: Shop) -> None:
    shown = made(shop)
    assert not re.search(r"33\d{9}", f"{shown._repr_html_()}{shown}{shown!r}")  # type: ignore[attr-defined]


def test_the_shop_is_as_hostile_as_it_should_be(shop: Shop) -> None:
    assert HOSTILE in str(shop.plan)
    assert HOSTILE in str(shop.segment)
    assert str(FIRST) in shop.segment.to_json(), "and yet no face shows it"
    assert "<b" not in shop.report._repr_html_().replace("<b>", "").replace("<b ", "")
