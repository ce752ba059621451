"""What became of a run, to look at and to keep."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TextIO

from attrs import frozen

from smskit.display import Shown, View
from smskit.display.chart import Chart
from smskit.exports import write_whole
from smskit.metrics import export
from smskit.metrics.charts import ChartName, chart_of
from smskit.metrics.figures import Figures
from smskit.metrics.page import page_of
from smskit.metrics.showing import view_of


@frozen(kw_only=True, repr=False, str=False)
class Report(Figures, Shown):
    """The figures of a run, shown as text and HTML, kept as JSON and CSV; its arguments are those of Figures."""

    def __repr__(self) -> str:
        return f"Report(run_id={self.run_id!r}, sent={self.counts.sent}, delivered={self.counts.delivered})"

    def view(self) -> View:
        """Give what is to be seen."""
        return view_of(self)

    def chart(self, name: ChartName, *, language: str = "en") -> Chart:
        """Give one chart as a Vega-Lite specification that a notebook shows by itself.

        Args:
            name: ``funnel``, ``hours`` (the rate of each hour of sending), ``reactions`` (how soon people reacted),
                ``arms`` or ``lift``. What is not known is not drawn; a chart of nothing has no marks.
            language: ``en`` or ``fr``.

        Raises:
            InvalidInput: another chart or language.
        """
        return chart_of(self, name, language)

    def to_html(self, path: str | PathLike[str], *, language: str = "en") -> None:
        """Write one page about the campaign, for people who do not read code.

        It stands alone: no script, nothing from the network; light or dark as the reader's system is; A4 when printed.

        Args:
            path: where to; a file that is there is replaced in one go.
            language: ``en`` or ``fr``.

        Raises:
            InvalidInput: another language.
        """
        write_whole(path, page_of(self, language))

    def to_dict(self) -> dict[str, export.Json]:
        """Give everything as JSON values; what is not known is null, money is text so that it stays exact."""
        return export.to_dict(self)

    def to_json(self) -> str:
        """Give :meth:`to_dict` as one line of JSON."""
        return export.to_json(self)

    def to_csv(self, target: str | PathLike[str] | TextIO) -> None:
        """Write one line for each figure of the run and of each arm.

        The columns are arm, metric, value, low, high, numerator, denominator and basis; an arm without a name is the
        whole run.

        Args:
            target: a path or an open text file.
        """
        if isinstance(target, (str, PathLike)):
            with Path(target).open("w", encoding="utf-8", newline="") as file:
                export.write_csv(self, file)
        else:
            export.write_csv(self, target)
