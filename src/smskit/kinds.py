"""The vocabularies: closed lists of words that the whole library shares."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """What a message is for; the law asks different things of each."""

    MARKETING = "marketing"
    NOTIFICATION = "notification"
    OTP = "otp"


class Channel(Enum):
    """By which way a message reaches the handset."""

    SMS = "sms"
    RCS = "rcs"


class Reason(Enum):
    """Why a row is not sent to, in the order in which the plan looks for them.

    A row that several reasons fit has the first: the order is part of the promise that the account closes.
    """

    NOT_IN_SEGMENT = "not_in_segment"
    MISSING_NUMBER = "missing_number"
    INVALID_NUMBER = "invalid_number"
    NOT_MOBILE = "not_mobile"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    NO_PRICE = "no_price"
    DUPLICATE = "duplicate"
    ALREADY_SENT = "already_sent"
    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"
    NO_CONSENT = "no_consent"
    CONSENT_INVALID = "consent_invalid"
    CONSENT_EXPIRED = "consent_expired"
    MINOR = "minor"
    SECTOR_FORBIDDEN = "sector_forbidden"
    SENDER_NOT_ALLOWED = "sender_not_allowed"
    URL_NOT_ALLOWED = "url_not_allowed"
    OPT_OUT_PATH_MISSING = "opt_out_path_missing"
    RULES_UNKNOWN = "rules_unknown"
    MISSING_VARIABLE = "missing_variable"
    EMPTY_TEXT = "empty_text"
    CONTENT_FORBIDDEN = "content_forbidden"
    TOO_MANY_PARTS = "too_many_parts"
    NO_RCS = "no_rcs"
    INVALID_CONTENT = "invalid_content"
    FREQUENCY_CAP = "frequency_cap"
    QUIET_HOURS = "quiet_hours"
    HOLIDAY = "holiday"
    ZONE_UNKNOWN = "zone_unknown"
    BUDGET = "budget"
    EXPIRED = "expired"


class SendState(Enum):
    """How far the hand-over of one message to the carrier has come.

    ``SUBMITTING`` is committed before the request leaves and says *in doubt* out loud: until the answer is
    recorded nobody knows whether the carrier took the message. ``STANDBY`` is a message over another channel that
    takes the place of one which did not arrive; until then it is nobody's.
    """

    PLANNED = "planned"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    HELD_OUT = "held_out"
    STANDBY = "standby"


class RunState(Enum):
    """How far a run has come; only a ``READY`` run is sent. ``PAUSED`` and ``READY`` change into each other."""

    LOADING = "loading"
    READY = "ready"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class DeliveryStatus(Enum):
    """What a receipt says of a message; later words outrank earlier ones.

    ``REJECTED`` was refused before anybody tried, ``BLOCKED`` for consent, spam or policy; for ``UNDELIVERED`` the
    network tried; ``FAILED`` is the carrier's own fault; ``UNKNOWN`` is a carrier that says it will never know. A word
    of a carrier that we do not understand is none of them: such a receipt has no status.
    """

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    ACCEPTED = "accepted"
    SENT = "sent"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    READ = "read"

    @property
    def rank(self) -> int:
        """A status never gives way to one of lower rank; delivered overtakes a failure, never the reverse."""
        return _RANKS.get(self, _FAILED_RANK)

    @property
    def is_failure(self) -> bool:
        """Whether the handset did not get the message; of ``UNKNOWN`` nobody can say so."""
        return self not in _RANKS and self is not DeliveryStatus.UNKNOWN


_FAILED_RANK = 4
_RANKS = {
    DeliveryStatus.SCHEDULED: 0,
    DeliveryStatus.QUEUED: 1,
    DeliveryStatus.ACCEPTED: 2,
    DeliveryStatus.SENT: 3,
    DeliveryStatus.DELIVERED: 5,
    DeliveryStatus.READ: 6,
}


class EventType(Enum):
    """Anything that comes back after a message was handed over."""

    RECEIPT = "receipt"
    REPLY = "reply"
    CLICK = "click"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    TYPING = "typing"


class Retry(Enum):
    """What may be done with a message that failed.

    ``SAFE``: the carrier did not take it, the same message may be offered again. ``AMBIGUOUS``: it may have been taken;
    only a key or a look-up makes another try safe. ``LATER``: the recipient or the network, for now; a new attempt is a
    decision. ``AFTER_FIX``: somebody has to mend the account, the sender, the content or the credit. ``NEVER``.
    """

    SAFE = "safe"
    AMBIGUOUS = "ambiguous"
    LATER = "later"
    AFTER_FIX = "after_fix"
    NEVER = "never"


class FailureClass(Enum):
    """Why a carrier refused or did not deliver, in words common to all providers.

    ``CHANNEL_UNAVAILABLE``: the number cannot be reached over RCS, or not now; ``CAPABILITY_UNSUPPORTED``: its handset
    lacks what the message needs. Both say nothing of SMS.
    """

    ACCOUNT = "account"
    AUTH = "auth"
    BAD_REQUEST = "bad_request"
    CANCELLED = "cancelled"
    CAPABILITY_UNSUPPORTED = "capability_unsupported"
    CARRIER_BLOCK = "carrier_block"
    CARRIER_ERROR = "carrier_error"
    CHANNEL_UNAVAILABLE = "channel_unavailable"
    CONTENT_INVALID = "content_invalid"
    DESTINATION_NOT_ALLOWED = "destination_not_allowed"
    DUPLICATE = "duplicate"
    FLOOD_FILTER = "flood_filter"
    FRAUD_FILTER = "fraud_filter"
    HANDSET_ERROR = "handset_error"
    INSUFFICIENT_CREDIT = "insufficient_credit"
    INVALID_NUMBER = "invalid_number"
    NETWORK = "network"
    OPTED_OUT = "opted_out"
    PERMISSION = "permission"
    POLICY = "policy"
    PORTABILITY = "portability"
    PRICE_CAP = "price_cap"
    PROVIDER_ERROR = "provider_error"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    QUOTA_EXCEEDED = "quota_exceeded"
    RECIPIENT_ACCOUNT = "recipient_account"
    ROUTE_UNAVAILABLE = "route_unavailable"
    SENDER_INVALID = "sender_invalid"
    SENDER_UNREGISTERED = "sender_unregistered"
    SPAM_FILTER = "spam_filter"
    STOP_MENTION_MISSING = "stop_mention_missing"
    THROTTLED = "throttled"
    UNKNOWN_SUBSCRIBER = "unknown_subscriber"
    UNREACHABLE = "unreachable"
    UNSPECIFIED = "unspecified"
    UNSUPPORTED = "unsupported"
    VALIDITY_EXPIRED = "validity_expired"

    @property
    def is_permanent(self) -> bool:
        """Whether the number itself is at fault, so that sending to it again is money lost."""
        return self in _PERMANENT

    @property
    def is_of_account(self) -> bool:
        """Whether every other message of the account meets it too: a run stops, and rejects nobody for it."""
        return self in _OF_ACCOUNT

    @property
    def retry(self) -> Retry:
        """What is usually done with a message that failed for this; a carrier's own code may say otherwise."""
        return _RETRIES.get(self, Retry.NEVER)


