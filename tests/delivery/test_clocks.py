"""Whose time a run goes by: only a transport that brings a clock, as the sandbox does, is asked for it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

import smskit as sk
from smskit import transports
from smskit.delivery.channels import own_clock
from smskit.protocols import Transport
from smskit.transports import PROVIDERS, Rbm, Sinch

CLASSES = [getattr(transports, name) for name in PROVIDERS]


@pytest.mark.parametrize("carrier", CLASSES, ids=lambda carrier: carrier.__name__)
def test_no_carrier_has_something_else_by_that_name(carrier: type[Transport]) -> None:
    assert not hasattr(carrier, "clock")


@pytest.mark.parametrize(
    "carrier", [Sinch(token="t", service_plan="p"), Rbm(agent="a", token="t")], ids=lambda one: one.name
)
def test_a_carrier_that_can_tell_the_time_goes_by_the_machines_in_a_run(carrier: Transport) -> None:
    assert own_clock(carrier) is None


def test_the_sandbox_brings_its_own() -> None:
    sandbox = sk.Sandbox()
    assert own_clock(sandbox) is own_clock(sandbox.rcs) is sandbox.clock


def test_something_else_by_that_name_is_not_taken_for_one() -> None:
    odd = SimpleNamespace(clock=lambda: None)
    assert own_clock(cast("Transport", odd)) is None
