"""What is sold: the declared sector decides, words only raise a candidate, two subjects fail closed."""

from datetime import date, datetime, timezone

import pytest

from smskit.compliance import Declaration, Effect, Evidence, Sector
from smskit.kinds import Kind, Reason

D = Declaration
BLOCK, WARN = Effect.BLOCK, Effect.WARN
HEALTH = "L'abus d'alcool est dangereux pour la santé, à consommer avec modération."
LOAN = "Un crédit vous engage et doit être remboursé. Vérifiez vos capacités de remboursement avant de vous engager."

SECTORS = [
    # what, sector, text, declared, rule, effect
    ("CPF as a word, nobody declared", None, "Utilisez votre CPF avant la fin du mois", set(), "FR.CPF.BAN", BLOCK),
    ("the account by its name", None, "Votre compte personnel de formation expire", set(), "FR.CPF.BAN", BLOCK),
    ("the site by its name", None, "Voir MonCompteFormation", set(), "FR.CPF.BAN", BLOCK),
    ("CPF within a word", None, "La CPFL vous invite", set(), "FR.CPF.BAN", None),
    ("CPF, declared as training", Sector.TRAINING, "Formation CPF", set(), "FR.CPF.BAN", BLOCK),
    ("training without the account", Sector.TRAINING, "Formation en anglais", set(), "FR.CPF.BAN", None),
    (
        "CPF within an ongoing training, linked to it",
        Sector.TRAINING,
        "CPF : séance demain",
        {D.ONGOING_TRAINING, D.LINKED_TO_TRAINING},
        "FR.CPF.BAN",
        None,
    ),
    ("ongoing, but not linked", Sector.TRAINING, "CPF : autre formation", {D.ONGOING_TRAINING}, "FR.CPF.BAN", BLOCK),
    ("linked, but not ongoing", Sector.TRAINING, "CPF : formation", {D.LINKED_TO_TRAINING}, "FR.CPF.BAN", BLOCK),
    ("another sector was declared: a warning", Sector.OTHER, "Le CPF, notre bilan", set(), "FR.CPF.BAN", WARN),
    (
        "a gift for enrolling",
        Sector.TRAINING,
        "CPF : une tablette offerte",
        {D.ONGOING_TRAINING, D.LINKED_TO_TRAINING},
        "FR.CPF.GIFT",
        BLOCK,
    ),
    ("a gift without CPF", None, "Une tablette offerte", set(), "FR.CPF.GIFT", None),
    (
        "CPF without a gift",
        Sector.TRAINING,
        "CPF : séance demain",
        {D.ONGOING_TRAINING, D.LINKED_TO_TRAINING},
        "FR.CPF.GIFT",
        None,
    ),
    ("a heat pump, nobody declared", None, "Pompe à chaleur : devis", set(), "FR.RENOV.BAN", BLOCK),
    ("solar panels in capitals", None, "PANNEAUX SOLAIRES", set(), "FR.RENOV.BAN", BLOCK),
    ("MaPrimeRénov'", None, "Avec MaPrimeRénov’ c'est possible", set(), "FR.RENOV.BAN", BLOCK),
    ("a walk-in shower for seniors", None, "Douche senior installée", set(), "FR.RENOV.BAN", BLOCK),
    ("declared, though no word tells", Sector.RENOVATION, "Un projet pour la maison ?", set(), "FR.RENOV.BAN", BLOCK),
    (
        "a contract in progress",
        Sector.RENOVATION,
        "Votre chaudière : visite demain",
        {D.CONTRACT_IN_PROGRESS},
        "FR.RENOV.BAN",
        None,
    ),
    (
        "professionals",
        Sector.RENOVATION,
        "Panneaux solaires pour ateliers",
        {D.PROFESSIONAL_RECIPIENTS},
        "FR.RENOV.BAN",
        None,
    ),
    ("headphones isolate too", None, "Casque à isolation phonique", set(), "FR.RENOV.BAN", None),
    (
        "another sector was declared: a warning there too",
        Sector.OTHER,
        "Livre : la chaudière",
        set(),
        "FR.RENOV.BAN",
        WARN,
    ),
    (
        "alcohol without the sentence",
        Sector.ALCOHOL,
        "Nos champagnes vous attendent",
        set(),
        "FR.ALCOHOL.MENTION",
        BLOCK,
    ),
    ("alcohol with the sentence", Sector.ALCOHOL, f"Champagne. {HEALTH}", set(), "FR.ALCOHOL.MENTION", None),
    ("wine, nobody declared", None, "Foire au vin", set(), "FR.ALCOHOL.MENTION", WARN),
    ("wine, declared as something else", Sector.OTHER, "Foire au vin", set(), "FR.ALCOHOL.MENTION", None),
    ("wine within a word", None, "Devinez le vinyle", set(), "FR.ALCOHOL.MENTION", None),
    ("vaping, declared", Sector.TOBACCO, "Nouveaux arômes", set(), "FR.TOBACCO", BLOCK),
    ("vaping, nobody declared", None, "Puff à 5 euros", set(), "FR.TOBACCO", WARN),
    ("gambling, declared", Sector.GAMBLING, "Pariez", set(), "FR.GAMBLING", BLOCK),
    (
        "a licensed operator with the message",
        Sector.GAMBLING,
        "Pariez. Appelez le 09-74-75-13-13",
        {D.LICENSED_OPERATOR},
        "FR.GAMBLING",
        None,
    ),
    ("a licensed operator without it", Sector.GAMBLING, "Pariez", {D.LICENSED_OPERATOR}, "FR.GAMBLING", BLOCK),
    (
        "the message without a licence",
        Sector.GAMBLING,
        "Pariez. Appelez le 09 74 75 13 13",
        set(),
        "FR.GAMBLING",
        BLOCK,
    ),
    ("a casino, nobody declared", None, "Casino : tours gratuits", set(), "FR.GAMBLING", WARN),
    ("adult, declared", Sector.ADULT, "Nouveautés", set(), "FR.ADULT", BLOCK),
    ("CBD, nobody declared", None, "Fleurs de CBD", set(), "FR.ADULT", WARN),
    ("credit without the sentence", Sector.CREDIT, "Prêt personnel", set(), "FR.CREDIT", BLOCK),
    ("credit with the sentence", Sector.CREDIT, f"Prêt personnel. {LOAN}", set(), "FR.CREDIT", None),
    ("a tax credit is none", None, "Profitez du crédit d'impôt", set(), "FR.CREDIT", None),
    ("asking for the IBAN", None, "Merci de nous envoyer votre IBAN", set(), "FR.BANKDATA", BLOCK),
    ("asking to confirm the card", None, "Confirmez votre numéro de carte", set(), "FR.BANKDATA", BLOCK),
    ("naming the IBAN", None, "Votre IBAN a été enregistré", set(), "FR.BANKDATA", None),
    ("a loyalty card", None, "Votre carte de fidélité vous attend", set(), "FR.BANKDATA", None),
]


