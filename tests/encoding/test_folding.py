"""Folding: what becomes what, at which level, and that it is all on record."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from smskit.encoding import (
    GSM7,
    TELNYX,
    Change,
    Euro,
    Left,
    Level,
    Profile,
    When,
    fold,
    fold_many,
    measure,
)
from smskit.errors import InvalidInput, UnencodableText

TYPOGRAPHY, ACCENTS, SYMBOLS, EVERYTHING = Level

CASES = [
    ("what GSM-7 has stays", "é è à ù Ç € ñ Æ £ § Ω ß", EVERYTHING, "é è à ù Ç € ñ Æ £ § Ω ß"),
    ("curly quotes", "‘l’été’ “ici” „là”", TYPOGRAPHY, '\'l\'été\' "ici" "là"'),
    ("guillemets give up their inner space", "« Carmen » et «\u00a0été\u202f»", TYPOGRAPHY, '"Carmen" et "été"'),
    ("dashes and the ellipsis", "lundi – mardi — …", TYPOGRAPHY, "lundi - mardi - ..."),
    ("no-break spaces", "12\u00a0€\u202f!", TYPOGRAPHY, "12 € !"),
    ("invisible characters go", "a\u200bb\u00adc\ufeffd", TYPOGRAPHY, "abcd"),
    ("a tab is a space", "a\tb", TYPOGRAPHY, "a b"),
    ("CR LF and CR are LF", "a\r\nb\rc", TYPOGRAPHY, "a\nb\nc"),
    ("inclusive writing", "étudiant·e·s", TYPOGRAPHY, "étudiant.e.s"),
    ("a bullet elsewhere", "• lundi", TYPOGRAPHY, "- lundi"),
    ("decomposed accents that GSM-7 has", "e\u0301te\u0301", TYPOGRAPHY, "été"),
    ("an invisible character between letter and accent", "e\u200b\u0301", TYPOGRAPHY, "é"),
    ("the sign for ohm is omega", "\u2126", TYPOGRAPHY, "Ω"),
    ("accents wait for their level", "fête", TYPOGRAPHY, "fête"),
    ("accents", "fête, garçon, Noël, naïf, hôtel, sûr", ACCENTS, "fete, garcon, Noel, naif, hotel, sur"),
    ("ligatures", "cœur, Œuvre, ŒUVRE, ﬁn", ACCENTS, "coeur, Oeuvre, OEUVRE, fin"),
    ("capital letters", "À L'ÉCOLE, ÇA, ÊTRE", ACCENTS, "A L'ÉCOLE, ÇA, ETRE"),
    ("decomposed accents that GSM-7 has not", "e\u0302tre", ACCENTS, "etre"),
    ("a letter of another language", "Nguyễn Đặng", ACCENTS, "Nguyen Dang"),
    ("letters of another shape", "𝗣𝗥𝗢𝗠𝗢", ACCENTS, "PROMO"),
    ("ordinals", "1ᵉʳ, 2ᵉ", ACCENTS, "1er, 2e"),
    ("symbols wait for their level", "25 °C", ACCENTS, "25 °C"),
    ("degrees Celsius", "25 °C et 30°C", SYMBOLS, "25 C et 30 C"),
    ("degrees elsewhere", "90°", SYMBOLS, "90o"),
    ("numbers", "n°12, N° 5, le n° ", SYMBOLS, "no 12, No 5, le no "),
    ("powers and fractions", "20 m² ½", SYMBOLS, "20 m2 1/2"),
    ("marks of owners", "©® ™", SYMBOLS, "(C)(R) TM"),
    ("emoji stay where nothing is known", "bravo 🎉", EVERYTHING, "bravo 🎉"),
    ("pictures wait for their level", "❤️", SYMBOLS, "❤️"),
    ("pictures", "je ❤️ 👉 ici ✅", EVERYTHING, "je <3 -> ici OK"),
    ("a picture of several is replaced whole or not at all", "❤️‍🔥", EVERYTHING, "❤️‍🔥"),
    ("a flag stays whole", "🇫🇷", EVERYTHING, "🇫🇷"),
    ("a key stays whole", "1️⃣", EVERYTHING, "1️⃣"),
    ("neighbours that meet when something goes", "\r\u20e3\ufe0f", ACCENTS, "\n\u20e3"),
    ("flags that meet when something goes", "🇫\u200b🇷\ufe0f", TYPOGRAPHY, "🇫🇷"),
    ("the variation selector stays with what stays", "☀️", EVERYTHING, "☀️"),
]


@pytest.mark.parametrize(("text", "level", "folded"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_fold(text, level, folded):
    found = fold(text, level=level)
    assert found.text == folded
    assert fold(found.text, level=level) == type(found)(folded)
    assert rebuilt(text, found.changes) == folded


def rebuilt(text, changes):
    """Apply the record of changes to the original."""
    pieces, at = [], 0
    for change in changes:
        assert text[change.index : change.index + len(change.before)] == change.before
        assert change.why
        pieces += [text[at : change.index], change.after]
        at = change.index + len(change.before)
    return "".join([*pieces, text[at:]])


def test_changes_say_where_from_to_and_why():
    assert fold("L’été à Nîmes…").changes == (
        Change(1, "’", "'", "the plain form of the same sign"),
        Change(9, "î", "i", "the accent or ligature has no place in GSM-7; the word stays readable"),
        Change(13, "…", "...", "the plain form of the same sign"),
    )


EUROS = [
    ("kept unless asked", Euro.KEEP, "12 € l’un", "12 € l'un"),
    ("one letter", Euro.E, "12 € l’un", "12 E l'un"),
    ("three letters", Euro.EUR, "12 €", "12 EUR"),
]


@pytest.mark.parametrize(("euro", "text", "folded"), [row[1:] for row in EUROS], ids=[row[0] for row in EUROS])
def test_the_euro_sign(euro, text, folded):
    found = fold(text, euro=euro)
    assert found.text == folded
    assert rebuilt(text, found.changes) == folded


LEFT = [
    ("kept", Left.KEEP, "Été 😀 漢字 ça"[:8], "Été 😀 漢字"),
    ("dropped", Left.DROP, "Été 😀 ça", "Été  ca"),
    ("a flag is dropped whole", Left.DROP, "a🇫🇷b", "ab"),
    ("a family is one question mark", Left.QUESTION_MARK, "a👨‍👩‍👧b", "a?b"),
    ("an accent on an unknown letter", Left.QUESTION_MARK, "я\u0301", "?"),
]


@pytest.mark.parametrize(("left", "text", "folded"), [row[1:] for row in LEFT], ids=[row[0] for row in LEFT])
def test_what_is_not_known(left, text, folded):
    found = fold(text, left=left)
    assert found.text == folded
    assert rebuilt(text, found.changes) == folded


def test_what_is_not_known_can_be_refused():
    with pytest.raises(UnencodableText) as caught:
        fold("l’été 😀", left=Left.REFUSE)
    assert (caught.value.character, caught.value.index) == ("😀", 6)


WHEN = [
    ("only if all fits: it does", When.FITS, "l’été", "l'été"),
    ("only if all fits: it does not", When.FITS, "l’été 😀", "l’été 😀"),
    ("only if cheaper: one part either way", When.CHEAPER, "l’été", "l’été"),
    ("only if cheaper: it is", When.CHEAPER, "l’été" * 20, "l'été" * 20),
    ("always", When.ALWAYS, "l’été 😀", "l'été 😀"),
]


@pytest.mark.parametrize(("when", "text", "folded"), [row[1:] for row in WHEN], ids=[row[0] for row in WHEN])
def test_when_a_folded_text_is_worth_having(when, text, folded):
    found = fold(text, when=when)
    assert found.text == folded
    assert bool(found.changes) == (folded != text)


def test_folding_for_a_smaller_alphabet():
    assert fold("Ça §", alphabet=TELNYX, left=Left.QUESTION_MARK).text == "Ca ?"


def test_fold_many_is_fold_for_each():
    texts = ["Bonjour", "l’été", "a\r\nb", "12 €"]
    assert fold_many(iter(texts)) == tuple(fold(text) for text in texts)
    assert fold_many(texts, euro=Euro.E)[3].text == "12 E"


def test_every_replacement_of_the_profile_is_gsm():
    data = json.loads(files("smskit.encoding").joinpath("fold_french.json").read_text("utf-8"))
    everything = {source: to for group in data["map"].values() for source, to in group.items()}
    assert len(everything) == 336
    assert [to for to in everything.values() if GSM7.foreign(to) is not None] == []
    assert [source for source in everything if source in GSM7.characters] == []
    assert set(data["map"]) == set(data["groups"]) == set(data["levels"]["everything"])
    assert fold("".join(sorted(everything)), level=EVERYTHING, left=Left.REFUSE).changes


def test_a_profile_of_ones_own_needs_no_code(tmp_path):
    own = tmp_path / "swiss.json"
    own.write_text(
        json.dumps(
            {
                "default_level": "typography",
                "levels": {"typography": ["quotes"]},
                "groups": {"quotes": "plain quotes"},
                "rules": [{"group": "quotes", "pattern": "—(?= )", "to": "--", "why": "two hyphens"}],
                "map": {"quotes": {"«": "<", "»": ">"}},
            }
        )
    )
    swiss = Profile.read(own)
    found = fold("«été» — fin", swiss)
    assert found.text == "<été> -- fin"
    assert [change.why for change in found.changes] == ["plain quotes", "plain quotes", "two hyphens"]
    assert swiss.name == "swiss"


BROKEN = [
    ("no JSON", "nothing"),
    ("a key is missing", "{}"),
    ("a rule is no expression", '{"default_level": "accents", "levels": {}, "groups": {}, "map": {}, "rules": '
     '[{"group": "a", "pattern": "(", "to": "", "why": ""}]}'),
]  # fmt: skip


@pytest.mark.parametrize("content", [row[1] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_profile_is_refused(tmp_path, content):
    path = tmp_path / "broken.json"
    path.write_text(content)
    with pytest.raises(InvalidInput, match="broken"):
        Profile.read(path)


def test_an_unknown_profile_names_those_there_are():
    with pytest.raises(InvalidInput, match="french"):
        fold("’", "klingon")


def test_only_text_is_folded():
    for wrong in (None, b"abc", 5):
        with pytest.raises(TypeError):
            fold(wrong)
    for wrong in ("abc", b"abc"):
        with pytest.raises(TypeError):
            fold_many(wrong)
    with pytest.raises(TypeError):
        fold_many([None])


def test_no_text_in_a_repr_but_the_changes_print():
    found = fold("rendez-vous à l’hôtel")
    assert "rendez" not in repr(found)
    assert str(found).splitlines()[0] == "2 changes"
    assert measure(found.text).alphabet is GSM7
