"""Messages that differ in words alone: converted once, and then only the words are put in their places.

A campaign hands over a hundred thousand times the same card with another name in it. Reading all of it again takes most
of the time of a conversion; which of its texts are others is seen by laying the JSON of two messages side by side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, cast

from attrs import field, frozen

from smskit.rcs import Finding, RichMessage
from smskit.rcs.message import written
from smskit.rcs.pieces import with_texts
from smskit.rcs.wording import TextRule
from smskit.transports.wire.rich_forms import Bounds, Step

STRINGS: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
"""The texts of JSON, names of members among them; what stands between them is its shape."""

_LARGEST: Final = 50_000
"""Characters of a message whose size nobody has to look at: four bytes each are below the limit of the platform."""

_MARK: Final = "\ue000"
# Texts on which nothing else hangs. An address of a picture tells its type, a text alone what it is billed as.
_FREE: Final = re.compile(r"(?<!^contentMessage)\.(text|postbackData|title|description|label|openUrlAction\.url)$")


def json_text(value: object) -> str:
    """Write JSON in one way, so that two of them can be laid side by side."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Slot(NamedTuple):
    """One text that may differ: its rule, where it stands in the carrier's JSON, and how long it may be there."""

    rule: TextRule
    places: Sequence[int]
    bounds: Bounds | None


@frozen
class Mould:
    """A message that was converted, for others of its shape.

    ``parts`` are those of its JSON, ``own`` those of what it became, both as :data:`STRINGS` splits them.
    """

    parts: Sequence[str] = field(repr=False)
    own: Sequence[str] = field(repr=False)
    slots: Mapping[int, Slot] = field(repr=False)
    losses: tuple[Finding, ...]
    ttl_s: int | None
    traffic: str

    def body_of(self, parts: Sequence[str]) -> Mapping[str, object] | None:
        """Give what another message becomes; None when it differs in more than words, or a word breaks a rule."""
        if sum(map(len, parts)) > _LARGEST:
            return None
        own = list(self.own)
        try:
            for place, (text, before) in enumerate(zip(parts, self.parts, strict=True)):
                if text != before and not self._put(own, place, text):
                    return None
            return cast("Mapping[str, object]", json.loads('"'.join(own)))
        except ValueError:  # no JSON: whoever reads it whole says so
            return None

    def _put(self, own: list[str], place: int, written_text: str) -> bool:
        slot = self.slots.get(place)
        if slot is None:
            return False
        text: str = json.loads(f'"{written_text}"') if "\\" in written_text else written_text
        if not text or not slot.rule.holds(text):
            return False
        if slot.bounds is not None and not slot.bounds.least <= len(text) <= slot.bounds.most:
            return False
        for target in slot.places:
            own[target] = written_text
        return True


class Marked:
    """A message with a mark in place of each text that may differ."""

    def __init__(self, message: RichMessage) -> None:
        self._rules: dict[str, TextRule] = {}
        self.message = with_texts(message, self._mark)

    def _mark(self, path: str, text: str, rule: TextRule) -> str:
        if not text or _FREE.search(path) is None:
            return text
        mark = f"{_MARK}{len(self._rules)}{_MARK}"
        self._rules[mark] = rule
        return mark

    def slots(
        self, parts: Sequence[str], body: object, marked_body: object, placed: Mapping[str, Step]
    ) -> Mapping[int, Slot] | None:
        """Find each mark in the JSON of the message and in that of the carrier.

        None when the two do not lie side by side: the message was written in another way than ours, or what the carrier
        gets depends on the words.
        """
        inside = STRINGS.split(written(self.message.payload()).decode())
        own, outside = STRINGS.split(json_text(body)), STRINGS.split(json_text(marked_body))
        if inside[::2] != list(parts[::2]) or outside[::2] != own[::2] or any(_MARK in part for part in parts):
            return None
        found: dict[int, Slot] = {}
        for place, text in enumerate(inside):
            rule = self._rules.get(text)
            places = [target for target, one in enumerate(outside) if one == text]
            if rule is not None and len(places) == sum(text in one for one in outside):
                found[place] = Slot(rule, places, placed[text].bounds if text in placed else None)
        return found
