"""How a centre writes receipts: the text of appendix B in its dialects, parameters, or both.

Source: SMPP 3.4 appendix B and clause 5.2.28; the dialects are those that centres were seen to write.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from attrs import evolve, field, frozen

from smskit.errors import InvalidInput
from smskit.transports.smpp import Content, DataSm, DeliverSm, EsmClass, MessageState, SubmitSm, Tag, Tlv, tlv

_WORDS = {
    MessageState.SCHEDULED: "SCHEDLD",
    MessageState.ENROUTE: "ENROUTE",
    MessageState.DELIVERED: "DELIVRD",
    MessageState.EXPIRED: "EXPIRED",
    MessageState.DELETED: "DELETED",
    MessageState.UNDELIVERABLE: "UNDELIV",
    MessageState.ACCEPTED: "ACCEPTD",
    MessageState.UNKNOWN: "UNKNOWN",
    MessageState.REJECTED: "REJECTD",
    MessageState.SKIPPED: "SKIPPED",
}
_GSM_NETWORK = 3


class Dialect(Enum):
    """Texts of receipts. A template of your own takes the same names as these."""

    PLAIN = (
        "id:{id} sub:001 dlvrd:{delivered:03} submit date:{submitted:%y%m%d%H%M} done date:{done:%y%m%d%H%M} "
        "stat:{word} err:{error} text:{text:.20}"
    )
    """As appendix B has it."""

    SECONDS = (
        "id:{id} sub:001 dlvrd:{delivered:03} submit date:{submitted:%y%m%d%H%M%S} done date:{done:%y%m%d%H%M%S} "
        "stat:{word} err:{error} text:"
    )
    FOUR_DIGIT_YEARS = (
        "id:{id} sub:001 dlvrd:{delivered:03} submit date:{submitted:%Y%m%d%H%M%S} done date:{done:%Y%m%d%H%M%S} "
        "stat:{word} err:{error} text:"
    )
    CAPITALS = (
        "ID:{id} SUB:1 DLVRD:{delivered} SUBMIT DATE:{submitted:%y%m%d%H%M} DONE DATE:{done:%y%m%d%H%M} "
        "STAT:{word} ERR:{error} TEXT:"
    )
    SHORT = "id:{id} stat:{word} err:{error}"
    REORDERED = "stat:{word} err:{error} done date:{done:%y%m%d%H%M} submit date:{submitted:%y%m%d%H%M} id:{id}"
    COMMAS = "id:{id}, sub:001, dlvrd:{delivered:03}, stat:{long_word}, err:{error}, done_date:{done:%Y-%m-%d %H:%M:%S}"
    """With commas, whole words and dates for people."""

    ODD = (
        "id:{id} sub:001 dlvrd:{delivered:03} submit date:99999999 done date: "
        "stat:{word} err:0x0F vendor:a:b text:x y:z"
    )
    """With a date that is none, an empty one, a hexadecimal error and keys that nobody knows."""


class Form(Enum):
    """Where a receipt says what it says."""

    TEXT = "text"
    TLVS = "tlvs"
    """``receipted_message_id``, ``message_state`` and ``network_error_code``, and no text."""

    BOTH = "both"


@frozen(kw_only=True)
class Receipts:
    """How receipts are written and when they are sent.

    Args:
        form: as text, as parameters, or both.
        dialect: of the text; a template of your own is a str like those of :class:`Dialect`.
        before_answer: send it before the answer to the submission, as busy centres do.
        in_payload: put the text into ``message_payload``.
        in_data_sm: send it as ``data_sm``; its text is in ``message_payload`` then.
        unmarked: leave ``esm_class`` 0, as some centres do.
        unasked: send one for each message, whether or not it was asked for.
        copies: how often each receipt is sent.
        tlvs: further parameters of each.
    """

    form: Form = Form.BOTH
    dialect: Dialect | str = Dialect.PLAIN
    before_answer: bool = False
    in_payload: bool = False
    in_data_sm: bool = False
    unmarked: bool = False
    unasked: bool = False
    copies: int = 1
    tlvs: tuple[Tlv, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.copies < 0:
            raise InvalidInput(f"copies={self.copies} must be 0 or more")


@frozen
class Report:
    """What one receipt is about.

    Args:
        message: as it was submitted.
        message_id: as receipts spell it.
        state: what became of it.
        error: three characters, the centre's own.
        submitted: when it was taken.
        done: when it came to that state.
        text: of the message.
    """

    message: SubmitSm
    message_id: str
    state: MessageState
    error: str
    submitted: datetime
    done: datetime
    text: str = field(repr=False)


def write_receipt(report: Report, how: Receipts) -> DeliverSm | DataSm:
    """Give the PDU that tells *report*; it goes back from the recipient to the sender."""
    message = report.message
    parameters = how.tlvs if how.form is Form.TEXT else (*_parameters(report), *how.tlvs)
    text = b"" if how.form is Form.TLVS else _text(report, how.dialect)
    is_final = report.state not in (MessageState.ENROUTE, MessageState.SCHEDULED)
    content = Content.RECEIPT if is_final else Content.INTERMEDIATE
    pdu = DeliverSm(
        source_addr_ton=message.dest_addr_ton,
        source_addr_npi=message.dest_addr_npi,
        source_addr=message.destination_addr,
        dest_addr_ton=message.source_addr_ton,
        dest_addr_npi=message.source_addr_npi,
        destination_addr=message.source_addr,
        esm_class=0 if how.unmarked else EsmClass(content=content).octet,
        short_message=text,
        tlvs=parameters,
    )
    return _moved(pdu, how)


def _moved(pdu: DeliverSm, how: Receipts) -> DeliverSm | DataSm:
    if how.in_data_sm:
        payload = (tlv(Tag.MESSAGE_PAYLOAD, pdu.short_message),) if pdu.short_message else ()
        return DataSm(
            "",
            pdu.source_addr_ton,
            pdu.source_addr_npi,
            pdu.source_addr,
            pdu.dest_addr_ton,
            pdu.dest_addr_npi,
            pdu.destination_addr,
            pdu.esm_class,
            tlvs=(*payload, *pdu.tlvs),
        )
    if (how.in_payload or len(pdu.short_message) > 0xFF) and pdu.short_message:
        moved = tlv(Tag.MESSAGE_PAYLOAD, pdu.short_message)
        return evolve(pdu, short_message=b"", tlvs=(moved, *pdu.tlvs))
    return pdu


def _parameters(report: Report) -> tuple[Tlv, ...]:
    told = (tlv(Tag.RECEIPTED_MESSAGE_ID, report.message_id), tlv(Tag.MESSAGE_STATE, int(report.state)))
    if not report.error.strip("0") or not report.error.isdecimal():
        return told
    return (
        *told,
        Tlv(Tag.NETWORK_ERROR_CODE, bytes((_GSM_NETWORK,)) + (int(report.error) % 0x10000).to_bytes(2, "big")),
    )


def _text(report: Report, dialect: Dialect | str) -> bytes:
    template = dialect.value if isinstance(dialect, Dialect) else dialect
    written = template.format(
        id=report.message_id,
        delivered=int(report.state is MessageState.DELIVERED),
        submitted=report.submitted,
        done=report.done,
        word=_WORDS[report.state],
        long_word=report.state.name,
        error=report.error,
        text=report.text,
    )
    return written.encode("latin-1", "replace")
