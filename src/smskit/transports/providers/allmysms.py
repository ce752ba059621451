"""allmySMS (REST): one message in one request.

The vendor's reference (doc.allmysms.com/api/fr) was not within reach. Sources: the Symfony bridge and its options, an
Elixir adapter and two applications of 2026 that use ``/sms/send`` and ``/account``, the callbacks of davaxi/AllMySMS
and the error codes of the HTTP interface 9.0; seen 2026-11. What nobody shows is not used: requests for several
recipients, the meaning of ``uniqueIdentifier``, and the zone of ``date``, without which no time can be handed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from smskit.errors import InvalidInput, WebhookError
from smskit.kinds import EventType, FailureClass
from smskit.protocols import Call, Features, Flow, Receipts, StopForm, WebhookRequest
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing, Refused
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, error_code, fault_of_code
from smskit.transports.wire.codes import Codes
from smskit.transports.wire.provider import HttpProvider, failed
from smskit.transports.wire.reading import code_in, dig, instant_in, int_in, number_in, text_in, until
from smskit.transports.wire.requests import merged
from smskit.transports.wire.signatures import basic
from smskit.transports.wire.webhooks import told_in

# French operators show a word as sender only where the text says this; otherwise they put 36180 in its place.
_STOP: Final = {"FR": StopForm("STOP au 36180")}


@frozen(kw_only=True)
class AllMySms(HttpProvider):
    """allmySMS.

    Args:
        login: of the account.
        key: the API key.
        campaign: name under which the messages stand in the account; empty leaves it to allmySMS.
        simulate: have allmySMS answer as if, and send nothing.
        base_url: of the API.
    """

    name = "allmysms"
    codes: ClassVar[Codes] = Codes.of("allmysms")

    login: str = field(repr=False)
    key: str = field(repr=False)
    campaign: str = ""
    simulate: bool = False
    base_url: str = field(default="https://api.allmysms.com", repr=False)

    def declared(self) -> Features:
        """Say what allmySMS can do, as far as it is known."""
        return Features(
            largest_batch=1,
            in_flight=8,
            live=not self.simulate,
            stop=_STOP,
            receipts=Receipts.PUSHED,
            replies=True,
            balance=True,
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a sender that allmySMS would not take."""
        if message.sender and not 3 <= len(message.sender) <= 11:
            raise InvalidInput("allmySMS takes senders of 3 to 11 letters and digits")

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for one message."""
        (message,) = group
        told: dict[str, object] = {"to": str(message.number), "text": message.text, "cliMsgId": message.reference}
        if message.sender:
            told["from"] = message.sender
        if self.campaign:
            told["campaignName"] = self.campaign
        if self.simulate:
            told["simulate"] = 1
        return self._call("POST", "/sms/send", merged(told, self.extra))

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the id of the message; a failure is told within a success too."""
        (message,) = group
        code, sms_id = _code(answer), text_in(answer.at("smsId"))
        failure = self.codes.meaning("submit", code).failure
        if failure is FailureClass.INVALID_NUMBER or str(message.number) in text_in(answer.at("invalidNumbers")):
            yield Refused(message.reference, FailureClass.INVALID_NUMBER, code_in(code))
        elif failure is not None:
            yield from failed(group, self.fault(answer))
        elif sms_id:
            yield Accepted(message.reference, sms_id, int_in(answer.at("nbSms")))
        else:
            raise Unreadable("no id in the answer")

    def fault(self, answer: Answer, /) -> Fault:
        """Read allmySMS' own code: three or four digits."""
        code = _code(answer)
        meaning = self.codes.meaning("submit", code)
        return fault_of_code(answer, code, meaning.failure, meaning.retry)

    # ------------------------------------------------------------ afterwards

    def balance(self) -> Flow[Balance]:
        """Ask what the account has left; in euros, as users of the interface read it.

        Raises:
            TransportError: allmySMS does not tell.
        """
        answer = yield from answer_to(self._call("GET", "/account", label="balance"))
        return self.balance_in(answer, answer.at("balance"), "EUR")

    # ------------------------------------------------------------ webhooks

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a receipt or a reply, whether it comes as JSON, as a form or in the address."""
        told = told_in(request)
        if not told:
            raise WebhookError("the body is not a callback of allmySMS")
        return tuple(event for one in told for event in self._events(one, now))

    def _events(self, told: object, now: datetime) -> Iterator[Event]:
        number, sms_id = number_in(dig(told, "phoneNumber")), text_in(dig(told, "smsId"))
        at = _instant(dig(told, "receptionDate"), now)
        reference = text_in(dig(told, "cliMsgId")) or None
        reply_id, status = text_in(dig(told, "smsMoId")), text_in(dig(told, "status"))
        if reply_id and number is not None:
            yield self.event(
                EventType.REPLY,
                at,
                number=number,
                reference=reference,
                provider_id=sms_id,
                text=text_in(dig(told, "message")),
                own_id=reply_id,
            )
        elif status and (sms_id or reference):
            yield self.event(
                EventType.RECEIPT,
                at,
                number=number,
                reference=reference,
                provider_id=sms_id,
                meaning=self.meant("dlr.status", status),
                code=code_in(status),
            )

    # ------------------------------------------------------------ requests

    def _call(self, method: str, path: str, body: object = None, *, label: str = "submit") -> Call:
        headers = {"Authorization": basic(self.login, self.key)}
        return self.json_call(method, f"{self.base_url}{path}", headers, body, label=label)


def _code(answer: Answer) -> str:
    return error_code(answer, ("code",), (0, "code"))


def _instant(value: object, now: datetime) -> datetime:
    # No zone is written: Paris is supposed. A receipt never comes before what it tells.
    return until(instant_in(value, ZoneInfo("Europe/Paris")), now)
