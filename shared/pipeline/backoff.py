"""When a sink that took nothing is tried again."""

import random
from datetime import timedelta

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(minutes=5)
_DOUBLINGS = 9


def backoff(failures: int, retry_after: timedelta | None, chance: random.Random) -> timedelta:
    """Return how long to leave a sink alone after so many failures in a row.

    At random up to a time that doubles (full jitter), so that what fails together is not tried
    together. `retry_after` is what the sink asked for; it holds, whatever its length.
    """
    longest = min(SHORTEST * 2 ** min(failures, _DOUBLINGS), LONGEST)
    seconds = chance.uniform(SHORTEST.total_seconds(), longest.total_seconds())
    return max(timedelta(seconds=seconds), retry_after or timedelta(0))
