"""What whoever is about to send should read first, one sentence each."""

from __future__ import annotations

from collections.abc import Iterator

from smskit.display import Level
from smskit.kinds import Kind, Reason
from smskit.metrics import detectable_lift
from smskit.planning.account import PlanAccount
from smskit.planning.inputs import Inputs
from smskit.planning.pipeline import Pipeline
from smskit.planning.rich import Handset

SMALL = 200
"""Fewer recipients than this show no difference that a campaign makes; and each costs the same work."""


def warnings_of(pipeline: Pipeline, inputs: Inputs, account: PlanAccount) -> Iterator[str]:
    """Give the warnings of a plan."""
    campaign = inputs.campaign
    yield from _findings(pipeline)
    if pipeline.desk.kind is not campaign.kind:
        yield f"the text sells: the rules of {pipeline.desk.kind.value} apply, not those of {campaign.kind.value}"
    yield from _evidence(pipeline, inputs, account)
    if account.held_out:
        lift = detectable_lift(account.to_send + account.deferred, account.held_out)
        yield f"a hold-out of {account.held_out} only detects a lift of {lift * 100:.1f} points or more (base 5 %)"
    if campaign.to.segments and campaign.kind is Kind.MARKETING and 0 < account.to_send < SMALL:
        yield f"only {account.to_send} recipients: too few to tell whether it worked; a wider segment may be worth it"
    if rows := account.blocked.get(Reason.OPT_OUT_PATH_MISSING):
        yield (
            f"{rows} contacts would have no way to object: the transport has no STOP where they live; if it has, "
            "say so with its stop={'RE': StopForm(...)}"
        )
    if account.deferred:
        yield f"{account.deferred} contacts wait for the opening of their hours; run.resume() sends them then"
    yield from _rich(pipeline, inputs)
    yield from _unfinished(inputs)


def _rich(pipeline: Pipeline, inputs: Inputs) -> Iterator[str]:
    campaign, rich = inputs.campaign, inputs.rich
    if rich is None:
        return
    told: list[str] = []
    for arm, template in campaign.rich_arms.items():
        of_arm = f"arm {arm}: " if arm else ""
        found = (*template.findings(), *rich.losses.get(arm, ()), *template.message.lint())
        told += [f"{of_arm}{finding}" for finding in found if finding.level is not Level.INFO]
    yield from dict.fromkeys(told)
    if (unknown := pipeline.divided[Handset.UNKNOWN]) and not campaign.try_unknown:
        asked = "ask with plan.check_reach(transport) and plan again" if rich.agent else "this carrier cannot be asked"
        yield f"of {unknown} telephones nobody knows whether they have RCS: {asked}, or try them: try_unknown=True"
    fallback = campaign.fallback
    if fallback is None:
        return
    if fallback.after is None and campaign.validity is None:
        yield "Fallback(after=) is not set: a message to a phone that is off falls back when the platform gives it up"
    elif fallback.after is None:
        yield "Fallback(after=) is not set: a message to a phone that is off is given up when its SMS is too late, too"
    elif not (rich.can_revoke or rich.features.validity_s):
        yield f"{rich.name} cannot take a message back: only its own word that one failed lets the SMS leave"


def _findings(pipeline: Pipeline) -> Iterator[str]:
    # A country's row and the world's say the same of one address: once is enough.
    told = {(finding.reason, finding.detail): finding for finding in reversed(pipeline.desk.warnings)}
    for finding in reversed(told.values()):
        hint = "; name it in Campaign(allowed_hosts=...)" if finding.reason is Reason.URL_NOT_ALLOWED else ""
        yield f"{finding}{hint}"


def _evidence(pipeline: Pipeline, inputs: Inputs, account: PlanAccount) -> Iterator[str]:
    guessed, consent = pipeline.people.guessed, inputs.campaign.to.consent
    if guessed is not None:
        yield (
            f"column {guessed!r} looks like opt-outs and was obeyed as such; say so with "
            f"ConsentColumns(withdrawn_at={guessed!r})"
        )
    if pipeline.desk.kind is not Kind.MARKETING:
        return
    if consent is None and account.blocked.get(Reason.NO_CONSENT):
        yield "no column of consents was named; name it: Contacts.read(..., consent=ConsentColumns(granted_at=...))"
    elif consent is not None and consent.source is None and (rows := account.blocked.get(Reason.CONSENT_INVALID)):
        yield f"{rows} consents have no source and cannot be shown; name its column: ConsentColumns(source=...)"


def _unfinished(inputs: Inputs) -> Iterator[str]:
    store = inputs.store
    if store is None:
        return
    for run in store.runs(inputs.campaign.id):
        left = store.account(run.run_id).remaining
        if left:
            yield f"run {run.run_id} of this campaign still has {left} to send: resume or cancel it"
