"""SMPP software that nobody here wrote, each in a process of its own, and a reason where it is not to be had."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOM = Path(sys.prefix) / "smpp"
"""Where ``tests/oracles/install`` puts the package of npm."""

PATIENCE_S = 30.0


def python_script(name: str, package: str, *arguments: str) -> list[str]:
    """The command for a script that uses *package*; the test is skipped where it is not installed."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"the package {package} is not installed here; make test-oracles installs it")
    return [sys.executable, "-W", "ignore", str(HERE / name), *arguments]


def node_script(name: str, *arguments: str) -> list[str]:
    """The command for a script of node with its package smpp; the test is skipped where one is missing."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node here")
    if not (ROOM / "node_modules" / "smpp").is_dir():
        pytest.skip("the npm package smpp is not installed here; make test-oracles installs it")
    return [node, str(HERE / name), *arguments]


def program(name: str) -> str:
    """The path of a program; the test is skipped where there is none."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"there is no {name} here; make test-oracles installs Debian's kannel where it may")
    return found


def free_port() -> int:
    """A port that was free a moment ago, for programs that do not choose one themselves."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def run(command: Sequence[str]) -> Mapping[str, object]:
    """Run a script to its end and give the JSON that it prints last."""
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-1000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert isinstance(told, dict)
    return told


def _environment() -> dict[str, str]:
    return {**os.environ, "NODE_PATH": str(ROOM / "node_modules")}


class Peer(AbstractContextManager["Peer"]):
    """A process that goes on and prints a line of JSON for everything that happens to it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        self._left: list[Mapping[str, object]] = []
        self.errors = ""
        for reader in self._readers:
            reader.start()

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(PATIENCE_S)
        for reader in self._readers:
            reader.join(PATIENCE_S)
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.errors += line

    def next(self, what: str) -> Mapping[str, object]:
        """Give the next line about *what*; the others are kept for whoever asks for them."""
        for told in self._left:
            if what in told:
                self._left.remove(told)
                return told
        while True:
            line = self._lines.get(timeout=PATIENCE_S)
            assert line is not None, f"it ended: {self.errors[-3000:]}"
            told = json.loads(line)
            if what in told:
                return told
            self._left.append(told)

    def take(self, what: str, count: int) -> list[Mapping[str, object]]:
        """Give so many lines about *what*."""
        return [self.next(what) for _ in range(count)]
