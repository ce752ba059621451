"""What a store promises of the pace that all its users share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

from smskit.errors import InvalidInput, NaiveDatetime
from smskit.testing.stores.rows import NOON, OneStore, raises


class LanesContract(OneStore):
    """Pace: each test is one promise; its docstring says which."""

    def test_a_lane_is_busy_for_as_long_as_its_parts_last(self) -> None:
        """Whoever comes meanwhile is told how long, and books nothing by asking; other lanes are free."""
        assert self.book(3, 0.0) == 0.0
        assert [self.book(1, 0.1), self.book(9, 0.1), self.book(1, 0.2)] == [0.2, 0.2, 0.1]
        assert self.store.book("other", 1, rate=10, now=NOON) == 0.0
        assert self.book(1, 0.3) == 0.0
        assert self.book(1, 0.3) == 0.1

    def test_a_lane_that_was_idle_saves_nothing_up(self) -> None:
        """After an hour it takes what it takes at once, and is busy again."""
        self.book(1, 0.0)
        assert self.book(5, 3600.0) == 0.0
        assert self.book(1, 3600.0) == 0.5

    def test_what_is_urgent_goes_ahead(self) -> None:
        """It never waits, and the others wait for it too."""
        assert self.book(10, 0.0) == 0.0
        assert [self.book(5, 0.0, ahead=True), self.book(5, 0.5, ahead=True)] == [0.0, 0.0]
        assert self.book(1, 0.5) == 1.5
        assert self.book(1, 2.0) == 0.0

    def test_no_parts_book_nothing(self) -> None:
        """They wait like others, and leave the lane free."""
        assert [self.book(0, 0.0), self.book(1, 0.0), self.book(0, 0.0)] == [0.0, 0.0, 0.1]

    def test_a_clock_that_is_set_back_keeps_nobody_waiting(self) -> None:
        """What was left to wait is left still, and it comes nearer although the lane was booked in what is future."""
        assert self.book(20, 0.0) == 0.0
        assert self.book(1, -3600.0) == 2.0
        assert self.book(1, -3599.0) == 1.0
        assert self.book(1, -3598.0) == 0.0
        assert self.book(1, -7200.0, ahead=True) == 0.0
        assert self.book(1, -7200.0) == 0.2

    def test_a_time_that_is_a_little_late_is_no_clock_set_back(self) -> None:
        """Whoever had to wait for the store comes with it; the pace must not get faster for that."""
        assert self.book(2, 0.0) == 0.0
        assert self.book(1, -0.1) == 0.3
        assert self.book(1, 0.1) == 0.1

    def test_a_pace_that_is_none_is_refused(self) -> None:
        """And so is a time without zone."""
        store = self.store
        wrong: list[Callable[[], object]] = [
            lambda: store.book("lane", 1, rate=0, now=NOON),
            lambda: store.book("lane", 1, rate=-1, now=NOON),
            lambda: store.book("lane", 1, rate=float("nan"), now=NOON),
            lambda: store.book("lane", -1, rate=1, now=NOON),
        ]
        for attempt in wrong:
            raises(InvalidInput, attempt)
        raises(NaiveDatetime, lambda: store.book("lane", 1, rate=1, now=NOON.replace(tzinfo=None)))
        assert store.book("lane", 1, rate=1, now=NOON) == 0.0

    def test_of_many_threads_one_books(self) -> None:
        """At one instant a free lane is given away once."""
        lanes = [f"lane {n}" for n in range(25)]
        booked: list[str] = []

        def work() -> None:
            booked.extend(lane for lane in lanes if self.store.book(lane, 1, rate=1, now=NOON) == 0.0)

        self.store.runs()  # the threads find the store made
        threads = [Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(booked) == sorted(lanes)

    def book(self, parts: int, second: float, *, ahead: bool = False) -> float:
        """Book at ten parts a second, so many seconds after noon."""
        now = NOON + timedelta(seconds=second)
        return self.store.book("lane", parts, rate=10, now=now, ahead=ahead)
