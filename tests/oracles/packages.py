"""The same message said by a carrier's own package and by our provider, and what the carrier answers both.

Packages are imported where they are used: each process needs one of them, and some take seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from tests.oracles.carrier import Answer, Request
from tests.oracles.cases import BEFORE, CASES, NOW, Case, Oracle, Question, ask, balance, look_up, withdraw

from smskit.transports.wire.provider import HttpProvider


def _json(status: int, body: object) -> Answer:
    return Answer(status, json.dumps(body).encode())


class Twilio(Oracle):
    hosts = ("api.twilio.com",)
    names_the_message = True
    cases = ("plain", "unicode", "scheduled", "validity", "callback")
    account, token, service = f"AC{'0' * 32}", "t" * 32, f"MG{'1' * 32}"

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.twilio import Twilio as Ours

        return Ours(account=self.account, token=self.token, messaging_service=self.service, callback=callback)

    def theirs(self, case: Case, callback: str) -> object:
        from twilio.rest import Client

        message = case.message
        return Client(self.account, self.token).messages.create(
            to=f"+{message.number}",
            body=message.text,
            from_=message.sender,
            messaging_service_sid=self.service,
            smart_encoded=False,
            **_given(
                schedule_type="fixed" if message.send_at else None,
                send_at=message.send_at,
                validity_period=message.validity_s,
                status_callback=callback or None,
            ),
        )

    def answer(self, request: Request) -> Answer:
        told = parse_qs(request.body.decode())
        return _json(201, {"sid": f"SM{'2' * 32}", "status": "accepted", "num_segments": "1", "to": told["To"][0]})

    def questions(self) -> Mapping[str, Question]:
        from twilio.rest import Client as Package

        package = Package(self.account, self.token)
        return {
            "ask": (ask, lambda: package.messages.page(to=f"+{BEFORE.number}", page_size=100)),
            "look_up": (look_up, lambda: package.messages("id-7").fetch()),
            "withdraw": (withdraw, lambda: package.messages("id-7").update(status="canceled")),
            "balance": (balance, lambda: package.balance.fetch()),
        }


class TwilioKey(Twilio):
    """With an API key instead of the account's token, and without a messaging service."""

    cases = ("plain", "callback")

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.twilio import Twilio as Ours

        return Ours(account=self.account, key="SK1", secret="secret", callback=callback)

    def theirs(self, case: Case, callback: str) -> object:
        from twilio.rest import Client

        message = case.message
        return Client("SK1", "secret", self.account).messages.create(
            to=f"+{message.number}",
            body=message.text,
            from_=message.sender,
            smart_encoded=False,
            **_given(status_callback=callback or None),
        )

    def questions(self) -> Mapping[str, Question]:
        return {}


class VonageSms(Oracle):
    hosts = ("rest.nexmo.com",)
    cases = ("plain", "unicode", "validity", "callback")
    key, secret = "abcd1234", "secret-of-vonage"

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.vonage_sms import VonageSms as Ours

        return Ours(key=self.key, secret=self.secret, callback=callback)

    def theirs(self, case: Case, callback: str) -> object:
        from vonage_http_client.auth import Auth
        from vonage_http_client.http_client import HttpClient
        from vonage_sms import Sms, SmsMessage

        message = case.message
        said = SmsMessage(
            to=str(message.number),
            from_=message.sender,
            text=message.text,
            client_ref=message.reference,
            type="unicode" if case.is_unicode else "text",
            status_report_req=True,
            **_given(ttl=message.validity_s and message.validity_s * 1000, callback=callback or None),
        )
        return Sms(HttpClient(Auth(api_key=self.key, api_secret=self.secret))).send(said)

    def answer(self, request: Request) -> Answer:
        told = parse_qs(request.body.decode())
        made = {
            "to": told["to"][0], "message-id": "id-7", "status": "0", "remaining-balance": "3.1",
            "message-price": "0.03", "network": "20801", "client-ref": told.get("client-ref", [""])[0],
        }  # fmt: skip
        return _json(200, {"message-count": "1", "messages": [made]})


