"""The sandbox over RCS: handsets that lack it or parts of it, phones that are off, messages that are taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache

from attrs import field, frozen

from smskit.display import Note, Phone, Shown, View
from smskit.errors import InvalidInput, UnsupportedFeature
from smskit.kinds import DeliveryStatus, Kind
from smskit.phone.mask import mask
from smskit.protocols import Flow
from smskit.rcs import Platform, RichMessage, load
from smskit.records import Capability, Event, Outgoing, Reach, Taken
from smskit.transports.played import Played, Stage, hidden
from smskit.transports.rcs_story import RcsBehaviour, RcsStory, Reading, handset_of, texts_in
from smskit.transports.rounds import Place
from smskit.transports.story import Behaviour, Story, happens, person_dice

_LEAST_SAMPLED = 500
_SAMPLED = 0.75  # of a question of at least 500 numbers the platform counts about three quarters over all networks
_REMEMBERED = 256


def _load(rich: str) -> RichMessage:
    return load(rich, keep_unknown=True)


def _read(rich: str) -> Reading:
    return Reading.of(_load(rich))


@frozen
class SentRichMessage(Shown):
    """One rich message as the handset shows it; ``print`` shows it, its ``repr`` does not.

    ``rich`` is its JSON, as it was handed over.
    """

    number: int = field(repr=mask)
    rich: str = field(repr=hidden)
    sender: str
    reference: str
    at: datetime
    kind: Kind

    @property
    def message(self) -> RichMessage:
        """The message that the JSON stands for."""
        return _load(self.rich)

    @property
    def text(self) -> str:
        """All that a person can read or open in it: texts, titles, labels and addresses, one a line."""
        return "\n".join(texts_in(self.message))

    def view(self) -> View:
        """Give the handset, an Android."""
        left_out: list[str] = []
        phone = Phone(self.sender, *self.message.drawn(Platform.ANDROID, left_out))
        return View(f"to {mask(self.number)} · {self.at:%Y-%m-%d %H:%M} UTC", phone, Note(*left_out))


@frozen
class _Underway:
    """A message that was taken and has not arrived, as far as that was told."""

    story: RcsStory
    over_at: datetime | None
    places: tuple[Place, ...]


class RcsSandbox(Played[SentRichMessage]):
    """The transport for rich messages of a :class:`Sandbox`: ``Transport``, ``Asks``, ``Polls``, and two more.

    It implements ``Revokes`` and ``TellsCapabilities`` too. It is made by :attr:`Sandbox.rcs`, never alone. Clock,
    seed and people are those of the sandbox; outbox, outages and events are its own, and each event is told once, by
    the transport over which it came.
    """

    name = "sandbox_rcs"
    agent = "sandbox"

    def __init__(
        self,
        stage: Stage,
        people: Behaviour,
        behaviour: RcsBehaviour,
        *,
        links: Callable[[str], str | None],
        keep: bool,
    ) -> None:
        super().__init__(stage, behaviour.features, heard_every_s=people.delays.heard_every_s, keep=keep)
        self.people = people
        self.behaviour = behaviour
        self._links = links
        self._underway: dict[str, _Underway] = {}
        # A message is read when it is offered and again when it leaves; many campaigns send everybody the same.
        self._read = lru_cache(_REMEMBERED)(_read)

    # ------------------------------------------------------------ transport

    def _check(self, message: Outgoing) -> None:
        if message.rich is None:
            raise UnsupportedFeature(self.name, "SMS")
        self._read(message.rich)

    def _story(self, message: Outgoing) -> RcsStory:
        reading = self._read(message.rich or "")
        tokens = map(self._links, reading.texts)
        return RcsStory(
            seed=self.seed,
            reference=message.reference,
            number=message.number,
            token=next((token for token in tokens if token is not None), None),
            behaviour=self.people,
            rcs=self.behaviour,
            reading=reading,
            validity_s=message.validity_s,
        )

    def _kept(self, message: Outgoing, now: datetime) -> SentRichMessage:
        return SentRichMessage(
            number=message.number,
            rich=message.rich or "",
            sender=message.sender,
            reference=message.reference,
            at=now,
            kind=message.kind,
        )

    def _follow(self, story: Story, now: datetime) -> None:
        assert isinstance(story, RcsStory)
        tellings = story.tellings(now)
        places = self._tell(story, tellings)
        self._underway[story.reference] = _Underway(story, story.over_at(now, tellings), tuple(places))

    @property
    def under_way(self) -> int:
        """How many of the messages that were taken are neither known to have arrived, nor expired, nor revoked."""
        return len(self._underway)

    def poll(self) -> Flow[tuple[Event, ...]]:
        """Give what happened and was told since the last call, up to where the clock stands."""
        events = yield from super().poll()
        for event in events:
            if event.status in (DeliveryStatus.DELIVERED, DeliveryStatus.EXPIRED):
                self._underway.pop(event.reference or "", None)
        return events

    # ------------------------------------------------------------ taking back

    def revoke(self, messages: Sequence[Taken], /) -> Flow[frozenset[str]]:
        """Take back what has not arrived; a few cross it on their way and are told as delivered all the same.

        Returns:
            Every reference: like the platform it says so whether or not there was anything to take back, also of what
            it never took.
        """
        return self._revoke(frozenset(message.reference for message in messages))

    def _revoke(self, references: frozenset[str]) -> Flow[frozenset[str]]:
        yield from ()
        for reference in references:
            self._take_back(reference)
        return references

    def _take_back(self, reference: str) -> None:
        underway, now = self._underway.get(reference), self.clock.now()
        if underway is None or (underway.over_at is not None and underway.over_at <= now):
            return
        del self._underway[reference]
        for place in underway.places:
            self._rounds.remove(place)
        story = underway.story
        self._stage.takes_back_answer(story.number, self.name, reference)
        self._tell(story, story.crossing(now), at_once=DeliveryStatus.DELIVERED)

    # ------------------------------------------------------------ who has it

    def capabilities(self, numbers: Sequence[int], /) -> Flow[Reach]:
        """Tell which of *numbers* have RCS, and what their handsets can show.

        Of at least 500 numbers three quarters are counted as a sample, as on the platform.

        Raises:
            InvalidInput: no numbers, or more than ``features.largest_question``, which is 10 000.
        """
        most = self.features.largest_question
        if not numbers or (most is not None and len(numbers) > most):
            wanted = "one number or more" if most is None else f"1 to {most} numbers at once"
            raise InvalidInput(f"ask about {wanted}, not {len(numbers)}")
        return self._tell_of(tuple(numbers))

    def _tell_of(self, numbers: Sequence[int]) -> Flow[Reach]:
        yield from ()
        told = tuple(map(self._capability, numbers))
        sample: Sequence[Capability] = ()
        if len(numbers) >= _LEAST_SAMPLED:
            sample = [one for one in told if happens(person_dice(self.seed, one.number), "sampled", _SAMPLED)]
        return Reach(told, len(numbers), len(sample), sum(one.is_reachable for one in sample))

    def _capability(self, number: int) -> Capability:
        handset = handset_of(self.seed, number, self.people, self.behaviour)
        reachable = handset.is_told_reachable
        features = handset.features if reachable else None
        return Capability(number, is_reachable=reachable, at=self.clock.now(), features=features)
