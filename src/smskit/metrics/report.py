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
from smskit.metrics.cuts import Cut
from smskit.metrics.figures import Figures
from smskit.metrics.page import page_of
from smskit.metrics.showing import view_of
from smskit.metrics.tables import ArrowTable


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

    def to_dicts(self, cut: Cut | str = Cut.ARM) -> list[dict[str, export.Value]]:
        """Give one row for the whole and one for each slice: counts, rates with their bounds and basis, exact money.

        Raises:
            InvalidInput: no such :class:`~smskit.metrics.Cut`.
        """
        return export.rows_of(self, cut)

    def to_arrow(self, cut: Cut | str = Cut.ARM) -> ArrowTable:
        """Give :meth:`to_dicts` as a pyarrow table; the extra ``arrow`` brings it.

        Raises:
            InvalidInput: pyarrow is not installed, or no such :class:`~smskit.metrics.Cut`.
        """
        table: ArrowTable = export.table_of(self, cut)
        return table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Give :meth:`to_arrow` as a stream: ``polars.DataFrame(report)``, ``pandas.DataFrame.from_arrow(report)``."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_csv(self, target: str | PathLike[str] | TextIO, cut: Cut | str = Cut.ARM) -> None:
        """Write one line for each figure of the whole and of each slice.

        The columns are that of the cut (arm, usually), metric, value, low, high, numerator, denominator and basis; a
        slice without a name is the whole.

        Args:
            target: a path or an open text file.
            cut: what the slices have in common.

        Raises:
            InvalidInput: no such :class:`~smskit.metrics.Cut`.
        """
        if isinstance(target, (str, PathLike)):
            with Path(target).open("w", encoding="utf-8", newline="") as file:
                export.write_csv(self, file, cut)
        else:
            export.write_csv(self, target, cut)
