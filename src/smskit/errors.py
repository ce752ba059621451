"""Every error that smskit raises on purpose, in one tree.

::

    SmskitError
    ├── InvalidInput (ValueError)       fix the call
    │   ├── UnreadableFile              no encoding, separator or format reads the file
    │   ├── UnknownColumn               a name that the contacts do not have
    │   ├── InvalidNumber               not a telephone number, or not one that can be dialled
    │   ├── NaiveDatetime               a time without a zone
    │   ├── UnencodableText             a character has no place in the alphabet asked for
    │   ├── TooLong                     more parts than a message can have
    │   ├── TemplateError               a template that cannot be read
    │   ├── MissingPrice                the price list has no price for a destination
    │   ├── EmptyAudience               nobody is left to send to
    │   ├── TokenTaken                  two messages with one short link
    │   ├── InvalidContent              a rich message that the platform would refuse
    │   └── InvalidRules                a rule file that does not keep to the schema
    ├── NotPermitted                    do not send: carries its reasons
    ├── PlanError                       make the plan again
    │   ├── PlanTooLate                 its time has passed by more than late_after
    │   └── PlanChanged                 the contacts are not those that were planned
    ├── UnsupportedFeature              choose another transport
    ├── TransportError                  .retryable and .retry_after_s say whether to try again
    │   └── CarrierRefuses              the whole account is refused: mend it, then resume
    ├── WebhookError                    distrust what was received
    └── StoreError                      what was committed is safe; mend the store and go on
        ├── StoreBusy                   another process holds it
        ├── RunBusy                     another process is sending this campaign
        ├── StoreFull                   no room left on the disk
        └── StoreFormat                 not a smskit store, or one of a newer version

Facts are attributes; the text is built in ``__str__`` and says what to do next. No text holds a full number, a
message or a key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta


class SmskitError(Exception):
    """The root: whatever smskit raises on purpose can be caught with it."""


class InvalidInput(SmskitError, ValueError):
    """The call has to be mended: its arguments or its files are not usable."""


class UnreadableFile(InvalidInput):
    """A file of contacts, orders or opt-outs could not be read; nothing of it was taken."""

    def __init__(self, name: str, reason: str, tried: Sequence[str] = ()) -> None:
        super().__init__(name, reason, tuple(tried))
        self.name = name
        self.reason = reason
        self.tried = tuple(tried)

    def __str__(self) -> str:
        tried = f" (tried: {', '.join(self.tried)})" if self.tried else ""
        return f"{self.name} cannot be read: {self.reason}{tried}"


class UnknownColumn(InvalidInput):
    """A column was named that is not among those of the contacts."""

    def __init__(self, column: str, known: Sequence[str]) -> None:
        super().__init__(column, tuple(known))
        self.column = column
        self.known = tuple(known)

    def __str__(self) -> str:
        return f"there is no column {self.column!r}; the columns are {', '.join(self.known) or 'none'}"


class InvalidNumber(InvalidInput):
    """A text that is not one telephone number that can be dialled."""

    def __init__(self, masked: str, reason: str) -> None:
        super().__init__(masked, reason)
        self.masked = masked
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.masked} is not a number to send to: {self.reason}"


class NaiveDatetime(InvalidInput):
    """A time without a zone: nobody can say at which instant it is."""

    def __init__(self, name: str, value: datetime) -> None:
        super().__init__(name, value)
        self.name = name
        self.value = value

    def __str__(self) -> str:
        return (
            f"{self.name}={self.value.isoformat()} has no time zone; give an aware datetime, "
            f"for example datetime(..., tzinfo=ZoneInfo('Europe/Paris'))"
        )


class UnencodableText(InvalidInput):
    """A character has no place in the alphabet that was asked for."""

    def __init__(self, character: str, index: int, alphabet: str) -> None:
        super().__init__(character, index, alphabet)
        self.character = character
        self.index = index
        self.alphabet = alphabet

    def __str__(self) -> str:
        return f"{self.character!r} at index {self.index} is not in {self.alphabet}"


class TooLong(InvalidInput):
    """A text needs more parts than a message can have."""

    def __init__(self, parts: int, limit: int) -> None:
        super().__init__(parts, limit)
        self.parts = parts
        self.limit = limit

    def __str__(self) -> str:
        return f"the text needs {self.parts} parts and {self.limit} is the limit; shorten it"


class TemplateError(InvalidInput):
    """A template that cannot be read: an unclosed brace, an unknown link, a lone dollar sign."""

    def __init__(self, reason: str, index: int) -> None:
        super().__init__(reason, index)
        self.reason = reason
        self.index = index

    def __str__(self) -> str:
        return f"the template cannot be read at index {self.index}: {self.reason}"


class MissingPrice(InvalidInput):
    """The price list says nothing of some destinations; no plan is made on a guess."""

    def __init__(self, missing: Mapping[str, int]) -> None:
        super().__init__(dict(missing))
        self.missing = dict(missing)

    def __str__(self) -> str:
        named = ", ".join(f"{place} ({count} contacts)" for place, count in self.missing.items())
        return (
            f"the price list has no price for {named}; add it, for example "
            f"Prices.per_part({next(iter(self.missing), 'FR')}='0.07'), or leave those contacts out with "
            f"Prices.per_part(..., without_price='leave_out')"
        )


class EmptyAudience(InvalidInput):
    """Nobody is left to send to; the reasons say where they went."""

    def __init__(self, rows: int, reasons: Mapping[str, int]) -> None:
        super().__init__(rows, dict(reasons))
        self.rows = rows
        self.reasons = dict(reasons)

    def __str__(self) -> str:
        why = ", ".join(f"{reason} {count}" for reason, count in self.reasons.items()) or "the file has no row"
        done = "; whoever is already_sent has the campaign: open its run with Run(store, run_id, transport)"
        hint = done if "already_sent" in self.reasons else "; look at plan.reasons and contacts.issues"
        return f"nobody of {self.rows} rows can be sent to: {why}{hint}"


class TokenTaken(InvalidInput):
    """A token of a short link belongs to another message; a run tries others by itself before it says so."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.token = token

    def __str__(self) -> str:
        return f"the short-link token {self.token or 'of two messages'} is that of another message; use longer tokens"


