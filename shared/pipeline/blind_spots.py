"""Sources that stay unreadable become a finding of their own.

The monitor cannot see what it should.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Unreadable
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Cause, Evidence, failed, passed
from shared.pipeline.coverage_controls import COVERAGE_CONTROLS, RESOURCE_READABLE
from shared.pipeline.evaluate import Observation

LOOKS_IN_A_ROW = 3
LONGEST = timedelta(hours=1)


def unreadable_now(
    before: Mapping[Source, Unreadable], readings: Iterable[SourceReading], now: datetime
) -> dict[Source, Unreadable]:
    """Count on for sources whose read failed in this look; forget those that were read.

    A problem that passes by itself counts by its time alone: many looks within a short outage make
    no blind spot.
    """
    after = dict(before)
    for reading in readings:
        problem = reading.problem
        if problem is None or problem.cause is not Cause.UNREADABLE:
            after.pop(reading.source, None)
            continue
        known = before.get(reading.source)
        passing = problem.retry_after is not None
        after[reading.source] = Unreadable(
            since=now if known is None else known.since,
            looks=(0 if known is None else known.looks) + (not passing),
            detail=problem.detail,
            passing=passing,
            permission=problem.permission,
        )
    return after


OUTAGE = "no answer for now"
"""What is observed of a source while Azure is down or throttles."""


def is_blind(state: Unreadable, now: datetime) -> bool:
    """Whether a source has been unreadable for so long that people must know."""
    return state.looks >= LOOKS_IN_A_ROW or now - state.since >= LONGEST


def judge_readability(
    root: ResourceId, unreadable: Mapping[Source, Unreadable], now: datetime, *, was_blind: bool
) -> list[Observation]:
    """Return the one observation that there is: a blind spot, or the end of one."""
    blind = {source: state for source, state in unreadable.items() if is_blind(state, now)}
    if blind:
        judgement = failed(
            "Cannot be read: "
            + "; ".join(f"{source}: {state.detail}" for source, state in sorted(blind.items()))
            + ".",
            *(
                # Not the words of an outage: they hold times, and history is for what changes.
                Evidence(source, "", "readable", OUTAGE if state.passing else state.detail)
                for source, state in sorted(blind.items())
            ),
        )
    elif was_blind and not unreadable:
        judgement = passed("Everything can be read again.")
    else:
        return []
    control = COVERAGE_CONTROLS[RESOURCE_READABLE]
    return [Observation(RESOURCE_READABLE, control, root, judgement)]
