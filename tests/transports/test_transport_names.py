"""The carriers as an application meets them: by name, and loaded when they are asked for."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

from smskit import transports
from smskit.transports import PROVIDERS, providers
from smskit.transports.wire.provider import HttpProvider


def test_every_carrier_that_is_there_is_named():
    found = {
        name
        for module in pkgutil.iter_modules(providers.__path__)
        for name, value in vars(import_module(f"{providers.__name__}.{module.name}")).items()
        if isinstance(value, type) and issubclass(value, HttpProvider) and value is not HttpProvider
    }
    assert found == set(PROVIDERS)
    assert len(found) > 14


@pytest.mark.parametrize("name", sorted(set(PROVIDERS) - {"JsonCarrier"}))  # which is called as its description says
def test_a_carrier_has_one_word_for_logs_and_the_store(name):
    assert getattr(transports, name).name == PROVIDERS[name]


@pytest.mark.parametrize("name", [name for name in transports.__all__ if name != "PROVIDERS"])
def test_every_name_leads_somewhere(name):
    assert getattr(transports, name) is not None
    assert name in dir(transports)


def test_a_name_that_is_not_there_is_said():
    with pytest.raises(AttributeError, match="Pigeon"):
        transports.Pigeon


def test_nobody_pays_for_the_carriers_of_others():
    code = "import smskit.transports as t, sys; t.SmsMode; print([m for m in sys.modules if '.providers.' in m or m == 'httpx'])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['smskit.transports.providers.smsmode']"
