"""Sources that stay unreadable become a finding of their own.

The monitor cannot see what it should.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.domain.control import Control, FoundBy
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Unreadable
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Cause, Evidence, Severity, failed, passed
from shared.pipeline.evaluate import Observation
from shared.pipeline.reconcile import RESOURCE_READABLE

LOOKS_IN_A_ROW = 3
LONGEST = timedelta(hours=1)

CONTROL = Control(
    requirement="Everything the monitor judges can be read.",
    why=(
        "What cannot be read cannot be judged: it is neither compliant nor not, and must not look "
        "like either."
    ),
    fails_when="A source of a root stayed unreadable for three looks or one hour.",
    severity=Severity.HIGH,
    remediation=(
        (
            "Give the monitor's identity read access to {root} in resource group {resource_group} "
            "of subscription {subscription}, or mend what the message names."
        ),
    ),
    references=("https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",),
    found_by=FoundBy.SWEEP,
)


def unreadable_now(
    before: dict[Source, Unreadable], readings: Iterable[SourceReading], now: datetime
) -> dict[Source, Unreadable]:
    """Count on for sources whose read failed in this look; forget those that were read."""
    after = dict(before)
    for reading in readings:
        if reading.problem is None or reading.problem.cause is not Cause.UNREADABLE:
            after.pop(reading.source, None)
            continue
        known = before.get(reading.source)
        after[reading.source] = Unreadable(
            since=now if known is None else known.since,
            looks=1 if known is None else known.looks + 1,
            detail=reading.problem.detail,
        )
    return after


def judge_readability(
    root: ResourceId, unreadable: dict[Source, Unreadable], now: datetime, *, was_blind: bool
) -> list[Observation]:
    """Return the one observation that there is: a blind spot, or the end of one."""
    blind = {
        source: state
        for source, state in unreadable.items()
        if state.looks >= LOOKS_IN_A_ROW or now - state.since >= LONGEST
    }
    if blind:
        judgement = failed(
            "Cannot be read: "
            + "; ".join(f"{source}: {state.detail}" for source, state in sorted(blind.items()))
            + ".",
            *(
                Evidence(source, "", "readable", state.detail)
                for source, state in sorted(blind.items())
            ),
        )
    elif was_blind and not unreadable:
        judgement = passed("Everything can be read again.")
    else:
        return []
    return [Observation(RESOURCE_READABLE, CONTROL, root, judgement)]
