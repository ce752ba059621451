"""A bad day of Google's, on real sockets: nobody twice, nobody lost, and whoever has it is known to have it."""

from __future__ import annotations

import asyncio
import threading
from random import Random

import pytest
from attrs import evolve
from tests.transports.providers.test_rbm import rich

from smskit import rcs
from smskit.errors import TransportError
from smskit.kinds import FailureClass
from smskit.records import Accepted, Outcome, Outgoing, Postponed, Taken, Unanswered
from smskit.testing import FakeRbm
from smskit.testing.rbm import RbmFault, RbmState
from smskit.transports import AsyncClient, Client, HttpOptions, ServiceAccount

COUNT = 300
EVERYTHING = tuple(RbmFault)
OPTIONS = HttpOptions(read_s=0.3)


async def no_sleep(_: float) -> None:
    await asyncio.sleep(0)


def submitted(google: FakeRbm, messages: list[Outgoing]) -> tuple[Outcome, ...]:
    async def main() -> tuple[Outcome, ...]:
        async with AsyncClient(google.transport(), attempts=4, options=OPTIONS, sleep=no_sleep) as client:
            return await client.submit(messages)

    return asyncio.run(main())


def go_wrong(google: FakeRbm, faults: tuple[RbmFault, ...], share: float, seed: int) -> None:
    random = Random(seed)
    while random.random() > 0.004:
        google.go_wrong(random.choice(faults), after=int(random.expovariate(share / (1 - share))), seconds=0.35)


DAYS = [
    # what                                    faults                                      of so many
    ("everything goes wrong now and then", EVERYTHING, 0.3),
    ("every second answer is lost", (RbmFault.TAKES_AND_RESETS,), 0.5),
    ("it breaks, and nobody knows after or before", (RbmFault.BREAKS, RbmFault.TAKES_AND_BREAKS), 0.6),
    ("half of the answers come in halves", (RbmFault.TAKES_AND_SAYS_HALF,), 0.5),
    ("too fast, two times of three", (RbmFault.THROTTLES,), 0.66),
]


@pytest.mark.parametrize(("faults", "share"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS])
def test_nobody_has_it_twice_and_whoever_has_it_is_known(faults, share):
    messages = [rich(seq=seq) for seq in range(COUNT)]
    with FakeRbm("MABOUTIQUE") as google:
        go_wrong(google, faults, share, seed=7)
        told = {outcome.reference: outcome for outcome in submitted(google, messages)}
        assert set(map(type, told.values())) <= {Accepted, Postponed, Unanswered}, "a bad day refuses nobody"
        here = {message.id for message in google.sent}
        accepted = {outcome.provider_id for outcome in told.values() if isinstance(outcome, Accepted)}
        assert accepted <= here, "accepted, and Google knows nothing of it"
        # What is in doubt is told again under the same id, as a run does with an idempotent carrier.
        for _ in range(50):
            left = [message for message in messages if not isinstance(told[message.reference], Accepted)]
            if not left:
                break
            told |= {outcome.reference: outcome for outcome in submitted(google, left)}
        assert {type(outcome) for outcome in told.values()} == {Accepted}
        assert sorted(message.number for message in google.sent) == [message.number for message in messages]
        if any(fault.is_taken for fault in faults):
            assert google.duplicates > 0, "nothing was ever lost, so nothing was tried"


def test_another_process_knows_a_message_by_the_same_id():
    with FakeRbm("MABOUTIQUE") as google:
        google.go_wrong(RbmFault.TAKES_AND_RESETS, times=9)
        with Client(google.transport(), sleep=lambda _: None) as client:
            assert client.submit([rich()]) == (Unanswered("run-0"),)
        google_again = google.transport(in_flight=1)  # as a process makes it that knows nothing of the first
        google.go_well()
        with Client(google_again) as client:
            (outcome,) = client.submit([rich()])
        assert isinstance(outcome, Accepted)
        assert len(google.sent) == 1
        assert google.duplicates == 3


