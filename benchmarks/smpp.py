"""Encode and decode SMPP beside smpplib and smpp34, in one run: the least of many slices, in nanoseconds a PDU.

    python benchmarks/smpp.py

Peers are measured where they are installed (pip install smpplib==2.2.4 smpp34==1.5.0). On a shared machine look at the
ratios: all rows of a table are timed in turns.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable

from smskit.transports.smpp import DeliverSm, SubmitSm, SubmitSmResp, Tag, decode, encode, tlv

# Shorter than what a scheduler gives to one process at a time, so that some slices are not interrupted.
SLICE_S = 0.002
SLICES = 100

TEXT = b"Bonjour Elodie, votre commande est prete. ACME!"
SUBMIT = SubmitSm(
    source_addr_ton=5,
    source_addr="ACMESHOP",
    dest_addr_ton=1,
    dest_addr_npi=1,
    destination_addr="33612345678",
    registered_delivery=1,
    short_message=TEXT,
)
RECEIPT = DeliverSm(
    source_addr_ton=1,
    source_addr_npi=1,
    source_addr="33612345678",
    dest_addr_ton=5,
    destination_addr="ACMESHOP",
    esm_class=4,
    short_message=b"id:1234567890 sub:001 dlvrd:001 submit date:2611212300 done date:2611212301 stat:DELIVRD err:000 "
    b"text:Bonjour Elodie, votr",
    tlvs=(tlv(Tag.RECEIPTED_MESSAGE_ID, "1234567890"), tlv(Tag.MESSAGE_STATE, 2)),
)
RESP = SubmitSmResp(0, "1234567890")
GOALS_NS = {"encode submit_sm": 2000, "decode deliver_sm receipt": 5000}


def least(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Give the nanoseconds of each call, all of them timed in turns."""
    timers, rounds = {name: timeit.Timer(call) for name, call in calls.items()}, {}
    for name, timer in timers.items():
        rounds[name] = 1
        while timer.timeit(rounds[name]) < SLICE_S:
            rounds[name] *= 2
    found = dict.fromkeys(calls, float("inf"))
    for _ in range(SLICES):
        for name, timer in timers.items():
            found[name] = min(found[name], timer.timeit(rounds[name]) / rounds[name] * 1e9)
    return found


def smpplib_calls() -> dict[str, dict[str, Callable[[], object]]]:
    try:
        from smpplib import smpp
        from smpplib.client import Client
    except ImportError:
        print("smpplib is not installed here: not measured")
        return {}
    client = Client("localhost", 2775, allow_unknown_opt_params=True)
    submit, receipt, resp = (encode(pdu, 7) for pdu in (SUBMIT, RECEIPT, RESP))
    fields = {
        "source_addr_ton": 5,
        "source_addr": "ACMESHOP",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": "33612345678",
        "registered_delivery": 1,
        "short_message": SUBMIT.short_message,
    }

    def write() -> bytes:
        return smpp.make_pdu("submit_sm", client=client, sequence=7, **fields).generate()

    assert write()[16:] == submit[16:]  # it counts by itself
    return {
        "encode submit_sm": {"smpplib": write},
        "decode deliver_sm receipt": {"smpplib": lambda: smpp.parse_pdu(receipt, client=client)},
        "decode submit_sm_resp": {"smpplib": lambda: smpp.parse_pdu(resp, client=client)},
    }


def smpp34_calls() -> dict[str, dict[str, Callable[[], object]]]:
    try:
        import smpp34
    except ImportError:
        print("smpp34 is not installed here: not measured")
        return {}
    receipt, resp = encode(RECEIPT, 7), encode(RESP, 7)

    def write() -> bytes:
        return smpp34.SubmitSm(
            "ACMESHOP",
            "33612345678",
            SUBMIT.short_message,
            sequence_number=7,
            source_addr_ton=5,
            dest_addr_ton=1,
            dest_addr_npi=1,
            registered_delivery=1,
        ).encode()

    assert write() == encode(SUBMIT, 7)
    return {
        "encode submit_sm": {"smpp34": write},
        "decode deliver_sm receipt": {"smpp34": lambda: smpp34.decode(receipt)},
        "decode submit_sm_resp": {"smpp34": lambda: smpp34.decode(resp)},
    }


def main() -> None:
    """Print a table for each PDU."""
    submit, receipt, resp = (encode(pdu, 7) for pdu in (SUBMIT, RECEIPT, RESP))
    assert (len(submit), decode(receipt).pdu, decode(resp).pdu) == (99, RECEIPT, RESP)
    fields = {name: getattr(SUBMIT, name) for name in vars(SUBMIT)}
    tables: dict[str, dict[str, Callable[[], object]]] = {
        "encode submit_sm": {
            "smskit": lambda: encode(SUBMIT, 7),
            "smskit, PDU made too": lambda: encode(SubmitSm(**fields), 7),
        },
        "decode deliver_sm receipt": {"smskit": lambda: decode(receipt)},
        "decode submit_sm_resp": {"smskit": lambda: decode(resp)},
    }
    for peer in (smpplib_calls(), smpp34_calls()):
        for label, calls in peer.items():
            tables[label].update(calls)
    for (label, calls), octets in zip(tables.items(), (submit, receipt, resp), strict=True):
        print(f"\n{label}, {len(octets)} octets")
        found = least(calls)
        for name, nanoseconds in found.items():
            goal = GOALS_NS.get(label) if name == "smskit" else None
            bound = "" if goal is None else f"at most {goal:>5}{'' if nanoseconds <= goal else '   MISSED'}"
            print(f"  {name:<24}{nanoseconds:>10.0f} ns{nanoseconds / found['smskit']:>8.1f} x   {bound}")


if __name__ == "__main__":
    main()
