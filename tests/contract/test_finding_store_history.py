"""`FindingStore`: the history, and what the sinks have been told of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest

from shared.domain.finding import (
    Attribution,
    FindingState,
    ResolvedReason,
    Transition,
    TransitionKind,
)
from shared.domain.root_state import Commit, RootState
from shared.domain.verdict import Severity
from shared.ports import FindingStore, TransitionQuery
from tests.contract.backends import Stores
from tests.records import (
    ACCOUNT,
    CONTROL,
    OTHER_ACCOUNT,
    OTHER_ROOT,
    ROOT,
    SUBSCRIPTION,
    commit,
    finding,
    moment,
    transition,
)

pytestmark = pytest.mark.contract

CHILD = f"{ACCOUNT}/deployments/Chat"
OTHER_CONTROL = "deployment_type.sku_allowed"
WHO = Attribution("someone@example.com", moment(0.5), "c0ffee", exact=True)


@pytest.fixture
def store(stores: Stores) -> FindingStore:
    """The store as one worker sees it."""
    return stores.findings


@pytest.fixture
def other(others: Stores) -> FindingStore:
    """The store as another worker sees it."""
    return others.findings


def ids(found: Sequence[Transition]) -> list[int]:
    """Return the sequence numbers."""
    return [each.sequence for each in found]


async def test_a_transition_is_remembered_whole(store: FindingStore, other: FindingStore) -> None:
    """Every field, a baseline without control and one with its attribution included."""
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    history = [
        transition(1, kind=TransitionKind.RESOLVED, reason=ResolvedReason.DELETED),
        replace(transition(2), attribution=WHO, alerts=False, severity=Severity.INFO),
    ]
    digest = transition(1, resource_id=subscription, kind=TransitionKind.BASELINE, control=None)
    await store.commit(commit(*history))
    await store.commit(commit(digest, root=subscription))

    found = await other.transitions(TransitionQuery(alerts_only=False))

    assert sorted(found, key=lambda each: each.id) == sorted(
        [*history, digest], key=lambda each: each.id
    )


async def test_transitions_come_newest_first_whichever_root_they_are_of(
    store: FindingStore,
) -> None:
    """By the time of recording, and of one time the one recorded last comes first."""
    elsewhere = [
        transition(1, resource_id=OTHER_ACCOUNT, at=moment(1.5)),
        transition(2, resource_id=OTHER_ACCOUNT, at=moment(2.5)),
    ]
    mine = [transition(n) for n in (1, 2, 3)]
    mine[2] = replace(mine[2], at=mine[1].at)
    await store.commit(commit(*elsewhere, root=OTHER_ROOT))
    await store.commit(commit(*mine))

    found = await store.transitions(TransitionQuery())

    expected = [elsewhere[1], mine[2], mine[1], elsewhere[0], mine[0]]
    assert list(found) == expected


@pytest.fixture
async def filled(store: FindingStore) -> FindingStore:
    """A history of two findings: one on the account, resolved by now, one on its deployment."""
    history = [
        transition(1, severity=Severity.LOW),
        transition(2, resource_id=CHILD, control=OTHER_CONTROL),
        transition(3, severity=Severity.CRITICAL, kind=TransitionKind.WORSENED),
        transition(4, kind=TransitionKind.EVIDENCE_CHANGED, alerts=False),
        transition(5, kind=TransitionKind.RESOLVED, reason=ResolvedReason.FIXED),
    ]
    findings = [
        finding(state=FindingState.RESOLVED),
        finding(CHILD, control=OTHER_CONTROL),
    ]
    await store.commit(commit(*history, findings=findings))
    return store


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (TransitionQuery(), [5, 3, 2, 1]),
        (TransitionQuery(alerts_only=False), [5, 4, 3, 2, 1]),
        (TransitionQuery(since=moment(3)), [5, 3]),
        (TransitionQuery(since=moment(3.000001)), [5]),
        (TransitionQuery(since=moment(3).astimezone(timezone(timedelta(hours=9)))), [5, 3]),
        (TransitionQuery(since=moment(9)), []),
        (TransitionQuery(severities=frozenset({Severity.LOW, Severity.CRITICAL})), [3, 1]),
        (TransitionQuery(controls=frozenset({OTHER_CONTROL})), [2]),
        (TransitionQuery(controls=frozenset({OTHER_CONTROL, CONTROL})), [5, 3, 2, 1]),
        (TransitionQuery(controls=frozenset({"deployment_type"})), []),
        (TransitionQuery(resource="DEPLOYMENTS/chat"), [2]),
        (TransitionQuery(resource="/accounts/ACCT"), [5, 3, 2, 1]),
        (TransitionQuery(resource="%"), []),
        (TransitionQuery(resource="_cct"), []),
        (TransitionQuery(resource="nowhere"), []),
        (TransitionQuery(resource=""), [5, 3, 2, 1]),
        (TransitionQuery(state=FindingState.OPEN), [2]),
        (TransitionQuery(state=FindingState.RESOLVED), [5, 3, 1]),
        (TransitionQuery(ids=frozenset({f"{ROOT}#2", f"{ROOT}#5", "unknown"})), [5, 2]),
        (TransitionQuery(ids=frozenset({f"{ROOT}#4"})), []),
        (TransitionQuery(ids=frozenset()), []),
        (TransitionQuery(limit=2), [5, 3]),
        (TransitionQuery(limit=0), []),
        (TransitionQuery(since=moment(2), severities=frozenset({Severity.HIGH}), limit=1), [5]),
    ],
)
async def test_a_query_chooses_by_all_that_it_states(
    filled: FindingStore, query: TransitionQuery, expected: list[int]
) -> None:
    """What a query does not state it does not ask for; text is taken as it stands."""
    assert ids(await filled.transitions(query)) == expected


async def test_thousands_of_ids_can_be_asked_for(filled: FindingStore) -> None:
    """A long run asks for all that it has recorded."""
    many = frozenset({f"{ROOT}#{n}" for n in range(40_000)})

    assert ids(await filled.transitions(TransitionQuery(ids=many))) == [5, 3, 2, 1]


async def test_the_state_asked_for_is_that_of_now(filled: FindingStore) -> None:
    """A finding that opens again takes its whole history along."""
    after = commit(transition(6), state=RootState(version=1), findings=[finding()])
    await filled.commit(after)

    assert ids(await filled.transitions(TransitionQuery(state=FindingState.OPEN))) == [
        6,
        5,
        3,
        2,
        1,
    ]


async def test_an_attribution_completes_a_transition_recorded_before(
    filled: FindingStore, other: FindingStore
) -> None:
    """Only the one that is named, for readers and for sinks alike; a later one replaces it."""
    for version, who in ((1, replace(WHO, actor=None, exact=False)), (2, WHO)):
        after = Commit(ROOT, RootState(version=version), attributions={f"{ROOT}#2": who})
        await filled.commit(after)

    found = {each.sequence: each for each in await other.transitions(TransitionQuery())}
    assert found[2] == transition(2, resource_id=CHILD, control=OTHER_CONTROL, attribution=WHO)
    assert found[1].attribution is None
    assert [each.attribution for each in await other.undelivered("sink", 2)] == [None, WHO]


async def test_an_attribution_of_what_was_never_recorded_changes_nothing(
    filled: FindingStore,
) -> None:
    """The rest of its commit is written."""
    await filled.commit(Commit(ROOT, RootState(version=1), attributions={"unknown": WHO}))

    found = await filled.transitions(TransitionQuery())
    assert {each.attribution for each in found} == {None}
    assert (await filled.state(ROOT)).version == 2


# --- what sinks were told ---


async def test_a_sink_is_told_of_every_alert_once_and_in_order(filled: FindingStore) -> None:
    """What does not alert is left out; what was told does not come again."""
    assert ids(await filled.undelivered("sink", 2)) == [1, 2]
    await filled.delivered("sink", [f"{ROOT}#1", f"{ROOT}#2"])
    assert ids(await filled.undelivered("sink", 100)) == [3, 5]
    await filled.delivered("sink", [f"{ROOT}#3", f"{ROOT}#5"])

    assert ids(await filled.undelivered("sink", 100)) == []


async def test_alerts_come_in_the_order_in_which_they_were_recorded(
    store: FindingStore, other: FindingStore
) -> None:
    """Across roots and processes, so that "told up to here" leaves nothing out."""
    late = transition(1, resource_id=OTHER_ACCOUNT, at=moment(-3600))
    await store.commit(commit(transition(1), transition(2)))
    await store.delivered("sink", [f"{ROOT}#2"])
    await other.commit(commit(late, root=OTHER_ROOT))
    await store.commit(commit(transition(3), version=1))

    assert [each.id for each in await store.undelivered("sink", 100)] == [late.id, f"{ROOT}#3"]


async def test_each_sink_has_a_place_of_its_own(filled: FindingStore, other: FindingStore) -> None:
    """What one was told says nothing of another; every process goes by the same places."""
    await filled.delivered("one", [f"{ROOT}#3"])

    assert ids(await other.undelivered("one", 100)) == [5]
    assert ids(await other.undelivered("two", 100)) == [1, 2, 3, 5]


async def test_a_sink_that_was_told_of_an_alert_was_told_of_all_before(
    filled: FindingStore,
) -> None:
    """In whichever order it is remembered, the place of a sink only moves forward."""
    await filled.delivered("sink", [f"{ROOT}#3", f"{ROOT}#2"])
    await filled.delivered("sink", [f"{ROOT}#1"])
    await filled.delivered("sink", [])
    await filled.delivered("sink", ["unknown"])

    assert ids(await filled.undelivered("sink", 100)) == [5]


async def test_times_are_utc(filled: FindingStore) -> None:
    """Whatever is read back states its zone."""
    (first, *_) = await filled.transitions(TransitionQuery())

    assert first.at.tzinfo is not None
    assert first.at.utcoffset() == UTC.utcoffset(None)
