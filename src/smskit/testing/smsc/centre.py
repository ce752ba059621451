"""The centre behind the sockets: accounts, messages and what becomes of them. It does no input or output.

Source: SMPP 3.4 clauses 4.1 to 4.10; which status answers what: clause 5.1.3.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from random import Random

from attrs import evolve, field, frozen

from smskit.clock import SystemClock
from smskit.errors import InvalidInput
from smskit.testing.smsc.faults import Armed, fire
from smskit.testing.smsc.ids import Ids
from smskit.testing.smsc.receipts import Receipts, Report
from smskit.testing.smsc.records import Binding, Kept, Submission
from smskit.transports.smpp import (
    ANSWERS,
    Answer,
    Bind,
    BindResp,
    CancelSm,
    DataSm,
    Destination,
    GenericNack,
    MessageState,
    Pdu,
    Profile,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    Status,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    Tag,
    Tlv,
    Undelivered,
    absolute,
    encode,
    read_message,
    read_time,
    tlv,
)
from smskit.transports.smpp.pdus import MessageResp
from smskit.transports.smpp.rules import MODES

_FIRST = 1_500_000_000
"""The first identifier: from here on, decimal and hexadecimal spellings differ in length, so none is two messages."""

Rule = Callable[[SubmitSm], int]
"""Gives the status that a message is answered with."""


@frozen(kw_only=True)
class Behaviour:
    """What a centre does; the arguments of :class:`~smskit.testing.smsc.SMSC` say what each is."""

    seed: int = 0
    accounts: Mapping[str, str] | None = field(default=None, repr=False)
    ids: tuple[Ids, ...] = (Ids.DECIMAL,)
    receipts: Receipts = field(factory=Receipts)
    delivered: float = 1.0
    delivered_after_s: float = 0.0
    latency_s: tuple[float, float] = (0.0, 0.0)
    per_second: int | None = None
    queue: int | None = None
    rule: Rule | None = None
    answer_tlvs: tuple[Tlv, ...] = ()
    profile: Profile = field(factory=Profile)

    def __attrs_post_init__(self) -> None:
        low, high = self.latency_s
        if not 0 <= self.delivered <= 1 or not 0 <= low <= high or self.delivered_after_s < 0 or not self.ids:
            raise InvalidInput("a share is 0 to 1, times are not negative, and there is one spelling of ids at least")


@frozen
class Refusal:
    """A status for the next requests of a kind; a refusal of a bind has a body or none."""

    status: int
    has_body: bool = False


class Centre:
    """Takes requests and gives answers; messages stay in it until :meth:`settle` brings them to their end."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.refusals: list[Armed] = []
        self.fates: dict[str, tuple[MessageState, str]] = {}
        self.binds: list[Binding] = []
        self.submissions: list[Submission] = []
        self.duplicates: list[Submission] = []
        self.kept: list[Kept] = []
        self._by_id: dict[str, list[Kept]] = {}
        self._seen: set[tuple[str, bytes]] = set()
        self._recent: dict[str, deque[float]] = {}
        self._open = 0
        self._clock = SystemClock()

    # ------------------------------------------------------------ binds

    def _admit(self, pdu: Bind) -> BindResp:
        refusal = self._refusal(pdu) or Refusal(self._credentials(pdu))
        self.binds.append(Binding(pdu.system_id, MODES[type(pdu)], pdu.interface_version, refusal.status))
        answer = ANSWERS[type(pdu)]
        assert issubclass(answer, BindResp)
        if refusal.status:
            return answer(refusal.status, "smskit" if refusal.has_body else None)
        knows_tlvs = pdu.interface_version >= 0x34
        return answer(0, "smskit", (tlv(Tag.SC_INTERFACE_VERSION, 0x34),) if knows_tlvs else ())

    def _credentials(self, pdu: Bind) -> int:
        accounts = self.behaviour.accounts
        if accounts is None:
            return Status.ESME_ROK
        if pdu.system_id not in accounts:
            return Status.ESME_RINVSYSID
        return Status.ESME_ROK if accounts[pdu.system_id] == pdu.password else Status.ESME_RINVPASWD

    def _refusal(self, pdu: Pdu) -> Refusal | None:
        hit = fire(self.refusals, pdu)
        return hit.what if hit and isinstance(hit.what, Refusal) else None

    # ------------------------------------------------------------ requests

    def answer(self, pdu: Pdu, system_id: str, now: float) -> tuple[Answer, list[Kept]]:
        """Give the answer to a request of *system_id*, and the messages that were taken with it."""
        if isinstance(pdu, Bind):
            return self._admit(pdu), []
        if isinstance(pdu, SubmitMulti):
            return self._take_multi(pdu, system_id, now)
        if isinstance(pdu, (SubmitSm, DataSm)):
            return self._take_one(pdu, system_id, now)
        refusal = self._refusal(pdu)
        if refusal is not None:
            return ANSWERS[type(pdu)](refusal.status), []
        if isinstance(pdu, QuerySm):
            return self._query(pdu, system_id), []
        if isinstance(pdu, CancelSm):
            return self._cancel(pdu, system_id), []
        if isinstance(pdu, ReplaceSm):
            return self._replace(pdu, system_id), []
        return GenericNack(Status.ESME_RINVCMDID), []

    def _take_one(self, pdu: SubmitSm | DataSm, system_id: str, now: float) -> tuple[Answer, list[Kept]]:
        answer = ANSWERS[type(pdu)]
        assert issubclass(answer, MessageResp)
        message = _as_submission(pdu)
        status = self._status_of(message, system_id, now, self._refusal(pdu))
        kept = self._keep([message], system_id) if not status else []
        message_id = kept[0].message_id if kept else ""
        self._note(message, system_id, status, message_id)
        # A refusal of 5.0 has no body; in 3.4 it has one, and most centres send none.
        return (answer(0, message_id, self.behaviour.answer_tlvs) if kept else answer(status)), kept

    def _take_multi(self, pdu: SubmitMulti, system_id: str, now: float) -> tuple[Answer, list[Kept]]:
        refusal = self._refusal(pdu)
        taken: list[SubmitSm] = []
        refused: list[Undelivered] = []
        for message, to in ((_for_one(pdu, to), to) for to in pdu.dest_address):
            status = self._status_of(message, system_id, now, refusal)
            if to.is_list and not status:
                status = Status.ESME_RINVDLNAME
            if status:
                refused.append(Undelivered(to.address, status, to.ton, to.npi))
                self._note(message, system_id, status, "")
            else:
                taken.append(message)
        if not taken:
            return SubmitMultiResp(refused[0].status if refused else Status.ESME_RINVNUMDESTS), []
        kept = self._keep(taken, system_id)
        for each in kept:
            self._note(each.pdu, system_id, 0, each.message_id)
        return SubmitMultiResp(0, kept[0].message_id, tuple(refused), self.behaviour.answer_tlvs), kept

    def _status_of(self, pdu: SubmitSm, system_id: str, now: float, refusal: Refusal | None) -> int:
        if refusal is not None:
            return refusal.status
        if self._is_too_fast(system_id, now):
            return Status.ESME_RTHROTTLED
        if self.behaviour.queue is not None and self._open >= self.behaviour.queue:
            return Status.ESME_RMSGQFUL
        if not pdu.destination_addr:
            return Status.ESME_RINVDSTADR
        return self.behaviour.rule(pdu) if self.behaviour.rule else Status.ESME_ROK

    def _is_too_fast(self, system_id: str, now: float) -> bool:
        limit = self.behaviour.per_second
        if limit is None:
            return False
        recent = self._recent.setdefault(system_id, deque())
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= limit:
            return True
        recent.append(now)
        return False

    def _keep(self, messages: list[SubmitSm], system_id: str) -> list[Kept]:
        number = len(self._by_id)
        in_answer, in_receipt = self.behaviour.ids[number % len(self.behaviour.ids)].of(_FIRST + number)
        at = self._clock.now()
        kept = [Kept(each, system_id, in_answer, in_receipt, at, _first_state(each)) for each in messages]
        self._by_id[in_answer] = kept
        self.kept += kept
        self._open += len(kept)
        return kept

    def _note(self, pdu: SubmitSm, system_id: str, status: int, message_id: str) -> None:
        submission = Submission(pdu, system_id, status, message_id, self._clock.now())
        self.submissions.append(submission)
        if status:
            return
        seen = system_id, encode(pdu, 0, bounded=False)
        if seen in self._seen:
            self.duplicates.append(submission)
        self._seen.add(seen)

    # ------------------------------------------------------------ what becomes of messages

    def lasts_s(self, kept: Kept) -> float:
        """Seconds until *kept* comes to its end: its own schedule, then ours, but not past its validity."""
        behaviour = self.behaviour
        wait = _seconds_until(kept.pdu.schedule_delivery_time, kept.taken_at) or 0.0
        validity = _seconds_until(kept.pdu.validity_period, kept.taken_at)
        lasts = wait + behaviour.delivered_after_s
        return lasts if validity is None else min(lasts, validity)

    def settle(self, kept: Kept, fate: tuple[MessageState, str] | None = None) -> Report | None:
        """Bring *kept* to its end; give its receipt if one is to be sent, and None if it has come there before."""
        if not kept.is_open:
            return None
        kept.state, kept.error = fate or self._fate(kept)
        kept.done_at = self._clock.now()
        self._open -= 1
        if not self._is_wanted(kept):
            return None
        text = read_message(kept.pdu, profile=self.behaviour.profile).text or ""
        return Report(kept.pdu, kept.receipt_id, kept.state, kept.error, kept.taken_at, kept.done_at, text)

    def _fate(self, kept: Kept) -> tuple[MessageState, str]:
        told = self.fates.get(kept.pdu.destination_addr)
        if told is not None:
            return told
        validity = _seconds_until(kept.pdu.validity_period, kept.taken_at)
        wait = _seconds_until(kept.pdu.schedule_delivery_time, kept.taken_at) or 0.0
        if validity is not None and validity < wait + self.behaviour.delivered_after_s:
            return MessageState.EXPIRED, "000"
        if self._chance(kept.pdu) < self.behaviour.delivered:
            return MessageState.DELIVERED, "000"
        return MessageState.UNDELIVERABLE, "001"

    def _chance(self, pdu: SubmitSm) -> float:
        # By the message alone: neither order nor other messages change what becomes of it.
        text = (pdu.short_message + b"".join(each.value for each in pdu.tlvs)).hex()
        return Random(f"{self.behaviour.seed}/{pdu.destination_addr}/{text}").random()

    def _is_wanted(self, kept: Kept) -> bool:
        if self.behaviour.receipts.unasked:
            return True
        is_delivered = kept.state is MessageState.DELIVERED
        # 0 none, 1 all, 2 failures, 3 successes (5.0).
        return (False, True, not is_delivered, is_delivered)[kept.pdu.registered_delivery & 0x03]

    # ------------------------------------------------------------ query, cancel, replace

    def _of(self, message_id: str, system_id: str, source: str) -> list[Kept]:
        found = self._by_id.get(message_id, ())
        return [each for each in found if each.system_id == system_id and each.pdu.source_addr == source]

    def _query(self, pdu: QuerySm, system_id: str) -> QuerySmResp:
        found = self._of(pdu.message_id, system_id, pdu.source_addr)
        if not found:
            return QuerySmResp(Status.ESME_RQUERYFAIL)
        kept = found[0]
        done = absolute(kept.done_at) if kept.done_at else ""
        error = int(kept.error) % 0x100 if kept.error.isdecimal() else 0xFF
        return QuerySmResp(0, kept.message_id, done, int(kept.state), error)

    def _cancel(self, pdu: CancelSm, system_id: str) -> Answer:
        if pdu.message_id:
            found = self._of(pdu.message_id, system_id, pdu.source_addr)
        else:
            meant = pdu.service_type, pdu.source_addr, pdu.destination_addr
            found = [each for each in self.kept if each.system_id == system_id and _terms(each.pdu) == meant]
        open_ones = [each for each in found if each.is_open]
        for each in open_ones:
            # The one who cancelled it knows: no receipt.
            self.settle(each, (MessageState.DELETED, "000"))
        return ANSWERS[CancelSm](Status.ESME_ROK if open_ones else Status.ESME_RCANCELFAIL)

    def _replace(self, pdu: ReplaceSm, system_id: str) -> Answer:
        found = [each for each in self._of(pdu.message_id, system_id, pdu.source_addr) if each.is_open]
        for each in found:
            each.pdu = evolve(
                each.pdu,
                short_message=pdu.short_message,
                registered_delivery=pdu.registered_delivery,
                validity_period=pdu.validity_period or each.pdu.validity_period,
                schedule_delivery_time=pdu.schedule_delivery_time or each.pdu.schedule_delivery_time,
            )
        return ANSWERS[ReplaceSm](Status.ESME_ROK if found else Status.ESME_RREPLACEFAIL)


