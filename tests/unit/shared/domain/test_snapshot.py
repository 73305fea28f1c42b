"""Snapshots: what is known of a root."""

import pytest

from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem, Snapshot, SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Cause, UndecidableError
from tests.arm import ACCOUNT_ID, FORBIDDEN, account, deployment, hub, project, snapshot_of

EMPTY = Snapshot(ResourceId.parse(ACCOUNT_ID), {})


def test_a_source_that_was_never_read_says_so() -> None:
    """It proves nothing absent."""
    assert EMPTY.reading(Source.DEPLOYMENTS) == SourceReading(
        Source.DEPLOYMENTS, problem=NOT_READ, complete=False
    )
    assert EMPTY.root_reading.problem == NOT_READ


def test_finds_resources_by_id_in_any_case() -> None:
    """In every source, with or without a slash at the end."""
    home, chat = account(), deployment("Chat")
    snapshot = snapshot_of(home, chat)

    assert snapshot.find(chat.id.text.upper()) is chat
    assert snapshot.find(f"{chat.id.text}/") is chat
    assert snapshot.find(chat.id) is chat
    assert snapshot.find(home.id) is home
    assert snapshot.find(f"{ACCOUNT_ID}/deployments/other") is None
    assert snapshot.find("") is None


def test_a_second_view_of_the_root_is_not_found_in_place_of_it() -> None:
    """Also where it was put together before the root's own reading."""
    home, view = account(), account(seen="by a preview")
    readings = {
        Source.ACCOUNT_PREVIEW: SourceReading(Source.ACCOUNT_PREVIEW, (view,)),
        Source.ACCOUNT: SourceReading(Source.ACCOUNT, (home,)),
    }

    assert Snapshot(home.id, readings).find(home.id) is home
    assert (
        Snapshot(home.id, {Source.ACCOUNT_PREVIEW: readings[Source.ACCOUNT_PREVIEW]}).find(home.id)
        is None
    )


def test_one_returns_the_single_resource() -> None:
    """Also when it was read with a problem."""
    home = account()

    assert snapshot_of(home).one(Source.ACCOUNT) is home
    assert snapshot_of(home, problems={Source.ACCOUNT: FORBIDDEN}).one(Source.ACCOUNT) is home


@pytest.mark.parametrize(
    ("problem", "cause", "message"),
    [
        (FORBIDDEN, Cause.UNREADABLE, "the account could not be read: 403 Forbidden"),
        (NOT_READ, Cause.UNDETERMINED, "the account could not be read: not read yet"),
        (None, Cause.UNREADABLE, "the account could not be read: does not exist"),
    ],
)
def test_one_says_why_there_is_none(problem: Problem | None, cause: Cause, message: str) -> None:
    """Whoever needs it is undecided, with the cause."""
    snapshot = snapshot_of(deployment(), problems={Source.ACCOUNT: problem} if problem else {})
    with pytest.raises(UndecidableError) as undecided:
        snapshot.one(Source.ACCOUNT)

    assert (undecided.value.cause, str(undecided.value)) == (cause, message)


def test_all_returns_a_whole_list_or_none_of_it() -> None:
    """A part of a list proves nothing; an empty list is a list."""
    chat = deployment()
    broken = snapshot_of(chat, problems={Source.DEPLOYMENTS: FORBIDDEN})

    assert snapshot_of(chat).all(Source.DEPLOYMENTS) == (chat,)
    assert snapshot_of(chat).all(Source.ACCOUNT_COMPUTES) == ()
    with pytest.raises(UndecidableError, match="the deployments could not be read: 403 Forbidden"):
        broken.all(Source.DEPLOYMENTS)
    assert broken.reading(Source.DEPLOYMENTS).items == (chat,)


def test_only_the_input_makes_a_source_absent_from_it() -> None:
    """Not read yet is another thing."""
    reading = SourceReading(Source.DEPLOYMENTS)

    assert not reading.is_absent_from_input
    assert SourceReading(Source.DEPLOYMENTS, problem=NOT_IN_INPUT).is_absent_from_input
    assert not SourceReading(Source.DEPLOYMENTS, problem=NOT_READ).is_absent_from_input
    assert SourceReading(
        Source.DEPLOYMENTS, problem=Problem(Cause.UNDETERMINED, "not in the input")
    ).is_absent_from_input


def test_a_hub_is_in_the_snapshot_of_its_project() -> None:
    """It is a source of the project's root, not the root."""
    snapshot = snapshot_of(project(), hub())

    assert snapshot.one(Source.WORKSPACE).kind == "Project"
    assert snapshot.one(Source.HUB).kind == "Hub"
    assert snapshot.root_reading.items[0].kind == "Project"


def test_what_is_derived_of_a_snapshot_is_derived_once() -> None:
    """Of each snapshot by itself."""
    asked: list[Snapshot] = []

    def count(of: Snapshot) -> int:
        asked.append(of)
        return len(asked)

    first, second = snapshot_of(account()), snapshot_of(account())

    assert [first.once(count), first.once(count), second.once(count), first.once(count)] == [
        1,
        1,
        2,
        1,
    ]
    assert asked == [first, second]


def test_what_cannot_be_derived_is_said_whenever_it_is_asked() -> None:
    """With the cause, to everybody who asks."""
    empty = Snapshot(ResourceId.parse(ACCOUNT_ID), {})

    for _ in range(2):
        with pytest.raises(UndecidableError, match="not read yet"):
            empty.once(lambda of: of.one(Source.ACCOUNT))
