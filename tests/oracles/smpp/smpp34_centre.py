"""smpp34 as a centre: ``smpp34_centre.py PORT {"throttled"}``; prints a line of JSON for everything that happens."""

from __future__ import annotations

import asyncio
import json
import sys

import smpp34

_tasks: set[asyncio.Task[None]] = set()


def tell(**what: object) -> None:
    print(json.dumps(what), flush=True)


async def deliver(esme: smpp34.Esme, **values) -> None:
    answer = await esme.deliver_sm(**values)
    tell(delivered=answer.command_status)


def later(work) -> None:
    task = asyncio.ensure_future(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def main(port: str, how: str) -> None:
    server = smpp34.Server(host="127.0.0.1", port=int(port), system_id="smpp34")
    await server.start()
    tell(port=int(port))
    sessions: dict[str, smpp34.Esme] = {}
    number, throttled = 0, json.loads(how).get("throttled", 0)
    while True:
        event = await server.next()
        if isinstance(event, smpp34.Esme):
            sessions[event.session_id] = event
            tell(bind=event.system_id)
            if event.can_receive:
                later(deliver(event, source_addr="33612345678", source_addr_ton=1, source_addr_npi=1,
                              destination_addr="36180", short_message=b"STOP"))  # fmt: skip
        elif isinstance(event, smpp34.SubmitSmEvent):
            tell(submit=event.destination_addr, coding=event.data_coding, text=event.short_message.hex())
            if throttled:
                throttled -= 1
                event.reject(smpp34.ESME_RTHROTTLED)
                continue
            number += 1
            event.accept(message_id=f"{number:010x}")
            if event.registered_delivery:
                state = smpp34.Tlv(smpp34.TLV_MESSAGE_STATE, b"\2")
                told = smpp34.Tlv(smpp34.TLV_RECEIPTED_MESSAGE_ID, b"%010X\0" % number)
                later(deliver(sessions[event.session_id], source_addr=event.destination_addr, esm_class=4,
                              destination_addr=event.source_addr, short_message=b"", tlvs=[told, state]))  # fmt: skip
        else:
            tell(unbound=True)


asyncio.run(main(*sys.argv[1:]))
