"""A rich message as the platform takes it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from smskit.display import Bubble, Level, OnScreen, Shown, View
from smskit.errors import InvalidInput
from smskit.rcs import limits, wording
from smskit.rcs.billing import BASIC_BYTES, weight_of
from smskit.rcs.cards import Carousel, RichCard
from smskit.rcs.extras import put_all, why_no_json
from smskit.rcs.findings import Finding, notes_of, refuse
from smskit.rcs.hints import hints_of
from smskit.rcs.media import File, Hosted
from smskit.rcs.pieces import Piece, TextMember, copied, hidden, instant, timestamp, word
from smskit.rcs.screens import SENDER, chips_of, file_of, phone, phones
from smskit.rcs.suggestions import Action, Suggestion
from smskit.rcs.vocabulary import Billing, Feature, Platform, Traffic

Content = str | RichCard | Carousel | File
"""What a message says: a text, a card, several cards, a file."""

_MOST_SUGGESTIONS = limits.count("suggestions.message.max")
_MOST_BYTES = limits.count("payload.max")
_ADVISED_BYTES = limits.count("payload.advised")
_MOST_FILE_BYTES = limits.count("file.max")
_SECOND = timedelta(seconds=1)
_MOST_TTL = timedelta(seconds=limits.count("ttl.max"))
_ADVISED_TTL = timedelta(seconds=limits.count("ttl.min.recommended"))

_TEXT = (TextMember("content", "contentMessage.text", wording.MESSAGE_TEXT),)
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def _suggestions(given: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    return tuple(given)


def _extra(given: Mapping[str, object]) -> Mapping[str, object]:
    extra = copied(given)
    if why := why_no_json(extra):
        raise InvalidInput(f"extra holds something that is no JSON: {why}")
    return extra


def _expiry(value: datetime | None) -> datetime | None:
    return None if value is None else instant("expires_at", value)


def _traffic(value: Traffic | str | None) -> Traffic | None:
    return None if value is None else word(Traffic, value)


def _content_repr(content: Content) -> str:
    return hidden(content) if isinstance(content, str) else repr(content)


def written(payload: Mapping[str, object]) -> bytes:
    """Write JSON as short as it can be, in UTF-8."""
    # Half a character cannot be written: such a text is found wrong, never sent, and only measured here.
    return _WRITER.encode(payload).encode(errors="surrogatepass")


@frozen
class RichMessage(Shown, Piece):
    """One message: ``RichMessage("Votre colis est là. On le garde ?", suggestions=[Reply("Oui"), Reply("Non")])``.

    Args:
        content: a text of at most 3072 characters, a card, a carousel or a file.
        suggestions: at most eleven, shown under the message until the next one comes; the first may stand on a
            locked screen.
        traffic: what it is for; an agent of several uses is refused without, so always set it.
        ttl: for how long the platform tries, at most 15 days; then it takes the message back and says so.
        expires_at: until when it tries, aware; not together with *ttl*.
        extra: members that smskit does not know, by path: ``{"contentMessage.newMember": …}``. They are sent as they
            are.
    """

    content: Content = field(repr=_content_repr)
    suggestions: tuple[Suggestion, ...] = field(default=(), converter=_suggestions, kw_only=True)
    traffic: Traffic | None = field(default=None, converter=_traffic, kw_only=True)
    ttl: timedelta | None = field(default=None, kw_only=True)
    expires_at: datetime | None = field(default=None, converter=_expiry, kw_only=True)
    extra: Mapping[str, object] = field(default={}, converter=_extra, hash=False, repr=False, kw_only=True)

    @classmethod
    def of(cls, content: RichMessage | Content, /) -> RichMessage:
        """Give a message as it is, anything else as the content of one."""
        return content if isinstance(content, RichMessage) else cls(content)

    # ---------------------------------------------------------------- checking

    def texts(self) -> Sequence[TextMember]:
        """Give the text, where the content is one."""
        return _TEXT if isinstance(self.content, str) else ()

    def below(self) -> Sequence[Piece]:
        """Give the content, where it is more than a text, and the suggestions."""
        return self.suggestions if isinstance(self.content, str) else (self.content, *self.suggestions)

    def place_of(self, index: int, /) -> tuple[str, str]:
        """Give the attribute and the path of a piece."""
        if not isinstance(self.content, str):
            if index == 0:
                return "content", self._path
            index -= 1
        return "suggestions", f"contentMessage.suggestions[{index}]"

    @property
    def _path(self) -> str:
        match self.content:
            case RichCard():
                return "contentMessage.richCard.standaloneCard.cardContent"
            case Carousel():
                return "contentMessage.richCard.carouselCard"
            case _:
                return "contentMessage"

    def own_findings(self) -> Iterable[Finding]:
        """Find what only shows in the whole: suggestions, life time, the files together."""
        if len(self.suggestions) > _MOST_SUGGESTIONS:
            path, count = "contentMessage.suggestions", len(self.suggestions)
            yield Finding(path, "suggestions.message.max", count, _MOST_SUGGESTIONS, "suggestions")
        if isinstance(self.content, RichCard):
            for one in self.content.findings_alone():
                yield one.under("contentMessage.richCard.standaloneCard")
        yield from self._life_findings()
        sizes = [one.size_bytes for one in hosted(self.content) if one.size_bytes is not None]
        if len(sizes) > 1 and sum(sizes) > _MOST_FILE_BYTES:
            yield Finding("", "file.max", sum(sizes), _MOST_FILE_BYTES, "bytes", advice="of all files together")

    def _life_findings(self) -> Iterable[Finding]:
        if self.ttl is None:
            return
        if self.expires_at is not None:
            yield Finding("expireTime", "ttl.union", "ttl and expireTime", "one of them")
        seconds = math.floor(self.ttl.total_seconds())
        if self.ttl > _MOST_TTL:
            # Rounded up, so that a microsecond too much is seen to be too much.
            yield Finding("ttl", "ttl.max", -(-self.ttl // _SECOND), _MOST_TTL // _SECOND, "seconds")
        elif seconds < 0:
            yield Finding("ttl", "form.duration", seconds, 0, "seconds")
        elif self.ttl < _ADVISED_TTL:
            least = _ADVISED_TTL // _SECOND
            yield Finding("ttl", "ttl.min.recommended", seconds, least, "seconds", Level.WARNING)

    def findings(self, *, now: datetime | None = None) -> list[Finding]:
        """List what is wrong with the message, its size included.

        Args:
            now: when it is sent, for *expires_at*; None leaves that unchecked.
        """
        found = Piece.findings(self)
        found += size_findings(len(written(self.payload())))
        if now is not None and self.expires_at is not None and self.expires_at - now > _MOST_TTL:
            seconds = -((now - self.expires_at) // _SECOND)
            found.append(Finding("expireTime", "ttl.max", seconds, _MOST_TTL // _SECOND, "seconds"))
        return found

    # ---------------------------------------------------------------- writing

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of the message (an ``AgentMessage``), unchecked."""
        inside: dict[str, object]
        match self.content:
            case str():
                inside = {"text": self.content}
            case RichCard():
                inside = {"richCard": {"standaloneCard": self.content.alone()}}
            case Carousel():
                inside = {"richCard": {"carouselCard": self.content.payload()}}
            case File():
                inside = self.content.payload()
        if self.suggestions:
            inside["suggestions"] = [suggestion.payload() for suggestion in self.suggestions]
        message: dict[str, object] = {"contentMessage": inside}
        if self.traffic is not None:
            message["messageTrafficType"] = self.traffic.value
        if self.ttl is not None:
            message["ttl"] = _duration(self.ttl)
        if self.expires_at is not None:
            message["expireTime"] = timestamp(self.expires_at)
        if self.extra:
            put_all(message, self.extra)
        return message

    def json(self) -> bytes:
        """Check the message and write it for the platform.

        Raises:
            InvalidContent: the platform would refuse it.
        """
        body = written(self.payload())
        refuse(Piece.findings(self))
        refuse(size_findings(len(body)))
        return body

    # ---------------------------------------------------------------- what it takes and costs

    @property
    def features(self) -> frozenset[Feature]:
        """What the handset must know how to do to show all of it."""
        return frozenset(_features(self))

    def billing(self, *, in_conversation: bool = False) -> Billing:
        """Give what the message is billed as once it is delivered.

        Args:
            in_conversation: whether it goes to somebody whose 24 hours of conversation run, by an agent that is
                billed by conversations.

        Source: RCS for Business, guide 'Send messages': basic is a text alone of at most 160 bytes in UTF-8.
        """
        if in_conversation:
            return Billing.CONVERSATION
        is_basic = isinstance(self.content, str) and not self.suggestions and weight_of(self.content) <= BASIC_BYTES
        return Billing.BASIC if is_basic else Billing.SINGLE

    def lint(self) -> list[Finding]:
        """List what makes the message dearer (``cost.*``), and what some phones show otherwise (``look.*``).

        None of it is refused; see :meth:`findings` for that.
        """
        return hints_of(self.content, self.suggestions, self.traffic)

    # ---------------------------------------------------------------- looking at it

    def view(self) -> View:
        """Give the message as it looks on both phones, what it is billed as, and what to mend."""
        return self.shown(SENDER)

    def shown(self, sender: str) -> View:
        """Give the view with the name of the agent."""
        facts = [("billed as", self.billing().value), ("bytes", len(written(self.payload())))]
        if self.traffic is not None:
            facts.append(("traffic", self.traffic.value))
        title = " · ".join(f"{name} {value}" for name, value in facts)
        # What iOS shows otherwise stands under its phone.
        hints = [one for one in self.lint() if not one.rule.startswith("look.ios")]
        return phones(title, sender, self.drawn, *notes_of([*self.findings(), *hints]))

    def preview(self, platform: Platform | str = Platform.ANDROID, *, sender: str = SENDER) -> Preview:
        """Give what one phone shows, to print or to look at in a notebook.

        Raises:
            InvalidInput: there is no such platform; there are android and ios.
        """
        return Preview(phone(word(Platform, platform), sender, self.drawn))

    def drawn(self, platform: Platform, told: list[str]) -> list[OnScreen]:
        """Draw what stands on the phone: the content, and under it what can be tapped."""
        shown: OnScreen
        match self.content:
            case str():
                shown = Bubble([self.content])
            case RichCard():
                shown = self.content.sketch().drawn(platform, told)
            case Carousel():
                shown = self.content.drawn(platform, told)
            case File():
                shown = file_of(platform, self.content.words)
        if not self.suggestions:
            return [shown]
        labels = [(one.button, isinstance(one, Action)) for one in self.suggestions]
        return [shown, chips_of(platform, labels, told)]


