"""From what people and programs leave in a cell to a plus sign and digits, or to a problem.

Nothing here knows a numbering plan: that two numbers stand in a cell, or letters, shows without one.
"""

from __future__ import annotations

import re
import unicodedata

from attrs import frozen

from smskit.phone.reading import Problem

# What is no number is cut to this length before it is looked into: a novel in a cell costs no time.
_LONGEST = 200

# A word before the number says what it is and is no part of it.
_LABEL = re.compile(
    r"(?:tel|tél|téléphone|telephone|phone|mobile|mob|portable|port|gsm|cell)(?![a-zé])[.:\s]*",
    re.IGNORECASE,
)
_TEL_URI = re.compile(r"tel:(?P<number>[^;]*)(?P<parameters>;.*)?", re.IGNORECASE | re.DOTALL)
_CONTEXT = re.compile(r";phone-context=(\+\d{1,3})(?:;|$)", re.IGNORECASE)
_EXTENSION_PARAMETER = re.compile(r";ext=", re.IGNORECASE)

_ONE_NUMBER = re.compile(r"[ .()\[\]_'\-]*\+*[0-9 .()\[\]_'\-]*")
_SLASHED = re.compile(r"\+?[0-9 .()\-/,]*")
_DECIMAL_TAIL = re.compile(r"(\+?[0-9]+)[.,]0{1,2}")
_SCIENTIFIC = re.compile(r"[+\-]?[0-9]+(?:[.,][0-9]*)?e[+\-]?[0-9]{1,3}", re.IGNORECASE)
_EXTENSION = re.compile(r"[^a-z]*[0-9][^a-z]*(?:x|ext|extn|extension|poste|#)[ .:=]*[0-9]+", re.IGNORECASE)
_BREAK = re.compile(r"[/;,|&\n\r\t]|\b(?:ou|et|or|and)\b|(?<=[0-9]) *(?=\+)", re.IGNORECASE)
_NO_DIGIT = re.compile(r"[^0-9]+")
_NOTHING = frozenset({"", "nan", "none", "null", "na", "nc", "nr", "néant", "aucun", "sans", "inconnu"})

# Fewer digits than this between two breaks are a group of one number (02/123.45.67), more are a number.
_SHORTEST_OF_TWO = 7


class _Plain(dict[int, str]):
    """Maps each character to the plain one that means the same; learns as it meets them."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = plain = _plain(character)
        return plain


def _plain(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(character)
    # Cf are the marks that contact exports and chats leave around numbers: directions, zero-width, BOM.
    if category in ("Cf", "Cc") and character not in "\n\r\t":
        return ""
    if category == "Zs":
        return " "
    if category in ("Zl", "Zp"):
        return "\n"
    if category == "Pd" or character == "−":
        return "-"
    if character in "’‘ʼ`´":
        return "'"
    # Full-width signs: + ( ) . / and letters.
    return unicodedata.normalize("NFKC", character) if "\uff00" <= character <= "\uffee" else character


_PLAIN = _Plain()
_NOT_DIGITS = dict.fromkeys(map(ord, " .()[]_'-/,"))


@frozen
class Dialled:
    """The digits of one number, with its plus where one was written, and whether ``.0`` stood behind."""

    digits: str
    decimal_tail: bool = False


def dialled(cell: str) -> Dialled | Problem:
    """Reduce *cell* to what would be dialled.

    Args:
        cell: any text.

    Returns:
        ``+33612345678`` or ``0612345678``, at least one digit; or why the cell does not hold one number.
    """
    text = cell if cell.isascii() else cell.translate(_PLAIN)
    text = text.strip(" \t\r\n'\"=;,/|")
    label = _LABEL.match(text)
    if label:
        uri = _TEL_URI.fullmatch(text)
        if uri and uri["parameters"]:
            return _of_uri(uri["number"], uri["parameters"])
        text = text[label.end() :]
    tail = _DECIMAL_TAIL.fullmatch(text)
    if tail:
        return Dialled(tail[1], decimal_tail=True)
    if _ONE_NUMBER.fullmatch(text):
        return _joined(text)
    return _many_or_none(text[:_LONGEST])


def _joined(text: str) -> Dialled | Problem:
    digits = text.translate(_NOT_DIGITS)
    signs = digits.count("+")
    if len(digits) == signs:
        return Problem.MISSING
    # Two plus signs are one typed twice; phonenumbers reads it so too.
    return Dialled(digits[signs - 1 :] if signs else digits)


def _of_uri(number: str, parameters: str) -> Dialled | Problem:
    """Read a ``tel:`` link with parameters. Source: RFC 3966 clause 5.1.5 (phone-context is put before)."""
    if _EXTENSION_PARAMETER.search(parameters):
        return Problem.EXTENSION
    context = _CONTEXT.search(parameters)
    if context and not number.startswith("+"):
        number = context[1] + number
    return dialled(number)


def _many_or_none(text: str) -> Dialled | Problem:
    """Tell what is wrong with a text that has more in it than digits and the usual separators."""
    if text.lower().replace("/", "").replace(".", "").strip("#-? ") in _NOTHING:
        return Problem.MISSING
    if _SCIENTIFIC.fullmatch(text):
        return Problem.SPREADSHEET_NOTATION
    pieces = _BREAK.split(text)
    if sum(len(_NO_DIGIT.sub("", piece)) >= _SHORTEST_OF_TWO for piece in pieces) > 1:
        return Problem.TWO_NUMBERS
    if _SLASHED.fullmatch(text):
        return _joined(text)
    if _EXTENSION.fullmatch(text):
        return Problem.EXTENSION
    return Problem.NOT_A_NUMBER
