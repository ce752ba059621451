"""Rendered texts: what a name or a link filled in makes of a template, found in a batch as it is one by one."""

import pytest

from smskit.compliance import Effect, Sector
from smskit.compliance.desk import Desk
from smskit.kinds import Kind

TEMPLATE = "Bonjour $prenom, la collection de printemps est chez nous : $lien A très vite"


def render(prenom="Zoé", lien="https://boutique.example/a1b2c3"):
    return TEMPLATE.replace("$prenom", prenom).replace("$lien", lien)


@pytest.fixture
def desk(ask) -> Desk:
    return ask(text=TEMPLATE, allowed_hosts={"boutique.example"})


FILLED = [
    # what                                                     text                                    rule
    ("a name", render(), None),
    ("another name and link", render("Camille", "https://boutique.example/zzzzzz"), None),
    ("a name in another script", render("Дмитрий"), None),
    ("a link to another host", render(lien="https://autre.example/a"), "FR.URL.ALLOWLIST"),
    ("a shortener", render(lien="https://bit.ly/a"), "FR.URL.SHORTENER"),
    ("a link that hides its host", render(lien="https://boutique.example@evil.example/"), "FR.URL.SPOOF"),
    ("a backslash behind a declared host", render(lien="https://boutique.example\\@evil.example/"), "FR.URL.SPOOF"),
    ("a backslash in the path is looked at and refused", render(lien="https://boutique.example/a\\b"), "FR.URL.SPOOF"),
    ("a declared host in front of another", render(lien="https://boutique.example.evil.example/"), "FR.URL.ALLOWLIST"),
    ("a bare host in a name", render("Jean evil.fr"), "FR.URL.ALLOWLIST"),
    ("a subject in a name", render("CPF"), "FR.CPF.BAN"),
    ("a subject over two words", render("pompe à chaleur"), "FR.RENOV.BAN"),
    ("a subject that meets the template", render("MaPrimeRénov'"), "FR.RENOV.BAN"),
    ("a subject between dashes that are no ASCII", render("Zoé–CPF–Zoé"), "FR.CPF.BAN"),
    ("a subject behind a curly apostrophe", render("l’isolation à 1€"), "FR.RENOV.BAN"),
    ("bank data", render("envoyez votre IBAN"), "FR.BANKDATA"),
    ("a brand, with the link to a declared host", render("Chronopost"), None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rule_id"), [row[1:] for row in FILLED], ids=[row[0] for row in FILLED])
def test_one_text(desk, text, rule_id):
    found = desk.content([text])
    assert [finding.rule_id for finding in found.values()] == ([rule_id] if rule_id else [])
    assert all(finding.effect is Effect.BLOCK for finding in found.values())


def test_a_batch_tells_the_places_of_the_offending_texts(desk):
    texts = [text for _, text, _ in FILLED]
    expected = {place: rule_id for place, (_, _, rule_id) in enumerate(FILLED) if rule_id}
    for _ in range(3):  # what was learnt from the first reading changes nothing in the next
        assert {place: finding.rule_id for place, finding in desk.content(texts).items()} == expected


def test_texts_are_read_alike_alone_and_in_company(ask):
    texts = [text for _, text, _ in FILLED]
    together = ask(text=TEMPLATE, allowed_hosts={"boutique.example"}).content(texts)
    for place, text in enumerate(texts):
        alone = ask(text=TEMPLATE, allowed_hosts={"boutique.example"}).content([text])
        assert alone.get(0) == together.get(place)


def test_no_text_no_finding(desk):
    assert desk.content([]) == {}


def test_a_text_that_holds_the_separator_of_the_batch_is_read_too(desk):
    assert set(desk.content([render(), render("\0 CPF"), render()])) == {1}


STRADDLING = [
    ("a word from both sides", "Votre C$x arrive", "Votre CPF arrive"),
    ("the end of a phrase", "Votre pompe à $x", "Votre pompe à chaleur"),
    ("the beginning of a phrase", "Nos $x solaires", "Nos panneaux solaires"),
    ("the middle of a phrase", "Votre compte $x de formation", "Votre compte personnel de formation"),
]


@pytest.mark.parametrize(("template", "text"), [row[1:] for row in STRADDLING], ids=[row[0] for row in STRADDLING])
def test_a_subject_that_stands_half_in_the_template_is_seen(ask, template, text):
    desk = ask(text=template)
    assert desk.refusal("FR") is None
    assert set(desk.content([text])) == {0}


def test_what_the_template_breaks_was_told_with_the_campaign(ask):
    desk = ask(text="Votre CPF, $prenom")
    assert desk.refusal("FR").rule_id == "FR.CPF.BAN"
    assert desk.content(["Votre CPF, Zoé"]) == {}


def test_a_declared_sector_counts_for_names_too(ask):
    text = "Livraison a la rue de la Chaudière"
    assert set(ask(text="Livraison a $rue").content([text])) == {0}
    assert ask(text="Livraison a $rue", sector=Sector.OTHER).content([text]) == {}


def test_a_notification_that_a_name_makes_sell_is_refused(ask):
    desk = ask(kind=Kind.NOTIFICATION, text="Votre colis : $note")
    assert desk.kind is Kind.NOTIFICATION
    assert desk.content(["Votre colis : fragile", "Votre colis : -20% demain", "Votre colis : soldes"]).keys() == {1, 2}


def test_without_a_list_of_hosts_tricks_and_shorteners_are_still_seen(ask):
    desk = ask(text=TEMPLATE, allowed_hosts=None)
    texts = [render(lien=f"https://{host}") for host in ("a.example/1", "b.example/2", "bit.ly/3", "x@y.example/4")]
    assert desk.content(texts).keys() == {2, 3}
    assert desk.content(texts).keys() == {2, 3}


def test_many_hosts_are_read_after_the_reader_has_stopped_learning(ask):
    desk = ask(text=TEMPLATE, allowed_hosts=None)
    texts = [render(lien=f"https://h{number}.example/a") for number in range(40)] + [render(lien="https://bit.ly/a")]
    assert desk.content(texts).keys() == {40}
