"""What the columns of a file are called, and what they stand for.

A header is somebody's handwriting: ``Tél. portable``, ``MOBILE``, ``Nom du client``. Each gets a name that
can be written in a template (``tel_portable``), and those that are known in French or English get a role
(``mobile``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from smskit.errors import InvalidInput, UnknownColumn

MOBILE = "mobile"

_NOT_A_WORD = re.compile(r"[\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})

# Each role with the headers that mean it, the likeliest first; all in the form that `normalised` gives.
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "prenom": (
        "prenom", "prenom_client", "prenom_du_client", "prenom_contact", "first_name", "firstname",
        "given_name", "givenname", "forename", "fname", "prenoms",
    ),
    "nom": (
        "nom", "nom_de_famille", "nom_famille", "nom_client", "nom_du_client", "nom_contact",
        "nom_usuel", "last_name", "lastname", "surname", "family_name", "lname", "nom_complet",
        "nom_prenom", "nom_et_prenom", "name", "full_name", "fullname",
    ),
    "civilite": ("civilite", "civ", "titre", "title", "salutation", "mr_mme", "m_mme"),
    "sexe": ("sexe", "genre", "gender", "sex"),
    "email": (
        "email", "e_mail", "mail", "courriel", "mel", "adresse_email", "adresse_e_mail",
        "adresse_mail", "email_address", "adresse_electronique",
    ),
    "societe": (
        "societe", "entreprise", "raison_sociale", "nom_societe", "nom_de_la_societe",
        "nom_entreprise", "company", "company_name", "organisation", "organization",
    ),
    "adresse": ("adresse", "adresse_postale", "adresse_1", "rue", "address", "address_1", "street"),
    "code_postal": (
        "code_postal", "codepostal", "cp", "code_post", "postal_code", "postalcode", "postcode",
        "zip", "zip_code", "zipcode",
    ),
    "ville": ("ville", "commune", "localite", "city", "town"),
    "departement": ("departement", "dept", "dep"),
    "pays": ("pays", "country", "code_pays", "country_code"),
    "langue": ("langue", "language", "lang", "locale"),
    "date_naissance": (
        "date_naissance", "date_de_naissance", "naissance", "ne_e_le", "nee_le", "ne_le",
        "anniversaire", "date_anniversaire", "birthday", "birth_date", "birthdate", "date_of_birth",
        "dob",
    ),
    "identifiant": (
        "identifiant", "id", "id_client", "identifiant_client", "numero_client", "num_client",
        "n_client", "code_client", "ref_client", "reference_client", "customer_id", "contact_id",
        "client_id",
    ),
    "magasin": ("magasin", "boutique", "point_de_vente", "agence", "store", "shop"),
}  # fmt: skip

# A header of one of these words means a mobile wherever the word stands: "Tél. portable du client".
_MOBILE_WORDS = frozenset(
    {"mobile", "mobiles", "portable", "gsm", "cell", "cellphone", "cellulaire", "msisdn", "natel"}
)
# A header of one of these means a telephone that may be a mobile, unless another word says otherwise.
_PHONE_WORDS = frozenset({"telephone", "tel", "phone", "tph", "sms", "smartphone"})
# "Numéro" alone is a telephone; "Numéro client" and "Numéro de rue" are not.
_PHONE_NAMES = frozenset({"numero", "numeros", "number", "num", "destinataire", "destinataires", "recipient", "to"})
# With one of these it is a telephone on a desk or a wall; a mobile word beside it still wins ("Portable
# pro").
_LANDLINE_WORDS = frozenset({
    "fixe", "landline", "domicile", "home", "fax", "standard", "bureau", "travail", "work", "pro",
    "professionnel",
})  # fmt: skip
# With one of these the column says something about a telephone and holds none.
_ABOUT_WORDS = frozenset({
    "date", "heure", "optin", "opt", "consent", "consentement", "accord", "operateur", "operator",
    "carrier", "type", "ok", "valide", "valid", "statut", "status", "pays", "country", "indicatif",
    "prefixe", "code", "modele", "marque", "model", "os", "application", "source", "origine",
    "canal", "nombre", "nb", "count", "verifie", "verified", "stop", "desinscription",
})  # fmt: skip

_ROLE_OF = {alias: role for role, aliases in _ALIASES.items() for alias in aliases}


def normalised(header: str, /) -> str:
    """Give the name of a header as templates write it: ``'Tél. portable'`` gives ``'tel_portable'``.

    Accents, case and punctuation go; letters of any script stay. Empty when nothing is left.
    """
    text = unicodedata.normalize("NFKD", header.casefold().translate(_LIGATURES))
    letters = "".join(character for character in text if not unicodedata.combining(character))
    return _NOT_A_WORD.sub("_", letters).strip("_")


def names_of(headers: Iterable[str], /) -> tuple[str, ...]:
    """Give each header a name of its own: a second ``Tel`` is ``tel_2``, one without letters ``column_3``."""
    names: dict[str, None] = {}
    for position, header in enumerate(headers, start=1):
        base = normalised(header) or f"column_{position}"
        name, again = base, 1
        while name in names:
            again += 1
            name = f"{base}_{again}"
        names[name] = None
    return tuple(names)


def role_named(name: str, /) -> str:
    """Give the role that a word stands for in French or English: ``first_name`` gives ``prenom``."""
    plain = normalised(name)
    if plain in _ROLE_OF:
        return _ROLE_OF[plain]
    return MOBILE if _mobile_rank(plain) is not None else plain


def column_named(wanted: str, headers: Sequence[str], names: Sequence[str]) -> str:
    """Give the name of the column that is called *wanted*, by its header or by its name.

    Raises:
        UnknownColumn: no column is called so.
    """
    if wanted in headers:
        return names[list(headers).index(wanted)]
    plain = normalised(wanted)
    if plain in names:
        return plain
    raise UnknownColumn(wanted, headers)


def guessed_roles(names: Sequence[str]) -> dict[str, str]:
    """Give role to column for the names that are known; of two candidates the likelier, then the first."""
    best: dict[str, tuple[int, str]] = {}
    for name in names:
        found = _role_and_rank(name)
        if found is not None and (found[0] not in best or found[1] < best[found[0]][0]):
            best[found[0]] = (found[1], name)
    return {role: name for role, (_, name) in best.items()}


def roles_of(
    headers: Sequence[str], names: Sequence[str], given: Mapping[str, str] | None, mobile: str | None
) -> dict[str, str]:
    """Give the role of each column that has one: those that were given, then those that can be guessed.

    A single column can only hold the numbers, whatever it is called.

    Raises:
        UnknownColumn: a column was given that is not there.
        InvalidInput: no column holds the mobile numbers, or it was given twice.
    """
    chosen = dict(given or {})
    if mobile is not None:
        if any(role_named(role) == MOBILE for role in chosen):
            raise InvalidInput("the mobile column is given twice; use mobile=... or columns={'mobile': ...}, not both")
        chosen[MOBILE] = mobile
    explicit = {role_named(role): column_named(column, headers, names) for role, column in chosen.items()}
    taken = set(explicit.values())
    roles = guessed_roles([name for name in names if name not in taken]) | explicit
    if MOBILE not in roles and len(names) == 1:
        roles[MOBILE] = names[0]
    if MOBILE not in roles:
        raise InvalidInput(
            f"no column of mobile numbers among {', '.join(map(repr, headers))}; "
            f"say which one it is, for example columns={{'mobile': {headers[0] if headers else 'Mobile'!r}}}"
        )
    return roles


def _role_and_rank(name: str) -> tuple[str, int] | None:
    role = _ROLE_OF.get(name)
    if role is not None:
        return role, _ALIASES[role].index(name)
    rank = _mobile_rank(name)
    return None if rank is None else (MOBILE, rank)


def _mobile_rank(name: str) -> int | None:
    """Say how likely a column holds mobiles: 0 for the likeliest, None when it does not."""
    words = set(name.split("_"))
    if words & _ABOUT_WORDS:
        return None
    landline = bool(words & _LANDLINE_WORDS)
    if words & _MOBILE_WORDS:
        return 1 if landline else 0
    if words & _PHONE_WORDS:
        return None if landline else 2
    return 3 if name in _PHONE_NAMES else None
