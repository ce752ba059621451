"""Over RCS: who is tried, what each would see, what it is billed as."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Final, cast
from urllib.parse import quote

from smskit.compliance import Finding
from smskit.errors import InvalidContent, UnknownColumn
from smskit.kinds import Reason
from smskit.planning.draft import Draft
from smskit.planning.inputs import Inputs
from smskit.planning.wording import REMEMBERED, Key, Said
from smskit.protocols import Shortener
from smskit.rcs import RichMessage, RichTemplate
from smskit.text import is_whole
from smskit.text.links import TOKEN_LENGTH

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Handset(Enum):
    """What is known of a telephone when a campaign over RCS is planned."""

    REACHABLE = "reachable"
    WITHOUT_RCS = "without RCS"
    LACKS_FEATURE = "lacks what the message needs"
    UNKNOWN = "not known"


class Handsets:
    """Says of each row alive whether it is tried over RCS, from what the store knows of its telephone."""

    def __init__(self, inputs: Inputs) -> None:
        assert inputs.rich is not None
        campaign = inputs.campaign
        self._store = inputs.store
        self._agent = inputs.rich.agent
        self._believed_from = inputs.at - campaign.capability_age
        self._tries_unknown = campaign.try_unknown
        self._needs = {
            arm: frozenset(feature.value for feature in template.message.features)
            for arm, template in campaign.rich_arms.items()
        }

    def look(self, draft: Draft) -> list[Handset]:
        """Give what is known of each row alive."""
        numbers = draft.of_alive(draft.batch.numbers)
        if self._store is None or not self._agent:
            return [Handset.UNKNOWN] * len(numbers)
        known = self._store.capabilities(self._agent, numbers)
        arms = draft.arms or [""] * len(numbers)
        found: list[Handset] = []
        for number, arm in zip(numbers, arms, strict=True):
            capability = known.get(number)
            if capability is None or capability.at < self._believed_from:
                found.append(Handset.UNKNOWN)
            elif not capability.is_reachable:
                found.append(Handset.WITHOUT_RCS)
            elif capability.features is not None and not self._needs[arm] <= capability.features:
                found.append(Handset.LACKS_FEATURE)
            else:
                found.append(Handset.REACHABLE)
        return found

    def tries(self, handset: Handset) -> bool:
        """Whether a message over RCS is worth trying."""
        return handset is Handset.REACHABLE or (handset is Handset.UNKNOWN and self._tries_unknown)


def example_of(template: RichTemplate) -> RichMessage:
    """Give the message as somebody would get it, with the names of variables for their values."""
    return template.render({variable.name: variable.fallback or variable.name for variable in template.variables})


def placeholder_of(place: int) -> str:
    """Give the token that stands for link number *place* of a rich message until its own is known."""
    return _DIGITS[place].rjust(TOKEN_LENGTH, "0")


def with_tokens(text: str, short: Shortener, tokens: Sequence[str]) -> str:
    """Put the tokens of the links, in order, into the JSON of a rich message."""
    for place, token in enumerate(tokens):
        placeholder, url = short.url(placeholder_of(place)), short.url(token)
        text = text.replace(placeholder, url)
        if placeholder_of(place) in text:  # within another address
            text = text.replace(_quoted(placeholder), _quoted(url))
    return text


def _quoted(url: str) -> str:
    return quote(url, safe="")


class RichWording:
    """One arm's rich message, said as an SMS is: once for each different set of values.

    Args:
        template: the message.
        resolve: gives the column that a variable means, None when there is none.
        names: the contacts' columns, for the error.
        shortener: makes short links, None leaves addresses as they are.
        content: finds texts that break a rule of content, by place in the sequence.

    Raises:
        UnknownColumn: a variable means no column.
    """

    def __init__(
        self,
        template: RichTemplate,
        resolve: Callable[[str], str | None],
        names: Sequence[str],
        shortener: Shortener | None,
        content: Callable[[Sequence[str]], Mapping[int, Finding]],
    ) -> None:
        self.template = template
        self._names = tuple(dict.fromkeys(variable.name for variable in template.variables))
        columns = [resolve(name) for name in self._names]
        for name, column in zip(self._names, columns, strict=True):
            if column is None:
                raise UnknownColumn(name, names)
        self.columns = tuple(column for column in columns if column is not None)
        links = sorted(template.links)
        self._urls = None if shortener is None else {
            name: shortener.url(placeholder_of(place)) for place, name in enumerate(links)
        }  # fmt: skip
        self._content = content
        self._known: dict[Key, Said] = {}

    def say(self, keys: Sequence[Key]) -> list[Said]:
        """Give what the contacts with these values (place first) would get, in order."""
        known = self._known
        if len(known) > REMEMBERED:
            known.clear()
        new = [key for key in dict.fromkeys(keys) if key not in known]
        made = [self._filled(key) for key in new]
        forbidden = self._content([_readable(said.text) for said in made])
        for place, (key, said) in enumerate(zip(new, made, strict=True)):
            finding = forbidden.get(place)
            known[key] = said._replace(reason=finding.reason) if finding is not None and not said.reason else said
        return [known[key] for key in keys]

    def _filled(self, key: Key) -> Said:
        contact = dict(zip(self._names, key[1:], strict=True))
        if not is_whole("".join(key)):
            return _unsaid(Reason.CONTENT_FORBIDDEN)
        try:
            filled = self.template.fill(contact, self._urls)
        except UnknownColumn:
            return _unsaid(Reason.MISSING_VARIABLE)
        except InvalidContent:
            return _unsaid(Reason.INVALID_CONTENT)
        return Said(filled.json.decode(), 1, 0, None, (), filled.billing)


def _unsaid(reason: Reason) -> Said:
    return Said("", 1, 0, reason, ())


def _readable(text: str) -> str:
    """Give the texts within a JSON, for the rules of content."""
    return "\n".join(_strings(json.loads(text))) if text else ""


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for below in cast("dict[str, object]", value).values():
            yield from _strings(below)
    elif isinstance(value, list):
        for below in cast("list[object]", value):
            yield from _strings(below)
