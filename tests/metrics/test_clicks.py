from __future__ import annotations

import pytest

from smskit.errors import InvalidInput
from smskit.metrics import ClickRules, Moment, RequestRule, TimingRule

RULES = ClickRules.default()
SECOND = 1_000_000

REQUESTS = [
    # what                                   request                              rule
    ("asks about a page", "HEAD Mozilla/5.0 (iPhone)", "only-looks"),
    ("a messenger", "GET WhatsApp/2.23.20.0", "messenger-preview"),
    ("a social network", "GET facebookexternalhit/1.1", "messenger-preview"),
    ("a crawler", "GET Mozilla/5.0 (compatible; Googlebot/2.1)", "robot"),
    ("a gateway", "GET Mozilla/5.0 BarracudaURLScanner", "scanner"),
    ("a browser without a window", "GET Mozilla/5.0 HeadlessChrome/131", "headless"),
    ("a program", "GET python-requests/2.32", "program"),
    ("a telephone", "GET Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X)", None),
    ("nothing is known", "", None),
    ("no request at all", None, None),
]


@pytest.mark.parametrize(("request_text", "rule"), [row[1:] for row in REQUESTS], ids=[row[0] for row in REQUESTS])
def test_a_rule_names_what_it_knows(request_text: str | None, rule: str | None) -> None:
    assert RULES.by_request(request_text) == rule


TIMES = [
    # what                                  at     handed over  arrived  rule
    ("before the hand-over", -1, 0, 20, "at-hand-over"),
    ("less than 3 s after it", 2.9, 0, 20, "at-hand-over"),
    ("3 s after it", 3, 0, 20, None),
    ("as it arrives", 20, 0, 20, "at-arrival"),
    ("less than 3 s after that", 22.9, 0, 20, "at-arrival"),
    ("before it arrived, by a late receipt", 19, 0, 20, None),
    ("without a time of anything", -1, None, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("at", "over", "arrived", "rule"), [row[1:] for row in TIMES], ids=[row[0] for row in TIMES])
def test_a_rule_goes_by_the_time(at: float, over: int | None, arrived: int | None, rule: str | None) -> None:
    micros = [None if one is None else one * SECOND for one in (over, arrived)]
    assert RULES.by_time(round(at * SECOND), *micros) == rule


def test_rules_are_listed_switched_off_and_added_to() -> None:
    assert RULES.names[0] == "only-looks"
    assert len(RULES) == len(RULES.names) == 8
    assert all(rule.why for rule in RULES)
    fewer = RULES.without("only-looks", "at-arrival")
    assert set(RULES.names) - set(fewer.names) == {"only-looks", "at-arrival"}
    assert fewer.by_request("HEAD Mozilla/5.0") is None
    ours = RULES.plus(
        RequestRule("ours", "our own probe", "MyProbe"), TimingRule("slow", "a slow gateway", Moment.ARRIVAL, 60)
    )
    assert ours.by_request("GET myprobe/1") == "ours"
    assert ours.by_time(50 * SECOND, 0, 0) == "slow"
    assert RULES.by_request("GET myprobe/1") is None
    assert ClickRules().by_request("HEAD x") is ClickRules().by_time(0, 0, 0) is None


MISTAKES = [
    ("a rule without a name", lambda: RequestRule(" ", "x"), "needs a name"),
    ("no regular expression", lambda: RequestRule("x", "y", "("), "cannot be read"),
    ("a name that is there", lambda: RULES.plus(RequestRule("robot", "x")), "two rules are called robot"),
    ("a name that is not there", lambda: RULES.without("robots"), "there is no rule robots"),
]


@pytest.mark.parametrize(("make", "problem"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_told(make: object, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        make()  # type: ignore[operator]
