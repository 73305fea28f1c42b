"""What a sweep waits for is told for each subscription: the longest of what its looks told."""

from datetime import timedelta

from shared.adapters.terminal.waiting import Waiting, Waits, waiting_for
from shared.domain.snapshot import Problem
from shared.domain.verdict import Cause
from tests.records import OTHER_SUBSCRIPTION, ROOT, SUBSCRIPTION, moment


def problem(detail: str, minutes: float | None) -> Problem:
    """Return a problem, and in how many minutes it passes."""
    again = None if minutes is None else timedelta(minutes=minutes)
    return Problem(Cause.UNREADABLE, detail, retry_after=again)


def test_a_root_waits_for_what_takes_longest() -> None:
    """In the fewest words; what does not pass by itself is not waited for."""
    throttled = "throttled by ARM until noon"
    problems = [
        problem(f"the deployments that name it could not be read: {throttled}", 10),
        problem(throttled, 10),
        problem("ARM answered with status 503", 0),
        problem("ARM refused the read", None),
    ]

    assert waiting_for(moment(600), problems) == Waiting(moment(600), throttled)
    assert waiting_for(moment(2), problems[3:]) == Waiting(moment(2))


def test_a_subscription_waits_until_its_last_root_is_due() -> None:
    """Others' roots do not count; a subscription is a root of itself."""
    other = f"/subscriptions/{OTHER_SUBSCRIPTION}"
    told = {
        f"/subscriptions/{SUBSCRIPTION}": Waiting(moment(1), "503"),
        ROOT: Waiting(moment(2), "429"),
        other: Waiting(moment(3)),
    }

    assert Waits(told, None).of(SUBSCRIPTION) == Waiting(moment(2), "429")
    assert Waits(told, None).of(OTHER_SUBSCRIPTION) == Waiting(moment(3))


def test_what_an_earlier_run_left_is_due_when_the_queue_says() -> None:
    """Its reason is not known any more."""
    assert Waits({}, moment(5)).of(SUBSCRIPTION) == Waiting(moment(5))
    assert Waits({}, None).of(SUBSCRIPTION) is None
