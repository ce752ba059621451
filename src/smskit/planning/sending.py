"""From a plan to the ledger: the same rows again, this time as messages to hand over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from attrs import evolve

from smskit.contacts import Batch
from smskit.errors import PlanChanged
from smskit.kinds import SendState
from smskit.planning.draft import Draft
from smskit.planning.inputs import Inputs
from smskit.planning.pipeline import BATCH
from smskit.planning.places import country_of, places_of, wheres_of
from smskit.planning.rows import DEFERRED, HELD_OUT, TO_SEND, Rows
from smskit.planning.texts import Texts
from smskit.records import Link, PlannedSend
from smskit.text import token_of
from smskit.text.links import TOKEN_PLACEHOLDER

_KEPT = frozenset({TO_SEND, HELD_OUT, DEFERRED})


class Sending:
    """Reads the contacts a second time and writes the messages of the rows that were planned.

    The decisions are those of the plan: nothing is decided again here. If what is read is not what was planned,
    nothing is sent.

    Args:
        inputs: what the plan was made from.
        rows: what it decided.
        flipped: rows that it took out after filling them.
        openings: when deferred territories open, or those of their zones that are deferred.
        texts_digest: of all texts that it filled.
        run_id: the run that the messages belong to.
        secret: keys the tokens of short links; empty leaves placeholders.
        attempt: other tokens for the same messages, when some were taken.
    """

    def __init__(
        self,
        inputs: Inputs,
        rows: Rows,
        flipped: frozenset[int],
        openings: Mapping[str, datetime],
        texts_digest: str,
        run_id: str,
        secret: bytes = b"",
        attempt: int = 0,
    ) -> None:
        self._inputs = inputs
        self._rows = rows
        self._flipped = flipped
        self._at = int(inputs.at.timestamp())
        self._openings = {where: -int(-opening.timestamp() // 1) for where, opening in openings.items()}
        self._texts_digest = texts_digest
        self._run_id = run_id
        self._secret = secret
        self._attempt = attempt
        self._desk = inputs.desk()
        self._texts = Texts(inputs, self._desk)
        self._seq = 0

    def batches(self, limit: int | None = None) -> Iterator[tuple[list[PlannedSend], list[Link]]]:
        """Give the messages in batches, with their short links; at most *limit* messages to send.

        Raises:
            PlanChanged: at the latest after the last batch, if the contacts are not those that were planned.
        """
        first = 0
        left = limit
        for batch in self._inputs.campaign.to.batches(BATCH):
            sends = self._planned(batch, first)
            first += batch.size
            if left == 0:
                # A pilot has all it wants; the rest is read to see that the texts are those of the plan.
                continue
            if left is not None:
                sends = _first(sends, left)
                left -= sum(send.state is SendState.PLANNED for send in sends)
            yield self._linked(sends)
        if first != len(self._rows) or self._texts.digest() != self._texts_digest:
            raise PlanChanged("the contacts file")

    def _planned(self, batch: Batch, first: int) -> list[PlannedSend]:
        codes = self._rows.codes[first : first + batch.size]
        if self._rows.numbers[first : first + batch.size].tolist() != list(batch.numbers):
            raise PlanChanged("the contacts file")
        draft = Draft(batch, places_of(batch.numbers, self._texts.postal_codes(batch)), first)
        # Rows that an objection on a later row took out were filled and hashed
        # when the plan was made, and have to be now.
        draft.alive = [row for row in draft.alive if codes[row] in _KEPT or first + row in self._flipped]
        self._texts.draw(draft)
        self._texts.say(draft)
        self._texts.note(said.text for said in draft.said)
        return self._sends(draft, codes)

    def _sends(self, draft: Draft, codes: bytearray) -> list[PlannedSend]:
        arms = draft.arms or [""] * len(draft.alive)
        places = draft.distinct_places()
        printed = {(arm, place): self._texts.printed_by_carrier(arm, place) for arm in set(arms) for place in places}
        prices = {place: self._inputs.price_micros(country_of(place), 1) for place in places}
        wide = [place for place in places if self._openings and self._desk.has_zones(place)]
        draft.wheres = wheres_of(draft.places, draft.batch.numbers, wide)
        sends: list[PlannedSend] = []
        for row, said, arm in zip(draft.alive, draft.said, arms, strict=True):
            if codes[row] in _KEPT:
                place = draft.places[row]
                text = said.text.removesuffix(printed[arm, place])
                sends.append(
                    self._send(draft, row, arm, text, said.parts, prices[place], is_held=codes[row] == HELD_OUT)
                )
        return sends

    def _send(
        self, draft: Draft, row: int, arm: str, text: str, parts: int, price: int, *, is_held: bool
    ) -> PlannedSend:
        place, seq = draft.places[row], self._seq
        self._seq += 1
        due = self._openings.get(draft.wheres[row], self._at)
        counted, number = draft.batch.first_row + row, draft.batch.numbers[row]
        if is_held:
            return PlannedSend(seq, counted, number, "", 0, 0, place, due, arm, SendState.HELD_OUT)
        return PlannedSend(seq, counted, number, text, parts, price * parts, place, due, arm)

    def _linked(self, sends: list[PlannedSend]) -> tuple[list[PlannedSend], list[Link]]:
        short = self._inputs.campaign.short_links
        if short is None or not self._secret:
            return sends, []
        linked = [self._with_tokens(send) for send in sends]
        return [send for send, _ in linked], [link for _, links in linked for link in links]

    def _with_tokens(self, send: PlannedSend) -> tuple[PlannedSend, list[Link]]:
        campaign = self._inputs.campaign
        short, message = campaign.short_links, campaign.arms[send.arm]
        if short is None or send.state is SendState.HELD_OUT or not message.links:
            return send, []
        placeholder, text = short.url(TOKEN_PLACEHOLDER), send.text
        links: list[Link] = []
        for variable in message.template.variables:
            if variable.name in message.links:
                token = token_of(self._secret, self._run_id, send.seq, variable.name, attempt=self._attempt)
                text = text.replace(placeholder, short.url(token), 1)
                target = short.target(message.links[variable.name], campaign.id)
                links.append(Link(token, self._run_id, send.seq, target))
        unique = list({link.token: link for link in links}.values())
        return evolve(send, text=text, token=unique[0].token), unique


def _first(sends: list[PlannedSend], count: int) -> list[PlannedSend]:
    kept: list[PlannedSend] = []
    for send in sends:
        if send.state is SendState.PLANNED:
            if count == 0:
                break
            count -= 1
        kept.append(send)
    return kept
