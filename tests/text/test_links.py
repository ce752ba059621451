"""Short links: on a domain of one's own, with tokens that nobody can guess."""

import pytest

from smskit.errors import InvalidInput
from smskit.text import ShortLinks, token_of
from smskit.text.links import TOKEN_LENGTH, TOKEN_PLACEHOLDER


def test_a_token_depends_on_secret_run_place_link_and_attempt():
    tokens = {
        token_of(b"k" * 32, "run", 0, "lien"),
        token_of(b"l" * 32, "run", 0, "lien"),
        token_of(b"k" * 32, "nur", 0, "lien"),
        token_of(b"k" * 32, "run", 1, "lien"),
        token_of(b"k" * 32, "run", 0, "autre"),
        token_of(b"k" * 32, "run", 0, "lien", attempt=1),
    }
    assert len(tokens) == 6


def test_tokens_weigh_what_their_placeholder_weighs():
    tokens = [token_of(b"k" * 32, "run", seq, "lien") for seq in range(2_000)]
    assert {len(token) for token in tokens} == {TOKEN_LENGTH} == {len(TOKEN_PLACEHOLDER)}
    assert all(token.isascii() and token.isalnum() for token in tokens)
    assert len(set(tokens)) == 2_000


DOMAINS = [
    # what                            domain                       url
    ("a host",                        "go.boutique.fr",            "https://go.boutique.fr/abc"),
    ("a scheme is dropped",           "https://go.boutique.fr/",   "https://go.boutique.fr/abc"),
    ("capitals are lowered",          "GO.Boutique.fr",            "https://go.boutique.fr/abc"),
]  # fmt: skip


@pytest.mark.parametrize(("domain", "url"), [case[1:] for case in DOMAINS], ids=[case[0] for case in DOMAINS])
def test_urls(domain, url):
    assert ShortLinks(domain).url("abc") == url


@pytest.mark.parametrize("domain", ["boutique", "a@b.fr", "go.boutique.fr/x", "gö.fr", "go.fr:8080", "go.fr\\x.fr"])
def test_what_is_no_host_is_refused(domain):
    with pytest.raises(InvalidInput, match="domain"):
        ShortLinks(domain)


def test_utm_goes_to_the_target_and_never_into_the_short_link():
    links = ShortLinks("go.boutique.fr", utm=True)
    target = links.target("https://b.example/p?a=1#x", "soldes été")
    assert target == "https://b.example/p?a=1&utm_source=sms&utm_medium=sms&utm_campaign=soldes+%C3%A9t%C3%A9#x"
    assert "utm" not in links.url("abc")
