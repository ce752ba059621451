"""An account of a centre as a transport: opening, sending, texts, several binds, from any thread and loop, closing."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
import trustme
from attrs import evolve
from tests.transports.smpp.client_parts import account, centre_of, kinds_of, messages, submit

from smskit.encoding import GSM7
from smskit.errors import CarrierRefuses, InvalidInput, NaiveDatetime, TransportError, UnsupportedFeature
from smskit.kinds import FailureClass, Kind
from smskit.protocols import StopForm, Work
from smskit.records import Accepted, Postponed, Refused, Taken
from smskit.testing.smsc import SMSC, Fault
from smskit.testing.transports import TransportContract
from smskit.transports.client import AsyncClient, Client
from smskit.transports.drivers import drive
from smskit.transports.smpp import (
    BindTransmitter,
    DataSm,
    DataSmResp,
    Limits,
    Long,
    Profile,
    ReplaceSm,
    State,
    Status,
    SubmitMulti,
    Tag,
    tlv,
)
from smskit.transports.smpp.client import (
    BatchEnded,
    BindEnded,
    BindFailed,
    BindOpened,
    Centre,
    Conduct,
    Mode,
    Smpp,
    Throttled,
)
from smskit.transports.smpp.layouts import Destination

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def smsc() -> Iterator[SMSC]:
    with SMSC(accounts={"shop": "secret"}) as made:
        yield made


class TestSmppContract(TransportContract):
    @pytest.fixture(autouse=True)
    def _centre(self) -> Iterator[None]:
        self.open: list[Smpp] = []
        with SMSC() as self.smsc:
            yield
            for carrier in self.open:
                carrier.close()

    def make_transport(self) -> Smpp:
        self.open.append(account(self.smsc, largest_batch=40))
        return self.open[-1]


# ---------------------------------------------------------------- opening and closing


def test_a_batch_is_taken_and_each_message_has_the_id_of_the_centre(smsc):
    with account(smsc) as carrier:
        outcomes = submit(carrier, messages(30))
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 30
    assert {outcome.provider_id for outcome in outcomes} == {each.message_id for each in smsc.submissions}
    assert {outcome.parts for outcome in outcomes} == {1}
    smsc.assert_nothing_odd()
    assert smsc.connections == 0


def test_it_binds_when_something_is_sent_first(smsc):
    carrier = account(smsc)
    assert smsc.binds == ()
    flow = carrier.submit(messages(1))
    assert smsc.binds == ()
    assert kinds_of(drive(flow)) == ["Accepted"]
    carrier.close()


REFUSALS = [
    # what                                       status                      has a body
    ("a wrong password, without a body", Status.ESME_RINVPASWD, False),
    ("a wrong password, with a body", Status.ESME_RINVPASWD, True),
    ("a wrong system type", Status.ESME_RINVSYSTYP, False),
    ("an unknown system id", Status.ESME_RINVSYSID, True),
]


@pytest.mark.parametrize(("status", "has_body"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_what_somebody_has_to_mend_is_told_and_not_tried_again(smsc, status, has_body):
    smsc.refuse_bind(status, has_body=has_body, times=99)
    carrier = account(smsc)
    with pytest.raises(CarrierRefuses) as caught:
        carrier.connect()
    assert caught.value.code == status.name
    assert len(smsc.binds) == 1
    assert "secret" not in str(caught.value) + repr(carrier) + repr(carrier.centre)
    carrier.close()


def test_messages_for_an_account_that_is_refused_wait_for_somebody_to_mend_it(smsc):
    smsc.refuse_bind(Status.ESME_RINVPASWD)
    carrier = account(smsc)
    (outcome,) = submit(carrier, messages(1))
    assert outcome == Postponed("run-0", FailureClass.AUTH, code="ESME_RINVPASWD")
    (outcome,) = submit(carrier, messages(1))
    assert isinstance(outcome, Postponed)
    assert len(smsc.binds) == 1
    carrier.connect()  # it was mended
    assert kinds_of(submit(carrier, messages(1))) == ["Accepted"]
    carrier.close()


def test_a_bind_that_is_refused_for_now_is_tried_again(smsc):
    smsc.refuse_bind(Status.ESME_RALYBND, times=3)
    seen = []
    with account(smsc, watch=seen.append) as carrier:
        assert kinds_of(submit(carrier, messages(1))) == ["Accepted"]
    assert [binding.status for binding in smsc.binds] == [Status.ESME_RALYBND] * 3 + [0]
    failed = [notice for notice in seen if isinstance(notice, BindFailed)]
    assert [notice.reason for notice in failed] == ["ESME_RALYBND"] * 3
    assert all(notice.wait_s is not None and 0 <= notice.wait_s <= 0.05 for notice in failed)


def test_nobody_there_leaves_nothing_in_doubt_and_may_be_tried_again():
    with SMSC() as gone:
        centre = centre_of(gone)
    carrier = Smpp(centre, conduct=Conduct(patience_s=0.3))
    with pytest.raises(TransportError) as caught:
        drive(carrier.submit(messages(3)))
    assert caught.value.retryable
    with pytest.raises(TransportError) as caught:
        carrier.connect(within_s=0.3)
    assert caught.value.retryable
    carrier.close()


def test_a_closed_account_sends_nothing_and_says_so_at_the_call(smsc):
    carrier = account(smsc)
    flow = carrier.submit(messages(1))
    carrier.close()
    carrier.close()
    with pytest.raises(InvalidInput):
        carrier.submit(messages(1))
    with pytest.raises(TransportError) as caught:
        drive(flow)
    assert caught.value.retryable


def test_closing_waits_for_answers_and_gives_back_what_did_not_leave():
    with SMSC(latency_s=0.2) as smsc:
        carrier = account(smsc, window=4)
        carrier.connect()
        flow = carrier.submit(messages(20))
        done = next(flow).start()
        smsc.wait_for(lambda centre: len(centre.submissions) >= 4)
        carrier.close()
        assert done.done()
        with pytest.raises(StopIteration) as ended:
            flow.send(None)
        outcomes = ended.value.value
        assert kinds_of(outcomes).count("Accepted") == len(smsc.submissions)
        assert kinds_of(outcomes).count("Postponed") == 20 - len(smsc.submissions)
        smsc.assert_nothing_odd()


def test_an_account_that_nobody_closes_is_unbound_when_it_is_let_go_of(smsc):
    carrier = account(smsc)
    carrier.connect()
    assert smsc.connections == 1
    del carrier
    import gc

    gc.collect()
    smsc.wait_for(lambda centre: centre.connections == 0)


def test_a_program_that_forgets_to_close_an_account_ends_all_the_same(smsc):
    script = f"""
