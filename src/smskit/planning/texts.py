"""The texts of a batch: who is drawn, what they read, what the law appends, and a digest of it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from smskit.compliance import Desk
from smskit.contacts import Batch
from smskit.kinds import Reason
from smskit.planning.draft import Draft
from smskit.planning.inputs import Inputs
from smskit.planning.places import country_of
from smskit.planning.wording import Change, Wording

LONGEST = 255
"""Parts that a concatenation header can number; a longer text cannot be sent at all."""


class Texts:
    """Fills the messages of a campaign; the same rows give the same texts, in the plan and when it is sent."""

    def __init__(self, inputs: Inputs, desk: Desk) -> None:
        campaign = inputs.campaign
        resolve, names = campaign.to.resolve, campaign.to.names
        self._desk = desk
        self._stop_for = inputs.features.stop_for
        self._experiment = campaign.experiment
        self.wordings = {
            arm: Wording(message, message.bind(resolve, names), campaign.short_links)
            for arm, message in campaign.arms.items()
        }
        self._postal_code = resolve("code_postal")
        self._suffixes: dict[tuple[str, str], str] = {}
        self._hash = blake2b(digest_size=16)

    @property
    def most_parts(self) -> Mapping[str, int]:
        """How many parts the messages of each arm may have."""
        return {arm: wording.message.max_parts or LONGEST for arm, wording in self.wordings.items()}

    @property
    def changes(self) -> Counter[Change]:
        """What folding replaced, and how often, over all arms."""
        return sum((wording.changes for wording in self.wordings.values()), Counter[Change]())

    def postal_codes(self, batch: Batch) -> Sequence[str] | None:
        """Give the postal codes of a batch, None when the contacts have none."""
        return batch.columns[self._postal_code] if self._postal_code else None

    def draw(self, draft: Draft) -> None:
        """Say of each row alive whether it is held out and which arm it belongs to."""
        if self._experiment.draws:
            draft.held, draft.arms = self._experiment.draw(draft.of_alive(draft.batch.numbers))

    def fill(self, draft: Draft) -> None:
        """Fill the texts of the rows alive; rows that lack a value are dropped."""
        missing: list[int] = []
        if draft.arms:
            texts = dict.fromkeys(draft.alive, "")
            for name in self.wordings:
                rows = [row for row, arm in zip(draft.alive, draft.arms, strict=True) if arm == name]
                texts.update(zip(rows, self._filled(draft, name, rows, missing), strict=True))
            draft.texts = list(texts.values())
        else:
            draft.texts = self._filled(draft, "", draft.alive, missing)
        draft.drop(missing, Reason.MISSING_VARIABLE)

    def _filled(self, draft: Draft, arm: str, rows: Sequence[int], missing: list[int]) -> list[str]:
        if not rows:
            return []
        columns, places = draft.batch.columns, draft.places
        whole = len(rows) == draft.batch.size

        def cells(column: str) -> Sequence[str]:
            return columns[column] if whole else [columns[column][row] for row in rows]

        filled, lacking = self.wordings[arm].fill(cells, len(rows))
        missing += [rows[place] for place in lacking]
        ends = {place: self.suffix(arm, place) for place in {places[row] for row in rows}}
        if len(ends) == 1:
            (end,) = ends.values()
            return [text + end for text in filled] if end else filled
        return [text + ends[places[row]] for row, text in zip(rows, filled, strict=True)]

    def suffix(self, arm: str, place: str) -> str:
        """Give what the law of *place* appends to the texts of *arm*, as the handset shows it."""
        key = (arm, place)
        if key not in self._suffixes:
            literals = self.wordings[arm].message.template.literals
            self._suffixes[key] = self._desk.suffix(place, "".join(literals))
        return self._suffixes[key]

    def as_handed_over(self, text: str, arm: str, place: str) -> str:
        """Give the text that the carrier gets: without the mention, if the carrier prints it itself."""
        form = self._stop_for(country_of(place))
        if form is None or not form.printed_by_transport:
            return text
        return text.removesuffix(self.suffix(arm, place))

    def note(self, texts: Iterable[str]) -> None:
        """Take the texts of a batch into the digest."""
        self._hash.update("\0".join(texts).encode("utf-8", "surrogatepass"))
        self._hash.update(b"\0\0")

    def digest(self) -> str:
        """Give the digest of every text noted, in order."""
        return self._hash.hexdigest()
