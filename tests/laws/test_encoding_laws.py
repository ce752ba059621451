"""Laws of encoding, held by texts that nobody would write."""

from __future__ import annotations

import itertools

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from smskit.encoding import (
    ASCII,
    GSM7,
    LATIN1,
    TELNYX,
    UCS2,
    Concat,
    Cut,
    Euro,
    Language,
    Layout,
    Left,
    Level,
    When,
    cheapest,
    decode,
    encode,
    explain,
    fold,
    measure,
    measure_many,
    national,
    pack,
    ports,
    read_header,
    split,
    unpack,
)
from smskit.errors import TooLong

LANGUAGES = st.sampled_from([None, *Language])
ALPHABETS = st.builds(
    lambda locking, single: national(locking=locking, single=single),
    LANGUAGES.filter(lambda language: language is not Language.SPANISH),
    LANGUAGES,
)
LAYOUTS = st.builds(
    Layout,
    cut=st.sampled_from(Cut),
    concat=st.sampled_from(Concat),
    elements=st.sampled_from([(), (ports(2948),), (ports(1, wide=False),), (ports(1), ports(2))]),
    most=st.sampled_from([None, 150]),
)

KNOWN_LEFT = [left for left in Left if left is not Left.REFUSE]
FRENCH = "aeiou éèàùçêïœ’«»…–\u00a0\u202f€[]{}^\r\n\f°²ᵉ·\u200b\u0301\u0302\u0327"
PICTURES = "😀👍🏽👩\u200d👧\ufe0f❤🇫🇷1\u20e3☀\U0001f3f4\U000e0067\ud83d\udc00\x1b\0"
CHARACTERS = st.one_of(st.sampled_from(FRENCH + PICTURES), st.characters(), st.characters(max_codepoint=0xFF))
# Repeated, so that texts of several parts come up often.
TEXTS = st.builds(lambda text, times: text * times, st.text(CHARACTERS, max_size=60), st.integers(1, 12))


def written_in(alphabet):
    return st.builds(
        lambda text, times: text * times,
        st.text(st.sampled_from(sorted(alphabet.characters)), max_size=40),
        st.integers(1, 10),
    )


@given(TEXTS, LAYOUTS)
def test_what_was_split_joins_back_and_no_part_is_over_its_room(text, layout):
    parts = split(text, layout=layout, reference=3)
    found = measure(text, layout=layout)
    assert "".join(part.text for part in parts) == text
    assert len(parts) == found.parts
    assert sum(part.units for part in parts) == found.units
    assert parts[-1].room == found.room
    for part in parts:
        assert part.room >= 0
        assert len(part.user_data) <= 140
        assert part.units == part.alphabet.weigh(part.text)
        if part.alphabet is GSM7:
            assert not part.data.endswith(b"\x1b")
            assert part.user_data_length <= 160
        elif "\ufffd" not in part.data.decode("utf-16-be"):
            assert part.data.decode("utf-16-be") == part.text


@given(TEXTS)
def test_no_cut_falls_within_a_cluster_that_a_part_can_hold(text):
    clusters = regex.findall(r"\X", text)
    edges, at = {0}, 0
    oversize = False
    for cluster in clusters:
        at += len(cluster)
        edges.add(at)
        oversize = oversize or UCS2.weigh(cluster) > 67
    at = 0
    for part in split(text):
        at += len(part.text)
        assert at in edges or oversize


@given(TEXTS)
def test_parts_are_filled_as_far_as_they_go(text):
    parts = split(text, layout=Layout(cut=Cut.CODE_POINT))
    for part, following in itertools.pairwise(parts):
        assert part.alphabet.weigh(following.text[0]) > part.room


@given(st.data(), ALPHABETS, LAYOUTS)
def test_decoding_what_was_encoded_gives_it_back(data, alphabet, layout):
    text = data.draw(written_in(alphabet))
    assert decode(encode(text, alphabet=alphabet), alphabet=alphabet) == text
    read = []
    for part in split(text, alphabet=alphabet, layout=layout):
        length = read_header(part.user_data)[1] if part.header else 0
        assert length == len(part.header)
        septets = unpack(part.user_data[length:], count=part.units, fill_bits=part.fill_bits)
        assert part.user_data_length - part.units == (8 * length + part.fill_bits) // 7
        read.append(decode(septets, alphabet=alphabet))
    assert "".join(read) == text


