from __future__ import annotations

import copy
import json
import pickle
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from tests.display.schema import vega_lite

from smskit.display import ENGLISH, FRENCH, Bars, Columns, Dots, Drawing, Mark, Unit, View, to_html, to_text
from smskit.display.chart import MIME, Chart
from smskit.display.svg import ticks, to_svg
from smskit.display.vega import to_vega
from smskit.errors import InvalidInput

THIN = "\N{NARROW NO-BREAK SPACE}"
HOSTILE = "</svg><script>alert('1')</script>&\x1b\u202e"

FUNNEL = Bars(
    Mark("planned", 16_071, ("16 071",), is_muted=True),
    Mark("delivered", 15_703, ("15 703", "97.7 %", "of sent"), low=15_660, high=15_740),
    Mark("opened", None, ("", "", "not known")),
    Mark("replied", 12, ("12", "0.1 %", "of delivered"), low=7, high=21),
    title="From plan to order",
    axis="messages",
    whole=16_071,
)
HOURS = Columns(*(Mark(f"{hour} h", hour % 5 * 100, (str(hour % 5 * 100),)) for hour in range(24)), axis="clicks")
LIFT = Dots(
    Mark("B against A", 0.015, ("+1.5 points", "+0.5 to +2.3", "different"), low=0.005, high=0.023),
    Mark("C against A", -0.002, ("−0.2 points",), low=-0.011, high=0.007, is_muted=True),
    title="Lift",
    unit=Unit.POINTS,
)
RATES = Dots(Mark("A", 0.1, low=0.05, high=0.15), Mark("B", 0.2), unit=Unit.SHARE)
DRAWINGS: list[tuple[str, Drawing]] = [
    ("bars", FUNNEL),
    ("columns", HOURS),
    ("columns with intervals", Columns(Mark("12 h", 0.05, ("5 %",), low=0.03, high=0.08), Mark("13 h", None), unit=Unit.SHARE)),
    ("points on both sides of nought", LIFT),
    ("points that are shares", RATES),
    ("shares of their own wholes", Bars(("delivered", 3, 4), ("clicked", 0, 0))),
    ("one bar of nothing", Bars(Mark("sent", 0))),
    ("nothing that is known", Bars(Mark("opened", None))),
    ("texts that would like to be code", Bars(Mark(HOSTILE, 1, (HOSTILE,)), title=HOSTILE, axis=HOSTILE)),
    ("columns of such texts", Columns(Mark(HOSTILE, 1, (HOSTILE,)), title=HOSTILE, axis=HOSTILE)),
]  # fmt: skip
every_drawing = pytest.mark.parametrize("drawing", [row[1] for row in DRAWINGS], ids=[row[0] for row in DRAWINGS])


# ---------------------------------------------------------------- scales

SPANS = [
    ("bars begin at nought", Bars(Mark("a", 5), Mark("b", 10)), (0.0, 10.0)),
    ("bars reach to the end of an interval", Bars(Mark("a", 5, low=4, high=8)), (0.0, 8.0)),
    ("a whole is the end of the scale", Bars(Mark("a", 5), whole=100), (0.0, 100.0)),
    ("nothing still has a scale", Bars(Mark("a", 0)), (0.0, 1.0)),
    ("what is not known makes no scale", Dots(Mark("a", None)), (0.0, 1.0)),
    ("points below nought have room at both ends", Dots(Mark("a", -1.0, low=-2.0, high=1.0)), (-2.18, 1.18)),
    ("points above nought begin there", Dots(Mark("a", 1.0, low=0.5, high=2.0)), (0.0, 2.12)),
]  # fmt: skip


@pytest.mark.parametrize(("drawing", "span"), [row[1:] for row in SPANS], ids=[row[0] for row in SPANS])
def test_where_a_scale_begins_and_ends(drawing: Drawing, span: tuple[float, float]) -> None:
    assert drawing.span == pytest.approx(span)
    assert [drawing.place(end) for end in drawing.span] == [0.0, 1.0]
    assert drawing.place(1e9) == 1.0


