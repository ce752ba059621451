"""How many numbers a second are read, against the plain loop over phonenumbers, in the same run.

    python benchmarks/phone.py [--rows 200000] [--loop 10000] [--json]

The plain loop is what everybody writes first: parse, is_valid_number, number_type, format_number. It is timed on
fewer rows, before and after the reader. Seconds are those of the processor, since machines are shared. Numbers are
random and hardly one comes twice, so that no cache flatters the figures.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from itertools import islice

import phonenumbers

from smskit.phone import NumberReader, territories_of
from smskit.testing.numbers import mobile_numbers

BATCH = 1000
PAIRS = (slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 8), slice(8, 10))


def national(number: int) -> str:
    return f"0{number % 10**9}"


def spaced(number: int, separator: str = " ") -> str:
    digits = national(number)
    return separator.join(digits[pair] for pair in PAIRS)


CLEAN = (national, lambda n: f"+{n}", spaced)

# One in ten cells of the messy list has one of these forms, each as often as the others.
MESSY = (
    lambda n: f"00{n}",
    lambda n: f"{n}",
    lambda n: f"+33 (0){spaced(n)[1:]}",
    lambda n: spaced(n, "."),
    lambda n: spaced(n, "/"),
    lambda n: spaced(n, "\u00a0"),
    lambda n: spaced(n, "\u202f"),
    lambda n: f"\u202a+{n}\u202c",
    lambda n: f"'{national(n)}",
    lambda n: f"tel:+{n}",
    lambda n: national(n).translate({ord("0") + d: 0x0660 + d for d in range(10)}),
    lambda n: f"{n % 10**9}",
    lambda n: f"{n % 10**9}.0",
    lambda n: f"0690{n % 10**6:06}",
    lambda n: f"0696{n % 10**6:06}",
    lambda n: f"0692{n % 10**6:06}",
    lambda n: f"596696{n % 10**6:06}",
    lambda n: f"00596696{n % 10**6:06}",
    lambda n: f"+32470{n % 10**6:06}",
    lambda n: f"6,{n % 10**5:05}E+08",
    lambda n: f"{spaced(n)} / {spaced(n)}",
    lambda n: f"{national(n)};{national(n)}",
    lambda n: " " * (n % 3),
    lambda n: f"Jean {n % 1000}",
    lambda n: national(n)[:-1],
    lambda n: f"{national(n)}1",
    lambda n: f"01{n % 10**8:08}",
    lambda n: f"063998{n % 10**4:04}",
    lambda n: f"{national(n)} x12",
)


def clean_list(rows: int, seed: int) -> list[str]:
    return [CLEAN[index % 3](number) for index, number in enumerate(islice(mobile_numbers("FR", seed), rows))]


def messy_list(rows: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    cells = clean_list(rows, seed)
    others = mobile_numbers("FR", seed + 1)
    for index in range(rows):
        if draw.random() < 0.1:
            cells[index] = draw.choice(MESSY)(next(others))
    return cells


def plain_loop(cells: list[str]) -> None:
    for cell in cells:
        try:
            number = phonenumbers.parse(cell, "FR")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in (1, 2):
            phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read(cells: list[str]) -> list[int]:
    reader = NumberReader("FR")
    numbers: list[int] = []
    for start in range(0, len(cells), BATCH):
        numbers += reader.read_many(cells[start : start + BATCH])[0]
    return numbers


def per_second(work, cells: list[str]) -> float:
    start = time.process_time()
    work(cells)
    return len(cells) / (time.process_time() - start)


def measure(cells: list[str], loop: int) -> dict[str, float]:
    before = per_second(plain_loop, cells[:loop])
    fast = per_second(read, cells)
    after = per_second(plain_loop, cells[:loop])
    plain = (before + after) / 2
    return {"read_many_per_s": round(fast), "plain_loop_per_s": round(plain), "ratio": round(fast / plain, 1)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--loop", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    read(clean_list(1000, given.seed + 7))  # loads phonenumbers and compiles the patterns
    clean = clean_list(given.rows, given.seed)
    figures = {
        "clean list": measure(clean, given.loop),
        "10 % other shapes": measure(messy_list(given.rows, given.seed + 2), given.loop),
    }
    numbers = read(clean)
    territories_of(numbers)
    start = time.process_time()
    territories_of(numbers)
    figures["territories_of"] = {"us_per_number": round((time.process_time() - start) / len(numbers) * 1e6, 3)}
    if given.json:
        print(json.dumps(figures, indent=2))
        return
    for name in ("clean list", "10 % other shapes"):
        row = figures[name]
        print(
            f"{name:20} {row['read_many_per_s']:>10,} numbers/s   "
            f"plain loop {row['plain_loop_per_s']:>8,}   ratio {row['ratio']}"
        )
    print(f"{'territories_of':20} {figures['territories_of']['us_per_number']:>10} us for each number")


if __name__ == "__main__":
    main()
