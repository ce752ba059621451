"""What broken, hostile and peculiar peers do, and that no session or message is lost over it."""

from __future__ import annotations

import pytest

from smskit.transports.smpp import (
    Answer,
    Answered,
    Asked,
    BindReceiver,
    BindRefused,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    Bound,
    CancelSm,
    Cause,
    Closed,
    DataCoding,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    End,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Limits,
    NotNow,
    Outbind,
    PeerUnbinds,
    QuerySm,
    ReplaceSm,
    Request,
    Role,
    State,
    Status,
    StatusClass,
    Stray,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Timers,
    Tlv,
    Turned,
    Unanswered,
    Unbind,
    UnbindResp,
    UnknownPdu,
    encode,
    meaning_of,
    tlv,
)
from smskit.transports.smpp.pdus import ANSWERS, NAMED
from smskit.transports.smpp.pending import Pending

LENGTHS = [
    ("a length below that of a header", bytes((0, 0, 0, 8)) + bytes(4)),
    ("a length of nothing", bytes(4)),
    ("a length of two gigabytes", b"\x7f\xff\xff\xff" + bytes(12)),
    ("a length just over the cap", (70_001).to_bytes(4, "big")),
    ("somebody who speaks HTTP", b"GET / HTTP/1.1\r\nHost: smsc\r\n\r\n"),
    ("somebody who speaks TLS", bytes.fromhex("1603010200010001fc0303")),
]


@pytest.mark.parametrize("octets", [row[1] for row in LENGTHS], ids=[row[0] for row in LENGTHS])
def test_a_length_that_cannot_be_ends_the_session_with_a_nack(bound, role: Role, octets: bytes) -> None:
    side = bound(role)
    requests = side.ask(3)
    events = side.session.feed(octets, 1.0)
    assert [type(event) for event in events] == [Unanswered] * 3 + [Closed]
    assert [(event.request, event.cause, event.in_doubt) for event in events[:3]] == [
        (request, Cause.ENDED, True) for request in requests
    ]
    assert events[-1].end is End.BROKEN_FRAME
    [nack] = side.sent()
    assert (nack.pdu, nack.sequence) == (GenericNack(Status.ESME_RINVCMDLEN), 0)
    # Nothing is read after it, not even what looks whole: where a PDU begins is a guess from here on.
    assert side.session.feed(encode(EnquireLink(), 1), 1.0) == []
    assert side.session.take() == b""


def test_the_largest_pdu_is_a_parameter(bound, role: Role) -> None:
    side = bound(role, limits=Limits(largest_pdu=100))
    [asked] = side.hear(side.theirs(short_message=b"x" * 50), 5)
    assert isinstance(asked, Asked)
    [closed] = side.hear(side.theirs(short_message=b"x" * 100), 6)
    assert closed.end is End.BROKEN_FRAME


def test_a_pdu_that_is_cut_by_the_end_of_the_connection(bound, role: Role) -> None:
    side = bound(role)
    requests = side.ask(4)
    answer = encode(ANSWERS[side.ours](0, "id"), requests[0].sequence)
    [answered] = side.session.feed(answer + answer[:9], 1.0)
    assert answered.request is requests[0]
    events = side.session.lost()
    assert [event.request for event in events[:-1]] == requests[1:]
    assert all(event.in_doubt for event in events[:-1])
    assert (events[-1].end, events[-1].detail) == (End.LOST, "9 octets of an unfinished PDU")


def test_a_connection_lost_says_of_each_request_whether_it_can_have_arrived(bound, role: Role) -> None:
    side = bound(role)
    taken, kept = side.ask(2), side.ask(2, taken=False)
    *events, closed = side.session.lost()
    assert [(event.request, event.in_doubt) for event in events] == [
        *((request, True) for request in taken),
        *((request, False) for request in kept),
    ]
    assert closed == Closed(End.LOST)
    assert side.session.take() == b""
    assert side.session.in_flight == 0
    assert side.session.lost() == []


def test_an_unknown_command_is_refused_with_its_number_and_the_session_goes_on(bound, role: Role) -> None:
    side = bound(role)
    [turned] = side.hear(UnknownPdu(0x00010201, 0, b"vendor"), 77)
    assert (turned.pdu, turned.status) == (UnknownPdu(0x00010201, 0, b"vendor"), Status.ESME_RINVCMDID)
    [nack] = side.sent()
    assert (nack.pdu, nack.sequence) == (GenericNack(Status.ESME_RINVCMDID), 77)
    assert side.session.is_bound


