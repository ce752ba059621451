"""What a person answers: words by which somebody leaves, and words by which somebody comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import cast

from smskit.compliance.folding import fold
from smskit.compliance.rules import Rules
from smskit.compliance.territories import WORLD
from smskit.errors import InvalidInput
from smskit.kinds import Kind

# Words that open an ordinary sentence ("Fin avril je passe", "Annuler mon rendez-vous"): they count alone only.
_ALONE_ONLY = frozenset(
    {"fin", "end", "cancel", "remove", "annuler", "arret", "alto", "baja", "basta", "ende", "ferma", "cancella"}
    | {"annulla", "parar", "sair", "koniec", "quit"}
)

_CANCELS = frozenset({"annuler", "cancel", "cancelar", "cancella", "annulla"})

# Ways of saying it without the word in front; "ne ... pas" before them turns them round.
_PHRASES = re.compile(
    r"\b(?:me desabonner|je me desabonne|desabonnez[- ]moi|desinscrivez[- ]moi|me desinscrire|je me desinscris|"
    r"ne plus recevoir|n[e'] ?(?:m[e'] ?)?(?:envoyez|ecrivez|contactez|sollicitez) plus|plus (?:de|aucun) "
    r"(?:sms|messages?|pubs?|publicites?)|retirez[- ]moi|unsubscribe me|opt me out|remove me|take me off|"
    r"stop (?:texting|messaging|sending|contacting)|no more (?:texts|messages|sms))\b"
)
# People are polite while they leave: "Bonjour, STOP svp".
_POLITE = frozenset({"bonjour", "bonsoir", "salut", "merci", "svp", "stp", "hello", "hi", "please", "pls", "thanks"})
_LONGEST_FAREWELL = 6
# "Non stop" and "sans stop" are words of a trade, or of somebody who praises.
_NOT_BEFORE_STOP = frozenset({"non", "sans", "pit", "full", "bus", "no", "le", "un", "au", "ce", "the", "a"})
_NEGATIONS = frozenset({"ne", "n", "pas", "jamais", "not", "never", "don't", "dont"})
_STRETCHED = re.compile(r"s+t+o+p+")

_TURNED_ROUND = re.compile(r"\b(?:ne|n'|pas|not|don't|dont|never|jamais)\b[^.!?]{0,25}$")
_TOKENS = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


def opt_out_word(text: str, /, *, thread: Kind = Kind.MARKETING) -> str | None:
    """Find the word by which *text* withdraws, after accent folding.

    It may be the whole message, its first word, STOP at the end of a short message, or a phrase that says so; words of
    politeness do not count, and STOP may be stretched or spelt out.

    Args:
        text: what the person wrote.
        thread: what it answers. ``ANNULER`` and ``CANCEL`` withdraw from marketing; behind a notification they are
            about the appointment or the order.

    Returns:
        The word in capitals (``STOP``, ``ARRET``, ``OPT OUT``), None when the text does not withdraw.
        ``Ne stoppez pas``, ``Non-stop`` and a question do not.

    Source: 47 CFR 64.1200(a)(10) for the English words and "any reasonable means"; AF2M charter for STOP.
    """
    folded = fold(text).strip()
    words = _words("opt_out_words")
    tokens = _plain(_TOKENS.findall(folded))
    if not tokens:
        return None
    whole = " ".join(tokens)
    if whole in words and (thread is Kind.MARKETING or whole not in _CANCELS):
        return words[whole]
    if folded.endswith("?"):
        return None
    for first in (" ".join(tokens[:2]), tokens[0], _stop_at_the_end(tokens)):
        if first in words and first not in _ALONE_ONLY:
            return words[first]
    phrase = _PHRASES.search(folded)
    if phrase and not _TURNED_ROUND.search(folded[: phrase.start()]):
        return phrase[0].upper()
    return None


def _plain(tokens: list[str]) -> list[str]:
    """Give the words without the politeness around them, and STOP as one word however it was typed."""
    polite = [token for token in tokens if token not in _POLITE]
    tokens = polite or tokens
    if "".join(tokens) == "stop":
        return ["stop"]
    return ["stop" if _STRETCHED.fullmatch(token) else token for token in tokens]


def _stop_at_the_end(tokens: list[str]) -> str:
    """Give the STOP that ends a short message; empty when the words before make something else of it."""
    is_short = 1 < len(tokens) <= _LONGEST_FAREWELL
    if not is_short or tokens[-1] != "stop" or tokens[-2] in _NOT_BEFORE_STOP or _NEGATIONS & set(tokens):
        return ""
    return "stop"


def opt_in_word(text: str, /) -> str | None:
    """Find the word by which *text*, taken whole, consents again (``START``, ``OUI``); None when it does not.

    What it gives is a consent only on a thread where the question was asked; keep the message as its evidence.
    """
    whole = " ".join(_TOKENS.findall(fold(text)))
    return _words("opt_in_words").get(whole)


def stop_confirmation(advertiser: str, language: str = "fr") -> str:
    """Give the one message that tells a person that an opt-out was heard; it sells nothing and fits one part.

    It is due at once and at any hour (``FR.STOP.ACK``, ``US.OPTOUT.CONFIRM``: within five minutes) and costs what a
    message costs. Carriers that answer STOP themselves already send it: do not send it twice.

    Args:
        advertiser: who will be silent, as the person knows it; cut after 40 characters.
        language: ``fr`` or ``en``.

    Raises:
        InvalidInput: no text in that language, or no advertiser.
    """
    name = advertiser.strip()[:40]
    if language not in _CONFIRMATIONS or not name:
        raise InvalidInput(f"a confirmation needs an advertiser and one of {', '.join(_CONFIRMATIONS)}")
    return _CONFIRMATIONS[language].format(name)


_CONFIRMATIONS = {
    "fr": "{} : votre demande est prise en compte, nos envois par SMS cessent.",
    "en": "{}: you are unsubscribed, no further SMS will follow from us.",
}


@cache
def _words(table: str) -> Mapping[str, str]:
    by_language = cast("Mapping[str, list[str]]", Rules.default().table(WORLD, table))
    words = {fold(word): fold(word).upper() for words in by_language.values() for word in words}
    return {" ".join(_TOKENS.findall(key)): word for key, word in words.items()}
