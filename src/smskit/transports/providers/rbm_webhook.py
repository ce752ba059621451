"""What RBM tells at a webhook: the envelope, its signature, and the events in it.

Sources: RCS for Business, guides 'Webhooks' and 'Receive messages' as of 2026-04; the types UserMessage, UserEvent and
ServerEvent of Google's generated clients (2025-07); seen 2026-11. The signature covers the decoded ``data`` alone:
nothing else of the envelope is believed.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from smskit.errors import WebhookError
from smskit.kinds import EventType
from smskit.protocols import WebhookRequest
from smskit.records import Event
from smskit.transports.wire.reading import code_in, dig, fields_of, instant_in, json_in, number_in, text_in, until
from smskit.transports.wire.signatures import hmac_base64, same, sha256_hex
from smskit.transports.wire.webhooks import Webhook, header

if TYPE_CHECKING:
    from smskit.transports.wire.provider import HttpProvider

SIGNATURE: Final = "x-goog-signature"
AGENT_SUFFIX: Final = "@rbm.goog"

TOLD_AGAIN_FOR: Final = timedelta(days=38)
"""How old an event may be: a message waits for 31 days at most, and a webhook is called for 7. Older ones are replays.

A younger replay changes nothing: it has the key of the event that it repeats."""

_SAID: Final = ("text", "suggestionResponse", "location", "userFile")
_WORDS: Final[Mapping[str, EventType]] = {
    "IS_TYPING": EventType.TYPING,
    "SUBSCRIBE": EventType.OPT_IN,
    "UNSUBSCRIBE": EventType.OPT_OUT,
}


def data_in(body: bytes) -> bytes:
    """Give the event in the envelope of a call, as it was signed.

    Raises:
        WebhookError: there is none.
    """
    data = dig(json_in(body), "message", "data")
    if not isinstance(data, str) or not data:
        raise WebhookError("the body is not an event of RBM: it has no message.data")
    try:
        return b64decode(data, validate=True)
    except (NotBase64, ValueError) as error:
        raise WebhookError("message.data is not base64") from error


def check_signature(webhook: Webhook, request: WebhookRequest) -> None:
    """Check that one of the client tokens signed the event.

    Raises:
        WebhookError: none did.
    """
    signed = data_in(request.body)
    genuine = [hmac_base64(token, signed, "sha512") for token in webhook.secrets]
    if not same(header(request, SIGNATURE), genuine):
        raise WebhookError("RBM did not sign this event with a client token of yours (X-Goog-Signature)")


def handshake_answer(webhook: Webhook, request: WebhookRequest) -> str | None:
    """Give what the call by which RBM gets to know a webhook is answered with; None for any other call.

    Raises:
        WebhookError: it is such a call, and it does not have a client token of ours.
    """
    told = fields_of(json_in(request.body))
    token, secret = told.get("clientToken"), told.get("secret")
    if not isinstance(token, str) or not isinstance(secret, str) or "message" in told:
        return None
    is_known = webhook.check_path(request.url)
    if webhook.secrets:
        is_known = same(token, webhook.secrets)
    if not is_known and not webhook.accept_unverified:
        raise WebhookError("the call that sets up this webhook does not have its client token; give Webhook(secrets=)")
    return secret


def told_in(request: WebhookRequest) -> Mapping[str, object]:
    """Give the event of a call, as RBM wrote it.

    Raises:
        WebhookError: there is none.
    """
    told = fields_of(json_in(data_in(request.body)))
    if not told:
        raise WebhookError("message.data holds no event of RBM")
    return told


def events_in(provider: HttpProvider, agent: str, request: WebhookRequest, now: datetime) -> Iterator[Event]:
    """Read an event; nothing for one of another agent, and for one that is not about a person.

    Raises:
        WebhookError: it cannot be read, or is too old to be anything but a replay.
    """
    told = told_in(request)
    number = number_in(told.get("senderPhoneNumber")) or number_in(told.get("phoneNumber"))
    whose = text_in(told.get("agentId")).removesuffix(AGENT_SUFFIX)
    if number is None or whose not in ("", agent):
        return
    at = instant_in(told.get("sendTime"))
    if at is not None and now - at > TOLD_AGAIN_FOR:
        raise WebhookError(f"the event is {(now - at).days} days old; RBM tells none again after so long")
    at = until(at, now)
    if any(name in told for name in _SAID):
        yield _reply(provider, told, number, at, _own_id(told, request))
        return
    word, message_id = text_in(told.get("eventType")), text_in(told.get("messageId"))
    if word in _WORDS:
        yield provider.event(_WORDS[word], at, number=number, own_id=_own_id(told, request), code=word)
    elif code_in(word) and message_id:
        # By message and word alone: an event that is made again has another id.
        meaning = provider.meant("event", word)
        yield provider.event(
            EventType.RECEIPT, at, number=number, provider_id=message_id, meaning=meaning, code=code_in(word)
        )


def _own_id(told: Mapping[str, object], request: WebhookRequest) -> str:
    return text_in(told.get("eventId")) or text_in(told.get("messageId")) or sha256_hex(data_in(request.body))


def _reply(provider: HttpProvider, told: Mapping[str, object], number: int, at: datetime, own_id: str) -> Event:
    tapped = told.get("suggestionResponse")
    text = text_in(told.get("text")) or text_in(dig(tapped, "text"))
    postback = dig(tapped, "postbackData")
    # What has neither text nor postback is told by its name; what stands in it, Rbm.told gives.
    what = next((name for name in _SAID[2:] if name in told), "")
    return provider.event(
        EventType.REPLY, at, number=number, text=text or None, own_id=own_id, code=what,
        postback=postback if isinstance(postback, str) else None,
    )  # fmt: skip
