"""The webhook calls that our tests make up are such as the carriers' own packages read: every field has their name.

Three packages have models of what comes in. A field that a model does not know would be one that we made up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from tests.oracles.test_oracle_signatures import contract_of, package

Unknown = Callable[[bytes], set[str]]


def extra_in(model: Any, path: str = "") -> Iterator[str]:
    """Give the places of fields that a pydantic model let pass without knowing them."""
    for name in model.model_extra or {}:
        yield f"{path}{name}"
    for name in type(model).model_fields:
        value = getattr(model, name)
        for one in value if isinstance(value, list) else [value]:
            if hasattr(one, "model_extra"):
                yield from extra_in(one, f"{path}{name}.")


def places_in(value: Mapping[str, object], path: str = "") -> Iterator[str]:
    for name, inner in value.items():
        yield f"{path}{name}"
        if isinstance(inner, dict):
            yield from places_in(inner, f"{path}{name}.")


def sinch(body: bytes) -> set[str]:
    events = package("sinch.domains.sms.sinch_events.v1.sms_sinch_event").SmsSinchEvent()
    return set(extra_in(events.parse_event(body.decode())))


def infobip(body: bytes) -> set[str]:
    models, unknown = package("infobip_api_client"), set()
    for told in json.loads(body).get("results", []):
        model = models.SmsInboundMessage if "receivedAt" in told else models.SmsDeliveryReport
        unknown |= set(places_in(told)) - set(places_in(model.from_dict(told).to_dict()))
    return unknown


def telnyx(body: bytes) -> set[str]:
    return set(extra_in(package("telnyx").Telnyx(api_key="none").webhooks.unsafe_unwrap(body.decode())))


# Words that nobody knows are told on purpose: there a package may stumble, and we may not.
STRANGE = {
    "infobip": {"a group that nobody knows"},
    "telnyx": {"a word that nobody knows", "an event of another product"},
}
UNMODELLED = {
    # Telnyx's own examples have them, its package's model of a reply does not.
    "telnyx": {"meta", "data.payload.wait_seconds"},
}


@pytest.mark.parametrize(("name", "unknown_in"), [("sinch", sinch), ("infobip", infobip), ("telnyx", telnyx)])
def test_the_fields_of_our_deliveries_are_those_of_the_package(name: str, unknown_in: Unknown):
    strange, seen = STRANGE.get(name, set()), set()
    for told in contract_of(name).told:
        if told.what in strange:
            seen.add(told.what)
            continue
        unknown = unknown_in(told.body)
        assert unknown <= UNMODELLED.get(name, set()), f"{told.what}: {unknown}"
    assert seen == strange, "an exception for a delivery that is no more"
