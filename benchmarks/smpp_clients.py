"""Messages handed to a centre, beside other clients, in one run; and the memory of a million of them.

    python benchmarks/smpp_clients.py [--messages 10000] [--rounds 3] [--memory 1000000]

The centre is a sink of a few lines in a process of its own, the same for all. What we do is the whole road: texts are
composed and checked, outcomes told, ids kept for receipts. Peers are measured where they are installed:
``pip install six smpplib==2.2.4 smpp34==1.5.0``, ``npm install smpp@0.5.1`` with NODE_PATH set to its node_modules.
The processor time is that of the client, in microseconds a message.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from smskit.kinds import Kind
from smskit.records import Accepted, Outgoing
from smskit.transports.drivers import drive
from smskit.transports.smpp import SubmitSm, encode
from smskit.transports.smpp.client import Centre, Smpp

TEXT = "Bonjour Elodie, votre commande est prete. ACME!"
FIELDS = {
    "source_addr_ton": 5,
    "source_addr": "ACMESHOP",
    "dest_addr_ton": 1,
    "dest_addr_npi": 1,
    "registered_delivery": 1,
}
assert len(encode(SubmitSm(**FIELDS, destination_addr="33612345678", short_message=TEXT.encode()), 1)) == 99

SINK = r"""
import asyncio, struct
HEAD = struct.Struct(">IIII")

class Sink(asyncio.Protocol):
    left = b""
    count = 0

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        data = self.left + data if self.left else data
        at, end, out = 0, len(data), []
        while end - at >= 16:
            length, command, _, sequence = HEAD.unpack_from(data, at)
            if end - at < length:
                break
            at += length
            if command == 4:
                self.count += 1
                out.append(HEAD.pack(27, 0x80000004, 0, sequence) + b"%010d\0" % self.count)
            elif command in (1, 2, 9):
                out.append(HEAD.pack(21, command | 0x80000000, 0, sequence) + b"sink\0")
            elif command < 0x80000000:
                out.append(HEAD.pack(16, command | 0x80000000, 0, sequence))
        self.left = data[at:]
        self.transport.write(b"".join(out))

async def main():
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""

NODE = r"""
const smpp = require('smpp');
const [port, total, window] = process.argv.slice(1).map(Number);
const session = smpp.connect({url: `smpp://127.0.0.1:${port}`}, () => {
  session.bind_transceiver({system_id: 'shop', password: 'secret'}, () => {
    let sent = 0, done = 0;
    const cpu = process.cpuUsage(), began = process.hrtime.bigint();
    const next = () => {
      if (sent >= total) return;
      sent++;
      session.submit_sm({source_addr_ton: 5, source_addr: 'ACMESHOP', dest_addr_ton: 1, dest_addr_npi: 1,
        destination_addr: '33612345678', registered_delivery: 1, short_message: TEXT}, () => {
        if (++done < total) return next();
        const used = process.cpuUsage(cpu);
        console.log(JSON.stringify([Number(process.hrtime.bigint() - began) / 1e9, (used.user + used.system) / 1e6]));
        process.exit(0);
      });
    };
    for (let i = 0; i < window; i++) next();
  });
});
"""

Run = Callable[[int, int, int], tuple[float, float]]
"""Hands over so many messages to a port with a window; gives the seconds and the processor seconds that it took."""


@contextmanager
def sink() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def batch(count: int, first: int = 0) -> list[Outgoing]:
    numbers = range(first, first + count)
    return [Outgoing(f"run-{n}", 33600000000 + n, TEXT, 1, "ACMESHOP", Kind.MARKETING) for n in numbers]


@contextmanager
def measured(found: list[float]) -> Iterator[None]:
    began, processor = time.perf_counter(), time.process_time()
    yield
    found += [time.perf_counter() - began, time.process_time() - processor]


def smskit(port: int, total: int, window: int) -> tuple[float, float]:
    found: list[float] = []
    batches = [batch(500, first) for first in range(0, total, 500)]
    centre = Centre(host="127.0.0.1", port=port, system_id="shop", password="secret")
    with Smpp(centre.with_limits(window=window)) as carrier, measured(found):
        for messages in batches:
            assert all(type(outcome) is Accepted for outcome in drive(carrier.submit(messages)))
    return found[0], found[1]


