"""What a verdict costs, in calls of ``phonenumbers.parse`` and in microseconds per contact of a plan.

    python benchmarks/compliance.py

Ratios are taken in this run: slices of the function and of its yardstick alternate and the median of the pairs is
printed, so a machine that others use too matters little. Microseconds are the best of several slices and mean
something on a quiet machine only.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import phonenumbers

from smskit.compliance import CampaignFacts, CustomerBasis, Evidence, Request, Rules, decide
from smskit.kinds import Kind
from smskit.protocols import StopForm

CONTACTS = 20_000
BATCH = 1_000
AT = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
TEMPLATE = (
    "Bonjour $prenom, -15% sur toute la boutique jusqu'à dimanche avec votre carte de fidélité : $lien "
    "À très vite chez nous"
)
NAMES = ("Camille", "Jean", "Zoé", "Léa", "Anaïs", "Mohamed", "Chloé", "Théo", "Inès", "Lucas", "Hugo", "Jade")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def facts(text: str = TEMPLATE) -> CampaignFacts:
    return CampaignFacts(
        kind=Kind.MARKETING,
        sender="MABOUTIQUE",
        text=text,
        at=AT,
        allowed_hosts=frozenset({"bout.example"}),
        stop={"*": StopForm("STOP au 36180")},
        customers=CustomerBasis(
            same_entity=True, collected_from_person=True, similar_products=True, opt_out_offered=True, assessment="LIA"
        ),
    )


def ratio(function: Callable[[], object], yardstick: Callable[[], object], *, calls: int, pairs: int = 15) -> float:
    """Median of the time of *function* over the time of *yardstick*, slice by slice."""
    return statistics.median(slice_of(function, calls) / slice_of(yardstick, calls) for _ in range(pairs))


def slice_of(function: Callable[[], object], calls: int) -> float:
    begin = time.perf_counter()
    for _ in range(calls):
        function()
    return time.perf_counter() - begin


def people(count: int, seed: int) -> list[tuple[str, Evidence, str]]:
    """Territory, evidence and rendered text of *count* contacts; consent dates differ from person to person."""
    rnd = random.Random(seed)
    rows: list[tuple[str, Evidence, str]] = []
    for _ in range(count):
        given = AT - timedelta(days=rnd.randrange(1, 1400), seconds=rnd.randrange(86_400))
        evidence = Evidence(granted_at=given if rnd.random() < 0.9 else None, source=rnd.choice(("web", "caisse")))
        token = "".join(rnd.choices(LETTERS, k=7))
        text = TEMPLATE.replace("$prenom", rnd.choice(NAMES)).replace("$lien", f"https://bout.example/{token}")
        rows.append((rnd.choice(("FR",) * 18 + ("RE", "GP")), evidence, text))
    return rows


def plan(rows: list[tuple[str, Evidence, str]]) -> int:
    """Ask everything that a plan asks, once for each contact, from a desk that knows nothing yet."""
    desk = Rules.default().desk(facts())
    allowed = 0
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        broken = desk.content([text for _, _, text in batch])
        for place, (territory, evidence, text) in enumerate(batch):
            if desk.refusal(territory) or desk.basis(evidence, territory) or place in broken:
                continue
            desk.suffix(territory, text)
            allowed += desk.opening(territory, AT).finding is None
    return allowed


def main() -> None:
    Rules.default()
    fresh = iter(people(200_000, 7))
    desk = Rules.default().desk(facts())

    def verdict() -> object:
        territory, evidence, text = next(fresh)
        return (
            desk.refusal(territory), desk.basis(evidence, territory), desk.opening(territory, AT),
            desk.suffix(territory, text),
        )  # fmt: skip

    def parse() -> object:
        return phonenumbers.parse("+33612345678")

    verdict()
    print(f"verdict for one new person at a desk   {ratio(verdict, parse, calls=500):6.2f} parse  (budget 0.50)")
    shared, consent = facts(), Evidence(granted_at=AT, source="web")

    def shared_campaign() -> object:
        return decide(Request(territory="FR", facts=shared, evidence=consent))

    def own_text() -> object:
        return decide(Request(territory="FR", facts=facts(), evidence=consent))

    shared_campaign()
    print(f"decide(), campaign facts shared        {ratio(shared_campaign, parse, calls=200):6.2f} parse")
    print(f"decide(), a text of its own            {ratio(own_text, parse, calls=50):6.2f} parse")
    rows = people(CONTACTS, 1)
    plan(rows[:BATCH])
    best = min(slice_of(lambda: plan(rows), 1) for _ in range(5)) / CONTACTS * 1e6
    per_parse = min(slice_of(parse, 2_000) for _ in range(5)) / 2_000 * 1e6
    print(f"plan of {CONTACTS} contacts     {best:6.2f} us per contact (budget 2), parse {per_parse:.1f} us")
    texts = [text for _, _, text in rows[:BATCH]]
    reader = Rules.default().desk(facts())
    reader.content(texts)
    later = [[text for _, _, text in people(BATCH, seed)] for seed in range(2, 8)]
    slices = [slice_of(lambda batch=batch: reader.content(batch), 1) for batch in later]
    cost = statistics.median(slices) / BATCH * 1e6
    print(f"content of a rendered text             {cost:6.2f} us (budget: well under 1)")


if __name__ == "__main__":
    main()
