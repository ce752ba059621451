"""Contacts: a file or table of people, with their numbers read and everything else as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from attrs import define, evolve, field, frozen

from smskit.contacts import duplicates as repeated
from smskit.contacts import issues as noted
from smskit.contacts.batches import Batch, Columns
from smskit.contacts.columns import MOBILE, column_named, names_of, normalised, role_named, roles_of
from smskit.contacts.conditions import Predicate
from smskit.contacts.consent import ConsentColumns
from smskit.contacts.duplicates import Choice, Duplicate, Keep
from smskit.contacts.issues import Issues
from smskit.contacts.opening import FileOptions, Readable, opened
from smskit.contacts.segments import Segment
from smskit.contacts.sources import Chunk, Fault, Source
from smskit.contacts.tables import read_numbers
from smskit.display import Facts, Shown, Table, View
from smskit.errors import InvalidInput
from smskit.phone.reader import NumberReader

_BETWEEN_NUMBERS = re.compile(r"[,;|/\t\r\n]+")
_LOOKED_AT = 200


@define
class _Memory:
    """What was found out by reading the whole table; contacts made from each other share it."""

    issues: Issues | None = None
    duplicates: tuple[Duplicate, ...] | None = None


@frozen(repr=False, eq=False)
class Contacts(Shown):
    """People to write to, as a file or table has them. Made by :meth:`read` or :meth:`parse`.

    It is a description: rows are read when they are needed, in batches, from the beginning each time. The
    file must stay where it is, and as it is, until the plan is made.

    Attributes:
        region: whose national forms of numbers are understood.
        names: the columns in order, each by the name that templates and predicates use.
        roles: what is known of the columns: ``mobile``, ``prenom``, ``code_postal`` … to the name of the
            column.
        consent: the columns of evidence, by the names in ``names``.
        tags: the groups that the contacts were read into.
        segments: what they were narrowed to; a row has to be in all of them. Rows outside are still read, and
            counted in the plan's account.
    """

    _source: Source = field(alias="source")
    region: str
    names: tuple[str, ...]
    roles: Mapping[str, str]
    consent: ConsentColumns | None = None
    tags: frozenset[str] = frozenset()
    segments: tuple[Segment, ...] = ()
    _choice: Choice | None = field(default=None, alias="choice")
    _given: frozenset[str] = field(default=frozenset(), alias="given")
    _memory: _Memory = field(factory=_Memory, alias="memory")

    # ---------------------------------------------------------------- making

    @classmethod
    def read(
        cls,
        source: Readable,
        /,
        *,
        region: str = "FR",
        columns: Mapping[str, str] | None = None,
        consent: ConsentColumns | None = None,
        group: str | None = None,
        mobile: str | None = None,
        encoding: str | None = None,
        separator: str | None = None,
        sheet: str | int | None = None,
    ) -> Contacts:
        """Take a file or a table.

        Args:
            source: a path, the bytes of a file, a list of dicts, of rows or of numbers, or anything with
                ``__arrow_c_stream__`` (pandas, polars, pyarrow, duckdb).
            region: ISO 3166 code of the country whose national forms (``06…``) are understood.
            columns: what columns hold, where their headers do not say it: ``{"prenom": "Prénom du client"}``.
            consent: the columns of evidence.
            group: a tag for all of them.
            mobile: the column of the numbers, short for ``columns={"mobile": …}``.
            encoding: of a text file; None finds it (byte-order mark, UTF-8, cp1252).
            separator: of a text file; None finds it among ``; , tab | /``.
            sheet: of a workbook, its name or its place from 0; None takes the first that is not empty.

        Raises:
            UnreadableFile: no way of reading gives rows; it names what was tried.
            UnknownColumn: *columns*, *mobile* or *consent* name a column that is not there.
            InvalidInput: no column holds the mobile numbers, *source* can be read only once, or *region* or *group*
                is none.
        """
        NumberReader(region)
        if group is not None and not group.strip():
            raise InvalidInput("a group needs a name, for example group='vip'")
        table = opened(source, region, FileOptions(encoding, separator, sheet))
        names = names_of(table.headers)
        if mobile is None and not _is_given(MOBILE, columns) and _has_no_headers(table):
            mobile = _fullest(table, names, region)
        roles = roles_of(table.headers, names, columns, mobile)
        return cls(
            table,
            region,
            names,
            roles,
            consent and _checked(consent, table, names),
            frozenset() if group is None else frozenset({group}),
            given=frozenset(map(role_named, columns or ())),
        )

    @classmethod
    def parse(cls, text: str, /, *, region: str = "FR") -> Contacts:
        """Take numbers typed into a field, separated by commas, semicolons, slashes, bars or line ends.

        Args:
            text: ``"06 12 34 56 78, 0712345678"``; the first number is row 1.
            region: ISO 3166 code of the country whose national forms are understood.

        Raises:
            InvalidInput: *region* has no numbering plan.
        """
        NumberReader(region)
        typed = [number.strip() for number in _BETWEEN_NUMBERS.split(text)]
        return cls(read_numbers([number for number in typed if number]), region, (MOBILE,), {MOBILE: MOBILE})

    def where(self, *conditions: Segment | Predicate) -> Contacts:
        """Narrow the contacts: a row has to be in all *conditions*, and in those given before.

        Raises:
            UnknownColumn: a condition names a column that is not there.
            InvalidInput: one of them is no condition.
        """
        segments = tuple(map(_segment, conditions))
        for segment in segments:
            segment.check(self.resolve, self.names)
        return evolve(self, segments=self.segments + segments)

    # ---------------------------------------------------------------- columns

    def resolve(self, name: str, /) -> str | None:
        """Give the column that a name in a template or predicate stands for, None when there is none.

        A role that was given comes first, then the columns' own names, then what a role or an alias in French
        or English stands for (``first_name`` for ``prenom``). Case and accents do not count.
        """
        role = role_named(name)
        if role in self._given:
            return self.roles[role]
        plain = normalised(name)
        return plain if plain in self.names else self.roles.get(role)

    # ---------------------------------------------------------------- rows

    @property
    def first_row(self) -> int:
        """The row behind the headers, as a person counts: 2 as a rule, 1 for a file without headers.

        Rows without any text are no contacts but are counted, so that a batch may begin further on.
        """
        return self._source.first_row

    def batches(self, size: int = 1000) -> Iterator[Batch]:
        """Give all rows from the beginning, in batches of at most *size*; segments are not applied.

        Raises:
            UnreadableFile: the file changed or went away.
        """
        if size < 1:
            raise InvalidInput(f"size={size} is no number of rows")
        reader = NumberReader(self.region)
        mobile = self.roles[MOBILE]
        places = {name: place for place, name in enumerate(self.names)}
        for chunk in self._source.chunks(size):
            columns, given_up = self._settled(chunk, places)
            numbers, readings = reader.read_many(columns[mobile])
            yield Batch(chunk.first_row, chunk.size, columns, numbers, readings, given_up, chunk.faults)

    def _settled(self, chunk: Chunk, places: Mapping[str, int]) -> tuple[Columns, frozenset[int]]:
        if self._choice is None:
            return Columns(places, chunk.columns), frozenset()
        rows = range(chunk.first_row, chunk.first_row + chunk.size)
        return Columns(places, chunk.columns, self._choice.texts(rows)), self._choice.indices(rows)

    @property
    def issues(self) -> Issues:
        """What to look at, row by row. The first use reads the whole table; the answer is kept."""
        if self._memory.issues is None:
            postal_code = self.roles.get("code_postal") if self.region == "FR" else None
            self._memory.issues = noted.found_in(self.batches(), self._source.faults, self.roles[MOBILE], postal_code)
        return self._memory.issues

    def duplicates(self) -> tuple[Duplicate, ...]:
        """Give the numbers that several rows have. The first use reads the whole table, as for ``issues``."""
        if self._memory.duplicates is None:
            self._memory.duplicates = repeated.found_in(self.batches())
        return self._memory.duplicates

    def deduplicated(self, keep: Keep = Keep.FIRST) -> Contacts:
        """Keep one row of each number; the others stay in the account, as duplicates.

        The rows are chosen from the whole table, before segments. An opt-out or a withdrawal in any row of a
        number stands in the row that stays. What is remembered grows with the number of duplicates.

        Args:
            keep: FIRST, LAST, or MERGE: the first row with its empty cells filled from the later ones, and
                the latest consent with its evidence.
        """
        whole = evolve(self, choice=None)
        choice = repeated.chosen(self.duplicates(), keep, whole.batches(), self.consent)
        return evolve(self, choice=choice)

    def __repr__(self) -> str:
        segments = f", {len(self.segments)} segments" if self.segments else ""
        numbers = f"numbers in {self.roles[MOBILE]!r}"
        return f"<Contacts {self._source.name}: {len(self.names)} columns, {numbers}{segments}>"

    # ---------------------------------------------------------------- looking

    def view(self) -> View:
        """Give what is known without reading the rows: the columns and what they stand for."""
        role_of = {column: role for role, column in self.roles.items()}
        evidence = {column: what for what, column in self.consent.named.items()} if self.consent else {}
        rows = [
            (name, header, ", ".join(filter(None, (role_of.get(name), evidence.get(name)))))
            for name, header in zip(self.names, self._source.headers, strict=True)
        ]
        facts = [("numbers in", self.roles[MOBILE]), ("read as in", self.region)]
        facts += [("group", tag) for tag in sorted(self.tags)]
        facts += [("where", str(segment)) for segment in self.segments]
        return View(self._source.name, Facts(*facts), Table(("column", "header", "stands for"), rows))


def _segment(condition: Segment | Predicate) -> Segment:
    return condition if isinstance(condition, Segment) else Segment("where", condition)


def _is_given(role: str, columns: Mapping[str, str] | None) -> bool:
    return any(role_named(name) == role for name in columns or ())


def _has_no_headers(table: Source) -> bool:
    return any(fault.fault is Fault.NO_HEADER for fault in table.faults)


def _fullest(table: Source, names: tuple[str, ...], region: str) -> str:
    """Find the column with most numbers in a table whose columns have no names."""
    chunk = next(table.chunks(_LOOKED_AT))
    reader = NumberReader(region)
    numbers = [sum(map(bool, reader.read_many(cells)[0])) for cells in chunk.columns]
    return names[numbers.index(max(numbers))]


def _checked(consent: ConsentColumns, table: Source, names: tuple[str, ...]) -> ConsentColumns:
    """Give the same columns by the names that batches have them under."""
    return evolve(
        consent,
        **{what: column_named(column, table.headers, names) for what, column in consent.named.items()},
    )
