"""A reply that means STOP is obeyed at once, however it is spelled, and only then."""

from datetime import timedelta

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


def test_following_a_short_link_gives_its_target_and_keeps_the_click():
    store = sk.MemoryStore()
    row = {"mobile": "+33612345678", "date": "12/03/2025", "origine": "caisse"}
    contacts = sk.Contacts.read([row], consent=sk.ConsentColumns(granted_at="date", source="origine"))
    campaign = sk.Campaign("liens", sk.Message("$lien", links={"lien": "https://boutique.example/a"}), to=contacts,
                           sender="MABOUTIQUE", kind="marketing", short_links=sk.ShortLinks("go.boutique.fr"))  # fmt: skip
    plan = campaign.plan(at=NOON, prices=sk.Prices.per_part("0.05"), store=store)
    run = plan.send(sk.Sandbox.quiet())
    (send,) = run.sends()
    later = NOON + timedelta(hours=3)
    assert sk.follow(store, send.token, at=later, user_agent="Mozilla/5.0") == "https://boutique.example/a"
    assert sk.follow(store, "0000000", at=later) is None
    (click,) = (event for event in store.events(run.id) if event.type is EventType.CLICK)
    assert (click.token, click.number) == (send.token, send.number)
    assert run.report().counts.clickers == 1
