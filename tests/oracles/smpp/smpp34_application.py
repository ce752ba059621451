"""smpp34 as an application: ``smpp34_application.py HOST PORT PASSWORD COUNT``; prints what it was told as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys

import smpp34


async def main(host: str, port: str, password: str, count: str) -> None:
    client = smpp34.Client(
        host=host, port=int(port), system_id="shop", password=password, bind_type="TRX", window_size=20
    )
    try:
        smsc = await client.connect()
    except smpp34.SmppError as error:
        print(json.dumps({"bind": str(error)}))
        return

    async def submit(number: int) -> tuple[str | None, int]:
        payload = smpp34.Tlv(smpp34.TLV_MESSAGE_PAYLOAD, b"Commande %d" % number)
        vendor = smpp34.Tlv(0x1403, b"x")
        answer = await smsc.submit_sm(
            source_addr="SHOP", source_addr_ton=5, destination_addr=str(33600000000 + number), dest_addr_ton=1,
            dest_addr_npi=1, registered_delivery=1, tlvs=[payload, vendor],
        )  # fmt: skip
        return answer.message_id, answer.command_status

    answers = await asyncio.gather(*(submit(number) for number in range(int(count))))
    taken = sum(not status for _, status in answers)
    receipts: list[str | None] = []
    replies: list[str] = []
    while len(receipts) < taken or not replies:
        event = await asyncio.wait_for(smsc.next(), 20)
        if not isinstance(event, smpp34.DeliverSmEvent):
            break
        if event.esm_class & 0x04:
            told = {tlv.tag: tlv.as_string() for tlv in event.tlvs if tlv.tag == smpp34.TLV_RECEIPTED_MESSAGE_ID}
            receipts.append(told.get(smpp34.TLV_RECEIPTED_MESSAGE_ID))
        else:
            replies.append(event.short_message.decode("latin-1"))
    await smsc.unbind()
    told = {"ids": [answer[0] for answer in answers], "statuses": [answer[1] for answer in answers]}
    print(json.dumps({**told, "receipts": receipts, "replies": replies}))


asyncio.run(main(*sys.argv[1:]))
# Its threads outlive the loop and now and then bring the interpreter down on its way out.
sys.stdout.flush()
os._exit(0)
