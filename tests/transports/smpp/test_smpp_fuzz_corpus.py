"""The inputs that fuzzing begins with are held to its promises in every run of the tests."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

FUZZ = runpy.run_path(str(Path(__file__).parents[3] / "fuzz" / "smpp.py"))
INPUTS: dict[str, bytes] = FUZZ["corpus"]()


@pytest.mark.parametrize("data", INPUTS.values(), ids=INPUTS.keys())
@pytest.mark.parametrize("choices", range(8), ids="as {}".format)
def test_inputs_of_the_corpus(data: bytes, choices: int) -> None:
    FUZZ["check"](bytes((choices,)) + data[1:])
