"""What a person can tap: replies, and actions of the phone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final

from attrs import Factory, field, frozen

from smskit.display import Level
from smskit.errors import InvalidInput
from smskit.rcs import wording
from smskit.rcs.extras import why_no_json
from smskit.rcs.findings import Finding
from smskit.rcs.pieces import Piece, TextMember, copied, hidden, instant, timestamp, word
from smskit.rcs.vocabulary import Application, Feature, ViewMode

_REPLY = (
    TextMember("text", "reply.text", wording.LABEL),
    TextMember("postback", "reply.postbackData", wording.POSTBACK),
)
_ACTION = (
    TextMember("text", "action.text", wording.LABEL),
    TextMember("postback", "action.postbackData", wording.POSTBACK),
    TextMember("fallback_url", "action.fallbackUrl", wording.FALLBACK_URL),
)


def _label(suggestion: Suggestion) -> str:
    return suggestion.text


@frozen
class Suggestion(Piece):
    """Something to tap: a reply or an action.

    Args:
        text: the label, at most 25 characters.
        postback: what comes back to you when it is tapped, at most 2048 characters; the label unless you say.
    """

    text: str = field(repr=hidden)
    postback: str = field(default=Factory(_label, takes_self=True), repr=hidden, kw_only=True)

    sign: ClassVar[str] = ""
    """What phones show before the label."""

    @property
    def button(self) -> str:
        """What the phone shows: the label, with the sign of an action before it."""
        return f"{self.sign} {self.text}" if self.sign else self.text

    @property
    def feature(self) -> Feature | None:
        """What the handset must know how to do; None for nothing special."""
        return None


@frozen
class Reply(Suggestion):
    """A ready answer: tapping it sends *text* as the person's own message, and *postback* to you."""

    def texts(self) -> Sequence[TextMember]:
        """Give the label and the postback."""
        return _REPLY

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of a suggestion."""
        return {"reply": {"text": self.text, "postbackData": self.postback}}


@frozen
class Action(Suggestion):
    """Something that the phone does.

    Args:
        fallback_url: what opens where the phone cannot do it.
    """

    fallback_url: str | None = field(default=None, repr=hidden, kw_only=True)

    def texts(self) -> Sequence[TextMember]:
        """Give the texts that every action has."""
        return _ACTION

    def _payload(self, member: str, inside: dict[str, object]) -> dict[str, object]:
        action: dict[str, object] = {"text": self.text, "postbackData": self.postback, member: inside}
        if self.fallback_url is not None:
            action["fallbackUrl"] = self.fallback_url
        return {"action": action}


_OPEN_URL = (
    *_ACTION,
    TextMember("url", "action.openUrlAction.url", wording.OPENED_URL),
    TextMember("description", "action.openUrlAction.description", wording.FREE_TEXT),
)


def _view_mode(value: ViewMode | str | None) -> ViewMode | None:
    return None if value is None else word(ViewMode, value)


def _application(value: Application | str | None) -> Application | None:
    return None if value is None else word(Application, value)


def _usual_application(action: OpenUrl) -> Application | None:
    return None if action.view_mode is None else Application.WEBVIEW


@frozen
class OpenUrl(Action):
    """Open an address: ``OpenUrl("Voir", "https://…")``, with ``view_mode="tall"`` in a sheet over the conversation.

    Args:
        url: at most 2048 characters; a scheme of an app (``geo:``, ``mailto:``) is allowed.
        view_mode: how much of the screen the sheet takes; without it the browser opens.
        application: follows from *view_mode* unless you say.
        description: what a screen reader says of the sheet.
    """

    url: str = field(repr=hidden)
    view_mode: ViewMode | None = field(default=None, converter=_view_mode, kw_only=True)
    application: Application | None = field(
        default=Factory(_usual_application, takes_self=True), converter=_application, kw_only=True
    )
    description: str | None = field(default=None, repr=hidden, kw_only=True)

    sign: ClassVar[str] = "↗"

    @property
    def feature(self) -> Feature:
        """Opening addresses, in a sheet or not."""
        in_sheet = self.application is Application.WEBVIEW
        return Feature.OPEN_URL_IN_WEBVIEW if in_sheet else Feature.OPEN_URL

    def texts(self) -> Sequence[TextMember]:
        """Give the texts of an action, the address and its description."""
        return _OPEN_URL

    def own_findings(self) -> Iterable[Finding]:
        """Find a size of a sheet where there is no sheet."""
        if self.view_mode is None or self.application is not Application.BROWSER:
            return ()
        path = "action.openUrlAction.webviewViewMode"
        limit, advice = "none for the browser", "it has no effect"
        return [Finding(path, "form.view_mode", self.view_mode.value, limit, level=Level.INFO, advice=advice)]

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of a suggestion."""
        inside: dict[str, object] = {"url": self.url}
        if self.application is not None:
            inside["application"] = self.application.value
        if self.view_mode is not None:
            inside["webviewViewMode"] = self.view_mode.value
        if self.description is not None:
            inside["description"] = self.description
        return self._payload("openUrlAction", inside)


_DIAL = (*_ACTION, TextMember("number", "action.dialAction.phoneNumber", wording.DIAL_NUMBER))


