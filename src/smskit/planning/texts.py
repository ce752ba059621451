"""The texts of a batch: who is drawn, what they read, and a digest of it all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from smskit.compliance import Desk
from smskit.contacts import Batch
from smskit.planning.draft import Draft
from smskit.planning.inputs import Inputs
from smskit.planning.wording import Said, Wording


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
        """Give each row alive its text."""
        if len(self.wordings) == 1:
            (wording,) = self.wordings.values()
            draft.said = self._said(draft, wording, draft.alive)
            return
        said: dict[int, Said] = {}
        for arm, wording in self.wordings.items():
            rows = [row for row, drawn in zip(draft.alive, draft.arms, strict=True) if drawn == arm]
            said.update(zip(rows, self._said(draft, wording, rows), strict=True))
        draft.said = [said[row] for row in draft.alive]

    def _said(self, draft: Draft, wording: Wording, rows: Sequence[int]) -> list[Said]:
        columns: list[Sequence[str]] = [draft.places, *(draft.batch.columns[name] for name in wording.columns)]
        if len(rows) < draft.batch.size:
            columns = [[column[row] for row in rows] for column in columns]
        return wording.say(list(zip(*columns, strict=True)))

    def printed_by_carrier(self, arm: str, place: str) -> str:
        """Give the mention that the carrier prints itself and must not see, empty when we print it."""
        form = self._stop_for(place)
        return self.wordings[arm].suffix(place) if form is not None and form.printed_by_transport else ""

    def note(self, texts: Iterable[str]) -> None:
        """Take the texts of a batch into the digest."""
        self._hash.update("".join(f"{text}\0" for text in texts).encode())

    def digest(self) -> str:
        """Give the digest of every text noted, in order."""
        return self._hash.hexdigest()