_PERMANENT = frozenset({FailureClass.INVALID_NUMBER, FailureClass.UNKNOWN_SUBSCRIBER})
_OF_ACCOUNT = frozenset(
    {
        FailureClass.ACCOUNT,
        FailureClass.AUTH,
        FailureClass.INSUFFICIENT_CREDIT,
        FailureClass.PERMISSION,
        FailureClass.QUOTA_EXCEEDED,
    }
)
_RETRIES = {
    FailureClass.ACCOUNT: Retry.AFTER_FIX,
    FailureClass.AUTH: Retry.AFTER_FIX,
    FailureClass.CARRIER_BLOCK: Retry.LATER,
    FailureClass.CARRIER_ERROR: Retry.LATER,
    FailureClass.CHANNEL_UNAVAILABLE: Retry.LATER,
    FailureClass.CONTENT_INVALID: Retry.AFTER_FIX,
    FailureClass.DESTINATION_NOT_ALLOWED: Retry.AFTER_FIX,
    FailureClass.FLOOD_FILTER: Retry.LATER,
    FailureClass.HANDSET_ERROR: Retry.LATER,
    FailureClass.INSUFFICIENT_CREDIT: Retry.AFTER_FIX,
    FailureClass.NETWORK: Retry.LATER,
    FailureClass.PERMISSION: Retry.AFTER_FIX,
    FailureClass.PORTABILITY: Retry.LATER,
    FailureClass.PRICE_CAP: Retry.AFTER_FIX,
    FailureClass.PROVIDER_ERROR: Retry.LATER,
    FailureClass.PROVIDER_UNAVAILABLE: Retry.LATER,
    FailureClass.QUOTA_EXCEEDED: Retry.AFTER_FIX,
    FailureClass.RECIPIENT_ACCOUNT: Retry.LATER,
    FailureClass.ROUTE_UNAVAILABLE: Retry.AFTER_FIX,
    FailureClass.SENDER_INVALID: Retry.AFTER_FIX,
    FailureClass.SENDER_UNREGISTERED: Retry.AFTER_FIX,
    FailureClass.STOP_MENTION_MISSING: Retry.AFTER_FIX,
    FailureClass.THROTTLED: Retry.SAFE,
    FailureClass.UNREACHABLE: Retry.LATER,
    FailureClass.VALIDITY_EXPIRED: Retry.LATER,
}


