"""Files of people who must not be written to, for ``store.suppress``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from attrs import frozen

from smskit.cells import parse_instants
from smskit.contacts.columns import normalised
from smskit.contacts.contacts import Contacts
from smskit.contacts.issues import Issues
from smskit.contacts.opening import Readable
from smskit.errors import InvalidInput, NaiveDatetime
from smskit.kinds import Reason
from smskit.records import Suppression

_AT = "at"


@frozen
class SuppressionFile:
    """The entries of a file, read anew each time they are gone through: ``store.suppress(entries)``.

    A row whose number cannot be read gives no entry and is in ``issues``: look at them, each is a person who
    objected.
    """

    contacts: Contacts
    reason: Reason
    source: str
    at: datetime
    dates: str | None = None

    @property
    def issues(self) -> Issues:
        """The rows that give no entry, and those that were repaired."""
        return self.contacts.issues

    def __iter__(self) -> Iterator[Suppression]:
        for batch in self.contacts.batches():
            moments: list[datetime | None] = [None] * batch.size
            if self.dates is not None and self.at.tzinfo is not None:
                moments = parse_instants(batch.columns[self.dates], self.at.tzinfo)
            for number, moment in zip(batch.numbers, moments, strict=True):
                if number:
                    yield Suppression(number, self.reason, moment or self.at, self.source)


def read_suppressions(
    source_file: Readable,
    /,
    *,
    reason: Reason = Reason.SUPPRESSED,
    source: str,
    at: datetime,
    region: str = "FR",
    columns: Mapping[str, str] | None = None,
) -> SuppressionFile:
    """Read a list of numbers that must not be sent to.

    Args:
        source_file: anything that :meth:`Contacts.read` takes.
        reason: OPTED_OUT for people who objected, which only a later consent lifts; SUPPRESSED for the rest.
        source: where the list comes from, kept with each entry.
        at: aware; when they were put on the list.
        region: ISO 3166 code of the country whose national forms are understood.
        columns: ``{"mobile": …}`` where the header does not say it; ``{"at": …}`` for a column of dates,
            which then stand in place of *at* (dates without a zone are in that of *at*).

    Raises:
        InvalidInput: *reason* is no reason of a suppression list, or the file has no column of numbers.
        NaiveDatetime: *at* has no zone.
        UnreadableFile: the file cannot be read.
        UnknownColumn: a column is not there.
    """
    if reason not in (Reason.OPTED_OUT, Reason.SUPPRESSED):
        raise InvalidInput(f"reason={reason} is no reason of a suppression list; use OPTED_OUT or SUPPRESSED")
    if at.tzinfo is None:
        raise NaiveDatetime("at", at)
    contacts = Contacts.read(source_file, region=region, columns=columns)
    dated = any(normalised(name) == _AT for name in columns or ())
    return SuppressionFile(contacts, reason, source, at, contacts.roles[_AT] if dated else None)
