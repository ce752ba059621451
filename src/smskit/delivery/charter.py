"""What a run carries with it as JSON, so that any process can resume it under the same rules years later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import cast

from attrs import asdict, field, frozen

from smskit.compliance import CampaignFacts, CustomerBasis, Declaration, Desk, Profile, Rules, Sector
from smskit.delivery.guard import Limits
from smskit.errors import StoreFormat
from smskit.kinds import Kind
from smskit.protocols import StopForm, Window

VERSION = 1

Json = Mapping[str, object]


@frozen
class Charter:
    """Under which facts, profile and limits a run is sent.

    Args:
        facts: what compliance may know.
        profile: how strictly hours are read.
        limits: caps, budget, validity.
        rules_version: what was in force when it was planned.
        record: the plan's own account (prices, segment, template, totals), for whoever asks years later.
        is_test: a test to oneself, counted without a way to object.
        carrier: name of the transport that it was loaded for; empty when that is not known. Another one that knows
            nothing of a message in doubt has not proved anything.
    """

    facts: CampaignFacts
    profile: Profile
    limits: Limits
    rules_version: str
    record: Json = field(factory=dict[str, object])
    is_test: bool = False
    carrier: str = ""

    def desk(self, rules: Rules | None = None) -> Desk:
        """Give the desk that looks at this run; *rules* are those of the caller, or the packaged ones."""
        return (rules or Rules.default()).desk(self.facts, profile=self.profile)

    def to_json(self) -> str:
        """Write it, keys sorted, so that the same charter is the same text."""
        facts = self.facts
        told = {
            "version": VERSION,
            "profile": self.profile.value,
            "rules_version": self.rules_version,
            "limits": asdict(self.limits),
            "is_test": self.is_test,
            "carrier": self.carrier,
            "facts": {
                "kind": facts.kind.value,
                "sender": facts.sender,
                "text": facts.text,
                "at": facts.at.isoformat(),
                "advertiser": facts.advertiser,
                "sector": facts.sector.value if facts.sector else None,
                "declarations": sorted(declared.value for declared in facts.declarations),
                "allowed_hosts": None if facts.allowed_hosts is None else sorted(facts.allowed_hosts),
                "stop": {place: asdict(form) for place, form in facts.stop.items()},
                "windows": {place: _window_to_json(window) for place, window in facts.windows.items()},
                "customers": asdict(facts.customers) if facts.customers else None,
                "strict_consent": facts.strict_consent,
                "votes": sorted(day.isoformat() for day in facts.votes),
            },
            "record": self.record,
        }
        return json.dumps(told, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Charter:
        """Read it.

        Raises:
            StoreFormat: a newer smskit wrote it.
        """
        told = json.loads(text)
        if told["version"] != VERSION:
            raise StoreFormat("the run", f"its charter has version {told['version']}; update smskit to resume it")
        facts = told["facts"]
        return cls(
            CampaignFacts(
                kind=Kind(facts["kind"]),
                sender=facts["sender"],
                text=facts["text"],
                at=datetime.fromisoformat(facts["at"]),
                advertiser=facts["advertiser"],
                sector=Sector(facts["sector"]) if facts["sector"] else None,
                declarations=frozenset(Declaration(declared) for declared in facts["declarations"]),
                allowed_hosts=None if facts["allowed_hosts"] is None else frozenset(facts["allowed_hosts"]),
                stop={place: StopForm(**form) for place, form in facts["stop"].items()},
                windows={place: _window_from_json(window) for place, window in facts["windows"].items()},
                customers=CustomerBasis(**facts["customers"]) if facts["customers"] else None,
                strict_consent=facts["strict_consent"],
                votes=frozenset(date.fromisoformat(day) for day in facts["votes"]),
            ),
            Profile(told["profile"]),
            Limits(**told["limits"]),
            told["rules_version"],
            told["record"],
            # Charters of an earlier smskit do not say.
            told.get("is_test", False),
            told.get("carrier", ""),
        )


def _window_to_json(window: Window) -> Json:
    return {
        "opens": window.opens.isoformat(),
        "closes": window.closes.isoformat(),
        "weekdays": sorted(window.weekdays),
        "holidays": window.holidays,
    }


def _window_from_json(told: Mapping[str, object]) -> Window:
    weekdays = cast("list[int]", told["weekdays"])
    return Window(
        time.fromisoformat(str(told["opens"])),
        time.fromisoformat(str(told["closes"])),
        frozenset(weekdays),
        holidays=bool(told["holidays"]),
    )
