"""What goes wrong between an account and its centre: each message has one outcome, nobody gets one twice, it goes on."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from attrs import evolve
from tests.transports.smpp.client_parts import QUICK, account, kinds_of, messages, submit, wait_for

from smskit.kinds import Kind
from smskit.records import Accepted, Outcome, Postponed, Unanswered
from smskit.testing.smsc import SMSC, Fault
from smskit.transports.drivers import drive
from smskit.transports.smpp import (
    BindTransceiver,
    BindTransceiverResp,
    EnquireLink,
    Limits,
    Role,
    Session,
    Timers,
    encode,
)
from smskit.transports.smpp.client import BindEnded, Centre, Conduct, Smpp
from smskit.transports.smpp.events import Asked
from smskit.transports.smpp.pdus import ANSWERS, SubmitSm, SubmitSmResp


def assert_honest(smsc: SMSC, outcomes: tuple[Outcome, ...], some) -> None:
    """Accepted is what the centre took, postponed is what it never saw, nobody was sent to twice."""
    seen = [each.pdu.destination_addr for each in smsc.submissions]
    assert len(seen) == len(set(seen)), "the centre got a message twice"
    for one, outcome in zip(some, outcomes, strict=True):
        if isinstance(outcome, Accepted):
            assert str(one.number) in seen
        elif isinstance(outcome, Postponed):
            assert str(one.number) not in seen, "postponed, and the centre has it"
        else:
            assert isinstance(outcome, Unanswered)


FAULTS = [
    # what                                        fault               in doubt, of those that were in flight
    ("no answer", Fault.SILENT, "one"),
    ("a reset with a window in flight", Fault.RESET, "some"),
    ("a connection that is closed without a word", Fault.HANG_UP, "some"),
    ("half of an answer, then the end", Fault.CUT, "some"),
    ("an answer of eight octets", Fault.SHORT_LENGTH, "some"),
    ("an answer of two gigabytes", Fault.HUGE_LENGTH, "some"),
    ("somebody who speaks HTTP", Fault.HTTP, "some"),
    ("an unbind in the middle of a window", Fault.UNBIND, "none"),
    ("answers in the opposite order", Fault.LAST_FIRST, "none"),
    ("an answer twice", Fault.TWICE, "none"),
    ("an answer to nothing", Fault.STRAY, "none"),
    ("an answer to another command", Fault.OTHER_ANSWER, "none"),
    ("an answer without a body", Fault.NO_BODY, "none"),
    ("an id without its end", Fault.NO_NUL, "none"),
    ("a vendor's parameter", Fault.VENDOR_TLV, "none"),
    ("a parameter of a wrong length", Fault.WRONG_TLV, "none"),
    ("a parameter that is longer than its PDU", Fault.LONG_TLV, "none"),
    ("octets behind the last field", Fault.STRAY_OCTETS, "none"),
    ("a command that nobody named", Fault.UNKNOWN_COMMAND, "none"),
    ("two thousand enquiries at once", Fault.ENQUIRIES, "none"),
]


@pytest.mark.parametrize(("fault", "doubts"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_one_outcome_for_each_message_and_it_goes_on(fault, doubts):
    some, more = messages(20), [evolve(one, number=one.number + 1000) for one in messages(30)[20:]]
    with SMSC() as smsc, account(smsc) as carrier:
        smsc.go_wrong(fault, after=2, times=3 if fault is Fault.LAST_FIRST else 1)
        outcomes = submit(carrier, some)
        assert_honest(smsc, outcomes, some)
        count = kinds_of(outcomes).count("Unanswered")
        assert {"none": count == 0, "one": count == 1, "some": 1 <= count <= 8}[doubts], count
        assert kinds_of(outcomes).count("Accepted") == 20 - count
        assert set(kinds_of(submit(carrier, more))) == {"Accepted"}


def test_a_nack_is_a_refusal_of_its_message():
    with SMSC() as smsc, account(smsc) as carrier:
        smsc.go_wrong(Fault.NACK, after=1)
        first, second, third = submit(carrier, messages(3))
        assert kinds_of([first, second, third]) == ["Accepted", "Refused", "Accepted"]
        assert second.code == "generic_nack ESME_RINVCMDID"


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.SILENT], ids=["a reset", "no answer"])
@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
def test_only_the_kinds_of_the_policy_are_sent_again(fault, kind):
    some = messages(6, kind=kind)
    with SMSC() as smsc:
        with account(smsc, window=1, conduct=Conduct(patience_s=5.0, resend={Kind.OTP})) as carrier:
            smsc.go_wrong(fault, after=2)
            outcomes = submit(carrier, some)
        assert len(smsc.submissions) == (7 if kind is Kind.OTP else 6)
    expected = ["Accepted"] * 6
    if kind is not Kind.OTP:
        expected[2] = "Unanswered"
    assert kinds_of(outcomes) == expected


def test_a_code_is_sent_a_second_time_and_not_a_third():
    with SMSC() as smsc:
        with account(smsc, conduct=Conduct(patience_s=5.0, resend={Kind.OTP})) as carrier:
            smsc.go_wrong(Fault.SILENT, times=5)
            assert kinds_of(submit(carrier, messages(1, kind=Kind.OTP))) == ["Unanswered"]
        assert len(smsc.submissions) == 2


def test_a_part_in_doubt_leaves_the_message_in_doubt():
    with SMSC() as smsc, account(smsc) as carrier:
        smsc.go_wrong(Fault.SILENT, after=1)
        assert kinds_of(submit(carrier, messages(1, text="a" * 400))) == ["Unanswered"]
        assert len(smsc.submissions) == 3


def test_chunks_of_one_octet_and_answers_that_overtake_each_other():
    with SMSC(chunk=1) as smsc, account(smsc) as carrier:
        assert set(kinds_of(submit(carrier, messages(40)))) == {"Accepted"}
    with SMSC(latency_s=(0.0, 0.05)) as smsc, account(smsc, window=100) as carrier:
        outcomes = submit(carrier, messages(300))
        given = {each.pdu.destination_addr: each.message_id for each in smsc.submissions}
        for one, outcome in zip(messages(300), outcomes, strict=True):
            assert outcome.provider_id == given[str(one.number)]


def test_one_of_two_binds_is_lost_and_the_other_goes_on():
    seen = []
    with SMSC(latency_s=0.02) as smsc, account(smsc, binds=2, window=4, watch=seen.append) as carrier:
        smsc.wait_for(lambda centre: centre.connections == 2)
        smsc.go_wrong(Fault.RESET, after=10)
        some = messages(80)
        outcomes = submit(carrier, some)
        assert_honest(smsc, outcomes, some)
        assert 1 <= kinds_of(outcomes).count("Unanswered") <= 4
        smsc.wait_for(lambda centre: centre.connections == 2)
    (lost,) = (notice for notice in seen if isinstance(notice, BindEnded) and notice.end == "lost")
    assert lost.in_doubt == kinds_of(outcomes).count("Unanswered")


def test_a_centre_that_dies_and_comes_back_gets_the_rest():
    with SMSC(latency_s=0.01) as first:
        port = first.port
        carrier = account(first, window=4)
        flow = carrier.submit(messages(60))
        done = next(flow).start()
        first.wait_for(lambda centre: centre.taken >= 10)
    with SMSC(port=port) as second:
        done.result(10)
        with pytest.raises(StopIteration) as ended:
            flow.send(None)
        outcomes = ended.value.value
        assert len(outcomes) == 60
        assert set(kinds_of(outcomes)) <= {"Accepted", "Unanswered"}
        both = [each.pdu.destination_addr for each in (*first.submissions, *second.submissions)]
        assert len(both) == len(set(both))
        assert second.taken >= 60 - first.taken - 4
        carrier.close()


def test_a_centre_that_does_not_read_gets_no_more_than_its_window_and_postpones_nothing_that_left():
    with SMSC() as smsc:
        carrier = account(smsc, window=1000, conduct=Conduct(patience_s=0.5), largest_batch=5_000)
        carrier.connect()
        smsc.freeze()
        some = messages(5_000)
        outcomes = submit(carrier, some)
        smsc.thaw()
        wait_for(lambda: len(smsc.submissions) >= kinds_of(outcomes).count("Unanswered") or not smsc.connections)
        assert_honest(smsc, outcomes, some)
        assert kinds_of(outcomes).count("Unanswered") <= 1000
        carrier.close()


def test_a_silent_centre_is_left_and_another_session_opened():
    timers = Timers(enquire_link_s=0.2, enquire_answer_s=0.2, response_s=5.0, drain_s=0.2)
    with SMSC() as smsc, account(smsc, centre={"timers": timers}) as carrier:
        smsc.freeze()
        began = time.monotonic()
        some = messages(4)
        outcomes = submit(carrier, some)
        assert time.monotonic() - began < 3
        assert set(kinds_of(outcomes)) == {"Unanswered"}
        more = [evolve(one, number=one.number + 5000) for one in some]
        assert set(kinds_of(submit(carrier, more))) == {"Accepted"}
        assert len(smsc.binds) == 2


# ---------------------------------------------------------------- a centre of a few lines, for what the other never does


class Crude:
    """A server that does with each connection what it is told, with plain sockets."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            sock.settimeout(5)
            try:
                self._serve(sock)
            except OSError:
                pass
            finally:
                sock.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@pytest.fixture
