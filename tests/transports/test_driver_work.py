"""Flows that want something done which is no request: both drivers wait for it, and tell the flow what went wrong."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest

from smskit.errors import TransportError
from smskit.protocols import Flow, Work
from smskit.transports.drivers import adrive, drive


def in_another_thread(result: BaseException | None = None):
    def start() -> Future[None]:
        future: Future[None] = Future()
        end = (lambda: future.set_exception(result)) if result else (lambda: future.set_result(None))
        threading.Timer(0.01, end).start()
        return future

    return Work(start)


def flow(work: Work, log: list[str]) -> Flow[str]:
    try:
        sent = yield work
        log.append(f"done, sent {sent}")
    except TransportError as error:
        log.append(error.reason)
    return "end"


def driven_plain(made):
    return drive(made)


def driven_async(made):
    return asyncio.run(adrive(made))


@pytest.mark.parametrize("driven", [driven_plain, driven_async], ids=["plain", "awaited"])
def test_the_flow_goes_on_when_the_work_is_done(driven):
    log: list[str] = []
    assert driven(flow(in_another_thread(), log)) == "end"
    assert log == ["done, sent None"]


@pytest.mark.parametrize("driven", [driven_plain, driven_async], ids=["plain", "awaited"])
def test_a_lost_line_is_thrown_into_the_flow_as_that_of_a_call(driven):
    log: list[str] = []
    lost = TransportError("carrier", "the line was lost", retryable=False)
    assert driven(flow(in_another_thread(lost), log)) == "end"
    assert log == ["the line was lost"]


@pytest.mark.parametrize("driven", [driven_plain, driven_async], ids=["plain", "awaited"])
def test_any_other_error_ends_the_flow(driven):
    with pytest.raises(ZeroDivisionError):
        driven(flow(in_another_thread(ZeroDivisionError()), []))
