"""Folding: writing a text in the characters of GSM-7, with each change on record.

A profile is a file of data (``fold_french.json``); adding one needs no code.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache, lru_cache
from importlib.resources import files
from itertools import accumulate
from os import PathLike
from pathlib import Path

from attrs import field, frozen

from smskit.encoding.alphabets import GSM7, UCS2, Septets
from smskit.encoding.arguments import require_text, require_texts
from smskit.encoding.twin import measure
from smskit.errors import InvalidInput, UnencodableText


class Level(Enum):
    """How much may be lost; each level does what those before it do."""

    TYPOGRAPHY = "typography"
    """Quotes, dashes, spaces, ellipses: the same sign in its plain form."""

    ACCENTS = "accents"
    """Letters that GSM-7 lacks lose their accent or ligature: ê ç œ."""

    SYMBOLS = "symbols"
    """Signs are spelled: ° ² © ½."""

    EVERYTHING = "everything"
    """Pictures are told in signs, where the profile knows how."""


class Euro(Enum):
    """What becomes of the euro sign, which GSM-7 has at the price of two septets."""

    KEEP = "€"
    E = "E"
    EUR = "EUR"


class Left(Enum):
    """What becomes of a character that no rule and no map knows."""

    KEEP = "keep"
    DROP = "drop"
    QUESTION_MARK = "question mark"
    REFUSE = "refuse"


class When(Enum):
    """Whether a folded text is worth having."""

    ALWAYS = "always"
    FITS = "fits"
    """Only if all of the text then fits the alphabet; else nothing is gained and the text stays as it was."""

    CHEAPER = "cheaper"
    """Only if the text then needs fewer parts."""


@frozen
class Change:
    """One replacement: *before* at *index* of the original text became *after*."""

    index: int
    before: str
    after: str
    why: str


@frozen
class Folded:
    """A folded text and everything that was changed in it, in order."""

    text: str = field(repr=lambda text: f"<{len(text)} characters>")
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        lines = [f"{len(self.changes)} changes"]
        lines += [f"  {c.index:>4}  {c.before!r} -> {c.after!r}  {c.why}" for c in self.changes]
        return "\n".join(lines)


@frozen
class _Rule:
    group: str
    pattern: str
    to: str
    why: str


@frozen(eq=False)
class Profile:
    """What may replace what, grouped by what is lost.

    Args:
        name: what it is called, for example ``french``.
        default_level: the level taken when the caller names none.
        levels: the groups that each level applies.
        groups: why a group of characters is replaced, in words.
        rules: replacements that look at the neighbours; they come first.
        map: replacement of single characters, by group.
    """

    name: str
    default_level: Level
    levels: Mapping[Level, tuple[str, ...]] = field(repr=False)
    groups: Mapping[str, str] = field(repr=False)
    rules: tuple[_Rule, ...] = field(repr=False)
    map: Mapping[str, Mapping[str, str]] = field(repr=False)

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Profile:
        """Read a profile of your own; ``fold_french.json`` beside this module shows the form.

        Raises:
            InvalidInput: a key is missing or a rule is no regular expression.
        """
        return cls.from_json(Path(path).stem, Path(path).read_text("utf-8"))

    @classmethod
    def from_json(cls, name: str, text: str) -> Profile:
        """Make the profile *name* of what a file holds.

        Raises:
            InvalidInput: a key is missing or a rule is no regular expression.
        """
        try:
            data = json.loads(text)
            rules = tuple(_Rule(**rule) for rule in data["rules"])
            for rule in rules:
                re.compile(rule.pattern)
            levels = {Level(level): tuple(groups) for level, groups in data["levels"].items()}
            return cls(name, Level(data["default_level"]), levels, data["groups"], rules, data["map"])
        except (KeyError, TypeError, ValueError, re.error) as error:
            raise InvalidInput(f"the folding profile {name} cannot be read: {error!r}") from error


@cache
def profile_named(name: str, /) -> Profile:
    """Give a profile that comes with smskit.

    Raises:
        InvalidInput: there is none of that name.
    """
    folder = files("smskit.encoding")
    known = sorted(entry.name[5:-5] for entry in folder.iterdir() if entry.name.startswith("fold_"))
    if name not in known:
        raise InvalidInput(f"there is no folding profile {name!r}; there are {', '.join(known)}")
    return Profile.from_json(name, folder.joinpath(f"fold_{name}.json").read_text("utf-8"))


# An emoji of several code points is one picture: it is replaced whole or not at all.
_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff]"
)
_VARIANT = "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]"
_SEQUENCE = (
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|\U0001f3f4[\U000e0020-\U000e007f]+"
    f"|{_PICTURE}{_VARIANT}?(?:\u200d{_PICTURE}{_VARIANT}?)+|{_PICTURE}[\U0001f3fb-\U0001f3ff]"
)
_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_TANGLED = re.compile(f"{_MARK}|[\u200d\ufe0e\ufe0f]")
_MOST_PASSES = 8
_COMPOSED = "the same character in one piece"
_NOT_KNOWN = "no form of it in this alphabet is known"


class _Folder:
    """One combination of profile, level and choices, made ready."""

    def __init__(self, chosen: Profile, level: Level, alphabet: Septets, euro: Euro, left: Left) -> None:
        groups = chosen.levels.get(level, ())
        self.kept = alphabet.characters - ({"€"} if euro is not Euro.KEEP else set())
        self.alphabet = alphabet
        self.left = left
        self.rules = [rule for rule in chosen.rules if rule.group in groups]
        self.strips = "letters" in groups
        self.map = {
            source: (to, chosen.groups[group]) for group in groups for source, to in chosen.map.get(group, {}).items()
        }
        if euro is not Euro.KEEP:
            self.map["€"] = (euro.value, "asked for: the euro sign weighs two septets")
        self.pattern = self._compile()

    def _compile(self) -> re.Pattern[str]:
        invisible = re.escape("".join(source for source, (to, _) in self.map.items() if not to))
        between = f"[{invisible}]*" if invisible else ""
        by_rule = [f"(?P<rule{number}>{rule.pattern})" for number, rule in enumerate(self.rules)]
        foreign = f"[^{re.escape(''.join(sorted(self.kept)))}]"
        return re.compile(
            "|".join(
                [
                    f"(?P<sequence>{_SEQUENCE})",
                    *by_rule,
                    # Marks behind a letter are composed with it; an invisible sign between them is no obstacle.
                    f"(?P<marked>(?s:.)(?:{between}{_MARK})+)",
                    # The sign that asks for a picture goes with the character that it belongs to.
                    f"(?P<single>{foreign})[\ufe0e\ufe0f]?",
                ]
            )
        )

    def fold(self, text: str) -> Folded:
        folded = self._pass(text)
        # What one pass takes away may let its neighbours meet, and form a letter or a picture that the next one knows.
        for _ in range(_MOST_PASSES):
            again = self._pass(folded.text) if _TANGLED.search(folded.text) else None
            if again is None or not again.changes:
                break
            folded = _in_a_row(text, folded, again)
        return folded

    def _pass(self, text: str) -> Folded:
        changes: list[Change] = []

        def replace(match: re.Match[str]) -> str:
            after, why = self._replacement(match)
            before = match.group()
            if after != before:
                changes.append(Change(match.start(), before, after, why))
            return after

        return Folded(self.pattern.sub(replace, text), tuple(changes))

    def _replacement(self, match: re.Match[str]) -> tuple[str, str]:
        kind, before = str(match.lastgroup), match.group()
        if kind == "sequence":
            return self._unknown(before, match.start())
        if kind == "marked":
            return self._marked(before, match.start())
        if kind == "single":
            known = self._known(match["single"])
            return known or self._unknown(before, match.start())
        rule = self.rules[int(kind[4:])]
        return match.expand(rule.to), rule.why

    def _known(self, character: str) -> tuple[str, str] | None:
        if character in self.kept:
            return character, ""
        if character in self.map:
            return self.map[character]
        composed = unicodedata.normalize("NFC", character)
        if composed in self.kept:
            return composed, _COMPOSED
        if self.strips and (character.isalpha() or unicodedata.combining(character)):
            bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
            if self.kept.issuperset(bare):
                return bare, "the letter without its mark or its form"
        return None

    def _marked(self, before: str, index: int) -> tuple[str, str]:
        piece, why, known = before, _COMPOSED, True
        # Composing can follow on a replacement and the reverse: go on until nothing moves.
        while True:
            composed = unicodedata.normalize("NFC", piece)
            found = [self._known(character) for character in composed]
            known = all(found)
            why = next((reason for one in found if one and (reason := one[1])), why)
            after = "".join(one[0] if one else character for one, character in zip(found, composed, strict=True))
            if after == piece:
                break
            piece = after
        return (piece, why) if known else self._unknown(piece, index)

    def _unknown(self, piece: str, index: int) -> tuple[str, str]:
        if self.left is Left.KEEP:
            return piece, _COMPOSED
        if self.left is Left.REFUSE:
            culprit = self.alphabet.foreign(piece) or 0
            raise UnencodableText(piece[culprit], index, self.alphabet.name)
        return ("?" if self.left is Left.QUESTION_MARK else ""), _NOT_KNOWN


def _in_a_row(text: str, between: Folded, result: Folded) -> Folded:
    """Give what leads from *text* over *between* to *result* at once.

    All that the second pass touched becomes one change: it only has to do with what the first one brought together.
    """
    start, last = result.changes[0].index, result.changes[-1]
    stop = last.index + len(last.before)
    gone = accumulate((_gone([change]) for change in between.changes), initial=0)
    placed = [(change.index - before, change) for before, change in zip(gone, between.changes, strict=False)]
    ahead = [change for place, change in placed if place + len(change.after) <= start]
    behind = [change for place, change in placed if place >= stop]
    touched = placed[len(ahead) : len(placed) - len(behind)]
    start = min([start, *(place for place, _ in touched)])
    stop = max([stop, *(place + len(change.after) for place, change in touched)])
    rest = len(between.text) - stop
    index, end = start + _gone(ahead), len(text) - rest - _gone(behind)
    joined = Change(index, text[index:end], result.text[start : len(result.text) - rest], last.why)
    return Folded(result.text, (*ahead, joined, *behind))


def _gone(changes: Iterable[Change]) -> int:
    """Give how many characters *changes* took away."""
    return sum(len(change.before) - len(change.after) for change in changes)


_folder = lru_cache(maxsize=64)(_Folder)


def fold(
    text: str,
    /,
    profile: str | Profile = "french",
    *,
    level: Level | None = None,
    euro: Euro = Euro.KEEP,
    left: Left = Left.KEEP,
    when: When = When.ALWAYS,
    alphabet: Septets = GSM7,
) -> Folded:
    """Write *text* in the characters of *alphabet*, as far as *profile* knows how.

    Whatever the alphabet has is never touched: é è à ù Ç € stay as they are. Folding twice changes nothing.

    Args:
        text: what the reader sees, names already filled in.
        profile: name of one that comes with smskit, or one of your own.
        level: how much may be lost; None takes the profile's own (``french``: accents and symbols).
        euro: what becomes of the euro sign; it stays unless you say otherwise.
        left: what becomes of characters that the profile does not know, emoji first of all.
        when: keep the result always, only if it fits the alphabet, or only if it needs fewer parts.
        alphabet: GSM-7, or the smaller one of a provider.

    Returns:
        The text and each change with its index in the original, before, after and why.

    Raises:
        TypeError: *text* is not a str.
        UnencodableText: *left* is ``REFUSE`` and a character is not known.
        InvalidInput: there is no such profile.
    """
    require_text(text)
    folder = _ready(profile, level, alphabet, euro, left)
    return _fold(text, folder, euro, when)


def fold_many(
    texts: Iterable[str],
    /,
    profile: str | Profile = "french",
    *,
    level: Level | None = None,
    euro: Euro = Euro.KEEP,
    left: Left = Left.KEEP,
    when: When = When.ALWAYS,
    alphabet: Septets = GSM7,
) -> tuple[Folded, ...]:
    """Fold each of *texts* as :func:`fold` does; one that needs nothing costs hardly more than measuring it.

    Raises:
        TypeError: *texts* is one text, or holds something that is none.
    """
    require_texts(texts)
    folder = _ready(profile, level, alphabet, euro, left)
    return tuple([_fold(text, folder, euro, when) for text in texts])


def _ready(named: str | Profile, level: Level | None, alphabet: Septets, euro: Euro, left: Left) -> _Folder:
    chosen = named if isinstance(named, Profile) else profile_named(named)
    return _folder(chosen, level or chosen.default_level, alphabet, euro, left)


def _fold(text: str, folder: _Folder, euro: Euro, when: When) -> Folded:
    if not _needs_work(text, folder.alphabet, euro):
        return Folded(text)
    folded = folder.fold(text)
    if when is When.FITS and folder.alphabet.foreign(folded.text) is not None:
        return Folded(text)
    if when is When.CHEAPER:
        choice = (folder.alphabet, UCS2)
        if measure(folded.text, alphabet=choice).parts >= measure(text, alphabet=choice).parts:
            return Folded(text)
    return folded


def _needs_work(text: str, alphabet: Septets, euro: Euro) -> bool:
    fits = measure(text).alphabet is GSM7 if alphabet is GSM7 else alphabet.foreign(text) is None
    return not fits or "\r" in text or (euro is not Euro.KEEP and "€" in text)
