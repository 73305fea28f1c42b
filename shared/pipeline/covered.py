"""Which messages ask for nothing more than what is known already."""

from datetime import UTC, datetime, timedelta

from shared.domain.resource_id import ResourceId
from shared.domain.root_state import RootState
from shared.domain.topology import CORE_SOURCES
from shared.pipeline.messages import FOLLOWS_A_WRITE, LookMessage, Trigger

NEVER = datetime.min.replace(tzinfo=UTC)


def is_covered(
    root: ResourceId, state: RootState, message: LookMessage, second_look_after: timedelta | None
) -> bool:
    """Whether a committed look began reading all that the message asks for after it was accepted.

    Where the inventory can be stale, a change also needs a reading that began so much later, done
    or due. A second look is covered while a later one is due, which reads all that this one would.
    A retry is covered when nothing is to be tried again any more, or later.
    """
    if message.trigger is Trigger.RETRY:
        return state.retry_at is None or message.accepted_at < state.retry_at
    due = state.second_look_at
    if message.trigger is Trigger.SECOND_LOOK and due is not None and message.accepted_at < due:
        return True
    read_at = [
        state.read_at.get(source, NEVER)
        for source in (*CORE_SOURCES[root.type.lower()], *message.sources)
    ]
    if message.accepted_at >= min(read_at):
        return False
    if second_look_after is None or message.trigger not in FOLLOWS_A_WRITE:
        return True
    settled = message.accepted_at + second_look_after
    if due is not None and due >= settled and {*message.sources} <= {*state.second_look_sources}:
        return True
    return min(read_at) >= settled
