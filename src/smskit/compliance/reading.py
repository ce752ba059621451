"""Rendered texts read against the rules of content: a batch at a time, closely only where something shows."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from smskit.compliance.case import VARIABLE, Case, Hit, finding_of
from smskit.compliance.checks import CONTENT
from smskit.compliance.facts import Finding
from smskit.compliance.glance import FirstLook
from smskit.compliance.links import Link
from smskit.compliance.rulebook import Rule
from smskit.compliance.slate import RECLASSIFYING
from smskit.compliance.vocabulary import Effect, Profile
from smskit.kinds import Kind

# Neither a blank nor a letter: nothing that is looked for reaches from one text into the next.
_SEPARATOR = "\0"
# Letters of other scripts can be drawn like ours: they are marked with a backslash, which is always looked at.
_FOREIGN = re.compile("[\u0131\u0250-\u02af\u0370-\u1fff]")
# Neither plain letters nor the marks of accents: what stands between words.
_OTHER = re.compile("[^\x00-\x7f\u0300-\u036f]+")
_KEPT = 8_000
_LEARNT = 32


class ContentReader:
    """Reads what names and links filled in have made of a template.

    Texts of one campaign are nearly alike. Links to hosts that were found good are taken out, equal texts are
    looked at once, the words of the template are taken out, and one search over all that is left tells whether
    anybody has to look closer. Each step may only leave too much to the next one, never too little.
    """

    def __init__(self, case: Case, rules: Iterable[Rule], profile: Profile) -> None:
        self._case = case
        self._profile = profile
        # What the template itself breaks was told with the campaign.
        self._rules = tuple(rule for rule in rules if _can_break(rule, case.kind) and not self._broken(rule, case))
        self._first = FirstLook(self._rules, case)
        self._literals = tuple(_literals(case.text))
        self._prefixes: dict[str, re.Pattern[str]] = {}
        self._clean: set[str] = set()
        self._found: dict[str, Finding] = {}

    def read(self, texts: Sequence[str]) -> Mapping[int, Finding]:
        """Give the first rule that each offending text breaks, by place."""
        pieces = self._pieces(texts)
        if len(pieces) != len(texts):
            return self._read_each(texts)
        while self._study(pieces, texts):
            pieces = self._pieces(texts)
        if not self._found:
            return {}
        found = self._found
        return {place: found[piece] for place, piece in enumerate(pieces) if piece in found}

    def _read_each(self, texts: Sequence[str]) -> Mapping[int, Finding]:
        looked = ((place, self._look(self._case.with_text(text))) for place, text in enumerate(texts))
        return {place: finding for place, finding in looked if finding is not None}

    def _pieces(self, texts: Sequence[str]) -> list[str]:
        joined = _SEPARATOR.join(texts)
        for good in self._prefixes.values():
            joined = good.sub("", joined)
        return joined.split(_SEPARATOR)

    def _study(self, pieces: Sequence[str], texts: Sequence[str]) -> bool:
        """Look at the pieces not seen before; tell whether a good host was learnt, which shortens the pieces."""
        fresh = list(set(pieces) - self._clean - self._found.keys())
        suspects = self._suspects(fresh)
        if len(self._clean) > _KEPT:
            self._clean.clear()
        self._clean.update(piece for piece in fresh if piece not in suspects)
        for piece, text in zip(pieces, texts, strict=True) if suspects else ():
            if piece in suspects:
                suspects.discard(piece)
                if self._look_closer(piece, text):
                    return True
        return False

    def _suspects(self, fresh: Sequence[str]) -> set[str]:
        """Give those of *fresh* in which anything shows."""
        joined = _SEPARATOR.join(fresh)
        for literal in self._literals:
            joined = joined.replace(literal, " ")
        if not joined.isascii():
            plain = _OTHER.sub(" ", unicodedata.normalize("NFKD", _FOREIGN.sub(r"\\", joined)))
            joined = plain.encode("ascii", "ignore").decode()
        joined = joined.lower()
        places = sorted(self._first.places(joined))
        if not places:
            return set()
        ends = list(accumulate(len(rest) + 1 for rest in joined.split(_SEPARATOR)))
        return {fresh[bisect_right(ends, place)] for place in places}

    def _look_closer(self, piece: str, text: str) -> bool:
        case = self._case.with_text(text)
        finding = self._look(case)
        if finding is not None:
            self._found[piece] = finding
            return False
        self._clean.add(piece)
        return self._learn({prefix for link in case.links if (prefix := _prefix(link))})

    def _learn(self, prefixes: set[str]) -> bool:
        fresh = prefixes - self._prefixes.keys()
        if not fresh or len(self._prefixes) >= _LEARNT:
            return False
        # What begins with a plain text is found quickly. A backslash stays in the text and is looked at.
        self._prefixes |= {prefix: re.compile(re.escape(prefix) + rf"[^\s\\{_SEPARATOR}]*") for prefix in fresh}
        return True

    def _look(self, case: Case) -> Finding | None:
        return next((finding for rule in self._rules if (finding := self._broken(rule, case))), None)

    def _broken(self, rule: Rule, case: Case) -> Finding | None:
        if rule.effect_in(self._profile) is Effect.NONE:
            return None
        hit = CONTENT[rule.check](rule, case)
        if hit is not None and rule.check in RECLASSIFYING:
            # The campaign was taken for a notification; a text of it that sells was never agreed to.
            hit = Hit(hit.detail, Effect.BLOCK)
        finding = finding_of(rule, self._profile, hit) if hit else None
        return finding if finding is not None and finding.effect is Effect.BLOCK else None


def _can_break(rule: Rule, kind: Kind) -> bool:
    return rule.check not in RECLASSIFYING or kind is not Kind.MARKETING


def _prefix(link: Link) -> str | None:
    """Give a link as far as the slash behind its host: whatever begins like it goes to the same host."""
    scheme, found, rest = link.raw.partition("://")
    host, slash, _ = rest.partition("/")
    return f"{scheme}://{host}/" if found and slash and host == link.host and not link.trick else None


def _literals(template: str) -> Iterator[str]:
    """Give the stretches of whole words of a template; a word that touches a variable stays with it."""
    for stretch in VARIABLE.split(template):
        whole = stretch.partition(" ")[2].rpartition(" ")[0]
        if len(whole) >= 4:
            yield f" {whole} "
