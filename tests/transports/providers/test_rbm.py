"""RBM held to the contract, and its own ways: ids that stay, traffic that is always told, capabilities, files."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import pytest
from attrs import evolve

from smskit import rcs
from smskit.errors import InvalidInput, TransportError, UnsupportedFeature, WebhookError
from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass, Kind
from smskit.protocols import Call, Reply, WebhookRequest
from smskit.records import Accepted, Capability, Outgoing, Postponed, Refused, Taken, Unanswered
from smskit.testing.factories import outgoing
from smskit.testing.providers import ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.rbm import NAMESPACE, Rbm, even_chunks, message_id
from smskit.transports.providers.rbm_files import JsonFileCache, MemoryFileCache, Upload, linked_files, with_names
from smskit.transports.providers.rbm_webhook import data_in
from smskit.transports.wire.signatures import hmac_base64

AGENT = "MABOUTIQUE"
TOKEN = "ya29.a-very-secret-access-token"
CLIENT_TOKEN = "a-client-token-of-the-webhook"
NOON = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)


def rbm(**options: object) -> Rbm:
    return Rbm(**{"agent": AGENT, "token": TOKEN, "now": lambda: NOON, **options})


def path_of(call: Call) -> str:
    return unquote(urlsplit(call.url).path)


def query_of(call: Call) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(call.url).query).items()}


def taken(call: Call) -> Reply:
    """Answer as RBM does to a message that it takes."""
    resource = {**json.loads(call.body), "name": f"{path_of(call)[4:]}/{query_of(call)['messageId']}"}
    return Reply(200, {}, json.dumps({**resource, "sendTime": "2026-06-24T10:00:00Z"}).encode())


def error(code: int, status: str, message: str = "Something.", **headers: str) -> Reply:
    body = {"error": {"code": code, "message": message, "status": status}}
    return Reply(code, headers, json.dumps(body).encode())


def enveloped(event: Mapping[str, object], **attributes: str) -> bytes:
    data = b64encode(json.dumps(event).encode()).decode()
    # The data last: what the contract changes in the middle of a body is then in what is signed.
    return json.dumps({"message": {"messageId": "1", "attributes": attributes, "data": data}}).encode()


def user(**event: object) -> bytes:
    told = {"senderPhoneNumber": "+33612000007", "sendTime": "2026-06-24T09:59:58.123456Z", "agentId": AGENT}
    return enveloped({**told, **event})


def server(word: str) -> bytes:
    told = {"phoneNumber": "+33612000007", "messageId": "id-7", "eventType": word, "eventId": "event-1"}
    return enveloped({**told, "agentId": f"{AGENT}@rbm.goog", "sendTime": "2026-06-24T09:59:58Z"})


RECEIPT = {"type": EventType.RECEIPT, "number": 33612000007, "provider_id": "id-7"}
REPLY = {"type": EventType.REPLY, "number": 33612000007}


class TestRbm(ProviderContract):
    secrets = (TOKEN,)
    webhook_secret = CLIENT_TOKEN
    told = (
        Told(what="it arrived", body=user(eventType="DELIVERED", eventId="e-1", messageId="id-7"), events=({**RECEIPT, "status": DeliveryStatus.DELIVERED, "code": "DELIVERED"},)),
        Told(what="it was read", body=user(eventType="READ", eventId="e-2", messageId="id-7"), events=({**RECEIPT, "status": DeliveryStatus.READ},)),
        Told(what="it was taken back at its end", body=server("TTL_EXPIRATION_REVOKED"), events=({**RECEIPT, "status": DeliveryStatus.EXPIRED, "failure": FailureClass.VALIDITY_EXPIRED},)),
        Told(what="it could not be taken back: nobody knows", body=server("TTL_EXPIRATION_REVOKE_FAILED"), events=({**RECEIPT, "status": None, "failure": None, "code": "TTL_EXPIRATION_REVOKE_FAILED"},)),
        Told(what="a word that nobody knows, of a message", body=user(eventType="ADMIRED", eventId="e-3", messageId="id-7"), events=({**RECEIPT, "status": None, "code": "ADMIRED"},)),
        Told(what="a word that nobody knows, of nothing", body=user(eventType="ADMIRED", eventId="e-3")),
        Told(what="somebody writes", body=user(eventType="IS_TYPING", eventId="e-4"), events=({"type": EventType.TYPING, "number": 33612000007},)),
        Told(what="somebody objects", body=user(eventType="UNSUBSCRIBE", eventId="e-5"), events=({"type": EventType.OPT_OUT, "number": 33612000007, "text": None},)),
        Told(what="somebody is back", body=user(eventType="SUBSCRIBE", eventId="e-6"), events=({"type": EventType.OPT_IN, "number": 33612000007},)),
        Told(what="a text", body=user(messageId="u-1", text="Bonjour"), events=({**REPLY, "text": "Bonjour", "postback": None, "provider_id": None},)),
        Told(what="a tapped reply", body=user(messageId="u-2", suggestionResponse={"postbackData": "garde=oui", "text": "Oui", "type": "REPLY"}), events=({**REPLY, "text": "Oui", "postback": "garde=oui"},)),
        Told(what="a tapped action, which has an eventId and no text", body=user(eventId="e-7", suggestionResponse={"postbackData": "site", "type": "ACTION"}), events=({**REPLY, "text": None, "postback": "site"},)),
        Told(what="a place", body=user(messageId="u-3", location={"latitude": 43.8, "longitude": 4.3}), events=({**REPLY, "text": None, "code": "location"},)),
        Told(what="a file", body=user(messageId="u-4", userFile={"payload": {"mimeType": "image/jpeg", "fileUri": "https://rcs.example/f"}}), events=({**REPLY, "text": None, "code": "userFile"},)),
        Told(what="an agent was launched", body=enveloped({"eventId": "e-8", "agentId": AGENT, "newLaunchState": "LAUNCHED"}, type="agent_launch_event")),
        Told(what="an event of another agent", body=user(messageId="u-5", text="STOP", agentId="SOMEBODY")),
        Told(what="an event that names no agent", body=enveloped({"senderPhoneNumber": "+33612000007", "messageId": "u-6", "text": "STOP"}), events=({**REPLY, "text": "STOP"},)),
    )  # fmt: skip
    refusals = (
        ("a telephone without RCS", error(404, "NOT_FOUND", "Requested entity was not found."), Refused, FailureClass.CHANNEL_UNAVAILABLE),
        ("an address that is wrong is no telephone without RCS", Reply(404, {}, b"<html>That's an error.</html>"), Postponed, FailureClass.ACCOUNT),
        ("a payload that is wrong", error(400, "INVALID_ARGUMENT", "Invalid value at 'agent_message.content_message'"), Refused, FailureClass.CONTENT_INVALID),
        ("a handset that lacks something", error(400, "INVALID_ARGUMENT", "The user's device does not support RICHCARD_CAROUSEL."), Refused, FailureClass.CAPABILITY_UNSUPPORTED),
        ("a capability is missing", error(400, "INVALID_ARGUMENT", "User is missing a required capability"), Refused, FailureClass.CAPABILITY_UNSUPPORTED),
        ("a type that nobody supports is of the message", error(400, "INVALID_ARGUMENT", "Unsupported media type"), Refused, FailureClass.CONTENT_INVALID),
        ("a token that is over", error(401, "UNAUTHENTICATED"), Postponed, FailureClass.AUTH),
        ("an agent that is not launched, and no tester", error(403, "PERMISSION_DENIED"), Postponed, FailureClass.PERMISSION),
        ("too many", error(429, "RESOURCE_EXHAUSTED", **{"Retry-After": "3"}), Postponed, FailureClass.THROTTLED),
        ("Google is broken", error(500, "INTERNAL"), Unanswered, None),
        ("Google is away", error(503, "UNAVAILABLE"), Unanswered, None),
        ("an id that it calls known", error(409, "ALREADY_EXISTS"), Unanswered, None),
    )  # fmt: skip

    def make_transport(self, **options: object) -> Rbm:
        return rbm(**options)

    def take(self, call: Call) -> Reply:
        return taken(call)

    def said(self, call: Call) -> list[Said]:
        body = json.loads(call.body)
        assert call.headers["Authorization"] == f"Bearer {TOKEN}"
        assert [
            one.level
            for one in rcs.check({k: v for k, v in body.items() if k != "smskitUnmodelled"})
            if one.level.value == "error"
        ] == []
        number = int(path_of(call).removeprefix("/v1/phones/+").removesuffix("/agentMessages"))
        ttl = body.get("ttl")
        validity_s = int(ttl.removesuffix("s")) if ttl else None
        return [Said(number, body["contentMessage"]["text"], query_of(call)["agentId"], validity_s=validity_s)]

    def id_of(self, number: int) -> str | None:
        return message_id(f"run-{number % 10_000}") if number != 33612000000 else None

    def sign(self, request: WebhookRequest, at: datetime, secret: str) -> Mapping[str, str]:
        try:
            signed = data_in(request.body)
        except WebhookError:
            signed = b""
        return {"x-goog-signature": hmac_base64(secret, signed, "sha512"), "x-goog-webhook-type": "message_callback"}


# ---------------------------------------------------------------- a message


CARD = rcs.RichMessage(rcs.RichCard("Soldes", media=rcs.Media("https://shop.example/a.jpg")), traffic="promotion")


def rich(message: rcs.RichMessage | str = CARD, seq: int = 0, **changes: object) -> Outgoing:
    written = message if isinstance(message, str) else message.json().decode()
    return evolve(outgoing(seq, text=""), rich=written, **changes)


def sent(message: Outgoing, **options: object) -> Call:
    calls: list[Call] = []

    def take(call: Call) -> Reply:
        calls.append(call)
        return taken(call)

    (outcome,) = drive(rbm(**options).submit([message]), take)
    assert outcome == Accepted(message.reference, message_id(message.reference))
    (call,) = calls
    return call


def test_the_request_is_where_google_looks_for_it():
    call = sent(rich())
    assert call.url.startswith("https://rcsbusinessmessaging.googleapis.com/v1/phones/%2B33612000000/agentMessages?")
    assert query_of(call) == {"messageId": message_id("run-0"), "agentId": AGENT}
    assert call.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("region", ["europe", "us", "asia"])
def test_a_region_is_another_host(region):
    assert sent(rich(), region=region).url.startswith(f"https://{region}-rcsbusinessmessaging.googleapis.com/v1/")


def test_a_region_that_is_none_is_refused():
    with pytest.raises(InvalidInput, match="europe, us, asia"):
        rbm(region="mars")


def test_a_rich_message_leaves_byte_by_byte():
    message = rich('{"contentMessage":{"text":"é \\u00e9"}, "messageTrafficType":"TRANSACTION" }')
    assert sent(message).body == message.rich.encode()


@pytest.mark.parametrize(
    ("kind", "word"),
    [(Kind.MARKETING, "PROMOTION"), (Kind.NOTIFICATION, "TRANSACTION"), (Kind.OTP, "AUTHENTICATION")],
)
def test_what_a_message_is_for_is_always_told(kind, word):
    untold = '{"contentMessage":{"text":"Bonjour"}}'
    unspecified = '{"contentMessage":{"text":"Bonjour"},"messageTrafficType":"MESSAGE_TRAFFIC_TYPE_UNSPECIFIED"}'
    wanted = {"contentMessage": {"text": "Bonjour"}, "messageTrafficType": word}
    for message in (rich(untold, kind=kind), rich(unspecified, kind=kind), outgoing(text="Bonjour", kind=kind)):
        assert json.loads(sent(message).body) == wanted


def test_what_the_message_says_of_itself_counts():
    assert json.loads(sent(rich(kind=Kind.OTP)).body)["messageTrafficType"] == "PROMOTION"


def test_a_validity_is_its_ttl():
    body = json.loads(sent(rich(validity_s=600)).body)
    assert body == {**json.loads(rich().rich), "ttl": "600s"}


REFUSED = [
    # what                                 message
    ("neither text nor JSON", outgoing(text="")),
    ("both", evolve(rich(), text="Bonjour")),
    ("no JSON", rich("Bonjour")),
    ("no object", rich('["text"]')),
    ("half a character, written out", rich('{"contentMessage":{"text":"\\uD83D"}}')),
    ("half a character of a text", outgoing(text="Bonjour \ud83d")),
    ("no number of JSON's", rich('{"contentMessage":{"text":"a"},"odd":NaN}')),
    ("half a character", rich('{"contentMessage":{"text":"\ud83d"}}')),
    ("two ends, as ttl", rich('{"contentMessage":{"text":"a"},"ttl":"60s"}', validity_s=60)),
    ("two ends, as a time", rich('{"contentMessage":{"text":"a"},"expireTime":"2026-06-25T10:00:00Z"}', validity_s=60)),
]


@pytest.mark.parametrize("message", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_nobody_could_send_is_refused_at_the_call(message):
    with pytest.raises(InvalidInput):
        rbm().submit([message])


def test_a_validity_beyond_15_days_and_a_text_beyond_3072_characters_are_refused():
    with pytest.raises(UnsupportedFeature):
        rbm().submit([rich(validity_s=15 * 86_400 + 1)])
    with pytest.raises(UnsupportedFeature):
        rbm().submit([outgoing(text="a" * 3073)])


def test_an_option_goes_into_the_message_beside_ours():
    body = json.loads(sent(rich(), extra={"contentMessage": {"newMember": 1}}).body)
    assert body["contentMessage"] == {**json.loads(rich().rich)["contentMessage"], "newMember": 1}


def test_it_is_a_channel_of_its_own():
    assert rbm().features.channel is Channel.RCS
    assert rbm(agent="shop@rbm.goog").agent == "shop"


# ---------------------------------------------------------------- ids that stay


def test_the_id_of_a_message_is_written_in_stone():
    # Ids of yesterday's process must be those of today's: these two never change.
    assert str(NAMESPACE) == "0486777b-0a91-5906-93bf-17cae378e917"
    assert message_id("run-0") == "d56ceb59-cdd7-5fce-9b2b-5dcc006643cf"
    assert UUID(message_id("run-0")).version == 5


def test_after_a_lost_answer_the_same_id_comes_again():
    calls: list[Call] = []

    def lose_twice(call: Call) -> Reply:
        calls.append(call)
        if len(calls) == 1:
            raise TransportError("google", "no answer", retryable=False)
        return Reply(500) if len(calls) == 2 else taken(call)

    (outcome,) = drive(rbm().submit([rich()]), lose_twice, sleep=lambda _: None)
    assert isinstance(outcome, Accepted)
    assert len(calls) == 3
    assert calls[0] == calls[1] == calls[2]


@pytest.mark.parametrize(
    "reply",
    [Reply(200, {}, b"{}"), error(409, "ALREADY_EXISTS")],
    ids=["a repetition is answered with nothing", "a repetition is called one"],
)
def test_a_repetition_settles_it(reply):
    replies = iter([Reply(502), reply])
    (outcome,) = drive(rbm().submit([rich()]), lambda _: next(replies), sleep=lambda _: None)
    assert outcome == Accepted("run-0", message_id("run-0"))


def test_a_refused_repetition_settles_nothing():
    replies = iter([Reply(502), error(404, "NOT_FOUND"), error(404, "NOT_FOUND")])
    (outcome,) = drive(rbm().submit([rich()]), lambda _: next(replies), sleep=lambda _: None)
    assert outcome == Unanswered("run-0")


def test_an_answer_about_another_message_is_none():
    other = Reply(200, {}, json.dumps({"name": "phones/+33612000000/agentMessages/another"}).encode())
    (outcome,) = drive(rbm().submit([rich()]), lambda _: other, sleep=lambda _: None)
    assert outcome == Unanswered("run-0")


# ---------------------------------------------------------------- tokens


def test_a_token_is_asked_for_each_time():
    tokens = iter(["one", "two"])
    transport = rbm(token=lambda: next(tokens))
    calls: list[Call] = []
    for _ in range(2):
        drive(transport.submit([rich()]), lambda call: calls.append(call) or taken(call))
    assert [call.headers["Authorization"] for call in calls] == ["Bearer one", "Bearer two"]


def test_without_a_token_nothing_left():
    def broken() -> str:
        raise OSError(TOKEN)

    with pytest.raises(TransportError) as caught:
        drive(rbm(token=broken).submit([rich()]), taken)
    assert caught.value.retryable
    assert TOKEN not in str(caught.value)


# ---------------------------------------------------------------- afterwards


def test_messages_are_taken_back_one_by_one():
    asked: list[tuple[str, str]] = []

    def answer(call: Call) -> Reply:
        asked.append((call.method, path_of(call)))
        assert query_of(call) == {"agentId": AGENT}
        return error(403, "PERMISSION_DENIED") if "id-2" in call.url else Reply(200, {}, b"{}")

    messages = [Taken(f"run-{n}", 33612000000 + n, f"id-{n}") for n in (1, 2, 3)]
    assert drive(rbm().revoke(messages), answer) == {"run-1", "run-3"}
    assert asked[0] == ("DELETE", "/v1/phones/+33612000001/agentMessages/id-1")
    assert len(asked) == 3


def test_what_was_taken_back_before_the_line_broke_is_told():
    def answer(call: Call) -> Reply:
        if "id-2" in call.url:
            raise TransportError("google", "no answer", retryable=False)
        return Reply(200, {}, b"{}")

    messages = [Taken(f"run-{n}", 33612000000 + n, f"id-{n}") for n in (1, 2)]
    assert drive(rbm().revoke(messages), answer, sleep=lambda _: None) == {"run-1"}
    with pytest.raises(TransportError):
        drive(rbm().revoke(messages[1:]), answer, sleep=lambda _: None)


def test_an_event_is_shown_under_one_id():
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(503) if len(calls) == 1 else Reply(200, {}, b"{}")

    assert drive(rbm().show_typing(33612000007), answer, sleep=lambda _: None) is True
    assert calls[0] == calls[1]
    assert json.loads(calls[0].body) == {"eventType": "IS_TYPING"}
    assert path_of(calls[0]) == "/v1/phones/+33612000007/agentEvents"
    assert drive(rbm().mark_read(33612000007, "u-1", event_id="e-1"), answer) is True
    assert json.loads(calls[2].body) == {"eventType": "READ", "messageId": "u-1"}
    assert query_of(calls[2]) == {"eventId": "e-1", "agentId": AGENT}


def test_an_event_to_nobody_is_false_and_a_refused_one_is_told():
    assert drive(rbm().show_typing(33612000007), lambda _: error(404, "NOT_FOUND")) is False
    with pytest.raises(TransportError, match="PERMISSION_DENIED"):
        drive(rbm().show_typing(33612000007), lambda _: error(403, "PERMISSION_DENIED"))


def test_a_tester_is_invited_once():
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(200, {}, b'{"name": "phones/+33612000007/testers", "inviteStatus": "PENDING"}')

    assert drive(rbm().invite_tester(33612000007), answer) == "PENDING"
    assert path_of(calls[0]) == "/v1/phones/+33612000007/testers"
    with pytest.raises(TransportError) as caught:
        drive(rbm().invite_tester(33612000007), lambda _: error(429, "RESOURCE_EXHAUSTED"))
    assert caught.value.retryable


# ---------------------------------------------------------------- who has RCS


def reach_of(count: int) -> tuple[list[list[str]], object]:
    asked: list[list[str]] = []

    def answer(call: Call) -> Reply:
        body = json.loads(call.body)
        assert body["agentId"] == AGENT
        assert path_of(call) == "/v1/users:batchGet"
        asked.append(body["users"])
        users = body["users"]
        told = {
            "reachableUsers": users[::2],
            "totalRandomSampleUserCount": str(len(users) * 3 // 4),
            "reachableRandomSampleUserCount": len(users) // 2,
        }
        return Reply(200, {}, json.dumps(told).encode())

    return asked, drive(rbm().capabilities(range(33600000000, 33600000000 + count)), answer)


@pytest.mark.parametrize("count", [500, 501, 9_999, 10_000, 10_001, 10_300, 20_001])
def test_no_chunk_is_short_and_samples_are_added_up(count):
    asked, reach = reach_of(count)
    sizes = [len(users) for users in asked]
    assert sum(sizes) == count
    assert len(sizes) == -(-count // 10_000)
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) >= 500
    assert reach.asked == count == len(reach.capabilities)
    assert reach.sampled == sum(size * 3 // 4 for size in sizes)
    assert reach.reachable_in_sample == sum(size // 2 for size in sizes)
    assert sum(one.is_reachable for one in reach.capabilities) == sum(-(-size // 2) for size in sizes)
    assert reach.capabilities[0] == Capability(33600000000, is_reachable=True, at=NOON)


def test_a_number_twice_is_asked_about_once():
    asked, _ = reach_of(500)
    numbers = [*range(33600000000, 33600000500), 33600000000]
    calls: list[Call] = []
    reach = drive(rbm().capabilities(numbers), lambda call: calls.append(call) or Reply(200, {}, b"{}"))
    assert reach.asked == 500
    assert len(json.loads(calls[0].body)["users"]) == 500 == len(asked[0])
    assert not any(one.is_reachable for one in reach.capabilities)


def test_even_chunks_of_nothing_are_none():
    assert list(even_chunks([], 10)) == []
    assert [list(one) for one in even_chunks(range(5), 2)] == [[0], [1, 2], [3, 4]]


def test_few_numbers_are_asked_about_one_by_one_with_their_features():
    ids: list[str] = []

    def answer(call: Call) -> Reply:
        ids.append(query_of(call)["requestId"])
        if len(ids) == 1:
            return Reply(503)
        if "0001/" in call.url:
            return error(404, "NOT_FOUND")
        return Reply(200, {}, b'{"features": ["RICHCARD_STANDALONE", "SOMETHING_NEW", 7]}')

    reach = drive(rbm().capabilities([33612000000, 33612000001]), answer, sleep=lambda _: None)
    assert reach.capabilities == (
        Capability(
            33612000000, is_reachable=True, at=NOON, features=frozenset({"RICHCARD_STANDALONE", "SOMETHING_NEW", "7"})
        ),
        Capability(33612000001, is_reachable=False, at=NOON),
    )
    assert (reach.asked, reach.sampled) == (2, 0)
    assert len(set(ids)) == len(ids), "RBM ignores a question whose id it knows"


def test_a_question_waits_as_long_as_it_is_asked_to():
    replies = iter([error(429, "RESOURCE_EXHAUSTED", **{"Retry-After": "17"}), Reply(503), Reply(200, {}, b"{}")])
    waits: list[float] = []
    drive(rbm().capability(33612000000), lambda _: next(replies), sleep=waits.append)
    assert waits == [17.0, 4.0]


@pytest.mark.parametrize(
    ("reply", "retryable"),
    [
        (error(403, "PERMISSION_DENIED"), False),
        (Reply(404, {}, b"<html>"), False),
        (error(429, "RESOURCE_EXHAUSTED", **{"Retry-After": "400"}), True),
        (error(500, "INTERNAL"), True),
    ],
    ids=["not allowed", "a wrong address is nobody without RCS", "too often", "broken"],
)
def test_what_rbm_does_not_tell_is_not_guessed(reply, retryable):
    for numbers in ([33612000000], range(33600000000, 33600000500)):
        with pytest.raises(TransportError) as caught:
            drive(rbm().capabilities(numbers), lambda _: reply, sleep=lambda _: None)
        assert caught.value.retryable is retryable


def test_the_answer_to_a_bulk_question_has_to_be_one():
    with pytest.raises(TransportError):
        drive(rbm().capabilities(range(33600000000, 33600000500)), lambda _: Reply(200, {}, b"[]"))


# ---------------------------------------------------------------- files


class Files:
    """Plays the files of RBM: each upload has a name of its own."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> Reply:
        self.calls.append(call)
        return Reply(200, {}, json.dumps({"name": f"files/{len(self.calls)}"}).encode())


