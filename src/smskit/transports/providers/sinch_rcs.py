"""Sinch over RCS, by its Conversation API.

Sources: the models of Sinch's Python SDK 2.3.0, Sinch's pages on RCS (message support, channel properties) and on
callbacks; seen 2026-11. Its messages are the same for all channels, so that RCS loses some of its looks: how a card
lies, how wide the cards of a carousel are, a sheet of its own for each address. A suggestion that was tapped is told by
what stands behind it, without its label.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import quote

from attrs import field, frozen

from smskit.errors import InvalidInput, WebhookError
from smskit.kinds import Channel, EventType
from smskit.protocols import Call, Features, Receipts, WebhookRequest
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
    ViewMode,
)
from smskit.rcs.pieces import Piece
from smskit.records import Accepted, Event, Outcome, Outgoing
from smskit.transports.providers.sinch import LONGEST_REFERENCE, access_token, check_signature
from smskit.transports.wire.answers import Answer, Fault, Unreadable, error_code, fault_of_code
from smskit.transports.wire.codes import Codes, Meaning
from smskit.transports.wire.provider import HttpProvider
from smskit.transports.wire.reading import codes_in, dig, instant_in, json_in, number_in, text_in, text_or_none
from smskit.transports.wire.requests import merged
from smskit.transports.wire.rich import Dialect, OverRcs, Writing, traffic_of, ttl_of
from smskit.transports.wire.rich_forms import (
    CHIPS,
    TIME,
    Bounds,
    Fits,
    Form,
    Needed,
    To,
    sheet_of,
    told_elsewhere,
    value_of,
)

MOST_CHOICES: Final = 10
MOST_OUTER_CHOICES: Final = 3
_REGIONS: Final = ("us", "eu", "br")
_WHOLE: Final = Fits(lambda number: re.fullmatch(r"\+[1-9][0-9]{6,14}", number), "a plus sign and 7 to 15 digits")
_TRAFFIC: Final = {
    Traffic.PROMOTION: "CONTENT_MARKETING",
    Traffic.TRANSACTION: "CONTENT_NOTIFICATION",
    Traffic.AUTHENTICATION: "CONTENT_NOTIFICATION",
    Traffic.SERVICE_REQUEST: "CONTENT_NOTIFICATION",
    Traffic.ACKNOWLEDGEMENT: "CONTENT_NOTIFICATION",
}
_OWN_WORDS: Final = (Traffic.PROMOTION, Traffic.TRANSACTION)


def _choice(kind: str, **members: str | To) -> Mapping[str, str | To]:
    """Give where the members of a choice go: below its kind, with what stands behind it beside that."""
    below = {
        name: f"{kind}.{to}" if isinstance(to, str) else To(f"{kind}.{to.path}", to.write)
        for name, to in members.items()
    }
    return {**below, "postback": "postback_data"}


@frozen(eq=False, kw_only=True)
class SinchWords(Dialect):
    """The words of Sinch: a type of message for each kind of content."""

    def content(self, message: RichMessage, writing: Writing) -> dict[str, object]:
        """Write the message; a sheet for addresses is one property for all of them."""
        if message.traffic is not None and message.traffic not in _OWN_WORDS:
            writing.changed("messageTrafficType", message.traffic.value, "CONTENT_NOTIFICATION")
        told = self._message(message, writing)
        sheet = _sheet(message, writing)
        return {"message": told, **({"channel_properties": {"RCS_WEBVIEW_MODE": sheet.value}} if sheet else {})}

    def _message(self, message: RichMessage, writing: Writing) -> dict[str, object]:
        content = message.content
        match content:
            case str():
                if message.suggestions:
                    choices = writing.chips(message)
                    return {"choice_message": {"text_message": {"text": content}, "choices": choices}}
                return {"text_message": {"text": content}}
            case File():
                writing.no_chips(message, "under a file")
                return {"media_message": writing.piece(content, "contentMessage")}
            case RichCard():
                writing.no_chips(message, "under a card")
                writing.layout(content, carries=False)
                return {"card_message": writing.card(content)}
            case Carousel():
                writing.width(content)
                if len(message.suggestions) > MOST_OUTER_CHOICES:
                    writing.limit(CHIPS, len(message.suggestions), MOST_OUTER_CHOICES, "suggestions")
                choices = writing.pieces(message.suggestions, CHIPS)
                return {
                    "carousel_message": {"cards": writing.cards(content), **({"choices": choices} if choices else {})}
                }


def _sheet(message: RichMessage, writing: Writing) -> ViewMode | None:
    """Give how all addresses open; where they do not open alike, all open in the browser, and that is told."""
    found = list(_addresses(message, ""))
    sheets = {sheet_of(action) for _, action in found}
    if len(sheets) == 1:
        return sheets.pop()
    for path, action in found:
        if (sheet := sheet_of(action)) is not None:
            where = f"{path}.action.openUrlAction.webviewViewMode"
            writing.changed(where, sheet.value, "the browser", "Sinch opens all addresses of a message alike")
    return None


def _addresses(piece: Piece, at: str) -> Iterator[tuple[str, OpenUrl]]:
    if isinstance(piece, OpenUrl):
        yield at, piece
    for index, below in enumerate(piece.below()):
        _, path = piece.place_of(index)
        yield from _addresses(below, f"{at}.{path}" if at and not path.startswith("[") else f"{at}{path}")


WORDS: Final = SinchWords(
    carrier="Sinch",
    chips=MOST_CHOICES,
    ttl_s=(1, 1_296_000),
    traffic=_TRAFFIC,
    forms=(
        Form(Reply, _choice("text_message", text="text")),
        # Whether it opens in a sheet is said for the whole message.
        Form(OpenUrl, {**_choice("url_message", text="title", url="url"), "sheet": To("", told_elsewhere)}),
        Form(Dial, _choice("call_message", text="title", number="phone_number"), fits={"number": _WHOLE}),
        Form(
            ViewLocation,
            _choice(
                "location_message",
                text="title",
                label="label",
                latitude="coordinates.latitude",
                longitude="coordinates.longitude",
            ),
            requires={"latitude": Needed(), "longitude": Needed()},
        ),
        Form(
            ShareLocation,
            _choice("share_location_message", text="title", fallback_url="fallback_url"),
            requires={"fallback_url": Needed()},
        ),
        Form(
            CalendarEvent,
            _choice(
                "calendar_message",
                text="title",
                start=To("event_start", TIME),
                end=To("event_end", TIME),
                title="event_title",
                description="event_description",
                fallback_url="fallback_url",
            ),
            requires={"fallback_url": Needed()},
        ),
        Form(
            Media,
            {
                "url": "media_message.url",
                "thumbnail": "media_message.thumbnail_url",
                "height": To("height", value_of),
            },
        ),
        Form(File, {"url": "url", "thumbnail": "thumbnail_url"}),
        Form(
            RichCard,
            {"title": "title", "description": "description", "media": To(""), "suggestions": "choices"},
            limits={"suggestions": Bounds(MOST_CHOICES)},
        ),
    ),
)


@frozen(kw_only=True)
class SinchRcs(OverRcs, HttpProvider):
    """Sinch over RCS, by its Conversation API. Which agent sends is set up in the app; messages need no sender.

    Args:
        token: an OAuth2 access token, or what gives one for each request: they are over after an hour.
        project: id of the project.
        app: id of the app that has the agent.
        region: where the app is: ``us``, ``eu`` or ``br``.
        base_url: of the API; empty takes the one of the region.
        callback: where receipts are told. Where replies go is set up in the app.

    Raises:
        InvalidInput: a region that is none.
    """

    name = "sinch_rcs"
    codes: ClassVar[Codes] = Codes.of("sinch-conversation")
    dialect: ClassVar[Dialect] = WORDS

    token: str | Callable[[], str] = field(repr=False)
    project: str
    app: str
    region: str = "eu"
    base_url: str = field(default="", repr=False)

    def check_options(self) -> None:
        """Refuse a region that Sinch does not have."""
        if self.region not in _REGIONS:
            raise InvalidInput(f"region= takes one of {', '.join(_REGIONS)}")

    def declared(self) -> Features:
        """Say what the Conversation API can do over RCS."""
        return Features(
            largest_batch=1,
            in_flight=8,
            validity_s=WORDS.ttl_s,
            receipts=Receipts.PUSHED,
            replies=True,
            signature="HMAC-SHA256 with nonce and time",
            channel=Channel.RCS,
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse what Sinch would refuse, or not carry whole."""
        if len(message.reference) > LONGEST_REFERENCE:
            raise InvalidInput(f"Sinch takes references of up to {LONGEST_REFERENCE} characters")
        self.converted(message)

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for one message."""
        (message,) = group
        converted = self.converted(message)
        identity = {"channel": "RCS", "identity": f"+{message.number}"}
        told: dict[str, object] = {
            "app_id": self.app,
            "recipient": {"identified_by": {"channel_identities": [identity]}},
            # The one channel: Sinch must not go on to another one by itself.
            "channel_priority_order": ["RCS"],
            "correlation_id": message.reference,
            "message_content_type": traffic_of(converted, message, WORDS),
            **converted.body,
        }
        if (seconds := ttl_of(converted, message)) is not None:
            told["ttl"] = f"{seconds}s"
        if self.callback:
            told["callback_url"] = self.callback
        host = self.base_url or f"https://{self.region}.conversation.api.sinch.com"
        url = f"{host}/v1/projects/{quote(self.project, safe='')}/messages:send"
        headers = {"Authorization": f"Bearer {access_token(self.name, self.token)}"}
        return self.json_call("POST", url, headers, merged(told, self.extra))

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the id of the message."""
        provider_id = text_in(answer.at("message_id"))
        if not provider_id:
            raise Unreadable("no message_id in the answer")
        yield Accepted(group[0].reference, provider_id)

    def fault(self, answer: Answer, /) -> Fault:
        """Read the word of the error; the HTTP status says what it means."""
        return fault_of_code(answer, error_code(answer, ("error", "status")), None)

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a secret: a webhook that has one signs all of its calls."""
        return bool(self.webhook.secrets)

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check the keyed hash of body, nonce and time, and that time."""
        check_signature(self.webhook, request, now)

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a receipt, or what a person wrote or tapped; other events of Sinch mean nothing here."""
        told = json_in(request.body)
        if dig(told, "app_id") is None:
            raise WebhookError("the body is nothing that Sinch tells")
        at = instant_in(dig(told, "event_time")) or instant_in(dig(told, "accepted_time")) or now
        if (report := dig(told, "message_delivery_report")) is not None:
            return tuple(self._receipt(report, text_in(dig(told, "correlation_id")), at))
        if (message := dig(told, "message")) is not None:
            return tuple(self._reply(message, at))
        return ()

    def _receipt(self, report: object, reference: str, at: datetime) -> Iterator[Event]:
        provider_id = text_in(dig(report, "message_id"))
        if provider_id or reference:
            meaning, code = self._meaning(report)
            yield self.event(
                EventType.RECEIPT,
                at,
                number=number_in(dig(report, "channel_identity", "identity")),
                reference=reference or None,
                provider_id=provider_id,
                meaning=meaning,
                code=code,
            )

    def _meaning(self, report: object) -> tuple[Meaning, str]:
        word, cause = dig(report, "status"), dig(report, "reason", "code")
        meaning = self.meant("dlr.status", word)
        if meaning.is_failure:
            meaning = self.meant("dlr.status", word, companions=[("dlr.reason", cause)])
        return meaning, codes_in(word, cause if meaning.is_failure else "")

    def _reply(self, message: object, at: datetime) -> Iterator[Event]:
        number, own_id = number_in(dig(message, "channel_identity", "identity")), text_in(dig(message, "id"))
        if number is None or not own_id:
            return
        wrote = dig(message, "contact_message")
        tapped = dig(wrote, "choice_response_message")
        postback = dig(tapped, "postback_data")
        yield self.event(
            EventType.REPLY,
            instant_in(dig(message, "accept_time")) or at,
            number=number,
            provider_id=text_in(dig(tapped, "message_id")),
            own_id=own_id,
            # Of a suggestion only what stands behind it is told; without these words a STOP would not be heard.
            text=text_in(dig(wrote, "text_message", "text")) or text_in(postback),
            postback=text_or_none(postback),
        )
