"""Writing rows of plain values to CSV and JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from stat import S_IMODE
from typing import TextIO, Union
from uuid import uuid4

Target = Union[str, "PathLike[str]", TextIO]
"""A path, or a text file that is open for writing (it stays open)."""


@contextmanager
def _opened(target: Target) -> Generator[TextIO, None, None]:
    if isinstance(target, (str, PathLike)):
        with Path(target).open("w", encoding="utf-8", newline="") as file:
            yield file
    else:
        yield target


def write_whole(path: str | PathLike[str], text: str) -> None:
    """Write a file in one go: whoever opens it sees the one before or this one, never half of it.

    A link stays one, a file that is there keeps its permissions, and what is no file (a pipe, a device) is written to.
    """
    target = Path(path)
    if target.exists() and not target.is_file():
        target.write_text(text, encoding="utf-8", newline="")
        return
    target = target.resolve()
    # Beside the target, because a file can only be moved at once within one file system; by a name that no other
    # thread or process has.
    beside = target.with_name(f".{uuid4().hex}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="")
        if target.exists():
            beside.chmod(S_IMODE(target.stat().st_mode))
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def write_csv(target: Target, names: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a header and a line for each row; None is an empty cell."""
    with _opened(target) as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def write_jsonl(target: Target, rows: Iterable[Mapping[str, object]]) -> None:
    """Write one JSON object a line."""
    with _opened(target) as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
