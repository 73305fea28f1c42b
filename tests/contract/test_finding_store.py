"""`FindingStore`: what one look changes is written whole or not at all."""

from dataclasses import replace

import pytest

from shared.domain.finding import FindingState, Transition
from shared.domain.root_state import Attributable, Posture, RootState, Unreadable
from shared.domain.topology import Source
from shared.domain.verdict import Severity, Verdict
from shared.ports import ConflictError, FindingStore, PortError, TransitionQuery
from tests.contract.backends import Stores
from tests.records import (
    ACCOUNT,
    CONTROL,
    GROUP,
    OTHER_ACCOUNT,
    OTHER_ROOT,
    OTHER_SUBSCRIPTION,
    ROOT,
    SUBSCRIPTION,
    commit,
    finding,
    moment,
    transition,
)

pytestmark = pytest.mark.contract

EVERYTHING = TransitionQuery(alerts_only=False)
RESOLVED = FindingState.RESOLVED


@pytest.fixture
def store(stores: Stores) -> FindingStore:
    """The store as one worker sees it."""
    return stores.findings


@pytest.fixture
def other(others: Stores) -> FindingStore:
    """The store as another worker sees it."""
    return others.findings


async def test_a_root_never_seen_has_version_0_and_nothing_else(store: FindingStore) -> None:
    """Its state is the empty one."""
    assert await store.state(ROOT) == RootState()
    assert await store.findings(ROOT) == {}
    assert list(await store.transitions(EVERYTHING)) == []
    assert await store.subscriptions() == frozenset()
    assert await store.posture() == Posture()


async def test_everything_that_is_committed_is_remembered(
    store: FindingStore, other: FindingStore
) -> None:
    """State, findings and history, as another process reads them; the version counts commits."""
    state = RootState(
        sequence=2,
        read_at={Source.ACCOUNT: moment(1), Source.DEPLOYMENTS: moment(2.000001)},
        verdicts={Verdict.PASS: 3, Verdict.UNKNOWN: 1},
        missing={f"{ROOT}/deployments/d": moment(3)},
        unreadable={Source.DEPLOYMENTS: Unreadable(moment(4), 2, "403 Forbidden")},
        attributable=(Attributable(f"{ROOT}#1", CONTROL, ACCOUNT, moment(5)),),
        depends_on=(OTHER_ROOT,),
        second_look_at=moment(6),
        second_look_sources=(Source.MANAGED_NETWORKS,),
        baseline_at=moment(7),
    )
    findings = [finding(), finding(f"{ACCOUNT}/deployments/D", state=RESOLVED)]
    history = [transition(1), transition(2, resource_id=f"{ACCOUNT}/deployments/D")]
    await store.commit(commit(*history, state=state, findings=findings))

    assert await other.state(ROOT) == replace(state, version=1)
    assert await other.findings(ROOT) == {each.key: each for each in findings}
    assert list(await other.transitions(EVERYTHING)) == history[::-1]


async def test_findings_of_a_version_just_read_are_those_of_that_version(
    store: FindingStore, other: FindingStore
) -> None:
    """Whoever committed last, this worker or another; a commit may change no finding at all."""
    resolved = finding(f"{ACCOUNT}/deployments/D", state=RESOLVED)
    current = finding(message="0")
    await store.commit(commit(findings=[current, resolved]))
    for version, worker in enumerate((store, other, other, store, store, other), start=1):
        if version % 3:
            current = finding(message=str(version))
        before = await worker.state(ROOT)
        await worker.findings(ROOT, of=before.version)
        changed = [current] if version % 3 else []
        await worker.commit(commit(state=before, version=version, findings=changed))

        for each in (store, other):
            now = await each.state(ROOT)
            assert now.version == version + 1
            found = await each.findings(ROOT, of=now.version)
            assert found == await each.findings(ROOT) == await each.findings(ROOT, of=now.version)
            assert found == {current.key: current, resolved.key: resolved}


