"""The sample messages of the articles that the project began with: 27 parts as published, 15 folded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smskit.encoding import UCS2, Left, fold, measure, split

SAMPLES = json.loads((Path(__file__).parents[1] / "vectors" / "mission_samples.json").read_text("utf-8"))


@pytest.mark.parametrize("sample", SAMPLES["messages"], ids=[sample["name"] for sample in SAMPLES["messages"]])
def test_a_sample_as_published_and_folded(sample):
    folded = fold(sample["text"], left=Left.DROP)
    for text, expected in ((sample["text"], sample["published"]), (folded.text, sample["folded"])):
        found = measure(text)
        assert (str(found.alphabet), found.units, found.parts) == tuple(expected.values())
        assert len(split(text)) == found.parts


def test_folding_nearly_halves_the_bill():
    texts = [sample["text"] for sample in SAMPLES["messages"]]
    assert len(texts) == 12
    assert sum(measure(text).alphabet is UCS2 for text in texts) == 10
    assert sum(measure(text).parts for text in texts) == 27
    assert sum(measure(fold(text, left=Left.DROP).text).parts for text in texts) == 15


def test_a_no_break_space_alone_makes_three_parts_of_one():
    (delivery,) = [sample["text"] for sample in SAMPLES["messages"] if "delivery" in sample["name"]]
    as_on_the_page = delivery.replace(" !", "\u00a0!").replace(" ?", "\u00a0?")
    assert measure(delivery).parts == 1
    assert measure(as_on_the_page)[1:3] == (158, 3)
    assert fold(as_on_the_page).text == delivery