def test_a_file_is_handed_over_once_by_its_address():
    files, transport = Files(), rbm()
    for _ in range(2):
        assert drive(transport.upload("https://shop.example/a.jpg"), files) == "files/1"
    (call,) = files.calls
    assert (path_of(call), json.loads(call.body)) == ("/v1/files", {"fileUrl": "https://shop.example/a.jpg"})
    assert query_of(call) == {"agentId": AGENT}


def test_a_file_is_handed_over_once_byte_by_byte():
    files, transport = Files(), rbm()
    for _ in range(2):
        assert drive(transport.upload(Upload(b"\xff\xd8", "image/jpeg")), files) == "files/1"
    assert drive(transport.upload(Upload(b"\xff\xd9", "image/jpeg")), files) == "files/2"
    call = files.calls[0]
    assert (path_of(call), call.body, call.headers["Content-Type"]) == ("/upload/v1/files", b"\xff\xd8", "image/jpeg")
    assert call.timeout_s == 300


def test_a_file_of_one_agent_is_not_that_of_another():
    files, cache = Files(), MemoryFileCache()
    names = [drive(rbm(agent=agent, files=cache).upload("https://shop.example/a.jpg"), files) for agent in "ab"]
    assert names == ["files/1", "files/2"]


def test_a_name_is_over_long_before_the_file_is():
    now = [NOON]
    files, transport = Files(), rbm(now=lambda: now[0])
    for days, wanted in ((0, 1), (29, 1), (30, 2)):
        now[0] = NOON + timedelta(days=days)
        assert drive(transport.upload("https://shop.example/a.jpg"), files) == f"files/{wanted}"


