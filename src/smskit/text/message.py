"""What a campaign says: a template, its links, and how far its characters may be folded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import field, frozen

from smskit import encoding
from smskit.display import Bubble, Facts, Note, Phone, Shown, View
from smskit.errors import InvalidInput, UnknownColumn
from smskit.protocols import Shortener, StopForm
from smskit.text.links import TOKEN_PLACEHOLDER
from smskit.text.template import Template, Variable, is_whole

USUAL_MOST_PARTS = 10
"""Longer campaigns are accidents, such as a novel in the cell of a first name; several carriers take no more."""

USUAL_STOP = StopForm("STOP au 36180")
"""The commonest French mention: 14 characters with its space, which leaves 146 of 160."""


def _links(value: Mapping[str, str]) -> Mapping[str, str]:
    links = dict(value)
    for name, target in links.items():
        if not target.startswith(("https://", "http://")) or not is_whole(target):
            raise InvalidInput(f"link {name!r} must be a whole address such as https://boutique.example/soldes")
    return links


def _template(value: Template | str) -> Template:
    return value if isinstance(value, Template) else Template.parse(value)


def _euro(value: encoding.Euro | str) -> encoding.Euro:
    try:
        return encoding.Euro(value)
    except ValueError:
        raise InvalidInput(f"euro={value!r} must be Euro.KEEP, Euro.E or Euro.EUR") from None


@frozen
class Rendered:
    """The text that one contact gets.

    ``changes`` lists every character that folding replaced, with its place and why; nothing else is ever changed.
    """

    text: str = field(repr=lambda text: f"<{len(text)} characters>")
    measure: encoding.Measure
    changes: tuple[encoding.Change, ...] = ()

    @property
    def parts(self) -> int:
        """How many parts the carrier bills."""
        return self.measure.parts


@frozen
class Message(Shown):
    """A text for many people: ``Message("Bonjour $prenom, -15 % : $lien", links={"lien": "https://…"})``.

    Args:
        template: ``$prenom``, ``${code postal}``, ``${prenom|client}`` (a fallback), ``$$`` (a dollar sign). A
            missing value without fallback leaves the contact out of the plan; it never makes an empty hole.
        links: name of a variable to its address; with short links on a campaign each recipient gets one of
            their own, otherwise the address stands in the text as it is.
        fold: a folding profile of :func:`smskit.encoding.fold` (``"french"``), None to send each character as
            written. Folding is never silent: :attr:`Rendered.changes` and ``plan.changes`` list it.
        euro: ``Euro.KEEP``, ``Euro.E`` or ``Euro.EUR``; the euro sign weighs two septets and is only replaced on
            request.
        when: fold always, only when the text then fits GSM-7, or only when that saves a part.
        max_parts: contacts whose text needs more parts are left out; nothing is ever cut. None allows the 255 that
            can be numbered.
    """

    template: Template = field(converter=_template)
    links: Mapping[str, str] = field(default={}, converter=_links, kw_only=True)
    fold: str | None = field(default=None, kw_only=True)
    euro: encoding.Euro = field(default=encoding.Euro.KEEP, kw_only=True, converter=_euro)
    when: encoding.When = field(default=encoding.When.ALWAYS, kw_only=True)
    max_parts: int | None = field(default=USUAL_MOST_PARTS, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.max_parts is not None and not 1 <= self.max_parts <= 255:
            raise InvalidInput(f"max_parts={self.max_parts} must be between 1 and 255")
        for name in self.links:
            if name not in {variable.name for variable in self.template.variables}:
                raise InvalidInput(f"link {name!r} is not in the template; write ${name} where it should stand")
        # A profile that does not exist fails here, not on the first contact.
        self.folded("")

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The places that a contact fills; links are not among them."""
        return tuple(variable for variable in self.template.variables if variable.name not in self.links)

    def bind(self, resolve: Callable[[str], str | None], known: Sequence[str]) -> tuple[str, ...]:
        """Give the column of each of :attr:`variables`.

        Args:
            resolve: a name as written to the column that it means, None when there is none.
            known: the names for the error.

        Raises:
            UnknownColumn: a variable means no column.
        """
        columns: list[str] = []
        for variable in self.variables:
            column = resolve(variable.name)
            if column is None:
                raise UnknownColumn(variable.name, known)
            columns.append(column)
        return tuple(columns)

    def placeholder(self, name: str, shortener: Shortener | None) -> str:
        """Give what stands for link *name* while texts are counted: as long as the real one will be."""
        return self.links[name] if shortener is None else shortener.url(TOKEN_PLACEHOLDER)

    def render(
        self, contact: Mapping[str, str], *, stop: StopForm | None = None, shortener: Shortener | None = None
    ) -> Rendered:
        """Give the text of one contact, with *stop* at its end.

        Args:
            contact: values by variable name.
            stop: how the recipient objects; None appends nothing.
            shortener: makes short links; the tokens are placeholders here.

        Raises:
            UnknownColumn: a variable is neither in *contact* nor has a fallback, or its value is empty.
        """
        values: list[str] = []
        for variable in self.template.variables:
            if variable.name in self.links:
                values.append(self.placeholder(variable.name, shortener))
                continue
            value = contact.get(variable.name, "").strip() or variable.fallback
            if value is None:
                raise UnknownColumn(variable.name, tuple(contact))
            values.append(value)
        text = self.template.fill(*values)
        folded = self.folded(text)
        text = folded.text + (stop.suffix if stop is not None else "")
        return Rendered(text, encoding.measure(text), folded.changes)

    @property
    def folds(self) -> bool:
        """Whether any character may be replaced."""
        return self.fold is not None or self.euro is not encoding.Euro.KEEP

    def folded(self, text: str) -> encoding.Folded:
        """Give *text* folded as this message asks for, with each change."""
        if self.fold is not None:
            return encoding.fold(text, self.fold, euro=self.euro, when=self.when)
        if self.euro is encoding.Euro.KEEP or "€" not in text:
            return encoding.Folded(text)
        sign = self.euro.value
        places = [index for index, character in enumerate(text) if character == "€"]
        changes = tuple(encoding.Change(index, "€", sign, "the euro sign weighs two septets") for index in places)
        return encoding.Folded(text.replace("€", sign), changes)

    def folded_many(self, texts: Sequence[str]) -> Sequence[encoding.Folded]:
        """Give each of *texts* folded as :meth:`folded` does; texts that need nothing cost next to nothing."""
        if self.fold is not None:
            return encoding.fold_many(texts, self.fold, euro=self.euro, when=self.when)
        return [self.folded(text) for text in texts]

    def room(self, *, stop: StopForm | bool = False) -> int:
        """Give the units left in the first part beside the words that are the same for everybody.

        Args:
            stop: count this mention; True counts the usual French one, `` STOP au 36180``.

        Returns:
            Septets for GSM-7, 16-bit units for UCS-2; negative when the fixed words alone need a second part.
            ``Message("").room(stop=True)`` is 146.
        """
        suffix = USUAL_STOP.suffix if stop is True else stop.suffix if stop else ""
        fixed = encoding.measure(self.folded("".join(self.template.literals)).text + suffix)
        return fixed.alphabet.room() - fixed.units

    def lock_screen(self, length: int = 40) -> str:
        """Give what a locked telephone shows first: *length* characters, cut at a word where one ends in time."""
        text = " ".join(self.template.source.split())
        if len(text) <= length:
            return text
        word, space, _ = text[: length + 1].rpartition(" ")
        return f"{word if space and len(word) > length // 2 else text[:length]}…"

    def view(self) -> View:
        """Give the text before names are filled in; what costs more in each message is pointed at."""
        source = self.template.source
        told = encoding.explain(self.folded("".join(self.template.literals)).text)
        costly = {one.character for one in told.costly}
        marks = [place for place, character in enumerate(source) if character in costly]
        blanks = dict.fromkeys(self.variables)
        return View(
            "message",
            Phone("text", Bubble([source], marks=marks, note=f"locked screen: {self.lock_screen()}")),
            Facts(
                ("alphabet", str(told.measure.alphabet)),
                ("room for what is filled in", self.room()),
                (f"with {USUAL_STOP.mention}", self.room(stop=True)),
            ),
            Facts(*((one.name, f"or {one.fallback}" if one.fallback else None) for one in blanks), title="filled in"),
            Facts(*self.links.items(), title="links"),
            Note(*(f"{one.character!r}: {one.why}" for one in told.costly)),
        )