async def test_findings_that_are_asked_for_without_a_version_are_those_of_now(
    store: FindingStore, other: FindingStore
) -> None:
    """However lately this worker has read the state."""
    await store.commit(commit(findings=[finding()]))
    state = await store.state(ROOT)
    later = finding(message="later")
    await other.commit(commit(state=state, version=1, findings=[later]))

    assert await store.findings(ROOT) == {later.key: later}


async def test_of_two_first_commits_one_wins(store: FindingStore, other: FindingStore) -> None:
    """Two workers that both saw a new root: the second must look again."""
    await store.commit(commit(transition(1), findings=[finding(message="first")]))

    with pytest.raises(ConflictError):
        await other.commit(commit(transition(1), findings=[finding(message="second")]))

    (kept,) = (await other.findings(ROOT)).values()
    assert kept.message == "first"


async def test_of_two_commits_on_one_version_one_wins(
    store: FindingStore, other: FindingStore
) -> None:
    """Neither findings nor history nor state of the second are written."""
    await store.commit(commit(transition(1), findings=[finding()]))
    await store.commit(commit(version=1, state=RootState(version=1, sequence=1, gone=True)))

    late = commit(transition(2), version=1, findings=[finding(message="late")])
    with pytest.raises(ConflictError):
        await other.commit(late)

    assert [each.sequence for each in await store.transitions(EVERYTHING)] == [1]
    assert (await store.findings(ROOT))[finding().key] == finding()
    assert await store.state(ROOT) == RootState(version=2, sequence=1, gone=True)


@pytest.mark.parametrize("version", [1, 7])
async def test_a_version_that_was_never_committed_is_a_conflict(
    store: FindingStore, version: int
) -> None:
    """A commit on a root that is not there must have been made for another store."""
    with pytest.raises(ConflictError):
        await store.commit(commit(transition(1), version=version))

    assert await store.state(ROOT) == RootState()


@pytest.mark.parametrize(
    "clash",
    [
        pytest.param(transition(1), id="in the history already"),
        pytest.param(replace(transition(2), id=f"{ROOT}#3"), id="twice in the commit"),
        pytest.param(replace(transition(1), id="new"), id="its place is taken"),
    ],
)
async def test_a_commit_that_cannot_be_written_whole_is_not_written_at_all(
    store: FindingStore, clash: Transition
) -> None:
    """Each transition is recorded exactly once; one recorded before takes all else with it."""
    before = commit(transition(1), findings=[finding()], state=RootState(sequence=1))
    await store.commit(before)
    state = RootState(version=1, sequence=3, depends_on=(OTHER_ROOT,))
    after = commit(
        transition(3), findings=[finding(message="changed"), finding(OTHER_ACCOUNT)], state=state
    )
    with pytest.raises(PortError):
        await store.commit(replace(after, transitions=(*after.transitions, clash)))

    assert await store.state(ROOT) == RootState(version=1, sequence=1)
    assert await store.findings(ROOT) == {finding().key: finding()}
    assert [each.sequence for each in await store.transitions(EVERYTHING)] == [1]
    assert list(await store.dependents(OTHER_ROOT)) == []
    await store.commit(after)
    assert len(await store.transitions(EVERYTHING)) == 2


async def test_a_finding_is_replaced_whatever_the_case_of_its_resource(
    store: FindingStore,
) -> None:
    """There is one finding of a control on a resource; findings not in a commit stay."""
    child = finding(f"{ACCOUNT}/deployments/d")
    await store.commit(commit(findings=[finding(ACCOUNT.upper()), child]))
    await store.commit(commit(version=1, findings=[finding(state=RESOLVED)]))

    assert await store.findings(ROOT) == {
        finding().key: finding(state=RESOLVED),
        child.key: child,
    }


