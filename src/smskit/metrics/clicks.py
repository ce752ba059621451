"""Whose click it was: named rules that tell machines from people, to be listed, switched off and added to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum

from attrs import Attribute, Factory, field, frozen

from smskit.errors import InvalidInput

MICROSECONDS = 1_000_000


class Moment(Enum):
    """From when a click is timed."""

    HAND_OVER = "hand-over"
    ARRIVAL = "arrival"


def _named(_: object, attribute: Attribute[str], name: str) -> None:
    if not name.strip():
        raise InvalidInput(f"{attribute.name}={name!r}: a rule needs a name by which it can be switched off")


def _compiled(rule: RequestRule) -> re.Pattern[str] | None:
    try:
        return re.compile(rule.agents, re.IGNORECASE) if rule.agents else None
    except re.error as error:
        raise InvalidInput(f"agents={rule.agents!r} of rule {rule.name!r} cannot be read: {error}") from None


def _whole(rule: TimingRule) -> int:
    return round(rule.seconds * MICROSECONDS)


def _is_since_hand_over(rule: TimingRule) -> bool:
    return rule.moment is Moment.HAND_OVER


def _timings(rules: ClickRules) -> tuple[TimingRule, ...]:
    return tuple(rule for rule in rules.rules if isinstance(rule, TimingRule))


@frozen
class RequestRule:
    """A click is a machine's by what its request says.

    Args:
        name: by which it is listed and switched off.
        why: what opens links so, and where that is known from.
        agents: a regular expression that is searched in the user agent, small and capital letters alike.
        methods: HTTP methods that no person's click has.

    Raises:
        InvalidInput: no name, or *agents* is no regular expression.
    """

    name: str = field(validator=_named)
    why: str
    agents: str = ""
    methods: frozenset[str] = frozenset()
    _pattern: re.Pattern[str] | None = field(
        init=False, eq=False, repr=False, default=Factory(_compiled, takes_self=True)
    )

    def catches(self, request: str) -> bool:
        """Say whether a click with this request, ``"GET Mozilla/5.0 …"``, is a machine's."""
        method, _, agent = request.partition(" ")
        return method in self.methods or (self._pattern is not None and self._pattern.search(agent) is not None)


@frozen
class TimingRule:
    """A click is a machine's by when it comes: in the first *seconds* after a moment.

    Args:
        name: by which it is listed and switched off.
        why: what opens links so fast.
        moment: from when the seconds are counted.
        seconds: how long the rule holds.
        and_before: whether clicks before that moment are caught too.
    """

    name: str = field(validator=_named)
    why: str
    moment: Moment
    seconds: float
    and_before: bool = field(default=False, kw_only=True)
    micros: int = field(init=False, eq=False, repr=False, default=Factory(_whole, takes_self=True))
    is_since_hand_over: bool = field(
        init=False, eq=False, repr=False, default=Factory(_is_since_hand_over, takes_self=True)
    )


Rule = RequestRule | TimingRule


def _each_once(_: object, __: Attribute[tuple[Rule, ...]], rules: tuple[Rule, ...]) -> None:
    names = [rule.name for rule in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"two rules are called {', '.join(twice)}; each needs a name of its own")


@frozen
class ClickRules:
    """The rules by which clicks are told apart; the first that catches a click has it.

    ``ClickRules.default()`` has those of the library; ``.without("at-arrival")`` switches some off,
    ``.plus(RequestRule("ours", "our own probe", "MyProbe"))`` adds to them.
    """

    rules: tuple[Rule, ...] = field(default=(), validator=_each_once)
    timings: tuple[TimingRule, ...] = field(
        init=False, eq=False, repr=False, default=Factory(_timings, takes_self=True)
    )

    @staticmethod
    def default() -> ClickRules:
        """Give the rules that come with the library."""
        return _DEFAULT

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    @property
    def names(self) -> tuple[str, ...]:
        """What the rules are called, in the order in which they are asked."""
        return tuple(rule.name for rule in self.rules)

    def without(self, *names: str) -> ClickRules:
        """Give the rules without those of these names.

        Raises:
            InvalidInput: there is none of that name.
        """
        unknown = sorted(set(names) - set(self.names))
        if unknown:
            raise InvalidInput(f"there is no rule {', '.join(unknown)}; there are {', '.join(self.names)}")
        return ClickRules(tuple(rule for rule in self.rules if rule.name not in names))

    def plus(self, *rules: Rule) -> ClickRules:
        """Give the rules with more, which are asked first."""
        return ClickRules((*rules, *self.rules))

    def by_request(self, request: str | None) -> str | None:
        """Name the rule that knows a machine by its request; None when none does, or nothing is known of it."""
        if not request:
            return None
        return next((one.name for one in self.rules if isinstance(one, RequestRule) and one.catches(request)), None)

    def by_time(self, at: int, handed_over: int | None, arrived: int | None) -> str | None:
        """Name the rule that knows a machine by its time; None when none does."""
        # A click each: no call of a method more than there must be.
        for rule in self.timings:
            since = handed_over if rule.is_since_hand_over else arrived
            if since is not None and at < since + rule.micros and (rule.and_before or at >= since):
                return rule.name
        return None


def _rules(rules: Iterable[tuple[str, str, str]]) -> Iterator[RequestRule]:
    return (RequestRule(name, why, agents) for name, why, agents in rules)


MACHINE_SECONDS = 3.0

# Names as seen in public lists of user agents, 2026.
_DEFAULT = ClickRules(
    (
        RequestRule("only-looks", "asks for no page, only about it", methods=frozenset({"HEAD", "OPTIONS"})),
        *_rules(
            (
                (
                    "messenger-preview",
                    "a messenger shows a picture of the page beside the link",
                    r"whatsapp|telegram|slack|skype|viber|facebookexternalhit|preview",
                ),
                ("robot", "calls itself a robot", r"bot\b|bot/|crawl|spider|google-read-aloud|googleother"),
                ("scanner", "an operator or a mail gateway looks for harm", r"scan|monitor|safebrowsing"),
                ("headless", "a browser that nobody sits at", r"headless|phantomjs"),
                (
                    "program",
                    "a library for programs",
                    r"python-|curl/|wget/|okhttp|java/|go-http|axios|node-fetch|libwww|fetch",
                ),
            )
        ),
        TimingRule(
            "at-hand-over",
            "scanners open a link before the handset has it; nobody reads so fast",
            Moment.HAND_OVER,
            MACHINE_SECONDS,
            and_before=True,
        ),
        TimingRule("at-arrival", "previews are made as the message arrives", Moment.ARRIVAL, MACHINE_SECONDS),
    )
)  # fmt: skip