def crude() -> Iterator[Callable[..., Centre]]:
    made: list[Crude] = []

    def make(serve: Callable[[socket.socket], None]) -> Centre:
        made.append(Crude(serve))
        return Centre(
            host="127.0.0.1", port=made[-1].port, backoff=QUICK, bind_s=0.5, connect_s=2.0,
            timers=Timers(response_s=0.5, drain_s=0.2), limits=Limits(window=8),
        )  # fmt: skip

    yield make
    for each in made:
        each.close()


def read_pdu(sock: socket.socket) -> bytes:
    head = b""
    while len(head) < 4:
        head += sock.recv(4 - len(head)) or _gone()
    (length,) = struct.unpack(">I", head)
    while len(head) < length:
        head += sock.recv(length - len(head)) or _gone()
    return head


def _gone() -> bytes:
    raise ConnectionResetError


def answer_to(octets: bytes, pdu) -> bytes:
    return encode(pdu, struct.unpack(">I", octets[12:16])[0])


def test_a_pdu_that_is_glued_to_the_answer_of_the_bind_is_heard(crude):
    def serve(sock: socket.socket) -> None:
        bind = read_pdu(sock)
        sock.sendall(answer_to(bind, BindTransceiverResp(0, "centre")) + encode(EnquireLink(), 1))
        assert read_pdu(sock)[4:8] == b"\x80\0\0\x15"
        sock.sendall(answer_to(read_pdu(sock), SubmitSmResp(0, "abc")))
        sock.recv(100)

    with Smpp(crude(serve)) as carrier:
        (outcome,) = submit(carrier, messages(1))
    assert outcome == Accepted("run-0", "abc", 1)


