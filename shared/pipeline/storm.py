"""What a sink that people read is told at once, and what is collected for a digest.

The first alert of a quiet channel goes at once. What comes within the window after a post is
collected, and told by one digest at its end; then the next window begins.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from shared.domain.finding import Transition, TransitionKind
from shared.domain.sink_state import SinkState

WINDOW = timedelta(seconds=60)
LARGEST_DIGEST = 2_000
"""Alerts of one digest; its card shows ten of them and counts the rest."""


def collecting_until(
    alerts: Sequence[Transition], state: SinkState, now: datetime, window: timedelta
) -> datetime | None:
    """Return until when alerts are collected; None: a digest is full, or the window is over."""
    ends = state.window_ends(now, window)
    if ends is None or ends <= now:
        return None
    return None if len(alerts) >= LARGEST_DIGEST else ends


def posts_of(
    alerts: Sequence[Transition], state: SinkState, now: datetime, window: timedelta
) -> list[Sequence[Transition]]:
    """Return what is told now, a part a post, in order.

    Alerts were collected when the oldest came before the last window ended, or has waited for as
    long as one (for a sink that was down). Of others the first goes alone.
    """
    ends = state.window_ends(now, window)
    was_collected = ends is not None and alerts[0].at < ends
    if not was_collected and now - alerts[0].at < window:
        return [alerts[:1]]
    return list(digests_of(alerts))


def digests_of(alerts: Sequence[Transition]) -> Iterator[Sequence[Transition]]:
    """Cut alerts into digests; the digest of a baseline, which is one already, stands alone."""
    for is_digest, run in groupby(alerts, lambda each: each.kind is TransitionKind.BASELINE):
        together = list(run)
        if is_digest:
            yield from ([each] for each in together)
        else:
            yield together
