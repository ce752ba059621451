"""Links in a text: short ones on the sender's own domain, one for each recipient."""

from __future__ import annotations

from hashlib import blake2b
from urllib.parse import urlencode, urlsplit, urlunsplit

from attrs import field, frozen

from smskit.errors import InvalidInput

TOKEN_LENGTH = 7
"""62 to the 7th is 3.5e12: a million random tokens expect 0.14 collisions, and the store refuses those."""

TOKEN_PLACEHOLDER = "0" * TOKEN_LENGTH
"""Stands for the token while a plan counts; it weighs what every token weighs."""

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SPACE = 62**TOKEN_LENGTH


def token_of(secret: bytes, run_id: str, seq: int, link: str, *, attempt: int = 0) -> str:
    """Give the token of one link of one send: 7 letters and digits that nobody can guess or count up.

    Args:
        secret: 16 to 64 bytes that only the store knows; reversible ids (sqids, hashids) would let a stranger
            walk through the recipients.
        run_id: the run.
        seq: the place in the run.
        link: the name of the link in the message.
        attempt: 1, 2, … when a token is already taken.
    """
    digest = blake2b(f"{run_id}\0{seq}\0{link}\0{attempt}".encode(), key=secret, digest_size=8).digest()
    value = int.from_bytes(digest, "big") % _SPACE
    letters: list[str] = []
    for _ in range(TOKEN_LENGTH):
        value, place = divmod(value, 62)
        letters.append(_BASE62[place])
    return "".join(letters)


def _domain(value: str) -> str:
    domain = value.strip().lower().removeprefix("https://").rstrip("/")
    if not domain.isascii() or "." not in domain or any(c in domain for c in "/@:?# \\"):
        raise InvalidInput(f"{value!r} is not a domain for short links; give a host of your own such as go.boutique.fr")
    return domain


@frozen
class ShortLinks:
    """Short links on a domain of your own: ``https://go.boutique.fr/4fT9bQz``.

    Your web application answers there: it looks the token up with ``store.link(token)``, records a click and
    redirects. A public shortener would hide the brand, and operators block those.

    Args:
        domain: a host that you own; a scheme in front is dropped, links are https.
        utm: append ``utm_source``, ``utm_medium`` and ``utm_campaign`` to the target (never to the short link).
    """

    domain: str = field(converter=_domain)
    utm: bool = field(default=False, kw_only=True)

    def url(self, token: str, /) -> str:
        """Give the whole short link for *token*."""
        return f"https://{self.domain}/{token}"

    def target(self, target: str, campaign: str) -> str:
        """Give where the link leads: *target*, with the campaign named for web analytics when asked to."""
        if not self.utm:
            return target
        parts = urlsplit(target)
        named = urlencode({"utm_source": "sms", "utm_medium": "sms", "utm_campaign": campaign})
        return urlunsplit(parts._replace(query=f"{parts.query}&{named}" if parts.query else named))