def test_taking_back_on_a_bad_day():
    with FakeRbm("MABOUTIQUE") as google, Client(google.transport(), sleep=lambda _: None) as client:
        outcomes = client.submit([rich(seq=seq) for seq in range(4)])
        taken = [Taken(one.reference, 33612000000 + n, one.provider_id) for n, one in enumerate(outcomes)]
        google.deliver(33612000003)
        google.go_wrong(RbmFault.TAKES_AND_RESETS, path="agentMessages", times=2)
        google.go_wrong(RbmFault.IS_AWAY, path="agentMessages", after=1)
        assert client.revoke(taken) == {"run-0", "run-1", "run-2", "run-3"}
        assert [one.state for one in google.sent] == [RbmState.REVOKED] * 3 + [RbmState.DELIVERED]


def test_who_has_rcs_on_a_bad_day():
    with FakeRbm("MABOUTIQUE") as google, Client(google.transport(), sleep=lambda _: None) as client:
        numbers = range(33600000000, 33600010500)
        google.set_handset(*numbers[::3], has_rcs=False)
        google.go_wrong(RbmFault.THROTTLES)
        google.go_wrong(RbmFault.TAKES_AND_RESETS)
        reach = client.capabilities(numbers)
        assert sum(one.is_reachable for one in reach.capabilities) == 7000
        assert (reach.asked, reach.sampled) == (10_500, 7876)
        assert 0.62 < reach.reachable_in_sample / reach.sampled < 0.71
        google.go_wrong(RbmFault.IS_AWAY, times=9)
        with pytest.raises(TransportError):
            client.capabilities(numbers)


def test_what_a_handset_lacks_and_a_number_without_rcs_are_told_apart():

    carousel = rcs.RichMessage(rcs.Carousel([rcs.RichCard("1"), rcs.RichCard("2")]), traffic="promotion")
    with FakeRbm("MABOUTIQUE") as google, Client(google.transport()) as client:
        google.set_handset(33612000000, features=())
        google.set_handset(33612000001, has_rcs=False)
        outcomes = client.submit([rich(carousel, 0), rich(carousel, 1), rich("{}", 2), rich(carousel, 3)])
        assert [getattr(one, "failure", None) for one in outcomes] == [
            FailureClass.CAPABILITY_UNSUPPORTED,
            FailureClass.CHANNEL_UNAVAILABLE,
            FailureClass.CONTENT_INVALID,
            None,
        ]


def test_before_its_launch_an_agent_stops_a_run_and_rejects_nobody():

    with FakeRbm("MABOUTIQUE", is_launched=False) as google, Client(google.transport()) as client:
        assert client.run(google.transport().invite_tester(33612000000)) == "PENDING"
        google.accept_invitation(33612000000)
        outcomes = client.submit([rich(seq=seq) for seq in range(3)])
    assert isinstance(outcomes[0], Accepted)
    assert {outcome.failure for outcome in outcomes[1:]} == {FailureClass.PERMISSION}
    assert all(isinstance(outcome, Postponed) for outcome in outcomes[1:])


def test_uploaded_files_are_used_by_everybody():

    card = rcs.RichMessage(rcs.RichCard("a", media=rcs.Media("https://shop.example/a.jpg")), traffic="promotion")
    with FakeRbm("MABOUTIQUE") as google, Client(google.transport()) as client:
        rbm = google.transport()
        uploaded = client.run(rbm.with_uploads(card))
        assert client.run(rbm.with_uploads(card)) == uploaded
        outcomes = client.submit([rich(uploaded, seq) for seq in range(3)])
        assert {type(outcome) for outcome in outcomes} == {Accepted}
        assert len(google.files) == 1
        assert google.sent[0].message.content.media == evolve(card.content.media, url=google.files[0], uploaded=True)


def test_threads_share_an_account_whose_token_is_taken_back():
    pytest.importorskip("google.auth")
    outcomes: list[Outcome] = []
    with FakeRbm("MABOUTIQUE") as google:
        transport = google.transport(token=ServiceAccount(google.key_file()))

        def send(place: int) -> None:
            with Client(transport) as client:
                for n in range(10):
                    outcomes.extend(client.submit([rich(seq=place * 10 + n)]))
                    if n == 4:
                        google.take_tokens_back()

        threads = [threading.Thread(target=send, args=(place,)) for place in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(google.sent) == 40
    assert [type(one) for one in outcomes] == [Accepted] * 40
