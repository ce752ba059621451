"""A session that goes well: binding, the window, keeping alive, draining, unbinding; and what its owner does wrong."""

from __future__ import annotations

import pytest

from smskit.errors import InvalidInput
from smskit.transports.smpp import (
    AlertNotification,
    Answered,
    Asked,
    BindReceiver,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    Bound,
    Closed,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    End,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Limits,
    NotNow,
    Outbind,
    QuerySm,
    QuerySmResp,
    Role,
    Session,
    State,
    Status,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Timers,
    Told,
    Unbind,
    UnbindResp,
    UnknownPdu,
    decode,
    tlv,
)
from smskit.transports.smpp.pdus import ANSWERS

STATES = {
    BindTransmitter: State.BOUND_TX,
    BindReceiver: State.BOUND_RX,
    BindTransceiver: State.BOUND_TRX,
}


@pytest.mark.parametrize("bind", STATES, ids=lambda bind: bind.__name__)
def test_each_way_to_bind_opens_its_own_state_on_both_sides(bind) -> None:
    esme, smsc = Session(Role.ESME, 0.0), Session(Role.SMSC, 0.0)
    request = esme.request(bind("us", "secret"), 0.0)
    assert (esme.state, esme.room) == (State.BINDING, 0)
    [asked] = smsc.feed(esme.take(), 0.1)
    assert (asked.pdu, smsc.state) == (request.pdu, State.BINDING)
    version = (tlv(Tag.SC_INTERFACE_VERSION, 0x34),)
    assert smsc.respond(asked, ANSWERS[bind](0, "centre", version))
    [opened] = esme.feed(smsc.take(), 0.2)
    assert opened == Bound(request, ANSWERS[bind](0, "centre", version), STATES[bind])
    assert esme.state is smsc.state is STATES[bind]
    assert (esme.peer_version, smsc.peer_version) == (0x34, 0x34)


def test_a_centre_that_refuses_stays_open_for_another_try() -> None:
    smsc = Session(Role.SMSC, 0.0)
    for status in (Status.ESME_RINVPASWD, Status.ESME_ROK):
        esme = Session(Role.ESME, 0.0)
        esme.request(BindTransceiver("us"), 0.0)
        [asked] = smsc.feed(esme.take(), 0.0)
        smsc.respond(asked, BindTransceiverResp(status))
    assert smsc.state is State.BOUND_TRX


def test_an_outbind_asks_for_a_bind() -> None:
    esme, smsc = Session(Role.ESME, 0.0), Session(Role.SMSC, 0.0)
    smsc.request(Outbind("centre", "secret"), 0.0)
    [told] = esme.feed(smsc.take(), 0.0)
    assert told == Told(Outbind("centre", "secret"), 1)
    assert esme.state is smsc.state is State.OUTBOUND
    esme.request(BindReceiver("us"), 0.0)
    [asked] = smsc.feed(esme.take(), 0.0)
    assert isinstance(asked, Asked)


def test_the_window_says_how_much_room_is_left(bound, role: Role) -> None:
    side = bound(role, limits=Limits(window=3))
    requests = side.ask(3)
    assert (side.session.room, side.session.in_flight) == (0, 3)
    with pytest.raises(NotNow, match="3 requests are in flight"):
        side.ask()
    [answered] = side.hear(ANSWERS[side.ours](0, "id"), requests[1].sequence)
    assert (answered.request.context, side.session.room) == (1, 1)
    side.ask()


def test_enquiries_take_no_place_in_the_window(bound, role: Role) -> None:
    side = bound(role, limits=Limits(window=1))
    side.ask()
    request = side.session.request(EnquireLink(), 0.0, context="mine")
    [answered] = side.hear(EnquireLinkResp(), request.sequence)
    assert answered.request.context == "mine"


ASKED = [
    # what                                  role        bind             pdu           allowed
    ("a transmitter submits", Role.ESME, BindTransmitter, SubmitSm(), True),
    ("a receiver does not submit", Role.ESME, BindReceiver, SubmitSm(), False),
    ("a receiver does not query", Role.ESME, BindReceiver, QuerySm(), False),
    ("an application does not deliver", Role.ESME, BindTransceiver, DeliverSm(), False),
    ("an application sends data", Role.ESME, BindTransceiver, DataSm(), True),
    ("a receiver sends data", Role.ESME, BindReceiver, DataSm(), True),
    ("a centre sends data to a receiver", Role.SMSC, BindReceiver, DataSm(), True),
    ("a centre sends data to a transmitter", Role.SMSC, BindTransmitter, DataSm(), True),
    ("a centre does not deliver to a transmitter", Role.SMSC, BindTransmitter, DeliverSm(), False),
    ("a centre alerts a receiver", Role.SMSC, BindReceiver, AlertNotification(), True),
    ("nobody binds twice", Role.ESME, BindTransceiver, BindTransceiver(), False),
    ("nobody unbinds by hand", Role.ESME, BindTransceiver, Unbind(), False),
    ("a command of a vendor", Role.ESME, BindTransceiver, UnknownPdu(0x00010200), True),
]