class FallbackCondition(Enum):
    """When an SMS takes the place of a message over RCS; anything else, and what nobody understands, is none.

    ``UNAVAILABLE``: the number has no RCS, or its network does not. ``CAPABILITY``: the handset lacks what the message
    needs. ``EXPIRED``: it did not arrive in time and was taken back. ``AGENT_ERROR``: the agent, the message or the
    platform is at fault.

    Source: the four conditions of Sinch's RCS interface, ``rcs_unavailable``, ``capability_unsupported``, ``expired``
    and ``agent_error``.
    """

    UNAVAILABLE = "unavailable"
    CAPABILITY = "capability"
    EXPIRED = "expired"
    AGENT_ERROR = "agent_error"

    @classmethod
    def of(cls, failure: FailureClass, /) -> FallbackCondition | None:
        """Give the condition that a failure is; None for one that no other channel mends, such as an opposition."""
        return _CONDITIONS.get(failure)


_CONDITIONS = {
    FailureClass.CHANNEL_UNAVAILABLE: FallbackCondition.UNAVAILABLE,
    FailureClass.ROUTE_UNAVAILABLE: FallbackCondition.UNAVAILABLE,
    FailureClass.UNREACHABLE: FallbackCondition.UNAVAILABLE,
    # Of an agent, and not of a network: who has no RCS is unknown to it.
    FailureClass.UNKNOWN_SUBSCRIBER: FallbackCondition.UNAVAILABLE,
    FailureClass.CAPABILITY_UNSUPPORTED: FallbackCondition.CAPABILITY,
    FailureClass.HANDSET_ERROR: FallbackCondition.CAPABILITY,
    FailureClass.VALIDITY_EXPIRED: FallbackCondition.EXPIRED,
    FailureClass.BAD_REQUEST: FallbackCondition.AGENT_ERROR,
    FailureClass.CARRIER_ERROR: FallbackCondition.AGENT_ERROR,
    FailureClass.CONTENT_INVALID: FallbackCondition.AGENT_ERROR,
    FailureClass.PERMISSION: FallbackCondition.AGENT_ERROR,
    FailureClass.PROVIDER_ERROR: FallbackCondition.AGENT_ERROR,
    FailureClass.SENDER_INVALID: FallbackCondition.AGENT_ERROR,
    FailureClass.SENDER_UNREGISTERED: FallbackCondition.AGENT_ERROR,
    FailureClass.UNSUPPORTED: FallbackCondition.AGENT_ERROR,
}
