"""Links: found as readers see them, read as browsers do, held to the list of declared hosts."""

import pytest

from smskit.compliance import Declaration, Effect
from smskit.compliance.links import is_listed, links_in, read_link
from smskit.kinds import Kind, Reason

TOP = {"fr", "com", "example", "me", "re", "ly"}

FOUND = [
    ("a link with a scheme", "Voir https://boutique.example/ete ici", ["boutique.example"]),
    ("two of them", "http://a.example et https://b.example", ["a.example", "b.example"]),
    ("www in front", "Voir www.boutique.example", ["www.boutique.example"]),
    ("bare, at the end of a sentence", "Voir boutique.fr.", ["boutique.fr"]),
    ("bare, with a path", "bit.ly/abc", ["bit.ly"]),
    ("in capitals", "BOUTIQUE.FR", ["boutique.fr"]),
    ("a missing blank behind a full stop", "Ouvert samedi.Profitez", []),
    ("a missing blank and a word that is an ending", "Ouvert samedi.Me voici", []),
    ("an ending that is also a word, alone", "Rendez-vous samedi.me", []),
    ("an ending that is also a word, with a path", "Voir wa.me/33612", ["wa.me"]),
    ("an e-mail address", "contact@boutique.fr", []),
    ("a price", "Des 12.50 euros", []),
    ("an hour", "a 9.30 h", []),
    ("an abbreviation", "M.Dupont et S.A.R.L.", []),
    ("a scheme other than the web's", "intent://evil.example", ["evil.example"]),
    ("brackets around", "(https://boutique.example/a)", ["boutique.example"]),
    ("a port", "https://boutique.example:8443/a", ["boutique.example"]),
    ("a query without path", "https://boutique.example?x=1", ["boutique.example"]),
    ("a dot behind the name", "https://boutique.example./a", ["boutique.example"]),
]