def test_a_command_of_the_other_side_is_refused_like_an_unknown_one(bound, role: Role) -> None:
    side = bound(role)
    [turned] = side.hear(side.ours(), 4)
    assert turned.status == Status.ESME_RINVCMDID
    assert side.sent()[0].pdu == GenericNack(Status.ESME_RINVCMDID)


def test_unasked_and_second_answers_are_told_and_left_out(bound, role: Role) -> None:
    side = bound(role)
    [request] = side.ask()
    answer = ANSWERS[side.ours](0, "id")
    assert side.hear(answer, 4711) == [Stray(answer, 4711)]
    [answered] = side.hear(answer, request.sequence)
    assert isinstance(answered, Answered)
    assert side.hear(answer, request.sequence) == [Stray(answer, request.sequence)]
    assert side.sent() == []


def test_an_answer_to_another_command_leaves_the_request_waiting(bound, role: Role) -> None:
    side = bound(role)
    [request] = side.ask()
    [stray] = side.hear(EnquireLinkResp(), request.sequence)
    assert isinstance(stray, Stray)
    assert side.session.in_flight == 1


def test_an_answer_that_never_comes_frees_its_place_and_is_matched_when_it_is_late(bound, role: Role) -> None:
    side = bound(role, timers=Timers(response_s=5, grace_s=10, enquire_link_s=None), limits=Limits(window=1))
    [request] = side.ask(now=0.0)
    assert side.session.room == 0
    assert side.session.next_deadline == 5.0
    assert side.session.tick(4.9) == []
    assert side.session.tick(5.0) == [Unanswered(request, Cause.EXPIRED, in_doubt=True)]
    assert side.session.room == 1
    [late] = side.hear(ANSWERS[side.ours](0, "id"), request.sequence, 14.0)
    assert (late.request, late.late, late.response.message_id) == (request, True, "id")


def test_after_its_time_of_grace_a_late_answer_is_unknown(bound, role: Role) -> None:
    side = bound(role, timers=Timers(response_s=5, grace_s=10, enquire_link_s=None))
    [request] = side.ask(now=0.0)
    side.session.tick(5.0)
    side.ask(now=10.0)
    side.session.tick(15.0)
    [stray] = side.hear(ANSWERS[side.ours](0, "id"), request.sequence, 15.1)
    assert isinstance(stray, Stray)


def test_a_request_that_nobody_took_in_its_time_is_certainly_not_sent(bound, role: Role) -> None:
    side = bound(role, timers=Timers(response_s=30, enquire_link_s=None))
    request = side.session.request(side.ours(), 0.0, expires_in_s=2.0)
    assert side.session.tick(2.0) == [Unanswered(request, Cause.EXPIRED, in_doubt=False)]
    # And it never will be: the octets went with it.
    assert side.session.waiting == 0
    assert side.session.take() == b""
    [stray] = side.hear(ANSWERS[side.ours](0, "id"), request.sequence, 3.0)
    assert isinstance(stray, Stray)


def test_a_late_answer_is_matched_for_the_whole_time_of_grace(bound, role: Role) -> None:
    side = bound(role, timers=Timers(response_s=5, grace_s=10, enquire_link_s=None))
    [first], [_] = side.ask(now=0.0), side.ask(now=9.9)
    side.session.tick(5.0)
    side.session.tick(14.9)
    [late] = side.hear(ANSWERS[side.ours](0, "id"), first.sequence, 14.95)
    assert (late.request, late.late) == (first, True)


def test_numbers_wrap_to_one(opened) -> None:
    side = opened(Role.ESME, first_sequence=0x7FFFFFFE)
    side.session.request(BindTransceiver("us"), 0.0)
    side.hear(BindTransceiverResp(0, "centre"), 0x7FFFFFFE)
    assert [request.sequence for request in side.ask(3)] == [0x7FFFFFFF, 1, 2]


def test_numbers_leave_out_those_that_still_wait() -> None:
    pending = Pending(0x7FFFFFFF)
    for sequence, is_message in ((0x7FFFFFFF, True), (1, False), (3, True)):
        pending.add(Request(EnquireLink(), sequence, None, 9.0, 0), is_message=is_message)
    pending.add_late(Request(SubmitSm(), 4, None, 9.0, 0), 20.0)
    assert [pending.next_sequence() for _ in range(3)] == [2, 5, 6]


