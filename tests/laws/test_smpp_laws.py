"""Laws of SMPP, held by PDUs, octets and losses that nobody would think of."""

from __future__ import annotations

import string
from datetime import datetime, timedelta, timezone

import pytest
from attrs import fields
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smskit.encoding import GSM7, UCS2
from smskit.errors import InvalidInput
from smskit.transports.smpp import (
    ANSWERS,
    Answer,
    Answered,
    Asked,
    BindTransceiver,
    BindTransceiverResp,
    Cause,
    Closed,
    DataCoding,
    Default,
    DeliverSm,
    DeliverSmResp,
    Destination,
    EsmClass,
    Event,
    Limits,
    Long,
    NotNow,
    Pdu,
    Profile,
    RegisteredDelivery,
    Role,
    Session,
    Spelling,
    State,
    SubmitSm,
    SubmitSmResp,
    Timers,
    Tlv,
    Unanswered,
    Undelivered,
    UnknownPdu,
    absolute,
    candidates,
    compose,
    decode,
    encode,
    read_message,
    read_receipt,
    read_time,
    recipient_address,
    relative,
    respell,
    sender_address,
)
from smskit.transports.smpp.codec import encode_by_table, read_by_table
from smskit.transports.smpp.layouts import LAYOUT, Destinations, NotTaken, Number, Octets, Text
from smskit.transports.smpp.pdus import BY_COMMAND, NAMED
from smskit.transports.smpp.receipts import read_date, read_text

LATIN = st.characters(min_codepoint=1, max_codepoint=255)


def texts(layout: Text) -> st.SearchStrategy[str]:
    longest = layout.most - 1
    if layout.whole:
        return st.one_of(st.just(""), st.text(LATIN, min_size=longest, max_size=longest))
    return st.one_of(st.text(LATIN, max_size=longest), st.text(string.digits, max_size=longest))


def values(name: str, layout: object) -> st.SearchStrategy[object]:
    if isinstance(layout, Text):
        # An answer whose first field is None has no body; that has a test of its own.
        return texts(layout)
    if isinstance(layout, Number):
        return st.integers(0, 256**layout.octets - 1)
    if isinstance(layout, Octets):
        return st.binary(max_size=255)
    short = st.text(LATIN, max_size=20)
    octet = st.integers(0, 255)
    if isinstance(layout, Destinations):
        address = st.builds(Destination, short, octet, octet)
        names = st.builds(Destination, short, st.just(0), st.just(0), is_list=st.just(True))
        return st.lists(address | names, max_size=5).map(tuple)
    assert isinstance(layout, NotTaken), name
    return st.lists(st.builds(Undelivered, short, st.integers(0, 2**32 - 1), octet, octet), max_size=5).map(tuple)


# Vendors' tags have no form, so any octets will do; the named ones are held in test_smpp_tlvs.
TLVS = st.lists(st.builds(Tlv, st.integers(0x1400, 0x3FFF), st.binary(max_size=40)), max_size=4).map(tuple)
STATUSES = st.integers(0, 2**32 - 1)
SEQUENCES = st.integers(0, 2**32 - 1)


def pdus_of(kind: type[Pdu]) -> st.SearchStrategy[Pdu]:
    arguments: dict[str, st.SearchStrategy[object]] = {
        each.name: values(each.name, each.metadata[LAYOUT]) for each in fields(kind) if LAYOUT in each.metadata
    }
    if issubclass(kind, Answer):
        arguments["status"] = STATUSES
    return st.builds(kind, tlvs=TLVS, **arguments)


UNKNOWN = st.builds(
    UnknownPdu, st.integers(0, 2**32 - 1).filter(lambda command: command not in BY_COMMAND), STATUSES, st.binary()
)
ANY = st.one_of(*[pdus_of(kind) for kind in NAMED], UNKNOWN)


