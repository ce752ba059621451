"""Two channels in one plan: how many go over RCS, what stands by for them, what each branch costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import field, frozen

from smskit.display import Block, Facts, Line, grouped, percent
from smskit.metrics import Interval, wilson_of_sample
from smskit.money import Money
from smskit.planning.inputs import Inputs
from smskit.planning.rich import Handset
from smskit.rcs import Billing


@frozen
class Channels:
    """The part of a plan that is about RCS.

    Args:
        messages: rich messages to send, deferred ones included, by the class that they are billed in once delivered.
        standby_parts: parts of the SMS that stand by for them, by territory.
        by_sms: people who get the SMS at once.
        handsets: what is known of the telephones of those whose turn came, the held-out among them.
    """

    messages: Mapping[Billing, int] = field(factory=dict[Billing, int])
    standby_parts: Mapping[str, int] = field(factory=dict[str, int])
    by_sms: int = 0
    handsets: Mapping[Handset, int] = field(factory=dict[Handset, int])

    @property
    def over_rcs(self) -> int:
        """How many are tried over RCS."""
        return sum(self.messages.values())

    @property
    def people(self) -> int:
        """Whose telephones were looked at."""
        return sum(self.handsets.values())

    @property
    def known(self) -> int:
        """Of how many of them something is known."""
        return self.people - self.handsets.get(Handset.UNKNOWN, 0)

    @property
    def reach(self) -> tuple[float, Interval] | None:
        """The share of all that RCS reaches, and its 95 % interval; None while nothing is known of anybody.

        The unknown are taken to be like the known, as if these had been drawn by chance. The interval closes as more
        of the whole is known (:func:`~smskit.metrics.wilson_of_sample`).
        """
        reached = sum(self.handsets.get(one, 0) for one in (Handset.REACHABLE, Handset.LACKS_FEATURE))
        interval = wilson_of_sample(reached, self.known, self.people)
        return None if interval is None else (reached / self.known, interval)

    def rich_cost(self, inputs: Inputs) -> Money:
        """What the messages over RCS cost if all of them are delivered."""
        micros = sum(inputs.rich_price_micros(billing) * count for billing, count in self.messages.items())
        return Money(micros, inputs.prices.currency)

    def standby_cost(self, inputs: Inputs) -> Money:
        """What the SMS behind them cost if none of them is."""
        micros = sum(inputs.price_micros(place, parts) for place, parts in self.standby_parts.items())
        return Money(micros, inputs.prices.currency)

    def blocks(self, inputs: Inputs, sms_cost: Money) -> Iterator[Block]:
        """Give what a person looks at."""
        classes = ", ".join(f"{grouped(count)} {billing.value}" for billing, count in self.messages.items() if count)
        yield Facts(("messages", self.over_rcs), ("billed as", classes or None),
                    ("cost if all arrive", str(self.rich_cost(inputs))), title="RCS")  # fmt: skip
        if inputs.campaign.fallback is not None:
            yield Facts(("at once", self.by_sms), ("cost", str(sms_cost)),
                        ("if no RCS arrives", f"{self.standby_cost(inputs)} instead of {self.rich_cost(inputs)}"),
                        title="SMS")  # fmt: skip
        yield Facts(*((one.value, self.handsets.get(one, 0)) for one in Handset if self.handsets.get(one)),
                    title="telephones")  # fmt: skip
        if self.reach is not None:
            share, interval = self.reach
            yield Line(
                f"RCS reaches {percent(share)} of them ({percent(interval.low)} to {percent(interval.high)}), "
                f"by what is known of {grouped(self.known)}"
            )
