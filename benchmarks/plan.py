"""From a customer file to a plan, beside the loop that one would write without smskit.

    python benchmarks/plan.py [--rows 100000 1000000] [--sample 20000] [--clean]

Prints contacts per second, the ratio to the plain loop in the same run, and the peak of resident memory of a process
that does nothing else. The plain loop reads the same file with csv, phonenumbers, string.Template and a part counter
of its own; it is timed on the first ``--sample`` rows, for it has no memory of what came before.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import resource
import statistics
import string
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Ten first names repeat, as names do in every file; the smaller the audience the less they do. With a code of
# one's own no two texts are alike, and nothing that was made for one contact serves another.
TEMPLATE = "Bonjour ${prenom|client}, -15% sur tout le magasin jusqu'à dimanche avec le code ETE15 ! STOP au 36180"
OWN_CODE = TEMPLATE.replace("avec le code ETE15", "avec le code ${client}")


def write_clean(path: Path, rows: int) -> None:
    """Write a tidy file: ten columns, numbers in three common shapes, a few repeated."""
    from smskit.testing.numbers import mobile_numbers

    numbers = mobile_numbers("FR", 5)
    first_names = ["Marie", "Jean", "Camille", "Élodie", "Nicolas", "Léa", "Thomas", "Rémi", "Chloé", "Anaïs"]
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(("Client", "Nom", "Prénom", "Mobile", "E-mail", "CP", "Ville", "Date opt-in", "Origine", "CA"))
        for row in range(rows):
            national = str(next(numbers))[2:]
            pairs = " ".join((f"0{national[0]}", *(national[at : at + 2] for at in range(1, 9, 2))))
            mobile = (pairs, f"+33{national}", f"0{national}")[row % 3]
            day = f"{1 + row % 28:02d}/{1 + row % 12:02d}/2025"
            first = first_names[row % 10 if row % 40 else 9]
            writer.writerow((f"C{row}", "Martin", first, mobile, f"c{row}@example.org", "75011", "Paris", day, "caisse",
                             f"{row % 900},50"))  # fmt: skip


def plain_loop(path: Path, sample: int, text: str) -> tuple[int, float]:
    """Do what the plan does, as one would write it by hand; give rows and seconds."""
    import phonenumbers

    gsm = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
              "abcdefghijklmnopqrstuvwxyzäöñüà")  # fmt: skip
    double = set("^{}\\[~]|€")
    template = string.Template(text.replace("|client", ""))
    seen: set[str] = set()
    rows = parts = 0
    began = time.perf_counter()
    with path.open(encoding="cp1252", newline="") as file:
        reader = csv.DictReader(file, delimiter=";")
        mobile = next(name for name in reader.fieldnames or () if "obile" in name or "portable" in name)
        for row in reader:
            rows += 1
            if rows > sample:
                break
            try:
                number = phonenumbers.parse(row[mobile], "FR")
            except phonenumbers.NumberParseException:
                continue
            kind = phonenumbers.number_type(number)
            if not phonenumbers.is_valid_number(number) or kind != phonenumbers.PhoneNumberType.MOBILE:
                continue
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            if e164 in seen or not row["Date opt-in"]:
                continue
            seen.add(e164)
            text = template.substitute(prenom=row["Prénom"] or "client", client=row.get("Client", ""))
            if all(character in gsm or character in double for character in text):
                units = sum(2 if character in double else 1 for character in text)
                parts += 1 if units <= 160 else math.ceil(units / 153)
            else:
                units = len(text.encode("utf-16-be")) // 2
                parts += 1 if units <= 70 else math.ceil(units / 67)
    assert parts
    return min(rows, sample), time.perf_counter() - began


def make_plan(path: Path, folder: Path, *, store: bool, send: bool = False, text: str = TEMPLATE) -> int:
    """Plan the file, and write the plan into a store when asked to; give the rows read."""
    import smskit as sk

    consent = sk.ConsentColumns(granted_at="Date opt-in", source="Origine")
    contacts = sk.Contacts.read(path, region="FR", consent=consent)
    kept = sk.Store(folder / "plan.db") if store else None
    places = dict.fromkeys(("GP", "MQ", "GF", "RE", "YT"), "0.0715")
    campaign = sk.Campaign("banc", text, to=contacts, sender="MABOUTIQUE", kind=sk.Kind.MARKETING)
    plan = campaign.plan(at="2026-06-24 12:00", prices=sk.Prices.per_part(FR="0.045", **places), store=kept)
    if send:
        plan.load(sk.Sandbox(keep=False))
    assert plan.account.closes
    return plan.account.rows


STORED = ("plan, store at hand", "plan + ledger")


def text_of(what: str) -> str:
    """Give the template of a measure."""
    return OWN_CODE if what == "plan, no two texts alike" else TEMPLATE


def in_a_process(path: Path, what: str) -> dict[str, float]:
    """Run one measure in a process of its own, so that its memory is its own."""
    command = [sys.executable, __file__, "--one", what, str(path)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def one(path: Path, what: str) -> None:
    """Measure in this process and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        make_plan(path.with_name("warm.csv"), Path(folder), store=False)
        began = time.perf_counter()
        rows = make_plan(path, Path(folder), store=what in STORED, send=what == "plan + ledger", text=text_of(what))
        took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": took, "peak_mb": peak}))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--sample", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shop", action="store_true", help="the demo's untidy file instead of a tidy one")
    parser.add_argument("--one", nargs=2)
    wanted = parser.parse_args()
    if wanted.one:
        one(Path(wanted.one[1]), wanted.one[0])
        return
    from smskit import encoding

    print(f"encoding in {encoding.IMPLEMENTATION}; medians of {wanted.rounds}; ratios within this run\n")
    print(f"{'':34}{'rows':>10}{'contacts/s':>12}{'x plain loop':>14}{'peak MB':>9}{'allowed':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for rows in wanted.rows:
            path = Path(folder) / "clients.csv"
            _write(path, rows, shop=wanted.shop)
            _write(path.with_name("warm.csv"), 500, shop=wanted.shop)
            for what in ("plan", "plan, no two texts alike", "plan, store at hand", "plan + ledger"):
                _row(path, what, rows, wanted.sample, wanted.rounds)


def _write(path: Path, rows: int, *, shop: bool) -> None:
    if shop:
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "examples"))
        from make_clients import write

        write(path, path.with_name("orders.csv"), rows)
    else:
        write_clean(path, rows)


def _row(path: Path, what: str, rows: int, sample: int, rounds: int) -> None:
    ratios, rates, peaks = [], [], []
    for _ in range(rounds):
        # Beside each measure, not once: the machine's mood changes between them.
        read, seconds = plain_loop(path, sample, text_of(what))
        ours = in_a_process(path, what)
        rates.append(ours["rows"] / ours["seconds"])
        ratios.append(rates[-1] / (read / seconds))
        peaks.append(ours["peak_mb"])
    allowed = 64 + 16 * rows / 1024**2
    print(
        f"{what:34}{rows:>10,}{statistics.median(rates):>12,.0f}{statistics.median(ratios):>14.1f}"
        f"{max(peaks):>9.0f}{allowed:>9.0f}"
    )


if __name__ == "__main__":
    main()