def test_a_peer_that_unbinds_gets_its_answer_and_time_to_answer_ours(bound, role: Role) -> None:
    side = bound(role, timers=Timers(drain_s=10, response_s=60))
    taken, kept = side.ask(2), side.ask(1, taken=False)
    events = side.hear(Unbind(), 9, 1.0)
    assert events == [PeerUnbinds(), Unanswered(kept[0], Cause.ENDED, in_doubt=False)]
    assert [(frame.pdu, frame.sequence) for frame in side.sent()] == [(UnbindResp(), 9)]
    assert side.session.state is State.LEAVING
    with pytest.raises(NotNow):
        side.ask()
    [answered] = side.hear(ANSWERS[side.ours](0, "id"), taken[0].sequence, 2.0)
    assert answered.is_ok
    assert side.session.next_deadline == 11.0
    assert side.session.tick(11.0) == [Unanswered(taken[1], Cause.ENDED, in_doubt=True), Closed(End.PEER_UNBOUND)]


def test_a_peer_that_unbinds_is_let_go_with_the_last_answer(bound, role: Role) -> None:
    side = bound(role)
    [request] = side.ask()
    side.hear(Unbind(), 9)
    events = side.hear(ANSWERS[side.ours](0, "id"), request.sequence)
    assert [type(event) for event in events] == [Answered, Closed]


def test_a_peer_that_unbinds_with_nothing_in_flight_is_let_go_at_once(bound, role: Role) -> None:
    assert bound(role).hear(Unbind(), 9) == [PeerUnbinds(), Closed(End.PEER_UNBOUND)]


def test_a_peer_that_unbinds_behind_a_request_has_both_answers_in_their_order(bound, role: Role) -> None:
    side = bound(role)
    [first, second] = [event for number in (3, 4) for event in side.hear(side.theirs(), number)]
    assert side.hear(Unbind(), 9, 1.0) == [PeerUnbinds()]
    assert side.sent() == []
    answer = ANSWERS[side.theirs](0, "")
    assert side.session.respond(second, answer)
    assert side.session.tick(1.5) == []
    assert side.session.respond(first, answer)
    assert [(type(frame.pdu), frame.sequence) for frame in side.sent()] == [
        (type(answer), 4),
        (type(answer), 3),
        (UnbindResp, 9),
    ]
    assert side.session.next_deadline is not None
    assert side.session.next_deadline <= 1.5
    assert side.session.tick(1.5) == [Closed(End.PEER_UNBOUND)]


def test_a_peer_that_unbinds_is_not_kept_for_an_answer_that_nobody_gives(bound, role: Role) -> None:
    side = bound(role, timers=Timers(drain_s=10, enquire_link_s=None))
    [asked] = side.hear(side.theirs(), 3)
    side.hear(Unbind(), 9, 1.0)
    assert side.session.next_deadline == 11.0
    assert side.session.tick(10.9) == []
    assert side.session.tick(11.0) == [Closed(End.PEER_UNBOUND)]
    assert [(frame.pdu, frame.sequence) for frame in side.sent()] == [(UnbindResp(), 9)]
    assert side.session.respond(asked, ANSWERS[side.theirs](0, "")) is False


def test_a_peer_that_unbinds_amid_requests_of_both_sides_waits_for_all_of_them(bound, role: Role) -> None:
    side = bound(role)
    [ours], [theirs] = side.ask(), side.hear(side.theirs(), 3)
    side.hear(Unbind(), 9, 1.0)
    assert side.session.respond(theirs, ANSWERS[side.theirs](0, ""))
    assert [frame.sequence for frame in side.sent()] == [3, 9]
    assert side.session.tick(1.5) == []
    events = side.hear(ANSWERS[side.ours](0, "id"), ours.sequence)
    assert [type(event) for event in events] == [Answered, Closed]
    assert side.sent() == []


