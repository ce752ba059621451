"""From contacts to a plan: batches of rows go through a fixed order of questions, column by column.

    who            in the segment? a number? a mobile? a country that we may send to, with a price?
    once           is the number on an earlier row, or did it get this campaign already?
    may we         opposed, suppressed, without a valid consent; forbidden as a whole
    what           missing values, no text, forbidden words, too many parts
    when, how much cap, closed hours, budget

A row leaves at the first question that it fails, and that is its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from smskit.contacts import Batch, SegmentContext
from smskit.kinds import Reason
from smskit.planning.draft import Draft
from smskit.planning.inputs import Inputs
from smskit.planning.people import People
from smskit.planning.places import country_of, places_of, read_where, wheres_of
from smskit.planning.rich import Handset, Handsets
from smskit.planning.rows import CODE_OF, DEFERRED, HELD_OUT, RICH, TO_SEND, Rows
from smskit.planning.texts import Texts, noted
from smskit.planning.wording import Change, Said
from smskit.rcs import Billing

_SENT = (TO_SEND, DEFERRED)

_OPTED_OUT = CODE_OF[Reason.OPTED_OUT]

BATCH = 2_000
"""Rows that are planned together: enough to spread the cost of a step, few enough to stay in the cache."""


class Pipeline:
    """The questions, with what they remember from batch to batch."""

    def __init__(self, inputs: Inputs) -> None:
        campaign = inputs.campaign
        self.desk = inputs.desk()
        self.texts = Texts(inputs, self.desk)
        self.handsets = Handsets(inputs) if inputs.rich is not None else None
        self.divided: Counter[Handset] = Counter()
        self.rich_messages: Counter[Billing] = Counter()
        self.behind_by_country: Counter[str] = Counter()
        self.rows = Rows()
        self.unpriced: Counter[str] = Counter()
        self.parts_by_country: Counter[str] = Counter()
        self.flipped: set[int] = set()
        self.openings: dict[str, datetime] = {}
        self.changes: Counter[Change] = Counter()
        self.example: tuple[Batch, int, str] | None = None
        self._inputs = inputs
        self.people = People(campaign.to.consent, campaign.to.names, self.desk, inputs.at, campaign.zone)
        self._spent_micros = 0

    def take(self, batch: Batch) -> None:
        """Plan one batch of rows."""
        places = places_of(batch.numbers, self.texts.postal_codes(batch))
        draft = Draft(batch, places, self.rows.extend(batch.numbers, batch.first_row))
        if self.handsets is not None:
            self.rows.rich += bytes(batch.size)
        self._who(draft)
        cells = self.people.cells(batch, places)
        said = self.people.reasons(cells)
        objecting = self._once(draft, said)
        self._may_we(draft, cells, said)
        self._hear(objecting, draft)
        if draft.alive:
            self._what(draft)
            self._when(draft)
        self.rows.codes[draft.first : draft.first + batch.size] = draft.codes

    # ------------------------------------------------------------ who

    def _who(self, draft: Draft) -> None:
        batch = draft.batch
        if self._inputs.campaign.to.segments:
            mask = self._segment_mask(batch)
            draft.drop([row for row, inside in enumerate(mask) if not inside], Reason.NOT_IN_SEGMENT)
        for row, reading in batch.readings.items():
            if reading.problem is not None and not draft.codes[row]:
                draft.codes[row] = CODE_OF[reading.problem.reason]
        if batch.readings:
            draft.sift()
        for place in draft.distinct_places():
            if reason := self._no_business_with(country_of(place)):
                rows = draft.at(place)
                if reason is Reason.NO_PRICE:
                    self.unpriced[country_of(place)] += len(rows)
                draft.drop(rows, reason)

    def _segment_mask(self, batch: Batch) -> Sequence[bool]:
        contacts, store = self._inputs.campaign.to, self._inputs.store
        wanted = any(segment.needs_engagement for segment in contacts.segments)
        # Without a store nobody knows of earlier runs, and the segment says so: None is not "never sent to".
        engagement = store.engagement(batch.numbers) if wanted and store is not None else None
        local = self._inputs.at.astimezone(self._inputs.campaign.zone)
        context = SegmentContext(local, contacts.resolve, engagement, contacts.tags)
        masks = [segment.mask(batch, context) for segment in contacts.segments]
        return masks[0] if len(masks) == 1 else [all(flags) for flags in zip(*masks, strict=True)]

    def _no_business_with(self, country: str) -> Reason | None:
        allowed = self._inputs.campaign.countries
        if allowed is not None and country not in allowed:
            return Reason.COUNTRY_NOT_ALLOWED
        if not self.texts.wordings:
            return None  # no SMS is sent, and RCS has one price everywhere
        return Reason.NO_PRICE if self._inputs.prices.micros_for(country) is None else None

    # ------------------------------------------------------------ once

    def _once(self, draft: Draft, said: Sequence[Reason | None]) -> list[int]:
        """Leave one row of each number; give the places of those whose person objects on a later row."""
        numbers, first = draft.batch.numbers, draft.first
        if draft.batch.duplicates:
            draft.drop([row for row in draft.alive if row in draft.batch.duplicates], Reason.DUPLICATE)
        claiming = draft.alive
        opposed: set[int] = set()
        if self.people.hears_oppositions and Reason.OPTED_OUT in said:
            # A person who objects on any row objects on all of them: such a row claims the
            # number even outside the segment, and takes it from an earlier row.
            opposed = {row for row, reason in enumerate(said) if reason is Reason.OPTED_OUT and numbers[row]}
            claiming = sorted(opposed.union(draft.alive))
        repeated = {place - first for place in self.rows.claim([first + row for row in claiming])}
        objecting = [self.rows.first_of(numbers[row]) for row in sorted(repeated & opposed)]
        if repeated:
            draft.drop([row for row in draft.alive if row in repeated], Reason.DUPLICATE)
        return [place for place in objecting if place is not None]

    def _hear(self, objecting: Sequence[int], draft: Draft) -> None:
        """Take the number from each row of *objecting*, unless it has a reason that comes before an objection."""
        here = [place - draft.first for place in objecting if place >= draft.first]
        for row in here:
            if not draft.codes[row] or draft.codes[row] > _OPTED_OUT:
                draft.codes[row] = _OPTED_OUT
        if here:
            draft.sift()
        for place in objecting:
            if place < draft.first and (self.rows.codes[place] <= DEFERRED or self.rows.codes[place] > _OPTED_OUT):
                self._take_back(place)

    def _take_back(self, place: int) -> None:
        rows = self.rows
        if rows.codes[place] <= DEFERRED:
            self.flipped.add(place)
        billing = RICH[rows.rich[place]] if self.handsets is not None else None
        if billing is not None and rows.codes[place] in _SENT:
            self.rich_messages[billing] -= 1
        if rows.parts[place]:
            (where,) = places_of([rows.numbers[place]], None)
            counted = self.parts_by_country if billing is None else self.behind_by_country
            counted[country_of(where)] -= rows.parts[place]
        rows.codes[place] = _OPTED_OUT
        rows.parts[place] = rows.savings[place] = 0

    # ------------------------------------------------------------ may we

    def _may_we(self, draft: Draft, cells: Sequence[tuple[str, ...]], said: Sequence[Reason | None]) -> None:
        if any(said):
            for row in draft.alive:
                if (reason := said[row]) is not None:
                    draft.codes[row] = CODE_OF[reason]
        if self._inputs.store is not None and draft.alive:
            self._ask_store(draft, cells)
        draft.sift()
        for place in draft.distinct_places():
            if finding := self.desk.refusal(place):
                draft.drop(draft.at(place), finding.reason)

    def _ask_store(self, draft: Draft, cells: Sequence[tuple[str, ...]]) -> None:
        store, numbers = self._inputs.store, draft.of_alive(draft.batch.numbers)
        assert store is not None
        sent = store.already_sent(self._inputs.campaign.id, numbers)
        suppressed, histories = store.suppressed(numbers), store.consents(numbers)
        if not (sent or suppressed or histories):
            return
        for row, number in zip(draft.alive, numbers, strict=True):
            if number in sent:
                draft.codes[row] = CODE_OF[Reason.ALREADY_SENT]
            elif number in suppressed or number in histories:
                history, suppression = histories.get(number, ()), suppressed.get(number)
                reason = self.people.reason_with_history(cells[row], history, suppression)
                draft.codes[row] = CODE_OF[reason] if reason else 0

    # ------------------------------------------------------------ what, when, how much

    def _what(self, draft: Draft) -> None:
        self.texts.draw(draft)
        if self.handsets is not None:
            self._divide(draft, self.handsets)
            if not draft.alive:
                return
        self.texts.say(draft)
        reasons = [said.reason for said in draft.said]
        if any(reasons):
            for row, reason in zip(draft.alive, reasons, strict=True):
                if reason is not None:
                    draft.codes[row] = CODE_OF[reason]
            draft.sift()

    def _divide(self, draft: Draft, handsets: Handsets) -> None:
        """Say of each row alive whether it is tried over RCS; who is not, and has no SMS, is left out."""
        known = handsets.look(draft)
        self.divided.update(known)
        draft.rich = [handsets.tries(one) for one in known]
        if not self.texts.wordings:
            rows = zip(draft.alive, draft.rich, strict=True)
            draft.drop([row for row, is_rich in rows if not is_rich], Reason.NO_RCS)

    def _when(self, draft: Draft) -> None:
        self._within_cap(draft)
        self._within_hours(draft)
        late = self.openings.keys() & set(draft.of_alive(draft.wheres))
        spends = self._inputs.campaign.budget_micros is not None
        if not draft.alive:
            return
        if len(draft.alive) == draft.batch.size and not (late or spends or draft.held):
            draft.codes[:] = bytes([TO_SEND]) * draft.batch.size
        else:
            self._decide(draft, late, spends=spends)
        self._book(draft)

    def _decide(self, draft: Draft, late: Collection[str], *, spends: bool) -> None:
        codes, places, wheres = draft.codes, draft.places, draft.wheres
        held = draft.held or [False] * len(draft.alive)
        for row, said, held_out in zip(draft.alive, draft.said, held, strict=True):
            if held_out:
                codes[row] = HELD_OUT
            elif spends and not self._affords(places[row], said):
                codes[row] = CODE_OF[Reason.BUDGET]
            else:
                codes[row] = DEFERRED if wheres[row] in late else TO_SEND

    def _within_cap(self, draft: Draft) -> None:
        store, cap = self._inputs.store, self._inputs.campaign.cap
        if store is None or cap is None or not draft.alive:
            return
        numbers = draft.of_alive(draft.batch.numbers)
        since = self._inputs.at - timedelta(days=cap.days)
        counts = store.recent_sends(numbers, since=since, kind=self.desk.kind)
        if counts:
            rows = zip(draft.alive, numbers, strict=True)
            draft.drop([row for row, number in rows if counts.get(number, 0) >= cap.messages], Reason.FREQUENCY_CAP)

    def _within_hours(self, draft: Draft) -> None:
        at, defer = self._inputs.at, self._inputs.campaign.defer
        wide = [place for place in draft.distinct_places() if self.desk.has_zones(place)]
        draft.wheres = wheres = wheres_of(draft.places, draft.batch.numbers, wide)
        for where in set(draft.of_alive(wheres)) - self.openings.keys():
            place, zones = read_where(where)
            opening = self.desk.opening(place, at, zones=zones)
            if opening.at is not None and opening.at <= at:
                continue
            if opening.at is None or not defer:
                rows = [row for row in draft.alive if wheres[row] == where]
                draft.drop(rows, opening.finding.reason if opening.finding else Reason.QUIET_HOURS)
            else:
                self.openings[where] = opening.at

    def _affords(self, place: str, said: Said) -> bool:
        inputs, billing = self._inputs, said.billing
        sms = inputs.price_micros(country_of(place), said.parts) if billing is None else 0
        price = sms if billing is None else inputs.rich_price_micros(billing)
        if self._spent_micros + price > (self._inputs.campaign.budget_micros or 0):
            return False
        self._spent_micros += price
        return True

    def _book(self, draft: Draft) -> None:
        codes, first, size = draft.codes, draft.first, draft.batch.size
        rows, told = draft.alive, draft.said
        if draft.rich:
            self._mark_channels(draft)
        if codes.count(TO_SEND) == size:
            self.texts.note(noted(draft))
        else:
            self.texts.note(noted(draft, [place for place, row in enumerate(rows) if codes[row] <= DEFERRED]))
        sent = [place for place, row in enumerate(rows) if codes[row] in _SENT]
        if draft.rich:
            sent = self._book_rich(draft, sent)
        if len(sent) < len(rows):
            rows, told = [rows[place] for place in sent], [told[place] for place in sent]
        if not rows:
            return
        _, parts, saved, _, changes, _ = zip(*told, strict=True)
        if len(rows) == size:
            self.rows.parts[first : first + size] = bytes(parts)
        else:
            for row, count in zip(rows, parts, strict=True):
                self.rows.parts[first + row] = count
        self._add_up([draft.places[row] for row in rows], parts)
        if any(saved):
            self._note_savings(draft, rows, told)
        for made in filter(None, changes):
            self.changes.update(made)

    def _mark_channels(self, draft: Draft) -> None:
        """Remember which rows are tried over RCS, those that are held out among them."""
        marks = self.rows.rich
        for row, said in zip(draft.alive, draft.said, strict=True):
            marks[draft.first + row] = RICH.index(said.billing)

    def _book_rich(self, draft: Draft, sent: Sequence[int]) -> list[int]:
        """Count the rich messages of those *sent*, and what stands by for them; give the places of the others."""
        by_sms: list[int] = []
        for place in sent:
            billing = draft.said[place].billing
            if billing is None:
                by_sms.append(place)
                continue
            self.rich_messages[billing] += 1
            behind = draft.behind[place] if draft.behind else None
            if behind is not None:
                row = draft.alive[place]
                self.rows.parts[draft.first + row] = behind.parts
                self.behind_by_country[country_of(draft.places[row])] += behind.parts
        return by_sms

    def _add_up(self, places: Sequence[str], parts: Sequence[int]) -> None:
        distinct = set(places)
        for place in distinct:
            here = parts if len(distinct) == 1 else [n for at, n in zip(places, parts, strict=True) if at == place]
            self.parts_by_country[country_of(place)] += sum(here)

    def _note_savings(self, draft: Draft, rows: Sequence[int], told: Sequence[Said]) -> None:
        for row, said in zip(rows, told, strict=True):
            if said.saved:
                self.rows.savings[draft.first + row] = said.saved
                self.example = self.example or (draft.batch, row, said.text)