class VonageMessages(Oracle):
    hosts = ("api.nexmo.com",)
    cases = ("plain", "unicode", "validity", "callback")
    key, secret = "abcd1234", "secret-of-vonage"

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.vonage_messages import VonageMessages as Ours

        return Ours(key=self.key, secret=self.secret, callback=callback)

    def theirs(self, case: Case, callback: str) -> object:
        from vonage_http_client.auth import Auth
        from vonage_http_client.http_client import HttpClient
        from vonage_messages import Messages
        from vonage_messages.models import Sms, SmsOptions
        from vonage_messages.models.enums import EncodingType, WebhookVersion

        message = case.message
        encoding = EncodingType.UNICODE if case.is_unicode else EncodingType.TEXT
        said = Sms(
            to=str(message.number),
            from_=message.sender,
            text=message.text,
            client_ref=message.reference,
            sms=SmsOptions(encoding_type=encoding),
            **_given(ttl=message.validity_s),
            **({"webhook_url": callback, "webhook_version": WebhookVersion.V1} if callback else {}),
        )
        return Messages(HttpClient(Auth(api_key=self.key, api_secret=self.secret))).send(said)

    def answer(self, request: Request) -> Answer:
        return _json(202, {"message_uuid": "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"})


class Sinch(Oracle):
    hosts = ("eu.sms.api.sinch.com",)
    cases = ("plain", "unicode", "several", "scheduled", "validity", "callback")
    token, plan = "token-of-sinch", "plan-1"

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.sinch import Sinch as Ours

        return Ours(token=self.token, service_plan=self.plan, region="eu", now=lambda: NOW, callback=callback)

    def theirs(self, case: Case, callback: str) -> object:
        from sinch import SinchClient

        message = case.message
        client = SinchClient(service_plan_id=self.plan, sms_api_token=self.token, sms_region="eu")
        return client.sms.batches.send_sms(
            to=[f"+{one.number}" for one in case.messages],
            from_=message.sender,
            body=message.text,
            client_reference=message.reference,
            delivery_report="per_recipient",
            truncate_concat=False,
            **_given(
                send_at=message.send_at,
                expire_at=message.validity_s and NOW + timedelta(seconds=message.validity_s),
                event_destination_target=callback or None,
            ),
        )

    def answer(self, request: Request) -> Answer:
        told = json.loads(request.body)
        made = {"id": "batch-1", "canceled": False, "created_at": "2026-06-24T10:00:00.000Z"}
        return _json(201, {**told, **made, "modified_at": "2026-06-24T10:00:00.000Z"})

    def questions(self) -> Mapping[str, Question]:
        from sinch import SinchClient

        sms = SinchClient(service_plan_id=self.plan, sms_api_token=self.token, sms_region="eu").sms
        since, number = NOW - timedelta(days=14), str(BEFORE.number)
        return {
            "ask": (
                ask,
                lambda: sms.batches.list(client_reference=BEFORE.reference, start_date=since, page_size=100).content(),
            ),
            "look_up": (look_up, lambda: sms.delivery_reports.get_for_number(batch_id="id-7", recipient=number)),
            "withdraw": (withdraw, lambda: sms.batches.cancel(batch_id="id-7")),
        }


class SinchProject(Sinch):
    """A project with an access token, which lives on another host."""

    hosts = ("zt.eu.sms.api.sinch.com", "auth.sinch.com")
    log_in_at = ("auth.sinch.com",)
    cases = ("plain",)

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.sinch import Sinch as Ours

        return Ours(token=lambda: "access-1", project="project-1", region="eu", callback=callback)

    def theirs(self, case: Case, callback: str) -> object:
        from sinch import SinchClient

        message = case.message
        client = SinchClient(project_id="project-1", key_id="key", key_secret="secret", sms_region="eu")
        return client.sms.batches.send_sms(
            to=[f"+{message.number}"],
            from_=message.sender,
            body=message.text,
            client_reference=message.reference,
            delivery_report="per_recipient",
            truncate_concat=False,
        )

    def answer(self, request: Request) -> Answer:
        if request.host in self.log_in_at:
            return _json(200, {"access_token": "access-1", "expires_in": 3600, "scope": "", "token_type": "bearer"})
        return super().answer(request)

    def questions(self) -> Mapping[str, Question]:
        return {}