def test_who_unbinds_before_the_answer_to_its_bind_is_never_bound(opened) -> None:
    side = opened(Role.SMSC)
    [asked] = side.hear(BindTransceiver("us"), 1)
    assert side.hear(Unbind(), 2) == [PeerUnbinds()]
    assert side.session.respond(asked, BindTransceiverResp(0, "centre"))
    assert not side.session.is_bound
    assert [type(frame.pdu) for frame in side.sent()] == [BindTransceiverResp, UnbindResp]
    assert side.session.tick(1.0) == [Closed(End.PEER_UNBOUND)]


# ---------------------------------------------------------------- answers


def test_an_identifier_without_its_nul(bound, role: Role) -> None:
    side = bound(role)
    [request] = side.ask()
    octets = encode(UnknownPdu(side.ours.command_id | 0x80000000, 0, b"abc"), request.sequence)
    [answered] = side.session.feed(octets, 1.0)
    assert (answered.response.message_id, answered.is_ok) == ("abc", True)


def test_a_success_without_a_body_is_a_success(bound, role: Role) -> None:
    side = bound(role)
    [request] = side.ask()
    [answered] = side.hear(ANSWERS[side.ours](0), request.sequence)
    assert (answered.is_ok, answered.response.message_id) == (True, None)


@pytest.mark.parametrize(
    "kind", [kind for kind in NAMED if issubclass(kind, Answer)], ids=lambda kind: f"{kind.__name__} without a body"
)
def test_every_refusal_may_come_without_a_body(bound, kind: type[Answer]) -> None:
    octets = bytes((0, 0, 0, 16)) + kind.command_id.to_bytes(4, "big") + bytes((0, 0, 0, 0x14, 0, 0, 0, 2))
    [stray] = bound(Role.ESME).session.feed(octets, 1.0)
    assert (stray.pdu, stray.problems) == (kind(0x14), ())


def test_a_refusal_with_a_body_keeps_its_parameters(bound, role: Role) -> None:
    side = bound(role)
    [request] = side.ask()
    why = (tlv(Tag.ADDITIONAL_STATUS_INFO_TEXT, "no route"),)
    [answered] = side.hear(ANSWERS[side.ours](Status.ESME_RSUBMITFAIL, "", why), request.sequence)
    assert (answered.is_ok, answered.response.status) == (False, Status.ESME_RSUBMITFAIL)
    assert answered.response.tlvs[0].reading == "no route"


def test_a_generic_nack_fails_the_request_that_it_names(bound, role: Role) -> None:
    side = bound(role)
    _, second = side.ask(2)
    [answered] = side.hear(GenericNack(Status.ESME_RINVCMDLEN), second.sequence)
    assert (answered.request, answered.is_ok) == (second, False)
    assert side.session.in_flight == 1
    [stray] = side.hear(GenericNack(Status.ESME_RINVCMDLEN), 0)
    assert isinstance(stray, Stray)
    assert side.sent() == []


def test_a_nack_is_no_success_even_with_status_0(bound, opened, role: Role) -> None:
    side = bound(role)
    [request] = side.ask()
    [answered] = side.hear(GenericNack(0), request.sequence)
    assert not answered.is_ok
    binding = opened(Role.ESME)
    request = binding.session.request(BindTransceiver("us"), 0.0)
    refused, _ = binding.hear(GenericNack(0), request.sequence)
    assert isinstance(refused, BindRefused)
    centre = opened(Role.SMSC)
    [asked] = centre.hear(BindTransceiver("us"), 1)
    centre.session.respond(asked, GenericNack(0))
    assert centre.session.state is State.OPEN


def test_a_status_of_a_vendor_is_kept(bound, role: Role) -> None:
    side = bound(role)
    [request] = side.ask()
    [answered] = side.hear(ANSWERS[side.ours](0x45A), request.sequence)
    assert answered.response.status == 0x45A
    assert meaning_of(0x45A).kind is StatusClass.PERMANENT_MESSAGE


def test_an_answer_that_cannot_be_read_is_still_the_answer_and_is_never_nacked(bound, role: Role) -> None:
    side = bound(role, strict=True)
    [request] = side.ask()
    octets = encode(UnknownPdu(side.ours.command_id | 0x80000000, 0, b"id\0\x14\x01\xff\xff"), request.sequence)
    [answered] = side.session.feed(octets, 1.0)
    assert (answered.response.message_id, len(answered.problems)) == ("id", 1)
    assert side.sent() == []


