"""What every provider over HTTP does alike.

A provider says how a request looks and how an answer is read; here stands which messages go into one request, what a
lost, strange or refusing answer means for each of them, and what is asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import ClassVar, Final

from attrs import NOTHING, evolve, field, fields, frozen

from smskit.errors import InvalidInput, NaiveDatetime, TransportError, UnsupportedFeature, WebhookError
from smskit.kinds import Channel, EventType, FailureClass, Retry
from smskit.protocols import Call, Features, Flow, Pause, StopForm, WebhookRequest
from smskit.records import Balance, Event, Outcome, Outgoing, Postponed, Refused, Unanswered
from smskit.text import is_whole
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, fault_of_status
from smskit.transports.wire.codes import UNKNOWN, Codes, Meaning
from smskit.transports.wire.options import check_addresses, check_numbers, check_texts, check_values
from smskit.transports.wire.reading import decimal_in, text_in
from smskit.transports.wire.requests import is_digits, is_unicode, json_of, with_reference
from smskit.transports.wire.webhooks import Webhook

MOST_REQUESTS: Final = 64
"""Of one submission whose request was refused: it is halved until the message at fault is found, but not for ever."""

_REPEAT_AFTER_S: Final = (1.0, 4.0)
_KINDS: Final = {
    Channel.SMS: "an Outgoing for it has a text and no rich=",
    Channel.RCS: "an Outgoing for it has rich=, the JSON of a rich message",
}


@frozen(kw_only=True)
class HttpProvider:
    """The base of providers over HTTP: a description, without state and without I/O.

    Args:
        base_url: where requests go; another one for a test server or another region.
        callback: address of your webhook; empty leaves it to what is set up in the account.
        webhook: how calls to that webhook are told from forged ones.
        extra: options of the provider that smskit does not model; they are put into each request as they are, over
            what smskit says.
        stop: how people object, by territory; None takes what the provider does.
        parts_per_second: the pace that your contract allows to one sender; None means no limit.
        in_flight: how many requests may be under way at once; None takes what suits the provider.
        largest_batch: how many messages one submission may hold at most, below what the provider takes: a smaller one
            leaves fewer messages in doubt when a line is lost.
        timeout_s: how long one request may take.

    Raises:
        InvalidInput: an address that is none, a size below 1, a pace or a time of 0, or a mention in *stop* that the
            provider would have to print and does not.
    """

    name = ""
    """One word: what logs, reports and the store call it."""

    codes: ClassVar[Codes] = Codes({})

    takes_texts: ClassVar[bool] = False
    """Whether a carrier over RCS sends a message without ``rich`` as its text."""

    base_url: str = field(repr=False)
    callback: str = field(default="", repr=False)
    webhook: Webhook = field(factory=Webhook, repr=False)
    extra: Mapping[str, object] = field(factory=dict[str, object], repr=False)
    stop: Mapping[str, StopForm] | None = field(default=None, repr=False)
    parts_per_second: float | None = None
    in_flight: int | None = field(default=None, repr=False)
    largest_batch: int | None = field(default=None, repr=False)
    timeout_s: float = field(default=30.0, repr=False)
    features: Features = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        check_texts(
            {option.name: getattr(self, option.name) for option in fields(type(self)) if option.init},
            needed=[option.name for option in fields(type(self)) if option.init and option.default is NOTHING],
        )
        check_addresses(self.base_url, self.callback, self.webhook)
        check_numbers(self.in_flight, self.largest_batch, self.parts_per_second, self.timeout_s)
        check_values(self.stop or {}, self.extra)
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        self.check_options()
        object.__setattr__(self, "features", self._with_options(self.declared()))

    def _with_options(self, features: Features) -> Features:
        if _prints_stop(self.stop or {}) and not _prints_stop(features.stop):
            # Believed, it would send advertising without any way to object.
            raise InvalidInput(f"stop= has a mention that the carrier prints, and {self.name} prints none")
        return evolve(
            features,
            largest_batch=min(self.largest_batch or features.largest_batch, features.largest_batch),
            in_flight=self.in_flight or features.in_flight,
            parts_per_second=self.parts_per_second or features.parts_per_second,
            stop=features.stop if self.stop is None else self.stop,
        )

    # ------------------------------------------------------------ what a provider says

    def check_options(self) -> None:
        """Refuse options that the provider does not have, or that do not go together.

        Raises:
            InvalidInput: there are such.
        """

    def declared(self) -> Features:
        """Say what the provider can do; *in_flight*, *parts_per_second*, *stop* and *largest_batch* then go over it."""
        raise NotImplementedError

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request that hands over *group*, messages that :meth:`groups` put together."""
        raise NotImplementedError

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterable[Outcome]:
        """Read a successful answer; whatever message it leaves out is in doubt.

        Raises:
            Unreadable: nothing can be made of it: all of *group* is in doubt.
        """
        raise NotImplementedError

    def fault(self, answer: Answer, /) -> Fault:
        """Say why a request was not taken; by its HTTP status unless the provider knows more."""
        return fault_of_status(answer)

    def is_refusal(self, answer: Answer, /) -> bool:
        """Whether an answer whose status is a success refuses the whole request, so that :meth:`fault` says why."""
        return False

    def groups(self, messages: Sequence[Outgoing], /) -> Iterable[Sequence[Outgoing]]:
        """Say which messages share a request; one for each unless the provider knows better."""
        return ((message,) for message in messages)

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a message that the provider cannot carry, before anything is sent.

        Raises:
            InvalidInput, UnsupportedFeature: it cannot.
        """

    def repeats(self, group: Sequence[Outgoing], /) -> bool:
        """Whether the very same request may be made again after an answer that was lost: the provider takes it once."""
        return False

    def was_taken(self, answer: Answer, /) -> bool:
        """Whether a refusal calls the request a duplicate: made again after a loss, it was taken before.

        Then :meth:`outcomes` reads the answer, whose ``is_repeat`` is set; :meth:`fault` has that to a first one.
        """
        return False

    # ------------------------------------------------------------ submission

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        """Hand over at most ``features.largest_batch`` messages; one outcome for each, in any order.

        Raises:
            InvalidInput: too many messages, or one that nobody could send.
            UnsupportedFeature: a message asks for something that the provider cannot do.
        """
        taken = tuple(messages)
        if len(taken) > self.features.largest_batch:
            raise InvalidInput(f"{self.name} takes {self.features.largest_batch} messages at once, not {len(taken)}")
        for message in taken:
            self._check(message)
        return self._submit(taken)

    def _submit(self, messages: Sequence[Outgoing]) -> Flow[tuple[Outcome, ...]]:
        outcomes: list[Outcome] = []
        waiting = [tuple(group) for group in self.groups(messages)]
        waiting.reverse()
        spare = MOST_REQUESTS
        while waiting:
            group = waiting.pop()
            try:
                answer = yield from self._hand_over(group)
            except TransportError as error:
                if error.retryable and not outcomes:
                    raise  # nothing at all was taken
                outcomes += _after_lost_line(group, error)
                fault = Fault(FailureClass.NETWORK, Retry.SAFE, retry_after_s=error.retry_after_s)
                return (*outcomes, *_offered_later(_flat(waiting), fault))
            if answer.is_repeat or (answer.is_success and not self.is_refusal(answer)):
                outcomes += self._read(group, answer)
                continue
            fault = self.fault(answer)
            if len(group) > 1 and spare > 0 and _is_of_one(fault):
                spare -= 2
                middle = len(group) // 2
                waiting += [group[middle:], group[:middle]]
                continue
            outcomes += failed(group, fault)
            if not _is_of_one(fault) and fault.failure is not FailureClass.DUPLICATE:
                # The same key, the same pace, the same broken machine: the others would meet it too.
                return (*outcomes, *_offered_later(_flat(waiting), fault))
        return tuple(outcomes)

    def _hand_over(self, group: Sequence[Outgoing]) -> Flow[Answer]:
        """Make the request of *group*; again, the very same, where the provider takes it once."""
        call, repeats = self._request(group), self.repeats(group)
        try:
            answer = yield from answer_to(call)
        except TransportError as error:
            if error.retryable or not repeats:
                raise
        else:
            is_settled = answer.is_success or self.was_taken(answer)
            if is_settled or not repeats or self.fault(answer).retry is not Retry.AMBIGUOUS:
                return answer
        return (yield from self._repeat(call))

    def _request(self, group: Sequence[Outgoing]) -> Call:
        try:
            return self.request(group)
        except TransportError:
            raise
        except Exception as error:
            # A token that cannot be had, an extra= that JSON does not know: nothing left, so nothing is in doubt.
            why = str(error) if isinstance(error, InvalidInput) else type(error).__name__
            reason = f"no request could be made ({why})"
            raise TransportError(self.name, reason, retryable=True) from error

    def _repeat(self, call: Call) -> Flow[Answer]:
        """Make a request again whose answer was lost.

        That the repetition is refused, or cannot even be made, says nothing of the first one: only a success, or being
        called a duplicate, settles it.
        """
        for wait_s in _REPEAT_AFTER_S:
            yield Pause(wait_s)
            try:
                answer = yield from answer_to(call)
            except TransportError:
                continue
            if answer.is_success or self.was_taken(answer):
                return evolve(answer, is_repeat=True)
        raise TransportError(self.name, "the answer was lost, and those to its repetitions too", retryable=False)

    def _read(self, group: Sequence[Outgoing], answer: Answer) -> Iterator[Outcome]:
        told: dict[str, Outcome] = {}
        try:
            for outcome in self.outcomes(group, answer):
                first = told.setdefault(outcome.reference, outcome)
                if first is not outcome and first != outcome:
                    # Taken and refused at once: one of the two is of another message, and nobody knows which.
                    told[outcome.reference] = Unanswered(outcome.reference)
        except Unreadable:
            pass
        yield from (told.get(message.reference) or Unanswered(message.reference, "unreadable") for message in group)

    def _check(self, message: Outgoing) -> None:
        features = self.features
        if type(message.number) is not int:
            raise InvalidInput("the number of an Outgoing is an int, its digits without the plus sign: 33612345678")
        if not is_whole(message.text):
            raise InvalidInput("the text holds half a character")
        is_plain = message.rich is None and self.takes_texts
        if (message.rich is not None) != (features.channel is Channel.RCS) and not is_plain:
            # Without this an SMS would leave without its words, or the words without their card.
            raise InvalidInput(f"{self.name} sends {features.channel.name}: {_KINDS[features.channel]}")
        if message.send_at is not None:
            if message.send_at.utcoffset() is None:
                raise NaiveDatetime("send_at", message.send_at)
            self._need("send_at", has=features.schedules)
        if message.validity_s is not None:
            self._need(_validity(features), has=_within(message.validity_s, features.validity_s))
        if message.carrier_stop:
            self._need("a STOP mention of its own", has=_prints_stop(features.stop))
        if not features.alphanumeric_senders:
            self._need("a word as sender", has=is_digits(message.sender or "0"))
        if features.largest_parts is not None:
            self._need(f"{message.parts} parts", has=message.parts <= features.largest_parts)
        if features.longest_text is not None:
            self._need("a text of this length", has=len(message.text) <= features.longest_text)
        if "UCS-2" not in features.alphabets:
            self._need("texts beyond GSM-7", has=not is_unicode(message.text))
        self.check_message(message)

    def _need(self, feature: str, *, has: bool) -> None:
        if not has:
            raise UnsupportedFeature(self.name, feature)

    # ------------------------------------------------------------ for providers to use

    def json_call(
        self, method: str, url: str, headers: Mapping[str, str], body: object = None, *, label: str = "submit"
    ) -> Call:
        """Make a request with *body* as JSON; without one where it is None."""
        return self._call_with(method, url, headers, "application/json", b"" if body is None else json_of(body), label)

    def form_call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", *, label: str = "submit"
    ) -> Call:
        """Make a request with a form, written by :func:`form_of`; without one where it is empty."""
        return self._call_with(method, url, headers, "application/x-www-form-urlencoded", body, label)

    def _call_with(
        self, method: str, url: str, headers: Mapping[str, str], content_type: str, body: bytes, label: str
    ) -> Call:
        told = {**headers, "Accept": "application/json", **({"Content-Type": content_type} if body else {})}
        return Call(method, url, told, body, self.timeout_s, label)

    def callback_for(self, message: Outgoing) -> str:
        """Give the webhook's address with our reference in it; empty without one."""
        return with_reference(self.callback, message.reference) if self.callback else ""

    def meant(self, where: str, code: object, *, companions: Sequence[tuple[str, object]] = ()) -> Meaning:
        """Give what a code means; the first of *companions* that is known says more than the code itself."""
        for place, companion in companions:
            closer = self.codes.meaning(place, companion) if companion not in (None, "", 0, "0") else UNKNOWN
            if closer.is_known:
                return closer
        return self.codes.meaning(where, code)

    def balance_in(self, answer: Answer, amount: object, currency: object) -> Balance:
        """Give what an answer says that the account has left.

        Raises:
            TransportError: it does not say.
        """
        left = decimal_in(amount)
        if not answer.is_success or left is None:
            raise TransportError(self.name, f"it does not tell the balance (HTTP {answer.status})", retryable=False)
        return Balance(left, text_in(currency))

    # ------------------------------------------------------------ webhooks

    def verify(self, request: WebhookRequest, now: datetime, /) -> None:
        """Make sure that the provider sent *request*: by your secret path, and by its signature where it has one.

        Raises:
            WebhookError: nobody can say so.
        """
        checked = self.webhook.check_path(request.url)
        if self.is_signed(request):
            self.check_signature(request, now)
            checked = True
        if not checked and not self.webhook.accept_unverified:
            raise WebhookError(
                f"nothing shows that {self.name} sent this; give the provider Webhook(path_secrets=...) and put that "
                f"word into the address of your webhook{', or the signing secret' if self.features.signature else ''}"
            )

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether the signature of *request* is to be checked: there is a secret to check it with."""
        return False

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check it.

        Raises:
            WebhookError: it is missing, wrong or too old.
        """
        raise NotImplementedError

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Give what *request* tells; nothing for what is not about messages.

        Raises:
            WebhookError: it cannot be read at all.
        """
        raise NotImplementedError

    def event(
        self,
        what: EventType,
        at: datetime,
        *,
        number: int | None = None,
        reference: str | None = None,
        provider_id: str = "",
        meaning: Meaning = UNKNOWN,
        part: str = "",
        code: str = "",
        text: str | None = None,
        own_id: str = "",
        postback: str | None = None,
    ) -> Event:
        """Make an event whose key is the same whenever the provider tells the same thing.

        *own_id* is the provider's name of what came in itself, where that has one: of a reply, not of what it is to.
        """
        told = [what.value, str(number), reference or "", provider_id, part, code, str(meaning.status), own_id]
        if what is not EventType.RECEIPT and not own_id:
            # The same person may write the same words again: then the time tells the two apart.
            told += [text or "", at.isoformat(), *([] if postback is None else [postback])]
        key = blake2b("\0".join(told).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return Event(
            f"{self.name}:{key}", what, at, number, reference, meaning.status, meaning.failure, text,
            provider_id=provider_id or None, part=part, code=code, postback=postback,
        )  # fmt: skip


# ---------------------------------------------------------------- outcomes


def _flat(waiting: Sequence[Sequence[Outgoing]]) -> list[Outgoing]:
    return [message for group in reversed(waiting) for message in group]


def _is_of_one(fault: Fault) -> bool:
    """Whether a request was refused for a message in it, and the carrier certainly took none of them."""
    return not fault.failure.is_of_account and fault.retry not in (Retry.AMBIGUOUS, Retry.SAFE)


def _offered_later(messages: Iterable[Outgoing], fault: Fault) -> list[Outcome]:
    return [Postponed(message.reference, fault.failure, fault.retry_after_s, fault.code) for message in messages]


def _after_lost_line(group: Sequence[Outgoing], error: TransportError) -> list[Outcome]:
    if error.retryable:
        return _offered_later(group, Fault(FailureClass.NETWORK, Retry.SAFE, retry_after_s=error.retry_after_s))
    return [Unanswered(message.reference, "no-answer") for message in group]


def failed(group: Sequence[Outgoing], fault: Fault) -> list[Outcome]:
    """Give what *fault* means for each message of a request that was not taken; also inside an HTTP 200."""
    if fault.retry is Retry.AMBIGUOUS:
        return [Unanswered(message.reference, fault.code) for message in group]
    if fault.retry is Retry.SAFE or fault.failure.is_of_account:
        return _offered_later(group, fault)
    return [Refused(message.reference, fault.failure, fault.code) for message in group]


def _within(value: int, bounds: tuple[int, int] | None) -> bool:
    return bounds is not None and bounds[0] <= value <= bounds[1]


def _validity(features: Features) -> str:
    bounds = features.validity_s
    return "validity_s" if bounds is None else f"a validity outside {bounds[0]} to {bounds[1]} s"


def _prints_stop(forms: Mapping[str, StopForm]) -> bool:
    return any(form.printed_by_transport for form in forms.values())
