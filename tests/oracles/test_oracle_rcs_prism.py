"""Prism, with a document made from the schemas of RBM, referees what we write, what we refuse and how we send it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.oracles.prism import serving
from tests.oracles.rbm_document import NUMBER, REFERENCE, document
from tests.oracles.rich_payloads import BROKEN, EDGES, FULL, NOON, PICTURE
from tests.rcs.rich_messages import CONTENTS, SCHEMA, changed, has_null, messages

from smskit.display import Level
from smskit.errors import TransportError
from smskit.kinds import FailureClass, Kind
from smskit.protocols import Call, Flow, Reply
from smskit.rcs import LIMITS, Finding, RichMessage, check
from smskit.rcs.limits import Authority
from smskit.records import Accepted, Capability, Outgoing, Postponed, Reach, Refused, Taken
from smskit.transports.drivers import drive
from smskit.transports.http import BlockingHttpCaller
from smskit.transports.providers.rbm import Rbm, message_id
from smskit.transports.providers.rbm_files import Upload

SUBMIT = f"/v1/phones/%2B{NUMBER}/agentMessages?messageId={message_id(REFERENCE)}&agentId=BOUTIQUE"
REFEREE = Draft202012Validator(SCHEMA)


@frozen
class Prism:
    """What Prism serves: its address, a line to it, and what it said it heard."""

    address: str
    line: httpx.Client
    log: Path

    def judge(self, payload: object) -> tuple[int, list[str]]:
        """Send *payload* as a message; give the status, and the places of what Prism found in it."""
        # Half characters are written as JSON can say them.
        reply = self.line.post(SUBMIT, content=json.dumps(payload), headers={"Content-Type": "application/json"})
        found = [] if reply.is_success else reply.json()["validation"]
        return reply.status_code, [".".join(one["location"][1:]) for one in found]


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prism]:
    room = tmp_path_factory.mktemp("rbm")
    with (
        serving(document(), room) as address,
        httpx.Client(base_url=address, headers={"Authorization": "Bearer t"}) as line,
    ):
        yield Prism(address, line, room / "log")


def errors_in(payload: Mapping[str, object]) -> list[Finding]:
    return [one for one in check(payload) if one.level is Level.ERROR]


# ---------------------------------------------------------------- what we write is taken


@pytest.mark.parametrize("message", [row[1] for row in EDGES], ids=[row[0] for row in EDGES])
def test_what_we_write_is_taken(prism: Prism, message: RichMessage):
    payload = json.loads(message.json())
    assert errors_in(payload) == []
    assert prism.judge(payload) == (200, [])


SAME_EACH_TIME = settings(
    deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("content", CONTENTS)
@settings(SAME_EACH_TIME, max_examples=40)
@given(data=st.data())
def test_whatever_we_write_is_taken(prism: Prism, content: str, data: st.DataObject):
    payload = json.loads(data.draw(messages(CONTENTS[content])).json())
    assert errors_in(payload) == []
    assert prism.judge(payload) == (200, [])


@pytest.mark.parametrize("content", CONTENTS)
@settings(SAME_EACH_TIME, max_examples=80)
@given(data=st.data())
def test_one_change_is_judged_as_prism_judges_it(prism: Prism, content: str, data: st.DataObject):
    """For the platform null is absent and a message has a size; a schema knows neither."""
    payload = data.draw(changed(content))
    errors = errors_in(payload)
    if not has_null(payload) and not any(one.rule == "payload.max" for one in errors):
        status, found = prism.judge(payload)
        assert (status, bool(errors)) in ((200, False), (422, True)), (found, errors)


# ---------------------------------------------------------------- what we refuse is refused


@pytest.mark.parametrize("payload", [row[1] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_we_refuse_is_refused(prism: Prism, payload: dict[str, object]):
    """By all three, and in the same place: a refusal for another reason would say nothing."""
    errors = errors_in(payload)
    places = {one.path.replace("[", ".").replace("]", "") for one in errors}
    # What is missing or unknown is told by Prism of the object around it.
    around = {place.rpartition(".")[0] for place in places}
    status, found = prism.judge(payload)
    assert status == 422
    assert {*places, *around} & set(found), (found, errors)
    assert not REFEREE.is_valid(payload)


NO_SCHEMA_SAYS = {
    # the limit                 why
    "payload.max":              "bytes of the whole",
    "ttl.max":                  "the number in a text",
    "file.max":                 "what is behind an address",
    "thumbnail.max":            "what is behind an address",
    "file.redirects.message":   "what is behind an address",
    "file.redirects.create":    "what is behind an address",
    "messageId.format":         "of the call, see below",
    "batch.users.max":          "of another call, see below",
    "batch.users.min":          "advice",
}  # fmt: skip


def test_every_limit_that_a_schema_can_say_is_among_them():
    refused = {one.rule for _, payload in BROKEN for one in errors_in(payload)}
    asked = {limit.id for limit in LIMITS.values() if limit.authority is Authority.API}
    assert asked - refused == set(NO_SCHEMA_SAYS)


# ---------------------------------------------------------------- how we send it

MESSAGE = Outgoing(REFERENCE, NUMBER, "", 1, "", Kind.MARKETING, rich=RichMessage(FULL).json().decode())
FEATURES = frozenset({"RICHCARD_STANDALONE", "ACTION_OPEN_URL"})
MANY = range(NUMBER, NUMBER + 10_000)

Ask = Callable[[Rbm], Flow[Any]]
Change = Callable[[Call], Call]


def as_it_is(call: Call) -> Call:
    return call


def driven(prism: Prism, ask: Ask, replies: list[Reply], change: Change = as_it_is) -> Any:
    """Ask something of our transport, over Prism; *change* what is sent on the way, keep what came back in *replies*."""
    rbm = Rbm(agent="BOUTIQUE", token="t", now=lambda: NOON, base_url=prism.address)
    with BlockingHttpCaller() as caller:

        def send(call: Call) -> Reply:
            replies.append(caller(change(call)))
            return replies[-1]

        return drive(ask(rbm), send, lambda _: None)


ASKED = [
    # what                     asked                                                                             given, and what Prism heard
    ("a rich message",         lambda rbm: rbm.submit([MESSAGE]),                                                (Accepted(REFERENCE, message_id(REFERENCE)),), f"post /v1/phones/%2B{NUMBER}/agentMessages"),
    ("a text",                 lambda rbm: rbm.submit([evolve(MESSAGE, rich=None, text="Bonjour")]),             (Accepted(REFERENCE, message_id(REFERENCE)),), f"post /v1/phones/%2B{NUMBER}/agentMessages"),
    ("a message good for a while", lambda rbm: rbm.submit([evolve(MESSAGE, validity_s=3600)]),                   (Accepted(REFERENCE, message_id(REFERENCE)),), f"post /v1/phones/%2B{NUMBER}/agentMessages"),
    ("to take one back",       lambda rbm: rbm.revoke([Taken(REFERENCE, NUMBER, message_id(REFERENCE))]),        {REFERENCE}, f"delete /v1/phones/%2B{NUMBER}/agentMessages/{message_id(REFERENCE)}"),
    ("to show that one types", lambda rbm: rbm.show_typing(NUMBER),                                              True, f"post /v1/phones/%2B{NUMBER}/agentEvents"),
    ("to show that one read",  lambda rbm: rbm.mark_read(NUMBER, "u-1"),                                         True, f"post /v1/phones/%2B{NUMBER}/agentEvents"),
    ("what one handset can",   lambda rbm: rbm.capability(NUMBER),                                               Capability(NUMBER, is_reachable=True, at=NOON, features=FEATURES), f"get /v1/phones/%2B{NUMBER}/capabilities"),
    ("who of many has RCS",    lambda rbm: rbm.capabilities(MANY),                                               Reach((Capability(NUMBER, is_reachable=True, at=NOON), *(Capability(one, is_reachable=False, at=NOON) for one in MANY[1:])), 10_000, 375, 150), "post /v1/users:batchGet"),
    ("to invite a tester",     lambda rbm: rbm.invite_tester(NUMBER),                                            "PENDING", f"post /v1/phones/%2B{NUMBER}/testers"),
    ("to keep a file",         lambda rbm: rbm.upload(PICTURE),                                                  "files/1234", "post /v1/files"),
    ("to keep the bytes of one", lambda rbm: rbm.upload(Upload(b"\xff\xd8\xff", "image/jpeg")),                 "files/1234", "post /upload/v1/files"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "given", "heard"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
def test_what_our_transport_asks_is_taken(prism: Prism, ask: Ask, given: object, heard: str):
    before = prism.log.stat().st_size
    replies: list[Reply] = []
    assert driven(prism, ask, replies) == given
    assert [reply.status for reply in replies] == [200]
    # The plus sign went over the line as %2B: to many servers it is a space.
    told = prism.log.read_bytes()[before:].decode()
    assert [line.partition("[HTTP SERVER] ")[2].split(" ℹ")[0] for line in told.splitlines() if "received" in line] == [
        heard
    ]


SUBMITTED, TOLD_READ, ASKED_MANY, KEPT, KEPT_BYTES = (ASKED[place][1] for place in (0, 5, 7, 9, 10))


def address(old: str, new: str) -> Change:
    def change(call: Call) -> Call:
        assert old in call.url
        return evolve(call, url=call.url.replace(old, new))

    return change


def body(old: str, new: str) -> Change:
    def change(call: Call) -> Call:
        assert old.encode() in call.body
        return evolve(call, body=call.body.replace(old.encode(), new.encode()))

    return change


def header(name: str, value: str | None) -> Change:
    def change(call: Call) -> Call:
        headers = {**call.headers, name: value}
        return evolve(call, headers={name: one for name, one in headers.items() if one is not None})

    return change


MANGLED = [
    # what                                     asked       how it is broken                                    status
    ("a message without bearer",               SUBMITTED,  header("Authorization", None),                      401),
    ("a message with another kind of token",   SUBMITTED,  header("Authorization", "Basic dDp0"),              401),
    ("a question without bearer",              ASKED_MANY, header("Authorization", None),                      401),
    ("a file without bearer",                  KEPT_BYTES, header("Authorization", None),                      401),
    ("a number without plus",                  SUBMITTED,  address("%2B", ""),                                 422),
    ("a number whose plus became a space",     SUBMITTED,  address("%2B", "%20"),                              422),
    ("a message without id",                   SUBMITTED,  address("messageId=", "id="),                       422),
    ("an id that is no UUID",                  SUBMITTED,  address(message_id(REFERENCE), REFERENCE),          422),
    ("a message of no agent",                  SUBMITTED,  address("agentId=", "agent="),                      422),
    ("a message of an agent with its ending",  SUBMITTED,  address("BOUTIQUE", "BOUTIQUE%40rbm.goog"),         422),
    ("a message that is a form",               SUBMITTED,  header("Content-Type", "application/x-www-form-urlencoded"), 415),
    ("a message that is no message",           SUBMITTED,  body("contentMessage", "content_message"),          422),
    ("an event of no kind",                    TOLD_READ,  body("READ", "SEEN"),                               422),
    ("an event about nothing",                 TOLD_READ,  body("messageId", "id"),                            422),
    ("an event without id",                    TOLD_READ,  address("eventId=", "id="),                         422),
    ("many numbers, one without plus",         ASKED_MANY, body(f'"+{NUMBER}"', f'"{NUMBER}"'),                422),
    ("many numbers, one of them twice",        ASKED_MANY, body(f'"+{NUMBER}"', f'"+{NUMBER + 1}"'),           422),
    ("more than 10 000 numbers",               ASKED_MANY, body(f'"+{NUMBER}"', f'"+{NUMBER}","+{NUMBER - 1}"'), 422),
    ("a file from no web server",              KEPT,       body("https://", "ftp://"),                         422),
    ("bytes of a kind that is not shown",      KEPT_BYTES, header("Content-Type", "application/zip"),          415),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "change", "status"), [row[1:] for row in MANGLED], ids=[row[0] for row in MANGLED])
def test_what_is_mangled_on_the_way_is_refused(prism: Prism, ask: Ask, change: Change, status: int):
    """Prism sees it: that it took our requests says something."""
    replies: list[Reply] = []
    with suppress(TransportError):  # a question raises; a submission has an outcome
        driven(prism, ask, replies, change)
    assert [reply.status for reply in replies] == [status]


MEANINGS = [
    # what                                     status  outcome
    ("a telephone without RCS",                404,    Refused(REFERENCE, FailureClass.CHANNEL_UNAVAILABLE, "NOT_FOUND")),
    ("a token that is over",                   401,    Postponed(REFERENCE, FailureClass.AUTH, None, "UNAUTHENTICATED")),
    ("an agent that is not launched",          403,    Postponed(REFERENCE, FailureClass.PERMISSION, None, "PERMISSION_DENIED")),
    ("too many",                               429,    Postponed(REFERENCE, FailureClass.THROTTLED, None, "RESOURCE_EXHAUSTED")),
]  # fmt: skip


@pytest.mark.parametrize(("status", "outcome"), [row[1:] for row in MEANINGS], ids=[row[0] for row in MEANINGS])
def test_what_an_error_means(prism: Prism, status: int, outcome: object):
    replies: list[Reply] = []
    assert driven(prism, SUBMITTED, replies, header("Prefer", f"code={status}")) == (outcome,)
    assert [reply.status for reply in replies] == [status]
