"""One rich message to one person, and the kit that knows both ways."""

from __future__ import annotations

import pytest

import smskit as sk
from smskit.errors import InvalidContent, InvalidInput, NotPermitted
from smskit.kinds import Channel, SendState
from smskit.rcs import OpenUrl, Reply, RichCard, RichMessage, RichPrices, load

NUMBER = "+33612345678"
PARCEL = RichCard(title="Votre colis est là", suggestions=[Reply("Merci")])
PRICES = RichPrices.of(basic="0.05", single="0.08")


def test_a_card_goes_over_rcs_and_is_in_the_ledger_as_what_the_platform_gets() -> None:
    sandbox, store = sk.Sandbox.quiet(), sk.MemoryStore()
    sent = sk.send(NUMBER, PARCEL, kind="notification", transport=sandbox, store=store, prices=PRICES, reference="a")
    assert sent.accepted
    assert str(sent.cost) == "0.08 EUR"
    (run,) = store.runs()
    assert run.channel is Channel.RCS
    (row,) = store.sends(run.run_id)
    loaded = load(row.text)
    assert isinstance(loaded, RichMessage)
    assert loaded.content == PARCEL
    assert loaded.traffic is not None
    assert not sandbox.outbox
    assert len(sandbox.rcs.outbox) == 1
    assert "colis" not in repr(sent)


def test_a_text_over_a_transport_of_rcs_is_a_rich_text_billed_by_its_bytes() -> None:
    sandbox = sk.Sandbox.quiet()
    for text, price in (("é" * 80, "0.05 EUR"), ("é" * 81, "0.08 EUR")):
        sent = sk.send(NUMBER, text, kind="notification", transport=sandbox.rcs, prices=PRICES)
        assert (sent.accepted, str(sent.cost)) == (True, price)


def test_the_same_reference_is_sent_once_and_never_for_another_card() -> None:
    sandbox, store = sk.Sandbox.quiet(), sk.MemoryStore()
    for _ in range(2):
        sk.send(NUMBER, PARCEL, kind="notification", transport=sandbox, store=store, reference="a")
    assert len(sandbox.rcs.outbox) == 1
    with pytest.raises(InvalidInput, match="another text"):
        sk.send(NUMBER, RichCard(title="Autre"), kind="notification", transport=sandbox, store=store, reference="a")


REFUSED = [
    # what                                              content                             error             in words
    ("what the platform would refuse is not written down", RichCard(title="x" * 201),       InvalidContent, "card.title.max"),
    ("an address that is none",                         RichCard(title="x", suggestions=[OpenUrl("Voir", "nulle part")]), InvalidContent, "form.address"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "error", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_content_is_checked_before_anything_is_written(content: RichCard, error: type[Exception], words: str) -> None:
    store = sk.MemoryStore()
    with pytest.raises(error, match=words):
        sk.send(NUMBER, content, kind="notification", transport=sk.Sandbox.quiet(), store=store)
    assert not store.runs()


def test_prices_are_those_of_the_channel() -> None:
    sandbox = sk.Sandbox.quiet()
    with pytest.raises(InvalidInput, match="RichPrices"):
        sk.send(NUMBER, PARCEL, kind="notification", transport=sandbox, prices=sk.Prices.per_part("0.05"))
    with pytest.raises(InvalidInput, match="RichPrices"):
        sk.send(NUMBER, "Bonjour", kind="notification", transport=sandbox, prices=PRICES)


def test_marketing_over_rcs_needs_a_consent_as_well() -> None:
    with pytest.raises(NotPermitted, match="consent"):
        sk.send(NUMBER, PARCEL, kind="marketing", transport=sk.Sandbox.quiet())


def test_a_kit_sends_each_over_its_channel() -> None:
    sandbox = sk.Sandbox.quiet()
    kit = sk.Kit(transport=sandbox, rcs=sandbox.rcs, prices=sk.Prices.per_part("0.05"), rich_prices=PRICES)
    assert str(kit.send(NUMBER, PARCEL, kind=sk.Kind.NOTIFICATION).cost) == "0.08 EUR"
    assert str(kit.send(NUMBER, "Bonjour", kind=sk.Kind.NOTIFICATION).cost) == "0.05 EUR"
    assert (len(sandbox.outbox), len(sandbox.rcs.outbox)) == (1, 1)


def test_a_kit_that_has_rcs_alone_sends_texts_over_it_at_their_price() -> None:
    sandbox = sk.Sandbox.quiet()
    kit = sk.Kit(transport=sandbox.rcs, prices=sk.Prices.per_part("0.05"), rich_prices=PRICES)
    sent = kit.send(NUMBER, "Votre colis est là", kind=sk.Kind.NOTIFICATION)
    assert sent.accepted
    assert sent.cost == sk.Money(PRICES.basic_micros, "EUR")


def test_a_kit_plans_starts_and_opens_campaigns_over_rcs() -> None:
    sandbox = sk.Sandbox.quiet()
    kit = sk.Kit(transport=sandbox, prices=sk.Prices.per_part("0.05"), rich_prices=PRICES)
    contacts = kit.contacts([{"mobile": f"06123456{place:02}"} for place in range(20)])
    campaign = sk.Campaign(
        "colis", content=PARCEL, fallback="Votre colis est là", to=contacts, sender="BOUTIQUE", kind="notification",
        try_unknown=True,
    )  # fmt: skip
    run = kit.start(kit.plan(campaign, at="2027-01-04 12:00"))
    assert run.account.accepted == 20
    assert run.fallback is not None
    assert run.fallback.account.standby == 20
    again = kit.run(run.id)
    assert again.fallback is not None
    assert again.resume().account == run.account
    with pytest.raises(InvalidInput, match="no prices over RCS"):
        sk.Kit(transport=sandbox, prices=sk.Prices.per_part("0.05")).plan(campaign)


def test_a_campaign_is_tried_on_oneself_over_either_channel() -> None:
    sandbox = sk.Sandbox.quiet()
    contacts = sk.Contacts.read([{"mobile": "0612345678", "prenom": "Zoé"}], region="FR")
    campaign = sk.Campaign(
        "colis", content=RichCard(title="Bonjour $prenom"), fallback="Bonjour $prenom", to=contacts, sender="BOUTIQUE",
        kind="marketing",
    )  # fmt: skip
    assert campaign.test(NUMBER, as_contact=2, transport=sandbox.rcs).state is SendState.ACCEPTED
    assert campaign.test(NUMBER, as_contact={"prenom": "Anne"}, transport=sandbox).state is SendState.ACCEPTED
    assert "Zoé" in sandbox.rcs.outbox[0].rich
    assert sandbox.outbox[0].text.startswith("Bonjour Anne")
