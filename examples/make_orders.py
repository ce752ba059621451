"""Writes the orders of a shop after a run: some would have come anyway, and some came because of the message.

Nobody in it exists. The same run and seed write the same orders.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from smskit import Run
from smskit.kinds import DeliveryStatus
from smskit.records import Send


def orders(run: Run, anyway: float, by_arm: Mapping[str, float], seed: int = 1) -> Iterator[tuple[str, ...]]:
    """Draw who bought within five days.

    Args:
        run: what was sent.
        anyway: share of those who buy without a message, 0.03 for three in a hundred.
        by_arm: share of those who buy with the message of each arm; without an experiment the arm is ``""``.
        seed: another one, other buyers.
    """
    draw = random.Random(f"{seed} {run.record.campaign}")
    for send in run.sends():
        # A message that did not arrive makes nobody buy.
        share = by_arm.get(send.arm, anyway) if send.status is DeliveryStatus.DELIVERED else anyway
        if draw.random() < share:
            yield _order(draw, send, run)


def _order(draw: random.Random, send: Send, run: Run) -> tuple[str, ...]:
    start = send.status_at or run.record.at
    at = start + timedelta(minutes=min(draw.expovariate(1 / 400) + 4, 7000))
    euros = f"{draw.lognormvariate(3.6, 0.5):.2f}".replace(".", ",")
    return (f"{at:%Y-%m-%dT%H:%M:%S%z}", f"{euros} €", "", f"+{send.number}")


def write_orders(path: Path, run: Run, anyway: float, by_arm: Mapping[str, float], seed: int = 1) -> Path:
    """Write them as a shop's till exports them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(("Date", "Montant", "Code promo", "Téléphone"))
        writer.writerows(orders(run, anyway, by_arm, seed))
    return path
