"""Twilio over RCS held to the contract, and its own ways: contents that are made once and filled for each message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode

import pytest
from attrs import evolve
from tests.transports.providers import test_twilio as over_sms
from tests.transports.providers.rich_cases import CARD, LINK, MESSAGES, PICTURE, REPLY, SHOP, said

from smskit.errors import InvalidContent, InvalidInput, TemplateError, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call
from smskit.protocols import Reply as Answer
from smskit.rcs import Carousel, Dial, OpenUrl, Reply, RichCard, RichMessage, RichTemplate
from smskit.records import Refused
from smskit.testing.factories import outgoing
from smskit.testing.providers import ProviderContract, Said, Told
from smskit.text import Template
from smskit.transports.drivers import drive
from smskit.transports.providers.twilio_rcs import TwilioContent, TwilioRcs

ACCOUNT, TOKEN, SID = f"AC{'0' * 32}", "auth-token-of-the-shop", f"HX{'a' * 32}"
FORM = "application/x-www-form-urlencoded"
RECEIPTS = [
    # what                        status         error    meaning                     failure
    ("on its way",                "sent",        None,    DeliveryStatus.SENT,        None),
    ("arrived",                   "delivered",   None,    DeliveryStatus.DELIVERED,   None),
    ("read",                      "read",        None,    DeliveryStatus.READ,        None),
    ("no RCS at this number",     "undelivered", "63106", DeliveryStatus.FAILED,      FailureClass.CHANNEL_UNAVAILABLE),
    ("no such address on RCS",    "failed",      "63003", DeliveryStatus.FAILED,      FailureClass.CHANNEL_UNAVAILABLE),
    ("switched off",              "undelivered", "30003", DeliveryStatus.UNDELIVERED, FailureClass.CHANNEL_UNAVAILABLE),
    ("a content that is wrong",   "failed",      "63005", DeliveryStatus.FAILED,      FailureClass.CONTENT_INVALID),
    ("who answered STOP",         "failed",      "21610", DeliveryStatus.BLOCKED,     FailureClass.OPTED_OUT),
    ("a word that nobody knows",  "teleported",  None,    None,                       None),
]  # fmt: skip
RECEIPT = {"type": EventType.RECEIPT, "number": 33612000007, "reference": "run-7", "provider_id": "SM7"}
REPLY_OF = {"type": EventType.REPLY, "number": 33612000007}


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


def receipt(status: str, error: str | None) -> bytes:
    more = {"ErrorCode": error} if error else {}
    return form(MessageSid="SM7", MessageStatus=status, To="rcs:+33612000007", From="rcs:agent", **more)


def wrote(**fields: str) -> bytes:
    return form(MessageSid="SM9", SmsStatus="received", From="rcs:+33612000007", To="rcs:agent", **fields)


class TestTwilioRcs(ProviderContract):
    secrets = (TOKEN,)
    webhook_secret = TOKEN
    next_secret = "the-token-of-tomorrow"
    told = (
        *(
            Told(what=what, body=receipt(status, error), content_type=FORM, query="smskit=run-7", events=({**RECEIPT, "status": meaning, "failure": failure},))
            for what, status, error, meaning, failure in RECEIPTS
        ),
        Told(what="a text", body=wrote(Body="Stop svp"), content_type=FORM, events=({**REPLY_OF, "text": "Stop svp", "postback": None},)),
        Told(what="a tap", body=wrote(Body="Oui", ButtonText="Oui", ButtonPayload="oui"), content_type=FORM, events=({**REPLY_OF, "text": "Oui", "postback": "oui"},)),
        Told(what="a tap without words", body=wrote(ButtonText="Oui", ButtonPayload="oui"), content_type=FORM, events=({**REPLY_OF, "text": "Oui", "postback": "oui"},)),
        Told(what="a place", body=wrote(Latitude="48.8", Longitude="2.3"), content_type=FORM, events=({**REPLY_OF, "text": "", "postback": None},)),
        Told(what="a file", body=wrote(Body="", NumMedia="1", MediaUrl0="https://x.example/1"), content_type=FORM, events=({**REPLY_OF, "text": ""},)),
        Told(what="a STOP that Twilio understood", body=wrote(Body="STOP", OptOutType="STOP"), content_type=FORM, events=({**REPLY_OF, "text": "STOP"}, {**REPLY_OF, "type": EventType.OPT_OUT})),
    )  # fmt: skip
    refusals = (
        ("no RCS", Answer(400, {}, b'{"code": 63106}'), Refused, FailureClass.CHANNEL_UNAVAILABLE),
        ("a content that is not there", Answer(400, {}, b'{"code": 21655}'), Refused, FailureClass.BAD_REQUEST),
    )
    extra: ClassVar[Mapping[str, object]] = {"Attributes": "passes-through"}

    def make_transport(self, **options: object) -> TwilioRcs:
        return TwilioRcs(account=ACCOUNT, token=TOKEN, messaging_service=f"MG{'0' * 32}", **options)

    def take(self, call: Call) -> Answer:
        assert call.url == f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        number = int(parse_qs(call.body.decode())["To"][0].removeprefix("rcs:+"))
        told = {"sid": f"SM{number % 10_000}", "status": "accepted", "num_segments": "0", "error_code": None}
        return Answer(201, {}, json.dumps(told).encode())

    def said(self, call: Call) -> list[Said]:
        told = {name: values[0] for name, values in parse_qs(call.body.decode(), keep_blank_values=True).items()}
        to, sender = told["To"], told["From"]
        assert to.startswith("rcs:+")
        at = datetime.fromisoformat(told["SendAt"].replace("Z", "+00:00")) if "SendAt" in told else None
        validity = int(told["ValidityPeriod"]) if "ValidityPeriod" in told else None
        return [Said(int(to[5:]), told["Body"], sender.removeprefix("rcs:"), None, None, at, validity)]

    def id_of(self, number: int) -> str:
        return f"SM{number % 10_000}"

    def sign(self, request, at, secret):
        return over_sms.TestTwilio.sign(self, request, at, secret)  # type: ignore[arg-type]


TEMPLATE = RichMessage(
    RichCard(
        "Soldes $$",
        "Bonjour $prenom, -15 % pour $prenom",
        media=PICTURE,
        suggestions=[OpenUrl("Voir", f"{SHOP}?code=$code"), Reply("STOP")],
    ),
    traffic="promotion",
    ttl=timedelta(hours=4),
)
CONTENT = TwilioContent(SID, TEMPLATE)
PROVIDER = TwilioRcs(account=ACCOUNT, token=TOKEN, agent="boutique", contents=[CONTENT])


def fields_of(rich: str, provider: TwilioRcs = PROVIDER, **changes: Any) -> dict[str, str]:
    message = evolve(outgoing(7), text="", rich=rich, **changes)
    (_,) = drive(provider.submit([message]), lambda call: calls.append(call) or Answer(201, {}, b'{"sid": "SM7"}'))
    return {name: values[0] for name, values in parse_qs(calls[-1].body.decode()).items()}


calls: list[Call] = []


def test_what_differs_from_person_to_person_is_read_out_of_their_message():
    template = RichTemplate(TEMPLATE, Template.parse)
    for person in ({"prenom": "Anaïs", "code": "é&1"}, {"prenom": "$1 {a} \n", "code": "x"}):
        told = fields_of(template.fill(person).json.decode())
        values = json.loads(told["ContentVariables"])
        assert told["ContentSid"] == SID
        assert (told["To"], told["From"], told["ValidityPeriod"]) == ("rcs:+33612000007", "rcs:boutique", "14400")
        assert "Body" not in told
        assert values["1"] == values["2"] == person["prenom"].strip()
        assert values["3"] == {"é&1": "%C3%A9%261", "x": "x"}[person["code"]]


def test_a_content_without_variables_is_sent_by_its_id_alone():
    provider = evolve(PROVIDER, contents=[CONTENT, TwilioContent(SID, MESSAGES["a carousel"])])
    told = fields_of(MESSAGES["a carousel"].json().decode(), provider)
    assert told["ContentSid"] == SID
    assert "ContentVariables" not in told


def test_a_text_alone_needs_no_content():
    told = fields_of(RichMessage("Bonjour").json().decode(), validity_s=60)
    assert (told["Body"], told["ValidityPeriod"]) == ("Bonjour", "60")
    assert "ContentSid" not in told


STRANGERS = [
    # what                           message
    ("another title",                evolve(TEMPLATE, content=evolve(TEMPLATE.content, title="Livres"))),
    ("a button more",                evolve(TEMPLATE, suggestions=[REPLY])),
    ("a carousel",                   MESSAGES["a carousel"]),
    ("another picture",              evolve(TEMPLATE, content=evolve(TEMPLATE.content, media=SHOP))),
    ("a text with suggestions",      MESSAGES["a text with suggestions"]),
]  # fmt: skip


@pytest.mark.parametrize("message", [row[1] for row in STRANGERS], ids=[row[0] for row in STRANGERS])
def test_a_message_that_no_content_becomes_is_refused_at_the_call(message: RichMessage):
    with pytest.raises(InvalidInput, match="create_content"):
        PROVIDER.submit([said(message)])


def test_a_content_is_made_from_the_message_of_the_campaign():
    made: list[Call] = []
    flow = PROVIDER.create_content(TEMPLATE, name="soldes", samples={"code": "ETE"})
    content = drive(flow, lambda call: made.append(call) or Answer(201, {}, json.dumps({"sid": SID}).encode()))
    assert content == CONTENT
    assert (made[0].method, made[0].url) == ("POST", "https://content.twilio.com/v1/Content")
    assert made[0].headers["Authorization"].startswith("Basic ")
    assert json.loads(made[0].body) == {
        "friendly_name": "soldes",
        "language": "fr",
        "variables": {"1": "prenom", "2": "prenom", "3": "ETE"},
        "types": {
            "twilio/card": {
                "title": "Soldes $",
                "body": "Bonjour {{1}}, -15 % pour {{2}}",
                "media": [PICTURE],
                "actions": [
                    {"type": "URL", "title": "Voir", "id": "Voir", "url": f"{SHOP}?code={{{{3}}}}"},
                    {"type": "QUICK_REPLY", "title": "STOP", "id": "STOP"},
                ],
            }
        },
    }


@pytest.mark.parametrize(
    "answer", [Answer(400, {}, b'{"code": 20001}'), Answer(201, {}, b"{}"), Answer(201, {}, b'{"sid": "SM1"}')]
)
def test_no_content_is_an_error(answer: Answer):
    with pytest.raises(TransportError):
        drive(PROVIDER.create_content(TEMPLATE), lambda _: answer)


def test_a_content_is_made_with_an_api_key_too():
    provider = TwilioRcs(account=ACCOUNT, key="SK1", secret="secret", agent="rcs:boutique")
    made: list[Call] = []
    drive(
        provider.create_content(RichMessage("x")),
        lambda call: made.append(call) or Answer(201, {}, json.dumps({"sid": SID}).encode()),
    )
    assert made[0].headers["Authorization"] == "Basic U0sxOnNlY3JldA=="
    assert fields_of(RichMessage("x").json().decode(), provider)["From"] == "rcs:boutique"


BAD = [
    # what                             sid     message                                                                error
    ("an id of a message",             "SM1",  TEMPLATE,                                                              InvalidInput),
    ("two braces",                     SID,    RichMessage("Bonjour {{1}}"),                                          InvalidInput),
    ("half a variable",                SID,    RichMessage("Bonjour ${prenom"),                                       TemplateError),
    ("more variables than Twilio has", SID,    RichMessage("$a" * 101),                                               InvalidInput),
]  # fmt: skip


@pytest.mark.parametrize(("sid", "message", "error"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_no_content(sid: str, message: RichMessage, error: type[Exception]):
    with pytest.raises(error):
        TwilioContent(sid, message)


def test_what_twilio_cannot_carry_is_no_content():
    with pytest.raises(InvalidContent):
        PROVIDER.create_content(RichMessage(RichCard("x", "y")))


def test_nobody_to_send_it_is_refused_at_the_call():
    with pytest.raises(InvalidInput):
        TwilioRcs(account=ACCOUNT, token=TOKEN).submit([said(RichMessage("x"), sender="")])


def test_cards_of_a_carousel_have_their_variables():
    carousel = RichMessage(
        Carousel(
            [evolve(CARD, title="$un"), evolve(CARD, title="$deux", suggestions=[LINK, Dial("x", "+33123456789")])]
        )
    )
    content = TwilioContent(SID, carousel)
    filled = RichTemplate(carousel, Template.parse).fill({"un": "1er", "deux": "2e"}).json.decode()
    told = fields_of(filled, evolve(PROVIDER, contents=[content]))
    assert json.loads(told["ContentVariables"]) == {"1": "1er", "2": "2e"}
