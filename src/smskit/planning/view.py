"""How a plan reads on a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from smskit.display import Block, Facts, Line, Note, Sum, View, grouped
from smskit.planning.account import Longer, PlanAccount
from smskit.planning.brief import Brief
from smskit.planning.inputs import Inputs
from smskit.planning.places import read_where
from smskit.planning.wording import Change

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def plan_view(
    inputs: Inputs,
    account: PlanAccount,
    longer: Longer | None,
    *,
    editions: str,
    parts: int,
    cost: str,
    openings: Mapping[str, datetime],
    changes: Mapping[Change, int],
    warnings: Sequence[str],
    channels: Iterable[Block] = (),
) -> View:
    """Give a plan as a title, its account, its price, its reasons and its warnings."""
    campaign = inputs.campaign
    return View(
        _title(campaign, inputs.at, editions),
        _sum(account),
        Facts(("parts", parts), ("cost", cost)),
        *channels,
        *((Line(_why_longer(longer)),) if longer else ()),
        Facts(*((reason.value, count) for reason, count in account.blocked.items()), title="blocked"),
        Facts(*_deferred(campaign, openings), title=f"deferred until ({campaign.zone.key})"),
        Facts(*((f"{change.before!r} → {change.after!r}", n) for change, n in changes.items()), title="replaced"),
        Note(*warnings),
    )


def _deferred(campaign: Brief, openings: Mapping[str, datetime]) -> Iterator[tuple[str, str]]:
    for where, at in sorted(openings.items(), key=lambda opening: (opening[1], opening[0])):
        yield _named(where), _local(campaign, at)


def _title(campaign: Brief, at: datetime, editions: str) -> str:
    day = _DAYS[at.astimezone(campaign.zone).weekday()]
    when = f"{day} {_local(campaign, at)} {campaign.zone.key}"
    return " · ".join((campaign.id, campaign.kind.value, campaign.sender, when, f"rules {editions}"))


def _named(where: str) -> str:
    place, zones = read_where(where)
    return f"{place} ({len(zones)} zones)" if zones and len(zones) > 2 else where


def _local(campaign: Brief, at: datetime) -> str:
    return f"{at.astimezone(campaign.zone):%Y-%m-%d %H:%M}"


def _sum(account: PlanAccount) -> Sum:
    terms = [("to send", account.to_send)]
    if account.held_out:
        terms.append(("hold-out", account.held_out))
    if account.deferred:
        terms.append(("deferred", account.deferred))
    return Sum(("rows read", account.rows), *terms, ("blocked", sum(account.blocked.values())))


def _why_longer(longer: Longer) -> str:
    up_to = "up to " if longer.most_parts > 2 else ""
    sentence = f"{grouped(longer.messages)} messages need {up_to}{longer.most_parts} parts"
    if longer.variable:
        sentence += f': {longer.variable} "{longer.value}" has {longer.character}'
    elif longer.character:
        sentence += f": the template has {longer.character}"
    return f'{sentence}; fold="french" would save {grouped(longer.saved)} parts' if longer.saved else sentence