@pytest.mark.parametrize(
    ("sector", "text", "declared", "rule_id", "effect"), [r[1:] for r in SECTORS], ids=[r[0] for r in SECTORS]
)
def test_sectors(ask, sector, text, declared, rule_id, effect):
    found = {
        finding.rule_id: finding.effect
        for finding in ask(sector=sector, text=text, declarations=declared).findings("FR")
    }
    assert found.get(rule_id) is effect


DATES = [
    ("CPF, the day before", "2022-12-20", "CPF", "FR.CPF.BAN", None),
    ("CPF, the first day", "2022-12-21", "CPF", "FR.CPF.BAN", BLOCK),
    ("renovation, the day before", "2025-07-01", "Pompe à chaleur", "FR.RENOV.BAN", None),
    ("renovation, the first day", "2025-07-02", "Pompe à chaleur", "FR.RENOV.BAN", BLOCK),
    ("CPF gift, the day before", "2023-06-09", "CPF cadeau", "FR.CPF.GIFT", None),
    ("CPF gift, the first day", "2023-06-10", "CPF cadeau", "FR.CPF.GIFT", BLOCK),
]


@pytest.mark.parametrize(
    ("day", "text", "rule_id", "effect"), [row[1:] for row in DATES], ids=[row[0] for row in DATES]
)
def test_a_law_begins_on_its_day(ask, day, text, rule_id, effect):
    at = datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=timezone.utc)
    found = {finding.rule_id: finding.effect for finding in ask(at=at, text=text).findings("FR")}
    assert found.get(rule_id) is effect