@pytest.mark.parametrize("kind", NAMED, ids=[kind.__name__ for kind in NAMED])
@given(data=st.data())
@settings(max_examples=40)
def test_what_is_written_is_read_back(kind: type[Pdu], data: st.DataObject) -> None:
    pdu, sequence = data.draw(pdus_of(kind)), data.draw(SEQUENCES)
    frame = decode(encode(pdu, sequence))
    assert (frame.pdu, frame.sequence, frame.problems) == (pdu, sequence, ())
    assert type(frame.pdu) is kind


@given(UNKNOWN, SEQUENCES)
def test_an_unknown_command_is_written_back_as_it_came(pdu: UnknownPdu, sequence: int) -> None:
    octets = encode(pdu, sequence)
    assert encode(decode(octets).pdu, sequence) == octets


@given(ANY, SEQUENCES)
def test_the_short_road_writes_and_reads_what_the_long_one_does(pdu: Pdu, sequence: int) -> None:
    octets = encode(pdu, sequence)
    assert octets == encode_by_table(pdu, sequence)
    frame = decode(octets)
    assert frame == read_by_table(octets, 16, len(octets), pdu.command_id, frame.status, sequence)


@given(st.sampled_from([4, 5, 0x80000004, 0x80000005, 0x15, 0x80000015]), st.data())
def test_both_roads_read_damaged_octets_alike(command: int, data: st.DataObject) -> None:
    octets = bytearray(encode(data.draw(pdus_of(BY_COMMAND[command])), 7))
    for _ in range(data.draw(st.integers(0, 3))):
        octets[data.draw(st.integers(16, len(octets)), "place") - 1] = data.draw(st.integers(0, 255))
    body = bytes(octets[16 : data.draw(st.integers(16, len(octets)), "cut")])
    framed = encode(UnknownPdu(1, 0, body), 7)
    one = read_by_table(framed, 16, len(framed), command, 0, 7)
    other = decode(framed[:4] + command.to_bytes(4, "big") + bytes(4) + framed[12:])
    assert one == other


@given(st.integers(0, 2**32 - 1), SEQUENCES, st.binary(max_size=300))
def test_any_body_of_any_command_is_read_as_something(command: int, sequence: int, body: bytes) -> None:
    for chosen in (command, *BY_COMMAND):
        octets = (16 + len(body)).to_bytes(4, "big") + chosen.to_bytes(4, "big") + bytes(4) + bytes(4) + body
        frame = decode(octets)
        assert frame.pdu.command_id == chosen
        repr(frame)


@given(st.text(max_size=30), st.integers(), st.binary(max_size=300), st.text(max_size=30), st.integers())
def test_what_cannot_be_written_is_refused_alike_on_both_roads(
    address: str, flag: int, text: bytes, source: str, sequence: int
) -> None:
    pdu = SubmitSm(source_addr=source, destination_addr=address, esm_class=flag, short_message=text)
    outcomes = []
    for road in (encode, encode_by_table):
        try:
            outcomes.append(road(pdu, sequence))
        except InvalidInput:
            outcomes.append("refused")  # of several wrong fields either road may name another one
    assert outcomes[0] == outcomes[1]


# ---------------------------------------------------------------- sessions and octets


def told(events: list[Event]) -> list[str]:
    """Give events so that two sessions can be compared: requests are told apart by what they are, not by identity."""
    return [repr(event) for event in events]


def bound(role: Role = Role.ESME) -> Session:
    session = Session(role, 0.0, limits=Limits(window=5, largest_pdu=500))
    bind = encode(BindTransceiver("us", "secret"), 1)
    if role is Role.SMSC:
        [asked] = session.feed(bind, 0.0)
        assert isinstance(asked, Asked)
        session.respond(asked, BindTransceiverResp(0, "centre"))
    else:
        session.request(BindTransceiver("us", "secret"), 0.0)
        session.feed(encode(BindTransceiverResp(0, "centre"), 1), 0.0)
        for number in range(3):
            session.request(SubmitSm(short_message=b"%d" % number), 0.0)
    session.take()
    return session


