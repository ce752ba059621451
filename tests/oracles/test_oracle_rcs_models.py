"""The models of others hold what we write, whole: each message at the edge of RBM, said in their words.

Who knows less than RBM stands in a table, and so does who refuses what RBM takes. The renaming is of this test: what our
own adapters write is held to the same packages beside it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from tests.oracles.installed import package
from tests.oracles.rich_payloads import EDGES
from tests.oracles.rich_renamed import for_aws, for_bandwidth, for_dialogflow, for_telnyx

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


@cache
def call_of_aws() -> Any:
    model = package("botocore.session", "botocore").get_session().get_service_model("pinpoint-sms-voice-v2")
    return model.shape_for("SendRcsMessageRequest")


def by_aws(payload: Mapping[str, Any]) -> Held:
    shape = call_of_aws()
    given = {"DestinationPhoneNumber": "+33612000007", "OriginationIdentity": "agent", **for_aws(payload)}
    report = package("botocore.validate", "botocore").ParamValidator().validate(given, shape).generate_report()
    unknown = re.compile(r'Unknown parameter in \w*[\w.[\]]*: "(\w+)", must be one of: .*')
    complaints = [line for line in report.splitlines() if not unknown.fullmatch(line)] + list(beyond(shape, given))
    if complaints:
        raise ValueError("; ".join(complaints))
    return given, given, set(unknown.findall(report))


def beyond(shape: Any, value: Any) -> Iterator[str]:
    """Say where *value* is longer, larger or of another form than *shape* allows: botocore looks at the least only."""
    bounds = shape.metadata
    size = value if isinstance(value, (int, float)) else len(value) if isinstance(value, (str, list)) else 0
    if size > bounds.get("max", size):
        yield f"{shape.name} is {size} and not at most {bounds['max']}"
    if isinstance(value, str) and not re.fullmatch(bounds.get("pattern", "(?s:.*)"), value):
        yield f"{shape.name} has not the form {bounds['pattern']}"
    if shape.type_name == "structure":
        for name in value.keys() & shape.members.keys():
            yield from beyond(shape.members[name], value[name])
    elif shape.type_name == "list":
        for one in value:
            yield from beyond(shape.member, one)


HOLDERS: Mapping[str, Callable[[Mapping[str, Any]], Held]] = {
    "botocore": by_aws,
    "telnyx": by_telnyx,
    "bandwidth-sdk": by_bandwidth,
    "google-cloud-dialogflow": by_dialogflow,
}

NOT_KNOWN = [
    # who                       what of RBM they have no place for   why
    ("botocore",                "FallbackUrl",                       "no action has one"),
    ("botocore",                "Query",                             "a place has its degrees"),
    ("botocore",                "Description",                       "of an address that opens in a sheet"),
    ("botocore",                "ContentDescription",                "RBM has it since November 2026"),
    ("botocore",                "ForceRefresh",                      "it does not say how files are kept"),
    ("botocore",                "ExpireTime",                        "a message has a time to live"),
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
    ("google-cloud-dialogflow", "rbmSuggestion",                     "what is below a card; it has it below texts"),
    ("google-cloud-dialogflow", "application",                       "addresses open in the browser"),
    ("google-cloud-dialogflow", "webviewViewMode",                   "addresses open in the browser"),
    ("google-cloud-dialogflow", "description",                       "of an address that opens in a sheet"),
    ("google-cloud-dialogflow", "viewLocationAction",                "it knows three actions"),
    ("google-cloud-dialogflow", "createCalendarEventAction",         "it knows three actions"),
]  # fmt: skip

REFUSED = [
    # who             what                             what they say of it             why
    ("botocore",      "an empty postback",             "PostbackData, value: 0",       "AWS wants one; RBM says nothing of it"),
    ("botocore",      "a call to a short code",        "PhoneNumber has not the form", "AWS wants E.164, RBM any digits"),
    ("botocore",      "a place to search",             '"Latitude"',                   "a place has its degrees"),
    ("botocore",      "an address of a map",           "RcsOpenUrlValue has not",      "AWS opens https alone"),
    ("botocore",      "an uploaded picture",           '"FileUrl"',                    "files have an address"),
    ("botocore",      "an uploaded file",              '"FileUrl"',                    "files have an address"),
    ("botocore",      "a file",                        "RcsMediaUrl has not the form", "AWS takes https in small letters alone"),
    ("botocore",      "no time at all",                "TimeToLive, value: 0",         "AWS keeps a message for a second at least"),
    ("botocore",      "fifteen days and its traffic",  "1296000 and not at most 172800", "AWS keeps a message for two days"),
    ("bandwidth-sdk", "a place to search",             "latitude",                     "a place has its degrees"),
    ("bandwidth-sdk", "an uploaded picture",           "fileUrl",                      "files have an address"),
    ("bandwidth-sdk", "an uploaded file",              "fileUrl",                      "files have an address"),
]  # fmt: skip
COMPLAINTS = {(who, what): complaint for who, what, complaint, _ in REFUSED}

BY_ALL = [(who, what, message) for who in HOLDERS for what, message in EDGES]
NO_FILES = ("google-cloud-dialogflow", ("a file", "a file with a picture for it", "an uploaded file"))
ROWS = [row for row in BY_ALL if row[0] != NO_FILES[0] or row[1] not in NO_FILES[1]]


@pytest.mark.parametrize(("who", "what", "message"), ROWS, ids=[f"{what}, by {who}" for who, what, _ in ROWS])
def test_what_we_write_is_held_whole(who: str, what: str, message: Any):
    payload = message.payload()
    if complaint := COMPLAINTS.get((who, what)):
        with pytest.raises(ValueError, match=complaint):
            HOLDERS[who](payload)
        return
    given, kept, unknown = HOLDERS[who](payload)
    assert kept == given
    assert unknown <= {name for by, name, _ in NOT_KNOWN if by == who}


@pytest.mark.parametrize("who", HOLDERS)
def test_what_they_do_not_know_is_still_unknown(who: str):
    held = [
        HOLDERS[who](message.payload()) for by, what, message in ROWS if by == who and (who, what) not in COMPLAINTS
    ]
    assert set().union(*(unknown for _, _, unknown in held)) == {name for by, name, _ in NOT_KNOWN if by == who}


def said_in(value: Any) -> Iterator[str]:
    """Give everything that *value* says, without the names."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else None
    if inside is None:
        yield str(value)
    else:
        for one in inside:
            yield from said_in(one)


@pytest.mark.parametrize("renamed", [for_aws, for_bandwidth, for_dialogflow, for_telnyx], ids=lambda one: one.__name__)
def test_renaming_leaves_nothing_out(renamed: Callable[[Mapping[str, Any]], Any]):
    for what, message in EDGES:
        if renamed is not for_dialogflow or what not in NO_FILES[1]:
            payload = message.payload()
            assert Counter(said_in(payload["contentMessage"])) <= Counter(said_in(renamed(payload))), what