async def test_roots_do_not_share_findings_or_versions(store: FindingStore) -> None:
    """A commit to one root is none to another."""
    await store.commit(commit(transition(1), findings=[finding()]))
    elsewhere = transition(1, resource_id=OTHER_ACCOUNT)
    await store.commit(commit(elsewhere, root=OTHER_ROOT, findings=[finding(OTHER_ACCOUNT)]))

    assert list(await store.findings(ROOT)) == [finding().key]
    assert (await store.state(OTHER_ROOT)).version == 1
    assert len(await store.transitions(EVERYTHING)) == 2


# --- what is known of subscriptions ---


async def test_the_roots_of_a_subscription_are_those_that_are_not_gone(
    store: FindingStore,
) -> None:
    """Without the subscription itself, whose digest is kept as a root's."""
    elsewhere = f"/subscriptions/{OTHER_SUBSCRIPTION}/resourcegroups/rg/providers/x/y/z"
    for root in (ROOT, OTHER_ROOT, elsewhere, f"/subscriptions/{SUBSCRIPTION}"):
        await store.commit(commit(root=root))
    await store.commit(commit(root=OTHER_ROOT, state=RootState(version=1, gone=True)))

    assert list(await store.roots(SUBSCRIPTION)) == [ROOT]
    assert await store.subscriptions() == {SUBSCRIPTION, OTHER_SUBSCRIPTION}


async def test_a_root_that_comes_back_is_listed_again(store: FindingStore) -> None:
    """Gone is what the last commit says."""
    await store.commit(commit(state=RootState(gone=True)))
    assert list(await store.roots(SUBSCRIPTION)) == []

    await store.commit(commit(version=1))
    assert list(await store.roots(SUBSCRIPTION)) == [ROOT]


async def test_dependents_are_those_of_the_last_commit(store: FindingStore) -> None:
    """A project that moves to another hub does not depend on the first any more."""
    first, second = f"{GROUP}/hub-1".lower(), f"{GROUP}/hub-2".lower()
    await store.commit(commit(state=RootState(depends_on=(first,))))
    await store.commit(commit(root=OTHER_ROOT, state=RootState(depends_on=(first,))))
    assert sorted(await store.dependents(first)) == [ROOT, OTHER_ROOT]

    await store.commit(commit(state=RootState(version=1, depends_on=(second,))))

    assert list(await store.dependents(first)) == [OTHER_ROOT]
    assert list(await store.dependents(second)) == [ROOT]


async def test_open_findings_are_counted_by_severity_and_subscription(
    store: FindingStore,
) -> None:
    """Resolved ones and those of other subscriptions are left out."""
    elsewhere = ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)
    child = f"{ACCOUNT}/deployments/d"
    await store.commit(
        commit(
            findings=[
                finding(severity=Severity.LOW),
                finding(child),
                finding(f"{child}2"),
                finding(f"{child}3", state=RESOLVED, severity=Severity.CRITICAL),
            ]
        )
    )
    await store.commit(commit(root=elsewhere.lower(), findings=[finding(elsewhere)]))

    counted = await store.open_by_severity(SUBSCRIPTION)

    assert counted == {Severity.HIGH: 2, Severity.LOW: 1}
    assert counted[Severity.CRITICAL] == 0


async def test_posture_folds_every_root_as_it_was_committed_last(store: FindingStore) -> None:
    """Failing are the open findings; the other verdicts are those that the looks counted."""
    seen = {Verdict.PASS: 5, Verdict.UNKNOWN: 2, Verdict.NOT_APPLICABLE: 1}
    opened = [finding(), finding(f"{ACCOUNT}/deployments/d", state=RESOLVED)]
    await store.commit(commit(findings=opened, state=RootState(verdicts=seen)))
    await store.commit(
        commit(
            root=OTHER_ROOT,
            findings=[finding(OTHER_ACCOUNT)],
            state=RootState(verdicts={Verdict.PASS: 1}),
        )
    )
    assert await store.posture() == Posture(fail=2, passed=6, unknown=2, not_applicable=1)

    now_passing = RootState(version=1, verdicts={Verdict.PASS: 6})
    await store.commit(commit(findings=[finding(state=RESOLVED)], state=now_passing))

    assert await store.posture() == Posture(fail=1, passed=7)