def test_nobody_answers_the_bind(crude):
    carrier = Smpp(crude(lambda sock: time.sleep(0.7)), conduct=Conduct(patience_s=0.4))
    from smskit.errors import TransportError

    with pytest.raises(TransportError) as caught:
        drive(carrier.submit(messages(2)))
    assert caught.value.retryable
    carrier.close()


def test_it_is_closed_before_the_bind_is_answered_and_is_tried_again(crude):
    calls = []

    def serve(sock: socket.socket) -> None:
        calls.append(1)
        bind = read_pdu(sock)
        if len(calls) < 4:
            return
        sock.sendall(answer_to(bind, BindTransceiverResp(0, "centre")))
        sock.sendall(answer_to(read_pdu(sock), SubmitSmResp(0, "abc")))
        sock.recv(100)

    with Smpp(crude(serve), conduct=Conduct(patience_s=5.0)) as carrier:
        assert kinds_of(submit(carrier, messages(1))) == ["Accepted"]
    assert len(calls) == 4


def test_the_session_in_the_other_role_would_do(crude):
    def serve(sock: socket.socket) -> None:
        session, count = Session(Role.SMSC, 0.0), 0
        while data := sock.recv(4096):
            for event in session.feed(data, 0.0):
                if isinstance(event, Asked) and isinstance(event.pdu, SubmitSm):
                    count += 1
                    session.respond(event, SubmitSmResp(0, str(count)))
                elif isinstance(event, Asked) and isinstance(event.pdu, BindTransceiver):
                    session.respond(event, ANSWERS[BindTransceiver](0))
            sock.sendall(session.take())

    with Smpp(crude(serve)) as carrier:
        outcomes = submit(carrier, messages(50))
    assert [outcome.provider_id for outcome in outcomes] == [str(number) for number in range(1, 51)]