class Infobip(Oracle):
    hosts = ("shop.api.infobip.com",)
    cases = ("plain", "unicode", "several", "scheduled", "validity", "callback")
    key = "key-of-infobip"

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.infobip import Infobip as Ours

        return Ours(key=self.key, base_url=f"https://{self.hosts[0]}", callback=callback)

    def theirs(self, case: Case, callback: str) -> object:
        import infobip_api_client as infobip
        from infobip_api_client.api.sms_api import SmsApi

        common = case.message
        options = None
        if common.validity_s:
            period = infobip.ValidityPeriod(amount=common.validity_s, time_unit="SECONDS")
            options = infobip.SmsMessageOptions(validity_period=period)
        reporting = infobip.SmsMessageDeliveryReporting(url=callback, notify=True)
        hooks = callback and infobip.SmsWebhooks(delivery=reporting, content_type="application/json")
        language = infobip.SmsLanguage(language_code=infobip.SmsLanguageCode.NONE)
        unchanged = {"transliteration": infobip.SmsTransliterationCode.NONE, "language": language}
        schedule = common.send_at and infobip.SmsRequestSchedulingSettings(send_at=common.send_at)
        request = infobip.SmsRequest(
            messages=[
                infobip.SmsMessage(
                    sender=one.sender,
                    destinations=[infobip.SmsDestination(to=str(one.number), message_id=one.reference)],
                    content=infobip.SmsMessageContent(infobip.SmsTextContent(text=one.text, **unchanged)),
                    **_given(options=options, webhooks=hooks or None),
                )
                for one in case.messages
            ],
            options=infobip.SmsMessageRequestOptions(
                include_sms_count_in_response=True,
                tracking=infobip.UrlOptions(shorten_url=False, track_clicks=False),
                **_given(schedule=schedule or None),
            ),
        )
        settings = infobip.Configuration(host=f"https://{self.hosts[0]}")
        settings.api_key = {"APIKeyHeader": self.key}
        settings.api_key_prefix = {"APIKeyHeader": "App"}
        with infobip.ApiClient(settings) as client:
            return SmsApi(client).send_sms_messages(request)

    def answer(self, request: Request) -> Answer:
        pending = {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED", "description": "…"}
        made = [
            {"messageId": to["messageId"], "status": pending, "destination": to["to"], "details": {"messageCount": 1}}
            for message in json.loads(request.body)["messages"]
            for to in message["destinations"]
        ]
        return _json(200, {"bulkId": "bulk-1", "messages": made})

    def questions(self) -> Mapping[str, Question]:
        import infobip_api_client as infobip
        from infobip_api_client.api.sms_api import SmsApi

        settings = infobip.Configuration(host=f"https://{self.hosts[0]}")
        settings.api_key = {"APIKeyHeader": self.key}
        settings.api_key_prefix = {"APIKeyHeader": "App"}
        api = SmsApi(infobip.ApiClient(settings))

        def log(*ids: str) -> Callable[[], object]:
            return lambda: api.get_outbound_sms_message_logs(message_id=list(ids), limit=1000)

        several = CASES["several"].messages
        return {
            "ask": (ask, log(BEFORE.reference)),
            "ask of several": (lambda client: client.ask(several), log(*(one.reference for one in several))),
            "look_up": (look_up, log("id-7")),
        }


class Plivo(Oracle):
    hosts = ("api.plivo.com",)
    names_the_message = True
    cases = ("plain", "unicode", "validity", "callback")
    account, token = "MAXXXXXXXXXXXXXXXXXX", "token-of-plivo"

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.plivo import Plivo as Ours

        return Ours(auth_id=self.account, auth_token=self.token, callback=callback)

    def theirs(self, case: Case, callback: str) -> object:
        import plivo

        message = case.message
        return plivo.RestClient(self.account, self.token).messages.create(
            src=message.sender,
            dst=str(message.number),
            text=message.text,
            **_given(url=callback or None, message_expiry=message.validity_s),
        )

    def answer(self, request: Request) -> Answer:
        uuid = "00000000-0000-4000-8000-000000000007"
        return _json(202, {"message": "message(s) queued", "message_uuid": [uuid], "api_id": "api-1"})

    def questions(self) -> Mapping[str, Question]:
        import plivo

        package = plivo.RestClient(self.account, self.token)
        return {
            "look_up": (look_up, lambda: package.messages.get("id-7")),
            "balance": (balance, lambda: package.account.get()),
        }


class Telnyx(Oracle):
    hosts = ("api.telnyx.com",)
    names_the_message = True
    cases = ("plain", "unicode", "scheduled", "callback")
    key, profile = "KEY0123", "40000000-0000-4000-8000-000000000001"

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.telnyx import Telnyx as Ours

        return Ours(key=self.key, profile=self.profile, callback=callback)

    def theirs(self, case: Case, callback: str) -> object:
        import telnyx

        message = case.message
        return telnyx.Telnyx(api_key=self.key).messages.send(
            to=f"+{message.number}",
            from_=message.sender,
            text=message.text,
            messaging_profile_id=self.profile,
            type="SMS",
            encoding="ucs2" if case.is_unicode else "gsm7",
            auto_detect=False,
            **_given(send_at=message.send_at, webhook_url=callback or None),
        )

    def answer(self, request: Request) -> Answer:
        to = {"phone_number": json.loads(request.body)["to"], "status": "queued"}
        return _json(200, {"data": {"id": "id-7", "record_type": "message", "parts": 1, "to": [to]}})

    def questions(self) -> Mapping[str, Question]:
        import telnyx

        package = telnyx.Telnyx(api_key=self.key)
        return {
            "look_up": (look_up, lambda: package.messages.retrieve("id-7")),
            "withdraw": (withdraw, lambda: package.messages.cancel_scheduled("id-7")),
            "balance": (balance, lambda: package.balance.retrieve()),
        }


class MessageBird(Oracle):
    hosts = ("rest.messagebird.com",)
    cases = ("plain", "unicode", "several", "scheduled", "validity", "callback")
    key = "key-of-messagebird"

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.messagebird import MessageBird as Ours

        return Ours(key=self.key, callback=callback)

    def theirs(self, case: Case, callback: str) -> object:
        import messagebird

        message = case.message
        options = _given(
            type="sms",
            mclass=1,
            shortenUrls=False,
            reference=message.reference,
            datacoding="unicode" if case.is_unicode else "plain",
            validity=message.validity_s,
            scheduledDatetime=message.send_at and message.send_at.isoformat(timespec="seconds"),
            reportUrl=callback or None,
        )
        numbers = [str(one.number) for one in case.messages]
        return messagebird.Client(self.key).message_create(message.sender, numbers, message.text, options)

    def answer(self, request: Request) -> Answer:
        told = json.loads(request.body)["recipients"]
        numbers = told.split(",") if isinstance(told, str) else told
        items = [{"recipient": int(one), "status": "sent", "messagePartCount": 1} for one in numbers]
        return _json(201, {"id": "id-7", "recipients": {"totalCount": len(items), "items": items}})

    def questions(self) -> Mapping[str, Question]:
        import messagebird

        package = messagebird.Client(self.key)
        return {
            "look_up": (look_up, lambda: package.message("id-7")),
            "withdraw": (withdraw, lambda: package.message_delete("id-7")),
            "balance": (balance, lambda: package.balance()),
        }


class OvhCloud(Oracle):
    hosts = ("eu.api.ovh.com",)
    cases = ("plain", "unicode", "several", "scheduled", "validity")
    application, secret, consumer, service = "app-key", "app-secret", "consumer-key", "sms-ab12345-1"

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.ovhcloud import OvhCloud as Ours

        return Ours(
            service=self.service, application_key=self.application, application_secret=self.secret,
            consumer_key=self.consumer, callback=callback,
        )  # fmt: skip

    def theirs(self, case: Case, callback: str) -> object:
        import ovh

        message = case.message
        client = ovh.Client(
            endpoint="ovh-eu", application_key=self.application, application_secret=self.secret,
            consumer_key=self.consumer,
        )  # fmt: skip
        return client.post(
            f"/sms/{self.service}/jobs",
            receivers=[f"+{one.number}" for one in case.messages],
            message=message.text,
            sender=message.sender,
            tag="run-0",  # that of the run: what is told of a job is told of all its messages
            noStopClause=True,
            **{"class": "phoneDisplay"},
            charset="UTF-8",
            coding="8bit" if case.is_unicode else "7bit",
            **_given(
                differedPeriod=message.send_at and round((message.send_at - NOW).total_seconds() / 60),
                validityPeriod=message.validity_s and message.validity_s // 60,
            ),
        )

    def answer(self, request: Request) -> Answer:
        if request.path == "/1.0/auth/time":
            return _json(200, int(NOW.timestamp()))
        numbers = json.loads(request.body)["receivers"]
        ids = [100 + place for place in range(len(numbers))]
        told = {"ids": ids, "validReceivers": numbers, "invalidReceivers": [], "totalCreditsRemoved": len(ids)}
        return _json(200, told)


class Brevo(Oracle):
    hosts = ("api.brevo.com",)
    names_the_message = True
    cases = ("plain", "unicode", "callback")
    key = "key-of-brevo"

    def ours(self, callback: str) -> HttpProvider:
        from smskit.transports.providers.brevo import Brevo as Ours

        return Ours(key=self.key, callback=callback)

    def theirs(self, case: Case, callback: str) -> object:
        from brevo import Brevo as Client

        message = case.message
        return Client(api_key=self.key).transactional_sms.send_transac_sms(
            recipient=str(message.number),
            sender=message.sender,
            content=message.text,
            type="marketing",
            tag=message.reference,
            unicode_enabled=case.is_unicode,
            **_given(web_url=callback or None),
        )

    def answer(self, request: Request) -> Answer:
        return _json(201, {"reference": "ref-1", "messageId": 1511882900176220, "smsCount": 1, "usedCredits": 0.7})

    def questions(self) -> Mapping[str, Question]:
        from brevo import Brevo as Client

        package = Client(api_key=self.key)
        events = package.transactional_sms.get_sms_events
        return {
            "ask": (ask, lambda: events(tags=json.dumps([BEFORE.reference]), limit=100)),
            "look_up": (look_up, lambda: events(phone_number=str(BEFORE.number), sort="asc", limit=100)),
            "balance": (balance, lambda: package.account.get_account()),
        }


def _given(**options: Any) -> Any:
    """Leave out what is None: to say nothing is not to say null."""
    return {name: value for name, value in options.items() if value is not None}


ORACLES: Mapping[str, Callable[[], Oracle]] = {
    "twilio": Twilio,
    "twilio_key": TwilioKey,
    "vonage_sms": VonageSms,
    "vonage_messages": VonageMessages,
    "sinch": Sinch,
    "sinch_project": SinchProject,
    "infobip": Infobip,
    "plivo": Plivo,
    "telnyx": Telnyx,
    "messagebird": MessageBird,
    "ovhcloud": OvhCloud,
    "brevo": Brevo,
}
