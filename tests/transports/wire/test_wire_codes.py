"""The table of carriers' codes: what is known means what it says, what is not known means nothing."""

from __future__ import annotations

import pytest

from smskit.kinds import DeliveryStatus, FailureClass, Retry
from smskit.transports.wire.codes import UNKNOWN, Codes, Meaning, _table

ROWS = [
    (provider, where, code, meaning)
    for provider, table in _table().items()
    for (where, code), meaning in table.items()
]  # fmt: skip

ARRIVED = {DeliveryStatus.DELIVERED, DeliveryStatus.READ}
ON_ITS_WAY = {DeliveryStatus.SCHEDULED, DeliveryStatus.QUEUED, DeliveryStatus.ACCEPTED, DeliveryStatus.SENT}


def test_the_table_is_there():
    assert len(ROWS) >= 392
    assert {"smsmode", "allmysms", "octopush", "brevo", "twilio", "vonage-sms", "infobip"} <= {row[0] for row in ROWS}


def test_what_arrived_or_is_on_its_way_has_no_failure_and_what_failed_has_one():
    for provider, where, code, meaning in ROWS:
        is_fine = meaning.status in ARRIVED | ON_ITS_WAY
        assert (meaning.failure is None) == is_fine, f"{provider} {where} {code}"


def test_only_words_that_say_so_mean_delivered():
    told = {f"{provider} {code}" for provider, _, code, meaning in ROWS if meaning.status is DeliveryStatus.DELIVERED}
    assert not {word for word in told if any(bad in word for bad in ("fail", "reject", "undeliv", "expire", "unknown"))}
    assert "infobip 2" not in told  # delivered to the operator, not to the handset


KNOWN = [
    # what                             provider    where                  code              means
    ("a word", "smsmode", "dlr", "DELIVERED", Meaning(DeliveryStatus.DELIVERED)),
    ("capitals do not matter", "sinch", "dlr.status", "DELIVERED", Meaning(DeliveryStatus.DELIVERED)),
    ("a number", "infobip", "status.id", 12, Meaning(DeliveryStatus.REJECTED, FailureClass.INSUFFICIENT_CREDIT, Retry.AFTER_FIX)),
    ("a number written as text", "infobip", "status.id", "12", Meaning(DeliveryStatus.REJECTED, FailureClass.INSUFFICIENT_CREDIT, Retry.AFTER_FIX)),
    ("a blacklist is an opposition", "twilio", "submit.code", 21610, Meaning(DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT, Retry.NEVER)),
    ("a code of another place", "smsmode", "dlr", "INSUFFICIENT_CREDIT", UNKNOWN),
    ("a code that nobody knows", "smsmode", "dlr", "TELEPORTED", UNKNOWN),
    ("nothing", "smsmode", "dlr", None, UNKNOWN),
    ("a provider that nobody knows", "carrier-pigeon", "dlr", "DELIVERED", UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(
    ("provider", "where", "code", "meaning"), [row[1:] for row in KNOWN], ids=[row[0] for row in KNOWN]
)
def test_a_code_means(provider, where, code, meaning):
    assert Codes.of(provider).meaning(where, code) == meaning


def test_what_nobody_knows_is_neither_a_success_nor_a_failure():
    assert (UNKNOWN.status, UNKNOWN.failure, UNKNOWN.retry, UNKNOWN.is_known) == (None, None, None, False)


def test_a_table_of_ones_own():
    codes = Codes.made({"receipt": {"OK": DeliveryStatus.DELIVERED}, "error": {"E1": FailureClass.THROTTLED}})
    assert codes.meaning("receipt", "ok") == Meaning(DeliveryStatus.DELIVERED)
    assert codes.meaning("error", "E1") == Meaning(DeliveryStatus.FAILED, FailureClass.THROTTLED, Retry.SAFE)