def test_a_name_outlives_the_process(tmp_path):
    files, path = Files(), tmp_path / "files.json"
    now = datetime.now(timezone.utc)
    for _ in range(2):
        transport = rbm(files=JsonFileCache(path), now=lambda: now)
        assert drive(transport.upload("https://shop.example/a.jpg"), files) == "files/1"
    assert [entry.name for entry in tmp_path.iterdir()] == ["files.json"]


def test_transports_of_several_threads_share_one_file_of_names(tmp_path):
    path, ends_at = tmp_path / "files.json", datetime.now(timezone.utc) + timedelta(days=1)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: JsonFileCache(path).put(f"k{key}", "files/1", ends_at), range(40)))
    assert len(json.loads(path.read_text())) == 40
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "[" * 100_000, "{", '{"a": 1}', '{"K": ["files/9", "soon"]}', '{"K": ["files/9", "2099-01-01"]}'],
)
def test_a_cache_that_cannot_be_read_is_an_empty_one(tmp_path, content):
    path = tmp_path / "files.json"
    path.write_text(content.replace("K", f"{AGENT} url https://shop.example/a.jpg"))
    assert drive(rbm(files=JsonFileCache(path)).upload("https://shop.example/a.jpg"), Files()) == "files/1"
    assert json.loads(path.read_text())


