"""The charts of a report, of real runs in the sandbox and of reports in which little is known."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import get_args

import pytest
from attrs import evolve
from jsonschema import Draft7Validator
from tests.display.schema import vega_lite

import smskit as sk
from smskit.display import Mark
from smskit.errors import InvalidInput
from smskit.metrics import Counts, Report
from smskit.metrics.charts import DRAWINGS, ChartName
from smskit.metrics.cuts import Cells
from smskit.metrics.page import page_of

FIRST = 33612345000
PEOPLE = 700
NAMES = sorted(get_args(ChartName))


def sent(folder: Path, *, seed: int = 5, **more: object) -> sk.Run:
    lines = (f"Zoé,+{FIRST + place},01/02/2026,caisse" for place in range(PEOPLE))
    (folder / "clients.csv").write_text("Prénom,Mobile,Opt-in,Source\n" + "\n".join(lines), encoding="utf-8")
    contacts = sk.Contacts.read(
        folder / "clients.csv", region="FR", consent=sk.ConsentColumns(granted_at="Opt-in", source="Source")
    )
    campaign = sk.Campaign(
        "soldes-ete", more.pop("message", "Bonjour $prenom"), to=contacts, sender="MABOUTIQUE",  # type: ignore[arg-type]
        kind=sk.Kind.MARKETING, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    plan = campaign.plan(at="2026-06-24 12:00", prices=sk.Prices.per_part("0.0715", FR="0.045"))
    return plan.send(sk.Sandbox(seed=seed, refused=0.02, clicked=0.2))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Report:
    link = {"lien": "https://boutique.example"}
    run = sent(
        tmp_path_factory.mktemp("shop"), message=sk.Message("Bonjour $prenom : $lien", links=link), holdout=0.2,
        variants={"B": sk.Message("$prenom, vite : $lien", links=link)}, weights={"A": 1, "B": 1},
        short_links=sk.ShortLinks("go.boutique.example"), allowed_hosts={"go.boutique.example"},
    )  # fmt: skip
    noon = datetime(2026, 6, 24, 11, tzinfo=timezone.utc)
    return run.report(
        [sk.Order(noon + timedelta(minutes=place), "22", number=FIRST + place) for place in range(0, 700, 9)]
    )


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Without links, versions, hold-out and orders: most of what could be drawn is not known."""
    return sent(tmp_path_factory.mktemp("bare")).report()


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    return vega_lite()


