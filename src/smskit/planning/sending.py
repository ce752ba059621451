"""From a plan to the ledger: the same rows again, this time as messages to hand over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from attrs import evolve

from smskit.contacts import Batch
from smskit.delivery.loading import Loaded
from smskit.errors import PlanChanged
from smskit.kinds import SendState
from smskit.planning.draft import Draft
from smskit.planning.inputs import Inputs
from smskit.planning.pipeline import BATCH
from smskit.planning.places import country_of, places_of, wheres_of
from smskit.planning.rich import with_tokens
from smskit.planning.rows import DEFERRED, HELD_OUT, TO_SEND, Rows
from smskit.planning.texts import Texts, noted
from smskit.planning.wording import Said
from smskit.records import Link, PlannedSend
from smskit.text import ShortLinks, token_of
from smskit.text.links import TOKEN_PLACEHOLDER

_KEPT = frozenset({TO_SEND, HELD_OUT, DEFERRED})


class Person(NamedTuple):
    """What one person gets: over RCS, by SMS, or over RCS with an SMS that stands by."""

    rich: PlannedSend | None
    sms: PlannedSend | None

    @property
    def is_sent_to(self) -> bool:
        """Whether anything is to be sent at all."""
        first = self.rich or self.sms
        return first is not None and first.state is SendState.PLANNED


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
        fallback_id: the run of the SMS behind messages over RCS; empty where there is none.
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
        fallback_id: str = "",
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
        self._fallback_id = fallback_id
        self._secret = secret
        self._attempt = attempt
        self._desk = inputs.desk()
        self._texts = Texts(inputs, self._desk)
        self._seq = 0

    def batches(self, limit: int | None = None) -> Iterator[list[Loaded]]:
        """Give the messages in batches, by run, with their short links; those of at most *limit* people to send to.

        Raises:
            PlanChanged: at the latest after the last batch, if the contacts are not those that were planned.
        """
        first = 0
        left = limit
        for batch in self._inputs.campaign.to.batches(BATCH):
            people = self._planned(batch, first)
            first += batch.size
            if left == 0:
                # A pilot has all it wants; the rest is read to see that the texts are those of the plan.
                continue
            if left is not None:
                people = _first(people, left)
                left -= sum(person.is_sent_to for person in people)
            yield self._by_run(people)
        if first != len(self._rows) or self._texts.digest() != self._texts_digest:
            raise PlanChanged("the contacts file")

    def _planned(self, batch: Batch, first: int) -> list[Person]:
        codes = self._rows.codes[first : first + batch.size]
        if self._rows.numbers[first : first + batch.size].tolist() != list(batch.numbers):
            raise PlanChanged("the contacts file")
        draft = Draft(batch, places_of(batch.numbers, self._texts.postal_codes(batch)), first)
        # Rows that an objection on a later row took out were filled and hashed
        # when the plan was made, and have to be now.
        draft.alive = [row for row in draft.alive if codes[row] in _KEPT or first + row in self._flipped]
        if self._rows.rich:
            draft.rich = [self._rows.rich[first + row] > 0 for row in draft.alive]
        self._texts.draw(draft)
        self._texts.say(draft)
        self._texts.note(noted(draft))
        return self._people(draft, codes)

    def _people(self, draft: Draft, codes: bytearray) -> list[Person]:
        arms = draft.arms or [""] * len(draft.alive)
        behind = draft.behind or [None] * len(draft.alive)
        places = draft.distinct_places()
        printed = {(arm, place): self._texts.printed_by_carrier(arm, place) for arm in set(arms) for place in places}
        prices = {place: self._inputs.price_micros(country_of(place), 1) for place in places}
        wide = [place for place in places if self._openings and self._desk.has_zones(place)]
        draft.wheres = wheres_of(draft.places, draft.batch.numbers, wide)
        people: list[Person] = []
        for row, said, second, arm in zip(draft.alive, draft.said, behind, arms, strict=True):
            if codes[row] not in _KEPT:
                continue
            place = draft.places[row]
            end, price, billing = printed[arm, place], prices[place], said.billing
            if codes[row] == HELD_OUT:
                held = self._send(draft, row, arm, "", 0, 0, SendState.HELD_OUT)
                people.append(Person(None, held) if billing is None else Person(held, None))
            elif billing is None:
                text = said.text.removesuffix(end)
                people.append(Person(None, self._send(draft, row, arm, text, said.parts, price * said.parts)))
            else:
                rich = self._send(draft, row, arm, said.text, 1, self._inputs.rich_price_micros(billing))
                people.append(Person(rich, None if second is None else _behind(rich, second, end, price)))
            self._seq += 1
        return people

    def _send(
        self, draft: Draft, row: int, arm: str, text: str, parts: int, price: int, state: SendState = SendState.PLANNED
    ) -> PlannedSend:
        batch, due = draft.batch, self._openings.get(draft.wheres[row], self._at)
        return PlannedSend(
            self._seq, batch.first_row + row, batch.numbers[row], text, parts, price, draft.places[row], due, arm, state
        )  # fmt: skip

    # ------------------------------------------------------------ links

    def _by_run(self, people: Sequence[Person]) -> list[Loaded]:
        rich = [person.rich for person in people if person.rich is not None]
        sms = [person.sms for person in people if person.sms is not None]
        if not self._texts.rich:
            return [self._linked(self._run_id, sms)]
        loaded = [self._linked(self._run_id, rich, is_rich=True)]
        return [*loaded, self._linked(self._fallback_id, sms)] if self._fallback_id else loaded

    def _linked(self, run_id: str, sends: list[PlannedSend], *, is_rich: bool = False) -> Loaded:
        short = self._inputs.campaign.short_links
        if short is None or not self._secret:
            return Loaded(run_id, sends, [])
        put = self._with_rich_tokens if is_rich else self._with_tokens
        linked = [put(run_id, short, send) for send in sends]
        return Loaded(run_id, [send for send, _ in linked], [link for _, links in linked for link in links])

    def _with_tokens(self, run_id: str, short: ShortLinks, send: PlannedSend) -> tuple[PlannedSend, list[Link]]:
        campaign = self._inputs.campaign
        message = campaign.arms[send.arm]
        if send.state is SendState.HELD_OUT or not message.links:
            return send, []
        placeholder, text = short.url(TOKEN_PLACEHOLDER), send.text
        links: list[Link] = []
        for variable in message.template.variables:
            if variable.name in message.links:
                token = self._token(run_id, send.seq, variable.name)
                text = text.replace(placeholder, short.url(token), 1)
                target = short.target(message.links[variable.name], campaign.id)
                links.append(Link(token, run_id, send.seq, target))
        unique = list({link.token: link for link in links}.values())
        return evolve(send, text=text, token=unique[0].token), unique

    def _with_rich_tokens(self, run_id: str, short: ShortLinks, send: PlannedSend) -> tuple[PlannedSend, list[Link]]:
        campaign = self._inputs.campaign
        targets = sorted(campaign.rich_arms[send.arm].links.items())
        if send.state is SendState.HELD_OUT or not targets:
            return send, []
        tokens = [self._token(run_id, send.seq, name) for name, _ in targets]
        links = [
            Link(token, run_id, send.seq, short.target(target, campaign.id))
            for token, (_, target) in zip(tokens, targets, strict=True)
        ]
        return evolve(send, text=with_tokens(send.text, short, tokens), token=tokens[0]), links

    def _token(self, run_id: str, seq: int, name: str) -> str:
        return token_of(self._secret, run_id, seq, name, attempt=self._attempt)


def _behind(rich: PlannedSend, said: Said, printed: str, price_micros: int) -> PlannedSend:
    """Give the SMS that stands by for a rich message."""
    text, parts = said.text.removesuffix(printed), said.parts
    return evolve(rich, text=text, parts=parts, price_micros=price_micros * parts, state=SendState.STANDBY)


def _first(people: list[Person], count: int) -> list[Person]:
    kept: list[Person] = []
    for person in people:
        if person.is_sent_to:
            if count == 0:
                break
            count -= 1
        kept.append(person)
    return kept
