"""The Messages API of Vonage, for RCS.

Sources: the models of vonage-messages 1.8.1, guides of developer.vonage.com on suggestions, cards, custom messages and
revocation; seen 2026-11. Vonage asks for more than RBM does: title, text and media on every card, a description of each
address, numbers of digits alone. Its messages of type ``custom`` are handed on to RBM as they are, and nobody looks at
them on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import quote

from attrs import evolve, field, frozen

from smskit.errors import InvalidInput
from smskit.kinds import Channel, EventType
from smskit.protocols import Call, Features, Flow
from smskit.rcs import (
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
    Traffic,
    ViewLocation,
)
from smskit.rcs.pieces import Piece
from smskit.records import Event, Outgoing, Taken
from smskit.transports.providers.vonage_messages import LONGEST_REFERENCE, VonageMessages
from smskit.transports.wire.answers import answer_to
from smskit.transports.wire.codes import Codes
from smskit.transports.wire.reading import dig, fields_of, text_in, text_or_none
from smskit.transports.wire.rich import Dialect, OverRcs, Writing, traffic_of, ttl_of
from smskit.transports.wire.rich_forms import TIME, Bounds, Fits, Form, Needed, To, digits_of, sheet_of, value_of

_AGENT: Final = re.compile(r"[A-Za-z0-9_&-]+")
_DIGITS: Final = Fits(lambda number: re.fullmatch(r"\+?[1-9][0-9]{6,14}", number), "7 to 15 digits of a whole number")
_LABELLED: Final = {"text": "text", "postback": "postback_data"}
_FALLBACK: Final = {"fallback_url": "fallback_url"}
_MEDIA_KINDS: Final = {"image": "image", "video": "video"}
_TRAFFIC: Final = {
    Traffic.ACKNOWLEDGEMENT: "acknowledgement",
    Traffic.AUTHENTICATION: "authentication",
    Traffic.PROMOTION: "promotion",
    Traffic.SERVICE_REQUEST: "service-request",
    Traffic.TRANSACTION: "transaction",
}


@frozen(eq=False, kw_only=True)
class VonageWords(Dialect):
    """The words of Vonage: a type of message for each kind of content."""

    def content(self, message: RichMessage, writing: Writing) -> dict[str, object]:
        """Write type, content and suggestions; ``rcs`` holds how it looks."""
        content = message.content
        match content:
            case str():
                told: dict[str, object] = {"message_type": "text", "text": content}
            case File():
                kind = _MEDIA_KINDS.get((content.media_type or "").partition("/")[0], "file")
                writing.no_chips(message, "under a file")
                return {"message_type": kind, kind: writing.piece(content, "contentMessage")}
            case RichCard():
                writing.no_chips(message, "under a card")
                looks = {"card_orientation": content.orientation.value}
                if content.side is not None:
                    looks["image_alignment"] = content.side.value
                return {"message_type": "card", "card": writing.card(content), "rcs": looks}
            case Carousel():
                told = {
                    "message_type": "carousel",
                    "carousel": {"cards": writing.cards(content)},
                    "rcs": {"card_width": content.width.value},
                }
        if chips := writing.chips(message):
            told["suggestions"] = chips
        return told

    def form_of(self, piece: Piece) -> Form | None:
        """Give the form of a piece: an address has one for the browser and one for a sheet."""
        return _IN_SHEET if isinstance(piece, OpenUrl) and sheet_of(piece) is not None else Dialect.form_of(self, piece)


_ADDRESS: Final[Mapping[str, str | To]] = {**_LABELLED, "url": "url", "description": "description"}
_DESCRIBED: Final = {"description": Needed("text")}
_SPOKEN: Final = {"description": Bounds(500, 1)}
_IN_SHEET: Final = Form(
    OpenUrl,
    {**_ADDRESS, "sheet": To("view_mode", value_of)},
    {"type": "open_url_in_webview"},
    requires=_DESCRIBED,
    limits=_SPOKEN,
)
_CARD: Final[Mapping[str, str | To]] = {
    "title": "title",
    "description": "text",
    "media": To(""),
    "suggestions": "suggestions",
}

WORDS: Final = VonageWords(
    carrier="Vonage",
    ttl_s=(20, 259_200),
    traffic=_TRAFFIC,
    forms=(
        Form(Reply, _LABELLED, {"type": "reply"}),
        Form(OpenUrl, _ADDRESS, {"type": "open_url"}, requires=_DESCRIBED, limits=_SPOKEN),
        Form(
            Dial,
            {**_LABELLED, **_FALLBACK, "number": To("phone_number", digits_of)},
            {"type": "dial"},
            fits={"number": _DIGITS},
        ),
        Form(
            ViewLocation,
            {
                **_LABELLED,
                **_FALLBACK,
                "latitude": To("latitude", str),
                "longitude": To("longitude", str),
                "label": "pin_label",
            },
            {"type": "view_location"},
            requires={"latitude": Needed(), "longitude": Needed(), "label": Needed("text")},
        ),
        Form(ShareLocation, _LABELLED, {"type": "share_location"}),
        Form(
            CalendarEvent,
            {
                **_LABELLED,
                **_FALLBACK,
                "start": To("start_time", TIME),
                "end": To("end_time", TIME),
                "title": "title",
                "description": "description",
            },
            {"type": "create_calendar_event"},
            requires={"description": Needed("title")},
            limits={"description": Bounds(500, 1)},
        ),
        Form(
            Media,
            {
                "url": "media_url",
                "thumbnail": "thumbnail_url",
                "force_refresh": "media_force_refresh",
                "height": To("media_height", value_of),
                "alt": "media_description",
            },
        ),
        Form(File, {"url": "url"}),
        Form(RichCard, _CARD, requires={"title": Needed(), "description": Needed(), "media": Needed()}),
    ),
)


@frozen(eq=False, kw_only=True)
class AsRbm(Dialect):
    """The words of RBM itself, which Vonage hands on."""

    def content(self, message: RichMessage, writing: Writing) -> dict[str, object]:
        """Write the content as RBM has it."""
        return {"message_type": "custom", "custom": {"contentMessage": message.payload()["contentMessage"]}}


HANDED_ON: Final = AsRbm(carrier="Vonage", carries_unknown=True, ttl_s=(20, 259_200), traffic=_TRAFFIC, forms=())


@frozen(kw_only=True)
class VonageRcs(OverRcs, VonageMessages):
    """Vonage over RCS.

    The sender of a message is the id of the agent, of letters, digits and ``-_&``.

    Args:
        agent: id of the agent, for messages that name none, or another sender.
        as_rbm: hand messages on to RBM as they are, as type ``custom``: nothing is lost, and Vonage checks nothing.
        base_url: of the API. To revoke a message it has to be that of the region that sent it, such as
            ``https://api-eu.vonage.com``.
        callback: where receipts are told. Where replies go is set up in the application.
    """

    name = "vonage_rcs"
    codes: ClassVar[Codes] = Codes.over_rcs("vonage-messages")
    dialect: ClassVar[Dialect] = WORDS

    agent: str = ""
    as_rbm: bool = field(default=False, repr=False)

    def declared(self) -> Features:
        """Say what the Messages API can do for RCS."""
        return evolve(VonageMessages.declared(self), channel=Channel.RCS, longest_text=None, validity_s=WORDS.ttl_s)

    # ------------------------------------------------------------ submission

    @property
    def words(self) -> Dialect:
        """Give the words that messages are put into."""
        return HANDED_ON if self.as_rbm else WORDS

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse what Vonage would refuse, or not carry whole."""
        if not _AGENT.fullmatch(self.agent or message.sender):
            raise InvalidInput("Vonage needs an agent of letters, digits and the signs -_&, as agent= or as the sender")
        if len(message.reference) > LONGEST_REFERENCE:
            raise InvalidInput(f"Vonage takes references of up to {LONGEST_REFERENCE} characters")
        self.converted(message)

    def _content(self, message: Outgoing) -> Mapping[str, object]:
        converted = self.converted(message)
        told: dict[str, object] = {**converted.body, "channel": "rcs", "from": self.agent or message.sender}
        category = traffic_of(converted, message, self.words)
        told["rcs"] = {**fields_of(converted.body.get("rcs")), "category": category}
        if (seconds := ttl_of(converted, message)) is not None:
            told["ttl"] = seconds
        return told

    # ------------------------------------------------------------ afterwards

    def revoke(self, messages: Sequence[Taken], /) -> Flow[frozenset[str]]:
        """Take back messages that the handsets have not got yet."""
        revoked: set[str] = set()
        for taken in messages:
            answer = yield from answer_to(self._revocation(taken.provider_id))
            if answer.is_success:
                revoked.add(taken.reference)
        return frozenset(revoked)

    def _revocation(self, provider_id: str) -> Call:
        url = f"{self.base_url}/v1/messages/{quote(provider_id, safe='')}"
        return self.json_call("PATCH", url, self._headers(), {"status": "revoked"}, label="revoke")

    # ------------------------------------------------------------ webhooks

    def _reply(self, told: object, number: int, at: datetime) -> Iterator[Event]:
        """Read what a person wrote, or tapped: a reply has ``id`` and ``title``, a button ``payload`` and ``text``."""
        tapped = dig(told, "reply") or dig(told, "button")
        postback = dig(tapped, "id") or dig(tapped, "payload") or dig(tapped, "postback_data")
        words = text_in(dig(told, "text")) or text_in(dig(tapped, "title")) or text_in(dig(tapped, "text"))
        yield self.event(
            EventType.REPLY,
            at,
            number=number,
            provider_id=text_in(dig(told, "context", "message_uuid")),
            own_id=text_in(dig(told, "message_uuid")),
            text=words,
            postback=text_or_none(postback),
        )
