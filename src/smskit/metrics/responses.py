"""What came back, sorted so that each send of a run finds its own in one look.

Only what came back is kept, never the sends: a run of a million messages is read past it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from attrs import define, field

from smskit.kinds import DeliveryStatus, EventType
from smskit.records import Event, Send, parse_reference

MACHINE_SECONDS = 3.0

# Programs that open links to look at them: previews of messengers, scanners of operators and of mail gateways,
# and whatever calls itself a robot. Their names as seen in public lists of user agents, 2026.
_MACHINES = re.compile(
    r"bot\b|bot/|crawl|spider|preview|scan|monitor|fetch|facebookexternalhit|whatsapp|telegram|slack|skype|viber"
    r"|google-read-aloud|googleother|safebrowsing|bingpreview|headless|phantomjs|python-|curl/|wget/|okhttp|java/"
    r"|go-http|axios|node-fetch|libwww",
    re.IGNORECASE,
)
# A machine that says so is put before all times; whatever comes before the hand-over is no person's click.
_NEVER = float("-inf")


def is_machine(request: str) -> bool:
    """Say whether a click was made by a program, from what is known of its request.

    Args:
        request: the text of a click event: the method and the user agent, ``"GET Mozilla/5.0 (iPhone; …)"``. Methods
            that only look (HEAD, OPTIONS) are a program's; an empty text says nothing.
    """
    method, _, agent = request.partition(" ")
    return method in ("HEAD", "OPTIONS") or _MACHINES.search(agent) is not None


@define
class Response:
    """What came back about one send.

    Clicks are a list: a robot may open one link a hundred thousand times. The others are mostly none and always few,
    and an empty tuple takes no room.
    """

    clicks: list[float] = field(factory=list[float])
    replies: tuple[datetime, ...] = ()
    oppositions: tuple[datetime, ...] = ()

    def add(self, event: Event) -> None:
        """Take one event."""
        if event.type is EventType.CLICK:
            machine = event.text is not None and is_machine(event.text)
            self.clicks.append(_NEVER if machine else event.at.timestamp())
        elif event.type is EventType.REPLY:
            self.replies += (event.at,)
        elif event.type is EventType.OPT_OUT:
            self.oppositions += (event.at,)

    def add_all(self, other: Response) -> None:
        """Take what was found under another key of the same send."""
        self.clicks += other.clicks
        self.replies += other.replies
        self.oppositions += other.oppositions

    @property
    def answers(self) -> int:
        """How many replies there are; a STOP is an opposition, not an answer."""
        return sum(at not in self.oppositions for at in self.replies)

    def human_clicks(self, send: Send) -> list[float]:
        """Give the clicks that a person can have made, as epoch seconds.

        Left out are programs by their request, clicks up to 3 s after the hand-over (or before it), and clicks in
        the 3 s after the handset got the message: scanners open a link at once, nobody reads so fast.
        """
        earliest = _NEVER if send.submitted_at is None else send.submitted_at.timestamp() + MACHINE_SECONDS
        arrived = _arrival(send)
        return [
            at
            for at in self.clicks
            if at != _NEVER and at >= earliest and not arrived <= at < arrived + MACHINE_SECONDS
        ]


def _arrival(send: Send) -> float:
    """Give when the handset got the message, as epoch seconds; the end of all times when that is not known."""
    if send.status is DeliveryStatus.DELIVERED and send.status_at is not None:
        return send.status_at.timestamp()
    return float("inf")


class Responses:
    """The events of a run by what they say about their send: its reference, else its token, else its number."""

    def __init__(self, run_id: str, events: Iterable[Event]) -> None:
        self._by_seq: dict[int, Response] = {}
        self._by_token: dict[str, Response] = {}
        self._by_number: dict[int, Response] = {}
        for event in events:
            # Receipts are in the sends already, and they are by far the most.
            if event.type is not EventType.RECEIPT:
                self._keep(run_id, event)

    def _keep(self, run_id: str, event: Event) -> None:
        named = parse_reference(event.reference) if event.reference is not None else None
        if named is not None and named[0] == run_id:
            self._by_seq.setdefault(named[1], Response()).add(event)
        elif event.token is not None:
            self._by_token.setdefault(event.token, Response()).add(event)
        elif event.number is not None:
            self._by_number.setdefault(event.number, Response()).add(event)

    def take(self, send: Send) -> Response | None:
        """Give what came back about *send*, once."""
        found = self._by_seq.pop(send.seq, None)
        for other in (
            None if send.token is None else self._by_token.pop(send.token, None),
            self._by_number.pop(send.number, None),
        ):
            if found is None:
                found = other
            elif other is not None:
                found.add_all(other)
        return found

    @property
    def unclaimed(self) -> int:
        """How many events belong to no send that was looked at."""
        left = (*self._by_seq.values(), *self._by_token.values(), *self._by_number.values())
        return sum(len(one.clicks) + len(one.replies) + len(one.oppositions) for one in left)