@pytest.mark.parametrize(("text", "hosts"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_links_are_found(text, hosts):
    assert [link.host for link in links_in(text, TOP)] == hosts


TRICKS = [
    ("https://boutique.example/a", ""), ("https://evil.example\\@ameli.fr", "backslash"),
    ("https://ameli.fr@evil.example/", "user-info"), ("https://ameli.fr:x@evil.example", "user-info"),
    ("http://192.168.1.1/a", "ip-address"), ("http://3232235777/", "ip-address"), ("http://0xC0A80101/", "ip-address"),
    ("http://0300.0250.1.1/", "ip-address"), ("http://[::1]/", "ip-address"),
    ("https://pаypal.example/", "mixed-script"),
    ("https://аmеlі.example", "mixed-script"), ("https://аре.example", "mixed-script"), ("https://boutiqueж.example/", "mixed-script"),
    ("https://xn--pypal-4ve.example", "mixed-script"), ("https://магазин.example", ""), ("https://été.example", ""),
    ("https://localhost/", "no-domain"), ("https://$hote/", ""), ("https://boutique.example/a@b", ""),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "trick"), TRICKS)
def test_tricks_are_seen(raw, trick):
    assert read_link(raw).trick == trick


def test_a_browser_goes_where_we_say():
    assert read_link("https://evil.example\\@ameli.fr").host == "evil.example"
    assert read_link("https://ameli.fr@evil.example/").host == "evil.example"
    assert (
        read_link("HTTPS://ÉTÉ.example/").host
        == read_link(f"https://{'été'.encode('idna').decode()}.example/").host
        == "été.example"
    )


LISTED = [
    ("the host itself", "boutique.example", {"boutique.example"}, True),
    ("another", "autre.example", {"boutique.example"}, False),
    ("a name below is another host", "www.boutique.example", {"boutique.example"}, False),
    ("a name below, allowed by a star", "www.boutique.example", {"*.boutique.example"}, True),
    ("two levels below", "a.b.boutique.example", {"*.boutique.example"}, True),
    ("the star does not allow the host itself", "boutique.example", {"*.boutique.example"}, False),
    ("the end of a name is not a parent", "maboutique.example", {"*.boutique.example"}, False),
    ("the listed name in front of another", "boutique.example.evil.example", {"boutique.example"}, False),
]


@pytest.mark.parametrize(("host", "allowed", "listed"), [row[1:] for row in LISTED], ids=[row[0] for row in LISTED])
def test_the_list_of_hosts(host, allowed, listed):
    assert is_listed(host, allowed) == listed


RULES = [
    # what                                             text                                              rule, effect
    ("a declared host", "Voir https://boutique.example/a", None, None),
    ("no link", "Voir en magasin", None, None),
    ("another host", "Voir https://autre.example/a", "FR.URL.ALLOWLIST", Effect.BLOCK),
    ("a public shortener", "Voir https://bit.ly/a", "FR.URL.SHORTENER", Effect.BLOCK),
    ("a shortener with www", "Voir www.tinyurl.com/a", "FR.URL.SHORTENER", Effect.BLOCK),
    ("user-info", "Voir https://boutique.example@evil.example/", "FR.URL.SPOOF", Effect.BLOCK),
    (
        "a backslash behind a declared host",
        "Voir https://boutique.example\\@evil.example",
        "FR.URL.SPOOF",
        Effect.BLOCK,
    ),
    ("a brand as a label", "Voir https://ameli.secours.example/", "FR.URL.SPOOF", Effect.BLOCK),
    ("a short brand as a label", "Voir https://caf.secours.example/", "FR.URL.SPOOF", Effect.BLOCK),
    ("a brand between hyphens", "Voir https://colissimo-suivi.example/", "FR.URL.SPOOF", Effect.BLOCK),
    ("a brand drawn with a digit", "Voir https://netfl1x.example/", "FR.URL.SPOOF", Effect.BLOCK),
    ("the brand's own host, not declared", "Voir https://www.ameli.fr/", "FR.URL.ALLOWLIST", Effect.BLOCK),
    (
        "a brand in the text and a link elsewhere",
        "Chronopost : votre colis https://autre.example/",
        "FR.SMISHING.BRAND",
        Effect.BLOCK,
    ),
    (
        "a brand in the text and a declared host",
        "Chronopost : votre colis https://boutique.example/",
        "FR.SMISHING.BRAND",
        Effect.WARN,
    ),
    ("a brand in the text and no link", "Livraison par Chronopost demain", None, None),
    ("an ordinary word that is a brand", "Orange et rouge : https://boutique.example/", None, None),
    ("a variable for the host is looked at when it is filled in", "Voir https://$hote/", None, None),
]


@pytest.mark.parametrize(("text", "rule_id", "effect"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_link_rules_of_france(ask, text, rule_id, effect):
    found = {finding.rule_id: finding for finding in ask(text=text, allowed_hosts={"boutique.example"}).findings("FR")}
    if rule_id is None:
        assert found == {}
    else:
        assert found[rule_id].effect is effect
        assert found[rule_id].reason is Reason.URL_NOT_ALLOWED


def test_without_a_list_links_are_warned_of(ask):
    found = ask(text="Voir https://boutique.example/", allowed_hosts=None).findings("FR")
    assert [(finding.rule_id, finding.effect, finding.detail) for finding in found] == [
        ("FR.URL.ALLOWLIST", Effect.WARN, "boutique.example")
    ]
    assert ask(text="Voir en magasin", allowed_hosts=None).findings("FR") == ()


def test_a_brands_own_hosts_are_no_disguise(ask):
    own = {"ameli.fr", "www.ameli.fr"}
    assert ask(text="Voir https://www.ameli.fr/ ou https://ameli.fr/", allowed_hosts=own).findings("FR") == ()
    near = {"www-ameli.fr"}
    assert [found.rule_id for found in ask(text="Voir https://www-ameli.fr/", allowed_hosts=near).findings("FR")] == [
        "FR.URL.SPOOF",
        "FR.SMISHING.BRAND",
    ]


def test_a_short_name_between_hyphens_is_a_syllable(ask):
    assert ask(text="Voir https://caf-paul.example/", allowed_hosts={"caf-paul.example"}).findings("FR") == ()


def test_an_authorised_sender_may_name_and_link_its_brand(ask):
    facts = {
        "sender": "AMELI",
        "text": "Ameli : https://ameli.partenaire.example/",
        "allowed_hosts": {"ameli.partenaire.example"},
    }
    assert ask(**facts).refusal("FR") is not None
    assert ask(**facts, declarations={Declaration.SENDER_AUTHORISED}).refusal("FR") is None


def test_tricks_are_refused_in_every_country_and_for_every_kind(ask):

    for kind in (Kind.NOTIFICATION, Kind.OTP, Kind.MARKETING):
        desk = ask(kind=kind, text="Your code https://boutique.example@evil.example/ STOP", allowed_hosts=None)
        for territory in ("FR", "DE", "ZZ"):
            assert "URL.SPOOF" in "".join(finding.rule_id for finding in desk.findings(territory))
