"""Writing rows of plain values to CSV and JSON Lines."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TextIO, Union

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
    """Write a file in one go: whoever opens it sees the one before or this one, never half of it."""
    target = Path(path)
    # Beside the target, because a file can only be moved at once within one file system.
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="")
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
