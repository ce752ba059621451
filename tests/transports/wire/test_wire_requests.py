"""What goes into a request: senders, bodies, and which messages share one."""

from __future__ import annotations

import pytest
from attrs import evolve

from smskit.testing.factories import outgoing
from smskit.transports.wire.requests import alike, json_of, with_plus, without_plus

SENDERS = [
    # what                       given            with             without
    ("a number", "33612345678", "+33612345678", "33612345678"),
    ("a number with its plus", "+33612345678", "+33612345678", "33612345678"),
    ("a short code", "36180", "36180", "36180"),
    ("a short code of six digits", "361801", "361801", "361801"),
    ("seven digits are a number", "3618012", "+3618012", "3618012"),
    ("a word", "MABOUTIQUE", "MABOUTIQUE", "MABOUTIQUE"),
    ("a word with a plus", "+MABOUTIQUE", "+MABOUTIQUE", "+MABOUTIQUE"),
    ("digits of another script", "٣٦١٨٠١٢٣", "٣٦١٨٠١٢٣", "٣٦١٨٠١٢٣"),
    ("nobody", "", "", ""),
]


@pytest.mark.parametrize(("sender", "plus", "bare"), [row[1:] for row in SENDERS], ids=[row[0] for row in SENDERS])
def test_only_numbers_have_a_plus(sender: str, plus: str, bare: str) -> None:
    assert (with_plus(sender), without_plus(sender)) == (plus, bare)


def test_json_has_its_letters_and_no_spaces() -> None:
    assert json_of({"text": "Noël", "n": [1, 2]}) == '{"text":"Noël","n":[1,2]}'.encode()


def test_those_of_one_key_share_a_request_and_no_number_comes_twice() -> None:
    messages = [evolve(outgoing(seq), text=text) for seq, text in enumerate(("a", "b", "a", "a"))]
    messages.append(evolve(messages[0], reference="run-9"))
    by_text = [[message.reference for message in group] for group in alike(messages, 2)]
    assert by_text == [["run-0", "run-2"], ["run-3", "run-9"], ["run-1"]]
    by_nothing = [[message.reference for message in group] for group in alike(messages, 9, lambda _: None)]
    assert by_nothing == [["run-0", "run-1", "run-2", "run-3"], ["run-9"]]
