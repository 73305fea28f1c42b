"""A clock that goes by the storage service, where that of the machine is wrong.

What one worker accepts another looks at, and their times are compared. The clocks of two machines
can be minutes apart; the service that both use has one. Each of its answers says when it was given,
in whole seconds, rounded down: so the machine's clock is off by something between two bounds, which
draw closer with each answer.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from shared.ports import Clock

_SECOND = timedelta(seconds=1)
_NONE = timedelta()


class ServiceClock:
    """`Clock` that adds to another what this one is behind the service.

    Nothing while the machine's may be right, and before the first answer.
    """

    def __init__(self, own: Clock) -> None:
        self.own = own
        self._least: timedelta | None = None
        self._most: timedelta | None = None

    def now(self) -> datetime:
        """Return the time now."""
        return self.own.now() + self.behind

    async def sleep(self, duration: timedelta) -> None:
        """Wait."""
        await self.own.sleep(duration)

    @property
    def behind(self) -> timedelta:
        """How far the machine's clock is behind the service's, at least; negative: ahead."""
        if self._least is None or self._most is None:
            return _NONE
        return max(self._least, min(self._most, _NONE))

    def answered(self, date: str | None, sent: datetime, received: datetime) -> None:
        """Learn from an answer's `Date`; when it was asked for and came, by the machine's clock."""
        try:
            given = _moment(date or "")
        except (TypeError, ValueError):
            # A proxy's answer: it says nothing of the service.
            return
        least, most = given - received, given + _SECOND - sent
        if self._least is not None and self._most is not None:
            closer = max(least, self._least), min(most, self._most)
            # Apart: the machine's clock was set, or has drifted, and what was known is of before.
            if closer[0] <= closer[1]:
                least, most = closer
        self._least, self._most = least, most


@lru_cache(maxsize=4)
def _moment(date: str) -> datetime:
    """Return the time that HTTP says so; the answers of one second say the same.

    Raises:
        TypeError, ValueError: it is none.
    """
    return parsedate_to_datetime(date).astimezone(UTC)
