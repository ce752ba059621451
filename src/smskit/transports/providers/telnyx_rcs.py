"""Telnyx over RCS: the messages of RBM in snake case.

Sources: Telnyx's OpenAPI document of 2026-07 and its page on RCS webhooks, the models of its Python SDK 4.189.0; seen
2026-11. Telnyx takes an ``Idempotency-Key`` here, so that a request whose answer was lost is made again. It would send
an SMS instead by itself if it were told to (``sms_fallback``), which it never is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final

from attrs import evolve, frozen

from smskit.errors import InvalidInput
from smskit.kinds import Channel, DeliveryStatus, EventType
from smskit.protocols import Call, Features, Flow, WebhookRequest
from smskit.rcs import (
    Application,
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
    ViewMode,
)
from smskit.records import Capability, Event, Outgoing, Reach
from smskit.transports.providers.telnyx import Telnyx
from smskit.transports.wire.answers import Answer
from smskit.transports.wire.capabilities import check_question, reach_told_by
from smskit.transports.wire.codes import Codes, Meaning
from smskit.transports.wire.reading import dig, instant_in, items_in, json_in, number_in, text_in, text_or_none
from smskit.transports.wire.requests import merged, reference_in
from smskit.transports.wire.rich import Dialect, OverRcs, Writing
from smskit.transports.wire.rich_forms import TIME, Form, To, value_of

LONGEST_TTL_S: Final = 1_296_000
LARGEST_QUESTION: Final = 100
"""Numbers in one question about capabilities; of our own choice, Telnyx names no limit."""

_READ: Final = Meaning(DeliveryStatus.READ)
_SHEETLESS: Final = {"application": "BROWSER", "webview_view_mode": "WEBVIEW_VIEW_MODE_UNSPECIFIED"}


def _in_browser(url: str) -> Mapping[str, object]:
    return {"url": url, **_SHEETLESS}


def _sheet(mode: ViewMode) -> Mapping[str, object]:
    return {"application": Application.WEBVIEW.value, "webview_view_mode": mode.value}


def _asks(label: str) -> Mapping[str, object]:
    # The question has no members: that it is there is all of it.
    return {"text": label, "share_location_action": {}}


def _action(**members: str | To) -> Mapping[str, str | To]:
    return {
        "text": "action.text",
        "postback": "action.postback_data",
        "fallback_url": "action.fallback_url",
        **members,
    }


@frozen(eq=False, kw_only=True)
class TelnyxWords(Dialect):
    """The words of Telnyx."""

    def content(self, message: RichMessage, writing: Writing) -> dict[str, object]:
        """Write the agent message, its times with it."""
        inside = self._inside(message.content, writing)
        if chips := writing.chips(message):
            inside["suggestions"] = chips
        told: dict[str, object] = {"content_message": inside}
        # As RBM writes them.
        payload = message.payload()
        told |= {theirs: payload[ours] for ours, theirs in _TIMES.items() if ours in payload}
        return told

    def _inside(self, content: str | RichCard | Carousel | File, writing: Writing) -> dict[str, object]:
        match content:
            case str():
                return {"text": content}
            case File():
                return writing.piece(content, "contentMessage")
            case RichCard():
                side = "LEFT" if content.side is None else content.side.value
                card = {
                    "card_orientation": content.orientation.value,
                    # Asked for with every card; on a vertical one it means nothing.
                    "thumbnail_image_alignment": side,
                    "card_content": writing.card(content),
                }
                return {"rich_card": {"standalone_card": card}}
            case Carousel():
                cards = {"card_width": content.width.value, "card_contents": writing.cards(content)}
                return {"rich_card": {"carousel_card": cards}}


_TIMES: Final = {"ttl": "ttl", "expireTime": "expire_time"}
_FILE: Final = {
    "url": "content_info.file_url",
    "thumbnail": "content_info.thumbnail_url",
    "force_refresh": "content_info.force_refresh",
}
_PLACE: Final = "action.view_location_action"
_EVENT: Final = "action.create_calendar_event_action"
_LINK: Final = "action.open_url_action"

WORDS: Final = TelnyxWords(
    carrier="Telnyx",
    ttl_s=(1, LONGEST_TTL_S),
    expires=True,
    forms=(
        Form(Reply, {"text": "reply.text", "postback": "reply.postback_data"}),
        Form(
            OpenUrl,
            _action(
                # Both are asked for; where no sheet is meant they stand as they are here.
                url=To(_LINK, _in_browser),
                sheet=To(_LINK, _sheet),
                description=f"{_LINK}.description",
            ),
        ),
        Form(Dial, _action(number="action.dial_action.phone_number")),
        Form(
            ViewLocation,
            _action(
                latitude=f"{_PLACE}.lat_long.latitude",
                longitude=f"{_PLACE}.lat_long.longitude",
                label=f"{_PLACE}.label",
                query=f"{_PLACE}.query",
            ),
        ),
        Form(ShareLocation, {**_action(), "text": To("action", _asks)}),
        Form(
            CalendarEvent,
            _action(
                start=To(f"{_EVENT}.start_time", TIME),
                end=To(f"{_EVENT}.end_time", TIME),
                title=f"{_EVENT}.title",
                description=f"{_EVENT}.description",
            ),
        ),
        Form(Media, {**_FILE, "height": To("height", value_of)}),
        Form(File, _FILE),
        Form(
            RichCard,
            {"title": "title", "description": "description", "media": "media", "suggestions": "suggestions"},
        ),
    ),
)


def _capabilities_in(answer: Answer, at: datetime) -> Iterator[Capability]:
    for item in items_in(answer.at("data")):
        number = number_in(dig(item, "phone_number"))
        features = frozenset(text for one in items_in(dig(item, "features")) if (text := text_in(one)))
        if number is not None:
            yield Capability(number, bool(features), at, features)


@frozen(kw_only=True)
class TelnyxRcs(OverRcs, Telnyx):
    """Telnyx over RCS.

    The sender of a message is the id of an agent.

    Args:
        agent: id of the agent, for messages that name none, or another sender.
        profile: id of the messaging profile; Telnyx asks for it.

    Raises:
        InvalidInput: no profile, or a public key that is none.
    """

    name = "telnyx_rcs"
    codes: ClassVar[Codes] = Codes.over_rcs("telnyx")
    dialect: ClassVar[Dialect] = WORDS

    agent: str = ""

    def check_options(self) -> None:
        """Refuse an account without a profile, and a public key that is none."""
        Telnyx.check_options(self)
        if not self.profile:
            raise InvalidInput("Telnyx takes profile=, the id of a messaging profile, for RCS")

    def declared(self) -> Features:
        """Say what Telnyx can do over RCS."""
        return evolve(
            Telnyx.declared(self),
            channel=Channel.RCS,
            alphanumeric_senders=True,
            largest_parts=None,
            schedules=False,
            validity_s=WORDS.ttl_s,
            largest_question=LARGEST_QUESTION,
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse what Telnyx would refuse, or not carry whole."""
        if not self.agent and not message.sender:
            raise InvalidInput("Telnyx needs an agent, as agent= or as the sender")
        self.converted(message)

    def repeats(self, group: Sequence[Outgoing], /) -> bool:
        """Whether a lost request may be made again: it has a key that Telnyx takes once."""
        return True

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for one message."""
        (message,) = group
        body = self.converted(message).body
        if message.validity_s is not None:
            body = {"content_message": body["content_message"], "ttl": f"{message.validity_s}s"}
        told: dict[str, object] = {
            "agent_id": self.agent or message.sender,
            "to": f"+{message.number}",
            "messaging_profile_id": self.profile,
            "type": "RCS",
            "agent_message": body,
        }
        if callback := self.callback_for(message):
            told["webhook_url"] = callback
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": message.reference}
        return self.json_call("POST", f"{self.base_url}/messages/rcs", headers, merged(told, self.extra))

    # ------------------------------------------------------------ capabilities

    def capabilities(self, numbers: Sequence[int], /) -> Flow[Reach]:
        """Ask which of up to a hundred numbers the agent reaches, and what their handsets can show.

        Raises:
            InvalidInput: no agent, no number, or more than a hundred.
        """
        check_question(WORDS.carrier, self.agent, numbers, LARGEST_QUESTION)
        question = {"agent_id": self.agent, "phone_numbers": [f"+{number}" for number in numbers]}
        call = self._call("POST", "/messaging/rcs/bulk_capabilities", question, label="capabilities")
        return reach_told_by(self.name, call, numbers, _capabilities_in)

    # ------------------------------------------------------------ webhooks

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a receipt, the news that a message was read, or what a person wrote or tapped."""
        told = dig(json_in(request.body), "data")
        if text_in(dig(told, "event_type")) != "message.read":
            return Telnyx.parse(self, request, now)
        message, at = dig(told, "payload"), instant_in(dig(told, "occurred_at")) or now
        provider_id = text_in(dig(message, "id"))
        reference = reference_in(request.url) or reference_in(text_in(dig(message, "webhook_url")))
        number = number_in(dig(message, "to", 0, "phone_number"))
        if not provider_id and not reference:
            return ()
        return (
            self.event(
                EventType.RECEIPT, at, number=number, reference=reference, provider_id=provider_id, meaning=_READ,
                code="read",
            ),
        )  # fmt: skip

    def _reply(self, message: object, at: datetime) -> Iterator[Event]:
        for event in Telnyx._reply(self, message, at):
            body = dig(message, "body")
            tapped = dig(body, "suggestion_response")
            yield evolve(
                event,
                text=text_in(dig(body, "text")) or text_in(dig(tapped, "text")) or event.text,
                postback=text_or_none(dig(tapped, "postback_data")),
            )