@pytest.mark.parametrize(("side_of", "bind", "pdu", "allowed"), [r[1:] for r in ASKED], ids=[r[0] for r in ASKED])
def test_who_may_ask_for_what(bound, side_of: Role, bind, pdu, allowed: bool) -> None:
    session = bound(side_of, bind).session
    if allowed:
        request = session.request(pdu, 0.0)
        assert decode(session.take()) == (pdu, request.sequence, (), 0)
    else:
        with pytest.raises(NotNow):
            session.request(pdu, 0.0)
        assert session.take() == b""


def test_nothing_can_be_asked_before_the_bind(role: Role) -> None:
    session = Session(role, 0.0)
    with pytest.raises(NotNow, match="open"):
        session.request(SubmitSm() if role is Role.ESME else DeliverSm(), 0.0)


def test_what_has_no_answer_waits_for_none(bound) -> None:
    side = bound(Role.SMSC)
    side.session.request(AlertNotification(), 0.0)
    assert side.session.in_flight == 0


def test_a_vendor_command_is_answered_by_its_own(bound) -> None:
    side = bound(Role.ESME)
    request = side.session.request(UnknownPdu(0x00010200, 0, b"?"), 0.0)
    [answered] = side.hear(UnknownPdu(0x80010200, 0, b"!"), request.sequence)
    assert (answered.response.body, answered.is_ok) == (b"!", True)


def test_a_query_is_answered(bound) -> None:
    side = bound(Role.ESME)
    request = side.session.request(QuerySm("id"), 0.0)
    [answered] = side.hear(QuerySmResp(0, "id", "", 2, 0), request.sequence)
    assert answered.response.message_state == 2


def test_a_value_that_cannot_be_written_changes_nothing(bound, role: Role) -> None:
    side = bound(role)
    with pytest.raises(InvalidInput):
        side.session.request(side.ours(short_message=b"x" * 256), 0.0)
    assert (side.session.in_flight, side.session.take()) == (0, b"")


def test_a_long_password_is_refused_or_written_whole_never_cut() -> None:
    bind = BindTransceiver("us", "twelve-chars")
    with pytest.raises(InvalidInput, match="password has 12 octets"):
        Session(Role.ESME, 0.0).request(bind, 0.0)
    session = Session(Role.ESME, 0.0, bounded=False)
    session.request(bind, 0.0)
    frame = decode(session.take())
    assert frame.pdu == bind
    assert [problem.status for problem in frame.problems] == [Status.ESME_RINVPASWD]


# ---------------------------------------------------------------- time


def test_silence_is_asked_about_and_an_answer_is_enough(bound, role: Role) -> None:
    side = bound(role, timers=Timers(enquire_link_s=30, enquire_answer_s=10))
    assert side.session.next_deadline == 30.0
    assert side.session.tick(30.0) == []
    [frame] = side.sent()
    assert frame.pdu == EnquireLink()
    assert side.session.next_deadline == 40.0
    assert side.hear(EnquireLinkResp(), frame.sequence, 31.0) == []
    assert side.session.tick(40.0) == []
    assert side.session.next_deadline == 61.0


def test_anything_from_the_peer_shows_that_it_is_there(bound, role: Role) -> None:
    side = bound(role, timers=Timers(enquire_link_s=30, enquire_answer_s=10))
    side.session.tick(30.0)
    side.hear(side.theirs(), 3, 39.0)
    assert side.session.tick(40.0) == []
    assert side.session.is_bound


def test_a_silent_peer_is_taken_for_dead(bound, role: Role) -> None:
    side = bound(role, timers=Timers(enquire_link_s=30, enquire_answer_s=10, response_s=300))
    [request] = side.ask(now=0.0)
    side.session.tick(30.0)
    unanswered, closed = side.session.tick(40.0)
    assert (unanswered.request, unanswered.in_doubt) == (request, True)
    assert closed == Closed(End.PEER_SILENT, "nothing came for 40 s")
    assert side.session.next_deadline is None


