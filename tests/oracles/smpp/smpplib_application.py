"""smpplib as an application: ``smpplib_application.py HOST PORT PASSWORD LONG``; prints what it was told as JSON."""

from __future__ import annotations

import json
import sys

import smpplib.client
import smpplib.exceptions
import smpplib.gsm


def main(host: str, port: str, password: str, text: str) -> None:
    client = smpplib.client.Client(host, int(port), timeout=20, allow_unknown_opt_params=True)
    told: dict[str, list[object]] = {"ids": [], "receipts": [], "replies": [], "refused": []}

    def received(pdu) -> int:
        body = pdu.short_message or pdu.message_payload or b""
        told["receipts" if pdu.esm_class & 0x04 else "replies"].append(body.decode("latin-1"))
        return 0

    def refused(pdu) -> None:
        told["refused"].append(pdu.status)

    def answered(pdu) -> None:
        # It is called for refusals too, after the handler for those.
        if not pdu.status:
            told["ids"].append(pdu.message_id.decode())

    client.set_message_sent_handler(answered)
    client.set_message_received_handler(received)
    client.set_error_pdu_handler(refused)
    client.connect()
    try:
        client.bind_transceiver(system_id="shop", password=password)
    except smpplib.exceptions.PDUError as error:
        print(json.dumps({"bind": error.args[1]}))
        return
    for number, written in (("33612345678", "Commande 4711"), ("33698765432", text)):
        parts, coding, kind = smpplib.gsm.make_parts(written)
        for part in parts:
            client.send_message(
                source_addr_ton=5, source_addr="SHOP", dest_addr_ton=1, dest_addr_npi=1, destination_addr=number,
                short_message=part, data_coding=coding, esm_class=kind, registered_delivery=1,
            )  # fmt: skip
    parts_sent = 1 + len(smpplib.gsm.make_parts(text)[0])

    def is_done() -> bool:
        answers = len(told["ids"]) + len(told["refused"])
        return answers == parts_sent and len(told["receipts"]) == len(told["ids"]) and bool(told["replies"])

    while not is_done():
        client.read_once()
    client.unbind()
    client.disconnect()
    print(json.dumps(told))


main(*sys.argv[1:])
