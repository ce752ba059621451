"""Which columns say what people agreed to."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import asdict, frozen


@frozen(kw_only=True)
class ConsentColumns:
    """The names of the columns that hold the evidence; each may be missing.

    None is guessed but one: a column that looks like opt-outs is obeyed although it was not named, and the plan
    says so.

    Args:
        granted_at: when consent was given.
        source: how it was given: till, form, checkout …
        withdrawn_at: when it was taken back.
        opted_out: yes for a person who does not want messages.
        wording: the sentence that was agreed to.
        channel: for which channel, such as ``sms``.
        last_contact: when the person last answered, clicked or wrote.
        purchased_at: the last purchase, for the customer exception.
        birth_date: to leave minors out.
        professional: yes for a number that a person has for work.
    """

    granted_at: str | None = None
    source: str | None = None
    withdrawn_at: str | None = None
    opted_out: str | None = None
    wording: str | None = None
    channel: str | None = None
    last_contact: str | None = None
    purchased_at: str | None = None
    birth_date: str | None = None
    professional: str | None = None

    @property
    def named(self) -> Mapping[str, str]:
        """The columns that were named, by what they hold."""
        return {what: column for what, column in asdict(self).items() if column is not None}
