"""A chart: a Vega-Lite specification that a notebook knows how to show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from smskit.display.drawings import Scaled
from smskit.display.svg import to_svg
from smskit.display.text import to_text
from smskit.display.tongue import ENGLISH, Tongue
from smskit.display.vega import Json, to_vega
from smskit.errors import InvalidInput

if TYPE_CHECKING:
    import altair as alt

MIME = "application/vnd.vegalite.v5+json"


class Chart(dict[str, Json]):
    """A Vega-Lite specification: a plain dict, with its data inside.

    ``json.dumps(chart)`` is for whatever knows Vega-Lite, :meth:`altair` for Altair, :meth:`svg` for a page. A notebook
    shows it by itself: as Vega-Lite, as a picture where that is not known, as bars in a terminal.
    """

    __slots__ = ("drawing", "tongue")

    def __init__(self, drawing: Scaled, tongue: Tongue = ENGLISH) -> None:
        super().__init__(to_vega(drawing, tongue))
        self.drawing = drawing
        self.tongue = tongue

    def to_json(self) -> str:
        """Give the specification as one line of JSON."""
        return json.dumps(self, ensure_ascii=False)

    def svg(self) -> str:
        """Give the chart as an SVG picture without script, in the colour of the page around it."""
        return to_svg(self.drawing, self.tongue)

    def altair(self) -> alt.TopLevelMixin:
        """Give the chart as one of Altair's, to change and to save.

        Raises:
            InvalidInput: Altair is not installed.
        """
        try:
            import altair as alt
        except ImportError:
            raise InvalidInput("charts of Altair take altair; pip install 'smskit[charts]'") from None
        return alt.Chart.from_dict(dict(self))

    def __str__(self) -> str:
        return to_text(self.drawing)

    def __repr__(self) -> str:
        return f"Chart({self.drawing.title!r}, {len(self.drawing.marks)} marks)"

    def __reduce__(self) -> tuple[type[Chart], tuple[Scaled, Tongue]]:
        return (Chart, (self.drawing, self.tongue))

    def _repr_mimebundle_(self, **_: object) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
        shown: dict[str, Json] = {"text/plain": str(self)}
        if self.drawing.marks:
            # A notebook that knows no Vega-Lite shows the picture as a file, which inherits no colour.
            shown |= {MIME: dict(self), "image/svg+xml": to_svg(self.drawing, self.tongue, has_ground=True)}
        # Drawn as SVG the words take the colour of the notebook, light or dark.
        return shown, {MIME: {"embed_options": {"renderer": "svg", "actions": False}}}
