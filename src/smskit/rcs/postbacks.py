"""What comes back when somebody taps a suggestion: who is to handle it, and whether it is what was sent."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final, TypeVar

from attrs import frozen

from smskit.errors import InvalidInput
from smskit.rcs import limits
from smskit.records import Event

SHORTEST_SECRET: Final = 16
_MOST_CHARACTERS: Final = limits.count("suggestion.postback.max")
_TAG_BYTES: Final = 12
_BEFORE_TAG: Final = "."

Handler = Callable[..., object]
"""Is called with the event and what stands in place of each star of its pattern."""

H = TypeVar("H", bound=Handler)


def sign(data: str, secret: str, /) -> str:
    """Give *data* with a tag behind it that nobody makes without *secret*; the data stay readable.

    A tag says that you wrote the data, and not for whom: a postback that is worth something names its recipient.

    Args:
        data: what a suggestion carries, such as ``order:4711``.
        secret: 16 characters or more, yours alone.

    Returns:
        *data*, a point and 16 characters: 96 bits of HMAC-SHA256 in the alphabet of addresses.

    Raises:
        InvalidInput: a short secret, half a character, or more than 2048 characters with the tag.
    """
    signed = f"{data}{_BEFORE_TAG}{_tag(data, _checked(secret))}"
    if len(signed) > _MOST_CHARACTERS:
        raise InvalidInput(f"a postback has {_MOST_CHARACTERS} characters at most, its tag included: {len(signed)}")
    return signed


def verify(signed: str, secrets: str | Iterable[str], /) -> str | None:
    """Give the data that one of *secrets* signed; None for what is forged, changed or not signed.

    Several secrets are for the time in which one gives way to the next.

    Raises:
        InvalidInput: a secret of fewer than 16 characters.
    """
    known = [_checked(secret) for secret in ((secrets,) if isinstance(secrets, str) else tuple(secrets))]
    data, point, tag = signed.rpartition(_BEFORE_TAG)
    if not point:
        return None  # a tag alone would be that of no data
    try:
        genuine = [hmac.compare_digest(_tag(data, secret).encode(), tag.encode()) for secret in known]
    except (InvalidInput, UnicodeEncodeError):
        return None  # half a character, which nobody signed
    return data if any(genuine) else None


def _tag(data: str, secret: str) -> str:
    try:
        digest = hmac.new(secret.encode(), data.encode(), sha256).digest()
    except UnicodeEncodeError:
        raise InvalidInput("a postback holds half a character") from None
    return urlsafe_b64encode(digest[:_TAG_BYTES]).decode()


def _checked(secret: str) -> str:
    if len(secret) < SHORTEST_SECRET:
        raise InvalidInput(
            f"a secret has {SHORTEST_SECRET} characters or more; make one with secrets.token_urlsafe(24)"
        )
    return secret


@frozen
class _Route:
    texts: Sequence[str]
    """What stands between the stars of the pattern."""
    handler: Handler


def _stars(texts: Sequence[str], data: str) -> Sequence[str] | None:
    """Give what stands in place of each star, the first as long as can be; None when *data* does not fit.

    From the end, each text as far back as it is found: a regular expression with as many stars would try every way to
    cut what a stranger sent, and take minutes for it.
    """
    if len(texts) == 1:
        return () if data == texts[0] else None
    first, *between, last = texts
    end = len(data) - len(last)
    if end < len(first) or not (data.startswith(first) and data.endswith(last)):
        return None
    stars: list[str] = []
    for text in reversed(between):
        start = data.rfind(text, len(first), end)
        if start < 0:
            return None
        stars.append(data[start + len(text) : end])
        end = start
    stars.append(data[len(first) : end])
    return stars[::-1]


class Postbacks:
    """Leads each tapped suggestion to a function of yours: ``Postbacks({"order:*": show_order})``.

    Or with a name above each function::

        postbacks = Postbacks(secrets=SECRET)

        @postbacks.on("order:*")
        def show_order(event, order): ...

        for event in parse_events(...):
            postbacks.route(event)

    Patterns are tried in their order, and the first that fits counts. A star stands for any text, also for none, and
    what it stands for is handed to the function; any other character stands for itself.

    Args:
        table: functions by pattern, as with :meth:`on`.
        secrets: what postbacks are signed with; several while you change it. With one, what was not signed is nobody's.

    Raises:
        InvalidInput: a secret of fewer than 16 characters.
    """

    __slots__ = ("_routes", "_secrets")

    def __init__(self, table: Mapping[str, Handler] | None = None, *, secrets: str | Iterable[str] = ()) -> None:
        self._secrets = tuple(map(_checked, (secrets,) if isinstance(secrets, str) else secrets))
        self._routes: list[_Route] = []
        for pattern, handler in (table or {}).items():
            self.on(pattern)(handler)

    def __repr__(self) -> str:
        return f"Postbacks({len(self._routes)} patterns{', signed' if self._secrets else ''})"

    def on(self, pattern: str, /) -> Callable[[H], H]:
        """Have the function below it be called for postbacks of *pattern*."""
        texts = tuple(pattern.split("*"))

        def add(handler: H) -> H:
            self._routes.append(_Route(texts, handler))
            return handler

        return add

    def sign(self, data: str, /) -> str:
        """Sign the postback of a suggestion with the first secret: ``Reply("Oui", postback=postbacks.sign("oui"))``.

        Raises:
            InvalidInput: there is no secret, or :func:`sign` refuses the data.
        """
        if not self._secrets:
            raise InvalidInput("Postbacks(secrets=...) signs, and there are none")
        return sign(data, self._secrets[0])

    def data_in(self, event: Event, /) -> str | None:
        """Give what stands behind the suggestion that was tapped, without its tag.

        None where nothing was tapped, and where there are secrets and none of them signed it.
        """
        if event.postback is None or not self._secrets:
            return event.postback
        return verify(event.postback, self._secrets)

    def route(self, event: Event, /) -> bool:
        """Call the function of the first pattern that fits; tell whether there was one.

        What the function raises goes through: give the webhook an answer that has the carrier come again. It does so
        with the same key, so a function has to bear being called twice.
        """
        data = self.data_in(event)
        if data is None:
            return False
        for route in self._routes:
            if (stars := _stars(route.texts, data)) is not None:
                route.handler(event, *stars)
                return True
        return False
