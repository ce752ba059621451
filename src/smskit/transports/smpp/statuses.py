"""What a carrier means by the status of an answer: 67 values, each with its class and what may be done about it.

Source: SMPP 3.4 clause 5.1.3 and SMPP 5.0 clause 4.7.6 for values and names. The classes, failures and retries are
ours: what gateways that run for years do about each.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum

from attrs import frozen

from smskit.kinds import FailureClass, Retry


class Status(IntEnum):
    """The values that the specifications name; the others are kept as plain integers."""

    ESME_ROK = 0x000
    ESME_RINVMSGLEN = 0x001
    ESME_RINVCMDLEN = 0x002
    ESME_RINVCMDID = 0x003
    ESME_RINVBNDSTS = 0x004
    ESME_RALYBND = 0x005
    ESME_RINVPRTFLG = 0x006
    ESME_RINVREGDLVFLG = 0x007
    ESME_RSYSERR = 0x008
    ESME_RINVSRCADR = 0x00A
    ESME_RINVDSTADR = 0x00B
    ESME_RINVMSGID = 0x00C
    ESME_RBINDFAIL = 0x00D
    ESME_RINVPASWD = 0x00E
    ESME_RINVSYSID = 0x00F
    ESME_RCANCELFAIL = 0x011
    ESME_RREPLACEFAIL = 0x013
    ESME_RMSGQFUL = 0x014
    ESME_RINVSERTYP = 0x015
    ESME_RINVNUMDESTS = 0x033
    ESME_RINVDLNAME = 0x034
    ESME_RINVDESTFLAG = 0x040
    ESME_RINVSUBREP = 0x042
    ESME_RINVESMCLASS = 0x043
    ESME_RCNTSUBDL = 0x044
    ESME_RSUBMITFAIL = 0x045
    ESME_RINVSRCTON = 0x048
    ESME_RINVSRCNPI = 0x049
    ESME_RINVDSTTON = 0x050
    ESME_RINVDSTNPI = 0x051
    ESME_RINVSYSTYP = 0x053
    ESME_RINVREPFLAG = 0x054
    ESME_RINVNUMMSGS = 0x055
    ESME_RTHROTTLED = 0x058
    ESME_RINVSCHED = 0x061
    ESME_RINVEXPIRY = 0x062
    ESME_RINVDFTMSGID = 0x063
    ESME_RX_T_APPN = 0x064
    ESME_RX_P_APPN = 0x065
    ESME_RX_R_APPN = 0x066
    ESME_RQUERYFAIL = 0x067
    ESME_RINVTLVSTREAM = 0x0C0
    ESME_RTLVNOTALLWD = 0x0C1
    ESME_RINVTLVLEN = 0x0C2
    ESME_RMISSINGTLV = 0x0C3
    ESME_RINVTLVVAL = 0x0C4
    ESME_RDELIVERYFAILURE = 0x0FE
    ESME_RUNKNOWNERR = 0x0FF
    ESME_RSERTYPUNAUTH = 0x100
    ESME_RPROHIBITED = 0x101
    ESME_RSERTYPUNAVAIL = 0x102
    ESME_RSERTYPDENIED = 0x103
    ESME_RINVDCS = 0x104
    ESME_RINVSRCADDRSUBUNIT = 0x105
    ESME_RINVDSTADDRSUBUNIT = 0x106
    ESME_RINVBCASTFREQINT = 0x107
    ESME_RINVBCASTALIAS_NAME = 0x108
    ESME_RINVBCASTAREAFMT = 0x109
    ESME_RINVNUMBCAST_AREAS = 0x10A
    ESME_RINVBCASTCNTTYPE = 0x10B
    ESME_RINVBCASTMSGCLASS = 0x10C
    ESME_RBCASTFAIL = 0x10D
    ESME_RBCASTQUERYFAIL = 0x10E
    ESME_RBCASTCANCELFAIL = 0x10F
    ESME_RINVBCAST_REP = 0x110
    ESME_RINVBCASTSRVGRP = 0x111
    ESME_RINVBCASTCHANIND = 0x112


class StatusClass(Enum):
    """What a client does about a status."""

    OK = "ok"
    """Accepted."""

    THROTTLE = "throttle"
    """Slow down and send the same message again; it is no failure."""

    TRANSIENT = "transient"
    """Try again with growing pauses, a few times."""

    PERMANENT_MESSAGE = "permanent_message"
    """This message never passes unchanged."""

    PERMANENT_CONFIG = "permanent_config"
    """Account or bind settings are wrong: stop and say so."""

    SESSION = "session"
    """The session is in the wrong state: open another; the message was not taken."""

    ESME_APP = "esme_app"
    """What a receiver answers to a delivery that it does not take."""

    PROTOCOL = "protocol"
    """Somebody broke the wire format."""


@frozen
class Meaning:
    """What one status means. ``failure`` is None for success only.

    Every refusal says that the carrier did not take the message, so ``Retry.SAFE`` is no guess; how often to try is
    for ``kind`` to say.
    """

    status: int
    kind: StatusClass
    failure: FailureClass | None
    retry: Retry

    @property
    def name(self) -> str:
        """The name in the specification, or ``0x0000045A`` for a value that has none."""
        return Status(self.status).name if self.status in _NAMED else f"0x{self.status:08X}"

    @property
    def is_ok(self) -> bool:
        """Whether it was accepted."""
        return self.kind is StatusClass.OK


_NAMED = frozenset(int(status) for status in Status)
_OK = Meaning(Status.ESME_ROK, StatusClass.OK, None, Retry.NEVER)
_TABLE = (
    _OK,
    Meaning(Status.ESME_RINVMSGLEN, StatusClass.PERMANENT_MESSAGE, FailureClass.CONTENT_INVALID, Retry.NEVER),
    Meaning(Status.ESME_RINVCMDLEN, StatusClass.PROTOCOL, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVCMDID, StatusClass.PROTOCOL, FailureClass.UNSUPPORTED, Retry.NEVER),
    Meaning(Status.ESME_RINVBNDSTS, StatusClass.SESSION, FailureClass.PROVIDER_UNAVAILABLE, Retry.SAFE),
    Meaning(Status.ESME_RALYBND, StatusClass.SESSION, FailureClass.PROVIDER_UNAVAILABLE, Retry.SAFE),
    Meaning(Status.ESME_RINVPRTFLG, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVREGDLVFLG, StatusClass.PERMANENT_MESSAGE, FailureClass.UNSUPPORTED, Retry.NEVER),
    Meaning(Status.ESME_RSYSERR, StatusClass.TRANSIENT, FailureClass.PROVIDER_ERROR, Retry.SAFE),
    Meaning(Status.ESME_RINVSRCADR, StatusClass.PERMANENT_MESSAGE, FailureClass.SENDER_INVALID, Retry.AFTER_FIX),
    Meaning(Status.ESME_RINVDSTADR, StatusClass.PERMANENT_MESSAGE, FailureClass.INVALID_NUMBER, Retry.NEVER),
    Meaning(Status.ESME_RINVMSGID, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RBINDFAIL, StatusClass.SESSION, FailureClass.ACCOUNT, Retry.AFTER_FIX),
    Meaning(Status.ESME_RINVPASWD, StatusClass.PERMANENT_CONFIG, FailureClass.AUTH, Retry.AFTER_FIX),
    Meaning(Status.ESME_RINVSYSID, StatusClass.PERMANENT_CONFIG, FailureClass.AUTH, Retry.AFTER_FIX),
    Meaning(Status.ESME_RCANCELFAIL, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RREPLACEFAIL, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RMSGQFUL, StatusClass.THROTTLE, FailureClass.THROTTLED, Retry.SAFE),
    Meaning(Status.ESME_RINVSERTYP, StatusClass.PERMANENT_CONFIG, FailureClass.ACCOUNT, Retry.AFTER_FIX),
    Meaning(Status.ESME_RINVNUMDESTS, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVDLNAME, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVDESTFLAG, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVSUBREP, StatusClass.PERMANENT_MESSAGE, FailureClass.UNSUPPORTED, Retry.NEVER),
    Meaning(Status.ESME_RINVESMCLASS, StatusClass.PERMANENT_MESSAGE, FailureClass.UNSUPPORTED, Retry.NEVER),
    Meaning(Status.ESME_RCNTSUBDL, StatusClass.PERMANENT_MESSAGE, FailureClass.PERMISSION, Retry.AFTER_FIX),
    Meaning(Status.ESME_RSUBMITFAIL, StatusClass.TRANSIENT, FailureClass.PROVIDER_ERROR, Retry.SAFE),
    Meaning(Status.ESME_RINVSRCTON, StatusClass.PERMANENT_CONFIG, FailureClass.ACCOUNT, Retry.AFTER_FIX),
    Meaning(Status.ESME_RINVSRCNPI, StatusClass.PERMANENT_CONFIG, FailureClass.ACCOUNT, Retry.AFTER_FIX),
    Meaning(Status.ESME_RINVDSTTON, StatusClass.PERMANENT_CONFIG, FailureClass.ACCOUNT, Retry.AFTER_FIX),
    Meaning(Status.ESME_RINVDSTNPI, StatusClass.PERMANENT_CONFIG, FailureClass.ACCOUNT, Retry.AFTER_FIX),
    Meaning(Status.ESME_RINVSYSTYP, StatusClass.PERMANENT_CONFIG, FailureClass.ACCOUNT, Retry.AFTER_FIX),
    Meaning(Status.ESME_RINVREPFLAG, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVNUMMSGS, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RTHROTTLED, StatusClass.THROTTLE, FailureClass.THROTTLED, Retry.SAFE),
    Meaning(Status.ESME_RINVSCHED, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVEXPIRY, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVDFTMSGID, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RX_T_APPN, StatusClass.ESME_APP, FailureClass.PROVIDER_UNAVAILABLE, Retry.LATER),
    Meaning(Status.ESME_RX_P_APPN, StatusClass.ESME_APP, FailureClass.UNSPECIFIED, Retry.NEVER),
    Meaning(Status.ESME_RX_R_APPN, StatusClass.ESME_APP, FailureClass.UNSPECIFIED, Retry.NEVER),
    Meaning(Status.ESME_RQUERYFAIL, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVTLVSTREAM, StatusClass.PROTOCOL, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RTLVNOTALLWD, StatusClass.PERMANENT_MESSAGE, FailureClass.UNSUPPORTED, Retry.NEVER),
    Meaning(Status.ESME_RINVTLVLEN, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RMISSINGTLV, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVTLVVAL, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RDELIVERYFAILURE, StatusClass.PERMANENT_MESSAGE, FailureClass.CARRIER_ERROR, Retry.LATER),
    Meaning(Status.ESME_RUNKNOWNERR, StatusClass.TRANSIENT, FailureClass.PROVIDER_ERROR, Retry.SAFE),
    Meaning(Status.ESME_RSERTYPUNAUTH, StatusClass.PERMANENT_CONFIG, FailureClass.PERMISSION, Retry.AFTER_FIX),
    Meaning(Status.ESME_RPROHIBITED, StatusClass.PERMANENT_CONFIG, FailureClass.PERMISSION, Retry.AFTER_FIX),
    Meaning(Status.ESME_RSERTYPUNAVAIL, StatusClass.TRANSIENT, FailureClass.PROVIDER_UNAVAILABLE, Retry.SAFE),
    Meaning(Status.ESME_RSERTYPDENIED, StatusClass.PERMANENT_MESSAGE, FailureClass.CONTENT_INVALID, Retry.NEVER),
    Meaning(Status.ESME_RINVDCS, StatusClass.PERMANENT_MESSAGE, FailureClass.UNSUPPORTED, Retry.NEVER),
    Meaning(Status.ESME_RINVSRCADDRSUBUNIT, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVDSTADDRSUBUNIT, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVBCASTFREQINT, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVBCASTALIAS_NAME, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVBCASTAREAFMT, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVNUMBCAST_AREAS, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVBCASTCNTTYPE, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVBCASTMSGCLASS, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RBCASTFAIL, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RBCASTQUERYFAIL, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RBCASTCANCELFAIL, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVBCAST_REP, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVBCASTSRVGRP, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
    Meaning(Status.ESME_RINVBCASTCHANIND, StatusClass.PERMANENT_MESSAGE, FailureClass.BAD_REQUEST, Retry.NEVER),
)
MEANINGS: Mapping[int, Meaning] = {meaning.status: meaning for meaning in _TABLE}
"""The meaning of each named status."""


def meaning_of(status: int, own: Mapping[int, Meaning] | None = None) -> Meaning:
    """Say what *status* means; *own* is the carrier's own table and goes first.

    A value that no table has is a refusal of this message for good: nobody knows what it says, so it is not sent again.
    """
    found = (own.get(status) if own else None) or MEANINGS.get(status)
    return found or Meaning(status, StatusClass.PERMANENT_MESSAGE, FailureClass.UNSPECIFIED, Retry.NEVER)
