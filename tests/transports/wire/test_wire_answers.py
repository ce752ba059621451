"""Why a request was not taken: what the carrier's own code says, and when the HTTP status says more."""

from __future__ import annotations

import pytest

from smskit.kinds import FailureClass, Retry
from smskit.protocols import Reply
from smskit.transports.wire.answers import Answer, Fault, fault_of_code

CREDIT, BROKEN, BAD = FailureClass.INSUFFICIENT_CREDIT, FailureClass.PROVIDER_ERROR, FailureClass.BAD_REQUEST
SLOW = FailureClass.THROTTLED
FIX, DOUBT, NEVER, SAFE = Retry.AFTER_FIX, Retry.AMBIGUOUS, Retry.NEVER, Retry.SAFE

FAULTS = [
    # what                                       status code     failure  retry   fault
    ("a code that is known", 400, "30", CREDIT, None, Fault(CREDIT, FIX, "30")),
    ("a code with a retry of its own", 400, "30", CREDIT, SAFE, Fault(CREDIT, SAFE, "30")),
    ("a code within a success", 200, "30", CREDIT, None, Fault(CREDIT, FIX, "30")),
    ("a code that nobody knows", 400, "77", None, None, Fault(BAD, NEVER, "77")),
    ("no code", 400, "", None, None, Fault(BAD, NEVER, "http-400")),
    ("a sentence is no code, but has its meaning", 400, "no credit left", CREDIT, None, Fault(CREDIT, FIX, "http-400")),
    ("a code after a 5xx", 500, "30", CREDIT, None, Fault(BROKEN, DOUBT, "30")),
    ("a code after a lost race", 409, "30", CREDIT, None, Fault(BROKEN, DOUBT, "30")),
    ("too fast, and for how long", 429, "9", SLOW, None, Fault(SLOW, SAFE, "9", 7.0)),
]


@pytest.mark.parametrize(
    ("status", "code", "failure", "retry", "fault"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_code_says_why_unless_the_work_may_have_been_done(
    status: int, code: str, failure: FailureClass | None, retry: Retry | None, fault: Fault
) -> None:
    headers = {"Retry-After": "7"} if status == 429 else {}
    assert fault_of_code(Answer(Reply(status, headers)), code, failure, retry) == fault
