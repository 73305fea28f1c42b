"""Which resources are gone: each proof of absence, and what is none."""

from datetime import timedelta

import pytest

from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import NOT_READ, Problem, Snapshot, SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Cause
from shared.pipeline.messages import ChangeNote
from shared.pipeline.presence import Presence, presence
from tests.records import ACCOUNT, OTHER_ACCOUNT, ROOT, moment

CHILD, SIBLING = f"{ROOT}/deployments/chat", f"{ROOT}/deployments/chat2"
MINUTE = timedelta(minutes=1)
UNREADABLE = Problem(Cause.UNREADABLE, "403")


def item(text: str) -> Resource:
    """Return a resource without properties."""
    return Resource(ResourceId.parse(text), {"id": text})


def snapshot(
    *deployments: str,
    root: bool = True,
    complete: bool = True,
    problem: Problem | None = None,
    root_problem: Problem | None = None,
) -> Snapshot:
    """Return a snapshot of an account with these deployments."""
    account = SourceReading(Source.ACCOUNT, (item(ACCOUNT),) if root else (), problem=root_problem)
    children = tuple(map(item, deployments))
    listed = SourceReading(Source.DEPLOYMENTS, children, problem=problem, complete=complete)
    parsed = ResourceId.parse(ACCOUNT)
    return Snapshot(parsed, {Source.ACCOUNT: account, Source.DEPLOYMENTS: listed})


def deleted(resource_id: str) -> ChangeNote:
    """Return the note of a delete that succeeded."""
    return ChangeNote(resource_id, True, moment(0), None, None)  # noqa: FBT003


def sort(
    seen: Snapshot,
    *known: str,
    missing: dict[str, float] | None = None,
    change: ChangeNote | None = None,
    at: float = 0,
    lag: timedelta | None = MINUTE,
) -> Presence:
    """Sort what was known, in an inventory that can be stale for a minute."""
    before = {key: moment(seconds) for key, seconds in (missing or {}).items()}
    return presence(
        seen,
        known,
        missing_before=before,
        change=change,
        now=moment(at),
        second_look_after=lag,
    )


NOTHING = Presence(set(), set(), {})


def test_what_is_shown_is_there() -> None:
    """In any case of its id, whatever an event claims; nothing is known of it any more."""
    seen = snapshot(CHILD.upper())

    assert sort(seen, ACCOUNT, CHILD, missing={CHILD: -600}, change=deleted(ACCOUNT)) == NOTHING


def test_what_is_not_shown_once_is_missing() -> None:
    """The inventory may show the state before a write; the first such look is remembered."""
    assert sort(snapshot(), ROOT, CHILD, at=5) == Presence(set(), {CHILD}, {CHILD: moment(5)})


@pytest.mark.parametrize(("at", "gone"), [(59.9, False), (60, True), (3600, True)])
def test_what_is_not_shown_a_minute_later_either_is_gone(at: float, gone: bool) -> None:  # noqa: FBT001 - a parameter
    """Two absences so far apart prove it, two within the minute do not."""
    found = sort(snapshot(), CHILD, missing={CHILD: 0}, at=at)

    expected = (
        Presence({CHILD}, set(), {}) if gone else Presence(set(), {CHILD}, {CHILD: moment(0)})
    )
    assert found == expected


@pytest.mark.parametrize("event", [CHILD, CHILD.upper(), ACCOUNT])
def test_what_a_delete_event_names_and_no_reading_shows_is_gone(event: str) -> None:
    """The resource itself, or what it lies below."""
    assert sort(snapshot(), CHILD, change=deleted(event)) == Presence({CHILD}, set(), {})


@pytest.mark.parametrize(
    "change",
    [
        None,
        deleted(SIBLING),
        deleted(f"{CHILD}/below"),
        deleted(OTHER_ACCOUNT),
        ChangeNote(CHILD, False, moment(0), None, None),  # noqa: FBT003
    ],
)
def test_another_event_proves_nothing(change: ChangeNote | None) -> None:
    """One of a sibling whose name begins alike, of something below it, one that deletes nothing."""
    assert sort(snapshot(), CHILD, change=change).gone == set()


def test_an_inventory_that_is_never_stale_proves_absence_at_once() -> None:
    """A folder shows what is there."""
    assert sort(snapshot(), CHILD, lag=None) == Presence({CHILD}, set(), {})


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(snapshot(complete=False), id="a list that failed part-way"),
        pytest.param(snapshot(problem=UNREADABLE), id="a list that could not be read"),
        pytest.param(
            Snapshot(ResourceId.parse(ACCOUNT), {Source.ACCOUNT: snapshot().root_reading}),
            id="a list that was never read",
        ),
    ],
)
@pytest.mark.parametrize("change", [None, deleted(CHILD)])
@pytest.mark.parametrize("lag", [None, MINUTE])
def test_a_list_that_is_not_whole_proves_no_absence(
    seen: Snapshot, change: ChangeNote | None, lag: timedelta | None
) -> None:
    """Not with an event, not a second time; that it was missing is forgotten."""
    found = sort(seen, ROOT, CHILD, missing={CHILD: -600}, change=change, lag=lag)

    assert found == Presence(set(), {CHILD}, {})


def test_a_part_of_a_list_shows_what_it_shows() -> None:
    """What is on it is there; the rest is undecided."""
    seen = snapshot(CHILD, complete=False, problem=UNREADABLE)

    assert sort(seen, CHILD, SIBLING) == Presence(set(), {SIBLING}, {})


def test_a_root_that_cannot_be_read_is_undecided() -> None:
    """With all that is known of it; its lists speak for themselves."""
    seen = snapshot(root=False, root_problem=UNREADABLE)

    found = sort(seen, ROOT, CHILD, lag=None)

    assert (found.gone, found.undecided) == ({CHILD}, {ROOT})


def test_a_root_is_gone_as_anything_else_is() -> None:
    """On an event, on two looks, or at once where nothing is stale."""
    seen = snapshot(root=False)

    assert sort(seen, ROOT).missing == {ROOT: moment(0)}
    assert sort(seen, ROOT, change=deleted(ACCOUNT)).gone == {ROOT}
    assert sort(seen, ROOT, missing={ROOT: 0}, at=60).gone == {ROOT}
    assert sort(seen, ROOT, lag=None).gone == {ROOT}
    assert sort(seen, ROOT, change=deleted(CHILD)).gone == set()


@pytest.mark.parametrize("problem", [UNREADABLE, NOT_READ, None])
def test_with_its_root_everything_is_gone(problem: Problem | None) -> None:
    """Azure answers for the lists of a root that is gone with an error."""
    seen = snapshot(root=False, problem=problem, complete=problem is None)

    found = sort(seen, ROOT, CHILD, SIBLING, change=deleted(ACCOUNT))

    assert found == Presence({ROOT, CHILD, SIBLING}, set(), {})


def test_what_no_list_shows_is_gone_with_its_root_alone() -> None:
    """A type that an earlier version looked at: while the root is there, nothing is said of it."""
    plan = f"{ROOT}/commitmentplans/p"

    assert sort(snapshot(), plan, lag=None) == NOTHING
    assert sort(snapshot(root=False, root_problem=UNREADABLE), plan).undecided == {plan}
    assert sort(snapshot(root=False), plan, lag=None).gone == {plan}