def test_an_enquiry_of_the_owner_ends_before_the_session_does(bound, role: Role) -> None:
    side = bound(role, timers=Timers(enquire_link_s=30, enquire_answer_s=10))
    mine = side.session.request(EnquireLink(), 5.0, expires_in_s=35.0)
    side.session.tick(30.0)
    side.session.take()
    unanswered, closed = side.session.tick(40.0)
    assert (unanswered.request, unanswered.in_doubt) == (mine, True)
    assert closed.end is End.PEER_SILENT


def test_an_enquiry_of_the_owner_may_stay_without_an_answer(bound, role: Role) -> None:
    side = bound(role, timers=Timers(enquire_link_s=None, response_s=5))
    mine = side.session.request(EnquireLink(), 0.0)
    assert [event.request for event in side.session.tick(5.0)] == [mine]
    assert side.session.is_bound


def test_half_a_pdu_is_no_sign_of_life(bound, role: Role) -> None:
    side = bound(role, timers=Timers(enquire_link_s=30, enquire_answer_s=10))
    side.session.tick(30.0)
    side.session.feed(b"\0\0\0", 35.0)
    assert [event.end for event in side.session.tick(40.0)] == [End.PEER_SILENT]


def test_a_session_without_messages_is_dropped_if_asked_for(bound, role: Role) -> None:
    side = bound(role, timers=Timers(enquire_link_s=None, inactivity_s=120))
    side.hear(side.theirs(), 1, 50.0)
    side.hear(EnquireLink(), 2, 100.0)
    assert side.session.next_deadline == 170.0
    assert [event.end for event in side.session.tick(170.0)] == [End.INACTIVE]


def test_each_request_has_its_own_time(bound, role: Role) -> None:
    side = bound(role, timers=Timers(response_s=30, enquire_link_s=None))
    slow = side.session.request(side.ours(), 0.0)
    quick = side.session.request(side.ours(), 0.0, expires_in_s=3)
    side.session.take()
    assert [event.request for event in side.session.tick(3.0)] == [quick]
    assert [event.request for event in side.session.tick(30.0)] == [slow]


def test_an_answered_enquiry_leaves_the_time_of_messages_as_it_was(bound, role: Role) -> None:
    side = bound(role, timers=Timers(response_s=5, enquire_link_s=None))
    [message], enquiry = side.ask(now=0.0), side.session.request(EnquireLink(), 0.0)
    side.hear(EnquireLinkResp(), enquiry.sequence)
    assert side.session.next_deadline == 5.0
    assert [event.request for event in side.session.tick(5.0)] == [message]


def test_no_deadline_without_timers(bound, role: Role) -> None:
    assert bound(role, timers=Timers(enquire_link_s=None)).session.next_deadline is None


# ---------------------------------------------------------------- the end


def test_unbinding_waits_for_answers_on_both_sides(bound, role: Role) -> None:
    side = bound(role)
    [request] = side.ask()
    [asked] = side.hear(side.theirs(), 7)
    assert side.session.unbind(1.0) == []
    assert (side.session.state, side.sent()) == (State.DRAINING, [])
    with pytest.raises(NotNow):
        side.ask()
    side.hear(ANSWERS[side.ours](0, "id"), request.sequence)
    assert side.sent() == []
    side.session.respond(asked, ANSWERS[side.theirs](0, ""))
    answer, unbind = side.sent()
    assert (answer.sequence, unbind.pdu, side.session.state) == (7, Unbind(), State.UNBINDING)
    assert side.hear(UnbindResp(), unbind.sequence) == [Closed(End.UNBOUND)]


def test_the_last_answer_lets_it_unbind(bound, role: Role) -> None:
    side = bound(role)
    [request] = side.ask()
    side.session.unbind(1.0)
    side.hear(ANSWERS[side.ours](0, "id"), request.sequence)
    assert [frame.pdu for frame in side.sent()] == [Unbind()]


def test_the_last_request_that_is_given_up_lets_it_unbind(bound, role: Role) -> None:
    side = bound(role, timers=Timers(response_s=5, drain_s=60))
    side.ask(now=0.0)
    side.session.unbind(1.0)
    side.session.tick(5.0)
    assert [frame.pdu for frame in side.sent()] == [Unbind()]


def test_messages_that_come_while_draining_are_handed_out(bound, role: Role) -> None:
    side = bound(role)
    side.ask()
    side.session.unbind(1.0)
    [asked] = side.hear(side.theirs(), 7)
    assert isinstance(asked, Asked)


