"""Twilio over RCS: content that is made at Twilio once, and filled for each message.

Sources: the models of twilio 9.13.0 (``content/v1``), Twilio's pages on twilio/card, twilio/carousel, its change log on
titles and button payloads, its list of errors; seen 2026-11. A message that is more than a text is sent by the id of a
content, and only the variables of that differ from person to person. Twilio has no word for places, events, how tall a
picture is or how a card lies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import ClassVar, Final, cast

from attrs import evolve, field, frozen

from smskit.errors import InvalidInput, TransportError
from smskit.kinds import Channel
from smskit.protocols import Features, Flow
from smskit.rcs import Carousel, Dial, File, Media, OpenUrl, Reply, RichCard, RichMessage
from smskit.rcs.findings import refuse
from smskit.rcs.pieces import every_text, with_texts
from smskit.rcs.wording import TextRule
from smskit.records import Outgoing
from smskit.text import Template
from smskit.transports.providers.twilio import Twilio
from smskit.transports.wire.answers import answer_to
from smskit.transports.wire.codes import Codes
from smskit.transports.wire.reading import fields_of, items_in, text_in
from smskit.transports.wire.rich import Converted, Dialect, OverRcs, Writing, converted_by, ttl_of
from smskit.transports.wire.rich_forms import CARD, Bounds, Form, To, sheet_of, told_elsewhere, value_of
from smskit.transports.wire.rich_moulds import json_text
from smskit.transports.wire.signatures import basic

MOST_VARIABLES: Final = 100
MOST_BUTTONS: Final = 4
MOST_CAROUSEL_BUTTONS: Final = 2
_CONTENT: Final = re.compile(r"HX[0-9a-fA-F]{32}")
_AGENT: Final = "rcs:"
_LABELLED: Final = {"text": "title", "postback": "id"}


@frozen(eq=False, kw_only=True)
class TwilioWords(Dialect):
    """The words of Twilio: a type of content for each kind of message."""

    def content(self, message: RichMessage, writing: Writing) -> dict[str, object]:
        """Write the type of content and what is in it."""
        content = message.content
        match content:
            case str():
                if not message.suggestions:
                    return {"twilio/text": {"body": content}}
                return {"twilio/card": {"body": content, "actions": writing.chips(message)}}
            case File():
                writing.no_chips(message, "under a file")
                return {"twilio/media": {"media": [content.url], **writing.piece(content, "contentMessage")}}
            case RichCard():
                return {"twilio/card": self._card(content, message, writing)}
            case Carousel():
                writing.no_chips(message, "under a carousel")
                return {"twilio/carousel": self._carousel(content, writing)}

    def _card(self, card: RichCard, message: RichMessage, writing: Writing) -> dict[str, object]:
        writing.layout(card, carries=False)
        told = writing.card(card)
        _one_of_media(told)
        if card.media is None:
            # Without media it becomes a text with suggestions, which has room for one of them.
            writing.required(f"{CARD}.media", "a picture or a film")
        chips = writing.chips(message)
        if chips:
            if len(card.suggestions) < MOST_BUTTONS:
                what = f"{len(chips)} under the card"
                writing.changed("contentMessage.suggestions", what, "buttons of the card", "Twilio puts four into it")
            told["actions"] = [*items_in(told.get("actions")), *chips]
        return told

    def _carousel(self, carousel: Carousel, writing: Writing) -> dict[str, object]:
        writing.width(carousel)
        self._check_carousel(carousel, writing)
        cards = writing.cards(carousel)
        for button in (button for card in cards for button in items_in(card.get("actions"))):
            cast("dict[str, object]", button).pop("webview_size", None)
        # Asked for, and shown over other channels alone.
        body = next(filter(None, (text for card in carousel.cards for text in (card.title, card.description))), "–")
        return {"body": body, "cards": cards}

    def _check_carousel(self, carousel: Carousel, writing: Writing) -> None:
        for place, card in enumerate(carousel.cards):
            at = f"contentMessage.richCard.carouselCard.cardContents[{place}]"
            count = len(card.suggestions)
            if not 1 <= count <= MOST_CAROUSEL_BUTTONS:
                limit = 1 if count < 1 else MOST_CAROUSEL_BUTTONS
                writing.limit(f"{at}.suggestions", count, limit, "suggestions")
            for index, action in enumerate(card.suggestions):
                if isinstance(action, OpenUrl) and (sheet := sheet_of(action)) is not None:
                    path = f"{at}.suggestions[{index}].action.openUrlAction.webviewViewMode"
                    writing.changed(path, sheet.value, "the browser", "Twilio has no sheet in a carousel")


def _one_of_media(card: dict[str, object]) -> None:
    # A list of one in a card, an address in a card of a carousel.
    if "media" in card:
        card["media"] = [card["media"]]


WORDS: Final = TwilioWords(
    carrier="Twilio",
    ttl_s=(1, 36_000),
    forms=(
        Form(Reply, _LABELLED, {"type": "QUICK_REPLY"}),
        Form(
            OpenUrl,
            {**_LABELLED, "url": "url", "sheet": To("webview_size", value_of)},
            {"type": "URL"},
        ),
        Form(Dial, {**_LABELLED, "number": "phone"}, {"type": "PHONE_NUMBER"}),
        Form(Media, {"url": "media"}),
        Form(File, {"url": To("", told_elsewhere)}),
        Form(
            RichCard,
            {"title": "title", "description": "body", "media": To(""), "suggestions": "actions"},
            limits={"suggestions": Bounds(MOST_BUTTONS)},
        ),
    ),
)


# ---------------------------------------------------------------- content that is filled


@frozen
class _Slot:
    """One text of a content that has variables."""

    path: str
    pattern: re.Pattern[str] = field(repr=False)
    first: int
    """The number of its first variable; the others follow."""


@frozen
class TwilioContent:
    """A content at Twilio, and the message that it was made from.

    Args:
        sid: its id (``HX…``).
        message: the message, with variables such as ``$prenom`` in its texts: the same that the campaign has.

    Raises:
        InvalidInput: an id of something else, a message with more than a hundred places to fill, or two braces in a
            text, which Twilio would take for a variable.
        TemplateError: a text that cannot be read as a template.
    """

    sid: str
    message: RichMessage = field(repr=False, hash=False)
    shape: object = field(init=False, repr=False, eq=False)
    slots: tuple[_Slot, ...] = field(init=False, repr=False, eq=False)
    texts: Mapping[str, str] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if not _CONTENT.fullmatch(self.sid):
            raise InvalidInput("sid= takes the id of a content: HX and 32 hexadecimals")
        told = numbered(self.message)
        object.__setattr__(self, "shape", _shape(self.message))
        object.__setattr__(self, "slots", tuple(told.slots))
        object.__setattr__(self, "texts", told.fixed)

    def variables_of(self, message: RichMessage) -> Mapping[str, str] | None:
        """Give what fills the variables so that the content becomes *message*; None when nothing does."""
        return self.variables_in(LAID_OUT.convert(message))

    def variables_in(self, laid_out: Converted) -> Mapping[str, str] | None:
        """Give the same of a message that is laid out already."""
        texts = fields_of(laid_out.body["texts"])
        if laid_out.body["shape"] != self.shape or any(texts.get(path) != text for path, text in self.texts.items()):
            return None
        values: dict[str, str] = {}
        for slot in self.slots:
            found = slot.pattern.fullmatch(text_in(texts.get(slot.path)))
            if found is None:
                return None
            # Any way to cut the text into values will do: put together they are the text again.
            values |= {str(slot.first + place): value for place, value in enumerate(found.groups())}
        return values


@frozen
class Numbered:
    """A message whose variables have become numbers, as Twilio has them.

    ``samples`` are the names of the variables by their numbers, ``fixed`` the texts without any, by their paths.
    """

    message: RichMessage
    slots: Sequence[_Slot]
    fixed: Mapping[str, str]
    samples: Mapping[str, str]


def numbered(message: RichMessage) -> Numbered:
    """Number each place of a message that a contact fills.

    Raises:
        InvalidInput, TemplateError: as for :class:`TwilioContent`.
    """
    slots: list[_Slot] = []
    fixed: dict[str, str] = {}
    samples: dict[str, str] = {}

    def change(path: str, text: str, _: TextRule) -> str:
        template = Template.parse(text)
        if any("{{" in literal for literal in template.literals):
            raise InvalidInput(f"{path}: two braces in a row are a variable for Twilio")
        if not template.variables:
            fixed[path] = template.fill()
            return fixed[path]
        first = len(samples) + 1
        for place, variable in enumerate(template.variables, first):
            samples[str(place)] = variable.fallback or variable.name
        slots.append(_Slot(path, re.compile("(.*?)".join(map(re.escape, template.literals)), re.DOTALL), first))
        return template.fill(*(f"{{{{{place}}}}}" for place in range(first, len(samples) + 1)))

    made = with_texts(message, change)
    if len(samples) > MOST_VARIABLES:
        raise InvalidInput(f"Twilio fills {MOST_VARIABLES} places of a content, and this message has {len(samples)}")
    return Numbered(made, slots, fixed, samples)


def _shape(message: RichMessage) -> dict[str, object]:
    """Give all of a message but its texts, and but for what a run says of each message by itself."""
    return with_texts(evolve(message, traffic=None, ttl=None, expires_at=None, extra={}), _nothing).payload()


def _nothing(path: str, text: str, rule: TextRule) -> str:
    del path, text, rule
    return ""


@frozen(eq=False, kw_only=True)
class LaidOut(Dialect):
    """No words of a carrier: the texts of a message by their places, and what is left of it without them."""

    def content(self, message: RichMessage, writing: Writing) -> dict[str, object]:
        """Lay a message out."""
        return {"texts": {path: text for path, text, _ in every_text(message)}, "shape": _shape(message)}


LAID_OUT: Final = LaidOut(carrier="Twilio", forms=(), ttl_s=WORDS.ttl_s, carries_unknown=True)


@lru_cache(maxsize=1024)
def _filled(contents: tuple[TwilioContent, ...], rich: str) -> Mapping[str, str] | None:
    """Give the fields of a request that say what a message says: its text, or a content and what fills it."""
    laid_out = converted_by(LAID_OUT, rich)
    if laid_out.body["shape"] == {"contentMessage": {"text": ""}}:
        return {"Body": text_in(fields_of(laid_out.body["texts"]).get("contentMessage.text"))}
    for content in contents:
        values = content.variables_in(laid_out)
        if values is not None:
            filled = {"ContentVariables": json_text(values)} if values else {}
            return {"ContentSid": content.sid, **filled}
    return None


# ---------------------------------------------------------------- the provider


@frozen(kw_only=True)
class TwilioRcs(OverRcs, Twilio):
    """Twilio over RCS.

    A text alone is sent as it is. All else needs a content: make it once with :meth:`create_content`, from the very
    message that the campaign has, and give what comes back as *contents*.

    Args:
        agent: id of the sender for RCS (``rcs:…``), for messages that name none, or another sender.
        contents: what messages are made from; each is sent by the first that it fits.
        content_url: of the interface that contents are made at.

    Raises:
        InvalidInput: neither an auth token nor a key with its secret, or an id of something else.
    """

    name = "twilio_rcs"
    codes: ClassVar[Codes] = Codes.over_rcs("twilio")
    dialect: ClassVar[Dialect] = WORDS

    agent: str = ""
    contents: tuple[TwilioContent, ...] = field(default=(), converter=tuple, repr=False)
    content_url: str = field(default="https://content.twilio.com", repr=False)

    def declared(self) -> Features:
        """Say what Twilio can do over RCS."""
        # A list of messages tells their texts and not their cards: nobody can say which one is meant.
        return evolve(Twilio.declared(self), channel=Channel.RCS, longest_text=None, can_be_asked=False)

    # ------------------------------------------------------------ contents

    def create_content(
        self,
        message: RichMessage,
        /,
        *,
        name: str = "",
        language: str = "fr",
        samples: Mapping[str, str] | None = None,
    ) -> Flow[TwilioContent]:
        """Make a content at Twilio from a message with variables in its texts.

        Args:
            message: as the campaign has it, ``$prenom`` and all.
            name: what the console shows.
            language: of the texts, as a code.
            samples: an example for each variable, by its name. An address that is a variable needs one that leads
                somewhere.

        Returns:
            What ``contents=`` takes.

        Raises:
            InvalidContent: Twilio cannot carry the message.
            TransportError: it makes none; when the line was lost it may have, so look at your console.
        """
        made = numbered(message)
        converted = WORDS.convert(made.message)
        refuse(converted.losses)
        told = {
            "friendly_name": name,
            "language": language,
            "variables": {number: (samples or {}).get(value, value) for number, value in made.samples.items()},
            "types": converted.body,
        }
        return self._create_content(told, message)

    def _create_content(self, told: Mapping[str, object], message: RichMessage) -> Flow[TwilioContent]:
        user, secret = (self.key, self.secret) if self.key else (self.account, self.token)
        headers = {"Authorization": basic(user, secret)}
        call = self.json_call("POST", f"{self.content_url}/v1/Content", headers, told, label="create_content")
        answer = yield from answer_to(call)
        sid = text_in(answer.at("sid"))
        if not answer.is_success or not _CONTENT.fullmatch(sid):
            raise TransportError(self.name, f"it makes no content (HTTP {answer.status})", retryable=False)
        return TwilioContent(sid, message)

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse what Twilio would refuse, or not carry whole, and what no content was made for."""
        if not self.agent and not message.sender and not self.messaging_service:
            raise InvalidInput("Twilio needs agent=, a sender, or messaging_service= that chooses one")
        self.converted(message)
        if _filled(self.contents, message.rich or "") is None:
            raise InvalidInput(
                "no content of contents= becomes this message; make one with create_content(), from the message of the "
                "campaign, before it is planned"
            )

    def _content(self, message: Outgoing) -> Mapping[str, object]:
        told: dict[str, object] = {
            # With its channel before the number Twilio sends over RCS or not at all, and no SMS by itself.
            "To": f"{_AGENT}+{message.number}",
            **(_filled(self.contents, message.rich or "") or {}),
        }
        if message.validity_s is None and (seconds := ttl_of(self.converted(message), message)) is not None:
            told["ValidityPeriod"] = seconds
        return told

    def _sender(self, message: Outgoing) -> Mapping[str, str]:
        agent = self.agent or message.sender
        told = {"MessagingServiceSid": self.messaging_service} if self.messaging_service else {}
        if agent:
            told["From"] = agent if agent.startswith(_AGENT) else f"{_AGENT}{agent}"
        return told
