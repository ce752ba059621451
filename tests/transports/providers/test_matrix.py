"""The matrix in the docs has every provider that is packaged, and says what they declare today."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from smskit.transports import PROVIDERS

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "src" / "smskit" / "transports" / "providers"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_providers", ROOT / "docs" / "providers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MATRIX = generator()
CLASSES = list(MATRIX.classes())
# Beside the carriers there are parts of some of them, which are none; a carrier over RCS may build on one over SMS.
MODULES = sorted(
    path.stem
    for path in PACKAGE.glob("*.py")
    if path.stem[0] != "_" and any(f"{base})" in path.read_text("utf-8") for base in ("HttpProvider", *PROVIDERS))
)


def rows(page: str) -> list[list[str]]:
    lines = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| provider")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_module_with_a_provider_is_found() -> None:
    assert len(MODULES) > 5
    assert sorted({kind.__module__.rpartition(".")[2] for kind in CLASSES}) == MODULES


def test_the_page_is_that_of_today() -> None:
    assert MATRIX.PAGE.read_text("utf-8") == MATRIX.page(), "run: python docs/providers.py"


def test_both_tables_have_a_row_for_each_and_no_cell_is_missing() -> None:
    found = rows(MATRIX.page())
    assert len(found) == 2 * len(CLASSES)
    sending, afterwards = found[: len(CLASSES)], found[len(CLASSES) :]
    assert {len(row) for row in sending} == {len(MATRIX.SENDING) + 1}
    assert {len(row) for row in afterwards} == {len(MATRIX.AFTERWARDS) + 1}
    assert all(cell for row in found[: len(CLASSES) - 1] for cell in row)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_provider_has_its_page_in_the_usual_shape(kind: type) -> None:
    page = MATRIX.FOLDER / ("json.md" if kind.__name__ == "JsonCarrier" else f"{kind.__module__.rpartition('.')[2]}.md")
    headings = [line for line in page.read_text("utf-8").splitlines() if line.startswith("## ")]
    wanted = ["Configure", "What it does", "STOP", "Receipts and replies", "Traps", "Sources"]
    assert [heading.removeprefix("## ") for heading in headings] == wanted
    assert page.stem in (MATRIX.FOLDER / "index.md").read_text("utf-8").splitlines()


def test_what_cannot_be_made_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MATRIX, "OPTIONS", {})
    vonage = next(kind for kind in CLASSES if kind.__name__ == "VonageMessages")
    with pytest.raises(SystemExit, match=r"VonageMessages cannot be made .*OPTIONS"):
        MATRIX.made(vonage)


def test_a_cell_says_what_is_declared() -> None:
    (telnyx,) = [line for line in MATRIX.table(MATRIX.AFTERWARDS) if line.startswith("| [Telnyx]")]
    assert telnyx == "| [Telnyx](telnyx.md) | – | yes | pushed | yes | – | – | Ed25519 | yes |"
