from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import frozen

from smskit.display import (
    Bubble,
    Facts,
    Line,
    Phone,
    Shown,
    Sum,
    Table,
    View,
    grouped,
    percent,
    to_html,
    to_text,
)
from smskit.display.words import columns_of, decimals, harmless
from smskit.errors import InvalidInput

THIN = "\N{NARROW NO-BREAK SPACE}"


@frozen
class Verdict(Shown):
    """A value as the library has them: frozen, with slots, with the repr of attrs."""

    allowed: bool

    def view(self) -> View:
        return View("verdict", Line("allowed" if self.allowed else "blocked"))


def test_a_shown_object_has_its_two_faces_and_keeps_its_repr() -> None:
    verdict = Verdict(allowed=True)
    assert str(verdict) == "verdict\nallowed" == to_text(verdict.view())
    assert verdict._repr_html_() == to_html(verdict.view())
    assert repr(verdict) == "Verdict(allowed=True)"
    assert not hasattr(verdict, "__dict__")


def test_an_object_without_a_view_cannot_be_made() -> None:
    class Nothing(Shown):
        pass

    with pytest.raises(TypeError, match="view"):
        Nothing()  # type: ignore[abstract]


def test_views_are_values() -> None:
    assert View("t", Facts(("a", 1))) == View("t", Facts(("a", 1)))
    assert len({Phone("S", Bubble(["a"], marks=[1])), Phone("S", Bubble(("a",), marks={1}))}) == 1
    with pytest.raises(AttributeError):
        View("t").title = "u"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("headers", "rows", "align"),
    [
        pytest.param(["a", "b"], [("x", 1), ("y",)], "", id="a row that is too short"),
        pytest.param(["a"], [("x", 1)], "", id="a row that is too long"),
        pytest.param(["a", "b"], [], "l", id="too few sides"),
        pytest.param(["a"], [], "c", id="an unknown side"),
    ],
)
def test_a_crooked_table_is_refused(headers: list[str], rows: list[tuple[str | int, ...]], align: str) -> None:
    with pytest.raises(InvalidInput):
        Table(headers, rows, align)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        pytest.param(0, "0", id="nothing"),
        pytest.param(999, "999", id="the last without a space"),
        pytest.param(16_402, f"16{THIN}402", id="thousands"),
        pytest.param(1_000_000, f"1{THIN}000{THIN}000", id="a million"),
        pytest.param(-1_234, f"-1{THIN}234", id="less than nothing"),
    ],
)
def test_counts_are_grouped(count: int, text: str) -> None:
    assert grouped(count) == text


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        pytest.param(0.9769, 1, f"97.7{THIN}%", id="one digit"),
        pytest.param(0.5, 0, f"50{THIN}%", id="no digit"),
        pytest.param(None, 1, "–", id="a share of nothing"),
        pytest.param(0.0, 1, f"0.0{THIN}%", id="zero is not nothing"),
    ],
)
def test_shares_are_per_cent(share: float | None, digits: int, text: str) -> None:
    assert percent(share, digits=digits) == text


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [
        pytest.param(Decimal("1502.9"), 2, False, f"1{THIN}502.90", id="an amount"),
        pytest.param(0.129, 1, True, "+0.1", id="more than there was"),
        pytest.param(Decimal(-3), 0, True, "-3", id="less than there was"),
    ],
)
def test_numbers_have_their_decimals(value: float | Decimal, digits: int, signed: bool, text: str) -> None:
    assert decimals(value, digits=digits, signed=signed) == text


def test_a_change_has_its_sign() -> None:
    assert (percent(0.429, signed=True), percent(-0.05, signed=True)) == (f"+42.9{THIN}%", f"-5.0{THIN}%")


def test_making_a_text_harmless_keeps_every_place() -> None:
    everything = "".join(map(chr, range(0x11000)))
    shown = harmless(everything)
    assert len(shown) == len(everything)
    assert columns_of("é🎉e\u0301") == 4
    assert [place for place in range(32) if shown[place] == everything[place]] == [10]
    assert shown.encode()
    assert not set("\ufffe\uffff") & set(shown)  # no XML may hold them


def test_a_sum_closes_or_not() -> None:
    assert Sum(("read", 3), ("a", 1), ("b", 2)).closes
    assert not Sum(("read", 3), ("a", 1)).closes
