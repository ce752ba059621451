"""Plain messages of one sender: what is the same in all of them is checked and written once."""

from __future__ import annotations

from contextlib import suppress

from smskit.errors import InvalidInput
from smskit.transports.smpp.addresses import Address
from smskit.transports.smpp.codec import write_around
from smskit.transports.smpp.pdus import SubmitSm
from smskit.transports.smpp.profiles import Profile
from smskit.transports.smpp.tlvs import Tlv


class Form:
    """The PDU of one sender's plain messages, but for whom and what.

    Most of a campaign is such messages, and to look at twenty fields of each costs more than to hand it over.

    Args:
        source: the sender.
        profile: what the centre takes.
        parameters: what every message has.
    """

    def __init__(self, source: Address, profile: Profile, parameters: tuple[Tlv, ...] = ()) -> None:
        ton, npi = profile.kinds.international
        blank = SubmitSm(
            service_type=profile.service_type,
            source_addr_ton=source.ton,
            source_addr_npi=source.npi,
            source_addr=source.text,
            dest_addr_ton=ton,
            dest_addr_npi=npi,
            registered_delivery=profile.registered_delivery,
            data_coding=profile.gsm_coding,
            tlvs=parameters,
        )
        self._profile = profile
        self._values = vars(blank)
        self._around: tuple[bytes, bytes, bytes] | None = None
        # The long way tells what is wrong, or writes it all the same.
        with suppress(InvalidInput):
            self._around = write_around(blank)

    def fill(self, number: int, text: str) -> SubmitSm | None:
        """Give the PDU that carries *text* to *number*; None where only ``compose`` can tell."""
        around = self._around
        if around is None or not 10**7 <= number < 10**15 or (octets := self._profile.alone(text)) is None:
            return None
        before, between, after = around
        pdu = SubmitSm.__new__(SubmitSm)
        # What its initialiser would do field by field.
        vars(pdu).update(
            self._values,
            destination_addr=str(number),
            short_message=octets,
            written=b"%b%d%b%c%b%b" % (before, number, between, len(octets), octets, after),
        )
        return pdu
