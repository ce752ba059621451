"""Which messages over RCS an SMS takes the place of: a table, both sides of each boundary."""

from __future__ import annotations

import pytest
from attrs import evolve
from tests.delivery.two_ways import ALL, NOON

from smskit.delivery.falling_back import condition_of, other_ways
from smskit.delivery.guard import Limits
from smskit.kinds import DeliveryStatus, FailureClass, FallbackCondition, SendState
from smskit.records import Send

ACCEPTED, REJECTED, IN_DOUBT = SendState.ACCEPTED, SendState.REJECTED, SendState.SUBMITTING
UNAVAILABLE, CAPABILITY, EXPIRED, AGENT_ERROR = FallbackCondition
S, F = DeliveryStatus, FailureClass

CASES = [
    # what                                               state      status           failure                     why
    ("nothing is known yet",                             ACCEPTED,  None,            None,                       None),
    ("it is in doubt",                                   IN_DOUBT,  None,            None,                       None),
    ("in doubt, and the last try failed",                IN_DOUBT,  None,            F.CHANNEL_UNAVAILABLE,      None),
    ("it waits for its turn",                            SendState.PLANNED, None,    F.CHANNEL_UNAVAILABLE,      None),
    ("it was stopped at the last look",                  SendState.CANCELLED, None,  None,                       None),
    ("it is on its way",                                 ACCEPTED,  S.SENT,          None,                       None),
    ("it is on its way, whatever reason was told",       ACCEPTED,  S.SENT,          F.CHANNEL_UNAVAILABLE,      None),
    ("it was delivered",                                 ACCEPTED,  S.DELIVERED,     None,                       None),
    ("it was read",                                      ACCEPTED,  S.READ,          None,                       None),
    ("delivered though it was refused",                  REJECTED,  S.DELIVERED,     F.CHANNEL_UNAVAILABLE,      None),
    ("sent though it was refused",                       REJECTED,  S.SENT,          F.CHANNEL_UNAVAILABLE,      None),
    ("the carrier will never know",                      ACCEPTED,  S.UNKNOWN,       None,                       None),
    ("it will never know, and names a reason",           ACCEPTED,  S.UNKNOWN,       F.CHANNEL_UNAVAILABLE,      None),
    ("refused, and then it will never know",             REJECTED,  S.UNKNOWN,       F.CHANNEL_UNAVAILABLE,      None),
    ("refused: the number has no RCS",                   REJECTED,  None,            F.CHANNEL_UNAVAILABLE,      UNAVAILABLE),
    ("refused: unknown to the agent",                    REJECTED,  None,            F.UNKNOWN_SUBSCRIBER,       UNAVAILABLE),
    ("refused: cannot be reached",                       REJECTED,  None,            F.UNREACHABLE,              UNAVAILABLE),
    ("refused: no route to its network",                 REJECTED,  None,            F.ROUTE_UNAVAILABLE,        UNAVAILABLE),
    ("refused: the handset lacks something",             REJECTED,  None,            F.CAPABILITY_UNSUPPORTED,   CAPABILITY),
    ("refused: its time was over",                       REJECTED,  None,            F.VALIDITY_EXPIRED,         EXPIRED),
    ("refused: nobody may use the agent",                REJECTED,  None,            F.PERMISSION,               AGENT_ERROR),
    ("refused: the message makes no sense",              REJECTED,  None,            F.CONTENT_INVALID,          AGENT_ERROR),
    ("refused: our request makes no sense",              REJECTED,  None,            F.BAD_REQUEST,              AGENT_ERROR),
    ("refused: the sender is not registered",            REJECTED,  None,            F.SENDER_UNREGISTERED,      AGENT_ERROR),
    ("refused: the carrier cannot carry it",             REJECTED,  None,            F.UNSUPPORTED,              AGENT_ERROR),
    ("refused: the platform is at fault",                REJECTED,  None,            F.PROVIDER_ERROR,           AGENT_ERROR),
    ("refused without a reason",                         REJECTED,  None,            None,                       None),
    ("refused for a reason that nobody understands",     REJECTED,  None,            F.UNSPECIFIED,              None),
    ("refused: the person objected",                     REJECTED,  None,            F.OPTED_OUT,                None),
    ("refused: policy",                                  REJECTED,  None,            F.POLICY,                   None),
    ("refused: spam",                                    REJECTED,  None,            F.SPAM_FILTER,              None),
    ("refused: no credit, which stops the run",          REJECTED,  None,            F.INSUFFICIENT_CREDIT,      None),
    ("refused: a number that does not exist",            REJECTED,  None,            F.INVALID_NUMBER,           None),
    ("refused: it has this message already",             REJECTED,  None,            F.DUPLICATE,                None),
    ("a receipt: expired",                               ACCEPTED,  S.EXPIRED,       None,                       EXPIRED),
    ("a receipt: expired, with its reason",              ACCEPTED,  S.EXPIRED,       F.VALIDITY_EXPIRED,         EXPIRED),
    ("a receipt: taken back",                            ACCEPTED,  S.CANCELLED,     None,                       EXPIRED),
    ("a receipt: undelivered, without a reason",         ACCEPTED,  S.UNDELIVERED,   None,                       UNAVAILABLE),
    ("a receipt: undelivered, for no known reason",      ACCEPTED,  S.UNDELIVERED,   F.UNSPECIFIED,              UNAVAILABLE),
    ("a receipt: undelivered, the handset lacks it",     ACCEPTED,  S.UNDELIVERED,   F.CAPABILITY_UNSUPPORTED,   CAPABILITY),
    ("a receipt: undelivered, the handset failed",       ACCEPTED,  S.UNDELIVERED,   F.HANDSET_ERROR,            CAPABILITY),
    ("a receipt: undelivered, the person objected",      ACCEPTED,  S.UNDELIVERED,   F.OPTED_OUT,                None),
    ("a receipt: undelivered, spam",                     ACCEPTED,  S.UNDELIVERED,   F.SPAM_FILTER,              None),
    ("a receipt: rejected, without a reason",            REJECTED,  S.REJECTED,      None,                       AGENT_ERROR),
    ("a receipt: rejected after it was taken",           ACCEPTED,  S.REJECTED,      None,                       AGENT_ERROR),
    ("a receipt: rejected, the number has no RCS",       ACCEPTED,  S.REJECTED,      F.CHANNEL_UNAVAILABLE,      UNAVAILABLE),
    ("a receipt: failed, without a reason",              ACCEPTED,  S.FAILED,        None,                       AGENT_ERROR),
    ("a receipt: failed, the carrier is at fault",       ACCEPTED,  S.FAILED,        F.CARRIER_ERROR,            AGENT_ERROR),
    ("a receipt: blocked, without a reason",             ACCEPTED,  S.BLOCKED,       None,                       None),
    ("a receipt: blocked, whatever its reason",          REJECTED,  S.BLOCKED,       F.CHANNEL_UNAVAILABLE,      None),
]  # fmt: skip

