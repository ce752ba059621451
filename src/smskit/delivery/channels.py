"""Which transport goes with which run: one run is of one channel."""

from __future__ import annotations

from attrs import evolve

from smskit.errors import InvalidInput
from smskit.kinds import Channel
from smskit.protocols import Clock, Features, StopForm, Store, Transport
from smskit.records import RunRecord

PLATFORM_STOP = StopForm("STOP", printed_by_transport=True)
"""Over RCS nothing is appended: the platform shows how to unsubscribe beside the conversation, and takes STOP."""


def over_rcs(features: Features) -> Features:
    """Give the features of a transport over RCS as the rules are to see them."""
    return evolve(features, stop=features.stop or {"*": PLATFORM_STOP})


def over_both(transport: Transport, fallback: Transport | None) -> tuple[Transport, Transport | None]:
    """Give the transport over RCS and that of its fallback; one that does both stands for both."""
    rich: Transport | None = getattr(transport, "rcs", None)
    if transport.features.channel is Channel.RCS or rich is None:
        return transport, fallback
    return rich, fallback or transport


def refuse_other_channel(transport: Transport, channel: Channel) -> None:
    """Make sure that a transport is of the channel.

    Raises:
        InvalidInput: it is of the other one.
    """
    if transport.features.channel is not channel:
        raise InvalidInput(
            f"{transport.name} sends over {transport.features.channel.value.upper()}, and these messages go over "
            f"{channel.value.upper()}"
        )


def second_of(store: Store, run: RunRecord) -> RunRecord | None:
    """Give the run that falls back for *run*, None without one."""
    if run.channel is not Channel.RCS:
        return None
    return next((one for one in store.runs(run.campaign) if one.fallback_of == run.run_id), None)


def own_clock(transport: Transport) -> Clock | None:
    """Give the clock that a transport brings, as the sandbox does; None of one that goes by the machine's."""
    clock: Clock | None = getattr(transport, "clock", None)
    return clock if hasattr(clock, "now") else None