def test_unbinding_waits_no_longer_than_it_should(bound, role: Role) -> None:
    side = bound(role, timers=Timers(response_s=20, enquire_link_s=None))
    [request] = side.ask(now=0.0)
    side.session.unbind(1.0, drain_s=5.0)
    assert side.session.next_deadline == 6.0
    assert side.session.tick(6.0) == []
    [unbind] = side.sent()
    assert unbind.pdu == Unbind()
    [answered] = side.hear(ANSWERS[side.ours](0, "id"), request.sequence, 7.0)
    assert isinstance(answered, Answered)
    [closed] = side.session.tick(26.0)
    assert closed == Closed(End.UNBOUND, "the unbind had no answer")


def test_a_nack_to_the_unbind_ends_it_too(bound, role: Role) -> None:
    side = bound(role)
    side.session.unbind(1.0)
    [unbind] = side.sent()
    assert side.hear(GenericNack(Status.ESME_RINVCMDID), unbind.sequence) == [Closed(End.UNBOUND)]


def test_a_peer_that_closes_instead_of_answering_the_unbind(bound, role: Role) -> None:
    side = bound(role)
    side.session.unbind(1.0)
    side.session.take()
    assert side.session.lost() == [Closed(End.UNBOUND)]


def test_a_peer_that_closes_after_its_unbind(bound, role: Role) -> None:
    side = bound(role)
    [request] = side.ask()
    side.hear(Unbind(), 9)
    unanswered, closed = side.session.lost()
    assert (unanswered.request, unanswered.in_doubt, closed) == (request, True, Closed(End.PEER_UNBOUND))


def test_both_unbind_at_once(bound) -> None:
    esme, smsc = bound(Role.ESME), bound(Role.SMSC)
    for side in (esme, smsc):
        side.session.unbind(1.0)
    from_esme, from_smsc = esme.session.take(), smsc.session.take()
    assert esme.session.feed(from_smsc, 1.0) == smsc.session.feed(from_esme, 1.0) == []
    from_esme, from_smsc = esme.session.take(), smsc.session.take()
    assert esme.session.feed(from_smsc, 1.0) == smsc.session.feed(from_esme, 1.0) == [Closed(End.UNBOUND)]


def test_unbinding_an_unbound_session_ends_it(role: Role) -> None:
    session = Session(role, 0.0)
    assert session.unbind(0.0) == [Closed(End.UNBOUND)]
    assert session.unbind(0.0) == []


# ---------------------------------------------------------------- mistakes of the owner


def test_an_answer_to_another_command_is_refused(bound) -> None:
    side = bound(Role.ESME)
    [asked] = side.hear(DeliverSm(), 1)
    with pytest.raises(InvalidInput, match="SubmitSmResp does not answer DeliverSm"):
        side.session.respond(asked, SubmitSmResp())
    with pytest.raises(InvalidInput, match="DataSmResp"):
        side.session.respond(asked, DataSmResp())
    assert side.session.respond(asked, DeliverSmResp(Status.ESME_RX_T_APPN))


def test_a_second_answer_is_refused(bound) -> None:
    side = bound(Role.ESME)
    [asked] = side.hear(DeliverSm(), 1)
    side.session.respond(asked, DeliverSmResp(0, ""))
    with pytest.raises(InvalidInput, match="was answered before"):
        side.session.respond(asked, DeliverSmResp(0, ""))


@pytest.mark.parametrize("limits", [{"window": 0}, {"largest_pdu": 15}, {"most_owed": 0}, {"most_waiting": -1}])
def test_limits_that_cannot_be(limits: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        Limits(**limits)


def test_the_least_limits() -> None:
    assert Limits(window=1, largest_pdu=16, most_waiting=0, most_owed=1).window == 1


@pytest.mark.parametrize("sequence", [0, 0x80000000])
def test_first_numbers_that_cannot_be(sequence: int) -> None:
    with pytest.raises(InvalidInput):
        Session(Role.ESME, 0.0, first_sequence=sequence)


def test_no_number_text_or_password_is_shown(bound) -> None:
    side = bound(Role.ESME)
    request = side.session.request(
        SubmitSm(destination_addr="33612345678", source_addr="33700000001", short_message=b"hello there"), 0.0
    )
    [asked] = side.hear(DeliverSm(source_addr="33612345678", tlvs=(tlv(Tag.MESSAGE_PAYLOAD, b"secret text"),)), 1)
    shown = repr([request, asked, side.session, BindTransceiver("us", "password!")])
    for secret in ("33612345678", "33700000001", "hello", "secret text", "password!"):
        assert secret not in shown