STREAM = st.lists(
    st.one_of(
        st.tuples(ANY, st.integers(1, 6)).map(lambda pair: encode(*pair)),
        st.builds(SubmitSmResp, st.just(0), st.just("1")).map(lambda pdu: encode(pdu, 3)),
        st.binary(max_size=40),
    ),
    max_size=6,
).map(b"".join)


@given(STREAM, st.lists(st.integers(1, 200), max_size=20), st.sampled_from(list(Role)))
def test_however_octets_are_cut_the_events_and_the_answers_are_the_same(
    octets: bytes, cuts: list[int], role: Role
) -> None:
    whole, cut, single = bound(role), bound(role), bound(role)
    expected = told(whole.feed(octets, 1.0))
    found, at = [], 0
    for size in [*cuts, len(octets)]:
        found += told(cut.feed(octets[at : at + size], 1.0))
        at += size
    one_by_one = [event for octet in octets for event in told(single.feed(bytes((octet,)), 1.0))]
    assert found == one_by_one == expected
    assert cut.take() == single.take() == whole.take()
    assert cut.state is single.state is whole.state


@given(st.lists(st.binary(max_size=120), max_size=8), st.sampled_from(list(Role)), st.booleans())
def test_random_octets_only_ever_give_events(chunks: list[bytes], role: Role, strict: bool) -> None:
    session = Session(role, 0.0, strict=strict)
    events = [event for chunk in chunks for event in session.feed(chunk, 0.0)]
    events += session.lost()
    assert isinstance(events[-1], Closed)
    assert sum(isinstance(event, Closed) for event in events) == 1


@given(st.lists(st.binary(max_size=120), max_size=8), st.sampled_from(list(Role)))
def test_random_octets_behind_a_bind_lose_no_request(chunks: list[bytes], role: Role) -> None:
    session = bound(role)
    expected = session.in_flight
    events = [event for chunk in chunks for event in session.feed(chunk, 0.0)] + session.lost()
    assert sum(isinstance(event, (Answered, Unanswered)) for event in events) == expected


# ---------------------------------------------------------------- two sessions over a wire that breaks