def test_a_carousel_is_uploaded_each_file_once():
    same = rcs.Media("https://shop.example/a.jpg", thumbnail="https://shop.example/t.jpg", alt="Une robe")
    other = rcs.Media("https://shop.example/b.pdf", height="short")
    kept = rcs.Media("files/old", uploaded=True)
    cards = [
        rcs.RichCard("1", media=same),
        rcs.RichCard("2", media=same),
        rcs.RichCard("3", media=other),
        rcs.RichCard("4", media=kept),
        rcs.RichCard("5"),
    ]
    message = rcs.RichMessage(rcs.Carousel(cards), suggestions=[rcs.Reply("Oui")], traffic="promotion")
    files = Files()
    uploaded = drive(rbm().with_uploads(message), files)
    assert len(files.calls) == 3
    media = [card.media for card in uploaded.content.cards]
    assert media[0] == media[1] == evolve(same, url="files/1", thumbnail="files/2", uploaded=True)
    assert media[2] == evolve(other, url="files/3", uploaded=True)
    assert media[3:] == [kept, None]
    assert uploaded.features == message.features
    assert uploaded.suggestions == message.suggestions
    assert drive(rbm().with_uploads(uploaded), files) == uploaded, "what is uploaded stays"


@pytest.mark.parametrize(
    ("content", "urls"),
    [
        ("Bonjour", []),
        (rcs.File("https://shop.example/f.pdf"), ["https://shop.example/f.pdf"]),
        (rcs.RichCard("a"), []),
        (rcs.RichCard("a", media=rcs.Media("https://shop.example/a.jpg")), ["https://shop.example/a.jpg"]),
    ],
    ids=["a text", "a file", "a card alone", "a card with a picture"],
)
def test_every_kind_of_message_names_its_files(content, urls):
    assert list(linked_files(content)) == urls
    named = with_names(rcs.RichMessage(content), dict.fromkeys(urls, "files/1"))
    assert list(linked_files(named.content)) == []
    assert (named == rcs.RichMessage(content)) is not bool(urls)