TICKS = [
    ("a hundred", 0, 100, False, (0, 20, 40, 60, 80, 100)),
    ("few counts have no halves", 0, 2, True, (0, 1, 2)),
    ("shares have", 0, 0.047, False, (0, 0.01, 0.02, 0.03, 0.04)),
    ("both sides of nought", -3.3, 1.2, False, (-3, -2, -1, 0, 1)),
]


@pytest.mark.parametrize(("low", "high", "whole", "places"), [row[1:] for row in TICKS], ids=[row[0] for row in TICKS])
def test_an_axis_has_round_numbers(low: float, high: float, whole: bool, places: tuple[float, ...]) -> None:
    assert ticks(low, high, whole=whole) == pytest.approx(places)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="None stands for not known"):
        Mark("a", value)


# ---------------------------------------------------------------- text

TEXTS = [
    ("a little is seen all the same", Bars(Mark("replied", 1), whole=1000), ["replied  ▏░░░░░░░░░░░░░░░░░░░"]),
    ("nothing is not", Bars(Mark("replied", 0), whole=10), ["replied  ░░░░░░░░░░░░░░░░░░░░"]),
    ("eighths of a character", Bars(Mark("a", 11), whole=32), ["a  ██████▉░░░░░░░░░░░░░"]),
    ("what is not known has no bar", Bars(Mark("opened", None, ("–", "not known"))),
     ["opened                        –  not known"]),
    ("no marks, no line", Bars(title="empty"), []),
    ("hours lie one under the other", Columns(Mark("12 h", 2, ("2",)), Mark("13 h", 1, ("1",)), title="clicks"),
     ["clicks:", "12 h  ████████████████████  2", "13 h  ██████████░░░░░░░░░░  1"]),
    ("a point has its interval and nought", Dots(Mark("B", 0.5, low=-1, high=1)),
     ["B    ──────────────┼──────●───────"]),
    ("what may be chance is hollow", Dots(Mark("B", 1.0, is_muted=True)), ["B  │                             ○"]),
]  # fmt: skip