class Wire(RuleBasedStateMachine):
    """An application and a centre talk; octets arrive in pieces, time passes, the connection may go at any moment."""

    def __init__(self) -> None:
        super().__init__()
        timers = Timers(enquire_link_s=20, enquire_answer_s=10, response_s=15, grace_s=10, drain_s=8)
        self.now = 0.0
        self.esme = Session(Role.ESME, 0.0, timers=timers, limits=Limits(window=4), first_sequence=0x7FFFFFFD)
        self.smsc = Session(Role.SMSC, 0.0, timers=timers, limits=Limits(window=4))
        self.to_smsc = self.to_esme = b""
        self.asked_of_smsc: list[Asked] = []
        self.asked_of_esme: list[Asked] = []
        self.requested: dict[str, int] = {}
        self.outcomes: dict[str, list[Event]] = {}
        self.seen_by_peer: set[str] = set()
        self.count = 0

    @initialize()
    def bind(self) -> None:
        self.esme.request(BindTransceiver("us", "secret"), 0.0)
        self.flow()
        self.smsc.respond(self.asked_of_smsc.pop(), BindTransceiverResp(0, "centre"))
        self.flow()
        assert self.esme.state is self.smsc.state is State.BOUND_TRX

    def flow(self, towards_smsc: int | None = None, towards_esme: int | None = None) -> None:
        self.to_smsc += self.esme.take()
        self.to_esme += self.smsc.take()
        sent, self.to_smsc = self.to_smsc[:towards_smsc], self.to_smsc[len(self.to_smsc[:towards_smsc]) :]
        self.heard(self.smsc.feed(sent, self.now), self.asked_of_smsc)
        back, self.to_esme = self.to_esme[:towards_esme], self.to_esme[len(self.to_esme[:towards_esme]) :]
        self.heard(self.esme.feed(back, self.now), self.asked_of_esme)

    def heard(self, events: list[Event], asked: list[Asked]) -> None:
        for event in events:
            if isinstance(event, Asked):
                asked.append(event)
                if isinstance(event.pdu, (SubmitSm, DeliverSm)):
                    self.seen_by_peer.add(event.pdu.short_message.decode())
            elif isinstance(event, (Answered, Unanswered)) and isinstance(event.request.context, str):
                self.outcomes.setdefault(event.request.context, []).append(event)

    def ask(self, session: Session, kind: type[SubmitSm] | type[DeliverSm]) -> None:
        self.count += 1
        name = f"{session.role.value} {self.count}"
        try:
            session.request(kind(short_message=name.encode()), self.now, context=name)
        except NotNow:
            assert session.room == 0
        else:
            self.requested[name] = self.count

    @rule()
    def submit(self) -> None:
        self.ask(self.esme, SubmitSm)

    @rule()
    def deliver(self) -> None:
        self.ask(self.smsc, DeliverSm)

    @rule(there=st.none() | st.integers(0, 60), back=st.none() | st.integers(0, 60))
    def carry(self, there: int | None, back: int | None) -> None:
        self.flow(there, back)

    @rule(index=st.integers(0, 9))
    @precondition(lambda self: self.asked_of_smsc)
    def take_message(self, index: int) -> None:
        asked = self.asked_of_smsc.pop(index % len(self.asked_of_smsc))
        self.smsc.respond(asked, SubmitSmResp(0, f"id{asked.sequence}"))

    @rule(index=st.integers(0, 9))
    @precondition(lambda self: self.asked_of_esme)
    def take_delivery(self, index: int) -> None:
        asked = self.asked_of_esme.pop(index % len(self.asked_of_esme))
        self.esme.respond(asked, DeliverSmResp(0, ""))

    @rule(seconds=st.floats(0, 40))
    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while True:
            deadlines = [each.next_deadline for each in (self.esme, self.smsc)]
            due = min((deadline for deadline in deadlines if deadline is not None), default=until)
            self.now = max(self.now, min(due, until))
            self.heard(self.esme.tick(self.now), self.asked_of_esme)
            self.heard(self.smsc.tick(self.now), self.asked_of_smsc)
            for session in (self.esme, self.smsc):
                assert session.next_deadline is None or session.next_deadline > self.now
            if due >= until:
                break
        self.now = until

    @rule(side=st.sampled_from(list(Role)))
    def unbind(self, side: Role) -> None:
        session = self.esme if side is Role.ESME else self.smsc
        self.heard(session.unbind(self.now), [])

    @rule()
    def lose(self) -> None:
        self.to_smsc = self.to_esme = b""
        self.heard(self.esme.lost(), [])
        self.heard(self.smsc.lost(), [])

    @invariant()
    def bounds_hold(self) -> None:
        for session in (self.esme, self.smsc):
            assert session.in_flight <= session.limits.window
            assert (session.state is State.CLOSED) <= (session.next_deadline is None)

    @invariant()
    def every_request_ends_once(self) -> None:
        for name, events in self.outcomes.items():
            first, *more = events
            # A second word is an answer that came too late, after its request was given up.
            assert len(more) <= 1
            if more:
                assert isinstance(first, Unanswered)
                assert first.cause is Cause.EXPIRED
                assert isinstance(more[0], Answered)
                assert more[0].late
            if isinstance(first, Unanswered) and not first.in_doubt:
                assert name not in self.seen_by_peer
            if isinstance(first, Answered):
                assert name in self.seen_by_peer

    def teardown(self) -> None:
        self.lose()
        self.every_request_ends_once()
        assert set(self.requested) == set(self.outcomes)


Wire.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestWire = Wire.TestCase


# ---------------------------------------------------------------- fields, times, identifiers, receipts, texts