class InvalidContent(InvalidInput):
    """A rich message that the platform would refuse: the first fault as attributes, ``problems`` has all in words."""

    def __init__(self, path: str, rule: str, actual: int | str, limit: int | str, problems: Sequence[str] = ()) -> None:
        super().__init__(path, rule, actual, limit, tuple(problems))
        self.path = path
        self.rule = rule
        self.actual = actual
        self.limit = limit
        self.problems = tuple(problems)

    def __str__(self) -> str:
        first = f"{self.path or 'the message'}: {self.actual}, limit {self.limit} ({self.rule})"
        return f"the message would be refused: {'; '.join(self.problems) or first}"


class InvalidRules(InvalidInput):
    """A file of compliance rules does not keep to the schema."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        super().__init__(name, tuple(problems))
        self.name = name
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return f"the rules of {self.name} are refused: {'; '.join(self.problems)}"


class NotPermitted(SmskitError):
    """A rule forbids this message; ``reasons`` holds each rule with its explanation."""

    def __init__(self, reasons: Sequence[str], until: datetime | None = None) -> None:
        super().__init__(tuple(reasons), until)
        self.reasons = tuple(reasons)
        self.until = until

    def __str__(self) -> str:
        later = f"; allowed from {self.until.isoformat()}" if self.until else ""
        return f"not sent: {'; '.join(self.reasons)}{later}"


class PlanError(SmskitError):
    """A plan that can no longer be sent as it is; nothing was sent, make it again."""


class PlanTooLate(PlanError):
    """The time of a plan passed too long ago."""

    def __init__(self, at: datetime, now: datetime, late_after: timedelta) -> None:
        super().__init__(at, now, late_after)
        self.at = at
        self.now = now
        self.late_after = late_after

    def __str__(self) -> str:
        return (
            f"the plan was for {self.at.isoformat()} and it is {self.now.isoformat()}: more than "
            f"{self.late_after} late; plan again for a new time, or plan with a larger late_after"
        )


class PlanChanged(PlanError):
    """What would be sent is no longer what was planned."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} changed since the plan was made; nothing was sent, plan again"


class UnsupportedFeature(SmskitError):
    """The transport cannot do what the message asks for."""

    def __init__(self, transport: str, feature: str) -> None:
        super().__init__(transport, feature)
        self.transport = transport
        self.feature = feature

    def __str__(self) -> str:
        return f"{self.transport} does not support {self.feature}; choose another transport or do without"


class TransportError(SmskitError):
    """A carrier could not be reached, or answered with nonsense."""

    def __init__(self, transport: str, reason: str, *, retryable: bool, retry_after_s: float | None = None) -> None:
        super().__init__(transport, reason)
        self.transport = transport
        self.reason = reason
        self.retryable = retryable
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        again = f"; try again in {self.retry_after_s:g} s" if self.retry_after_s else ""
        return f"{self.transport}: {self.reason}{again if self.retryable else '; trying again will not help'}"


class CarrierRefuses(TransportError):
    """The carrier takes nothing of this account, or too much of a run fails; what was not taken remains."""

    def __init__(self, transport: str, failure: str, code: str = "") -> None:
        reason = f"stopped: {failure}{f' ({code})' if code else ''}"
        super().__init__(transport, reason, retryable=False)
        self.failure = failure
        self.code = code

    def __str__(self) -> str:
        mend = _MENDS.get(self.failure, "mend that")
        return f"{self.transport}: {self.reason}; {mend}, then resume the run or send again: what was not taken remains"


_MENDS = {
    "auth": "look at the key and its rights",
    "permission": "look at what the key may do, at the account and the address of the API",
    "insufficient_credit": "top the account up",
    "quota_exceeded": "have the limit of the account raised, or wait until it is over",
    "account": "look at the account, and at the address of the API",
}


class WebhookError(SmskitError):
    """Something was received that cannot be trusted to come from the carrier; answer it with 403 and keep nothing."""


class StoreError(SmskitError):
    """The store could not do its work; whatever was committed before is safe."""


class StoreBusy(StoreError):
    """Another process holds the store for longer than we wait."""

    def __init__(self, path: str, waited_s: float) -> None:
        super().__init__(path, waited_s)
        self.path = path
        self.waited_s = waited_s

    def __str__(self) -> str:
        return f"{self.path} is held by another process for more than {self.waited_s:g} s; let it end, then go on"


class RunBusy(StoreError):
    """Another process is sending this very campaign."""

    def __init__(self, campaign: str) -> None:
        super().__init__(campaign)
        self.campaign = campaign

    def __str__(self) -> str:
        return (
            f"campaign {self.campaign!r} is being sent by another process; wait for it to end, or stop it with "
            f"run.cancel()"
        )


class StoreFull(StoreError):
    """There is no room left on the disk of the store."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"no room is left on the disk of {self.path}; free some, then go on with run.resume(): nothing was lost"


class StoreFormat(StoreError):
    """The file is not a store of smskit, or a newer smskit wrote it."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path} cannot be used as a store: {self.reason}"
