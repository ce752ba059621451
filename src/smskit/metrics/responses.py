"""What came back, sorted so that each send of a run finds its own in one look.

Only what came back is kept, never the sends: a run of a million messages is read past it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from attrs import define, field

from smskit.kinds import EventType
from smskit.metrics.clicks import ClickRules
from smskit.metrics.lines import event_line
from smskit.records import Event, EventLine, SendLine, parse_reference

CLICK, REPLY, OPT_OUT = EventType.CLICK.value, EventType.REPLY.value, EventType.OPT_OUT.value
COUNTED = frozenset({CLICK, REPLY, OPT_OUT})


@define
class Response:
    """What came back about one send; instants are microseconds since 1970.

    Clicks are a list: a robot may open one link a hundred thousand times. The others are mostly none and always few,
    and an empty tuple takes no room.

    Args:
        clicks: those that no rule knew by their request.
        machines: the names of the rules that knew the others.
        replies: when each came, oppositions among them.
        oppositions: when each came.
    """

    clicks: list[int] = field(factory=list[int])
    machines: tuple[str, ...] | list[str] = ()
    replies: tuple[int, ...] = ()
    oppositions: tuple[int, ...] = ()

    def add_machine(self, rule: str) -> None:
        """Take a click that *rule* knew for a machine's."""
        if isinstance(self.machines, tuple):
            self.machines = []
        self.machines.append(rule)

    def add_all(self, other: Response) -> None:
        """Take what was found under another key of the same send."""
        self.clicks += other.clicks
        for rule in other.machines:
            self.add_machine(rule)
        self.replies += other.replies
        self.oppositions += other.oppositions

    @property
    def events(self) -> int:
        """How many events there are."""
        return len(self.clicks) + len(self.machines) + len(self.replies) + len(self.oppositions)

    @property
    def answers(self) -> list[int]:
        """When replies came; a STOP is an opposition, not an answer."""
        return [at for at in self.replies if at not in self.oppositions]

    def people(
        self, rules: ClickRules, handed_over: int | None, arrived: int | None, machines: Counter[str]
    ) -> list[int]:
        """Give when people clicked, and count into *machines* the others, by the rule that caught them."""
        for rule in self.machines:
            machines[rule] += 1
        people: list[int] = []
        for at in self.clicks:
            caught = rules.by_time(at, handed_over, arrived)
            if caught is None:
                people.append(at)
            else:
                machines[caught] += 1
        return people


class Responses:
    """The events of some runs by what they say about their send: its place, else its token, else its number.

    Args:
        runs: the runs whose references count: one, or a run and its fallback, in which a place is the same person.
        events: what came back, as events or as lines.
        rules: by which clicks of machines are known.
    """

    def __init__(
        self, runs: Collection[str], events: Iterable[Event | EventLine], rules: ClickRules | None = None
    ) -> None:
        self.rules = rules or ClickRules.default()
        self._runs = runs
        self._by_seq: dict[int, Response] = {}
        self._by_token: dict[str, Response] = {}
        self._by_number: dict[int, Response] = {}
        self._known: dict[str | None, str | None] = {}
        by_seq, add = self._by_seq, self._add
        for event in events:
            if isinstance(event, EventLine):
                response = by_seq.get(event.seq)
                if response is None:
                    response = by_seq[event.seq] = Response()
                add(response, event)
            # Receipts are in the sends already, and they are by far the most.
            elif event.type.value in COUNTED:
                self._keep(event)

    def _keep(self, event: Event) -> None:
        named = parse_reference(event.reference) if event.reference is not None else None
        if named is not None and named[0] in self._runs:
            response = self._by_seq.setdefault(named[1], Response())
        elif event.token is not None:
            response = self._by_token.setdefault(event.token, Response())
        # A number of nothing is what is left of somebody who was forgotten: it finds nobody.
        elif event.number:
            response = self._by_number.setdefault(event.number, Response())
        elif event.reference is None:
            response = self._by_number.setdefault(0, Response())
        else:
            return  # of another run
        self._add(response, event_line(event, -1))

    def _add(self, response: Response, line: EventLine) -> None:
        kind, at, _, text = line
        if kind == CLICK:
            machine = self._machine(text)
            if machine is None:
                response.clicks.append(at)
            else:
                response.add_machine(machine)
        elif kind == REPLY:
            response.replies += (at,)
        elif kind == OPT_OUT:
            response.oppositions += (at,)

    def _machine(self, request: str | None) -> str | None:
        # A campaign meets some hundreds of user agents, and each of them thousands of times.
        if request not in self._known:
            if len(self._known) > _LARGEST_MEMORY:
                self._known.clear()
            self._known[request] = self.rules.by_request(request)
        return self._known[request]

    def take(self, send: SendLine) -> Response | None:
        """Give what came back about *send*, once."""
        found = self._by_seq.pop(send.seq, None)
        for other in (
            None if send.token is None or not self._by_token else self._by_token.pop(send.token, None),
            None if not send.number or not self._by_number else self._by_number.pop(send.number, None),
        ):
            if found is None:
                found = other
            elif other is not None:
                found.add_all(other)
        return found

    @property
    def places(self) -> Mapping[int, Response]:
        """What came back, by the place of its send."""
        return self._by_seq

    @property
    def has_strays(self) -> bool:
        """Whether something is known by its token or its number alone, so that each send has to be asked."""
        return bool(self._by_token or self._by_number)

    @property
    def unclaimed(self) -> int:
        """How many events belong to no send that was looked at."""
        left = (*self._by_seq.values(), *self._by_token.values(), *self._by_number.values())
        return sum(one.events for one in left)


_LARGEST_MEMORY = 10_000
