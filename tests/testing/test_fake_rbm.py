"""The fake RBM: what it takes and refuses, what it remembers, what it tells, and what goes wrong with it."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from attrs import define, evolve

from smskit import rcs
from smskit.errors import InvalidInput, WebhookError
from smskit.kinds import DeliveryStatus, EventType
from smskit.protocols import WebhookRequest
from smskit.testing import FakeRbm
from smskit.testing.rbm import FEATURES, Handset, RbmFault, RbmState
from smskit.transports import parse_events
from smskit.transports.providers.rbm_tokens import SCOPE

NUMBER = 33612345678
NOON = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)

TEXT = rcs.RichMessage("Bonjour", traffic="promotion")
CARD = rcs.RichMessage(
    rcs.RichCard("Soldes", suggestions=[rcs.OpenUrl("Voir", "https://shop.example/", postback="site")]),
    suggestions=[rcs.Reply("Oui", postback="oui:1"), rcs.Reply("Non")],
    traffic="promotion",
)
CAROUSEL = rcs.RichMessage(
    rcs.Carousel([rcs.RichCard("1", suggestions=[rcs.Dial("Appeler", "+33412345678")]), rcs.RichCard("2")]),
    traffic="promotion",
)


class Agent:
    """Speaks to the fake as any HTTP client would."""

    def __init__(self, google: FakeRbm) -> None:
        self.google = google
        self.http = httpx.Client(
            base_url=google.url, headers={"Authorization": f"Bearer {google.token}"}, trust_env=False
        )

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        content: bytes | None = None,
        agent: str | None = None,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> httpx.Response:
        query = {"agentId": agent or self.google.agent, **query}
        raw = content if content is not None else json.dumps(body).encode() if body is not None else b""
        return self.http.request(method, path, params=query, content=raw, headers=headers)

    def send(
        self,
        message: rcs.RichMessage = TEXT,
        *,
        number: int | str = NUMBER,
        message_id: str | None = None,
        **changes: object,
    ) -> httpx.Response:
        body = {**message.payload(), **changes}
        return self.ask(
            "POST", f"/v1/phones/%2B{number}/agentMessages", body, messageId=message_id or str(uuid.uuid4())
        )

    def events(self):
        google = self.google
        rbm = google.transport()
        calls = google.take_calls()
        return [
            event for call in calls for event in parse_events(rbm, call.headers, call.body, call.url, now=google.now)
        ]


@pytest.fixture
def google() -> Iterator[FakeRbm]:
    with FakeRbm("shop", starts_at=NOON) as google:
        yield google


@pytest.fixture
def agent(google: FakeRbm) -> Iterator[Agent]:
    agent = Agent(google)
    yield agent
    agent.http.close()


def error_of(answer: httpx.Response) -> tuple[int, str]:
    told = answer.json()["error"]
    assert told["code"] == answer.status_code
    assert told["message"]
    return answer.status_code, told["status"]


# ---------------------------------------------------------------- messages


def test_a_message_is_taken_and_kept(google, agent):
    answer = agent.send(CARD, message_id="id-1")
    assert answer.status_code == 200
    assert answer.json() == {
        **CARD.payload(),
        "name": f"phones/+{NUMBER}/agentMessages/id-1",
        "sendTime": "2026-06-24T10:00:00Z",
    }
    (kept,) = google.sent
    assert (kept.id, kept.number, kept.at, kept.state, kept.ends_at) == ("id-1", NUMBER, NOON, RbmState.WAITING, None)
    assert kept.message == CARD
    assert [one.text for one in kept.suggestions] == ["Voir", "Oui", "Non"]
    assert google.sent_to(f"+{NUMBER}") == google.sent
    assert str(NUMBER) not in repr(kept)
    assert str(NUMBER) not in repr(google.requests)
    assert "Soldes" not in repr(kept)


def test_an_id_is_taken_once_whatever_comes_with_it(google, agent):
    first = agent.send(TEXT, message_id="id-1")
    again = agent.send(CARD, message_id="id-1", number=33698765432)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert len(google.sent) == 1
    assert google.duplicates == 1


REFUSED = [
    # what                                     changes to a text that is taken
    ("a member that nobody knows", {"contentMessage": {"text": "a"}, "color": "red"}),
    ("a member that nobody knows, deep inside", {"contentMessage": {"text": "a", "bold": True}}),
    ("no content", {"contentMessage": {}}),
    ("a text that is too long", {"contentMessage": {"text": "a" * 3073}}),
    ("a label that is too long", {"contentMessage": {"text": "a", "suggestions": [{"reply": {"text": "a" * 26, "postbackData": "a"}}]}}),
    ("a traffic that is none", {"messageTrafficType": "SPAM"}),
    ("no traffic, of an agent with several uses", {"messageTrafficType": "MESSAGE_TRAFFIC_TYPE_UNSPECIFIED"}),
    ("a ttl that is none", {"ttl": "soon"}),
    ("a ttl beyond 15 days", {"ttl": "1296001s"}),
    ("an end beyond 15 days", {"expireTime": "2026-07-09T10:00:01Z"}),
    ("two ends", {"ttl": "60s", "expireTime": "2026-06-25T10:00:00Z"}),
    ("a file that was never uploaded", {"contentMessage": {"uploadedRbmFile": {"fileName": "files/none"}}}),
]  # fmt: skip


@pytest.mark.parametrize("changes", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_google_would_refuse_is_refused(google, agent, changes):
    assert error_of(agent.send(TEXT, **changes)) == (400, "INVALID_ARGUMENT")
    assert google.sent == ()


def test_a_body_that_is_no_json_and_a_message_without_id_are_refused(agent):
    path = f"/v1/phones/%2B{NUMBER}/agentMessages"
    assert error_of(agent.ask("POST", path, content=b"{", messageId="a")) == (400, "INVALID_ARGUMENT")
    assert error_of(agent.ask("POST", path, content=b"[]", messageId="a")) == (400, "INVALID_ARGUMENT")
    assert error_of(agent.ask("POST", path, TEXT.payload())) == (400, "INVALID_ARGUMENT")


def test_an_agent_of_one_use_need_not_say_what_a_message_is_for():
    with FakeRbm(is_of_one_use=True) as google:
        agent = Agent(google)
        assert agent.send(rcs.RichMessage("Bonjour")).status_code == 200
        agent.http.close()


def test_a_number_without_rcs_is_not_found(google, agent):
    google.set_handset(NUMBER, has_rcs=False)
    assert error_of(agent.send()) == (404, "NOT_FOUND")
    assert agent.send(number=33698765432).status_code == 200


@pytest.mark.parametrize("number", ["0612345678", "abc", "1"])
def test_what_is_no_number_is_refused(agent, number):
    answer = agent.ask("POST", f"/v1/phones/{number}/agentMessages", TEXT.payload(), messageId="a")
    assert error_of(answer) == (400, "INVALID_ARGUMENT")


def test_a_handset_that_lacks_something_refuses_what_needs_it(google, agent):
    google.set_handset(NUMBER, features=FEATURES - {"RICHCARD_CAROUSEL"})
    answer = agent.send(CAROUSEL)
    assert error_of(answer) == (400, "INVALID_ARGUMENT")
    assert "RICHCARD_CAROUSEL" in answer.json()["error"]["message"]
    assert agent.send(CARD).status_code == 200
    google.set_handset(NUMBER, features=())
    assert error_of(agent.send(CARD))[0] == 400
    assert agent.send(TEXT).status_code == 200


@pytest.mark.parametrize(
    ("headers", "agent_id", "wanted"),
    [
        ({"Authorization": ""}, "shop", (401, "UNAUTHENTICATED")),
        ({"Authorization": "Bearer another"}, "shop", (401, "UNAUTHENTICATED")),
        ({"Authorization": "Basic abc"}, "shop", (401, "UNAUTHENTICATED")),
        (None, "another", (403, "PERMISSION_DENIED")),
    ],
    ids=["no token", "another token", "another kind", "another agent"],
)
def test_who_may_not_send_is_told_so(google, agent, headers, agent_id, wanted):
    path = f"/v1/phones/%2B{NUMBER}/agentMessages"
    assert error_of(agent.ask("POST", path, TEXT.payload(), messageId="a", headers=headers, agent=agent_id)) == wanted
    assert google.sent == ()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/v1/phones/%2B{NUMBER}/agentMessages"),
        ("POST", "/v2/files"),
        ("DELETE", f"/v1/phones/%2B{NUMBER}/testers"),
        ("PUT", "/"),
    ],
)
def test_an_address_that_is_none_is_not_found(agent, method, path):
    assert error_of(agent.ask(method, path, {}))[0] == 404


# ---------------------------------------------------------------- taking back


def test_taking_back_is_always_answered_with_200_and_reaches_what_waits_alone(google, agent):
    for one in ("waits", "arrived"):
        agent.send(message_id=one)
        if one == "waits":
            google.set_handset(NUMBER, is_online=False)
    google.set_handset(33698765432)
    agent.send(message_id="other", number=33698765432)
    google.deliver(33698765432)
    for path in ("waits", "other", "never-sent"):
        whom = 33698765432 if path == "other" else NUMBER
        answer = agent.ask("DELETE", f"/v1/phones/%2B{whom}/agentMessages/{path}")
        assert (answer.status_code, answer.json()) == (200, {})
    states = {one.id: one.state for one in google.sent}
    assert states == {"waits": RbmState.REVOKED, "arrived": RbmState.WAITING, "other": RbmState.DELIVERED}
    google.set_handset(NUMBER, is_online=True)
    assert google.deliver() == 1, "what was taken back never arrives"


def test_the_message_of_somebody_else_is_not_taken_back(google, agent):
    agent.send(message_id="id-1")
    agent.ask("DELETE", "/v1/phones/%2B33698765432/agentMessages/id-1")
    assert google.sent[0].state is RbmState.WAITING


def test_a_message_is_taken_back_at_its_end_and_not_before(google, agent):
    google.set_handset(NUMBER, is_online=False)
    agent.send(message_id="ttl", ttl="600.5s")
    agent.send(message_id="time", expireTime="2026-06-24T10:05:00Z")
    agent.send(message_id="for-ever")
    google.advance(299)
    assert agent.events() == []
    google.advance(3600)
    first, second = agent.events()
    assert (first.provider_id, first.at) == ("time", NOON + timedelta(minutes=5))
    assert (second.provider_id, second.at) == ("ttl", NOON + timedelta(seconds=600.5))
    assert {first.status, second.status} == {DeliveryStatus.EXPIRED}
    assert google.now == NOON + timedelta(seconds=3899)
    google.set_handset(NUMBER, is_online=True)
    assert google.deliver() == 1
    assert [event.provider_id for event in agent.events()] == ["for-ever"]


def test_what_cannot_be_taken_back_is_told_and_may_still_arrive(google, agent):
    google.refuse_revocation(NUMBER)
    agent.send(message_id="id-1", ttl="60s")
    google.advance(60)
    (failed,) = agent.events()
    assert (failed.status, failed.code) == (None, "TTL_EXPIRATION_REVOKE_FAILED")
    google.advance(3600)
    assert agent.events() == []
    google.deliver()
    assert [event.status for event in agent.events()] == [DeliveryStatus.DELIVERED]


def test_what_nobody_fetched_for_30_days_is_dropped_without_a_word(google, agent):
    agent.send()
    google.advance(30 * 86_400)
    assert google.sent[0].state is RbmState.DROPPED
    assert google.deliver() == 0
    assert agent.events() == []


# ---------------------------------------------------------------- people


def test_what_people_do_is_told(google, agent):
    agent.send(CARD, message_id="id-1")
    assert google.read() == 0, "what did not arrive cannot be read"
    assert (google.deliver(), google.read(NUMBER)) == (1, 1)
    assert (google.deliver(), google.read()) == (0, 0), "each once"
    google.show_typing(NUMBER)
    google.reply(NUMBER, "Merci")
    google.tap(NUMBER, "Oui")
    google.tap(NUMBER, "Voir")
    google.send_location(NUMBER, 43.8, 4.3)
    google.send_file(NUMBER, "https://rcs.example/photo.jpg", "image/jpeg")
    google.unsubscribe(NUMBER)
    google.subscribe(NUMBER, text=None)
    told = [(event.type, event.status, event.text, event.postback) for event in agent.events()]
    assert told == [
        (EventType.RECEIPT, DeliveryStatus.DELIVERED, None, None),
        (EventType.RECEIPT, DeliveryStatus.READ, None, None),
        (EventType.TYPING, None, None, None),
        (EventType.REPLY, None, "Merci", None),
        (EventType.REPLY, None, "Oui", "oui:1"),
        (EventType.REPLY, None, None, "site"),
        (EventType.REPLY, None, None, None),
        (EventType.REPLY, None, None, None),
        (EventType.REPLY, None, "STOP", None),
        (EventType.OPT_OUT, None, None, None),
        (EventType.OPT_IN, None, None, None),
    ]
    assert agent.events() == [], "each call is taken once"


def test_places_and_files_stand_in_what_was_told(google):
    rbm = google.transport()
    google.send_location(NUMBER, 43.8, 4.3)
    google.send_file(NUMBER, "https://rcs.example/photo.jpg", "image/jpeg")
    place, file = map(rbm.told, google.take_calls())
    assert place["location"] == {"latitude": 43.8, "longitude": 4.3}
    assert file["userFile"]["payload"]["fileUri"] == "https://rcs.example/photo.jpg"


def test_a_button_of_a_carousel_can_be_tapped(google, agent):
    agent.send(CAROUSEL)
    google.deliver()
    google.tap(NUMBER, "Appeler")
    assert agent.events()[-1].postback == "Appeler"


def test_what_did_not_arrive_or_is_not_there_cannot_be_tapped(google, agent):
    agent.send(CARD)
    with pytest.raises(AssertionError, match="none of 0 messages"):
        google.tap(NUMBER, "Oui")
    google.deliver()
    with pytest.raises(AssertionError, match=r"none of 1 messages that arrived at \+336••••••78") as caught:
        google.tap(NUMBER, "Peut-être")
    assert "Peut" not in str(caught.value)


def test_a_handset_that_is_offline_gets_it_later(google, agent):
    google.set_handset(NUMBER, is_online=False)
    agent.send()
    assert google.deliver() == 0
    google.set_handset(NUMBER, is_online=True)
    assert google.deliver() == 1


def test_messages_arrive_by_themselves_when_asked_for():
    with FakeRbm(delivers=True) as google:
        agent = Agent(google)
        google.set_handset(NUMBER, is_online=False)
        agent.send()
        agent.send(number=33698765432)
        assert [one.state for one in google.sent] == [RbmState.WAITING, RbmState.DELIVERED]
        google.set_handset(NUMBER, is_online=True)
        assert [one.state for one in google.sent] == [RbmState.DELIVERED, RbmState.DELIVERED]
        agent.http.close()


# ---------------------------------------------------------------- the webhook


def test_a_call_is_signed_and_a_forged_one_is_refused(google):
    rbm = google.transport()
    google.reply(NUMBER, "STOP")
    (call,) = google.take_calls()
    assert call.headers["X-Goog-Webhook-Type"] == "message_callback"
    assert len(parse_events(rbm, call.headers, call.body, call.url, now=google.now)) == 1
    forged = google.signed({"senderPhoneNumber": f"+{NUMBER}", "text": "STOP", "messageId": "1"}, client_token="x" * 20)
    for wrong in (forged, evolve(call, headers={}), evolve(call, body=forged.body)):
        with pytest.raises(WebhookError):
            parse_events(rbm, wrong.headers, wrong.body, wrong.url, now=google.now)


def test_what_is_told_again_has_the_same_keys(google, agent):
    agent.send()
    google.deliver()
    google.unsubscribe(NUMBER)
    first = agent.events()
    google.tell_again()
    assert [event.key for event in agent.events()] == [event.key for event in first]
    assert len({event.key for event in first}) == 3


class App:
    """A webhook on a socket, whose answers are said beforehand."""

    def __init__(self, google: FakeRbm, statuses: list[int]) -> None:
        self.heard: list[object] = []
        rbm, heard = google.transport(), self.heard

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                secret = rbm.handshake(WebhookRequest(headers, body, "https://shop.example/rbm"))
                status = statuses.pop(0) if statuses else 200
                if secret is None and status == 200:
                    heard.extend(parse_events(rbm, headers, body, "https://shop.example/rbm", now=google.now))
                self.send_response(status)
                self.end_headers()
                self.wfile.write((secret or "").encode())

            def log_message(self, *args: object) -> None:
                pass

        self._http = HTTPServer(("127.0.0.1", 0), Hook)
        self.url = f"http://127.0.0.1:{self._http.server_port}/rbm"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join(10)
        self._http.server_close()


def test_calls_go_to_a_webhook_until_it_answers_200(google):
    app = App(google, [200, 200, 503, 204])
    try:
        assert google.shake_hands(app.url)
        for text in ("un", "deux", "trois"):
            google.reply(NUMBER, text)
        assert google.push(app.url) == 1, "204 is no acknowledgement to RBM"
        assert google.push(app.url) == 2
        assert google.push(app.url) == 0
        assert [event.text for event in app.heard] == ["un", "deux", "trois"]
    finally:
        app.close()
    google.reply(NUMBER, "quatre")
    assert google.push(app.url) == 0, "nobody is there"
    assert len(google.take_calls()) == 1, "it waits"
    assert not google.shake_hands(app.url)


# ---------------------------------------------------------------- who has RCS, testers, files


def test_capabilities_are_those_of_the_handset(google, agent):
    google.set_handset(NUMBER, features={"RICHCARD_STANDALONE", "ACTION_DIAL"})
    answer = agent.ask("GET", f"/v1/phones/%2B{NUMBER}/capabilities", requestId="1")
    assert answer.json() == {"features": ["ACTION_DIAL", "RICHCARD_STANDALONE"]}
    google.set_handset(NUMBER, has_rcs=False)
    assert error_of(agent.ask("GET", f"/v1/phones/%2B{NUMBER}/capabilities", requestId="2")) == (404, "NOT_FOUND")


def bulk(agent: Agent, numbers, **changes: object) -> httpx.Response:
    body = {"users": [f"+{number}" for number in numbers], "agentId": "shop", **changes}
    return agent.http.post("/v1/users:batchGet", json=body)


def test_a_bulk_question_counts_a_sample_of_three_quarters(google, agent):
    numbers = range(33600000000, 33600001000)
    google.set_handset(*range(33600000000, 33600000400), has_rcs=False)
    told = bulk(agent, numbers).json()
    assert told["reachableUsers"] == [f"+{number}" for number in range(33600000400, 33600001000)]
    assert told["totalRandomSampleUserCount"] == 750
    assert 400 <= told["reachableRandomSampleUserCount"] <= 500
    with FakeRbm("shop") as other:
        again = Agent(other)
        other.set_handset(*range(33600000000, 33600000400), has_rcs=False)
        assert bulk(again, numbers).json() == told, "the seed draws the sample"
        again.http.close()


def test_few_numbers_have_no_sample(agent):
    told = bulk(agent, range(33600000000, 33600000499)).json()
    assert len(told["reachableUsers"]) == 499
    assert (told["totalRandomSampleUserCount"], told["reachableRandomSampleUserCount"]) == (0, 0)


BULK = [
    # what                          the users                                          more
    ("nobody", [], {}),
    ("more than 10 000", range(33600000000, 33600010001), {}),
    ("somebody twice", [NUMBER, NUMBER], {}),
    ("no list", [], {"users": "+33612345678"}),
    ("no numbers", [], {"users": ["0612345678"]}),
    ("a member that nobody knows", [NUMBER], {"color": "red"}),
]


@pytest.mark.parametrize(("numbers", "changes"), [row[1:] for row in BULK], ids=[row[0] for row in BULK])
def test_a_bulk_question_beyond_its_limits_is_refused(agent, numbers, changes):
    assert error_of(bulk(agent, numbers, **changes)) == (400, "INVALID_ARGUMENT")


def test_a_bulk_question_of_another_agent_is_not_allowed(agent):
    assert error_of(bulk(agent, [NUMBER], agentId="another")) == (403, "PERMISSION_DENIED")


def test_six_hundred_bulk_questions_a_minute(google, agent):
    statuses = [bulk(agent, [NUMBER]).status_code for _ in range(601)]
    assert statuses == [200] * 600 + [429]
    google.advance(60)
    assert bulk(agent, [NUMBER]).status_code == 200


def test_before_its_launch_an_agent_reaches_its_testers_alone():
    with FakeRbm("shop", is_launched=False, starts_at=NOON) as google:
        agent = Agent(google)
        assert error_of(agent.send()) == (403, "PERMISSION_DENIED")
        assert error_of(agent.ask("GET", f"/v1/phones/%2B{NUMBER}/capabilities")) == (404, "NOT_FOUND")
        assert bulk(agent, [NUMBER]).json()["reachableUsers"] == []
        with pytest.raises(AssertionError, match="not invited"):
            google.accept_invitation(NUMBER)
        invited = agent.ask("POST", f"/v1/phones/%2B{NUMBER}/testers", {})
        assert invited.json() == {"name": f"phones/+{NUMBER}/testers", "inviteStatus": "PENDING"}
        assert error_of(agent.send())[0] == 403, "an invitation is not an answer"
        google.accept_invitation(NUMBER)
        assert agent.send().status_code == 200
        assert bulk(agent, [NUMBER]).json()["reachableUsers"] == [f"+{NUMBER}"]
        assert error_of(agent.send(number=33698765432))[0] == 403
        google.launch()
        assert agent.send(number=33698765432).status_code == 200
        agent.http.close()


def test_twenty_invitations_a_day_and_two_hundred_in_all(google, agent):
    def invite(count: int) -> list[int]:
        return [agent.ask("POST", f"/v1/phones/%2B{NUMBER + n}/testers", {}).status_code for n in range(count)]

    assert invite(21) == [200] * 20 + [429]
    for _ in range(9):
        google.advance(86_400)
        assert invite(20) == [200] * 20
    google.advance(86_400)
    assert invite(1) == [429]
    google.set_handset(NUMBER, has_rcs=False)
    assert invite(1) == [404]


def test_a_file_has_a_name_that_messages_may_use_for_60_days(google, agent):
    by_url = agent.ask("POST", "/v1/files", {"fileUrl": "https://shop.example/a.jpg"}).json()["name"]
    by_bytes = agent.ask(
        "POST", "/upload/v1/files", content=b"\xff\xd8", headers={"Content-Type": "image/jpeg"}
    ).json()["name"]
    assert google.files == (by_url, by_bytes)
    message = rcs.RichMessage(
        rcs.RichCard("a", media=rcs.Media(by_url, thumbnail=by_bytes, uploaded=True)), traffic="promotion"
    )
    google.advance(60 * 86_400 - 1)
    assert agent.send(message).status_code == 200
    google.advance(1)
    assert error_of(agent.send(message))[0] == 400


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        ("/v1/files", b"{}", "application/json"),
        ("/v1/files", b'{"fileUrl": "ftp://a"}', "application/json"),
        ("/v1/files", b'{"fileUrl": "https://a.example/a.jpg", "color": 1}', "application/json"),
        ("/upload/v1/files", b"", "image/jpeg"),
        ("/upload/v1/files", b"<html>", "text/html"),
    ],
    ids=["no address", "no address of the web", "a member that nobody knows", "nothing", "a page"],
)
def test_what_is_no_file_is_refused(agent, path, content, kind):
    assert error_of(agent.ask("POST", path, content=content, headers={"Content-Type": kind})) == (
        400,
        "INVALID_ARGUMENT",
    )


def test_what_the_agent_shows_is_noted_once(google, agent):
    path = f"/v1/phones/%2B{NUMBER}/agentEvents"
    for _ in range(2):
        assert agent.ask("POST", path, {"eventType": "IS_TYPING"}, eventId="e-1").status_code == 200
    agent.ask("POST", path, {"eventType": "READ", "messageId": "m-1"}, eventId="e-2")
    assert google.shown == ((NUMBER, {"eventType": "IS_TYPING"}), (NUMBER, {"eventType": "READ", "messageId": "m-1"}))
    for body, query in (
        ({"eventType": "READ"}, {"eventId": "e-3"}),
        ({"eventType": "DANCES"}, {"eventId": "e-4"}),
        ({"eventType": "IS_TYPING"}, {}),
    ):
        assert error_of(agent.ask("POST", path, body, **query)) == (400, "INVALID_ARGUMENT")
    google.set_handset(NUMBER, has_rcs=False)
    assert error_of(agent.ask("POST", path, {"eventType": "IS_TYPING"}, eventId="e-5"))[0] == 404


# ---------------------------------------------------------------- what goes wrong

FAULTS = [
    # fault                          what comes back    whether it was taken
    (RbmFault.RESETS, None, False),
    (RbmFault.BREAKS, 500, False),
    (RbmFault.IS_AWAY, 503, False),
    (RbmFault.THROTTLES, 429, False),
    (RbmFault.TAKES_AND_RESETS, None, True),
    (RbmFault.TAKES_AND_BREAKS, 500, True),
    (RbmFault.TAKES_AND_SAYS_HALF, None, True),
    (RbmFault.TAKES_AND_IS_SLOW, 200, True),
]


def test_every_fault_is_here():
    assert {row[0] for row in FAULTS} == set(RbmFault)


@pytest.mark.parametrize(("fault", "status", "is_taken"), FAULTS, ids=[row[0].value for row in FAULTS])
def test_a_fault_is_what_it_says(google, agent, fault, status, is_taken):
    google.go_wrong(fault, seconds=0.05)
    if status is None:
        with pytest.raises(httpx.TransportError):
            agent.send(message_id="id-1")
    else:
        answer = agent.send(message_id="id-1")
        assert answer.status_code == status
        assert ("retry-after" in answer.headers) is (status == 429)
    assert bool(google.sent) is is_taken
    (asked,) = google.requests
    assert asked.status == (200 if is_taken else status or 0), "what was done, not what came back"
    assert agent.send(message_id="id-2").status_code == 200, "one request alone goes wrong"


def test_a_fault_waits_for_its_turn_and_its_path(google, agent):
    google.go_wrong(RbmFault.BREAKS, path="agentMessages", after=1, times=2)
    assert agent.ask("GET", f"/v1/phones/%2B{NUMBER}/capabilities").status_code == 200
    assert [agent.send().status_code for _ in range(4)] == [200, 500, 500, 200]


def test_a_slow_answer_does_not_keep_the_fake_open(google, agent):
    google.go_wrong(RbmFault.TAKES_AND_IS_SLOW, seconds=600)
    with pytest.raises(httpx.TimeoutException):
        agent.http.post(
            f"/v1/phones/%2B{NUMBER}/agentMessages?messageId=a&agentId=shop", json=TEXT.payload(), timeout=0.2
        )


# ---------------------------------------------------------------- itself


def test_it_is_open_within_its_block_alone():
    google = FakeRbm()
    with pytest.raises(InvalidInput, match="with"):
        google.url
    with google:
        url = google.url
        assert httpx.get(url, trust_env=False).status_code == 401
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_opened_and_closed_by_hand_it_is_the_same():
    google = FakeRbm("shop").open()
    assert google.open().url == google.url, "it is open already"
    agent = Agent(google)
    agent.send()
    agent.http.close()
    google.close()
    google.close()
    assert len(google.sent) == 1


def test_it_opens_in_coroutines_too():
    import asyncio

    async def main() -> int:
        async with FakeRbm() as google, httpx.AsyncClient(trust_env=False) as http:
            return (await http.get(google.url)).status_code

    assert asyncio.run(main()) == 401


def test_assertions_name_neither_number_nor_text(google, agent):
    agent.send(CARD)
    assert google.assert_sent(f"+{NUMBER}", containing="Soldes") == google.sent[0]
    google.assert_nothing_sent_to(33698765432)
    for check in (
        lambda: google.assert_sent(NUMBER, containing="Promotion"),
        lambda: google.assert_sent(33698765432),
        lambda: google.assert_nothing_sent_to(NUMBER),
    ):
        with pytest.raises(AssertionError) as caught:
            check()
        assert str(NUMBER) not in str(caught.value)
        assert "Promotion" not in str(caught.value)
    assert repr(google) == "FakeRbm('shop', messages=1)"


def test_many_at_once_are_each_taken_once(google):
    def send(place: int) -> None:
        agent = Agent(google)
        for n in range(20):
            assert agent.send(message_id=f"id-{(place + n) % 20}").status_code == 200
        agent.http.close()

    threads = [threading.Thread(target=send, args=(place,)) for place in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(google.sent) == 20
    assert google.duplicates == 80
    assert len(google.requests) == 100


def test_another_handset_may_be_the_usual_one():
    with FakeRbm(handset=Handset(has_rcs=False)) as google:
        agent = Agent(google)
        google.set_handset(NUMBER, has_rcs=True)
        assert agent.send().status_code == 200
        assert agent.send(number=33698765432).status_code == 404
        agent.http.close()


def test_the_library_of_google_gets_its_token_here(google, agent):
    pytest.importorskip("google.auth")
    from google.auth import transport
    from google.auth.exceptions import RefreshError
    from google.oauth2.service_account import Credentials

    @define
    class Answer:
        status: int
        headers: object
        data: bytes

    class Line(transport.Request):
        def __call__(self, url, method="GET", body=None, headers=None, timeout=None, **_):
            told = httpx.request(method, url, content=body, headers=headers, trust_env=False)
            return Answer(told.status_code, told.headers, told.content)

    credentials = Credentials.from_service_account_info(google.key_file(), scopes=[SCOPE])
    credentials.refresh(Line())
    answer = agent.ask(
        "GET", f"/v1/phones/%2B{NUMBER}/capabilities", headers={"Authorization": f"Bearer {credentials.token}"}
    )
    assert answer.status_code == 200
    with pytest.raises(RefreshError):
        Credentials.from_service_account_info(
            google.key_file(), scopes=["https://www.googleapis.com/auth/drive"]
        ).refresh(Line())