@given(st.integers(0, 255))
def test_every_octet_of_bits_has_a_reading_that_writes_it(octet: int) -> None:
    assert EsmClass.of(octet).octet == octet
    assert RegisteredDelivery.of(octet).octet == octet
    assert DataCoding.of(octet).value == octet


@given(
    st.datetimes(datetime(1938, 1, 2), datetime(2037, 12, 30)),
    st.integers(-48, 48),
)
def test_an_instant_is_read_back_to_the_tenth(at: datetime, quarters: int) -> None:
    aware = at.replace(
        microsecond=at.microsecond // 100_000 * 100_000, tzinfo=timezone(timedelta(minutes=15 * quarters))
    )
    assert read_time(absolute(aware)) == aware


@given(st.timedeltas(timedelta(0), timedelta(days=99)))
def test_a_period_is_read_back_rounded_up_to_a_second(period: timedelta) -> None:
    found = read_time(relative(period))
    assert isinstance(found, timedelta)
    assert timedelta(0) <= found - period < timedelta(seconds=1)


@given(st.integers(1, 2**64), st.integers(0, 5), st.booleans())
def test_the_identifier_of_an_answer_is_among_the_spellings_of_that_of_its_receipt(
    number: int, zeros: int, upper: bool
) -> None:
    hexadecimal, decimal = f"{number:X}" if upper else f"{number:x}", str(number)
    assert (Spelling.HEX_TO_DECIMAL, decimal) in {
        (Spelling.HEX_TO_DECIMAL, each) for _, each in candidates("0" * zeros + hexadecimal)
    }
    assert f"{number:x}" in [each for _, each in candidates("0" * zeros + decimal)]


@given(st.text(max_size=70))
def test_any_identifier_has_candidates_and_the_exact_one_is_first(message_id: str) -> None:
    assert candidates(message_id)[0] == (Spelling.EXACT, message_id)
    for spelling in Spelling:
        respell(message_id, spelling)


@given(st.binary(max_size=255), TLVS, st.integers(0, 255), st.integers(0, 255))
def test_any_delivery_has_a_reading(octets: bytes, parameters: tuple[Tlv, ...], esm_class: int, coding: int) -> None:
    pdu = DeliverSm(esm_class=esm_class, data_coding=coding, short_message=octets, tlvs=parameters)
    receipt = read_receipt(pdu)
    assert receipt.failure is None or receipt.status is not None
    for default in Default:
        found = read_message(pdu, profile=Profile(default=default))
        assert 1 <= found.place <= found.total
    read_date(octets.decode("latin-1"), timezone.utc)


@given(st.text(), st.text())
def test_the_text_of_a_receipt_is_kept_whatever_is_in_it(head: str, text: str) -> None:
    assert read_text(f"id:1 stat:DELIVRD text:{text}")["text"] == text
    read_text(head)


@given(
    st.text(st.sampled_from("abc éàç€{}[]êîабв😀\n"), min_size=1, max_size=500),
    st.sampled_from(list(Default)),
    st.sampled_from(list(Long)),
)
def test_a_text_is_read_back_from_its_parts(text: str, default: Default, long: Long) -> None:
    profile = Profile(default=default, long=long, alphabets=(GSM7, UCS2))
    pdus = compose(text, sender_address("MARQUE"), recipient_address(33612345678), profile=profile, reference=9)
    parts = [read_message(decode(encode(pdu, 1)).pdu, profile=profile) for pdu in pdus]  # type: ignore[arg-type]
    assert [part.place for part in parts] == list(range(1, len(parts) + 1))
    assert {part.total for part in parts} == {len(parts)}
    joined = "".join(part.text or "" for part in parts)
    assert joined == text


@given(st.data())
def test_every_request_has_one_answer_and_no_answer_is_a_request(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(NAMED))
    assert not (kind in ANSWERS and issubclass(kind, Answer))
    bodiless = [each for each in NAMED if issubclass(each, Answer)]
    for answer in bodiless:
        pdu = answer(data.draw(STATUSES))
        assert decode(encode(pdu, 1)).pdu == pdu
