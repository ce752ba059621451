"""The words of RCS: sizes, sides, kinds of traffic, features of a handset, classes of billing.

The values are those of the RBM interface.
"""

from __future__ import annotations

from enum import Enum

from smskit.kinds import Kind


class Height(Enum):
    """How tall the media of a card is: 112, 168 and 264 dp on Android; iOS has one height for all."""

    SHORT = "SHORT"
    MEDIUM = "MEDIUM"
    TALL = "TALL"


class Width(Enum):
    """How wide the cards of a carousel are: 180 and 296 dp on Android; iOS has one width for all."""

    SMALL = "SMALL"
    MEDIUM = "MEDIUM"


class Orientation(Enum):
    """Whether the media of a card stands above the text or beside it."""

    HORIZONTAL = "HORIZONTAL"
    VERTICAL = "VERTICAL"


class Side(Enum):
    """On which side of a horizontal card its media stands."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


class Application(Enum):
    """What opens an address: the browser of the phone, or a sheet over the conversation."""

    BROWSER = "BROWSER"
    WEBVIEW = "WEBVIEW"


class ViewMode(Enum):
    """How much of the screen the sheet takes: all of it, half, three quarters."""

    FULL = "FULL"
    HALF = "HALF"
    TALL = "TALL"


class Traffic(Enum):
    """What a message is for, in the words of the platform; an agent of several uses has no default."""

    AUTHENTICATION = "AUTHENTICATION"
    TRANSACTION = "TRANSACTION"
    PROMOTION = "PROMOTION"
    SERVICE_REQUEST = "SERVICEREQUEST"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"

    @classmethod
    def of(cls, kind: Kind, /) -> Traffic:
        """Give the traffic of messages of *kind*."""
        return _TRAFFIC[kind]


_TRAFFIC = {
    Kind.MARKETING: Traffic.PROMOTION,
    Kind.NOTIFICATION: Traffic.TRANSACTION,
    Kind.OTP: Traffic.AUTHENTICATION,
}


class Feature(Enum):
    """What a handset must know how to do; the platform's list is open, this is what a message can ask for."""

    CARD = "RICHCARD_STANDALONE"
    CAROUSEL = "RICHCARD_CAROUSEL"
    CALENDAR = "ACTION_CREATE_CALENDAR_EVENT"
    DIAL = "ACTION_DIAL"
    OPEN_URL = "ACTION_OPEN_URL"
    OPEN_URL_IN_WEBVIEW = "ACTION_OPEN_URL_IN_WEBVIEW"
    SHARE_LOCATION = "ACTION_SHARE_LOCATION"
    VIEW_LOCATION = "ACTION_VIEW_LOCATION"
    PDF_IN_CARD = "PDF_IN_RICH_CARDS"


class Billing(Enum):
    """What a delivered message is billed as, outside the United States.

    BASIC is a text alone of at most 160 bytes in UTF-8, SINGLE anything else. CONVERSATION is every message within
    24 hours of the reply that opened it, where the agent is a conversational one.
    """

    BASIC = "basic"
    SINGLE = "single"
    CONVERSATION = "conversation"


class Platform(Enum):
    """Whose screen a preview shows."""

    ANDROID = "Android"
    IOS = "iOS"
