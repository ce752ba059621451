"""Every test that takes ``twin`` runs on the Python functions and, where it is built, on the C extension."""

from __future__ import annotations

import os
from types import ModuleType

import pytest

from smskit.encoding import _pure

TWINS = {"Python": _pure}
try:
    from smskit.encoding import _speedups
except ImportError:
    if os.environ.get("SMSKIT_REQUIRE_EXTENSION", "") not in ("", "0"):
        raise
else:
    TWINS["C"] = _speedups


def pytest_report_header() -> str:
    return f"smskit.encoding twins under test: {', '.join(TWINS)}"


@pytest.fixture(params=list(TWINS))
def twin(request: pytest.FixtureRequest) -> ModuleType:
    return TWINS[request.param]
