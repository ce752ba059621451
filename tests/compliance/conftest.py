"""A lawful French campaign, from which each row of a table departs in one point."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from smskit.compliance import CampaignFacts, Desk, Profile, Rules
from smskit.kinds import Kind
from smskit.protocols import StopForm

PARIS = ZoneInfo("Europe/Paris")
WEDNESDAY_NOON = datetime(2026, 6, 24, 12, tzinfo=PARIS)


def lawful_facts(**changes: object) -> CampaignFacts:
    facts: dict[str, object] = {
        "kind": Kind.MARKETING,
        "sender": "MABOUTIQUE",
        "text": "Bonjour $prenom, la collection de printemps est chez nous.",
        "at": WEDNESDAY_NOON,
        "allowed_hosts": frozenset(),
        "stop": {"*": StopForm("STOP au 36180")},
    }
    return CampaignFacts(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.fixture
def facts() -> Callable[..., CampaignFacts]:
    return lawful_facts


@pytest.fixture
def ask() -> Callable[..., Desk]:
    """Open a desk; keyword arguments change the lawful campaign, ``profile`` and ``rules`` the desk."""

    def opened(*, profile: Profile = Profile.LAW, rules: Rules | None = None, **changes: object) -> Desk:
        return (rules or Rules.default()).desk(lawful_facts(**changes), profile=profile)

    return opened