def test_answers_in_another_order(bound, role: Role) -> None:
    side = bound(role)
    requests = side.ask(4)
    answers = [encode(ANSWERS[side.ours](0, str(each.sequence)), each.sequence) for each in reversed(requests)]
    events = side.session.feed(b"".join(answers), 1.0)
    assert [event.request for event in events] == requests[::-1]
    assert all(event.response.message_id == str(event.request.sequence) for event in events)


# ---------------------------------------------------------------- requests with something odd in them

ODD = [
    # what                                       pdu fields                                        problems
    ("a parameter of a vendor", {"tlvs": (Tlv(0x1403, b"\x01"),)}, 0),
    ("a parameter that nobody named", {"tlvs": (Tlv(0x9999, b""),)}, 0),
    ("a parameter of a wrong length", {"tlvs": (Tlv(Tag.MESSAGE_STATE, b"\x01\x02"),)}, 1),
    ("a type of number that nobody named", {"source_addr_ton": 7}, 0),
    ("a numbering plan that nobody named", {"dest_addr_npi": 250}, 0),
    ("a data coding by its group", {"data_coding": 0xF1}, 0),
    ("an address of thirty digits", {"source_addr": "1" * 30}, 1),
    ("a time of three characters", {"schedule_delivery_time": "now"}, 1),
]


