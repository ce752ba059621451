"""Kannel as an application at our centre: it binds, sends, matches receipts, answers a reply, and comes back."""

from __future__ import annotations

import http.client
import http.server
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from tests.oracles.smpp.peers import PATIENCE_S, free_port, program

from smskit.testing.smsc import SMSC, Fault, Ids, Receipts

LONG = "Commande à retirer en magasin. " * 12

CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = admin
admin-interface = 127.0.0.1
smsbox-port = {inner}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
log-file = "{folder}/bearerbox.log"
log-level = 0
dlr-storage = internal
sms-resend-freq = 1

group = smsc
smsc = smpp
smsc-id = simulator
host = 127.0.0.1
port = {port}
transceiver-mode = true
smsc-username = shop
smsc-password = secret
system-type = ""
source-addr-ton = 5
source-addr-npi = 0
dest-addr-ton = 1
dest-addr-npi = 1
enquire-link-interval = 30
reconnect-delay = 1
max-pending-submits = 10
msg-id-type = {id_type}
{tls}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
sendsms-interface = 127.0.0.1
log-file = "{folder}/smsbox.log"
log-level = 0

group = sendsms-user
username = user
password = secret
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
text = "Merci"
"""


class Kannel:
    """Its two programs, and a place where it tells of receipts."""

    def __init__(self, folder: Path, smsc: SMSC, *, id_type: str = "0x03", tls: str = "") -> None:
        self._folder = folder
        self._send, self._inner = free_port(), free_port()
        written = CONFIGURATION.format(
            folder=folder, admin=free_port(), inner=self._inner, port=smsc.port, send=self._send, id_type=id_type,
            tls=tls,
        )  # fmt: skip
        self._file = folder / "kannel.conf"
        self._file.write_text(written)
        self.told: list[str] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Kannel:
        told = self.told

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told.append(urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)["state"][0])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        # The inner program gives up when the outer one does not listen yet.
        self._start("bearerbox")
        _until_open(self._inner)
        self._start("smsbox")
        _until_open(self._send)
        return self

    def _start(self, name: str) -> None:
        command = [program(name), str(self._file)]
        quiet = subprocess.DEVNULL
        self._processes.append(subprocess.Popen(command, cwd=self._folder, stdout=quiet, stderr=quiet))

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.kill()
            process.wait(PATIENCE_S)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE_S)

    def send(self, number: str, text: str) -> None:
        back = f"http://127.0.0.1:{self._server.server_port}/?state=%d"
        query = urllib.parse.urlencode(
            {"username": "user", "password": "secret", "from": "SHOP", "to": number, "text": text, "charset": "UTF-8",
             "dlr-mask": "19", "dlr-url": back}
        )  # fmt: skip
        with urllib.request.urlopen(f"http://127.0.0.1:{self._send}/cgi-bin/sendsms?{query}", timeout=10) as answer:
            assert answer.status == 202

    def log(self) -> str:
        return (self._folder / "bearerbox.log").read_text("utf-8", "replace")


def _until_open(port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
        except urllib.error.HTTPError as error:
            error.close()
            return
        except (OSError, http.client.HTTPException) as error:
            if not isinstance(getattr(error, "reason", error), ConnectionRefusedError):
                return
            assert time.monotonic() < until, f"nobody listens on {port}"
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    program("bearerbox")
    program("smsbox")
    return tmp_path


def _until(condition, kannel: Kannel) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, kannel.log()[-3000:]
        time.sleep(0.02)


ID_TYPES = [
    ("decimal in both", Ids.DECIMAL, "0x03"),
    ("hexadecimal answers, decimal receipts", Ids.DECIMAL_IN_RECEIPT, "0x01"),
]


@pytest.mark.parametrize(("ids", "id_type"), [row[1:] for row in ID_TYPES], ids=[row[0] for row in ID_TYPES])
def test_messages_receipts_and_a_reply(folder: Path, ids: Ids, id_type: str) -> None:
    # It looks up a receipt once: one that is there before its answer is stored finds nothing.
    with SMSC(accounts={"shop": "secret"}, ids=ids, delivered_after_s=0.3) as smsc:
        with Kannel(folder, smsc, id_type=id_type) as kannel:
            smsc.wait_for(lambda smsc: smsc.connections == 1, timeout_s=PATIENCE_S)
            kannel.send("33612345678", "Commande 4711")
            kannel.send("33698765432", LONG)
            smsc.wait_for(lambda smsc: len(smsc.outbox) == 2, timeout_s=PATIENCE_S)
            assert smsc.assert_sent("33612345678").text == "Commande 4711"
            long = smsc.assert_sent("33698765432")
            assert long.text is not None
            assert (long.text.strip(), long.parts) == (LONG.strip(), 3)
            # One for each message: of a long one, the first receipt of a part that has a place to tell it.
            _until(lambda: kannel.told.count("1") >= 2, kannel)
            assert "could not find message" not in kannel.log()
            smsc.receive("33611111111", "Bonjour", to="36180")
            smsc.wait_for(lambda smsc: bool(smsc.sent_to("33611111111")), timeout_s=PATIENCE_S)
            assert smsc.assert_sent("33611111111").text == "Merci"
            smsc.assert_all_acknowledged()
            smsc.assert_nothing_odd()


def test_with_tls(folder: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(server)
    with SMSC(tls=server, delivered_after_s=0.3) as smsc, Kannel(folder, smsc, tls="use-ssl = true") as kannel:
        kannel.send("33612345678", "Commande 4711")
        smsc.wait_for(lambda smsc: smsc.taken == 1, timeout_s=PATIENCE_S)
        _until(lambda: kannel.told == ["1"], kannel)


def test_it_comes_back_and_submits_again_what_had_no_answer(folder: Path) -> None:
    with SMSC(receipts=Receipts()) as smsc, Kannel(folder, smsc) as kannel:
        smsc.wait_for(lambda smsc: smsc.connections == 1, timeout_s=PATIENCE_S)
        smsc.go_wrong(Fault.RESET)
        kannel.send("33612345678", "Commande 4711")
        smsc.wait_for(lambda smsc: len(smsc.duplicates) == 1, timeout_s=PATIENCE_S)
        assert len(smsc.binds) == 2


def test_it_obeys_a_centre_that_throttles(folder: Path) -> None:
    with SMSC(per_second=2) as smsc, Kannel(folder, smsc) as kannel:
        for number in range(5):
            kannel.send("33612345678", f"Commande {number}")
        smsc.wait_for(lambda smsc: smsc.taken == 5, timeout_s=PATIENCE_S)
        assert {each.status for each in smsc.submissions} == {0, 0x58}
        assert smsc.duplicates == ()


def test_it_answers_an_unbind_and_binds_again(folder: Path) -> None:
    with SMSC() as smsc, Kannel(folder, smsc):
        smsc.wait_for(lambda smsc: smsc.connections == 1, timeout_s=PATIENCE_S)
        smsc.unbind()
        smsc.wait_for(lambda smsc: len(smsc.binds) == 2, timeout_s=PATIENCE_S)
        smsc.wait_for(lambda smsc: smsc.connections == 1, timeout_s=PATIENCE_S)
        smsc.assert_nothing_odd()
