"""Where the quick look may answer without asking for the rules."""

from __future__ import annotations

import itertools

import pytest
import regex

from smskit.encoding import clusters

WITNESSES = ["a", "\n", "\r", "é", "я", "漢", "한", "😀", "👍", "…"]


def test_characters_said_to_stand_alone_do():
    alone = [
        chr(point) for first, last in (*clusters._ALONE, *clusters._ALONE_ASTRAL) for point in range(first, last + 1)
    ]
    assert len(alone) > 45_000
    joined = []
    cluster = regex.compile(r"\X")
    for witness in WITNESSES:
        for order in ("{0}{1}", "{1}{0}"):
            # Many at a time: a line of pairs falls into single characters where none of them joins.
            text = "".join(order.format(character, witness) for character in alone)
            pieces = cluster.findall(text)
            joined += [piece for piece in pieces if len(piece) > 1 and piece != "\r\n"]
    assert joined == []
    assert [pair for pair in map("".join, itertools.pairwise(alone)) if len(cluster.findall(pair)) == 1] == []


def test_blocks_are_within_the_ranges():
    for block, mark in enumerate(clusters.BLOCKS):
        if mark:
            assert clusters.joins_none("".join(map(chr, range(16 * block, 16 * block + 16))))
    assert clusters.BLOCKS[0x201] == clusters.BLOCKS[0x1F60] == clusters.BLOCKS[ord("я") >> 4] == 1
    assert clusters.BLOCKS[0x200] == clusters.BLOCKS[0x30] == clusters.BLOCKS[0xFE0] == 0


BOUNDARIES = [
    ("between letters", "abcd", 0, 2, 2),
    ("before a letter with its accent", "abe\u0301", 0, 3, 2),
    ("not between CR and LF", "ab\r\nc", 0, 3, 2),
    ("between two flags, not within", "🇫🇷🇩🇪", 0, 3, 2),
    ("flags are counted from the start that is given", "🇫🇷🇩🇪", 1, 3, 3),
    ("one cluster from the start on has none", "e\u0301\u0301\u0301", 0, 2, 2),
    ("behind a family", "👩\u200d👧x", 0, 3, 3),
]


@pytest.mark.parametrize(
    ("text", "start", "stop", "found"), [row[1:] for row in BOUNDARIES], ids=[row[0] for row in BOUNDARIES]
)
def test_boundary(text, start, stop, found):
    assert clusters.boundary(text, start, stop) == found
