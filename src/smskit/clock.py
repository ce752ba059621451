"""Two clocks: the machine's, and one that only moves when it is told to."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from smskit.errors import NaiveDatetime


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """Give the present instant."""
        return datetime.now(timezone.utc)

    async def sleep(self, seconds: float) -> None:
        """Wait for *seconds* of real time."""
        import asyncio  # late, like everything that only sending needs: it loads TLS and takes 5 MB

        await asyncio.sleep(seconds)


class VirtualClock:
    """A clock for sandboxes and tests: sleeping moves it forward at once."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise NaiveDatetime("now", now)
        self._now = now.astimezone(timezone.utc)

    def __repr__(self) -> str:
        return f"VirtualClock({self._now.isoformat()})"

    def now(self) -> datetime:
        """Give the instant that the clock stands at."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward; a negative number moves it back, as a badly set machine does."""
        self._now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        """Move the clock forward by *seconds* and let other tasks run."""
        import asyncio

        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)
