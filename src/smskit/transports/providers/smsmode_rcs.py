"""smsmode over RCS (REST v1.8): cards and carousels, a thousand in one request.

Sources: types of the vendor's @smsmode/rcs 1.0.0, and two integrations in production that quote its document
rest-rcs.yml and what they saw (2026-08); seen 2026-11. Traps: its calls are not signed; what a person wrote comes with
the agent in ``from`` and the person in ``recipient.to``, the other way round than its document has it; ``READ`` is
real; and a message that was just taken is not found for minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final

from attrs import evolve, field, frozen

from smskit.errors import InvalidInput, UnsupportedFeature, WebhookError
from smskit.kinds import Channel, EventType
from smskit.protocols import Features, Flow, WebhookRequest
from smskit.rcs import (
    Billing,
    CalendarEvent,
    Carousel,
    Dial,
    File,
    Media,
    OpenUrl,
    Reply,
    RichCard,
    RichMessage,
    ShareLocation,
    ViewLocation,
)
from smskit.records import Event, Outgoing
from smskit.transports.providers.smsmode import CODES, LONGEST_CALLBACK, SmsMode
from smskit.transports.wire.answers import Answer, Fault
from smskit.transports.wire.codes import Codes
from smskit.transports.wire.reading import dig, instant_in, json_in, number_in, one_or_many, text_in, text_or_none
from smskit.transports.wire.rich import Dialect, OverRcs, Writing, ttl_of
from smskit.transports.wire.rich_forms import CARD, TIME, Bounds, Form, Needed, To, value_of

LONGEST_ADDRESS: Final = 255
LONGEST_SENDER: Final = 40
MISMATCH: Final = "channel-type-mismatch"
"""What a refusal of a key is called that belongs to a channel for SMS."""

_ADDRESS: Final = Bounds(LONGEST_ADDRESS)
_LABELLED: Final = {"text": "text", "postback": "postbackData"}


@frozen(eq=False, kw_only=True)
class SmsModeWords(Dialect):
    """The words of smsmode."""

    def content(self, message: RichMessage, writing: Writing) -> dict[str, object]:
        """Write ``body``: a text, a file, a card or a carousel, each with suggestions under it."""
        content = message.content
        match content:
            case str():
                # A word of its own, for what is billed as basic.
                kind = "BASIC" if message.billing() is Billing.BASIC else "TEXT"
                told: dict[str, object] = {"type": kind, "text": content}
            case File():
                told = {"type": "FILE", **writing.piece(content, "contentMessage")}
                _check_thumbnail(content, "contentMessage.contentInfo.thumbnailUrl", writing)
            case RichCard():
                told = {"type": "CARD", "content": writing.card(content), "orientation": content.orientation.value}
                if content.side is not None:
                    told["alignment"] = content.side.value
                _check_card(content, CARD, writing)
            case Carousel():
                told = {"type": "CAROUSEL", "contents": writing.cards(content), "cardWidth": content.width.value}
                for place, card in enumerate(content.cards):
                    _check_card(card, f"contentMessage.richCard.carouselCard.cardContents[{place}]", writing)
        if chips := writing.chips(message):
            told["suggestions"] = chips
        return told


def _check_card(card: RichCard, at: str, writing: Writing) -> None:
    if card.title is None and card.media is None:
        writing.required(f"{at}.title", "a title, or media")
    if card.media is not None:
        _check_thumbnail(card.media, f"{at}.media.contentInfo.thumbnailUrl", writing)


def _check_thumbnail(file: Media | File, path: str, writing: Writing) -> None:
    if file.thumbnail is not None and not (file.media_type or "video/").startswith("video/"):
        writing.changed(path, "a thumbnail of a picture", "one of a film", "smsmode shows it for films alone")


WORDS: Final = SmsModeWords(
    carrier="smsmode",
    ttl_s=(30, 172_800),
    forms=(
        Form(Reply, _LABELLED, {"type": "REPLY"}),
        Form(
            OpenUrl,
            {**_LABELLED, "url": "url", "sheet": To("webviewSize", value_of)},
            {"type": "OPEN_URL"},
            limits={"url": _ADDRESS},
        ),
        Form(Dial, {**_LABELLED, "number": "phoneNumber"}, {"type": "DIAL_PHONE"}),
        Form(
            ViewLocation,
            {**_LABELLED, "latitude": "latitude", "longitude": "longitude", "label": "label"},
            {"type": "SHOW_LOCATION"},
            requires={"latitude": Needed(), "longitude": Needed()},
            limits={"label": Bounds(100)},
        ),
        Form(ShareLocation, _LABELLED, {"type": "REQUEST_LOCATION"}),
        Form(
            CalendarEvent,
            {
                **_LABELLED, "start": To("startTime", TIME), "end": To("endTime", TIME), "title": "title",
                "description": "description",
            },
            {"type": "CREATE_CALENDAR_EVENT"},
        ),
        Form(
            Media,
            {"url": "fileUrl", "thumbnail": "thumbnailUrl", "height": To("height", value_of)},
            limits={"url": _ADDRESS},
        ),
        Form(File, {"url": "fileUrl", "thumbnail": "thumbnailUrl"}, limits={"url": _ADDRESS}),
        Form(
            RichCard,
            {"title": "title", "description": "description", "media": "media", "suggestions": "suggestions"},
        ),
    ),
)  # fmt: skip


@frozen(kw_only=True)
class SmsModeRcs(OverRcs, SmsMode):
    """smsmode over RCS.

    The sender of a message is the name of an agent, up to 40 characters; without one smsmode takes that of the channel.

    Args:
        key: the API key of the channel for RCS: one of a channel for SMS is refused.
        channel: id of that channel. Calls to your webhook have to name it: they are not signed.

    Raises:
        InvalidInput: an address of a webhook that is too long, or no channel.
    """

    name = "smsmode_rcs"
    codes: ClassVar[Codes] = CODES["rcs"]
    service: ClassVar[str] = "rcs"
    dialect: ClassVar[Dialect] = WORDS

    channel: str = field()

    def check_options(self) -> None:
        """Refuse an address of a webhook that smsmode would not take."""
        if len(self.callback) > LONGEST_CALLBACK:
            raise InvalidInput(f"smsmode takes a callback of up to {LONGEST_CALLBACK} characters")

    def declared(self) -> Features:
        """Say what smsmode can do over RCS."""
        return evolve(
            SmsMode.declared(self),
            channel=Channel.RCS,
            stop={},
            largest_parts=None,
            validity_s=WORDS.ttl_s,
            signature="",
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse what smsmode would refuse, or would not show as it is."""
        SmsMode.check_message(self, message)
        if len(message.sender) > LONGEST_SENDER:
            raise InvalidInput(f"smsmode takes the name of an agent of up to {LONGEST_SENDER} characters")
        self.converted(message)

    def _content(self, message: Outgoing) -> Mapping[str, object]:
        converted = self.converted(message)
        told: dict[str, object] = {"recipient": {"to": str(message.number)}, "body": converted.body}
        if (seconds := ttl_of(converted, message)) is not None:
            told["validity"] = {"amount": seconds, "timeUnit": "SECONDS"}
        return told

    def fault(self, answer: Answer, /) -> Fault:
        """Read ``errorCode``; a key of a channel for SMS is told by its name."""
        fault = SmsMode.fault(self, answer)
        told = " ".join(text_in(answer.at(name)) for name in ("title", "message", "detail")).casefold()
        return evolve(fault, code=MISMATCH) if answer.status == 403 and "channel type" in told else fault

    def create_campaign(self, name: str, messages: Sequence[Outgoing], /, *, at: datetime) -> Flow[str]:
        """Refuse: a campaign of smsmode's own has one card for all.

        Raises:
            UnsupportedFeature: always.
        """
        raise UnsupportedFeature(self.name, "campaigns of smsmode's own")

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Never: smsmode signs nothing over RCS."""
        return False

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a Message resource: one with a status is a receipt, any other was written by a person.

        Raises:
            WebhookError: it is none, or does not name the channel of this provider.
        """
        told = [dig(item, "message") or item for item in one_or_many(json_in(request.body))]
        if not told:
            raise WebhookError("the body is not a message of smsmode")
        if any(text_in(dig(message, "channel", "channelId")) != self.channel for message in told):
            raise WebhookError("the message does not name the channel of this provider (channel.channelId)")
        events: list[Event] = []
        for message in told:
            has_status = bool(text_in(dig(message, "status", "value")))
            events += self._receipt(message, now) if has_status else self._reply(message, now)
        return tuple(events)

    def _reply(self, message: object, now: datetime) -> Iterator[Event]:
        # One of the two is the agent, and which one is not what the document says: the person is who has a number.
        number = number_in(dig(message, "from")) or number_in(dig(message, "recipient", "to"))
        own_id = text_in(dig(message, "messageId"))
        if number is None or not own_id:
            return
        body = dig(message, "body")
        postback = dig(body, "postbackData")
        yield self.event(
            EventType.REPLY,
            instant_in(dig(message, "sentDate")) or now,
            number=number,
            reference=text_in(dig(message, "refClient")) or None,
            provider_id=text_in(dig(message, "originMessageId")),
            own_id=own_id,
            text=text_in(dig(body, "text")),
            postback=text_or_none(postback),
        )
