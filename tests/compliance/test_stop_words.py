"""What people answer: opt-outs and opt-ins by language, and what only looks like one."""

import pytest

from smskit.compliance import Rules, opt_in_word, opt_out_word, stop_confirmation
from smskit.errors import InvalidInput
from smskit.kinds import Kind

LEAVES = [
    ("STOP", "STOP"), ("stop", "STOP"), (" Stop ! ", "STOP"), ("Stop. Thank you", "STOP"), ("arrêt", "ARRET"),
    ("Arrêter", "ARRETER"), ("arrêtez de m'envoyer des SMS", "ARRETEZ"), ("STOP SMS", "STOP SMS"),
    ("Stop pub svp", "STOP PUB"), ("stop 36180", "STOP"), ("Désabonner", "DESABONNER"), ("résilier", "RESILIER"),
    ("Désinscription", "DESINSCRIPTION"), ("annuler", "ANNULER"), ("FIN", "FIN"), ("Opt out", "OPT OUT"),
    ("opt-out please", "OPT-OUT"), ("UNSUBSCRIBE", "UNSUBSCRIBE"), ("Quit", "QUIT"), ("end", "END"),
    ("Cancel", "CANCEL"),
    ("revoke", "REVOKE"), ("Abmelden", "ABMELDEN"), ("kündigen", "KUNDIGEN"), ("BAJA", "BAJA"), ("No más", "NO MAS"),
    ("disiscrivi", "DISISCRIVI"), ("afmelden aub", "AFMELDEN"), ("sair", "SAIR"), ("rezygnuję", "REZYGNUJE"),
    ("ＳＴＯＰ", "STOP"), ("🛑 STOP", "STOP"), ("Please stop texting me", "STOP"),
    ("Je souhaite me désabonner", "ME DESABONNER"), ("Merci de ne plus recevoir vos offres", "NE PLUS RECEVOIR"),
    ("Bonjour STOP", "STOP"), ("merci stop", "STOP"), ("Arrêt stp STOP", "STOP"), ("STOPPPP", "STOP"), ("S T O P", "STOP"),
    ("S.T.O.P.", "STOP"), ("je me désabonne", "JE ME DESABONNE"), ("Ne m'envoyez plus rien", "NE M'ENVOYEZ PLUS"),
    ("n'envoyez plus", "N'ENVOYEZ PLUS"), ("ok stop", "STOP"), ("They keep texting me, STOP", "STOP"),
    ("I was told you stop texting me", "STOP TEXTING"),
    ("plus de sms svp", "PLUS DE SMS"), ("Take me off this list", "TAKE ME OFF"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "word"), LEAVES)
def test_an_opt_out_is_understood(text, word):
    assert opt_out_word(text) == word


STAYS = [
    "Ne stoppez pas", "Non-stop", "Est-ce que vous arrêtez à 18h ?", "STOP ou encore ?", "", "   ", "!!", "Merci",
    "Annuler mon rendez-vous de mardi", "Fin avril je passe", "End of May is fine", "Cancel my appointment",
    "Je ne veux pas me désabonner", "Please do not unsubscribe me", "le bus s'arrête où", "OUI", "stopover in Paris",
    "Bonjour", "Merci beaucoup", "svp", "super, non stop", "un arrêt au pit stop", "J'arrive au bus stop",
    "je ne me désabonne pas", "surtout ne dites pas stop", "on fait un stop",
    "Arrêt de bus devant chez vous", "12345", "Nonstop",
]  # fmt: skip


@pytest.mark.parametrize("text", STAYS)
def test_what_only_looks_like_one_is_left_alone(text):
    assert opt_out_word(text) is None


@pytest.mark.parametrize("text", ["ANNULER", "Cancel", "annulla"])
def test_to_cancel_is_an_opt_out_behind_an_offer_only(text):
    assert opt_out_word(text) is not None
    assert opt_out_word(text, thread=Kind.MARKETING) is not None
    assert opt_out_word(text, thread=Kind.NOTIFICATION) is None
    assert opt_out_word("STOP", thread=Kind.NOTIFICATION) == "STOP"


def test_every_word_of_every_language_is_understood_alone():
    table = Rules.default().table("*", "opt_out_words")
    missed = [word for words in table.values() for word in words if opt_out_word(word) is None]
    assert missed == []


@pytest.mark.parametrize(
    ("text", "word"),
    [("START", "START"), ("oui", "OUI"), ("Yes!", "YES"), ("reprendre", "REPRENDRE"), ("unstop", "UNSTOP")],
)
def test_an_opt_in_is_understood_as_a_whole_message(text, word):
    assert opt_in_word(text) == word


@pytest.mark.parametrize("text", ["oui mais pas tout de suite", "Restart", "STOP", "", "yes we can"])
def test_an_opt_in_is_not_read_into_a_sentence(text):
    assert opt_in_word(text) is None


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("advertiser", ["Ma Boutique", "x" * 99])
def test_a_confirmation_fits_one_part_and_sells_nothing(ask, advertiser, language):
    text = stop_confirmation(advertiser, language)
    assert len(text) <= 160
    assert text.isascii()
    assert advertiser[:40] in text
    assert advertiser[:41] not in text or len(advertiser) < 41
    assert opt_out_word(text) is None
    # It goes to somebody who objected: were it taken for marketing, it could never be sent.
    assert ask(kind=Kind.NOTIFICATION, text=text).kind is Kind.NOTIFICATION


@pytest.mark.parametrize(("advertiser", "language"), [("", "fr"), ("  ", "fr"), ("Ma Boutique", "de")])
def test_a_confirmation_needs_a_name_and_a_language(advertiser, language):
    with pytest.raises(InvalidInput):
        stop_confirmation(advertiser, language)
