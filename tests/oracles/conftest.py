"""What all comparisons need: a process for each package, started once, and a reason where there is none."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

PACKAGES = {
    # the carrier: what is imported, what it is called
    "twilio": ("twilio", "twilio"),
    "twilio_key": ("twilio", "twilio"),
    "vonage_sms": ("vonage_sms", "vonage-sms"),
    "vonage_messages": ("vonage_messages", "vonage-messages"),
    "sinch": ("sinch", "sinch"),
    "sinch_project": ("sinch", "sinch"),
    "infobip": ("infobip_api_client", "infobip-api-python-client"),
    "plivo": ("plivo", "plivo"),
    "telnyx": ("telnyx", "telnyx"),
    "messagebird": ("messagebird", "messagebird"),
    "ovhcloud": ("ovh", "ovh"),
    "brevo": ("brevo", "brevo-python"),
}


POSTS = "how often one message was posted"
FIGURES = "figures of a simulation"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how often each package posts a message whose answer is lost, and what simulations found."""
    reports = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    rows = sorted(row for report in reports for what, row in report.user_properties if what == POSTS)
    if rows:
        answers = "".join(f"{what:>10}" for what in ("500", "503", "429", "closed"))
        terminalreporter.write_line(f"{POSTS}, by us / by the carrier's own package, after an answer of")
        for row in (f"{'':16}{answers}", *rows):
            terminalreporter.write_line(row)
    for figure in sorted(row for report in reports for what, row in report.user_properties if what == FIGURES):
        terminalreporter.write_line(figure)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """The ordinary tests run without any of the packages; `make test-oracles` is where they are."""
    asked = os.environ.get("SMSKIT_ORACLES") == "1"
    return None if asked or collection_path.suffix != ".py" else True


@cache
def record(mode: str, name: str) -> Mapping[str, Any]:
    module, package = PACKAGES[name]
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"the package {package} is not installed here; make test-oracles installs it")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.oracles.recording", mode, name],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def recorded() -> Callable[[str, str], Mapping[str, Any]]:
    """Give what came in at the carrier, by mode and carrier."""
    return record