def test_consent_does_not_lift_the_bans(ask):
    desk = ask(text="Panneaux solaires : devis")
    consent = Evidence(granted_at=datetime(2026, 1, 1, tzinfo=timezone.utc), source="web")
    assert desk.basis(consent, "FR") is None
    assert desk.refusal("FR").reason is Reason.SECTOR_FORBIDDEN


SELLS = [
    ("a percentage off", "Votre colis est là. -20% sur tout", True),
    ("a code", "Colis livré. Code promo ETE", True),
    ("an offer", "Rendez-vous confirmé. Découvrez nos offres", True),
    ("sales", "Colis prêt. Les soldes commencent", True),
    ("a rebate in a variable", "Colis prêt. -$taux% demain", True),
    ("a premium number", "Suivi au 0899 12 34 56", True),
    ("a premium short code with its price", "Envoyez OUI au 81234 (1,50 € + prix SMS)", True),
    ("a free number", "Suivi au 0800 12 34 56", False),
    ("a code to log in", "Votre code est 4821", False),
    ("a code with its word", "Code de validation : 482193", False),
    ("a handing over", "Remise de votre colis demain à 14h", False),
    ("a balance", "Votre solde est de 12 EUR", False),
    ("a battery", "Batterie à 20% : pensez à charger", False),
    ("a job", "Votre candidature à l'offre d'emploi est reçue", False),
    ("an appointment", "RDV le 12 mars à 14h30 au 3 rue de la Paix, 75002 Paris", False),
]


@pytest.mark.parametrize(("text", "sells"), [row[1:] for row in SELLS], ids=[row[0] for row in SELLS])
def test_a_notification_that_sells_is_marketing(ask, text, sells):
    desk = ask(kind=Kind.NOTIFICATION, text=text)
    assert desk.kind is (Kind.MARKETING if sells else Kind.NOTIFICATION)
    assert bool(desk.suffix("FR", "x")) == sells
    assert (desk.basis(Evidence(), "FR") is not None) == sells


def test_a_code_that_sells_is_marketing_too(ask):
    assert ask(kind=Kind.OTP, text="Code 4821. Profitez des soldes").kind is Kind.MARKETING


def test_what_it_was_called_is_warned_of(ask):
    found = ask(kind=Kind.NOTIFICATION, text="Colis prêt, soldes demain").findings("FR")
    assert [(finding.rule_id, finding.effect) for finding in found] == [("FR.TRANSACTIONAL.MIXED", WARN)]


def test_a_marketing_text_may_sell(ask):
    assert ask(text="Soldes : -50% avec le code promo ETE").findings("FR") == ()


@pytest.mark.parametrize(("birth", "reason"), [((2008, 6, 24), None), ((2008, 6, 25), Reason.MINOR)])
def test_alcohol_and_gambling_are_for_adults(ask, birth, reason):

    desk = ask(sector=Sector.ALCOHOL, text=f"Champagne. {HEALTH}")
    consent = Evidence(granted_at=datetime(2026, 1, 1, tzinfo=timezone.utc), source="web", birth_date=date(*birth))
    finding = desk.basis(consent, "FR")
    assert (finding and finding.reason) is reason