from smskit.testing.factories import outgoing
from smskit.transports.drivers import drive
from smskit.transports.smpp.client import Centre, Smpp
carrier = Smpp(Centre(host="{smsc.host}", port={smsc.port}, system_id="shop", password="secret"))
print(len(drive(carrier.submit([outgoing(0)]))))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert (done.stdout, done.stderr) == ("1\n", "")
    smsc.wait_for(lambda centre: centre.connections == 0)
    smsc.assert_nothing_odd()


# ---------------------------------------------------------------- how it binds

MODES = [
    # what                                    mode               binds  bound as
    ("one transceiver", Mode.TRANSCEIVER, 1, [State.BOUND_TRX]),
    ("three transceivers", Mode.TRANSCEIVER, 3, [State.BOUND_TRX] * 3),
    ("a transmitter", Mode.TRANSMITTER, 1, [State.BOUND_TX]),
    ("two transmitters and a receiver", Mode.SEPARATE, 2, [State.BOUND_TX, State.BOUND_TX, State.BOUND_RX]),
]


@pytest.mark.parametrize(("mode", "binds", "states"), [row[1:] for row in MODES], ids=[row[0] for row in MODES])
def test_the_account_binds_as_it_is_told(smsc, mode, binds, states):
    with account(smsc, binds=binds, centre={"mode": mode}) as carrier:
        smsc.wait_for(lambda centre: centre.connections == len(states))
        assert set(kinds_of(submit(carrier, messages(60)))) == {"Accepted"}
    assert [binding.mode for binding in smsc.binds] == states
    smsc.assert_nothing_odd()


def test_a_receiver_sends_nothing(smsc):
    with account(smsc, centre={"mode": Mode.RECEIVER}) as carrier, pytest.raises(UnsupportedFeature):
        carrier.submit(messages(1))