def smpplib(port: int, total: int, window: int) -> tuple[float, float]:
    from smpplib.client import Client

    found: list[float] = []
    answered = [0]
    client = Client("127.0.0.1", port, logger_name="quiet")
    client.set_message_sent_handler(lambda pdu: answered.__setitem__(0, answered[0] + 1))
    client.connect()
    client.bind_transceiver(system_id="shop", password="secret")
    with measured(found):
        sent = 0
        while answered[0] < total:
            while sent < total and sent - answered[0] < window:
                client.send_message(**FIELDS, destination_addr="33612345678", short_message=TEXT.encode())
                sent += 1
            client.read_once()
    client.unbind()
    client.disconnect()
    return found[0], found[1]


def smpp34(port: int, total: int, window: int) -> tuple[float, float]:
    from smpp34 import Client

    found: list[float] = []

    async def work() -> None:
        client = Client("127.0.0.1", port, "shop", "secret", bind_type="TRX", window_size=window)
        smsc = await client.connect()
        numbers = iter(range(total))

        async def one_after_the_other() -> None:
            for _ in numbers:
                await smsc.submit_sm("33612345678", short_message=TEXT.encode(), **FIELDS)

        with measured(found):
            await asyncio.gather(*(one_after_the_other() for _ in range(window)))
        await client.stop()

    asyncio.run(work())
    return found[0], found[1]


def node(port: int, total: int, window: int) -> tuple[float, float]:
    script = NODE.replace("TEXT", json.dumps(TEXT))
    told = subprocess.run(
        ["node", "-e", script, str(port), str(total), str(window)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    seconds, processor = json.loads(told.stdout.splitlines()[-1])
    return seconds, processor


def clients() -> dict[str, Run]:
    found: dict[str, Run] = {"smskit": smskit}
    for name, run in (("smpplib", smpplib), ("smpp34", smpp34)):
        try:
            __import__(name)
        except ImportError:
            print(f"{name} is not installed here: not measured")
        else:
            found[name] = run
    has_node = shutil.which("node") and "NODE_PATH" in os.environ
    if has_node and subprocess.run(["node", "-e", "require('smpp')"], capture_output=True).returncode == 0:
        found["npm smpp"] = node
    else:
        print("npm smpp is not found (NODE_PATH): not measured")
    return found


GOALS = {("smpplib", 100): 10, ("smpp34", 100): 5, ("npm smpp", 100): 3, ("smpplib", 1): 1.5}
PROCESSOR_US = 25


def throughput(total: int, rounds: int) -> None:
    """Print messages a second of all clients, measured in turns."""
    named = clients()
    for window in (100, 10, 1):
        count = total if window > 1 else total // 5
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in named}
        for _ in range(rounds):
            for name, run in named.items():
                with sink() as port:
                    few = count if name == "smskit" else max(500, count // 5)
                    seconds, processor = run(port, few, window)
                took[name].append((few / seconds, processor / few * 1e6))
        ours = statistics.median(rate for rate, _ in took["smskit"])
        print(f"\nwindow {window}: median of {rounds} rounds")
        for name, measures in took.items():
            rate = statistics.median(rate for rate, _ in measures)
            processor = statistics.median(used for _, used in measures)
            goal = GOALS.get((name, window))
            bound = "" if goal is None else f"at least {goal:g} x{'' if ours / rate >= goal else '   MISSED'}"
            if (name, window) == ("smskit", 100):
                bound = f"at most {PROCESSOR_US} us{'' if processor <= PROCESSOR_US else '   MISSED'}"
            print(f"  {name:<10}{rate:>9.0f}/s{processor:>9.1f} us CPU{ours / rate:>8.1f} x   {bound}")


def memory(total: int) -> None:
    """Print the resident memory over many messages."""
    with sink() as port:
        centre = Centre(host="127.0.0.1", port=port, system_id="shop", password="secret")
        with Smpp(centre.with_limits(window=100)) as carrier:
            print("\nmemory, with the ids of the last 100 000 kept")
            for first in range(0, total, 500):
                drive(carrier.submit(batch(500, first)))
                if (first + 500) % max(500, total // 5) == 0:
                    print(f"  {first + 500:>9} messages{_resident_mb():>8.1f} MB")


def _resident_mb() -> float:
    try:
        with open("/proc/self/statm") as file:  # noqa: PTH123 - no file that a path could name
            return int(file.read().split()[1]) * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, default=0)
    asked = parser.parse_args()
    throughput(asked.messages, asked.rounds)
    if asked.memory:
        memory(asked.memory)


if __name__ == "__main__":
    main()
