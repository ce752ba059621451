"""Drawings as Vega-Lite specifications: plain dicts with their data inside, for notebooks and for Altair.

Source: the JSON schema of Vega-Lite 5, https://vega.github.io/schema/vega-lite/v5.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smskit.display.drawings import Columns, Dots, Drawing, Mark, Unit
from smskit.display.html_drawings import MAIN, MUTED
from smskit.display.tongue import ENGLISH, Tongue
from smskit.display.words import THIN, written

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"

_FORMATS = {Unit.COUNT: ",.0f", Unit.SHARE: ".1~%", Unit.POINTS: "+.1~f"}


def to_vega(drawing: Drawing, tongue: Tongue = ENGLISH) -> dict[str, Json]:
    """Give *drawing* as a Vega-Lite specification, version 5.

    The data have ``label``, ``value``, ``low``, ``high`` and ``words``; what is not known is not among them. Shares are
    fractions, points are hundredths. Its text has the colour of the page around it.
    """
    return {
        "$schema": SCHEMA,
        **({"title": {"text": written(drawing.title), "anchor": "start"}} if drawing.title else {}),
        "description": _described(drawing),
        "background": "transparent",
        "data": {"values": [_row(drawing, mark) for mark in drawing.known]},
        "width": 480,
        **(_upright(drawing) if isinstance(drawing, Columns) else _lying(drawing)),
        "config": _config(tongue),
    }


def _described(drawing: Drawing) -> str:
    told = (" ".join(map(written, (f"{mark.label}:", *mark.words))) for mark in drawing.known)
    return "; ".join(told)


def _row(drawing: Drawing, mark: Mark) -> dict[str, Json]:
    by = 100.0 if drawing.unit is Unit.POINTS else 1.0
    known = {"value": mark.value, "low": mark.low, "high": mark.high}
    return {
        "label": written(mark.label),
        **{name: number * by for name, number in known.items() if number is not None},
        "words": _lines(drawing, [written(word) for word in mark.words if word]),
        "is_muted": mark.is_muted,
    }


def _lines(drawing: Drawing, words: Sequence[str]) -> str:
    """Put the words of a mark together, those of a point on two lines."""
    if isinstance(drawing, Dots):
        return "\n".join(filter(None, (" ".join(words[:2]), " ".join(words[2:]))))
    return " · ".join(filter(None, (*words[:1], " ".join(words[1:]))))


def _measure(drawing: Drawing, field: str) -> dict[str, Json]:
    low, high = drawing.span
    by = 100.0 if drawing.unit is Unit.POINTS else 1.0
    axis: dict[str, Json] = {
        # The axis of columns is named under their labels.
        "title": None if isinstance(drawing, Columns) else written(drawing.axis) or None,
        "format": _FORMATS[drawing.unit],
        "tickCount": 6,
        "gridOpacity": {"condition": {"test": "datum.value === 0", "value": 0.8}, "value": 0.15},
    }
    scale: dict[str, Json] = {"domain": [low * by, high * by], "nice": False, "clamp": True}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale}


def _colour() -> dict[str, Json]:
    return {"condition": {"test": "datum.is_muted", "value": MUTED}, "value": MAIN}


def _tooltip(drawing: Drawing) -> list[Json]:
    shown = _FORMATS[drawing.unit]
    numbers: list[Json] = [
        {"field": name, "type": "quantitative", "format": shown}
        for name in ("value", "low", "high")
        if any(getattr(mark, name) is not None for mark in drawing.known)
    ]
    return [{"field": "label", "type": "nominal"}, *numbers, {"field": "words", "type": "nominal"}]


def _lying(drawing: Drawing) -> dict[str, Json]:
    is_dots = isinstance(drawing, Dots)
    shape: Json = {"type": "point", "filled": True, "size": 110, "opacity": 1} if is_dots else {"type": "bar"}
    marks: Json = {
        "mark": shape,
        "encoding": {"x": _measure(drawing, "value"), "color": _colour(), "tooltip": _tooltip(drawing)},
    }
    has_intervals = any(mark.low is not None for mark in drawing.known)
    whiskers: list[Json] = [_whiskers(drawing)] if has_intervals else []
    # Dots stand before the line of their interval, bars behind it.
    layers = [*whiskers, marks] if is_dots else [marks, *whiskers]
    return {"height": {"step": 40 if is_dots else 30}, "encoding": {"y": _labels()}, "layer": [*layers, _words()]}


def _labels() -> dict[str, Json]:
    axis: Json = {"title": None, "grid": False, "ticks": False, "domain": False, "labelLimit": 320}
    return {"field": "label", "type": "nominal", "sort": None, "axis": axis}


def _whiskers(drawing: Drawing, along: str = "x") -> Json:
    return {
        "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
        "mark": {"type": "errorbar", "ticks": {"color": "currentColor", "size": 10}, "rule": {"color": "currentColor"}},
        "encoding": {along: _measure(drawing, "low"), f"{along}2": {"field": "high"}},
    }


def _words() -> Json:
    return {
        "mark": {
            "type": "text",
            "align": "left",
            "baseline": "middle",
            "dx": 10,
            "lineBreak": "\n",
            "color": "currentColor",
        },
        "encoding": {"x": {"value": "width"}, "text": {"field": "words", "type": "nominal"}},
    }


def _upright(drawing: Drawing) -> dict[str, Json]:
    across: Json = {
        "field": "label",
        "type": "ordinal",
        "sort": None,
        "axis": {"title": written(drawing.axis) or None, "labelAngle": 0, "labelOverlap": True, "ticks": False},
    }
    columns: Json = {
        "mark": {"type": "bar"},
        "encoding": {"y": _measure(drawing, "value"), "color": _colour(), "tooltip": _tooltip(drawing)},
    }
    whiskers: list[Json] = [_whiskers(drawing, "y")] if any(mark.low is not None for mark in drawing.known) else []
    return {"height": 180, "encoding": {"x": across}, "layer": [columns, *whiskers]}


def _config(tongue: Tongue) -> dict[str, Json]:
    coloured = ("labelColor", "titleColor", "gridColor", "domainColor", "tickColor")
    ink: dict[str, Json] = dict.fromkeys(coloured, "currentColor")
    number: Json = {
        "decimal": tongue.decimal,
        "thousands": THIN,
        "grouping": [3],
        "currency": ["", ""],
        "percent": f"{THIN}%",
        "minus": "\N{MINUS SIGN}",
    }
    return {
        "font": "sans-serif",
        "view": {"stroke": None},
        "axis": {**ink, "labelFontSize": 12, "titleFontSize": 12, "tickOpacity": 0.4, "domainOpacity": 0.4},
        "title": {"color": "currentColor", "fontSize": 14},
        "text": {"fontSize": 12},
        "locale": {"number": number},
    }
