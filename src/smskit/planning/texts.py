"""The texts of a batch: who is drawn, what they read, and a digest of it all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Protocol

from smskit.compliance import Desk
from smskit.contacts import Batch
from smskit.planning.draft import Draft
from smskit.planning.inputs import Inputs
from smskit.planning.rich import RichWording
from smskit.planning.wording import Key, Said, Wording


class Saying(Protocol):
    """What :class:`Wording` and :class:`RichWording` have in common."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The contacts' columns, in the order of the values in a key after its place."""
        ...

    def say(self, keys: Sequence[Key]) -> list[Said]:
        """Give what the contacts with these values get, in order."""
        ...


def noted(draft: Draft, places: Iterable[int] | None = None) -> list[str]:
    """Give what the digest of a plan takes of rows alive, or of those at *places*: what they get over both channels."""
    chosen = range(len(draft.said)) if places is None else places
    if not draft.behind:
        return [draft.said[place].text for place in chosen]
    return [_both(draft.said[place], draft.behind[place]) for place in chosen]


def _both(said: Said, behind: Said | None) -> str:
    return said.text if behind is None else f"{said.text}\n{behind.text}"


def _with_reason(rich: Said, behind: Said) -> Said:
    # What cannot be said behind it leaves the row out: nobody is promised a fallback that there is not.
    return rich if behind.reason is None or rich.reason is not None else rich._replace(reason=behind.reason)


class Texts:
    """Fills the messages of a campaign; the same rows give the same texts, in the plan and when it is sent."""

    def __init__(self, inputs: Inputs, desk: Desk) -> None:
        campaign = inputs.campaign
        resolve, names = campaign.to.resolve, campaign.to.names
        self._stop_for = inputs.features.stop_for
        self._experiment = campaign.experiment
        self.wordings = {
            arm: Wording(message, message.bind(resolve, names), campaign.short_links, desk.suffix, desk.content)
            for arm, message in campaign.arms.items()
        }
        self.rich = {
            arm: RichWording(template, resolve, names, campaign.short_links, desk.content)
            for arm, template in campaign.rich_arms.items()
        }
        self._postal_code = resolve("code_postal")
        self._hash = blake2b(digest_size=16)

    def postal_codes(self, batch: Batch) -> Sequence[str] | None:
        """Give the postal codes of a batch, None when the contacts have none."""
        return batch.columns[self._postal_code] if self._postal_code else None

    def draw(self, draft: Draft) -> None:
        """Say of each row alive whether it is held out and which arm it belongs to."""
        if self._experiment.draws:
            draft.held, draft.arms = self._experiment.draw(draft.of_alive(draft.batch.numbers))

    def say(self, draft: Draft) -> None:
        """Give each row alive what it gets: the SMS; or the rich message, with the SMS that stands by for it."""
        if not self.rich:
            draft.said = self._said_by_arm(draft, self.wordings, draft.alive)
            return
        tried = [row for row, is_rich in zip(draft.alive, draft.rich, strict=True) if is_rich]
        rich = iter(self._said_by_arm(draft, self.rich, tried))
        if not self.wordings:
            draft.said, draft.behind = list(rich), []
            return
        texts = self._said_by_arm(draft, self.wordings, draft.alive)
        draft.said = [
            _with_reason(next(rich), text) if is_rich else text for text, is_rich in zip(texts, draft.rich, strict=True)
        ]
        draft.behind = [text if is_rich else None for text, is_rich in zip(texts, draft.rich, strict=True)]

    def _said_by_arm(self, draft: Draft, wordings: Mapping[str, Saying], rows: Sequence[int]) -> list[Said]:
        if len(wordings) == 1:
            (wording,) = wordings.values()
            return self._said(draft, wording, rows)
        said: dict[int, Said] = {}
        drawn = dict(zip(draft.alive, draft.arms, strict=True))
        for arm, wording in wordings.items():
            of_arm = [row for row in rows if drawn[row] == arm]
            said.update(zip(of_arm, self._said(draft, wording, of_arm), strict=True))
        return [said[row] for row in rows]

    def _said(self, draft: Draft, wording: Saying, rows: Sequence[int]) -> list[Said]:
        columns: list[Sequence[str]] = [draft.places, *(draft.batch.columns[name] for name in wording.columns)]
        if len(rows) < draft.batch.size:
            columns = [[column[row] for row in rows] for column in columns]
        return wording.say(list(zip(*columns, strict=True)))

    def printed_by_carrier(self, arm: str, place: str) -> str:
        """Give the mention that the carrier prints itself and must not see, empty when we print it."""
        if arm not in self.wordings:
            return ""
        form = self._stop_for(place)
        return self.wordings[arm].suffix(place) if form is not None and form.printed_by_transport else ""

    def note(self, texts: Iterable[str]) -> None:
        """Take the texts of a batch into the digest."""
        self._hash.update("".join(f"{text}\0" for text in texts).encode())

    def digest(self) -> str:
        """Give the digest of every text noted, in order."""
        return self._hash.hexdigest()
