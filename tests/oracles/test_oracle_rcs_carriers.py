"""What our carriers over RCS are told, beside their own packages: their models hold it, and nothing of it gets lost."""

from __future__ import annotations

import importlib
import importlib.util
import json
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from tests.rcs.rich_messages import MESSAGES as ANY
from tests.transports.providers.rich_cases import MESSAGES, SUGGESTIONS, said

from smskit.display import Level
from smskit.rcs import RichMessage
from smskit.transports.providers.sinch_rcs import SinchRcs
from smskit.transports.providers.telnyx_rcs import WORDS as TELNYX
from smskit.transports.providers.telnyx_rcs import TelnyxRcs
from smskit.transports.providers.twilio_rcs import WORDS as TWILIO
from smskit.transports.providers.vonage_rcs import VonageRcs
from smskit.transports.wire.rich import Dialect

ALL = {**MESSAGES, **{what: RichMessage("Bonjour", suggestions=[one]) for what, one in SUGGESTIONS.items()}}
EACH = pytest.mark.parametrize("message", ALL.values(), ids=ALL)
VONAGE = VonageRcs(key="k", secret="s", agent="Agent")
SINCH = SinchRcs(token="t", project="p", app="a")


def package(module: str, name: str) -> Any:
    """Import a package of others, whatever it warns of; where it is not to be had the test is skipped."""
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        pytest.skip(f"the package {name} is not installed here; make test-oracles installs it")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(module)


def errors(dialect: Dialect, message: RichMessage) -> bool:
    return any(one.level is Level.ERROR for one in dialect.convert(message).losses)


# ---------------------------------------------------------------- Vonage


def vonage_model(body: dict[str, Any]) -> Any:
    models = package("vonage_messages.models.rcs", "vonage-messages")
    kind = body["message_type"]
    names = {"text": "RcsText", "card": "RcsCardMessage", "carousel": "RcsCarouselMessage", "image": "RcsImage",
             "video": "RcsVideo", "file": "RcsFile", "custom": "RcsCustom"}  # fmt: skip
    return getattr(models, names[kind])


TAPS = {"reply": "RcsSuggestionReply", "dial": "RcsSuggestionActionDial", "open_url": "RcsSuggestionActionOpenUrl",
        "view_location": "RcsSuggestionActionViewLocation", "share_location": "RcsSuggestionActionShareLocation",
        "open_url_in_webview": "RcsSuggestionActionOpenUrlWebview",
        "create_calendar_event": "RcsSuggestionActionCreateCalendarEvent"}  # fmt: skip


def constructed(value: Any) -> Any:
    """Make their objects of suggestions: a union of models that look alike would take the first that fits."""
    models = package("vonage_messages.models.rcs", "vonage-messages")
    if isinstance(value, list):
        return [constructed(one) for one in value]
    if not isinstance(value, dict):
        return value
    inner = {name: constructed(one) for name, one in value.items()}
    if value.get("type") in TAPS:
        kind = getattr(models, TAPS[value["type"]])
        unknown = set(inner) - {"type"} - set(kind.model_fields)
        assert not unknown, unknown
        return kind(**{name: one for name, one in inner.items() if name != "type"})
    return inner


def vonage_round_trip(message: RichMessage) -> None:
    body = json.loads(VONAGE.request([said(message)]).body)
    told = {"from_" if name == "from" else name: constructed(value) for name, value in body.items()}
    made = vonage_model(body)(**{name: one for name, one in told.items() if name not in ("channel", "message_type")})
    assert made.model_dump(by_alias=True, exclude_none=True, mode="json") == body


@EACH
def test_the_models_of_vonage_hold_what_vonage_is_told(message: RichMessage) -> None:
    if errors(VONAGE.words, message):
        pytest.skip("Vonage cannot carry it, and it is refused")
    vonage_round_trip(message)


@settings(max_examples=150, deadline=None)
@given(ANY)
def test_what_is_not_refused_here_is_not_refused_by_the_models_of_vonage(message: RichMessage) -> None:
    package("vonage_messages.models.rcs", "vonage-messages")
    if not errors(VONAGE.words, message):
        vonage_round_trip(message)


# ---------------------------------------------------------------- Sinch


def sinch_round_trip(message: RichMessage) -> None:
    path = "sinch.domains.conversation.models.v1.messages.internal.request.send_message_request"
    model = package(path, "sinch").SendMessageRequest
    body = json.loads(SINCH.request([said(message)]).body)
    made = model(**body)
    again = json.loads(made.model_dump_json(by_alias=True, exclude_none=True))
    assert again == body


@EACH
def test_the_models_of_sinch_hold_what_sinch_is_told(message: RichMessage) -> None:
    if errors(SINCH.words, message):
        pytest.skip("Sinch cannot carry it, and it is refused")
    sinch_round_trip(message)


# ---------------------------------------------------------------- Telnyx


def telnyx_round_trip(message: RichMessage) -> None:
    model = package("telnyx.types.rcs_agent_message", "telnyx").RcsAgentMessage
    body = json.loads(json.dumps(TELNYX.convert(message).body))
    held = model.model_validate(body)
    assert json.loads(held.model_dump_json(exclude_unset=True)) == body
    assert not held.model_extra


@EACH
def test_the_models_of_telnyx_hold_what_telnyx_is_told(message: RichMessage) -> None:
    telnyx_round_trip(message)


def test_the_request_of_telnyx_has_the_members_of_its_package() -> None:
    params = package("telnyx.types.messages.rc_send_params", "telnyx").RcSendParams
    provider = TelnyxRcs(key="k", profile="p", agent="Agent", callback="https://a.example/b")
    body = json.loads(provider.request([said(MESSAGES["a card"])]).body)
    assert set(body) <= set(params.__annotations__)
    assert {"agent_id", "agent_message", "messaging_profile_id", "to"} <= set(body)


# ---------------------------------------------------------------- Twilio


@EACH
def test_the_models_of_twilio_hold_what_twilio_is_told(message: RichMessage) -> None:
    if errors(TWILIO, message):
        pytest.skip("Twilio cannot carry it, and it is refused")
    content = package("twilio.rest.content.v1.content", "twilio").ContentList
    types = json.loads(json.dumps(TWILIO.convert(message).body))
    held = _pruned(content.Types(types).to_dict())
    # twilio 9.13.0 has no body in its card, which Twilio's pages have.
    for name, told in types.items():
        if name == "twilio/card":
            told.pop("body", None)
    assert held == types


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name.replace("twilio_", "twilio/"): _pruned(one) for name, one in value.items() if one is not None}
    return [_pruned(one) for one in value] if isinstance(value, list) else value
