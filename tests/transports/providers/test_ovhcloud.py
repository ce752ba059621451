"""OVHcloud held to the contract, and its own ways: its clock, its signature, jobs of many, minutes from now, whose id is whose."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta, timezone
from hashlib import sha1
from random import Random
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest
from attrs import evolve

import smskit as sk
from smskit.errors import InvalidInput, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call, Receipts, Reply, StopForm
from smskit.records import Accepted, Postponed, Refused, Taken, Unanswered
from smskit.testing.factories import contact_rows, outgoing
from smskit.testing.providers import NOW, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.ovhcloud import OvhCloud, signature

APPLICATION, SECRET, CONSUMER = "7kbG7Bk7S9Nt7ZSV", "application-secret", "consumer-key-of-the-shop"
SERVICE = "sms-ab12345-1"
BASE = f"https://eu.api.ovh.com/1.0/sms/{SERVICE}"
# Of a job, by @ovh-api/sms 3.1.26.
KEYS = {
    "charset", "class", "coding", "differedPeriod", "message", "noStopClause", "priority", "receivers",
    "receiversDocumentUrl", "receiversSlotId", "sender", "senderForResponse", "tag", "validityPeriod",
}  # fmt: skip
FORM = "application/x-www-form-urlencoded"


def job(receivers: list[str], invalid: list[str] | None = None, **changes: object) -> bytes:
    """Give a report as @ovh-api/sms types it."""
    ids = [900_000 + int(one[-4:]) for one in receivers]
    told = {"ids": ids, "validReceivers": receivers, "invalidReceivers": invalid or [], "totalCreditsRemoved": 1}
    return json.dumps({**told, **changes}).encode()


def refusal(status: int, code: str = "", message: str = "...") -> Reply:
    told = {"message": message, "class": "Client::BadRequest", **({"errorCode": code} if code else {})}
    return Reply(status, {}, json.dumps(told).encode())


def pushed(ptt: int, receipt: int = 1) -> str:
    return urlencode({"id": 900007, "ptt": ptt, "date": "2026-06-24 09:59:07", "description": receipt, "descriptionDlr": "x"})  # fmt: skip


PUSHED = [
    # what                                        ptt  dlr  status                      failure
    ("the handset is asked again", 1, 8, DeliveryStatus.SENT, None),
    ("the operator tries again", 2, 8, DeliveryStatus.SENT, None),
    ("the operator has it", 3, 4, DeliveryStatus.SENT, None),
    ("it arrived", 4, 1, DeliveryStatus.DELIVERED, None),
    ("it did not arrive", 5, 2, DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("nobody will know", 6, 2, DeliveryStatus.UNKNOWN, FailureClass.UNSPECIFIED),
    ("too late", 8, 2, DeliveryStatus.EXPIRED, FailureClass.VALIDITY_EXPIRED),
    ("not in this form", 20, 2, DeliveryStatus.UNDELIVERED, FailureClass.CONTENT_INVALID),
    ("the subscriber has no credit", 21, 2, DeliveryStatus.UNDELIVERED, FailureClass.RECIPIENT_ACCOUNT),
    ("no such number", 23, 2, DeliveryStatus.UNDELIVERED, FailureClass.UNKNOWN_SUBSCRIBER),
    ("absent", 24, 2, DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("the network", 25, 2, DeliveryStatus.UNDELIVERED, FailureClass.CARRIER_ERROR),
    ("the handset is full", 26, 2, DeliveryStatus.UNDELIVERED, FailureClass.HANDSET_ERROR),
    ("the handset never can", 27, 2, DeliveryStatus.UNDELIVERED, FailureClass.UNSUPPORTED),
    ("spam", 28, 2, DeliveryStatus.BLOCKED, FailureClass.SPAM_FILTER),
    ("forbidden words", 29, 2, DeliveryStatus.BLOCKED, FailureClass.POLICY),
    ("for adults", 33, 2, DeliveryStatus.BLOCKED, FailureClass.POLICY),
    ("a new operator failed", 39, 2, DeliveryStatus.UNDELIVERED, FailureClass.CARRIER_ERROR),
    ("ported, not reached", 73, 2, DeliveryStatus.UNDELIVERED, FailureClass.PORTABILITY),
    ("abroad", 74, 2, DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("ported, blocked", 76, 2, DeliveryStatus.BLOCKED, FailureClass.CARRIER_BLOCK),
    ("blocked for the client", 202, 2, DeliveryStatus.BLOCKED, FailureClass.CARRIER_BLOCK),
    ("no ptt yet: pending", 0, 0, DeliveryStatus.QUEUED, None),
    ("a ptt that nobody knows: success", 999, 1, DeliveryStatus.DELIVERED, None),
    ("a ptt that nobody knows: failed", 999, 2, DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("a ptt that nobody knows: waiting", 999, 4, DeliveryStatus.QUEUED, None),
    ("a ptt that nobody knows: buffered", 999, 8, DeliveryStatus.SENT, None),
    ("a ptt that nobody knows: error, not billed", 999, 16, DeliveryStatus.FAILED, FailureClass.UNSPECIFIED),
    ("neither is known", 999, 77, None, None),
]
REFUSALS = [
    # what                                  status  code                    outcome    failure
    ("not granted", 403, "NOT_GRANTED_CALL", Postponed, FailureClass.PERMISSION),
    ("forbidden", 403, "FORBIDDEN", Postponed, FailureClass.PERMISSION),
    ("no such consumer", 403, "NOT_CREDENTIAL", Postponed, FailureClass.AUTH),
    ("a consumer of before", 403, "INVALID_CREDENTIAL", Postponed, FailureClass.AUTH),
    ("no such application", 403, "INVALID_KEY", Postponed, FailureClass.AUTH),
    ("a wrong signature", 400, "INVALID_SIGNATURE", Postponed, FailureClass.AUTH),
    ("a wrong clock rejects nobody", 400, "QUERY_TIME_OUT", Postponed, FailureClass.AUTH),
    ("no such account", 404, "", Postponed, FailureClass.ACCOUNT),
    ("a code that nobody knows", 400, "MOON", Refused, FailureClass.BAD_REQUEST),
    ("a conflict", 409, "", Unanswered, None),
    ("a broken machine", 500, "INVALID_KEY", Unanswered, None),
]


class TestOvhCloud(ProviderContract):
    secrets = (APPLICATION, SECRET, CONSUMER)
    told = (
        *(
            Told(
                what=what,
                method="GET",
                content_type="",
                query=pushed(ptt, receipt),
                events=({"type": EventType.RECEIPT, "status": status, "failure": failure, "provider_id": "900007", "number": None, "code": f"{receipt}/{ptt}"},),
            )
            for what, ptt, receipt, status, failure in PUSHED
        ),
        Told(
            what="a reply, as a form",
            content_type=FORM,
            body=urlencode({"id": "55", "keyword": "X", "message": "Merci", "senderid": "+33612000007", "shortcode": "38069", "tag": "run-0"}).encode(),
            events=({"type": EventType.REPLY, "number": 33612000007, "text": "Merci", "reference": "run-0"},),
        ),
        Told(
            what="a reply to something of another application",
            content_type=FORM,
            body=urlencode({"id": "56", "message": "Stop", "senderid": "+33612000007", "tag": "soldes"}).encode(),
            events=({"type": EventType.REPLY, "number": 33612000007, "text": "Stop", "reference": None},),
        ),
        Told(what="a receipt as JSON", body=b'{"id": 900007, "ptt": 4, "description": 1, "date": "2026-06-24 09:59:07"}',
             events=({"type": EventType.RECEIPT, "status": DeliveryStatus.DELIVERED},)),
        Told(what="an id without a status", method="GET", content_type="", query="id=900007&date=2026-06-24"),
        Told(what="a status of nothing", method="GET", content_type="", query="ptt=4&description=1"),
        Told(what="somebody who says nothing", method="GET", content_type="", query="senderid=33612000007"),
        Told(what="words of nobody", method="GET", content_type="", query="message=Merci&senderid=38069"),
        Told(what="something else", method="GET", content_type="", query="hello=world"),
    )  # fmt: skip
    refusals = (
        *((what, refusal(status, code), kind, failure) for what, status, code, kind, failure in REFUSALS),
        ("no credit, in a sentence", refusal(400, "", "Credit is missing"), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("too fast", Reply(429, {"Retry-After": "7"}, b"{}"), Postponed, FailureClass.THROTTLED),
        ("success, and the only receiver is invalid", Reply(200, {}, job([], ["+33612000000"])), Refused, FailureClass.INVALID_NUMBER),
        ("success, for nobody", Reply(200, {}, job([])), Unanswered, None),
        ("success, a receiver and no id", Reply(200, {}, job(["+33612000000"], ids=[])), Unanswered, None),
        ("success, for somebody else", Reply(200, {}, job(["+33612000009"])), Unanswered, None),
    )  # fmt: skip

    def make_transport(self, **options: object) -> OvhCloud:
        account = {"application_key": APPLICATION, "application_secret": SECRET, "consumer_key": CONSUMER}
        return OvhCloud(**account, service=SERVICE, **options)

    def take(self, call: Call) -> Reply:
        if call.url.endswith("/auth/time"):
            assert "X-Ovh-Signature" not in call.headers, "the time is not signed for"
            return Reply(200, {}, str(int(NOW.timestamp())).encode())
        check_signature(call)
        assert ("Content-Type" in call.headers) is (call.method == "POST")
        if call.method == "GET":
            return Reply(200, {}, b"[]")
        assert call.url == f"{BASE}/jobs"
        return Reply(200, {"Content-Type": "application/json"}, job(json.loads(call.body)["receivers"]))

    def said(self, call: Call) -> list[Said]:
        if call.method != "POST":
            return []
        told = json.loads(call.body)
        assert set(told) - {"smskitUnmodelled"} <= KEYS
        assert told["class"] == "phoneDisplay", "a text of ours never flashes"
        validity, wait = told.get("validityPeriod"), told.get("differedPeriod")
        return [
            Said(
                int(number), told["message"], told.get("sender", ""), None, told["coding"] == "8bit",
                None if wait is None else NOW + timedelta(minutes=wait),
                None if validity is None else validity * 60, not told["noStopClause"],
            )
            for number in told["receivers"]
        ]  # fmt: skip

    def id_of(self, number: int) -> str:
        return str(900_000 + number % 10_000)

    # ------------------------------------------------------------ its own ways
    # What was just taken may not be listed yet: see below.

    def test_a_reference_that_was_never_taken_is_missing(self) -> None:
        assert self.run(self.make_transport().ask([outgoing(0)])) == {"run-0": Unanswered("run-0")}

    def test_a_reference_that_was_taken_is_known(self) -> None:
        carrier = Archive(sent(1, 33612000000, tag="run-0"), sent(2, 33612000000, tag="old-4"), sent(3, 33612000001))
        assert drive(self.make_transport().ask([outgoing(0)]), carrier) == {"run-0": Accepted("run-0", "1", 1)}

    def test_a_flow_is_lazy(self) -> None:
        calls: list[Call] = []
        self.make_transport().submit([outgoing()]).close()
        assert calls == []


def check_signature(call: Call) -> None:
    """Check a call as OVHcloud says that it does."""
    assert (call.headers["X-Ovh-Application"], call.headers["X-Ovh-Consumer"]) == (APPLICATION, CONSUMER)
    parts = [SECRET, CONSUMER, call.method, call.url, call.body.decode(), call.headers["X-Ovh-Timestamp"]]
    assert call.headers["X-Ovh-Signature"] == "$1$" + sha1("+".join(parts).encode()).hexdigest()


def sent(told_id: int, number: int, **changes: object) -> dict[str, object]:
    """Give an outgoing message as @ovh-api/sms types it."""
    return {
        "id": told_id, "receiver": f"+{number}", "message": outgoing().text, "tag": "run-0", "ptt": 4,
        "deliveryReceipt": 1, "numberOfSms": 1, "credits": 1, "sender": "MABOUTIQUE", "differedDelivery": 0,
        "creationDatetime": "2026-06-24T12:00:00+02:00", "sentAt": "2026-06-24T12:00:03+02:00",
        "deliveredAt": "2026-06-24T12:00:07+02:00", **changes,
    }  # fmt: skip


class Archive:
    """Plays the part of OVHcloud that remembers what was sent."""

    def __init__(self, *items: dict[str, object]) -> None:
        self.items = items
        self.is_careless = False
        self.asked: list[str] = []

    def __call__(self, call: Call) -> Reply:
        if call.url.endswith("/auth/time"):
            return TestOvhCloud().take(call)
        check_signature(call)
        path = call.url.removeprefix(BASE)
        self.asked.append(unquote(path))
        if path.startswith("/outgoing/"):
            found = [item for item in self.items if str(item["id"]) == path.removeprefix("/outgoing/")]
            return Reply(200, {}, json.dumps(found[0]).encode()) if found else Reply(404, {}, b"{}")
        asked = parse_qs(urlsplit(path).query)
        found = [
            item["id"] for item in self.items
            if [item["receiver"]] == asked["receiver"] and (self.is_careless or asked.get("tag", [item["tag"]]) == [item["tag"]])
        ]  # fmt: skip
        return Reply(200, {}, json.dumps(found).encode())


def provider(**options: object) -> OvhCloud:
    return TestOvhCloud().make_transport(**options)


def calls_of(messages, *, of=None, **options):
    calls: list[Call] = []
    of = of or TestOvhCloud().take
    outcomes = drive(
        provider(**options).submit(messages), lambda call: calls.append(call) or of(call), sleep=lambda _: None
    )
    return calls, outcomes


def body_of(message, **options) -> dict[str, object]:
    calls, _ = calls_of([message], **options)
    return json.loads(calls[-1].body)


# ---------------------------------------------------------------- the clock


def test_the_time_is_asked_once_in_a_submission_of_many_requests():
    calls, outcomes = calls_of([outgoing(seq, text=f"Bonjour {seq % 3}") for seq in range(9)])
    assert [call.label for call in calls] == ["time", "submit", "submit", "submit"]
    assert len(outcomes) == 9
    stamps = {int(call.headers["X-Ovh-Timestamp"]) - int(NOW.timestamp()) for call in calls[1:]}
    assert stamps <= {0, 1}, "signed with another clock than OVHcloud's"


def test_nothing_to_send_asks_nothing():
    assert calls_of([]) == ([], ())


def test_a_known_difference_of_the_clocks_asks_nothing():
    calls, _ = calls_of([outgoing()], time_delta_s=3600.0)
    assert [call.label for call in calls] == ["submit"]
    ahead_s = int(calls[0].headers["X-Ovh-Timestamp"]) - datetime.now(timezone.utc).timestamp()
    assert 3590 < ahead_s <= 3600


CLOCKS = [
    ("a broken clock", Reply(500, {}, b""), None),
    ("an HTML page", Reply(200, {}, b"<html>"), None),
    ("an error as an object", Reply(200, {}, b'{"message": "no"}'), None),
    ("too many requests", Reply(429, {"Retry-After": "7"}, b""), 7.0),
]


@pytest.mark.parametrize(("reply", "wait_s"), [row[1:] for row in CLOCKS], ids=[row[0] for row in CLOCKS])
def test_without_the_time_nothing_is_handed_over_and_all_may_be_offered_again(reply, wait_s):
    with pytest.raises(TransportError) as told:
        calls_of([outgoing()], of=lambda _: reply)
    assert (told.value.retryable, told.value.retry_after_s) == (True, wait_s)


def test_a_lost_answer_about_the_time_leaves_nothing_in_doubt():
    def lose(_: Call) -> Reply:
        raise TransportError("ovhcloud", "no answer", retryable=False)

    with pytest.raises(TransportError) as told:
        calls_of([outgoing()], of=lose)
    assert told.value.retryable


def test_the_provider_stays_as_it_was():
    one = provider()
    drive(one.submit([outgoing()]), TestOvhCloud().take)
    assert one == provider()
    assert one._anchor is None


def test_the_example_that_ovhcloud_gives_of_a_signature():
    # Source: OVHcloud's guide "First steps with the APIs", with the time 1366560945.
    consumer, url = "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1", "https://eu.api.ovh.com/1.0/domains/"
    made = signature("EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF", consumer, "GET", url, b"", "1366560945")
    assert made == "$1$d3705e8afb27a0d2970a322b96550abfc67bb798"


TIMES = [
    ("in an hour", timedelta(hours=1), 60),
    ("in ninety seconds: never too early", timedelta(seconds=90), 2),
    ("in the past: at once", timedelta(hours=-1), 0),
]


@pytest.mark.parametrize(("ahead", "minutes"), [row[1:] for row in TIMES], ids=[row[0] for row in TIMES])
def test_a_time_is_minutes_from_ovhclouds_now(ahead, minutes):
    assert body_of(evolve(outgoing(), send_at=NOW + ahead))["differedPeriod"] == minutes
    assert "differedPeriod" not in body_of(outgoing())


def test_a_validity_is_whole_minutes_and_never_longer_than_asked():
    assert body_of(evolve(outgoing(), validity_s=179))["validityPeriod"] == 2
    assert "validityPeriod" not in body_of(outgoing())


# ---------------------------------------------------------------- jobs


def test_what_it_can_do_is_declared():
    features = provider().features
    assert (features.largest_batch, features.in_flight, features.largest_parts) == (500, 2, 6)
    assert (features.live, features.replies, features.balance, features.schedules, features.can_be_asked) == (True,) * 5
    assert features.receipts is Receipts.FETCHED
    assert (features.idempotent, features.validity_s) == (False, (60, 172_800))
    assert provider(in_flight=5).features.in_flight == 5


def test_five_hundred_of_one_text_are_one_job():
    calls, outcomes = calls_of([outgoing(seq) for seq in range(500)])
    assert [len(json.loads(call.body)["receivers"]) for call in calls if call.body] == [500]
    assert {type(outcome) for outcome in outcomes} == {Accepted}


def test_some_receivers_are_invalid_and_the_others_are_sent_to():
    answer = job(["+33612000002", "+33612000000"], ["+33612000001"])
    _, outcomes = calls_of(
        [outgoing(seq) for seq in range(3)],
        of=lambda call: Reply(200, {}, answer) if call.body else TestOvhCloud().take(call),
    )
    assert outcomes == (
        Accepted("run-0", "900000"),
        Refused("run-1", FailureClass.INVALID_NUMBER, "invalidReceivers"),
        Accepted("run-2", "900002"),
    )


def test_missing_credit_keeps_a_code():
    _, outcomes = calls_of(
        [outgoing()],
        of=lambda call: refusal(400, "", "Not enough credits") if call.body else TestOvhCloud().take(call),
    )
    assert outcomes == (Postponed("run-0", FailureClass.INSUFFICIENT_CREDIT, None, "http-400"),)


def test_ids_that_are_not_as_many_as_the_receivers_are_nobodys():
    answer = job(["+33612000000", "+33612000001"], ids=[1, 2, 3])
    _, outcomes = calls_of(
        [outgoing(0), outgoing(1)],
        of=lambda call: Reply(200, {}, answer) if call.body else TestOvhCloud().take(call),
    )
    assert outcomes == (Accepted("run-0"), Accepted("run-1"))


def test_the_stop_clause_is_off_unless_it_is_asked_for():
    assert body_of(outgoing())["noStopClause"] is True
    assert body_of(evolve(outgoing(), carrier_stop=True))["noStopClause"] is False
    form = provider().features.stop_for("FR")
    assert (form.suffix, form.printed_by_transport) == (" STOP 36111", True)
    assert len(form.suffix) == 11, "149 characters are one part with it"


def test_the_hours_of_ovhcloud_are_those_of_its_clause():
    window = provider().features.windows["FR"]
    assert (window.opens, window.closes, sorted(window.weekdays)) == (time(8), time(20), [0, 1, 2, 3, 4, 5])
    assert provider(stop={"FR": StopForm("STOP au 36180")}).features.windows == {}


def test_without_a_sender_people_can_answer():
    told = body_of(outgoing(sender=""))
    assert told["senderForResponse"] is True
    assert "sender" not in told
    assert "senderForResponse" not in body_of(outgoing())


def test_options_are_told():
    assert body_of(outgoing(), priority="high")["priority"] == "high"
    assert "priority" not in body_of(outgoing())


TAGS = [
    ("the first reference of the run", "run", 7, "run-0"),
    ("a run of the plan", "0123456789abcdef", 123_456, "0123456789abcdef-0"),
    ("a run whose name is too long has none", "0123456789abcdef0123", 1, None),
]


@pytest.mark.parametrize(("run_id", "seq", "tag"), [row[1:] for row in TAGS], ids=[row[0] for row in TAGS])
def test_the_tag_names_the_run(run_id, seq, tag):
    assert body_of(outgoing(seq, run_id=run_id)).get("tag") == tag


def test_a_job_is_of_one_run():
    calls, _ = calls_of([outgoing(0), outgoing(1, run_id="other"), outgoing(2)])
    told = [(body["tag"], body["receivers"]) for body in (json.loads(call.body) for call in calls[1:])]
    assert told == [("run-0", ["+33612000000", "+33612000002"]), ("other-0", ["+33612000001"])]


def test_a_priority_that_ovhcloud_does_not_have_is_refused_when_the_provider_is_made():
    assert provider(priority="veryLow").priority == "veryLow"
    with pytest.raises(InvalidInput, match="veryLow"):
        provider(priority="very low")


def test_a_sender_that_ovhcloud_would_not_take_is_refused_at_the_call():
    with pytest.raises(InvalidInput, match="senders"):
        provider().submit([outgoing(sender="Boulangerie1")])
    provider().submit([outgoing(sender="+33644000001")])


# ---------------------------------------------------------------- afterwards


def test_a_look_up_tells_the_receipt_in_one_request_after_the_clock():
    archive = Archive(sent(7, 33612000007, ptt=24, deliveryReceipt=2))
    (event,) = drive(provider().look_up([Taken("run-7", 33612000007, "7")]), archive)
    assert (event.status, event.failure) == (DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE)
    assert (event.number, event.reference, event.provider_id, event.code) == (33612000007, "run-7", "7", "2/24")
    assert event.at == datetime(2026, 6, 24, 10, 0, 7, tzinfo=timezone.utc)
    assert archive.asked == ["/outgoing/7"]


@pytest.mark.parametrize(
    ("date", "at"),
    [("2026-06-24 09:59:07", "09:59:07"), ("2026-06-24 11:59:07", "10:00:00"), ("yesterday", "10:00:00")],
)
def test_a_pushed_receipt_is_never_of_the_future(date, at):
    query = urlencode({"id": 900007, "ptt": 4, "description": 1, "date": date})
    (event,) = provider().parse(Told(what="x", method="GET", content_type="", query=query).request(), NOW)
    assert event.at.isoformat() == f"2026-06-24T{at}+00:00"


@pytest.mark.parametrize("missing", ["id", "receiver", "creationDatetime"])
def test_a_look_up_of_which_half_is_missing_tells_nothing(missing):
    item = {**sent(7, 33612000007), "deliveredAt": None, "sentAt": None}
    answer = {name: value for name, value in item.items() if name != missing}

    def answered(call: Call) -> Reply:
        is_clock = call.url.endswith("/auth/time")
        return TestOvhCloud().take(call) if is_clock else Reply(200, {}, json.dumps(answer).encode())

    assert drive(provider().look_up([Taken("run-7", 33612000007, "7")]), answered) == ()


def test_a_message_that_waits_has_no_receipt_yet():
    assert drive(provider().look_up([Taken("run-7", 33612000007, "7")]), Archive()) == ()


def test_ids_in_another_order_find_their_recipients_all_the_same():
    # The ids of 7 and 8 were exchanged; 8 is not asked about any more once its receipt is known.
    others = (sent(9, 33612000007, message="else", ptt=5), sent(10, 33612000007, tag="other-0", ptt=5))
    archive = Archive(sent(7, 33612000008, ptt=5), sent(8, 33612000007, ptt=4), *others)
    told = drive(provider().look_up([Taken("run-7", 33612000007, "7")]), archive)
    assert [(event.number, event.status) for event in told] == [
        (33612000008, DeliveryStatus.UNDELIVERED),
        (33612000007, DeliveryStatus.DELIVERED),
    ]
    assert {event.reference for event in told} == {"run-7"}, "with the number it means the message to it in the run"
    assert "creationDatetime.from=2026-06-24T09:59:00+00:00" in archive.asked[1]


def test_a_run_of_sixty_whose_ids_are_shuffled_ends_with_each_receipt_in_its_place(tmp_path):
    archive, taken = Archive(), []

    async def carrier(call: Call) -> Reply:
        if call.method != "POST":
            return archive(call) if "/outgoing" in call.url else TestOvhCloud().take(call)
        told = json.loads(call.body)
        ids = list(range(1, 1 + len(told["receivers"])))
        taken.extend(
            sent(one, int(number), message=told["message"], tag=told["tag"], ptt=4 if one % 3 else 23)
            for one, number in zip(ids, told["receivers"], strict=True)
        )
        archive.items = tuple(taken)
        Random(3).shuffle(ids)
        return Reply(200, {}, job(told["receivers"], ids=ids))

    with sk.Store(tmp_path / "run.db") as store:
        people = sk.Contacts.read(contact_rows(60))
        campaign = sk.Campaign("avis", "Votre colis est la", to=people, sender="BOUTIQUE", kind=sk.Kind.NOTIFICATION)
        prices = sk.Prices.per_part(FR="0.045")
        plan = campaign.plan(prices=prices, store=store, transport=provider(), at="2026-06-24 12:00")
        clock = sk.VirtualClock(plan.inputs.at)
        run = sk.Run(store, plan.load(provider(), clock=clock).id, provider(), clock=clock, call=carrier)
        run.resume(wait=True)
        run.refresh()
        wanted = {int(item["receiver"]): item["ptt"] for item in taken}
        words = {4: DeliveryStatus.DELIVERED, 23: DeliveryStatus.UNDELIVERED}
        assert {send.number: send.status for send in run.sends()} == {n: words[ptt] for n, ptt in wanted.items()}
        asked = len(archive.asked)
        assert run.refresh() == 0
        assert len(archive.asked) == asked, "what is final is asked for again"


def test_what_is_pushed_does_not_take_the_place_of_what_is_looked_up():
    (looked_up,) = drive(
        provider().look_up([Taken("run-7", 33612000007, "900007")]), Archive(sent(900007, 33612000007))
    )
    (told,) = provider().parse(Told(what="x", method="GET", content_type="", query=pushed(4)).request(), NOW)
    assert told.key != looked_up.key, "a receipt without a number would hide the one that finds its message"


ASKED = [
    ("another run", [sent(1, 33612000000, tag="old-4")], Unanswered("run-0")),
    ("a tag of another application", [sent(1, 33612000000, tag="soldes")], Unanswered("run-0")),
    ("another text", [sent(1, 33612000000, message="Votre colis")], Unanswered("run-0")),
    ("twice", [sent(1, 33612000000), sent(2, 33612000000)], Unanswered("run-0")),
    ("with the clause behind the text", [sent(1, 33612000000, message=f"{outgoing().text} STOP 36111")], Accepted("run-0", "1", 1)),
]  # fmt: skip


@pytest.mark.parametrize(("items", "wanted"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
def test_a_message_in_doubt_is_looked_for_by_number_run_and_text(items, wanted):
    assert drive(provider().ask([outgoing(0)]), Archive(*items)) == {"run-0": wanted}


def test_what_is_found_is_looked_at():
    archive = Archive(sent(1, 33612000000, tag="old-0"))
    archive.is_careless = True
    assert drive(provider().ask([outgoing(0)]), archive) == {"run-0": Unanswered("run-0")}
    assert "tag=run-0" in archive.asked[0]


def test_a_run_without_a_tag_is_not_asked_for():
    archive = Archive(sent(1, 33612000000, tag=""))
    message = outgoing(0, run_id="0123456789abcdef0123")
    assert drive(provider().ask([message]), archive) == {message.reference: Unanswered(message.reference)}
    assert archive.asked == []


def test_replies_and_those_who_said_stop_are_fetched():
    incoming = {"id": 55, "sender": "+33612000007", "message": "Merci", "tag": "run-0", "credits": 1}
    asked: list[str] = []

    def answer(call: Call) -> Reply:
        if call.url.endswith("/auth/time"):
            return TestOvhCloud().take(call)
        check_signature(call)
        asked.append(unquote(call.url.removeprefix(BASE)))
        told: object = {"/incoming/55": {**incoming, "creationDatetime": "2026-06-24T12:01:00+02:00"}, "/blacklists": ["+33612000008", "?"]}.get(asked[-1], [55])  # fmt: skip
        return Reply(200, {}, json.dumps(told).encode())

    events = drive(provider().fetch(NOW - timedelta(hours=1)), answer)
    assert [(event.type, event.number, event.reference, event.text) for event in events] == [
        (EventType.REPLY, 33612000007, "run-0", "Merci"),
        (EventType.OPT_OUT, 33612000008, None, None),
    ]
    assert asked[0] == "/incoming?creationDatetime.from=2026-06-24T09:00:00+00:00"
    again = drive(provider().fetch(NOW - timedelta(hours=1)), answer)
    assert [event.key for event in again] == [event.key for event in events]
    clock = Reply(200, {}, str(int((NOW + timedelta(days=7)).timestamp())).encode())
    later = drive(provider().fetch(NOW), lambda call: clock if call.url.endswith("/auth/time") else answer(call))
    assert later[0].key == events[0].key
    assert later[1].key != events[1].key, "who came back and left again would be taken for one who is back"


@pytest.mark.parametrize("missing", ["sender", "creationDatetime"])
def test_a_reply_of_which_half_is_missing_is_none(missing):
    whole = {"id": 55, "sender": "+33612000007", "message": "x", "creationDatetime": "2026-06-24T12:01:00+02:00"}
    item = {name: value for name, value in whole.items() if name != missing}

    def answer(call: Call) -> Reply:
        if call.url.endswith("/auth/time"):
            return TestOvhCloud().take(call)
        told = {"55": item, "blacklists": []}.get(call.url.rpartition("/")[2], [55])
        return Reply(200, {}, json.dumps(told).encode())

    assert drive(provider().fetch(NOW), answer) == ()


@pytest.mark.parametrize(("code", "kept"), [("MOON", "MOON"), ("", "http-400"), ("a sentence of theirs", "http-400")])
def test_what_is_kept_of_a_refusal(code, kept):
    _, outcomes = calls_of([outgoing()], of=lambda call: refusal(400, code) if call.body else TestOvhCloud().take(call))
    assert outcomes == (Refused("run-0", FailureClass.BAD_REQUEST, kept),)


def test_a_reply_that_is_pushed_and_fetched_is_one():
    fields = {"id": 55, "message": "Merci", "senderid": "+33612000007", "tag": "run-0"}
    (told,) = provider().parse(Told(what="x", content_type=FORM, body=urlencode(fields).encode()).request(), NOW)
    item = {"id": 55, "sender": "+33612000007", "message": "Merci", "tag": "run-0"}
    assert told.key == provider()._reply(item, 33612000007, NOW - timedelta(hours=1), "55").key


def test_the_balance_is_in_credits():
    def answer(call: Call) -> Reply:
        if call.url.endswith("/auth/time"):
            return TestOvhCloud().take(call)
        check_signature(call)
        assert call.url == BASE
        return Reply(200, {}, b'{"name": "sms-ab12345-1", "creditsLeft": 1987.5}')

    balance = drive(provider().balance(), answer)
    assert (str(balance.amount), balance.currency) == ("1987.5", "credits")


def test_a_message_that_waits_can_be_taken_back():
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return TestOvhCloud().take(call) if call.method == "GET" else Reply(200, {}, b"null")

    assert drive(provider().withdraw("900007"), answer) is True
    check_signature(calls[-1])
    assert (calls[-1].method, calls[-1].url) == ("DELETE", f"{BASE}/jobs/900007")