def test_one_attempt_to_bind_in_so_much_time_for_all_binds_of_an_account(smsc):
    import time

    from smskit.transports.smpp.client import Backoff

    began = time.monotonic()
    with account(smsc, binds=3, centre={"backoff": Backoff(every_s=0.2)}):
        smsc.wait_for(lambda centre: centre.connections == 3)
        assert time.monotonic() - began >= 0.4


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def test_tls_with_the_right_name_binds(authority):
    with SMSC(tls=_server(authority, "127.0.0.1")) as smsc, account(smsc, centre={"tls": _trust(authority)}) as carrier:
        assert set(kinds_of(submit(carrier, messages(300)))) == {"Accepted"}


@pytest.mark.parametrize("named", ["other.example", None], ids=["another name", "an authority that nobody trusts"])
def test_tls_that_shows_nothing_or_somebody_else_ends_it(authority, named):
    trust = _trust(authority) if named else True
    with SMSC(tls=_server(authority, named or "127.0.0.1")) as smsc:
        carrier = account(smsc, centre={"tls": trust})
        with pytest.raises(CarrierRefuses) as caught:
            carrier.connect()
        assert caught.value.code == "SSLCertVerificationError"
        assert smsc.binds == ()
        carrier.close()


def test_the_name_of_the_certificate_may_be_another_than_the_address(authority):
    with SMSC(tls=_server(authority, "smpp.example")) as smsc:
        with account(smsc, centre={"tls": _trust(authority), "tls_name": "smpp.example"}) as carrier:
            assert kinds_of(submit(carrier, messages(1))) == ["Accepted"]


