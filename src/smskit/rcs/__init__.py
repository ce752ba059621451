"""RCS: cards, carousels, suggestions; checked before they are sent."""

from smskit.rcs.billing import RichPrices
from smskit.rcs.cards import Carousel, RichCard
from smskit.rcs.findings import Finding
from smskit.rcs.limits import LIMITS, Limit
from smskit.rcs.media import File, Media
from smskit.rcs.message import Content, Preview, RichMessage
from smskit.rcs.personal import Filled, RichTemplate
from smskit.rcs.postbacks import Postbacks, sign, verify
from smskit.rcs.reading import check, load
from smskit.rcs.suggestions import (
    CalendarEvent,
    Dial,
    OpenUrl,
    OtherAction,
    Reply,
    ShareLocation,
    Suggestion,
    ViewLocation,
)
from smskit.rcs.vocabulary import (
    Application,
    Billing,
    Feature,
    Height,
    Orientation,
    Platform,
    Side,
    Traffic,
    ViewMode,
    Width,
)

__all__ = [
    "LIMITS",
    "Application",
    "Billing",
    "CalendarEvent",
    "Carousel",
    "Content",
    "Dial",
    "Feature",
    "File",
    "Filled",
    "Finding",
    "Height",
    "Limit",
    "Media",
    "OpenUrl",
    "Orientation",
    "OtherAction",
    "Platform",
    "Postbacks",
    "Preview",
    "Reply",
    "RichCard",
    "RichMessage",
    "RichPrices",
    "RichTemplate",
    "ShareLocation",
    "Side",
    "Suggestion",
    "Traffic",
    "ViewLocation",
    "ViewMode",
    "Width",
    "check",
    "load",
    "sign",
    "verify",
]
