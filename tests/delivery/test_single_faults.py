"""One message to one person, when things go wrong: threads, processes that die, references used twice, bad input."""

import json
from datetime import timedelta
from threading import Barrier, Lock, Thread

import pytest
from tests.delivery.conftest import NOON, Carrier

import smskit as sk
from smskit.delivery import single
from smskit.errors import InvalidInput, InvalidNumber, RunBusy, TransportError
from smskit.kinds import Kind, SendState
from smskit.records import ConsentAction, ConsentEvent, Unanswered

NUMBER = "+33612345678"
HALF = json.loads('"Zo\\ud83d"')
CODE = {"kind": sk.Kind.OTP, "reference": "order-4711"}


class Shared(Carrier):
    """A carrier that many threads may use."""

    def __init__(self, answer=None, **features):
        super().__init__(answer, **features)
        self._one_at_a_time = Lock()

    def submit(self, messages, /):
        with self._one_at_a_time:
            return (yield from super().submit(messages))


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_ten_threads_with_one_reference_send_one_message_and_all_hear_of_it(tmp_path, kind):
    store = sk.MemoryStore() if kind == "memory" else sk.Store(tmp_path / "boutique.db")
    carrier, gate, told = Shared(), Barrier(10), []

    def work():
        gate.wait()
        try:
            told.append(sk.send(NUMBER, "Votre code : 4821", transport=carrier, store=store, **CODE))
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            told.append(error)

    threads = [Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(carrier.received) == 1
    assert [sent.state for sent in told] == [SendState.ACCEPTED] * 10
    assert len({sent.reference for sent in told}) == 1
    store.close()


def test_a_reference_that_stays_in_other_hands_is_named_in_the_end(monkeypatch):
    monkeypatch.setattr(single, "BUSY_S", 0.0)
    store = sk.MemoryStore()
    with store.hold("single:order-4711"), pytest.raises(RunBusy, match="order-4711"):
        sk.send(NUMBER, "Votre code : 4821", transport=Carrier(), store=store, **CODE)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", ["add_sends", "set_run_state", "lease"])
def test_a_process_that_dies_before_the_message_left_is_followed_by_one_that_sends_it(monkeypatch, step):
    store, carrier = sk.MemoryStore(), Carrier()

    def killed(*arguments, **rest):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(store, step, killed)
        patch.setattr(store, "discard_run", lambda run_id: None)
        with pytest.raises(Killed):
            sk.send(NUMBER, "Votre code : 4821", transport=carrier, store=store, **CODE)
    assert carrier.received == []
    assert sk.send(NUMBER, "Votre code : 4821", transport=carrier, store=store, **CODE).accepted
    assert len(carrier.received) == 1


def test_a_reference_of_another_number_is_no_message_to_this_one():
    store, carrier = sk.MemoryStore(), Carrier()
    sk.send(NUMBER, "Votre code : 4821", transport=carrier, store=store, **CODE)
    with pytest.raises(InvalidInput, match=r"order-4711.*another number"):
        sk.send("+33612345679", "Votre code : 4822", transport=carrier, store=store, **CODE)
    assert len(carrier.received) == 1


def test_a_forgotten_person_is_no_other_number():
    store, carrier = sk.MemoryStore(), Carrier()
    sk.send(NUMBER, "Votre code : 4821", transport=carrier, store=store, **CODE)
    store.forget(33612345678)
    assert sk.send(NUMBER, "Votre code : 4821", transport=carrier, store=store, **CODE).accepted
    assert len(carrier.received) == 1


def test_an_unanswered_message_is_in_doubt_and_not_sent_again():
    store, carrier = sk.MemoryStore(), Carrier(lambda message, again: Unanswered(message.reference))
    for _ in range(2):
        sent = sk.send(NUMBER, "Votre code : 4821", transport=carrier, store=store, **CODE)
        assert sent.state is SendState.SUBMITTING
    assert len(carrier.received) == 1


def test_a_carrier_out_of_reach_is_an_error_and_the_same_reference_may_try_again():
    class Down(Carrier):
        def submit(self, messages, /):
            raise TransportError("carrier", "no route", retryable=True)

    store = sk.MemoryStore()
    with pytest.raises(TransportError, match="no route"):
        sk.send(NUMBER, "Votre code : 4821", transport=Down(), store=store, **CODE)
    assert sk.send(NUMBER, "Votre code : 4821", transport=Carrier(), store=store, **CODE).accepted


def test_a_text_that_sells_is_kept_as_marketing_whatever_it_is_called():
    store, carrier = sk.MemoryStore(), Carrier()
    store.record_consents([ConsentEvent(33612345678, ConsentAction.GRANTED, NOON - timedelta(days=30), "caisse")])
    sk.send(NUMBER, "-20% : code ETE", kind=Kind.NOTIFICATION, sender="MABOUTIQUE", transport=carrier, store=store)
    assert [run.kind for run in store.runs()] == [Kind.MARKETING]
    assert carrier.received[0].text == "-20% : code ETE STOP au 36180"


WRONG = [
    # what                              arguments                           error          says
    ("no text",                         {"text": " "},                      InvalidInput,  "empty"),
    ("half an emoji in the text",       {"text": HALF},                     InvalidInput,  "half a character"),
    ("half an emoji in the sender",     {"sender": HALF},                   InvalidInput,  "half a character"),
    ("half an emoji in the reference",  {"reference": HALF},                InvalidInput,  "half a character"),
    ("a kind that does not exist",      {"kind": "promo"},                  InvalidInput,  "Kind.OTP"),
    ("a number as an int",              {"number": 33612345678},            InvalidInput,  "not int"),
    ("no number",                       {"number": None},                   InvalidInput,  "NoneType"),
    ("an empty number",                 {"number": ""},                     InvalidNumber, "no number"),
    ("a fixed line",                    {"number": "01 42 68 53 00"},       InvalidNumber, r"\+331••••••00"),
    ("a fixed line, read already",      {"number": sk.PhoneNumber(33142685300)}, InvalidNumber, r"\+331••••••00"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "error", "says"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG])
def test_a_wrong_argument_is_a_clear_error_without_number_or_text(arguments, error, says):
    carrier = Carrier()
    usual = {"number": NUMBER, "text": "Votre code : 4821", "kind": sk.Kind.OTP, "transport": carrier}
    with pytest.raises(error, match=says) as raised:
        sk.send(**{**usual, **arguments})
    told = str(raised.value) + repr(raised.value)
    assert carrier.received == []
    assert "4821" not in told
    assert "42685300" not in told.replace(" ", "")


def test_what_was_sent_is_shown_masked():
    sent = sk.send(NUMBER, "Votre code : 4821", transport=Carrier(), **CODE)
    assert "12345678" not in repr(sent)
    assert "4821" not in repr(sent)
