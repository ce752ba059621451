"""The example notebooks run from their first cell to their last, in a kernel as a reader's would, and look well.

Where a kernel cannot be started, the cells are run in this process through IPython's own display machinery, and the
test says so: no notebook is left out.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import warnings
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from tests.display import browser

import smskit

EXAMPLES = Path(__file__).parents[1] / "examples"
NOTEBOOKS = sorted((EXAMPLES / "notebooks").glob("*.ipynb"))
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

# What each has to show for itself: the titles of what is drawn and said.
SHOWN = {
    "prototype_a_campaign": ("segment · fidèles", "alphabet", "rows read", "simulation · ", "MABOUTIQUE"),
    "read_a_campaign": ("report of run", "From plan to order", "How soon people reacted", "What made a difference"),
    "ab_test": ("experiment · 2 arms", "sample ratio", "B against A", "Conversion rate, by version"),
}

Output = dict[str, Any]
"""What a cell shows, by media type."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the examples, as a reader has them; a kernel imports the smskit that is tested."""
    monkeypatch.setenv("PYTHONPATH", str(Path(smskit.__file__).parents[1]))
    shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "examples" / "notebooks"


def in_kernel(notebook: nbformat.NotebookNode, folder: Path) -> list[Output]:
    """Run the cells in a kernel.

    Raises:
        DeadKernelError, OSError, RuntimeError: it cannot be started here.
    """
    client = NotebookClient(notebook, timeout=120, startup_timeout=60, resources={"metadata": {"path": str(folder)}})
    with warnings.catch_warnings():
        # The machinery of notebooks is not ours to mend.
        warnings.simplefilter("ignore")
        client.execute()
    return [
        dict(output.get("data", {"text/plain": output.get("text", "")}))
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    ]


def in_process(notebook: nbformat.NotebookNode, folder: Path) -> list[Output]:
    """Run the cells here, and show what each gives as IPython does."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell()
    outputs: list[Output] = []
    with in_folder(folder):
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            with capture_output() as told:
                result = shell.run_cell(cell.source, store_history=False)
            result.raise_error()
            if told.stdout:
                outputs.append({"text/plain": told.stdout})
            if result.result is not None:
                shown, _ = shell.display_formatter.format(result.result)
                outputs.append(shown)
    return outputs


@contextlib.contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    before, path, modules = Path.cwd(), list(sys.path), set(sys.modules)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path
        for name in {"make_clients", "make_orders"} & set(sys.modules) - modules:
            del sys.modules[name]


def run(path: Path, folder: Path) -> list[Output]:
    notebook = nbformat.read(path, as_version=4)
    try:
        return in_kernel(notebook, folder)
    except (DeadKernelError, OSError, RuntimeError) as error:
        print(f"no kernel here ({error}): {path.name} is run in this process")
        return in_process(nbformat.read(path, as_version=4), folder)


@every_notebook
def test_a_notebook_runs_and_shows_what_it_promises(path: Path, folder: Path) -> None:
    shown = run(path, folder)
    told = "".join(str(text) for output in shown for text in output.values())
    for words in SHOWN[path.stem]:
        assert words in told
    assert "Traceback" not in told
    assert not re.search(r"33[67]\d{8}", told), "nobody's number is shown"
    charts = [output for output in shown if "application/vnd.vegalite.v5+json" in output]
    assert len(charts) == path.read_text("utf-8").count("report.chart(")
    for chart in charts:
        assert chart["text/plain"]
        assert chart["image/svg+xml"].startswith("<svg ")


def test_without_a_kernel_the_cells_run_here(folder: Path) -> None:
    path = EXAMPLES / "notebooks" / "ab_test.ipynb"
    shown = in_process(nbformat.read(path, as_version=4), folder)
    told = "".join(str(text) for output in shown for text in output.values())
    for words in SHOWN["ab_test"]:
        assert words in told
    assert any("application/vnd.vegalite.v5+json" in output for output in shown)


def test_a_notebook_that_fails_is_told(folder: Path) -> None:
    broken = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    with pytest.raises(ZeroDivisionError):
        in_process(broken, folder)


@every_notebook
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert path.stem in SHOWN


# ---------------------------------------------------------------- in a browser

GROUNDS = [("light", "#ffffff", "#212121"), ("dark", "#111111", "#ffffff")]


def as_page(shown: list[Output], ground: str, ink: str) -> str:
    """Outputs one under the other on the ground of a notebook."""
    style = f"background:{ground};color:{ink};margin:0;padding:16px;width:900px;box-sizing:border-box"
    return f'<!DOCTYPE html><meta charset="utf-8"><body style="{style}">' + "".join(map(_richest, shown))


def _richest(output: Output) -> str:
    html = output.get("text/html") or output.get("image/svg+xml")
    return html or f'<pre style="white-space:pre-wrap">{escape(output["text/plain"])}</pre>'


def test_a_notebook_as_a_browser_shows_it(folder: Path, tmp_path: Path) -> None:
    program = browser.found()
    if program is None:
        pytest.skip(f"there is no browser on this machine: none of {', '.join(browser.NAMES)} is on the path")
    shown = run(EXAMPLES / "notebooks" / "read_a_campaign.ipynb", folder)
    with browser.Browser(program, tmp_path) as window:
        pictures: list[bytes] = []
        for name, ground, ink in GROUNDS:
            path = tmp_path / f"{name}.html"
            path.write_text(as_page(shown, ground, ink), encoding="utf-8")
            window.open(path, width=940)
            assert window.see(browser.OVERFLOW) == []
            assert window.see(browser.DRAWN) >= 15
            pictures.append(window.picture())
        assert window.complaints == []
        assert pictures[0] != pictures[1]
