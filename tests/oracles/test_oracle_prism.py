"""Prism, which nobody here wrote, checks our requests against the bodies that carriers publish.

The document that it serves is made at test time from the published schemas in tests/vectors, with an answer for each.
It takes fields that it does not know; the closed check of them stands in tests/transports/providers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from attrs import evolve
from tests.oracles.cases import CASES
from tests.oracles.packages import ORACLES
from tests.oracles.prism import serving

from smskit.protocols import Call, Reply
from smskit.transports.client import Client
from smskit.transports.http import BlockingHttpCaller

VECTORS = Path(__file__).parents[1] / "vectors" / "provider_request_schemas.json"

SERVED = {
    # the carrier: which schema, where our requests go below its base, how a success is told
    "twilio": ("twilio", "/2010-04-01/Accounts/{AccountSid}/Messages.json", 201),
    "vonage_sms": ("vonage-sms", "/sms/json", 200),
    "telnyx": ("telnyx", "/messages", 200),
    "infobip": ("infobip", "/sms/3/messages", 200),
    "messagebird": ("messagebird", "/messages", 201),
}


WRONG_DOCUMENTS = {
    # The document has a number here; the carrier's description beside it and its own package have a time as text.
    ("messagebird", "scheduled"): "scheduledDatetime",
}


def document() -> Mapping[str, Any]:
    """Give an OpenAPI document with the published bodies, each carrier below its own name."""
    schemas = json.loads(VECTORS.read_text("utf-8"))["schemas"]
    paths = {}
    for carrier, (name, path, status) in SERVED.items():
        published = schemas[name]
        schema = published["schema"]
        if carrier == "vonage_sms":
            # The document of 2021 knows the key as a field; the carrier's package of today and we say it in a header.
            schema = {**schema, "required": [one for one in schema["required"] if one != "api_key"]}
        answer = {"description": "taken", "content": {"application/json": {"example": {"id": "1"}}}}
        paths[f"/{carrier}{path}"] = {
            "parameters": [
                {"name": "AccountSid", "in": "path", "required": True, "schema": {"pattern": "^AC[0-9a-f]{32}$"}}
            ]
            if "{" in path
            else [],
            "post": {
                "requestBody": {"required": True, "content": {published["content_type"]: {"schema": schema}}},
                "responses": {str(status): answer},
            },
        }
    return {"openapi": "3.1.0", "info": {"title": "what carriers publish", "version": "1"}, "paths": paths}


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(document(), tmp_path_factory.mktemp("prism")) as address:
        yield address


def sent(prism: str, carrier: str, case: str, change: Callable[[Call], Call] = lambda call: call) -> list[Reply]:
    """Send a case by our provider to Prism; *change* what is sent on the way."""
    replies: list[Reply] = []
    provider = evolve(ORACLES[carrier]().ours(CASES[case].callback), base_url=f"{prism}/{carrier}")
    with BlockingHttpCaller() as caller:

        def call(one: Call) -> Reply:
            replies.append(caller(change(one)))
            return replies[-1]

        with Client(provider, caller=call, sleep=lambda _: None) as client:
            client.submit(CASES[case].messages)
    return replies


@pytest.mark.parametrize("carrier", SERVED)
def test_our_requests_are_taken(prism: str, carrier: str):
    for case in ORACLES[carrier]().cases:
        (reply,) = sent(prism, carrier, case)
        if place := WRONG_DOCUMENTS.get((carrier, case)):
            wrong = [problem["location"] for problem in json.loads(reply.body)["validation"]]
            assert wrong == [["body", place]], f"{case}: {reply.body[:400]!r}"
            continue
        assert reply.status == SERVED[carrier][2], f"{case}: {reply.status} {reply.body[:400]!r}"


def form(**changes: str | None) -> Callable[[Call], Call]:
    def change(call: Call) -> Call:
        fields = {**dict(parse_qsl(call.body.decode(), keep_blank_values=True)), **changes}
        return evolve(call, body=urlencode({name: one for name, one in fields.items() if one is not None}).encode())

    return change


def json_with(edit: Callable[[dict[str, Any]], object]) -> Callable[[Call], Call]:
    def change(call: Call) -> Call:
        told = json.loads(call.body)
        edit(told)
        return evolve(call, body=json.dumps(told).encode())

    return change


BROKEN = [
    # what                                        carrier        how it is broken
    ("Twilio: nobody to send to",                 "twilio",      form(To=None)),
    ("Twilio: a kind of schedule that is none",   "twilio",      form(ScheduleType="later")),
    ("Twilio: a validity that is no number",      "twilio",      form(ValidityPeriod="abc")),
    ("Twilio: a service that is none",            "twilio",      form(MessagingServiceSid="MG12")),
    ("Vonage: nobody to send to",                 "vonage_sms",  form(to=None)),
    ("Vonage: a validity below the least",        "vonage_sms",  form(ttl="600")),
    ("Telnyx: nobody to send to",                 "telnyx",      json_with(lambda told: told.pop("to"))),
    ("Telnyx: several in one message",            "telnyx",      json_with(lambda told: told.update(to=["+33612000007"]))),
    ("Infobip: nobody to send to",                "infobip",     json_with(lambda told: told["messages"][0].pop("destinations"))),
    ("Infobip: the body of an older version",     "infobip",     json_with(lambda told: told.update(messages=[{"from": "A", "to": "336", "text": "x"}]))),
    ("MessageBird: nobody to send to",            "messagebird", json_with(lambda told: told.pop("recipients"))),
    ("MessageBird: numbers as its package writes them", "messagebird", json_with(lambda told: told.update(recipients="33612000007,33612000008"))),
]  # fmt: skip


@pytest.mark.parametrize(("carrier", "change"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_is_broken_is_refused(prism: str, carrier: str, change: Callable[[Call], Call]):
    """Prism sees it: that it took our requests says something."""
    (reply,) = sent(prism, carrier, "plain", change)
    assert reply.status in (400, 422), f"{reply.status} {reply.body[:400]!r}"
