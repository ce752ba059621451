"""Infobip over RCS (RCS v2): its own words for nearly all that RBM has.

Source: Infobip's OpenAPI document 3.210.0 of 2026-07 (``/rcs/2``); seen 2026-11. Its other interface for RCS, the
Messages API, has the same words for all channels, and so neither a card of its own nor a width of a carousel. Infobip
would send an SMS instead by itself if it were told to (``smsFailover``), which it never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import urlencode

from attrs import evolve, frozen

from smskit.errors import InvalidInput
from smskit.kinds import Channel, DeliveryStatus, EventType
from smskit.protocols import Features, Flow
from smskit.rcs import (
    Application,
    CalendarEvent,
    Carousel,
    Dial,
    File,
    Height,
    Media,
    OpenUrl,
    Reply,
    RichCard,
    RichMessage,
    ShareLocation,
    ViewLocation,
    ViewMode,
)
from smskit.records import Capability, Event, Outgoing, Reach
from smskit.transports.providers.infobip import Infobip
from smskit.transports.wire.answers import Answer
from smskit.transports.wire.capabilities import check_question, reach_told_by
from smskit.transports.wire.codes import Codes, Meaning
from smskit.transports.wire.reading import dig, instant_in, items_in, number_in, text_in, text_or_none
from smskit.transports.wire.rich import Dialect, OverRcs, Writing, ttl_of
from smskit.transports.wire.rich_forms import TIME, Bounds, Fits, Form, Needed, To, value_of

LARGEST_QUESTION: Final = 500
_READ: Final = Meaning(DeliveryStatus.READ)
_ASKED_AT_ONCE: Final = 25
_REACHABLE: Final[Mapping[str, bool]] = {
    "ENABLED": True,
    "UNREACHABLE": False,
    "REJECTED_NETWORK": False,
    "REJECTED_ROUTE_NOT_AVAILABLE": False,
    "INVALID_DESTINATION_ADDRESS": False,
}
"""What is told of a number; of one whose check failed nothing is."""

_NUMBER: Final = Fits(lambda number: re.fullmatch(r"\+?[0-9]{2,15}", number), "2 to 15 digits, with a plus sign or not")
_LABELLED: Final = {"text": "text", "postback": "postbackData"}
_POSTBACK: Final = {"postback": Bounds(2024, 1)}
_ADDRESS: Final = Bounds(2048, 1)
_FILE: Final[Mapping[str, str | To]] = {"url": "file.url", "thumbnail": "thumbnail.url"}
_FILE_LIMITS: Final = {"url": _ADDRESS, "thumbnail": _ADDRESS}


def _sheet(mode: ViewMode) -> Mapping[str, object]:
    return {"application": Application.WEBVIEW.value, "webviewViewMode": mode.value}


@frozen(eq=False, kw_only=True)
class InfobipWords(Dialect):
    """The words of Infobip."""

    def content(self, message: RichMessage, writing: Writing) -> dict[str, object]:
        """Write ``content``: a text, a file, a card or a carousel, each with suggestions under it."""
        content = message.content
        match content:
            case str():
                told: dict[str, object] = {"type": "TEXT", "text": content}
            case File():
                told = {"type": "FILE", **writing.piece(content, "contentMessage")}
            case RichCard():
                told = {
                    "type": "CARD",
                    "orientation": content.orientation.value,
                    # Asked for with every card; on a vertical one it means nothing.
                    "alignment": "LEFT" if content.side is None else content.side.value,
                    "content": writing.card(_with_height(content)),
                }
            case Carousel():
                told = {"type": "CAROUSEL", "cardWidth": content.width.value, "contents": writing.cards(content)}
        if chips := writing.chips(message):
            told["suggestions"] = chips
        return told


def _with_height(card: RichCard) -> RichCard:
    # Asked for with all media; on a horizontal card, the only one that may be without, it means nothing.
    if card.media is None or card.media.height is not None:
        return card
    return evolve(card, media=evolve(card.media, height=Height.MEDIUM))


WORDS: Final = InfobipWords(
    carrier="Infobip",
    ttl_s=(60, 172_800),
    forms=(
        Form(Reply, _LABELLED, {"type": "REPLY"}, limits=_POSTBACK),
        Form(
            OpenUrl,
            {**_LABELLED, "url": "url", "sheet": To("", _sheet)},
            {"type": "OPEN_URL"},
            limits={**_POSTBACK, "url": _ADDRESS},
        ),
        Form(
            Dial,
            {**_LABELLED, "number": "phoneNumber"},
            {"type": "DIAL_PHONE"},
            limits=_POSTBACK,
            fits={"number": _NUMBER},
        ),
        Form(
            ViewLocation,
            {**_LABELLED, "latitude": "latitude", "longitude": "longitude", "label": "label"},
            {"type": "SHOW_LOCATION"},
            requires={"latitude": Needed(), "longitude": Needed()},
            limits={**_POSTBACK, "label": Bounds(100, 1)},
        ),
        Form(ShareLocation, _LABELLED, {"type": "REQUEST_LOCATION"}, limits=_POSTBACK),
        Form(
            CalendarEvent,
            {
                **_LABELLED,
                "start": To("startTime", TIME),
                "end": To("endTime", TIME),
                "title": "title",
                "description": "description",
            },
            {"type": "CREATE_CALENDAR_EVENT"},
            limits={**_POSTBACK, "description": Bounds(500, 1)},
        ),
        Form(Media, {**_FILE, "height": To("height", value_of)}, limits=_FILE_LIMITS),
        Form(File, _FILE, limits=_FILE_LIMITS),
        Form(
            RichCard,
            {"title": "title", "description": "description", "media": "media", "suggestions": "suggestions"},
        ),
    ),
)


def _capabilities_in(answer: Answer, at: datetime) -> Iterator[Capability]:
    for item in items_in(answer.at("capabilityCheckResults")):
        number, reachable = number_in(dig(item, "phoneNumber")), _REACHABLE.get(text_in(dig(item, "code")))
        if number is not None and reachable is not None:
            yield Capability(number, reachable, at)


@frozen(kw_only=True)
class InfobipRcs(OverRcs, Infobip):
    """Infobip over RCS.

    The sender of a message is the name of an agent.

    Args:
        agent: name of the agent, for messages that name none, or another sender.
        webhook: its ``secrets`` are logins, ``"user:password"``, where your subscription has Basic authentication.
    """

    name = "infobip_rcs"
    codes: ClassVar[Codes] = Codes.over_rcs("infobip")
    service: ClassVar[str] = "/rcs/2"
    dialect: ClassVar[Dialect] = WORDS

    agent: str = ""

    def declared(self) -> Features:
        """Say what Infobip can do over RCS."""
        return evolve(
            Infobip.declared(self),
            channel=Channel.RCS,
            largest_parts=None,
            validity_s=WORDS.ttl_s,
            largest_question=LARGEST_QUESTION,
            # That a repeated id is refused is written of SMS alone.
            idempotent=False,
            idempotent_for_s=None,
        )

    # ------------------------------------------------------------ submission

    def repeats(self, group: Sequence[Outgoing], /) -> bool:
        """Whether a lost request may be made again: nobody says that Infobip would refuse it."""
        return False

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse what Infobip would refuse, or not carry whole."""
        Infobip.check_message(self, message)
        if not self.agent and not message.sender:
            raise InvalidInput("Infobip needs an agent, as agent= or as the sender")
        self.converted(message)

    def _options(self) -> dict[str, object]:
        # Both are true by default: links would be replaced by others.
        return {"tracking": {"shortenUrl": False, "trackClicks": False}}

    def _content(self, message: Outgoing) -> Mapping[str, object]:
        converted = self.converted(message)
        told: dict[str, object] = {"sender": self.agent or message.sender, "content": converted.body}
        if (seconds := ttl_of(converted, message)) is not None:
            told["options"] = {"validityPeriod": {"amount": seconds, "timeUnit": "SECONDS"}}
        return told

    def _webhooks(self) -> dict[str, object]:
        return {**Infobip._webhooks(self), "seen": {"url": self.callback}}

    # ------------------------------------------------------------ afterwards

    def _queries(self, references: Sequence[str]) -> Iterator[str]:
        for start in range(0, len(references), _ASKED_AT_ONCE):
            some = references[start : start + _ASKED_AT_ONCE]
            yield urlencode({"messageId": list(some), "limit": 1000}, doseq=True)

    def capabilities(self, numbers: Sequence[int], /) -> Flow[Reach]:
        """Ask which of up to 500 numbers the agent reaches; what their handsets can show Infobip does not tell.

        Raises:
            InvalidInput: no agent, no number, or more than 500.
        """
        check_question(WORDS.carrier, self.agent, numbers, LARGEST_QUESTION)
        question = {"sender": self.agent, "phoneNumbers": [str(number) for number in numbers]}
        call = self._call("POST", f"{self.service}/capability-check/query", question, label="capabilities")
        return reach_told_by(self.name, call, numbers, _capabilities_in)

    # ------------------------------------------------------------ webhooks

    def _reply(self, item: object, now: datetime) -> Iterator[Event]:
        """Read what a person wrote or tapped; or that they read something."""
        seen_at, own_id = instant_in(dig(item, "seenAt")), text_in(dig(item, "messageId"))
        if seen_at is not None and own_id:
            yield self.event(
                EventType.RECEIPT, seen_at, number=number_in(dig(item, "to")), reference=own_id, provider_id=own_id,
                meaning=_READ, code="SEEN",
            )  # fmt: skip
        number, wrote = number_in(dig(item, "sender")), dig(item, "message")
        if number is None or wrote is None or not own_id:
            return
        yield self.event(
            EventType.REPLY,
            instant_in(dig(item, "receivedAt")) or now,
            number=number,
            reference=text_in(dig(item, "pairedMessageId")) or None,
            own_id=own_id,
            text=text_in(dig(wrote, "text")),
            postback=text_or_none(dig(wrote, "postbackData")),
        )
