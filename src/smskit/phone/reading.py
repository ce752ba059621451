"""What came of reading one cell: a number, or the reason why there is none."""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen

from smskit.kinds import Reason
from smskit.phone.mask import mask


class Problem(Enum):
    """Why no message can go to what a cell holds. ``value`` is a stable word for files and logs.

    Attributes:
        reason: the disposition that the plan gives to the row.
        sentence: for the person who has to mend the file, in English.
        sentence_fr: the same in French.
    """

    reason: Reason
    sentence: str
    sentence_fr: str

    def __new__(cls, word: str, reason: Reason, sentence: str, sentence_fr: str) -> Problem:
        """Make the word the value; the rest are attributes."""
        member = object.__new__(cls)
        member._value_ = word
        member.reason = reason
        member.sentence = sentence
        member.sentence_fr = sentence_fr
        return member

    MISSING = (
        "missing",
        Reason.MISSING_NUMBER,
        "there is no number in the cell",
        "la cellule ne contient pas de numéro",
    )
    NOT_A_NUMBER = (
        "not_a_number",
        Reason.INVALID_NUMBER,
        "the cell holds letters or signs that no telephone number has",
        "la cellule contient des lettres ou des signes étrangers à un numéro de téléphone",
    )
    TWO_NUMBERS = (
        "two_numbers",
        Reason.INVALID_NUMBER,
        "the cell holds more than one number; keep the one to write to",
        "la cellule contient plusieurs numéros ; gardez celui auquel écrire",
    )
    SPREADSHEET_NOTATION = (
        "spreadsheet_notation",
        Reason.INVALID_NUMBER,
        "a spreadsheet rounded the number (6.12E+08); format the column as text and export again",
        "un tableur a arrondi le numéro (6,12E+08) ; mettez la colonne au format texte et exportez à nouveau",
    )
    EXTENSION = (
        "extension",
        Reason.INVALID_NUMBER,
        "the number has an extension, so it is no mobile",
        "le numéro a un poste interne, ce n'est donc pas un mobile",
    )
    TOO_SHORT = (
        "too_short",
        Reason.INVALID_NUMBER,
        "digits are missing",
        "il manque des chiffres",
    )
    TOO_LONG = (
        "too_long",
        Reason.INVALID_NUMBER,
        "there are too many digits",
        "il y a trop de chiffres",
    )
    INVALID = (
        "invalid",
        Reason.INVALID_NUMBER,
        "no such number has been given out; a digit may be wrong",
        "aucun numéro de cette forme n'est attribué ; un chiffre est peut-être faux",
    )
    NOT_MOBILE = (
        "not_mobile",
        Reason.NOT_MOBILE,
        "the number is valid but not a mobile (a fixed line, a premium or a service number)",
        "le numéro est valide mais n'est pas un mobile (ligne fixe, numéro surtaxé ou de service)",
    )


class Repair(Enum):
    """What was mended to get at the number; worth a look, since another number may have been meant."""

    sentence: str
    sentence_fr: str

    def __new__(cls, word: str, sentence: str, sentence_fr: str) -> Repair:
        """Make the word the value; the rest are attributes."""
        member = object.__new__(cls)
        member._value_ = word
        member.sentence = sentence
        member.sentence_fr = sentence_fr
        return member

    LOST_ZERO = (
        "lost_zero",
        "the leading zero was put back, as a spreadsheet drops it",
        "le zéro initial, perdu dans un tableur, a été remis",
    )
    DECIMAL_TAIL = (
        "decimal_tail",
        "the decimals that a spreadsheet added (.0) were dropped",
        "les décimales ajoutées par un tableur (.0) ont été ôtées",
    )
    MISSING_PLUS = (
        "missing_plus",
        "the number was read as international although its + is missing",
        "le numéro a été lu comme international bien que son + manque",
    )
    OVERSEAS_PREFIX = (
        "overseas_prefix",
        "the number is of another French territory, and was given the country code of that one",
        "le numéro est celui d'un autre territoire français, dont il a reçu l'indicatif",
    )


@frozen
class Reading:
    """One cell, read. ``number`` is 0 exactly when there is a ``problem``.

    Args:
        number: E.164 digits (33612345678), never one that cannot get a text message; 0 for none.
        problem: why there is no number.
        repair: what had to be mended; None for a number that was plainly written.
    """

    number: int = field(repr=mask)
    problem: Problem | None = None
    repair: Repair | None = None


REFUSED = {problem: Reading(0, problem) for problem in Problem}
"""The reading of each problem, made once: a column may hold many thousand of them."""