@pytest.mark.parametrize(("drawing", "lines"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_drawing_in_a_terminal(drawing: Bars, lines: list[str]) -> None:
    assert to_text(drawing).splitlines() == lines


# ---------------------------------------------------------------- SVG


@every_drawing
def test_a_picture_is_well_formed_and_asks_for_nothing(drawing: Drawing) -> None:
    picture = to_svg(drawing)
    root = ET.fromstring(picture)
    tags = {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "text", "line", "rect", "circle"}
    for outside in ("href", "url(", "<script", "onload", "src="):
        assert outside not in picture
    assert not set(picture) & set("\x1b\u202e")


@every_drawing
def test_nothing_leaves_the_picture(drawing: Drawing) -> None:
    root = ET.fromstring(to_svg(drawing))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    seen = 0
    for shape in root.iter():
        x, y = (float(shape.get(one, shape.get(f"c{one}", 0))) for one in "xy")
        assert 0 <= x <= width
        assert -1 <= y <= height
        right, bottom = x + float(shape.get("width", 0)), y + float(shape.get("height", 0))
        if shape.tag.endswith("rect"):
            seen += 1
            assert float(shape.attrib["width"]) >= 0
            assert right <= width + 0.2
            assert bottom <= height
    assert seen or isinstance(drawing, Dots) or not drawing.known


def test_who_does_not_see_a_picture_is_told_what_is_in_it() -> None:
    root = ET.fromstring(to_svg(FUNNEL))
    assert root.attrib["role"] == "img"
    told = {element.tag.rpartition("}")[2]: element.text for element in root if element.text}
    assert told["title"] == "From plan to order"
    assert "delivered: 15 703 97.7 % of sent" in (told["desc"] or "")


def test_what_is_not_known_is_not_drawn() -> None:
    bars = ET.fromstring(to_svg(FUNNEL)).findall("{*}rect")
    assert len(bars) == 3
    assert to_svg(Bars()) == ""
    assert [row["label"] for row in to_vega(FUNNEL)["data"]["values"]] == ["planned", "delivered", "replied"]  # type: ignore[index,call-overload]
    assert "opened" in to_text(FUNNEL)


def test_french_numbers_on_an_axis() -> None:
    picture = to_svg(Bars(Mark("a", 2_500), axis="messages"), FRENCH)
    assert f"1{THIN}000" in picture
    assert "0,5" in to_svg(Dots(Mark("a", 0.005, low=0.0, high=0.012), unit=Unit.POINTS), FRENCH)


# ---------------------------------------------------------------- Vega-Lite


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    return vega_lite()


@every_drawing
@pytest.mark.parametrize("tongue", [ENGLISH, FRENCH], ids=["English", "French"])
def test_a_specification_is_vega_lite(drawing: Drawing, tongue: object, schema: Draft7Validator) -> None:
    spec = json.loads(json.dumps(to_vega(drawing, FRENCH if tongue is FRENCH else ENGLISH)))
    assert [error.message for error in schema.iter_errors(spec)] == []
    assert "null" not in json.dumps(spec["data"])


def test_a_wrong_specification_is_caught(schema: Draft7Validator) -> None:
    spec = {**to_vega(FUNNEL), "layer": [{"mark": "baar"}]}
    assert list(schema.iter_errors(spec))


def test_a_chart_is_a_plain_dict_that_a_notebook_shows() -> None:
    chart = Chart(LIFT, FRENCH)
    assert isinstance(chart, dict)
    assert json.loads(chart.to_json()) == json.loads(json.dumps(dict(chart)))
    assert chart["config"]["locale"]["number"]["decimal"] == ","  # type: ignore[index,call-overload]
    bundle, about = chart._repr_mimebundle_()
    assert set(bundle) == {MIME, "image/svg+xml", "text/plain"}
    assert type(bundle[MIME]) is dict
    assert bundle["text/plain"] == str(chart) == to_text(LIFT)
    assert about[MIME]["embed_options"]["renderer"] == "svg"  # type: ignore[index,call-overload]
    assert repr(chart) == "Chart('Lift', 2 marks)"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_chart_can_be_copied(again: object) -> None:
    chart = Chart(FUNNEL)
    other = again(chart)  # type: ignore[operator]
    assert other == chart
    assert str(other) == str(chart)


def test_an_empty_chart_shows_words_and_no_axes() -> None:
    bundle, _ = Chart(Bars(title="nothing"))._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}


@every_drawing
def test_altair_takes_every_chart(drawing: Drawing) -> None:
    made = Chart(drawing).altair().to_dict()
    assert made["data"] or made["datasets"]


def test_without_altair_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "altair", None)
    with pytest.raises(InvalidInput, match=r"smskit\[charts\]"):
        Chart(FUNNEL).altair()


# ---------------------------------------------------------------- HTML


@every_drawing
def test_the_words_are_there_without_any_style(drawing: Drawing) -> None:
    html = to_html(View("t", drawing))  # type: ignore[arg-type]
    if isinstance(drawing, Bars) and drawing is FUNNEL:
        assert "15 703" in html
        assert "not known" in html
    assert "<script" not in html


# ---------------------------------------------------------------- laws

LABELS = st.text(max_size=12)
NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)
MARKS = st.builds(
    Mark, LABELS, st.none() | NUMBERS, st.lists(LABELS, max_size=3).map(tuple), low=st.none() | NUMBERS,
    high=st.none() | NUMBERS, is_muted=st.booleans(),
)  # fmt: skip
ANY = st.builds(
    lambda kind, marks, unit, whole: kind(*marks, title="t", unit=unit, whole=whole),
    st.sampled_from([Bars, Columns, Dots]),
    st.lists(MARKS, max_size=6),
    st.sampled_from(Unit),
    st.floats(0, 1e9),
)


@given(ANY)
@settings(max_examples=150, deadline=None)
def test_whatever_is_drawn_is_well_formed_and_on_its_scale(drawing: Bars) -> None:
    low, high = drawing.span
    assert low <= 0 <= high
    assert low < high
    picture = to_svg(drawing, FRENCH)
    assert not drawing.marks or ET.fromstring(picture).attrib["role"] == "img"
    places = re.findall(r' c?[xy][12]?="([^"]+)"', picture)
    assert all(abs(float(place)) < 2000 for place in places)
    assert to_text(drawing).count("\n") == len(drawing.marks)
    json.dumps(to_vega(drawing), allow_nan=False)
    assert "nan" not in to_html(View("t", drawing))
