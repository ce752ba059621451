"""The 33 PDUs of SMPP 3.4 and 5.0, and one for all others.

Each class is its own table: the fields in their order on the wire, each with its layout. Fields are plain texts,
integers and octets, so that a value nobody named is kept and written back; :mod:`~smskit.transports.smpp.fields`,
:mod:`~smskit.transports.smpp.datacoding` and :mod:`~smskit.transports.smpp.times` read and write them.

An answer carries its ``status``. Where its first field is None it has no body at all, as 5.0 asks of refusals and many
centres do in 3.4. Numbers are masked, texts and passwords never shown.

Classes have no slots: filling an instance of twenty fields through the frozen ``__setattr__`` would cost more than
reading the whole PDU does.

Source: SMPP 3.4 clause 4; SMPP 5.0 clause 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import field, fields, frozen

from smskit.transports.smpp.layouts import LAYOUT, Destination, Destinations, Layout, NotTaken, Text, Undelivered
from smskit.transports.smpp.pdubase import ANSWER, Answer, Pdu, address, hide, number, octets, text, time
from smskit.transports.smpp.statuses import Status
from smskit.transports.smpp.tlvs import Tlv

_SOURCE, _DESTINATION, _ID = Status.ESME_RINVSRCADR, Status.ESME_RINVDSTADR, Status.ESME_RINVMSGID
_SCHEDULE, _EXPIRY = Status.ESME_RINVSCHED, Status.ESME_RINVEXPIRY


# ---------------------------------------------------------------- opening and closing a session


@frozen(slots=False)
class Bind(Pdu):
    """What the three ways to bind share."""

    system_id: str = text(16, Status.ESME_RINVSYSID)
    password: str = field(default="", repr=hide, metadata={LAYOUT: Text(9, Status.ESME_RINVPASWD)})
    system_type: str = text(13, Status.ESME_RINVSYSTYP)
    interface_version: int = number(default=0x34)
    addr_ton: int = number()
    addr_npi: int = number()
    address_range: str = address(41, Status.ESME_RINVSRCADR)
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class BindReceiver(Bind):
    """Opens a session that only receives."""

    command_id: ClassVar[int] = 0x00000001


@frozen(slots=False)
class BindTransmitter(Bind):
    """Opens a session that only sends."""

    command_id: ClassVar[int] = 0x00000002


@frozen(slots=False)
class BindTransceiver(Bind):
    """Opens a session that does both."""

    command_id: ClassVar[int] = 0x00000009


@frozen(slots=False)
class BindResp(Answer):
    """What the three answers to a bind share; a refusal often has no body."""

    system_id: str | None = field(default=None, metadata={LAYOUT: Text(16, Status.ESME_RINVSYSID)})
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class BindReceiverResp(BindResp):
    """The answer to :class:`BindReceiver`."""

    command_id: ClassVar[int] = 0x80000001


@frozen(slots=False)
class BindTransmitterResp(BindResp):
    """The answer to :class:`BindTransmitter`."""

    command_id: ClassVar[int] = 0x80000002


@frozen(slots=False)
class BindTransceiverResp(BindResp):
    """The answer to :class:`BindTransceiver`."""

    command_id: ClassVar[int] = 0x80000009


@frozen(slots=False)
class Outbind(Pdu):
    """A centre asks an application to bind; it has no answer but the bind."""

    command_id: ClassVar[int] = 0x0000000B
    system_id: str = text(16, Status.ESME_RINVSYSID)
    password: str = field(default="", repr=hide, metadata={LAYOUT: Text(9, Status.ESME_RINVPASWD)})
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class Unbind(Pdu):
    """Closes a session in good order."""

    command_id: ClassVar[int] = 0x00000006
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class UnbindResp(Answer):
    """The answer to :class:`Unbind`."""

    command_id: ClassVar[int] = 0x80000006
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class EnquireLink(Pdu):
    """Asks whether the peer is still there."""

    command_id: ClassVar[int] = 0x00000015
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class EnquireLinkResp(Answer):
    """The answer to :class:`EnquireLink`."""

    command_id: ClassVar[int] = 0x80000015
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class GenericNack(Answer):
    """The answer to what could not be read or is not known."""

    command_id: ClassVar[int] = 0x80000000
    tlvs: tuple[Tlv, ...] = ()


# ---------------------------------------------------------------- messages


@frozen(slots=False)
class ShortMessage(Pdu):
    """What a submission and a delivery share: they are the same on the wire."""

    service_type: str = text(6, Status.ESME_RINVSERTYP)
    source_addr_ton: int = number()
    source_addr_npi: int = number()
    source_addr: str = address(21, _SOURCE)
    dest_addr_ton: int = number()
    dest_addr_npi: int = number()
    destination_addr: str = address(21, _DESTINATION)
    esm_class: int = number()
    protocol_id: int = number()
    priority_flag: int = number()
    schedule_delivery_time: str = time(_SCHEDULE)
    validity_period: str = time(_EXPIRY)
    registered_delivery: int = number()
    replace_if_present_flag: int = number()
    data_coding: int = number()
    sm_default_msg_id: int = number()
    short_message: bytes = octets()
    tlvs: tuple[Tlv, ...] = ()

    written: ClassVar[bytes] = b""
    """Its octets after the header, in an instance that was made together with them; a changed copy has none."""


@frozen(slots=False)
class SubmitSm(ShortMessage):
    """Hands a message to a centre."""

    command_id: ClassVar[int] = 0x00000004


@frozen(slots=False)
class DeliverSm(ShortMessage):
    """Hands a message or a receipt to an application."""

    command_id: ClassVar[int] = 0x00000005


@frozen(slots=False)
class MessageResp(Answer):
    """What the answers that name a message share."""

    message_id: str | None = field(default=None, metadata={LAYOUT: Text(65, _ID)})
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class SubmitSmResp(MessageResp):
    """The answer to :class:`SubmitSm`."""

    command_id: ClassVar[int] = 0x80000004


@frozen(slots=False)
class DeliverSmResp(MessageResp):
    """The answer to :class:`DeliverSm`; its ``message_id`` says nothing and is empty."""

    command_id: ClassVar[int] = 0x80000005


@frozen(slots=False)
class DataSm(Pdu):
    """Carries a message either way; its text is in ``message_payload``."""

    command_id: ClassVar[int] = 0x00000103
    service_type: str = text(6, Status.ESME_RINVSERTYP)
    source_addr_ton: int = number()
    source_addr_npi: int = number()
    source_addr: str = address(65, _SOURCE)
    dest_addr_ton: int = number()
    dest_addr_npi: int = number()
    destination_addr: str = address(65, _DESTINATION)
    esm_class: int = number()
    registered_delivery: int = number()
    data_coding: int = number()
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class DataSmResp(MessageResp):
    """The answer to :class:`DataSm`."""

    command_id: ClassVar[int] = 0x80000103


@frozen(slots=False)
class SubmitMulti(Pdu):
    """Hands one message for many recipients to a centre."""

    command_id: ClassVar[int] = 0x00000021
    service_type: str = text(6, Status.ESME_RINVSERTYP)
    source_addr_ton: int = number()
    source_addr_npi: int = number()
    source_addr: str = address(21, _SOURCE)
    dest_address: tuple[Destination, ...] = field(default=(), metadata={LAYOUT: Destinations()})
    esm_class: int = number()
    protocol_id: int = number()
    priority_flag: int = number()
    schedule_delivery_time: str = time(_SCHEDULE)
    validity_period: str = time(_EXPIRY)
    registered_delivery: int = number()
    replace_if_present_flag: int = number()
    data_coding: int = number()
    sm_default_msg_id: int = number()
    short_message: bytes = octets()
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class SubmitMultiResp(Answer):
    """The answer to :class:`SubmitMulti`: one id for all, and whom it was not taken for."""

    command_id: ClassVar[int] = 0x80000021
    message_id: str | None = field(default=None, metadata={LAYOUT: Text(65, _ID)})
    unsuccess_sme: tuple[Undelivered, ...] = field(default=(), metadata={LAYOUT: NotTaken()})
    tlvs: tuple[Tlv, ...] = ()


# ---------------------------------------------------------------- what became of a message, and changing it


@frozen(slots=False)
class QuerySm(Pdu):
    """Asks what became of a message."""

    command_id: ClassVar[int] = 0x00000003
    message_id: str = text(65, _ID)
    source_addr_ton: int = number()
    source_addr_npi: int = number()
    source_addr: str = address(21, _SOURCE)
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class QuerySmResp(Answer):
    """The answer to :class:`QuerySm`."""

    command_id: ClassVar[int] = 0x80000003
    message_id: str | None = field(default=None, metadata={LAYOUT: Text(65, _ID)})
    final_date: str = time(Status.ESME_RINVCMDLEN)
    message_state: int = number()
    error_code: int = number()
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class CancelSm(Pdu):
    """Takes a message back; without ``message_id`` all of this service type, source and destination."""

    command_id: ClassVar[int] = 0x00000008
    service_type: str = text(6, Status.ESME_RINVSERTYP)
    message_id: str = text(65, _ID)
    source_addr_ton: int = number()
    source_addr_npi: int = number()
    source_addr: str = address(21, _SOURCE)
    dest_addr_ton: int = number()
    dest_addr_npi: int = number()
    destination_addr: str = address(21, _DESTINATION)
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class CancelSmResp(Answer):
    """The answer to :class:`CancelSm`."""

    command_id: ClassVar[int] = 0x80000008
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class ReplaceSm(Pdu):
    """Changes the text of a message that waits; its data coding stays."""

    command_id: ClassVar[int] = 0x00000007
    message_id: str = text(65, _ID)
    source_addr_ton: int = number()
    source_addr_npi: int = number()
    source_addr: str = address(21, _SOURCE)
    schedule_delivery_time: str = time(_SCHEDULE)
    validity_period: str = time(_EXPIRY)
    registered_delivery: int = number()
    sm_default_msg_id: int = number()
    short_message: bytes = octets()
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class ReplaceSmResp(Answer):
    """The answer to :class:`ReplaceSm`."""

    command_id: ClassVar[int] = 0x80000007
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class AlertNotification(Pdu):
    """Tells that a handset can be reached again; it has no answer."""

    command_id: ClassVar[int] = 0x00000102
    source_addr_ton: int = number()
    source_addr_npi: int = number()
    source_addr: str = address(65, _SOURCE)
    esme_addr_ton: int = number()
    esme_addr_npi: int = number()
    esme_addr: str = address(65, _DESTINATION)
    tlvs: tuple[Tlv, ...] = ()


# ---------------------------------------------------------------- broadcasts to cells (5.0)


@frozen(slots=False)
class BroadcastSm(Pdu):
    """Hands a message for all handsets of an area to a centre."""

    command_id: ClassVar[int] = 0x00000111
    service_type: str = text(6, Status.ESME_RINVSERTYP)
    source_addr_ton: int = number()
    source_addr_npi: int = number()
    source_addr: str = address(21, _SOURCE)
    message_id: str = text(65, _ID)
    priority_flag: int = number()
    schedule_delivery_time: str = time(_SCHEDULE)
    validity_period: str = time(_EXPIRY)
    replace_if_present_flag: int = number()
    data_coding: int = number()
    sm_default_msg_id: int = number()
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class BroadcastSmResp(MessageResp):
    """The answer to :class:`BroadcastSm`."""

    command_id: ClassVar[int] = 0x80000111


@frozen(slots=False)
class QueryBroadcastSm(Pdu):
    """Asks what became of a broadcast."""

    command_id: ClassVar[int] = 0x00000112
    message_id: str = text(65, _ID)
    source_addr_ton: int = number()
    source_addr_npi: int = number()
    source_addr: str = address(21, _SOURCE)
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class QueryBroadcastSmResp(MessageResp):
    """The answer to :class:`QueryBroadcastSm`; what it tells is in its parameters."""

    command_id: ClassVar[int] = 0x80000112


@frozen(slots=False)
class CancelBroadcastSm(Pdu):
    """Takes a broadcast back."""

    command_id: ClassVar[int] = 0x00000113
    service_type: str = text(6, Status.ESME_RINVSERTYP)
    message_id: str = text(65, _ID)
    source_addr_ton: int = number()
    source_addr_npi: int = number()
    source_addr: str = address(21, _SOURCE)
    tlvs: tuple[Tlv, ...] = ()


@frozen(slots=False)
class CancelBroadcastSmResp(Answer):
    """The answer to :class:`CancelBroadcastSm`."""

    command_id: ClassVar[int] = 0x80000113
    tlvs: tuple[Tlv, ...] = ()


NAMED: tuple[type[Pdu], ...] = (
    BindReceiver,
    BindReceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    BindTransceiver,
    BindTransceiverResp,
    Outbind,
    Unbind,
    UnbindResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    SubmitSm,
    SubmitSmResp,
    DeliverSm,
    DeliverSmResp,
    DataSm,
    DataSmResp,
    SubmitMulti,
    SubmitMultiResp,
    QuerySm,
    QuerySmResp,
    CancelSm,
    CancelSmResp,
    ReplaceSm,
    ReplaceSmResp,
    AlertNotification,
    BroadcastSm,
    BroadcastSmResp,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
)
"""Every PDU that the specifications name."""

BY_COMMAND: Mapping[int, type[Pdu]] = {pdu.command_id: pdu for pdu in NAMED}
"""The class of each command id."""

ANSWERS: Mapping[type[Pdu], type[Answer]] = {
    pdu: answer
    for pdu in NAMED
    if (answer := BY_COMMAND.get(pdu.command_id | ANSWER)) and issubclass(answer, Answer) and answer is not pdu
}
"""The class that answers each request; one without an answer has no entry."""


def layouts_of(pdu: type[Pdu]) -> tuple[tuple[str, Layout], ...]:
    """Give the fields of the body of *pdu* in their order, each with its layout."""
    return tuple((each.name, each.metadata[LAYOUT]) for each in fields(pdu) if LAYOUT in each.metadata)
