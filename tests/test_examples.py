"""Every Python block of README and docs is run, page by page, in a folder that has the files of examples/data.

The blocks of one page share their names and run in order. A block with ``>>>`` is a conversation, and what it answers
is compared. ``<!-- no-run: reason -->`` on the line before a block leaves it out, and the reason is reported as a skip.
"""

from __future__ import annotations

import ast
import asyncio
import doctest
import inspect
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).parents[1]
DATA = ROOT / "examples" / "data"

_FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|:{3,}) *(?P<language>[\w{}.-]*)")
_NO_RUN = re.compile(r"<!--\s*no-run:\s*(?P<reason>.*?)\s*-->")
_LANGUAGES = ("python", "py", "pycon", "python3")


@frozen
class Block:
    """One fenced block: the line it starts on, what it says, why it is not run."""

    line: int
    text: str
    no_run: str | None = None

    @property
    def is_conversation(self) -> bool:
        return any(line.lstrip().startswith(">>> ") for line in self.text.splitlines())


def blocks_of(page: str) -> Iterator[Block]:
    """Give the Python blocks of a page; blocks of other languages are passed over as a whole."""
    no_run: str | None = None
    lines = iter(enumerate(page.splitlines(), 1))
    for number, line in lines:
        if not line.strip():
            continue
        opening = _FENCE.match(line)
        if opening is None:
            remark = _NO_RUN.search(line)
            no_run = remark["reason"] if remark else None
            continue
        inside: list[str] = []
        for _, inner in lines:
            if inner.strip() == opening["fence"]:
                break
            inside.append(inner.removeprefix(opening["indent"]))
        if opening["language"] in _LANGUAGES:
            yield Block(number + 1, "\n".join(inside) + "\n", no_run)
        no_run = None


def pages() -> list[Path]:
    return [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if path.exists()]


PAGES = [page for page in pages() if any(blocks_of(page.read_text("utf-8")))]
LEFT_OUT = [(page, block) for page in PAGES for block in blocks_of(page.read_text("utf-8")) if block.no_run is not None]


def run(block: Block, names: dict[str, object], page: str) -> None:
    if block.is_conversation:
        converse(block, names, page)
        return
    # Empty lines before it give tracebacks the line numbers of the page.
    source = "\n" * (block.line - 1) + block.text
    code = compile(source, page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(code, names))
    else:
        exec(code, names)


def converse(block: Block, names: dict[str, object], page: str) -> None:
    # Thin spaces are written as plain ones on a page: nobody can type them.
    conversation = doctest.DocTestParser().get_doctest(block.text, {}, page, page, block.line - 1)
    conversation.globs = names
    complaints: list[str] = []
    checker = _Spaces()
    runner = doctest.DocTestRunner(checker, optionflags=doctest.ELLIPSIS)
    runner.run(conversation, out=complaints.append, clear_globs=False)
    assert not runner.failures, "".join(complaints)


class _Spaces(doctest.OutputChecker):
    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want, got.replace("\N{NARROW NO-BREAK SPACE}", " "), optionflags)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if DATA.is_dir():
        shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks_of(page.read_text("utf-8")):
        if block.no_run is None:
            run(block, names, str(page.relative_to(ROOT)))


@pytest.mark.parametrize(
    ("page", "block"), LEFT_OUT, ids=[f"{page.relative_to(ROOT).as_posix()}:{block.line}" for page, block in LEFT_OUT]
)
def test_an_example_that_is_left_out_says_why(page: Path, block: Block) -> None:
    assert block.no_run, f"{page.name} line {block.line}: a no-run remark needs its reason"
    ast.parse(block.text)
    pytest.skip(block.no_run)


# ---------------------------------------------------------------- the runner itself

PAGE = """
# A page

```python
value = 1
```

<!-- no-run: it would send -->

```python
value = 2
```

```toml
[not-python]
```

1. In a list:

   ```python
   value += 1
   ```

````markdown
```python
value = 99
```
````

```pycon
>>> value
2
```
"""


def test_blocks_are_found_with_their_lines_and_remarks() -> None:
    assert list(blocks_of(PAGE)) == [
        Block(5, "value = 1\n"),
        Block(11, "value = 2\n", "it would send"),
        Block(21, "value += 1\n"),
        Block(31, ">>> value\n2\n"),
    ]


def test_blocks_share_their_names() -> None:
    names: dict[str, object] = {}
    for block in blocks_of(PAGE):
        if block.no_run is None:
            run(block, names, "page")
    assert names["value"] == 2


BROKEN: list[tuple[str, str, type[BaseException]]] = [
    ("a block that raises", "raise KeyError", KeyError),
    ("a block that is not Python", "x = = 1", SyntaxError),
    ("a conversation with another answer", ">>> 1 + 1\n3", AssertionError),
    ("a conversation that raises", ">>> 1 / 0\n", AssertionError),
]


@pytest.mark.parametrize(("text", "error"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_example_fails(text: str, error: type[BaseException]) -> None:
    with pytest.raises(error):
        run(Block(1, text + "\n"), {}, "page")


def test_the_traceback_names_the_line_of_the_page() -> None:
    with pytest.raises(ZeroDivisionError) as error:
        run(Block(7, "x = 1\nx / 0\n"), {}, "docs/page.md")
    last = error.traceback[-1]
    assert (str(last.path).endswith("docs/page.md"), last.lineno + 1) == (True, 8)


def test_a_block_may_await_and_a_thin_space_is_a_space() -> None:
    names: dict[str, object] = {}
    run(Block(1, "import asyncio\nresult = await asyncio.sleep(0, 'done')\n"), names, "page")
    assert names["result"] == "done"
    run(Block(1, ">>> print('16\\u202f402')\n16 402\n"), {}, "page")
