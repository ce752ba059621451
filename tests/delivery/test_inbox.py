"""A reply that means STOP is obeyed at once, however it is spelled, and only then."""

import pytest
from tests.delivery.conftest import NOON

import smskit as sk
from smskit.kinds import EventType, Reason
from smskit.records import Event

NUMBER = 33_612_000_000

REPLIES = [
    # what                           text                     opts out
    ("the word",                     "STOP",                  True),
    ("with manners",                 "Stop svp",              True),
    ("with an accent",               "arrêt",                 True),
    ("a sentence that is no STOP",   "Ne stoppez pas !",      False),
    ("a hyphen makes another word",  "Non-stop jusqu'à 20h",  False),
    ("thanks",                       "Merci !",               False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "opts_out"), [case[1:] for case in REPLIES], ids=[case[0] for case in REPLIES])
def test_replies(text, opts_out):
    store = sk.MemoryStore()
    sk.receive(store, [Event("k1", EventType.REPLY, NOON, number=NUMBER, text=text)])
    suppression = store.suppressed([NUMBER]).get(NUMBER)
    assert (suppression is not None) == opts_out
    if suppression is not None:
        assert (suppression.reason, suppression.at) == (Reason.OPTED_OUT, NOON)


def test_the_same_reply_twice_is_one_opposition():
    store = sk.MemoryStore()
    event = Event("k1", EventType.REPLY, NOON, number=NUMBER, text="STOP")
    assert sk.receive(store, [event]) == 2
    assert sk.receive(store, [event, event]) == 0


def test_nothing_received_is_nothing():
    assert sk.receive(sk.MemoryStore(), []) == 0
