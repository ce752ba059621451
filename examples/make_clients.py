"""Writes a customer file as French shops export it, with everything that makes such files hard to read.

    python examples/make_clients.py clients.csv commandes.csv --rows 20000

cp1252, semicolons, decimal commas, names with ç ë ï œ, numbers in every shape that people type, duplicates, consents
of several ages and sources, customers without consent, the overseas territories, people who opted out.
The same seed writes the same bytes. Nobody in it exists: the numbers are drawn at random.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from smskit.testing.numbers import mobile_numbers

TODAY = date(2026, 6, 20)

HEADERS = (
    "N° client", "Civilité", "Nom", "Prénom", "Tél. portable", "E-mail", "Code postal", "Ville", "Date de naissance",
    "Dernier achat", "CA 12 mois", "Points fidélité", "Centres d'intérêt", "Date opt-in", "Origine", "Désinscrit le",
)  # fmt: skip

FIRST_NAMES = (
    "Marie", "Jean", "Camille", "Nicolas", "Léa", "Thomas", "Chloé", "Antoine", "Manon", "Julien", "Sarah", "Hugo",
    "Inès", "Lucas", "Emma", "Paul", "Jeanne", "Louis", "Alice", "Mathieu", "Élodie", "Rémi", "Zoé", "Karim", "Fatou",
    "Mehdi", "Aurélie", "Sébastien", "Émilie", "Stéphane", "Françoise", "Anaïs", "Loïc", "Joël", "Maëlys", "Benoît",
)  # fmt: skip

LAST_NAMES = (
    "Martin", "Bernard", "Dubois", "Thomas", "Robert", "Richard", "Petit", "Durand", "Leroy", "Moreau", "Simon",
    "Laurent", "Lefèvre", "Michel", "Garcia", "David", "Bertrand", "Roux", "Vincent", "Fournier", "Morel", "Girard",
    "Lambert", "Lefœuvre", "Gonçalves", "L'Hôte", "N'Guyen", "Le Goff", "De La Tour", "Müller", "Benaïssa", "Ould-Saïd",
)  # fmt: skip

TOWNS = (
    ("75011", "Paris"), ("13001", "Marseille"), ("69003", "Lyon"), ("06300", "Nice"), ("31000", "Toulouse"),
    ("33000", "Bordeaux"), ("67000", "Strasbourg"), ("57000", "Metz"), ("68100", "Mulhouse"), ("59000", "Lille"),
    ("01000", "Bourg-en-Bresse"), ("35000", "Rennes"),
)  # fmt: skip

INTERESTS = ("maison", "jardin", "sport", "enfants", "beauté", "cuisine", "maison, jardin", "sport, enfants", "")

SOURCES = ("caisse", "site web", "formulaire boutique", "jeu concours été", "compte client")

OVERSEAS = (("GP", "97110", "Pointe-à-Pitre"), ("MQ", "97200", "Fort-de-France"), ("GF", "97300", "Cayenne"),
            ("RE", "97400", "Saint-Denis"), ("YT", "97600", "Mamoudzou"))  # fmt: skip

Shape = Callable[[str], str]
"""Writes the nine national digits (612345678) as somebody typed them."""

SHAPES: tuple[tuple[int, Shape], ...] = (
    (46, lambda n: f"0{n[0]} {n[1:3]} {n[3:5]} {n[5:7]} {n[7:]}"),
    (20, lambda n: f"0{n}"),
    (8, lambda n: f"+33{n}"),
    (5, lambda n: f"0{n[0]}.{n[1:3]}.{n[3:5]}.{n[5:7]}.{n[7:]}"),
    (4, lambda n: f"+33 {n[0]} {n[1:3]} {n[3:5]} {n[5:7]} {n[7:]}"),
    (4, lambda n: f"+33 (0){n[0]} {n[1:3]} {n[3:5]} {n[5:7]} {n[7:]}"),
    (3, lambda n: f"0{n[0]}\u00a0{n[1:3]}\u00a0{n[3:5]}\u00a0{n[5:7]}\u00a0{n[7:]}"),
    (3, lambda n: f"0033{n}"),
    (3, lambda n: n),
    (2, lambda n: f"33{n}"),
    (1, lambda n: f"tel:+33{n}"),
    (1, lambda n: f"0{n[0]}-{n[1:3]}-{n[3:5]}-{n[5:7]}-{n[7:]}"),
)

OVERSEAS_SHAPES: tuple[Callable[[str, str], str], ...] = (
    lambda code, n: f"0{n}",
    lambda code, n: f"+{code} {n[:3]} {n[3:5]} {n[5:7]} {n[7:]}",
    lambda code, n: f"00{code}{n}",
    lambda code, n: f"{code}{n}",
)

UNUSABLE = (
    "6,12346E+08",
    "06 12 34 56 78 / 07 12 34 56 78",
    "01 42 68 53 00",
    "inconnu",
    "06 12 34",
    "",
    "0899 70 12 34",
)


def _number(draw: random.Random, mainland: Iterator[int], overseas: dict[str, Iterator[int]]) -> tuple[str, str, str]:
    lot = draw.random()
    if lot < 0.013:
        return draw.choice(UNUSABLE), *draw.choice(TOWNS)
    if lot < 0.05:
        region, postal_code, town = draw.choice(OVERSEAS)
        digits = str(next(overseas[region]))
        return draw.choice(OVERSEAS_SHAPES)(digits[:3], digits[3:]), postal_code, town
    (shape,) = draw.choices([shape for _, shape in SHAPES], [weight for weight, _ in SHAPES])
    return shape(str(next(mainland))[2:]), *draw.choice(TOWNS)


def _day(draw: random.Random, oldest_days: int, newest_days: int = 1) -> date:
    return TODAY - timedelta(days=draw.randint(newest_days, oldest_days))


def _written(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _amount(draw: random.Random, largest: float) -> str:
    euros = f"{draw.uniform(0, largest):,.2f}".replace(",", "\u00a0").replace(".", ",")
    return f"{euros} €"


def customers(rows: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """Draw the rows of the file."""
    draw = random.Random(seed)
    mainland = mobile_numbers("FR", seed)
    overseas = {region: mobile_numbers(region, seed) for region, _, _ in OVERSEAS}
    known: list[tuple[str, str, str]] = []
    for place in range(rows):
        again = known and draw.random() < 0.015
        number, postal_code, town = draw.choice(known) if again else _number(draw, mainland, overseas)
        known.append((number, postal_code, town))
        yield _customer(draw, place, number, postal_code, town)


def _customer(draw: random.Random, place: int, number: str, postal_code: str, town: str) -> tuple[str, ...]:
    # Two first names and two last names in a hundred hold a letter that GSM-7 lacks, as in a telephone book.
    first = draw.choice(FIRST_NAMES[:-6]) if draw.random() < 0.98 else draw.choice(FIRST_NAMES[-6:])
    last = draw.choice(LAST_NAMES)
    consents = draw.random() < 0.93
    opt_in = _day(draw, 1500, 5) if consents else None
    opts_out = draw.random() < 0.03
    return (
        f"C{place + 1:06d}",
        draw.choice(("M.", "Mme", "")),
        last,
        first if draw.random() > 0.002 else "",
        number,
        f"client{place + 1}@example.org" if draw.random() < 0.8 else "",
        postal_code,
        town,
        _written(_day(draw, 29_000, 5_000)) if draw.random() < 0.6 else "",
        _written(_day(draw, 800)) if draw.random() < 0.9 else "",
        _amount(draw, 900),
        str(draw.randint(0, 4000)),
        draw.choice(INTERESTS),
        _written(opt_in),
        draw.choice(SOURCES) if consents else "",
        _written(_day(draw, 200)) if opts_out else "",
    )


def orders(rows: list[tuple[str, ...]], seed: int = 1) -> Iterator[tuple[str, ...]]:
    """Draw the orders of the week after the campaign: some name its code, some only a telephone."""
    draw = random.Random(f"orders {seed}")
    for row in rows:
        if row[4] and draw.random() < 0.04:
            day = date(2026, 6, 24) + timedelta(days=draw.randint(0, 5))
            code = "ETE15" if draw.random() < 0.3 else ""
            yield (f"{day:%d/%m/%Y} {draw.randint(13, 20)}:{draw.randint(0, 59):02d}", _amount(draw, 140), code, row[4])


def write(clients: Path, commandes: Path, rows: int, seed: int = 1) -> None:
    """Write both files."""
    drawn = list(customers(rows, seed))
    for path, headers, lines in (
        (clients, HEADERS, drawn),
        (commandes, ("Date", "Montant", "Code promo", "Téléphone"), orders(drawn, seed)),
    ):
        with path.open("w", encoding="cp1252", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(headers)
            writer.writerows(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("clients", type=Path)
    parser.add_argument("commandes", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    write(wanted.clients, wanted.commandes, wanted.rows, wanted.seed)
