"""Writing rows of plain values to CSV and JSON Lines."""

from __future__ import annotations

import csv
import json
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