def _terms(pdu: SubmitSm) -> tuple[str, str, str]:
    return pdu.service_type, pdu.source_addr, pdu.destination_addr


def _as_submission(pdu: SubmitSm | DataSm) -> SubmitSm:
    if isinstance(pdu, SubmitSm):
        return pdu
    return SubmitSm(
        pdu.service_type,
        pdu.source_addr_ton,
        pdu.source_addr_npi,
        pdu.source_addr,
        pdu.dest_addr_ton,
        pdu.dest_addr_npi,
        pdu.destination_addr,
        pdu.esm_class,
        registered_delivery=pdu.registered_delivery,
        data_coding=pdu.data_coding,
        tlvs=pdu.tlvs,
    )


def _for_one(pdu: SubmitMulti, to: Destination) -> SubmitSm:
    return SubmitSm(
        pdu.service_type,
        pdu.source_addr_ton,
        pdu.source_addr_npi,
        pdu.source_addr,
        to.ton,
        to.npi,
        to.address,
        pdu.esm_class,
        pdu.protocol_id,
        pdu.priority_flag,
        pdu.schedule_delivery_time,
        pdu.validity_period,
        pdu.registered_delivery,
        pdu.replace_if_present_flag,
        pdu.data_coding,
        pdu.sm_default_msg_id,
        pdu.short_message,
        pdu.tlvs,
    )


def _first_state(pdu: SubmitSm) -> MessageState:
    return MessageState.SCHEDULED if pdu.schedule_delivery_time else MessageState.ENROUTE


def _seconds_until(written: str, now: datetime) -> float | None:
    """Read a time of a PDU as seconds from *now* on; None for no time, or none that can be read."""
    try:
        told = read_time(written)
    except InvalidInput:
        return None
    if isinstance(told, timedelta):
        return told.total_seconds()
    return None if told is None else max(0.0, (told - now.astimezone(timezone.utc)).total_seconds())
