"""One message for many people: its texts are templates, read once and filled a thousand times.

The JSON is written once as well: what is left for each contact is to fill the texts that differ, to check them, and
to put them in their places.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol
from urllib.parse import quote

from smskit.display import Level
from smskit.errors import InvalidContent, InvalidInput, TemplateError, UnknownColumn
from smskit.rcs.billing import BASIC_BYTES, weight_of
from smskit.rcs.findings import Finding, refuse
from smskit.rcs.message import Content, RichMessage, size_findings, written
from smskit.rcs.pieces import every_text, with_texts
from smskit.rcs.vocabulary import Billing
from smskit.rcs.wording import TextRule


class Variable(Protocol):
    """A place of a template that a contact fills."""

    @property
    def name(self) -> str:
        """Its name, as written after the dollar sign."""
        ...

    @property
    def fallback(self) -> str | None:
        """What stands in for an empty value; None for nothing."""
        ...


class TextTemplate(Protocol):
    """A text with places to fill: :class:`smskit.text.Template` is one, known here by what it does alone."""

    @property
    def variables(self) -> Sequence[Variable]:
        """Every place, in order, repeated ones included."""
        ...

    def fill(self, *values: str) -> str:
        """Give the text with *values* in the places."""
        ...


class Filled(NamedTuple):
    """The message of one contact: its JSON for the platform, and what it is billed as once delivered."""

    json: bytes
    billing: Billing


class _Place(NamedTuple):
    """One value in a text: which, and whether it stands inside an address."""

    variable: int
    quoted: bool


class _Slot(NamedTuple):
    """One text that differs from contact to contact."""

    path: str
    template: TextTemplate
    rule: TextRule
    places: tuple[_Place, ...]

    def text(self, values: Sequence[str]) -> str:
        return self.template.fill(
            *[
                quote(values[place.variable], safe="") if place.quoted else values[place.variable]
                for place in self.places
            ]
        )


_escaped = json.JSONEncoder(ensure_ascii=False).encode


class RichTemplate:
    """A rich message whose texts are templates: ``RichTemplate(message, Template.parse)``.

    Every text may hold variables: titles, labels, addresses, postbacks. A value inside an address is percent-encoded;
    one at its beginning is an address itself and stands as it is.

    Args:
        message: a message or its content; ``$$`` is a dollar sign in it.
        parse: reads a template; :meth:`smskit.text.Template.parse`.
        links: name of a variable to its address, as for :class:`smskit.text.Message`.

    Raises:
        TemplateError: a text that cannot be read as a template; the reason begins with its path.
        InvalidContent: something that no contact changes breaks a limit.
        InvalidInput: a link that no text has.
    """

    def __init__(
        self,
        message: RichMessage | Content,
        parse: Callable[[str], TextTemplate],
        *,
        links: Mapping[str, str] | None = None,
    ) -> None:
        self.message = RichMessage.of(message)
        self.links = dict(links or {})
        self._parse = parse
        self._variables: list[Variable] = []
        self._slots: list[_Slot] = []
        self._mark = self._unused_mark()
        skeleton = with_texts(self.message, self._set_aside)
        self.fixed_findings = self._findings_of(skeleton)
        refuse(self.fixed_findings)
        self._pieces, self._order = self._cut(skeleton)
        self._is_text = isinstance(skeleton.content, str) and not skeleton.suggestions
        self._billing = skeleton.billing()
        names = {variable.name for variable in self._variables}
        for name in self.links:
            if name not in names:
                raise InvalidInput(f"link {name!r} is in no text of the message; write ${name} where it should stand")

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What a contact fills, each name once; links are not among them."""
        return tuple(one for one in self._variables if one.name not in self.links)

    # ---------------------------------------------------------------- one contact

    def fill(self, contact: Mapping[str, str], urls: Mapping[str, str] | None = None) -> Filled:
        """Give the message of one contact, checked and written.

        Args:
            contact: values by variable name.
            urls: addresses of links for this contact, such as short links; without them the links lead where they say.

        Raises:
            UnknownColumn: a variable is neither in *contact* nor has a fallback, or its value is empty.
            InvalidContent: a text with its values breaks a limit.
        """
        values = self._values(contact, urls)
        texts = [slot.text(values) for slot in self._slots]
        pieces = self._pieces.copy()
        for place, index in self._order:
            pieces[place] = _escaped(texts[index])
        for slot, text in zip(self._slots, texts, strict=True):
            if not slot.rule.holds(text):
                refuse(slot.rule.findings(text, slot.path))
        body = "".join(pieces).encode()
        refuse(size_findings(len(body)))
        billing = self._billing
        if self._is_text and texts:
            billing = Billing.BASIC if weight_of(texts[0]) <= BASIC_BYTES else Billing.SINGLE
        return Filled(body, billing)

    def fill_many(self, contacts: Iterable[Mapping[str, str]]) -> Iterator[Filled | UnknownColumn | InvalidContent]:
        """Give the message of each contact; where there is none, the error that says why, and go on."""
        for contact in contacts:
            try:
                yield self.fill(contact)
            except (UnknownColumn, InvalidContent) as error:
                yield error

    def render(self, contact: Mapping[str, str], urls: Mapping[str, str] | None = None) -> RichMessage:
        """Give the message of one contact as objects, to look at; what :meth:`fill` writes is its JSON.

        Raises:
            UnknownColumn: a value is missing.
        """
        values = self._values(contact, urls)
        filled = {slot.path: slot.text(values) for slot in self._slots}

        def change(path: str, text: str, _: TextRule) -> str:
            return filled[path] if path in filled else self._parse(text).fill()

        return with_texts(self.message, change)

    def _values(self, contact: Mapping[str, str], urls: Mapping[str, str] | None) -> list[str]:
        links = self.links if urls is None else {**self.links, **urls}
        values: list[str] = []
        for variable in self._variables:
            name = variable.name
            value = links.get(name) or contact.get(name, "").strip() or variable.fallback
            if value is None:
                raise UnknownColumn(name, tuple(contact))
            values.append(value)
        return values

    # ---------------------------------------------------------------- made once

    def _unused_mark(self) -> str:
        texts = "".join(text for _, text, _ in every_text(self.message)) + str(self.message.extra)
        mark = "slot"
        while mark in texts:
            mark += "_"
        return mark

    def _set_aside(self, path: str, text: str, rule: TextRule) -> str:
        try:
            template = self._parse(text)
        except TemplateError as error:
            raise TemplateError(f"{path}: {error.reason}", error.index) from None
        if not template.variables:
            return template.fill()
        is_address = rule.shape is not None and rule.shape.is_address
        leads = text.startswith("$") and not text.startswith("$$")
        places = tuple(
            _Place(self._index_of(variable), is_address and not (leads and number == 0))
            for number, variable in enumerate(template.variables)
        )
        self._slots.append(_Slot(path, template, rule, places))
        return f"{self._mark}{len(self._slots) - 1}"

    def _index_of(self, variable: Variable) -> int:
        # A name that stands twice with different fallbacks is two variables, as it is in a text.
        for index, one in enumerate(self._variables):
            if (one.name, one.fallback) == (variable.name, variable.fallback):
                return index
        self._variables.append(variable)
        return len(self._variables) - 1

    def _findings_of(self, skeleton: RichMessage) -> list[Finding]:
        open_paths = {slot.path for slot in self._slots}
        return [one for one in skeleton.findings() if one.path not in open_paths]

    def _cut(self, skeleton: RichMessage) -> tuple[list[str], list[tuple[int, int]]]:
        pieces = re.split(f'"{self._mark}(\\d+)"', written(skeleton.payload()).decode())
        return pieces, [(place, int(pieces[place])) for place in range(1, len(pieces), 2)]

    # ---------------------------------------------------------------- what to know before

    def findings(self) -> list[Finding]:
        """List what the platform may refuse for everybody, and personal files, which it is not made for."""
        found = list(self.fixed_findings)
        for slot in self._slots:
            if slot.path.endswith((".fileUrl", ".thumbnailUrl")):
                advice = "each address is fetched and kept apart: show everybody the same file"
                limit = "the same for everybody"
                found.append(Finding(slot.path, "media.personal", "a variable", limit, "", Level.WARNING, advice))
        return found