@pytest.mark.parametrize(("values", "count"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_something_odd_is_handed_out_as_it_is(bound, role: Role, values: dict[str, object], count: int) -> None:
    side = bound(role)
    pdu = side.theirs(**values)
    [asked] = side.hear(pdu, 5)
    assert (asked.pdu, len(asked.problems)) == (pdu, count)
    assert side.sent() == []
    assert side.session.respond(asked, ANSWERS[side.theirs](0, ""))
    assert [frame.sequence for frame in side.sent()] == [5]


@pytest.mark.parametrize(("values", "count"), [row[1:] for row in ODD if row[2]], ids=[row[0] for row in ODD if row[2]])
def test_a_strict_session_refuses_something_odd(bound, role: Role, values: dict[str, object], count: int) -> None:
    side = bound(role, strict=True)
    [turned] = side.hear(side.theirs(**values), 5)
    assert isinstance(turned, Turned)
    [frame] = side.sent()
    assert (type(frame.pdu), frame.pdu.status, frame.sequence) == (ANSWERS[side.theirs], turned.status, 5)


def test_a_data_coding_by_its_group() -> None:
    assert DataCoding.of(0xF1).message_class == 1


MESSAGE = encode(SubmitSm("", 1, 1, "33600000000", 1, 1, "33612345678", short_message=b"hello"), 5)[16:]
DAMAGED = [
    # what                                    body                                    lenient                     strict
    ("a parameter longer than the PDU", MESSAGE + b"\x04\x24\x00\x09abc", None, Status.ESME_RINVTLVSTREAM),
    ("stray octets at the end", MESSAGE + b"\0\0\0", None, Status.ESME_RINVTLVSTREAM),
    ("a text shorter than announced", MESSAGE[:-2], None, Status.ESME_RINVMSGLEN),
    ("a body that ends in the flags", MESSAGE[:32], Status.ESME_RINVCMDLEN, Status.ESME_RINVCMDLEN),
    ("a recipient without its NUL", MESSAGE[:25], Status.ESME_RINVCMDLEN, Status.ESME_RINVDSTADR),
    ("no body at all", b"", Status.ESME_RINVCMDLEN, Status.ESME_RINVCMDLEN),
]


@pytest.mark.parametrize(("body", "lenient", "strict"), [row[1:] for row in DAMAGED], ids=[row[0] for row in DAMAGED])
def test_damaged_requests(bound, role: Role, body: bytes, lenient: Status | None, strict: Status) -> None:
    for expected, options in ((lenient, {}), (strict, {"strict": True})):
        side = bound(role, **options)
        [event] = side.session.feed(encode(UnknownPdu(side.theirs.command_id, 0, body), 5), 1.0)
        if expected is None:
            assert isinstance(event, Asked)
            assert event.problems
            assert event.pdu.destination_addr == "33612345678"
        else:
            assert isinstance(event, Turned)
            [frame] = side.sent()
            assert (frame.pdu, frame.sequence) == (ANSWERS[side.theirs](expected), 5)
        assert side.session.is_bound


def test_a_message_payload_of_sixty_thousand_octets(bound, role: Role) -> None:
    side = bound(role)
    [asked] = side.hear(DataSm(tlvs=(tlv(Tag.MESSAGE_PAYLOAD, b"x" * 60_000),)), 5)
    assert len(asked.pdu.tlvs[0].value) == 60_000


@pytest.mark.parametrize("sequence", [0, 0xFFFFFFFF])
def test_any_number_is_echoed(bound, role: Role, sequence: int) -> None:
    side = bound(role)
    [asked] = side.hear(side.theirs(), sequence)
    side.session.respond(asked, ANSWERS[side.theirs](0, ""))
    side.hear(EnquireLink(), sequence)
    assert [frame.sequence for frame in side.sent()] == [sequence, sequence]


def test_one_number_twice_is_two_requests(bound, role: Role) -> None:
    side = bound(role)
    first, second = *side.hear(side.theirs(), 5), *side.hear(side.theirs(), 5)
    assert side.session.owed == 2
    assert side.session.respond(second, ANSWERS[side.theirs](0, ""))
    assert side.session.respond(first, ANSWERS[side.theirs](0, ""))
    assert len(side.sent()) == 2


# ---------------------------------------------------------------- states


def test_a_pdu_glued_behind_the_answer_to_the_bind(opened) -> None:
    side = opened(Role.ESME)
    request = side.session.request(BindTransceiver("us"), 0.0)
    octets = encode(BindTransceiverResp(0, "centre"), request.sequence) + encode(DeliverSm(short_message=b"hi"), 1)
    bound_event, asked = side.session.feed(octets, 0.1)
    assert isinstance(bound_event, Bound)
    assert asked.pdu.short_message == b"hi"


REFUSALS = [
    # what                                       body     status
    ("a refusal without a body", b"", Status.ESME_RINVPASWD),
    ("a refusal with an empty name", b"\0", Status.ESME_RBINDFAIL),
    ("a refusal with a name", b"centre\0", Status.ESME_RALYBND),
    ("a refusal of a vendor", b"", 0x45A),
]


@pytest.mark.parametrize(("body", "status"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
@pytest.mark.parametrize("command", [0x80000009, 0x80000000], ids=["as its answer", "as a nack"])
def test_a_refused_bind_is_a_refusal(opened, body: bytes, status: int, command: int) -> None:
    side = opened(Role.ESME)
    request = side.session.request(BindTransceiver("us", "secret"), 0.0)
    octets = encode(UnknownPdu(command, status, body), request.sequence)
    refused, closed = side.session.feed(octets, 0.1)
    assert isinstance(refused, BindRefused)
    assert (refused.request, refused.response.status) == (request, status)
    assert closed == Closed(End.REFUSED)
    with pytest.raises(NotNow):
        side.ask()


def test_a_bind_without_an_answer_is_given_up(opened) -> None:
    side = opened(Role.ESME, timers=Timers(response_s=5))
    request = side.session.request(BindTransceiver("us"), 0.0)
    side.session.take()
    unanswered, closed = side.session.tick(5.0)
    assert (unanswered.request, closed.end) == (request, End.NOT_BOUND)


def test_a_connection_without_a_bind_is_closed(opened) -> None:
    side = opened(Role.SMSC, timers=Timers(session_init_s=10))
    assert side.session.next_deadline == 10.0
    assert [event.end for event in side.session.tick(10.0)] == [End.NOT_BOUND]


WRONG = [
    # what                                   role        bind               request          status
    ("a message before the bind", Role.SMSC, None, SubmitSm(), Status.ESME_RINVBNDSTS),
    ("a query before the bind", Role.SMSC, None, QuerySm(), Status.ESME_RINVBNDSTS),
    ("a message from a receiver", Role.SMSC, BindReceiver, SubmitSm(), Status.ESME_RINVBNDSTS),
    ("a replacement from a receiver", Role.SMSC, BindReceiver, ReplaceSm(), Status.ESME_RINVBNDSTS),
    ("a cancellation from a receiver", Role.SMSC, BindReceiver, CancelSm(), Status.ESME_RINVBNDSTS),
    ("a second bind", Role.SMSC, BindTransceiver, BindTransmitter("us"), Status.ESME_RALYBND),
    ("a delivery before the bind", Role.ESME, None, DeliverSm(), Status.ESME_RINVBNDSTS),
    ("a delivery to a transmitter", Role.ESME, BindTransmitter, DeliverSm(), Status.ESME_RINVBNDSTS),
    ("data before the bind", Role.ESME, None, DataSm(), Status.ESME_RINVBNDSTS),
]


@pytest.mark.parametrize(
    ("side_of", "bind", "pdu", "status"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_a_request_in_the_wrong_state_is_refused(opened, bound, side_of: Role, bind, pdu, status: Status) -> None:
    side = bound(side_of, bind) if bind else opened(side_of)
    state = side.session.state
    [turned] = side.hear(pdu, 8)
    assert (turned.pdu, turned.status) == (pdu, status)
    [frame] = side.sent()
    assert (type(frame.pdu), frame.pdu.status, frame.sequence) == (ANSWERS[type(pdu)], status, 8)
    assert side.session.state is state


def test_what_has_no_answer_is_nacked_in_the_wrong_state(bound) -> None:
    side = bound(Role.ESME)
    [turned] = side.hear(Outbind("centre"), 3)
    assert turned.status == Status.ESME_RINVBNDSTS
    assert side.sent()[0].pdu == GenericNack(Status.ESME_RINVBNDSTS)


@pytest.mark.parametrize("state", ["open", "bound", "leaving", "unbinding"])
def test_an_enquiry_is_answered_in_every_state(opened, bound, role: Role, state: str) -> None:
    side = opened(role) if state == "open" else bound(role)
    if state == "leaving":
        side.ask()
        side.hear(Unbind(), 2)
    elif state == "unbinding":
        side.session.unbind(1.0)
    side.session.take()
    assert side.hear(EnquireLink(), 44) == []
    assert [(frame.pdu, frame.sequence) for frame in side.sent()] == [(EnquireLinkResp(), 44)]


def test_two_thousand_enquiries_at_once(bound, role: Role) -> None:
    side = bound(role, limits=Limits(most_waiting=10_000))
    side.session.feed(encode(EnquireLink(), 3) * 500, 1.0)
    assert not side.session.wants_pause
    side.session.feed(encode(EnquireLink(), 3) * 1500, 1.0)
    assert side.session.wants_pause
    assert side.session.waiting == 16 * 2000
    assert len(side.sent()) == 2000
    assert not side.session.wants_pause


def test_a_peer_that_asks_faster_than_it_is_answered(bound, role: Role) -> None:
    side = bound(role, limits=Limits(most_owed=3))
    asked = [event for number in range(3) for event in side.hear(side.theirs(), number)]
    assert side.session.wants_pause
    side.session.respond(asked[0], ANSWERS[side.theirs](0, ""))
    assert not side.session.wants_pause


def test_a_peer_that_is_not_read_from_is_not_taken_for_dead(bound, role: Role) -> None:
    timers = Timers(enquire_link_s=30, enquire_answer_s=10)
    side = bound(role, limits=Limits(most_owed=1), timers=timers)
    [asked] = side.hear(side.theirs(), 1, 0.0)
    assert side.session.next_deadline is None
    assert side.session.tick(100.0) == []
    side.session.respond(asked, ANSWERS[side.theirs](0, ""))
    assert side.session.next_deadline == 30.0
    side.session.tick(100.0)
    assert side.sent()[-1].pdu == EnquireLink()
    assert side.session.next_deadline == 110.0
    side.hear(side.theirs(), 1, 105.0)
    assert side.session.tick(110.0) == []


def test_a_delivery_is_acknowledged_when_the_owner_says_so_and_not_before(bound) -> None:
    side = bound(Role.ESME)
    [asked] = side.hear(DeliverSm(short_message=b"receipt"), 12)
    assert side.sent() == []
    assert side.session.respond(asked, DeliverSmResp(0, ""))
    assert [(frame.pdu, frame.sequence) for frame in side.sent()] == [(DeliverSmResp(0, ""), 12)]


def test_an_answer_after_the_end_is_heard_by_nobody(bound, role: Role) -> None:
    side = bound(role)
    [asked] = side.hear(side.theirs(), 12)
    side.session.lost()
    assert side.session.owed == 0
    assert side.session.respond(asked, ANSWERS[side.theirs](0, "")) is False
    assert side.session.take() == b""


def test_submit_sm_resp_is_what_the_table_says() -> None:
    assert ANSWERS[SubmitSm] is SubmitSmResp