def _server(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def _trust(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


WRONG_CENTRES = [
    ("no host", {"host": ""}),
    ("no port", {"port": 0}),
    ("no binds", {"binds": 0}),
    ("no time", {"connect_s": 0}),
    ("a name that is longer than SMPP has room for", {"system_id": "a" * 16}),
    ("a password that is longer than SMPP has room for", {"password": "123456789"}),
]


@pytest.mark.parametrize("wrong", [row[1] for row in WRONG_CENTRES], ids=[row[0] for row in WRONG_CENTRES])
def test_a_centre_that_cannot_be_is_refused(wrong):
    with pytest.raises(InvalidInput):
        Centre(**{"host": "smpp.example", **wrong})


def test_a_long_password_is_written_whole_when_it_is_allowed():
    with SMSC(accounts={"shop": "a-long-password"}) as smsc:
        with account(smsc, centre={"password": "a-long-password", "allow_long_password": True}) as carrier:
            assert kinds_of(submit(carrier, messages(1))) == ["Accepted"]


# ---------------------------------------------------------------- what is sent


def test_sender_recipient_text_and_times_arrive_as_they_were_meant(smsc):
    send_at = dt.datetime(2030, 1, 1, 9, 0, tzinfo=dt.timezone.utc)
    some = [
        *messages(1, text="Déjà l'été ! 10 €", sender="MABOUTIQUE"),
        evolve(messages(2, sender="36180")[1], send_at=send_at, validity_s=3600),
        evolve(messages(3, sender="+33712345678")[2], validity_s=90, text="日本"),
    ]
    with account(smsc, tlvs=[tlv(0x1400, b"dlt")]) as carrier:
        submit(carrier, some)
    pdus = {each.pdu.destination_addr: each.pdu for each in smsc.submissions}
    first, second, third = (pdus[str(one.number)] for one in some)
    assert (first.source_addr_ton, first.source_addr) == (5, "MABOUTIQUE")
    assert (second.source_addr_ton, second.source_addr) == (3, "36180")
    assert second.schedule_delivery_time == "300101090000000+"
    assert second.validity_period == "300101100000000+"
    assert (third.source_addr_ton, third.source_addr, third.data_coding) == (1, "33712345678", 8)
    assert third.validity_period == "000000000130000R"
    assert first.tlvs[-1] == tlv(0x1400, b"dlt")
    assert {pdu.registered_delivery for pdu in pdus.values()} == {1}
    smsc.assert_sent(some[0].number, containing="10 €")


WAYS = [
    # what                            way           PDUs  parts
    ("by header", Long.UDH, 3, 3),
    ("by SAR parameters", Long.SAR, 3, 3),
    ("by message_payload", Long.PAYLOAD, 1, None),
]


@pytest.mark.parametrize(("way", "pdus", "parts"), [row[1:] for row in WAYS], ids=[row[0] for row in WAYS])
def test_a_long_text_is_one_message_with_the_first_id(way, pdus, parts):
    text = "La collection d'automne est arrivée. " * 11
    with SMSC(profile=Profile(long=way)) as smsc, account(smsc, profile=Profile(long=way)) as carrier:
        (outcome,) = submit(carrier, messages(1, text=text))
        assert outcome == Accepted("run-0", smsc.submissions[0].message_id, parts)
        assert len(smsc.submissions) == pdus
        assert smsc.outbox[0].text == text


def test_two_long_texts_have_two_references(smsc):
    with account(smsc) as carrier:
        submit(carrier, messages(2, text="a" * 161))
    headers = {each.pdu.short_message[3] for each in smsc.submissions}
    assert len(headers) == 2


REFUSED_AT_THE_CALL = [
    # what                                                            message                          error
    ("a STOP mention that the centre would have to print", {"carrier_stop": True}, UnsupportedFeature),
    ("a validity longer than can be written", {"validity_s": 10**8}, UnsupportedFeature),
    ("no validity at all", {"validity_s": 0}, UnsupportedFeature),
    ("a time without a zone", {"send_at": dt.datetime(2030, 1, 1)}, NaiveDatetime),
    ("a letter outside of the alphabets of the profile", {"text": "日本"}, UnsupportedFeature),
    ("a sender of twelve letters", {"sender": "ABCDEFGHIJKL"}, InvalidInput),
    ("a word as sender where only numbers are", {"sender": "SHOP"}, UnsupportedFeature),
]


@pytest.mark.parametrize(
    ("changes", "error"), [row[1:] for row in REFUSED_AT_THE_CALL], ids=[row[0] for row in REFUSED_AT_THE_CALL]
)
def test_what_cannot_be_carried_is_refused_before_anything_leaves(smsc, changes, error):
    carrier = account(smsc, profile=Profile(alphabets=(GSM7,)), alphanumeric_senders=False)
    with pytest.raises(error):
        carrier.submit([*messages(1, sender="36180"), evolve(messages(2)[1], **{"sender": "36180", **changes})])
    assert smsc.binds == ()


def test_a_mention_that_the_centre_prints_is_no_option():
    with pytest.raises(InvalidInput):
        Smpp(Centre(host="smpp.example"), stop={"*": StopForm("STOP au 36180", printed_by_transport=True)})


# ---------------------------------------------------------------- what the centre says

STATUSES = [
    # what                                          status                       outcome
    ("an invalid number", Status.ESME_RINVDSTADR, Refused("run-0", FailureClass.INVALID_NUMBER, "ESME_RINVDSTADR")),
    ("a broken machine", Status.ESME_RSYSERR, Postponed("run-0", FailureClass.PROVIDER_ERROR, code="ESME_RSYSERR")),
    (
        "a wrong type of sender",
        Status.ESME_RINVSRCTON,
        Postponed("run-0", FailureClass.ACCOUNT, code="ESME_RINVSRCTON"),
    ),
    ("a status that nobody named", 0x45A, Refused("run-0", FailureClass.UNSPECIFIED, "0x0000045A")),
]


@pytest.mark.parametrize(("status", "outcome"), [row[1:] for row in STATUSES], ids=[row[0] for row in STATUSES])
def test_a_status_becomes_an_outcome(smsc, status, outcome):
    smsc.refuse(status)
    with account(smsc) as carrier:
        first, *others = submit(carrier, messages(4))
    assert first == outcome
    assert kinds_of(others) == ["Accepted"] * 3


@pytest.mark.parametrize("status", [Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL], ids=lambda status: status.name)
def test_a_throttled_message_goes_first_and_everybody_slower(smsc, status):
    smsc.refuse(status, times=2)
    seen = []
    with account(smsc, window=1, watch=seen.append) as carrier:
        some = messages(5)
        assert set(kinds_of(submit(carrier, some))) == {"Accepted"}
    order = [each.pdu.destination_addr for each in smsc.submissions]
    assert order == [str(one.number) for one in (some[0], some[0], *some)]
    assert [type(notice) for notice in seen].count(Throttled) >= 1


def test_a_centre_of_forty_parts_a_second_takes_all_of_them():
    with SMSC(per_second=40) as smsc, account(smsc, conduct=Conduct(patience_s=3.0)) as carrier:
        assert set(kinds_of(submit(carrier, messages(100)))) == {"Accepted"}
        assert smsc.taken == 100


def test_a_queue_that_is_full_for_one_recipient_holds_up_nobody_else():
    number = messages(1)[0].number

    def rule(pdu):
        return Status.ESME_RMSGQFUL if pdu.destination_addr == str(number) else 0

    with SMSC(rule=rule) as smsc, account(smsc, conduct=Conduct(patience_s=1.0)) as carrier:
        first, *others = submit(carrier, messages(20))
        assert first == Postponed("run-0", FailureClass.THROTTLED, code="ESME_RMSGQFUL")
        assert set(kinds_of(others)) == {"Accepted"}
        assert len([each for each in smsc.submissions if each.pdu.destination_addr == str(number)]) < 40


def test_an_agreed_pace_is_kept_in_parts(smsc):
    import time

    with account(smsc, conduct=Conduct(parts_per_second=40)) as carrier:
        began = time.monotonic()
        submit(carrier, messages(10, text="a" * 200))  # two parts each; the first tenth of a second is free
        assert time.monotonic() - began >= 0.35


def test_codes_go_before_marketing():
    with SMSC(latency_s=0.02) as smsc, account(smsc, window=1) as carrier:
        campaign = carrier.submit(messages(40))
        done = next(campaign).start()
        codes = [evolve(one, reference=f"code-{one.reference}") for one in messages(3, kind=Kind.OTP, text="Code 4711")]
        submit(carrier, codes)
        assert not done.done()
        assert len(smsc.submissions) < 20
        done.result(10)


def test_a_session_that_the_centre_does_not_know_any_more_is_opened_anew(smsc):
    smsc.refuse(Status.ESME_RINVBNDSTS)
    with account(smsc) as carrier:
        assert set(kinds_of(submit(carrier, messages(20)))) == {"Accepted"}
        smsc.wait_for(lambda centre: len(centre.binds) == 2)
    assert smsc.duplicates == ()


PARTS = [
    # what                                                     status            after  code
    ("the first part is refused for good", Status.ESME_RINVDSTADR, 0, None),
    ("the second part is refused for good", Status.ESME_RINVDSTADR, 1, "1 of 2 parts taken, then ESME_RINVDSTADR"),
    (
        "the second part is refused for the account",
        Status.ESME_RINVSRCTON,
        1,
        "1 of 2 parts taken, then ESME_RINVSRCTON",
    ),
]


@pytest.mark.parametrize(("status", "after", "code"), [row[1:] for row in PARTS], ids=[row[0] for row in PARTS])
def test_a_message_that_is_taken_in_part_is_refused_and_never_offered_again(smsc, status, after, code):
    smsc.refuse(status, after=after)
    with account(smsc, window=1) as carrier:
        (outcome,) = submit(carrier, messages(1, text="a" * 200))
    assert isinstance(outcome, Refused)
    assert not outcome.failure.is_of_account
    assert outcome.code == (code or status.name)
    assert len(smsc.submissions) == after + 1


def test_a_part_that_the_centre_puts_off_is_tried_again_for_the_others_were_taken(smsc):
    smsc.refuse(Status.ESME_RSYSERR, after=1)
    with account(smsc) as carrier:
        (outcome,) = submit(carrier, messages(1, text="a" * 200))
    assert isinstance(outcome, Accepted)
    assert len(smsc.submissions) == 3
    assert smsc.outbox[0].text == "a" * 200


# ---------------------------------------------------------------- other requests


def test_anything_may_be_asked_of_the_centre(smsc):
    with account(smsc) as carrier:
        multi = carrier.request(
            SubmitMulti(dest_address=(Destination("33612345678"), Destination("33612345679")), short_message=b"Salut")
        )
        assert multi.result(5).status == 0
        data = carrier.request(DataSm(destination_addr="33612345678", tlvs=(tlv(Tag.MESSAGE_PAYLOAD, b"Salut"),)))
        assert isinstance(data.result(5), DataSmResp)
        unknown = carrier.request(ReplaceSm(message_id="nobody's"))
        assert unknown.result(5).status != 0


def test_a_message_is_looked_up_and_taken_back_by_its_id():
    with SMSC(delivered_after_s=60) as smsc, account(smsc) as carrier:
        one, two = submit(carrier, messages(2, text="a" * 200))
        (event,) = drive(carrier.look_up([Taken("run-0", messages(1)[0].number, one.provider_id)]))
        assert (event.reference, event.status.value) == ("run-0", "sent")
        assert drive(carrier.withdraw(one.provider_id)) is True
        assert drive(carrier.withdraw(one.provider_id)) is False
        assert sorted(message.state.name for message in smsc.outbox) == ["DELETED", "ENROUTE"]
        assert drive(carrier.look_up([Taken("run-9", 33612345678, "nobody's")])) == ()
        assert two.provider_id


# ---------------------------------------------------------------- from everywhere


def test_ordinary_code_a_loop_and_threads_share_an_account(smsc):
    with account(smsc, binds=2, largest_batch=10) as carrier:
        with Client(carrier) as client:
            assert set(kinds_of(client.submit(messages(25)))) == {"Accepted"}

        async def in_a_loop() -> None:
            async with AsyncClient(carrier) as client:
                assert set(kinds_of(await client.submit(messages(55)))) == {"Accepted"}

        asyncio.run(in_a_loop())
        failed = []

        def in_a_thread(number: int) -> None:
            some = [evolve(one, reference=f"{number}-{one.reference}") for one in messages(10)]
            if set(kinds_of(submit(carrier, some))) != {"Accepted"}:
                failed.append(number)

        threads = [threading.Thread(target=in_a_thread, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert not failed
    assert len(smsc.submissions) == 25 + 55 + 80


def test_an_account_may_be_opened_in_a_coroutine(smsc):
    async def work() -> None:
        async with account(smsc) as carrier, AsyncClient(carrier) as client:
            assert kinds_of(await client.submit(messages(3))) == ["Accepted"] * 3

    asyncio.run(work())


def test_who_is_cancelled_leaves_nothing_more_behind_than_what_is_in_flight():
    with SMSC(latency_s=0.1) as smsc:
        carrier = account(smsc, window=2)

        async def work() -> None:
            step = next(carrier.submit(messages(100)))
            assert isinstance(step, Work)
            task = asyncio.ensure_future(asyncio.wrap_future(step.start()))
            await smsc.until(lambda centre: len(centre.submissions) >= 2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(work())
        carrier.close()
        assert len(smsc.submissions) <= 6


def test_two_accounts_do_not_mix(smsc):
    with SMSC(accounts={"other": "word"}) as another:
        with account(smsc) as first, account(another, centre={"system_id": "other", "password": "word"}) as second:
            submit(first, messages(10))
            submit(second, messages(20))
        assert (len(smsc.submissions), len(another.submissions)) == (10, 20)


def test_a_watch_is_told_without_numbers_and_texts_and_may_fail(smsc):
    seen = []

    def watch(notice):
        seen.append(notice)
        raise ZeroDivisionError

    some = messages(3)
    with account(smsc, watch=watch) as carrier:
        submit(carrier, some)
    kinds = [type(notice) for notice in seen]
    assert kinds.count(BindOpened) == kinds.count(BindEnded) == kinds.count(BatchEnded) == 1
    (ended,) = (notice for notice in seen if isinstance(notice, BatchEnded))
    assert (ended.messages, ended.accepted, ended.parts) == (3, 3, 3)
    for one in some:
        assert str(one.number) not in repr(seen)
        assert one.text not in repr(seen)


def test_faults_that_are_no_faults_change_nothing(smsc):
    harmless = (Fault.NO_BODY, Fault.NO_NUL, Fault.VENDOR_TLV, Fault.WRONG_TLV, Fault.STRAY, Fault.TWICE)
    for fault in harmless:
        smsc.go_wrong(fault)
    with account(smsc, window=1) as carrier:
        assert kinds_of(submit(carrier, messages(12))) == ["Accepted"] * 12


def test_the_bind_request_is_that_of_the_specification():
    bind = Centre(host="smpp.example", system_id="a", version=0x50, system_type="SMS").bind(BindTransmitter)
    assert (bind.system_id, bind.interface_version, bind.system_type) == ("a", 0x50, "SMS")
    assert Centre(host="smpp.example").with_limits(window=7).limits == Limits(window=7)
