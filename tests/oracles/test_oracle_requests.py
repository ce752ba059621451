"""Our requests beside those of the carriers' own packages: the same, but for what stands in the table with its reason.

Both are caught by the same server, on the same name, with the same certificate. A row that is not needed any more
fails as much as a difference that no row explains.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from tests.oracles.packages import ORACLES

NOTHING = "<nothing>"
Alike = Callable[[object, object], bool]


def only_ours(value: object) -> Alike:
    return lambda theirs, ours: theirs == NOTHING and ours == value


def only_theirs(value: object) -> Alike:
    return lambda theirs, ours: theirs == value and ours == NOTHING


def both(theirs_says: object, ours_says: object) -> Alike:
    return lambda theirs, ours: (theirs, ours) == (theirs_says, ours_says)


def same_instant(theirs: object, ours: object) -> bool:
    texts = [text[0] if isinstance(text, list) else str(text) for text in (theirs, ours)]
    one, other = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in texts)
    return one == other and one.utcoffset() is not None


def a_second_apart(theirs: object, ours: object) -> bool:
    return abs(int(str(theirs)) - int(str(ours))) <= 1


def anything(theirs: object, ours: object) -> bool:
    return NOTHING not in (theirs, ours)


def same_numbers(theirs: object, ours: object) -> bool:
    return isinstance(theirs, str) and theirs.split(",") == ours


def joined_by_commas(theirs: object, ours: object) -> bool:
    return isinstance(theirs, list) and [",".join(theirs)] == ours


NO_BODY = (
    "content-type",
    lambda theirs, ours: bool(theirs) and ours == "",
    "what has no body has no kind of body: some packages say one all the same",
)

DIFFERENCES: Mapping[str, Sequence[tuple[str, Alike, str]]] = {
    # what differs, how, and why
    "twilio": [],
    "twilio_key": [],
    "sinch_project": [],
    "vonage_sms": [
        ("body.status-report-req", both("True", "true"), "the package writes the truth as Python does; the document has a boolean"),
    ],
    "vonage_messages": [],
    "sinch": [
        ("body.send_at", same_instant, "the same instant, with and without milliseconds"),
        ("body.expire_at", same_instant, "the same instant, with and without milliseconds"),
    ],
    "infobip": [
        ("body.messages[].content.language.singleShift", only_theirs(False), "the package writes its default; no table is shifted without a language either"),
        ("body.messages[].content.language.lockingShift", only_theirs(False), "the package writes its default; no table is shifted without a language either"),
        ("body.options.tracking.removeProtocol", only_theirs(False), "the package writes its default"),
        ("body.options.schedule.sendAt", same_instant, "the same instant; the document writes milliseconds, as we do"),
    ],
    "plivo": [
        ("body.method", only_theirs("POST"), "without an address the package says all the same how to call it"),
    ],
    "telnyx": [
        ("body.send_at", same_instant, "the same instant: Z as the document writes it, and +00:00"),
    ],
    "messagebird": [
        ("body.recipients", same_numbers, "the package joins the numbers with commas; the document has an array, and Prism refuses the package's"),
    ],
    "ovhcloud": [
        ("headers.x-ovh-application", only_theirs("app-key"), "the package tells its key with the question for the time, which nobody has to sign"),
        ("headers.x-ovh-signature", anything, "it covers the bytes of the body, whose keys stand in another order: see test_oracle_signatures"),
    ],
    "brevo": [],
}  # fmt: skip


QUESTIONS: Mapping[str, Sequence[tuple[str, Alike, str]]] = {
    "twilio": [NO_BODY],
    "sinch": [
        NO_BODY,
        ("query.start_date", same_instant, "the same instant, with and without milliseconds"),
    ],
    "infobip": [
        ("query.messageId", joined_by_commas, "the document describes values with commas between them; the package repeats the name. What is not found stays in doubt"),
    ],
    "plivo": [NO_BODY],
    "telnyx": [NO_BODY],
    "messagebird": [
        NO_BODY,
        ("body", both({}, None), "the package sends an empty object with a DELETE"),
    ],
    "brevo": [],
}  # fmt: skip

# A clock ticks between the two, or does not: such a row may be needed or not.
MAY_DIFFER = {"headers.x-ovh-timestamp": a_second_apart}


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict) and (value or path == "headers"):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for place, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{place}]")
    else:
        yield path, value


def differences(ours: object, theirs: object) -> Mapping[str, tuple[object, object]]:
    """Give what is not alike, by its place: what the package says, what we say."""
    mine, other = dict(leaves(ours)), dict(leaves(theirs))
    return {
        place: (other.get(place, NOTHING), mine.get(place, NOTHING))
        for place in sorted({*mine, *other})
        if other.get(place, NOTHING) != mine.get(place, NOTHING)
    }


def compare(told: Mapping[str, Any], table: Sequence[tuple[str, Alike, str]]) -> None:
    rows = {place: alike for place, alike, _ in table} | MAY_DIFFER
    needed = set()
    for what, one in told.items():
        assert len(one["ours"]) == len(one["theirs"]) > 0, f"{what}: {one}"
        for ours, theirs in zip(one["ours"], one["theirs"], strict=True):
            for exactly, found in differences(ours, theirs).items():
                place = re.sub(r"\[\d+\]", "[]", exactly)
                difference = f"{what}: {place} is {found[0]!r} in theirs and {found[1]!r} in ours"
                assert place in rows, difference
                assert rows[place](*found), difference
                needed.add(place)
    assert needed | set(MAY_DIFFER) == set(rows), "a difference that is none any more"


@pytest.mark.parametrize("name", DIFFERENCES)
def test_our_requests_are_those_of_the_carriers_own_package(name: str, recorded: Callable[..., Any]):
    compare(recorded("requests", name), DIFFERENCES[name])


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_asked_afterwards_is_what_the_package_asks(name: str, recorded: Callable[..., Any]):
    """Look-ups, withdrawals, balances; OVHcloud's package takes any path, and Vonage's are other packages."""
    compare(recorded("questions", name), QUESTIONS[name])


@pytest.mark.parametrize("name", DIFFERENCES)
def test_what_the_carrier_answers_is_understood_by_both(name: str, recorded: Callable[..., Any]):
    for what, told in recorded("requests", name).items():
        assert told["error"] == "", f"{what}: the package"
        assert told["outcomes"], what
        assert all(outcome.startswith("Accepted(") for outcome in told["outcomes"]), f"{what}: {told['outcomes']}"


def test_every_carrier_with_a_package_is_compared():
    assert set(DIFFERENCES) == set(ORACLES)