@frozen
class Dial(Action):
    """Offer a call: ``Dial("Appeler", "+33123456789")``. Short codes are allowed: digits and ``+ * #``."""

    number: str = field(repr=hidden)

    sign: ClassVar[str] = "☎"

    @property
    def feature(self) -> Feature:
        """Dialling."""
        return Feature.DIAL

    def texts(self) -> Sequence[TextMember]:
        """Give the texts of an action and the number."""
        return _DIAL

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of a suggestion."""
        return self._payload("dialAction", {"phoneNumber": self.number})


_VIEW = (
    *_ACTION,
    TextMember("label", "action.viewLocationAction.label", wording.FREE_TEXT),
    TextMember("query", "action.viewLocationAction.query", wording.FREE_TEXT),
)
_HALVES: Final = (("latitude", 90), ("longitude", 180))


@frozen
class ViewLocation(Action):
    """Show a place on a map, by where it is or by what to search for.

    ``ViewLocation("Nous trouver", 48.8566, 2.3522, label="Boutique")`` or ``ViewLocation("…", query="Boutique Lyon")``.

    Args:
        latitude: degrees, -90 to 90.
        longitude: degrees, -180 to 180.
        label: what stands at the pin.
        query: what to search for around the person.
    """

    latitude: float | None = None
    longitude: float | None = None
    label: str | None = field(default=None, repr=hidden, kw_only=True)
    query: str | None = field(default=None, repr=hidden, kw_only=True)

    sign: ClassVar[str] = "⌖"

    @property
    def feature(self) -> Feature:
        """Showing places."""
        return Feature.VIEW_LOCATION

    def texts(self) -> Sequence[TextMember]:
        """Give the texts of an action, the label and the search."""
        return _VIEW

    def own_findings(self) -> Iterable[Finding]:
        """Find half a place, one off the globe, or none at all."""
        path = "action.viewLocationAction"
        placed = [name for name, _ in _HALVES if getattr(self, name) is not None]
        if not placed and self.query is None:
            yield Finding(path, "form.missing", "neither latLong nor query", "one of them")
        for name, most in _HALVES if placed else ():
            degrees = getattr(self, name)
            if degrees is None:
                yield Finding(f"{path}.latLong.{name}", "form.missing", "missing", "a number")
            # Written so that a NaN is off the globe too.
            elif not -most <= degrees <= most:
                yield Finding(f"{path}.latLong.{name}", "form.degrees", str(degrees), f"-{most} to {most}", "degrees")

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of a suggestion."""
        inside: dict[str, object] = {}
        halves = {name: getattr(self, name) for name, _ in _HALVES if getattr(self, name) is not None}
        if halves:
            inside["latLong"] = halves
        if self.label is not None:
            inside["label"] = self.label
        if self.query is not None:
            inside["query"] = self.query
        return self._payload("viewLocationAction", inside)


@frozen
class ShareLocation(Action):
    """Ask the person where they are; the phone asks them before it answers."""

    sign: ClassVar[str] = "⌖"

    @property
    def feature(self) -> Feature:
        """Sharing where one is."""
        return Feature.SHARE_LOCATION

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of a suggestion."""
        return self._payload("shareLocationAction", {})


_CALENDAR = (
    *_ACTION,
    TextMember("title", "action.createCalendarEventAction.title", wording.CALENDAR_TITLE),
    TextMember("description", "action.createCalendarEventAction.description", wording.CALENDAR_DESCRIPTION),
)


def _start(value: datetime) -> datetime:
    return instant("start", value)


def _end(value: datetime) -> datetime:
    return instant("end", value)


@frozen
class CalendarEvent(Action):
    """Offer to note an event: ``CalendarEvent("Noter", "Soldes", start, end)``.

    Args:
        title: what stands in the calendar, at most 100 characters.
        start: when it begins; aware.
        end: when it ends; aware.
        description: at most 500 characters.
    """

    title: str = field(repr=hidden)
    start: datetime = field(converter=_start)
    end: datetime = field(converter=_end)
    description: str | None = field(default=None, repr=hidden, kw_only=True)

    sign: ClassVar[str] = "▦"

    @property
    def feature(self) -> Feature:
        """Noting events."""
        return Feature.CALENDAR

    def texts(self) -> Sequence[TextMember]:
        """Give the texts of an action, the title and the description."""
        return _CALENDAR

    def own_findings(self) -> Iterable[Finding]:
        """Find an event that ends before it begins; that phones refuse it is likely, and nowhere written."""
        if self.end < self.start:
            path = "action.createCalendarEventAction.endTime"
            yield Finding(path, "form.order", "before the start", "the start or later", level=Level.WARNING)

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of a suggestion."""
        inside: dict[str, object] = {
            "startTime": timestamp(self.start), "endTime": timestamp(self.end), "title": self.title,
        }  # fmt: skip
        if self.description is not None:
            inside["description"] = self.description
        return self._payload("createCalendarEventAction", inside)


@frozen
class OtherAction(Action):
    """An action that smskit has no object for, passed on as it is.

    Args:
        member: its name in the JSON, such as ``composeAction``.
        value: what stands there.
    """

    member: str
    value: Mapping[str, object] = field(converter=copied, hash=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.member.endswith("Action"):
            raise InvalidInput(f"member={self.member!r} must be the name of an action, such as composeAction")
        if why := why_no_json(self.value):
            raise InvalidInput(f"the value of {self.member} is no JSON: {why}")

    def own_findings(self) -> Iterable[Finding]:
        """Say that nothing of it was checked."""
        path = f"action.{self.member}"
        yield Finding(path, "form.unmodelled", self.member, "an action known here", level=Level.WARNING)

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of a suggestion."""
        return self._payload(self.member, dict(self.value))