SEND = Send("run", 0, 2, 33612345678, "{}", 1, 80_000, "FR", 0, "", ACCEPTED, None, submitted_at=NOON)


@pytest.mark.parametrize(("state", "status", "failure", "why"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_why_the_place_of_a_message_may_be_taken(state, status, failure, why):
    assert condition_of(evolve(SEND, state=state, status=status, failure=failure)) is why


def test_every_status_is_in_the_table():
    assert {case[2] for case in CASES} == {
        None, *(status for status in DeliveryStatus if status not in (S.SCHEDULED, S.QUEUED, S.ACCEPTED))
    }  # fmt: skip


@pytest.mark.parametrize("status", [S.SCHEDULED, S.QUEUED, S.ACCEPTED])
def test_what_is_not_even_sent_is_under_way(status):
    assert condition_of(evolve(SEND, status=status, failure=F.CHANNEL_UNAVAILABLE)) is None


OTHER_WAYS = [
    # what                  conditions       failures that another message makes good, among others       and that none does
    ("none",                (),              set(),                                                      set(F)),
    ("unavailable",         ("unavailable",), {F.CHANNEL_UNAVAILABLE, F.UNREACHABLE},                    {F.PERMISSION, F.CAPABILITY_UNSUPPORTED, F.VALIDITY_EXPIRED}),
    ("capability",          ("capability",), {F.CAPABILITY_UNSUPPORTED, F.HANDSET_ERROR},                {F.PERMISSION, F.CHANNEL_UNAVAILABLE}),
    ("expired",             ("expired",),    {F.VALIDITY_EXPIRED},                                       {F.PERMISSION, F.CHANNEL_UNAVAILABLE}),
    ("agent error",         ("agent_error",), {F.PERMISSION, F.SENDER_UNREGISTERED},                     {F.CHANNEL_UNAVAILABLE, F.INSUFFICIENT_CREDIT, F.AUTH, F.ACCOUNT, F.QUOTA_EXCEEDED}),
    ("all four",            ALL,             {F.PERMISSION, F.CHANNEL_UNAVAILABLE, F.VALIDITY_EXPIRED},  {F.INSUFFICIENT_CREDIT, F.AUTH, F.OPTED_OUT, F.SPAM_FILTER, F.POLICY, F.UNSPECIFIED}),
]  # fmt: skip


@pytest.mark.parametrize(("on", "mended", "not_mended"), [c[1:] for c in OTHER_WAYS], ids=[c[0] for c in OTHER_WAYS])
def test_which_failures_go_another_way(on, mended, not_mended):
    ways = other_ways(Limits(fallback_on=on))
    assert mended <= ways
    assert not not_mended & ways


def test_no_failure_of_credit_or_key_is_ever_a_condition():
    """Somebody has to mend it, and the SMS of the same account would meet it too."""
    of_account = {failure for failure in F if failure.is_of_account}
    assert {failure for failure in of_account if FallbackCondition.of(failure)} == {F.PERMISSION}