def marks(report: Report, name: str) -> dict[str, Mark]:
    return {mark.label: mark for mark in report.chart(name).drawing.marks}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_chart_is_vega_lite_with_its_data_inside(
    name: str, language: str, full: Report, bare: Report, schema: Draft7Validator
) -> None:
    for report in (full, bare, evolve(full, orders_given=None)):
        spec = json.loads(json.dumps(report.chart(name, language=language)))  # type: ignore[arg-type]
        assert [error.message for error in schema.iter_errors(spec)] == []
        assert spec["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
        assert "url" not in json.dumps(spec["data"])
        assert None not in [value for row in spec["data"]["values"] for value in row.values()]
        assert spec["title"]["text"]


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_can_be_made_altairs(name: str, full: Report) -> None:
    assert full.chart(name).altair().to_dict()["data"]  # type: ignore[arg-type]


def test_the_funnel_is_the_account(full: Report) -> None:
    counts, found = full.counts, marks(full, "funnel")
    assert {label: mark.value for label, mark in found.items()} == {
        "planned": counts.planned, "sent": counts.sent, "delivered": counts.delivered, "clicked": counts.clickers,
        "replied": counts.repliers, "converted": round(full.chart("funnel").drawing.marks[-1].value or 0),
    }  # fmt: skip
    converted = full.conversion_rate()
    assert converted is not None
    assert found["converted"].value == converted.numerator
    assert found["converted"].words[2] == "of delivered"
    delivered = full.delivery_rate
    assert delivered is not None
    assert delivered.interval is not None
    assert found["delivered"].low == pytest.approx(delivered.interval.low * counts.sent)
    assert found["sent"].low is None, "what was handed over is counted, not estimated"


def test_a_stage_that_is_not_known_is_not_drawn(full: Report, bare: Report) -> None:
    assert list(marks(bare, "funnel")) == ["planned", "sent", "delivered", "replied"]
    assert "opened" not in marks(full, "funnel"), "an SMS cannot be seen to be opened"
    none_yet = evolve(full, counts=evolve(full.counts, delivered=0, failures={}, marks={}))
    assert list(marks(none_yet, "funnel")) == ["planned", "sent"]
    assert "0" not in [word for mark in marks(none_yet, "funnel").values() for word in mark.words]


def test_a_channel_that_tells_what_was_read_has_its_stage(full: Report) -> None:
    read = evolve(full, counts=evolve(full.counts, opened=300, marks={}))
    assert marks(read, "funnel")["opened"].value == 300
    assert "opened" in read._repr_html_()


def test_more_clicks_than_deliveries_are_no_share(full: Report) -> None:
    lost = evolve(full, counts=evolve(full.counts, delivered=3, clickers=200, marks={}))
    assert "clicked" not in marks(lost, "funnel")
    assert marks(lost, "funnel")["delivered"].value == 3


def test_a_run_of_nobody_draws_nothing_and_divides_by_nothing(full: Report) -> None:
    nobody = evolve(full, counts=Counts(), arms=(), uplift=None, cells=Cells())
    for name in NAMES:
        assert nobody.chart(name).drawing.known == ()  # type: ignore[arg-type]
    assert "0.0" not in str(nobody.chart("funnel"))
    assert "<svg" not in page_of(nobody)


def test_the_arms_are_drawn_with_what_they_are_judged_by(full: Report) -> None:
    (compared,) = full.compare()
    found = marks(full, "arms")
    assert {name: mark.value for name, mark in found.items()} == {
        "A": compared.difference.control.value, "B": compared.difference.treated.value,
    }  # fmt: skip
    assert full.chart("arms").drawing.title == "Conversion rate, by version"
    assert evolve(full, orders_given=None).chart("arms").drawing.title == "Click rate, by version"


def test_the_lift_shows_arms_and_hold_out(full: Report) -> None:
    found = marks(full, "lift")
    assert list(found) == ["B against A", "sent against held out"]
    assert full.uplift is not None
    assert found["sent against held out"].value == full.uplift.points
    assert found["sent against held out"].is_muted is not full.uplift.is_shown
    early = marks(evolve(full, min_per_arm=10_000), "lift")["B against A"]
    assert early.is_muted
    assert early.words[2] == "too early to tell"


def test_an_arm_without_traffic_is_a_dash(full: Report) -> None:
    first, second = full.arms
    empty = evolve(full, arms=(first, evolve(second, counts=evolve(second.counts, sent=0, conversions=0, marks={}))))
    assert marks(empty, "arms")["B"].value is None
    assert marks(empty, "lift")["B against A"].value is None
    assert [row["label"] for row in empty.chart("arms")["data"]["values"]] == ["A"]  # type: ignore[index,call-overload]


def test_hours_are_those_of_the_clocks_there(full: Report) -> None:
    chart = full.chart("hours", language="fr")
    assert "12 h" in [mark.label for mark in chart.drawing.marks]
    assert chart.drawing.axis == "heure d’envoi (Europe/Paris)"


def test_the_reactions_add_up(full: Report, bare: Report) -> None:
    found = marks(full, "reactions")
    assert sum(mark.value or 0 for mark in found.values()) == full.reactivity().reacted
    assert (*found,)[:2] == ("≤ 5 min", "≤ 15 min")
    assert (*found,)[-1] == "later"
    assert full.reactivity().within(60) is not None


@pytest.mark.parametrize("name", ["arms", "lift"])
def test_a_chart_of_nothing_is_a_title(name: str, bare: Report) -> None:
    chart = bare.chart(name)  # type: ignore[arg-type]
    assert chart.drawing.marks == ()
    assert str(chart) == ""


def test_another_chart_is_refused(full: Report) -> None:
    with pytest.raises(InvalidInput, match="'funnel', 'hours'"):
        full.chart("pie")  # type: ignore[arg-type]
    assert set(NAMES) == set(DRAWINGS)


def test_what_a_terminal_shows(full: Report) -> None:
    shown = str(full)
    for seen in (
        "From plan to order:",
        "delivered  ██",
        "How soon people reacted:",
        "by version:",
        "What made a difference:",
    ):
        assert seen in shown
