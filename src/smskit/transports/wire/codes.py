"""What the codes of carriers mean: a table, read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from attrs import evolve, frozen

from smskit.kinds import DeliveryStatus, FailureClass, Retry


@frozen
class Meaning:
    """What one code says. All is None of a code that nobody knows: it is neither a success nor a failure.

    ``retry`` is None where the table leaves it to a companion code, and falls back to the failure's own.
    """

    status: DeliveryStatus | None = None
    failure: FailureClass | None = None
    retry: Retry | None = None

    @property
    def is_known(self) -> bool:
        """Whether the table has the code."""
        return self.status is not None

    @property
    def is_failure(self) -> bool:
        """Whether the status is one of failure."""
        return self.status is not None and self.status.is_failure

    @property
    def refusal(self) -> FailureClass | None:
        """Why a message was not taken; None for one that may have been, whatever is told beside its status."""
        # The failure first: most messages have none, and an answer holds a thousand.
        return self.failure if self.failure is not None and self.is_failure else None


UNKNOWN: Final = Meaning()


@frozen
class Codes:
    """The codes of one provider, by where they stand and what they are; capitals do not matter."""

    meanings: Mapping[tuple[str, str], Meaning]

    @classmethod
    def of(cls, provider: str, /) -> Codes:
        """Give those of a provider in the packaged table; none for one that it does not have."""
        return cls(_table().get(provider, {}))

    @classmethod
    def over_rcs(cls, provider: str, /) -> Codes:
        """Give those of a provider as they are meant over RCS: what it says of that channel over what it says of all.

        A handset that is not reached, and even a number that nobody has, says nothing of SMS here: it is the channel
        that is not available.
        """
        general = {
            place: evolve(meaning, failure=_OVER_RCS.get(meaning.failure, meaning.failure))
            for place, meaning in cls.of(provider).meanings.items()
            if meaning.failure is not None
        }
        return cls({**cls.of(provider).meanings, **general, **cls.of(f"{provider}-rcs").meanings})

    @classmethod
    def packaged(cls) -> tuple[str, ...]:
        """Give the providers that the packaged table has."""
        return tuple(sorted(_table()))

    @classmethod
    def made(cls, words: Mapping[str, Mapping[str, DeliveryStatus | FailureClass]], /) -> Codes:
        """Make a table of one's own: words by place, each with the status or the failure that it means."""
        rows = ((where, code, word) for where, row in words.items() for code, word in row.items())
        return cls({(where, code.casefold()): _meaning(word) for where, code, word in rows})

    def meaning(self, where: str, code: object, /) -> Meaning:
        """Give what *code* means at *where*; :data:`UNKNOWN` when the table does not have it."""
        return self.meanings.get((where, str(code).casefold()), UNKNOWN)


_OVER_RCS: Final[Mapping[FailureClass, FailureClass]] = {
    FailureClass.UNREACHABLE: FailureClass.CHANNEL_UNAVAILABLE,
    FailureClass.UNKNOWN_SUBSCRIBER: FailureClass.CHANNEL_UNAVAILABLE,
    FailureClass.UNSUPPORTED: FailureClass.CAPABILITY_UNSUPPORTED,
}


def _meaning(word: DeliveryStatus | FailureClass) -> Meaning:
    if isinstance(word, DeliveryStatus):
        return Meaning(word)
    return Meaning(DeliveryStatus.FAILED, word, word.retry)


@cache
def _table() -> Mapping[str, Mapping[tuple[str, str], Meaning]]:
    text = files("smskit.transports.wire").joinpath("codes.json").read_text(encoding="utf-8")
    table: dict[str, dict[tuple[str, str], Meaning]] = {}
    for provider, where, code, status, failure, retry in json.loads(text)["rows"]:
        table.setdefault(provider, {})[where, code.casefold()] = Meaning(
            DeliveryStatus(status), failure and FailureClass(failure), retry and Retry(retry)
        )
    return table
