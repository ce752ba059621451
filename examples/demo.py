"""The main job, end to end: a customer file becomes a plan, a run in the sandbox, and a report.

python examples/demo.py [--rows 20000] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from make_clients import write

import smskit as sk


def main(folder: Path, rows: int) -> None:
    """Run the demo in *folder*."""
    write(folder / "clients.csv", folder / "commandes.csv", rows)

    print(f"── 1. A customer file of {rows} rows, cp1252 with semicolons, as a shop exports it\n")
    contacts = sk.Contacts.read(
        folder / "clients.csv",
        region="FR",
        consent=sk.ConsentColumns(granted_at="Date opt-in", source="Origine", withdrawn_at="Désinscrit le"),
    )
    print(contacts.issues, "\n")

    print("── 2. The plan: who, how many parts, what it costs, why the others are left out. Nothing is sent.\n")
    active = sk.Segment("actifs", sk.F.dernier_achat.within(days=540))
    message = sk.Message(
        "Bonjour ${prenom|cher client}, -15% avec le code ETE15 jusqu'à dimanche : $lien",
        links={"lien": "https://boutique.example/soldes"},
    )
    campaign = sk.Campaign(
        "soldes-ete",
        message,
        to=contacts.where(active),
        sender="MABOUTIQUE",
        kind=sk.Kind.MARKETING,
        holdout=0.1,
        short_links=sk.ShortLinks("go.boutique.example"),
        allowed_hosts={"go.boutique.example"},
    )
    store = sk.Store(folder / "boutique.db")
    prices = sk.Prices.per_part(FR="0.045", GP="0.0715", MQ="0.0715", GF="0.0715", RE="0.0715", YT="0.0715")
    plan = campaign.plan(at="2026-06-24 12:00", prices=prices, store=store)
    print(plan, "\n")

    print("── 3. The run, in the sandbox: it plays receipts, clicks and STOP replies on a clock of its own\n")
    sandbox = sk.Sandbox(seed=7)
    run = plan.send(sandbox)
    print(run, "\n")
    print(sandbox.outbox[0], "\n")

    print("── 4. The report, with the orders of the week joined by code, link and telephone\n")
    report = run.report(orders=folder / "commandes.csv", attribution=sk.Attribution(codes="ETE15"))
    print(report, "\n")

    print("── 5. Whoever said STOP is on the list, and in no further plan\n")
    again = sk.Campaign("soldes-derniers-jours", message, to=contacts.where(active), sender="MABOUTIQUE",
                        kind=sk.Kind.MARKETING, short_links=sk.ShortLinks("go.boutique.example"),
                        allowed_hosts={"go.boutique.example"})  # fmt: skip
    print(again.plan(at="2026-06-26 12:00", prices=prices, store=store))
    store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The main job of smskit, end to end.")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="a folder to leave the files in")
    wanted = parser.parse_args()
    if wanted.keep:
        wanted.keep.mkdir(parents=True, exist_ok=True)
        main(wanted.keep, wanted.rows)
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder), wanted.rows)
