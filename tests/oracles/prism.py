"""Prism (npm), which nobody here wrote, as a server: it checks requests against an OpenAPI document."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = Path(sys.prefix) / "prism" / "node_modules" / ".bin" / "prism"


@contextmanager
def serving(document: Mapping[str, object], room: Path) -> Iterator[str]:
    """Serve *document* on loopback and give its address; what Prism says of each request is in ``log`` in *room*."""
    if not PROGRAM.exists() or shutil.which("node") is None:
        pytest.skip("Prism is not installed here (it needs node and npm); make test-oracles says why")
    served, log = room / "document.json", room / "log"
    served.write_text(json.dumps(document))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(PROGRAM), "mock", "-h", "127.0.0.1", "-p", str(port), str(served)],
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            env={**os.environ, "NO_COLOR": "1"},
        )  # fmt: skip
        try:
            _wait_for(port, process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
