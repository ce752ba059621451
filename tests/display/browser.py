"""A real browser to look with: Chromium without a window, spoken to through a pair of pipes.

The words it understands are those of the Chrome DevTools Protocol, https://chromedevtools.github.io/devtools-protocol/.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

# What leaves its place: boxes wider than the window, and words that leave their picture.
OVERFLOW = """
(() => {
  const wide = document.documentElement.clientWidth;
  const found = [];
  if (document.documentElement.scrollWidth > wide) found.push('the page is wider than the window');
  for (const svg of document.querySelectorAll('svg')) {
    const box = svg.viewBox.baseVal;
    for (const text of svg.querySelectorAll('text')) {
      const own = text.getBBox();
      const out = own.x < box.x - 1 || own.x + own.width > box.x + box.width + 1 || own.y + own.height > box.y + box.height + 1;
      if (out) found.push('outside of its picture: ' + text.textContent);
    }
  }
  for (const cell of document.querySelectorAll('ul.tiles b, h1, h2, th, td, p, li')) {
    if (cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth) found.push('cut: ' + cell.textContent);
  }
  return found;
})()
"""

DRAWN = """
[...document.querySelectorAll('svg rect, svg circle')].filter(one => {
  const box = one.getBoundingClientRect();
  return box.width > 0 && box.height > 0;
}).length
"""


def found() -> str | None:
    """Where there is a browser on this machine."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One window; what its pages complain of and ask for is kept."""

    def __init__(self, program: str, folder: Path) -> None:
        self.complaints: list[str] = []
        self.asked_for: list[str] = []
        self._loaded = 0
        self._last = 0
        self._buffer = b""
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()

        def plug() -> None:
            # They may be 3 and 4 already, or each other's: copies out of the way first.
            one, other = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(one, 3)
            os.dup2(other, 4)

        options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe")
        self._process = subprocess.Popen(
            [program, *options, f"--user-data-dir={folder / 'profile'}", "about:blank"],
            close_fds=False, preexec_fn=plug, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        target = self._ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.tell(f"{domain}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._out)
        os.close(self._in)
        self._process.terminate()
        self._process.wait(20)

    def open(self, path: Path, *, width: int = 1000, dark: bool = False, media: str = "screen") -> None:
        """Open a file in a window of that width, light or dark, on a screen or on paper."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        size = {"width": width, "height": 1400, "deviceScaleFactor": 1, "mobile": False}
        self.tell("Emulation.setDeviceMetricsOverride", size)
        self.tell("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})
        before = self._loaded
        self.tell("Page.navigate", {"url": path.as_uri()})
        while self._loaded == before:
            self._hear()

    def see(self, script: str) -> Any:
        """What *script* finds on the page; the page's own rules do not bind it."""
        answer = self.tell("Runtime.evaluate", {"expression": script, "returnByValue": True})
        assert "exceptionDetails" not in answer, answer
        return answer["result"]["value"]

    def picture(self) -> bytes:
        """The whole page as PNG."""
        answer = self.tell("Page.captureScreenshot", {"captureBeyondViewport": True})
        return base64.b64decode(answer["data"])

    def printed(self) -> bytes:
        """The page as PDF, on the paper that it asks for."""
        return base64.b64decode(self.tell("Page.printToPDF", {"preferCSSPageSize": True})["data"])

    # ------------------------------------------------------------ the pipes

    def tell(self, method: str, more: Mapping[str, object] | None = None) -> Any:
        return self._ask(method, more or {}, self._session)

    def _ask(self, method: str, more: Mapping[str, object], session: str | None = None) -> Any:
        self._last += 1
        number = self._last
        message: dict[str, object] = {"id": number, "method": method, "params": more}
        if session is not None:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            heard = self._hear()
            if heard.get("id") == number:
                assert "error" not in heard, heard["error"]
                return heard["result"]

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            more = os.read(self._in, 1 << 16)
            assert more, "the browser went away"
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\0")
        heard: dict[str, Any] = json.loads(line)
        self._note(heard.get("method", ""), heard.get("params", {}))
        return heard

    def _note(self, method: str, more: dict[str, Any]) -> None:
        if method == "Page.loadEventFired":
            self._loaded += 1
        elif method == "Network.requestWillBeSent":
            self.asked_for.append(more["request"]["url"])
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            self.complaints.append(json.dumps(more))
