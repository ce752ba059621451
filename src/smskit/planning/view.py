"""How a plan reads on a terminal and in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smskit.display import Facts, Line, Note, Sum, View

if TYPE_CHECKING:
    from smskit.planning.plan import Plan

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def plan_view(plan: Plan) -> View:
    """Give the plan as a title, its account, its price, its reasons and its warnings."""
    inputs, account = plan.inputs, plan.account
    campaign = inputs.campaign
    local = inputs.at.astimezone(campaign.zone)
    title = " · ".join(
        (
            campaign.id,
            campaign.kind.value,
            campaign.sender,
            f"{_DAYS[local.weekday()]} {local:%Y-%m-%d %H:%M} {campaign.zone.key}",
            f"rules {plan.editions}",
        )
    )
    terms = [("to send", account.to_send)]
    if account.held_out:
        terms.append(("hold-out", account.held_out))
    if account.deferred:
        terms.append(("deferred", account.deferred))
    terms.append(("blocked", sum(account.blocked.values())))
    return View(
        title,
        Sum(("rows read", account.rows), *terms),
        Facts(("parts", plan.parts), ("cost", str(plan.cost))),
        *((Line(longer_sentence(plan)),) if plan.longer else ()),
        Facts(*((reason.value, count) for reason, count in account.blocked.items()), title="blocked"),
        Facts(*((place, f"{at.astimezone(campaign.zone):%Y-%m-%d %H:%M}") for place, at in plan.openings.items()),
              title="deferred until"),
        Facts(*((f"{change.before!r} → {change.after!r}", count) for change, count in plan.changes.items()),
              title="replaced"),
        Note(*plan.warnings),
    )  # fmt: skip


def longer_sentence(plan: Plan) -> str:
    """Give why some messages need more parts than most, with an example."""
    longer = plan.longer
    if longer is None:
        return ""
    sentence = f"{longer.messages:,} messages need up to {longer.most_parts} parts".replace(",", "\N{NARROW NO-BREAK SPACE}")
    if longer.variable:
        sentence += f': {longer.variable} "{longer.value}" has {longer.character}'
    elif longer.character:
        sentence += f": the template has {longer.character}"
    if longer.saved:
        sentence += f'; fold="french" would save {longer.saved:,} parts'.replace(",", "\N{NARROW NO-BREAK SPACE}")
    return sentence
