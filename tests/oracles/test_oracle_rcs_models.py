"""The models of others hold what we write, whole: each message at the edge of RBM, said in their words.

Who knows less than RBM stands in a table, and so does who refuses what RBM takes. The renaming is of this test: what our
own adapters write is held to the same packages beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from tests.oracles.installed import package
from tests.oracles.rich_payloads import EDGES
from tests.oracles.rich_renamed import for_bandwidth, for_dialogflow, for_telnyx

Held = tuple[Any, Any, set[str]]
"""What was given, what was kept, and the members that they have no place for."""


def by_telnyx(payload: Mapping[str, Any]) -> Held:
    given = for_telnyx(payload)
    held = package("telnyx.types.rcs_agent_message", "telnyx").RcsAgentMessage.model_validate(given)
    return given, json.loads(held.model_dump_json(exclude_unset=True)), set(unknown_to(held, "model_extra"))


def by_bandwidth(payload: Mapping[str, Any]) -> Held:
    name, given = for_bandwidth(payload)
    held = getattr(package("bandwidth.models", "bandwidth-sdk"), name).from_dict(given)
    # Its own to_json falls over times.
    kept = json.loads(json.dumps(held.to_dict(), default=lambda one: one.isoformat()))
    return instants(given), instants(kept), set(unknown_to(held, "additional_properties"))


def unknown_to(model: Any, where: str) -> Iterator[str]:
    """Give the members that a model of pydantic took without knowing them, at every depth."""
    if isinstance(model, list):
        for one in model:
            yield from unknown_to(one, where)
    elif hasattr(model, "model_fields_set"):
        yield from getattr(model, where, None) or ()
        for name in type(model).model_fields.keys() - {where}:
            yield from unknown_to(getattr(model, name), where)


def instants(value: Any) -> Any:
    """Read the times in *value*: one may be written in several ways."""
    if isinstance(value, dict):
        return {
            key: datetime.fromisoformat(one.replace("Z", "+00:00"))
            if key in ("startTime", "endTime")
            else instants(one)
            for key, one in value.items()
        }
    return [instants(one) for one in value] if isinstance(value, list) else value


def by_dialogflow(payload: Mapping[str, Any]) -> Held:
    name, given = for_dialogflow(payload)
    message = getattr(package("google.cloud.dialogflow_v2beta1", "google-cloud-dialogflow").Intent.Message, name).pb()
    form = package("google.protobuf.json_format", "google-cloud-dialogflow")
    unknown: set[str] = set()
    while True:
        try:
            held = form.ParseDict(given, message())
        except form.ParseError as error:
            lacking = re.search(r'has no field named "(\w+)"', str(error))
            if lacking is None:
                raise
            unknown.add(lacking[1])
            given = without(lacking[1], given)
        else:
            # An empty text and none are one to it.
            return without_empty(given), form.MessageToDict(held), unknown


def without(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without(name, one) for key, one in value.items() if key != name}
    return [without(name, one) for one in value] if isinstance(value, list) else value


def without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_empty(one) for key, one in value.items() if one != ""}
    return [without_empty(one) for one in value] if isinstance(value, list) else value


HOLDERS: Mapping[str, Callable[[Mapping[str, Any]], Held]] = {
    "telnyx": by_telnyx,
    "bandwidth-sdk": by_bandwidth,
    "google-cloud-dialogflow": by_dialogflow,
}

NOT_KNOWN = [
    # who                       what of RBM they have no place for   why
    ("telnyx",                  "message_traffic_type",              "no member of theirs says it"),
    ("telnyx",                  "uploaded_rbm_file",                 "files have an address"),
    ("telnyx",                  "content_description",               "RBM has it since November 2026"),
    ("bandwidth-sdk",           "contentDescription",                "RBM has it since November 2026"),
    ("bandwidth-sdk",           "fallbackUrl",                       "no action has one"),
    ("bandwidth-sdk",           "forceRefresh",                      "it does not say how files are kept"),
    ("bandwidth-sdk",           "description",                       "of an address that opens in a sheet"),
    ("bandwidth-sdk",           "query",                             "a place has its degrees"),
    ("google-cloud-dialogflow", "contentDescription",                "RBM has it since November 2026"),
    ("google-cloud-dialogflow", "fallbackUrl",                       "it knows three actions, and the least of them"),
    ("google-cloud-dialogflow", "forceRefresh",                      "it does not say how files are kept"),
    ("google-cloud-dialogflow", "uploadedRbmFile",                   "files have an address"),
    ("google-cloud-dialogflow", "application",                       "addresses open in the browser"),
    ("google-cloud-dialogflow", "webviewViewMode",                   "addresses open in the browser"),
    ("google-cloud-dialogflow", "description",                       "of an address that opens in a sheet"),
    ("google-cloud-dialogflow", "viewLocationAction",                "it knows three actions"),
    ("google-cloud-dialogflow", "createCalendarEventAction",         "it knows three actions"),
]  # fmt: skip

REFUSED = {
    # who             what                      what they say of it   why
    ("bandwidth-sdk", "a place to search"):     "latitude",           # a place has its degrees
    ("bandwidth-sdk", "an uploaded picture"):   "fileUrl",            # files have an address
    ("bandwidth-sdk", "an uploaded file"):      "fileUrl",
}  # fmt: skip

BY_ALL = [(who, what, message) for who in HOLDERS for what, message in EDGES]
NO_FILES = ("google-cloud-dialogflow", ("a file", "a file with a picture for it", "an uploaded file"))
ROWS = [row for row in BY_ALL if row[0] != NO_FILES[0] or row[1] not in NO_FILES[1]]


@pytest.mark.parametrize(("who", "what", "message"), ROWS, ids=[f"{what}, by {who}" for who, what, _ in ROWS])
def test_what_we_write_is_held_whole(who: str, what: str, message: Any):
    payload = message.payload()
    if complaint := REFUSED.get((who, what)):
        with pytest.raises(ValueError, match=complaint):
            HOLDERS[who](payload)
        return
    given, kept, unknown = HOLDERS[who](payload)
    assert kept == given
    assert unknown <= {name for by, name, _ in NOT_KNOWN if by == who}


@pytest.mark.parametrize("who", HOLDERS)
def test_what_they_do_not_know_is_still_unknown(who: str):
    held = [HOLDERS[who](message.payload()) for by, what, message in ROWS if by == who and (who, what) not in REFUSED]
    assert set().union(*(unknown for _, _, unknown in held)) == {name for by, name, _ in NOT_KNOWN if by == who}
