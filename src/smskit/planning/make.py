"""Making a plan: every batch through the pipeline, then the sums, the digest and the warnings."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import blake2b

from smskit import encoding
from smskit.errors import MissingPrice
from smskit.planning.account import Longer, PlanAccount
from smskit.planning.channels import Channels
from smskit.planning.inputs import Inputs
from smskit.planning.pipeline import BATCH, Pipeline
from smskit.planning.plan import Plan
from smskit.planning.rich import Handset
from smskit.planning.rows import DEFERRED, HELD_OUT, TO_SEND
from smskit.planning.warnings import warnings_of
from smskit.stores import MemoryStore


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
        warnings=tuple(warnings_of(pipeline, inputs, account)),
        digest=_digest(inputs, pipeline),
        texts_digest=pipeline.texts.digest(),
        editions=pipeline.desk.editions,
        rows=rows,
        flipped=frozenset(pipeline.flipped),
        store=inputs.store if inputs.store is not None else MemoryStore(),
        channels=_channels(pipeline, account) if inputs.rich is not None else None,
    )


def _channels(pipeline: Pipeline, account: PlanAccount) -> Channels:
    messages = dict(+pipeline.rich_messages)
    return Channels(
        messages, dict(+pipeline.behind_by_country), account.to_send + account.deferred - sum(messages.values()),
        {handset: pipeline.divided[handset] for handset in Handset if pipeline.divided[handset]},
    )  # fmt: skip


def _longer(pipeline: Pipeline) -> Longer | None:
    parts = Counter(pipeline.rows.parts)
    del parts[0]
    if not parts:
        return None
    (usual, messages), saved = parts.most_common(1)[0], sum(pipeline.rows.savings)
    # Where all need the same and folding would help all, all of them are too long.
    more = sum(count for number, count in parts.items() if number > usual) or (messages if saved else 0)
    if not more:
        return None
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


def _digest(inputs: Inputs, pipeline: Pipeline) -> str:
    campaign = inputs.campaign
    told = (
        campaign.id, campaign.kind.value, campaign.sender, inputs.at.isoformat(), inputs.rules.version,
        inputs.profile.value, repr(sorted(inputs.prices.per_part_micros.items())), inputs.prices.currency,
        repr([(arm, message.template.source, sorted(message.links.items())) for arm, message in campaign.arms.items()]),
        repr([segment.to_json() for segment in campaign.to.segments]),
        repr((campaign.short_links, campaign.budget_micros, campaign.cap)),
        repr(sorted((place, opening.isoformat()) for place, opening in pipeline.openings.items())),
        # Left out where there is none, so that such plans keep the digest that they always had.
        *((repr(campaign.validity),) if campaign.validity else ()),
        *_rich_told(inputs),
    )  # fmt: skip
    digest = blake2b("\0".join(told).encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(pipeline.rows.numbers.tobytes())
    digest.update(pipeline.rows.codes)
    digest.update(pipeline.rows.rich)
    digest.update(pipeline.texts.digest().encode())
    return digest.hexdigest()


def _rich_told(inputs: Inputs) -> tuple[str, ...]:
    campaign, rich = inputs.campaign, inputs.rich
    if rich is None:
        return ()
    contents = [
        (arm, json.dumps(one.message.payload(), sort_keys=True), sorted(one.links.items()))
        for arm, one in campaign.rich_arms.items()
    ]
    fallback = campaign.fallback
    falling = None if fallback is None else (sorted(one.value for one in fallback.on), fallback.after)
    return repr(contents), repr(falling), repr(rich.prices), rich.agent
