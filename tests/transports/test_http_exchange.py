"""The body of an answer, however it is cut, packed or blown up."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smskit.transports.http.exchange import BadAnswer, Body

LIMIT = 1000
PACKERS = {"identity": bytes, "gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}


def _body(packing: str, limit: int = LIMIT) -> Body:
    return Body([(b"Content-Encoding", packing.encode())], limit)


@given(st.binary(max_size=1500), st.sampled_from(sorted(PACKERS)), st.integers(1, 400))
def test_a_body_is_whole_or_too_large_however_it_is_cut(text: bytes, packing: str, cut: int) -> None:
    packed = PACKERS[packing](text)
    body = _body(packing)
    try:
        for start in range(0, len(packed), cut):
            body.add(packed[start : start + cut])
        came = body.whole()
    except BadAnswer:
        assert len(text) > LIMIT
    else:
        assert len(text) <= LIMIT
        assert came == text


@given(st.binary(min_size=1, max_size=800), st.sampled_from(["gzip", "deflate"]), st.data())
def test_what_was_packed_and_cut_off_is_never_taken_for_whole(text: bytes, packing: str, data: st.DataObject) -> None:
    packed = PACKERS[packing](text)
    body = _body(packing)
    body.add(packed[: data.draw(st.integers(1, len(packed) - 1))])
    with pytest.raises(BadAnswer):
        body.whole()


def test_what_follows_a_packed_body_is_no_part_of_it() -> None:
    body = _body("gzip")
    body.add(gzip.compress(b"one") + gzip.compress(b"two"))
    with pytest.raises(BadAnswer):
        body.whole()


def test_a_bomb_never_takes_the_room_that_it_would() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(BadAnswer, match="too large"):
            _body("gzip", 100_000).add(bomb)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


LENGTHS = [
    ("as large as it may be", b"1000", True),
    ("one byte more", b"1001", False),
    ("a length that is none is not ours to judge", b"many", True),
]


@pytest.mark.parametrize(("length", "fits"), [row[1:] for row in LENGTHS], ids=[row[0] for row in LENGTHS])
def test_a_length_that_is_too_large_is_not_waited_for(length: bytes, fits: bool) -> None:
    if fits:
        assert Body([(b"Content-Length", length)], LIMIT).whole() == b""
        return
    with pytest.raises(BadAnswer, match="too large"):
        Body([(b"Content-Length", length)], LIMIT)
