"""Making a plan: every batch through the pipeline, then the sums, the digest and the warnings."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b

from smskit import encoding
from smskit.errors import MissingPrice
from smskit.kinds import Kind
from smskit.metrics import detectable_lift
from smskit.planning.account import Longer, PlanAccount
from smskit.planning.inputs import Inputs
from smskit.planning.pipeline import BATCH, Pipeline
from smskit.planning.plan import Plan
from smskit.planning.rows import DEFERRED, HELD_OUT, TO_SEND, Rows
from smskit.stores import MemoryStore

SMALL = 200
"""Fewer recipients than this show no difference that a campaign makes; and each costs the same work."""


def make_plan(inputs: Inputs) -> Plan:
    """Plan *inputs*.

    Raises:
        MissingPrice: contacts in a territory without a price, unless the price list says to leave them out.
        UnknownColumn: the message or a segment names a column that the contacts do not have.
    """
    pipeline = Pipeline(inputs)
    for batch in inputs.campaign.to.batches(BATCH):
        pipeline.take(batch)
    if pipeline.unpriced and inputs.prices.without_price == "refuse":
        raise MissingPrice(dict(pipeline.unpriced.most_common()))
    rows = pipeline.rows
    deferred = rows.count(DEFERRED)
    account = PlanAccount(len(rows), rows.count(TO_SEND), rows.count(HELD_OUT), deferred, rows.reasons())
    return Plan(
        inputs=inputs,
        account=account,
        parts_by_country=dict(+pipeline.parts_by_country),
        openings=pipeline.openings if deferred else {},
        longer=_longer(pipeline),
        changes=dict(pipeline.changes),
        warnings=tuple(_warnings(pipeline, inputs, account)),
        digest=_digest(inputs, pipeline),
        texts_digest=pipeline.texts.digest(),
        editions=pipeline.desk.editions,
        rows=rows,
        flipped=frozenset(pipeline.flipped),
        store=inputs.store if inputs.store is not None else MemoryStore(),
    )


def _longer(pipeline: Pipeline) -> Longer | None:
    rows: Rows = pipeline.rows
    parts = Counter(rows.parts)
    del parts[0]
    if len(parts) < 2 and not any(rows.savings):
        return None
    usual = min(parts.most_common(1)[0][0], *parts) if len(parts) == 1 else parts.most_common(1)[0][0]
    more = sum(count for number, count in parts.items() if number > usual)
    saved = sum(rows.savings)
    if not more and not saved:
        return None
    if not more:
        more = parts[usual]
    longer = Longer(more, max(parts), saved)
    return longer if pipeline.example is None else _with_example(longer, pipeline)


def _with_example(longer: Longer, pipeline: Pipeline) -> Longer:
    assert pipeline.example is not None
    batch, row, text = pipeline.example
    culprit = encoding.measure(text).culprit
    if culprit is None:
        return longer
    for wording in pipeline.texts.wordings.values():
        for column in wording.columns:
            value = batch.columns[column][row]
            if culprit in value:
                return Longer(longer.messages, longer.most_parts, longer.saved, culprit, column, value)
    return Longer(longer.messages, longer.most_parts, longer.saved, culprit)


def _warnings(pipeline: Pipeline, inputs: Inputs, account: PlanAccount) -> list[str]:
    campaign, store = inputs.campaign, inputs.store
    told = [str(finding) for finding in pipeline.desk.warnings]
    if pipeline.desk.kind is not campaign.kind:
        told.append(
            f"the text sells: the rules of {pipeline.desk.kind.value} apply, not those of {campaign.kind.value}"
        )
    if account.held_out:
        lift = detectable_lift(account.to_send + account.deferred, account.held_out)
        told.append(
            f"a hold-out of {account.held_out} only detects a lift of {lift * 100:.1f} points or more (base 5 %)"
        )
    if campaign.to.segments and campaign.kind is Kind.MARKETING and 0 < account.to_send < SMALL:
        told.append(
            f"only {account.to_send} recipients: too few to tell whether it worked; a wider segment may be worth it"
        )
    if account.deferred:
        told.append(f"{account.deferred} contacts wait for the opening of their hours; run.resume() sends them then")
    for run in store.runs(campaign.id) if store is not None else ():
        left = store.account(run.run_id).remaining if store is not None else 0
        if left:
            told.append(f"run {run.run_id} of this campaign still has {left} to send: resume or cancel it")
    return told


def _digest(inputs: Inputs, pipeline: Pipeline) -> str:
    campaign = inputs.campaign
    told = (
        campaign.id, campaign.kind.value, campaign.sender, inputs.at.isoformat(), inputs.rules.version,
        inputs.profile.value, repr(sorted(inputs.prices.per_part_micros.items())), inputs.prices.currency,
        repr([(arm, message.template.source, sorted(message.links.items())) for arm, message in campaign.arms.items()]),
        repr([segment.to_json() for segment in campaign.to.segments]),
        repr((campaign.short_links, campaign.budget_micros, campaign.cap)),
        repr(sorted((place, opening.isoformat()) for place, opening in pipeline.openings.items())),
    )  # fmt: skip
    digest = blake2b("\0".join(told).encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(pipeline.rows.numbers.tobytes())
    digest.update(pipeline.rows.codes)
    digest.update(pipeline.texts.digest().encode())
    return digest.hexdigest()