def test_a_file_without_the_name_of_its_thumbnail_stays_linked():
    message = rcs.RichMessage(rcs.File("https://shop.example/a.mp4", thumbnail="https://shop.example/t.jpg"))
    assert with_names(message, {"https://shop.example/a.mp4": "files/1"}) == message


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"", "image/jpeg"), (b"x", "text/html"), (b"x" * (100 * 1024 * 1024 + 1), "video/mp4")],
    ids=["nothing", "a page", "too much"],
)
def test_a_file_that_nobody_shows_is_refused(data, kind):
    with pytest.raises(InvalidInput):
        Upload(data, kind)


def test_a_file_that_is_not_taken_is_told_and_not_remembered():
    transport = rbm()
    with pytest.raises(TransportError, match="INVALID_ARGUMENT"):
        drive(transport.upload("https://shop.example/a.jpg"), lambda _: error(400, "INVALID_ARGUMENT"))
    with pytest.raises(TransportError, match="no name"):
        drive(transport.upload("https://shop.example/a.jpg"), lambda _: Reply(200, {}, b"{}"))
    assert drive(transport.upload("https://shop.example/a.jpg"), Files()) == "files/1"


def test_bytes_are_not_shown():
    assert "secret" not in repr(Upload(b"secret", "image/png"))
