"""The closed lists of words in which rules are written and campaigns declare themselves."""

from __future__ import annotations

from enum import Enum


class Profile(Enum):
    """How much is held back beyond what is binding.

    ``LAW``: statutes, regulators, operators' charters and carrier rules; in France Sundays and public holidays wait
    too, because the carriers hold those messages anyway and would release them at an hour that nobody chose.
    ``CHARTER``: the same, but the French charter of 2026 read to the letter: Sundays and holidays are only warned of.
    ``STRICT``: ``LAW``, and also what single providers ask for, and customary holidays overseas.
    """

    LAW = "law"
    CHARTER = "charter"
    STRICT = "strict"


class Effect(Enum):
    """What a rule does to a message. Blocked beats deferred beats allowed; a warning changes nothing."""

    BLOCK = "block"
    DEFER = "defer"
    WARN = "warn"
    NONE = "none"


class Force(Enum):
    """Who made the rule, from the strongest to the weakest."""

    LAW = "law"
    REGULATOR = "regulator"
    INDUSTRY_CODE = "industry_code"
    CARRIER = "carrier"
    PROVIDER = "provider"
    RECOMMENDATION = "recommendation"
    HOUSE = "house"


class Confidence(Enum):
    """How the row was established: the rule-maker's own text, somebody who quotes it, or memory alone."""

    VERIFIED = "verified"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"


class Sector(Enum):
    """What a campaign sells, where the law looks at it. ``OTHER`` says: none of these."""

    TRAINING = "training"
    RENOVATION = "renovation"
    ALCOHOL = "alcohol"
    TOBACCO = "tobacco"
    GAMBLING = "gambling"
    ADULT = "adult"
    CREDIT = "credit"
    POLITICAL = "political"
    CHARITY = "charity"
    OTHER = "other"


class Declaration(Enum):
    """What only the sender can know and therefore states, answering for it."""

    ONGOING_TRAINING = "ongoing_training"
    LINKED_TO_TRAINING = "linked_to_training"
    CONTRACT_IN_PROGRESS = "contract_in_progress"
    PROFESSIONAL_RECIPIENTS = "professional_recipients"
    RELATES_TO_PROFESSION = "relates_to_profession"
    INFORMED_AT_COLLECTION = "informed_at_collection"
    SENDER_AUTHORISED = "sender_authorised"
    SENDER_REGISTERED = "sender_registered"
    SENDER_IS_COMPANY_NAME = "sender_is_company_name"
    CONVERSATIONAL_SENDER = "conversational_sender"
    LICENSED_OPERATOR = "licensed_operator"
    NIGHT_CONSENT = "night_consent"
    DOMESTIC_ROUTE = "domestic_route"


class Check(Enum):
    """Which predicate a rule is decided by; the rule's settings are its constants.

    ``INFORMATION`` is decided by nobody: the row documents a duty or a fact that no message shows.
    """

    INFORMATION = "information"
    NO_RULES = "no_rules"
    ZONE_UNKNOWN = "zone_unknown"
    CONSENT_PRIOR = "consent_prior"
    CONSENT_VALID = "consent_valid"
    CONSENT_PROOF = "consent_proof"
    CONSENT_CHANNEL = "consent_channel"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    RETENTION = "retention"
    MINOR = "minor"
    CUSTOMER_SALE = "customer_sale"
    CUSTOMER_SIMILAR = "customer_similar"
    CUSTOMER_ENTITY = "customer_entity"
    CUSTOMER_DIRECT = "customer_direct"
    CUSTOMER_OPT_OUT = "customer_opt_out"
    PROFESSIONAL = "professional"
    NON_COMMERCIAL = "non_commercial"
    ASSESSMENT = "assessment"
    HOURS = "hours"
    VOTE = "vote"
    FREQUENCY = "frequency"
    STOP_MENTION = "stop_mention"
    STOP_NUMBER = "stop_number"
    STOP_TWICE = "stop_twice"
    IDENTITY = "identity"
    SELLS = "sells"
    PREMIUM = "premium"
    SENDER_PATTERN = "sender_pattern"
    SENDER_NUMBER = "sender_number"
    SENDER_SHORT_CODE = "sender_short_code"
    SENDER_GENERIC = "sender_generic"
    SENDER_BRAND = "sender_brand"
    SENDER_REGISTER = "sender_register"
    ROUTE = "route"
    URL_ALLOW_LIST = "url_allow_list"
    URL_SHORTENER = "url_shortener"
    URL_SPOOF = "url_spoof"
    BRAND_LINK = "brand_link"
    SECTOR = "sector"
    GIFT = "gift"
    MENTION = "mention"
    BANK_DATA = "bank_data"