@given(st.data())
def test_code_pages_and_ucs2_give_back_too(data):
    for alphabet, limit in ((ASCII, 0x7F), (LATIN1, 0xFF), (UCS2, 0x10FFFF)):
        text = data.draw(st.text(st.characters(max_codepoint=limit, exclude_categories=("Cs",))))
        assert decode(encode(text, alphabet=alphabet), alphabet=alphabet) == text


@given(st.binary().map(lambda octets: bytes(octet & 0x7F for octet in octets)), st.integers(0, 6))
def test_unpacking_what_was_packed_gives_it_back(septets, fill):
    assert unpack(pack(septets, fill_bits=fill), count=len(septets), fill_bits=fill) == septets


@given(st.binary().map(lambda octets: bytes(octet & 0x7F for octet in octets)), ALPHABETS)
def test_any_septets_can_be_read(septets, alphabet):
    assert len(decode(septets, alphabet=alphabet)) <= len(septets)
    assert septets.decode("gsm7") == decode(septets)


@given(written_in(GSM7))
def test_the_codec_is_the_alphabet(text):
    assert text.encode("gsm7") == encode(text)
    assert text.encode("gsm7").decode("gsm7") == text


@given(TEXTS, st.sampled_from(Level), st.sampled_from(Euro), st.sampled_from(KNOWN_LEFT), st.sampled_from(When))
@settings(max_examples=300)
def test_folding_twice_changes_nothing_and_all_is_on_record(text, level, euro, left, when):
    once = fold(text, level=level, euro=euro, left=left, when=when)
    twice = fold(once.text, level=level, euro=euro, left=left, when=when)
    assert twice.text == once.text
    assert twice.changes == ()
    pieces, at = [], 0
    for change in once.changes:
        assert change.index >= at
        assert text[change.index : change.index + len(change.before)] == change.before
        pieces += [text[at : change.index], change.after]
        at = change.index + len(change.before)
    assert "".join([*pieces, text[at:]]) == once.text


@given(written_in(GSM7))
def test_what_gsm_has_is_not_touched(text):
    unbroken = text.replace("\r", "")
    assert fold(unbroken, level=Level.EVERYTHING).text == unbroken


@given(TEXTS, st.sampled_from([GSM7, TELNYX]))
def test_with_nothing_left_a_folded_text_fits(text, alphabet):
    assert alphabet.foreign(fold(text, left=Left.DROP, alphabet=alphabet).text) is None


@given(st.lists(TEXTS, max_size=8))
def test_many_are_as_one_by_one(texts):
    found = [measure(text) for text in texts]
    assert measure_many(texts) == tuple(
        tuple(getattr(one, name) for one in found) for name in ("parts", "units", "alphabet")
    )


@given(TEXTS)
def test_a_finer_cut_never_needs_more_parts(text):
    assert measure(text, layout=Layout(cut=Cut.CODE_POINT)).parts <= measure(text).parts


@given(st.data(), ALPHABETS)
@settings(max_examples=30, deadline=None)
def test_the_cheapest_tables_are_never_dearer(data, alphabet):
    text = data.draw(written_in(alphabet))
    chosen = measure(text, alphabet=cheapest(text)).parts
    assert chosen <= measure(text, alphabet=alphabet).parts
    assert chosen <= measure(text).parts


@given(TEXTS)
@settings(max_examples=40, deadline=None)
def test_any_text_can_be_explained(text):
    found = explain(text)
    assert "".join(found.parts) == text
    assert sum(found.weights) == found.measure.units
    assert str(found)
    assert "<script" not in found._repr_html_()


@given(st.integers(256, 400))
@settings(max_examples=5)
def test_more_than_255_parts_are_measured_but_not_split(parts):
    text = "ê" * 67 * parts
    assert measure(text).parts == parts
    with pytest.raises(TooLong):
        split(text)