@frozen
class Preview(Shown):
    """What one phone shows."""

    drawn: View

    def view(self) -> View:
        """Give it."""
        return self.drawn


def size_findings(size: int) -> list[Finding]:
    """Give what is wrong with a message of *size* bytes in JSON."""
    if size <= _ADVISED_BYTES:
        return []
    if size > _MOST_BYTES:
        return [Finding("", "payload.max", size, _MOST_BYTES, "bytes")]
    return [Finding("", "payload.advised", size, _ADVISED_BYTES, "bytes", Level.WARNING)]


def hosted(content: Content) -> Sequence[Hosted]:
    """Give every file of a message."""
    match content:
        case File():
            return [content]
        case RichCard():
            return [] if content.media is None else [content.media]
        case Carousel():
            return [card.media for card in content.cards if card.media is not None]
        case str():
            return ()


def _features(piece: Piece) -> Iterator[Feature]:
    for below in piece.below():
        match below:
            case RichCard() if isinstance(piece, RichMessage):
                yield Feature.CARD
            case Carousel():
                yield Feature.CAROUSEL
            case Suggestion(feature=Feature() as feature):
                yield feature
            case Hosted(media_type="application/pdf") if isinstance(piece, RichCard):
                yield Feature.PDF_IN_CARD
            case _:
                pass
        yield from _features(below)


def _duration(value: timedelta) -> str:
    seconds, micros = divmod(value // timedelta(microseconds=1), 1_000_000)
    return f"{seconds}.{micros:06d}".rstrip("0").rstrip(".") + "s" if micros else f"{seconds}s"
