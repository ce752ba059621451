"""Texts are counted per contact, with names and mention; folding is told; nothing is cut."""

import pytest

import smskit as sk
from smskit.kinds import Reason
from smskit.protocols import Features, StopForm

COUNTED = [
    # what                                             template                      prenom     parts
    ("a name inside GSM-7",                            "Bonjour $prenom",            "Éloïse",  1),
    ("a name outside it costs nothing in a short text","Bonjour $prenom",            "Anaïs",   1),
    ("and a part in one of 60 characters",             "Bonjour $prenom " + "x" * 50, "Anaïs",   2),
    ("the mention tips a text of 147",                 "x" * 147,                    "Marie",   2),
    ("and not one of 146",                             "x" * 146,                    "Marie",   1),
]  # fmt: skip


@pytest.mark.parametrize(("template", "prenom", "parts"), [c[1:] for c in COUNTED], ids=[c[0] for c in COUNTED])
def test_parts_are_counted_after_filling_with_the_mention(shop, template, prenom, parts):
    plan = shop.plan(shop.row(prenom=prenom), text=template)
    assert plan.parts == parts
    assert plan.cost == sk.Money(parts * 45_000)


def test_the_plan_says_which_name_costs_a_part_and_what_folding_would_save(shop):
    rows = [shop.row() for _ in range(8)] + [shop.row(prenom="Anaïs") for _ in range(3)]
    plan = shop.plan(*rows, text="Bonjour $prenom, " + "x" * 60)
    longer = plan.longer
    assert (longer.messages, longer.saved) == (3, 3)
    assert (longer.variable, longer.value, longer.character) == ("prenom", "Anaïs", "ï")
    assert 'prenom "Anaïs" has ï; fold="french" would save 3 parts' in str(plan)


def test_folding_is_counted_and_told_per_contact(shop):
    message = sk.Message("l’été, $prenom", fold="french")
    plan = shop.plan(shop.row(prenom="Anaïs"), shop.row(), text=message)
    texts = [send.text for send in plan.messages()]
    assert texts == ["l'été, Anais STOP au 36180", "l'été, Marie STOP au 36180"]
    assert {(change.before, change.after): count for change, count in plan.changes.items()} == {
        ("’", "'"): 2,
        ("ï", "i"): 1,
    }


def test_max_parts_leaves_out_and_never_cuts(shop):
    message = sk.Message("Bonjour $prenom, " + "x" * 60, max_parts=1)
    plan = shop.plan(shop.row(prenom="Anaïs"), shop.row(), text=message)
    assert dict(plan.reasons) == {Reason.TOO_MANY_PARTS: 1}


def test_a_text_of_nothing_is_not_sent(shop):
    plan = shop.plan(shop.row(ca=""), text="${ca|}")
    assert dict(plan.reasons) == {Reason.EMPTY_TEXT: 1}


def test_a_name_that_makes_a_forbidden_text_is_left_out(shop):
    plan = shop.plan(shop.row(prenom="Profitez de votre CPF"), shop.row(), text="Bonjour $prenom")
    assert plan.account.to_send == 1
    assert sum(plan.reasons.values()) == 1
    assert set(plan.reasons) <= {Reason.SECTOR_FORBIDDEN, Reason.CONTENT_FORBIDDEN}


def test_a_mention_that_the_carrier_prints_is_counted_and_not_handed_over(shop):
    features = Features(live=False, stop={"*": StopForm("STOP au 36180", printed_by_transport=True)})
    plan = shop.plan(shop.row(), text="x" * 147, transport=sk.Sandbox(features=features))
    assert plan.parts == 2
    assert next(plan.messages()).text == "x" * 147


def test_a_mention_that_is_there_already_is_not_added_again(shop):
    plan = shop.plan(shop.row(), text="Bonjour $prenom. STOP au 36180")
    assert next(plan.messages()).text == "Bonjour Marie. STOP au 36180"


def test_short_links_get_a_token_of_their_own_when_sent_and_weigh_the_same(shop):
    message = sk.Message("Voir $lien", links={"lien": "https://boutique.example/soldes"})
    links = sk.ShortLinks("go.boutique.fr", utm=True)
    store = sk.MemoryStore()
    plan = shop.plan(shop.row(), shop.row(), text=message, short_links=links, store=store)
    sandbox = sk.Sandbox.quiet()
    run = plan.send(sandbox)
    sends = list(run.sends())
    assert len({send.token for send in sends}) == 2
    for send in sends:
        assert f"https://go.boutique.fr/{send.token}" in send.text
        link = store.link(send.token)
        assert link.target == "https://boutique.example/soldes?utm_source=sms&utm_medium=sms&utm_campaign=soldes"
    assert plan.parts == sum(send.parts for send in sends) == 2


def test_a_token_that_an_earlier_run_has_is_replaced_by_another(shop, monkeypatch):
    import smskit.planning.sending as sending
    from smskit.text import token_of

    store = sk.MemoryStore()
    message = sk.Message("Voir $lien", links={"lien": "https://boutique.example/soldes"})
    links = sk.ShortLinks("go.boutique.fr")
    first = shop.plan(shop.row(), text=message, short_links=links, store=store).send(sk.Sandbox.quiet())
    (taken,) = (send.token for send in first.sends())
    monkeypatch.setattr(
        sending, "token_of", lambda *facts, attempt=0: token_of(*facts, attempt=attempt) if attempt else taken
    )
    second = shop.plan(shop.row(), text=message, short_links=links, store=store).send(sk.Sandbox.quiet())
    (token,) = (send.token for send in second.sends())
    assert second.account.accepted == 1
    assert token != taken
    assert store.link(token).run_id == second.id
    assert store.link(taken).run_id == first.id


def test_an_address_that_nobody_declared_is_warned_of_once_and_says_what_to_do(shop):
    message = sk.Message("Voir $lien", links={"lien": "https://boutique.example/soldes"})
    told = [warning for warning in shop.plan(shop.row(), text=message).warnings if "boutique.example" in warning]
    assert len(told) == 1
    assert "allowed_hosts=" in told[0]
    declared = shop.plan(shop.row(), text=message, allowed_hosts={"boutique.example"})
    assert not [warning for warning in declared.warnings if "boutique.example" in warning]


def test_a_novel_in_a_cell_is_left_out_unless_long_texts_are_asked_for(shop):
    novel = shop.row(prenom="x" * 10_000)
    assert dict(shop.plan(novel).reasons) == {Reason.TOO_MANY_PARTS: 1}
    assert shop.plan(novel, text=sk.Message("Bonjour $prenom", max_parts=None)).parts == 66
