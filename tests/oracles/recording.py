"""What runs in a process of its own: one carrier's package and our provider say the same, and what came in is printed.

python -m tests.oracles.recording requests twilio
python -m tests.oracles.recording posts twilio
python -m tests.oracles.recording signed ovhcloud
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.oracles.carrier import Answer, Carrier, Request, everywhere
from tests.oracles.cases import CASES, Case, Oracle
from tests.oracles.packages import ORACLES

from smskit.transports.client import Client

# What a package tells about itself, and what belongs to the line and not to the request.
SILENT = ("user-agent", "accept", "accept-encoding", "accept-charset", "connection", "content-length", "host")
TELEMETRY = ("x-stainless-", "x-fern-", "x-twilio-", "x-sdk-", "x-sib-")

FAULTS: Mapping[str, Answer] = {
    "500": Answer(500, b"{}"),
    "503": Answer(503, b"{}"),
    "429": Answer(429, b"{}", {"Retry-After": "1"}),
    "closed": Answer(0),
}


def main(mode: str, name: str) -> None:
    logging.disable()
    oracle = ORACLES[name]()
    with tempfile.TemporaryDirectory() as folder, everywhere(Path(folder), tuple(oracle.hosts)) as carrier:
        recorded = {"requests": requests, "questions": questions, "posts": posts, "signed": signed}[mode](
            oracle, carrier
        )
    print(json.dumps(recorded, ensure_ascii=False))


def requests(oracle: Oracle, carrier: Carrier) -> Mapping[str, object]:
    carrier.answer = oracle.answer
    return {what: _both(oracle, CASES[what], carrier, _written) for what in oracle.cases}


def questions(oracle: Oracle, carrier: Carrier) -> Mapping[str, object]:
    # Nobody knows anything: what is made of an answer is held elsewhere, here it is what was asked.
    carrier.answer = lambda request: Answer(200, b"{}")
    asked: dict[str, object] = {}
    for what, (ours, theirs) in oracle.questions().items():
        with Client(oracle.ours("")) as client:
            asked[what] = {
                who: _came_in(carrier, ask) for who, ask in (("ours", partial(ours, client)), ("theirs", theirs))
            }
    return asked


def _came_in(carrier: Carrier, ask: Callable[[], object]) -> list[Mapping[str, Any]]:
    with suppress(Exception):
        ask()
    return [_written(request) for request in carrier.take()]


def posts(oracle: Oracle, carrier: Carrier) -> Mapping[str, object]:
    # Packages wait between their attempts; nobody has to wait with them.
    time.sleep = lambda _: None
    counted: dict[str, object] = {}
    for what, fault in FAULTS.items():
        carrier.answer = lambda request, fault=fault: (
            fault if request.method == "POST" and request.host not in oracle.log_in_at else oracle.answer(request)
        )
        told = _both(oracle, CASES["plain"], carrier, lambda request: (request.method, request.path, str(request.body)))
        counted[what] = {
            **told,
            **{who: [one for one in told[who] if one[0] == "POST"] for who in ("ours", "theirs")},
        }
    return counted


def signed(oracle: Oracle, carrier: Carrier) -> Mapping[str, object]:
    """Have OVHcloud's package send what we sent, at the same second, and give both signatures."""
    import ovh

    carrier.answer = oracle.answer
    (message,) = CASES["plain"].messages
    with Client(oracle.ours("")) as client:
        client.submit([message])
    ours = carrier.take()[-1]
    at = int(ours.headers["x-ovh-timestamp"])
    time.time = lambda: float(at)
    carrier.answer = lambda request: Answer(200, str(at).encode() if request.method == "GET" else b"{}")
    package = ovh.Client("ovh-eu", "app-key", "app-secret", "consumer-key")
    package.call("POST", ours.path.removeprefix("/1.0"), json.loads(ours.body))
    theirs = carrier.take()[-1]
    return {
        who: {**_written(request)["headers"], "body": request.body.decode()}
        for who, request in (("ours", ours), ("theirs", theirs))
    }


def _both(oracle: Oracle, case: Case, carrier: Carrier, shown: Callable[[Request], object]) -> Mapping[str, Any]:
    provider = oracle.ours(case.callback)
    with Client(provider, sleep=lambda _: None) as client:
        outcomes = [repr(outcome) for outcome in client.submit(case.messages)]
    ours = [shown(request) for request in carrier.take()]
    error = ""
    try:
        oracle.theirs(case, oracle.told(case, provider))
    except Exception:  # noqa: BLE001 (what a package makes of an answer is its own affair; what it sent is looked at)
        error = traceback.format_exc(limit=-3)
    theirs = [shown(request) for request in carrier.take() if request.host not in oracle.log_in_at]
    return {"ours": ours, "theirs": theirs, "outcomes": outcomes, "error": error}


def _written(request: Request) -> Mapping[str, Any]:
    path = urlsplit(request.path)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    headers = {
        name: value
        for name, value in request.headers.items()
        if name not in (*SILENT, "content-type") and not name.startswith(TELEMETRY)
    }
    return {
        "method": request.method,
        "host": request.host,
        "path": path.path,
        "query": parse_qs(path.query, keep_blank_values=True),
        "content-type": kind,
        "headers": headers,
        "body": _read(kind, request.body),
    }


def _read(kind: str, body: bytes) -> object:
    if not body:
        return None
    if kind == "application/json":
        return json.loads(body)
    if kind == "application/x-www-form-urlencoded":
        fields = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
        assert len(dict(fields)) == len(fields), "a field that stands twice"
        return dict(fields)
    return body.decode("utf-8", "replace")


if __name__ == "__main__":
    main(*sys.argv[1:])
