"""Whatever is committed, SQLite and Azure tables remember the same."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.retention import TableRetention
from shared.adapters.azure.storage.tables import Table
from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.retention import SqliteRetention
from shared.domain.finding import Attribution, FindingState
from shared.domain.root_state import Attributable, Commit, RootState
from shared.domain.topology import Source
from shared.domain.verdict import Severity, Verdict
from shared.ports import FindingStore, PortError, Retention, TransitionQuery
from tests.azurite_server import Azurite, clients
from tests.fakes import FakeClock
from tests.records import ACCOUNT, CONTROL, SUBSCRIPTION, finding, moment, transition

ACCOUNTS = [f"{ACCOUNT}{number}" for number in range(4)]
CONTROLS = [CONTROL, "deployment_type.sku_allowed", "identity.local_auth_disabled"]
SINKS = ["teams", "log analytics"]
STEPS = 40


@dataclass
class Twins:
    """The same stores twice."""

    findings: tuple[FindingStore, FindingStore]
    retentions: tuple[Retention, Retention]


@pytest.fixture
async def twins(azurite: Azurite, tmp_path: Path) -> AsyncIterator[Twins]:
    """A SQLite file and a storage account, both empty."""
    opened = clients(azurite.account())
    database = Database(tmp_path / "compliance.db")
    clock = FakeClock()
    table = Table(opened, FINDINGS_TABLE)
    yield Twins(
        (SqliteFindingStore(database, clock), TableFindingStore(table, clock)),
        (SqliteRetention(database), TableRetention(table)),
    )
    database.close()
    await opened.close()


def random_commit(rng: random.Random, account: str, version: int, sequence: int) -> Commit:
    """Return any commit on an account at a version, whose transitions follow on a number."""
    resources = [account, f"{account}/deployments/a", f"{account}/deployments/B"]
    findings = {
        each.key: each
        for each in (
            finding(
                rng.choice(resources),
                control=rng.choice(CONTROLS),
                state=rng.choice(list(FindingState)),
                severity=rng.choice(list(Severity)),
                message=str(rng.random()) * rng.choice([1, 1, 1000]),
            )
            for _ in range(rng.randrange(5))
        )
    }
    at = moment(rng.randrange(100))
    transitions = tuple(
        transition(
            sequence + number + 1,
            resource_id=rng.choice(resources),
            control=rng.choice([*CONTROLS, None]),
            severity=rng.choice(list(Severity)),
            alerts=rng.random() < 0.7,
            at=at if rng.random() < 0.8 else moment(rng.randrange(100)),
        )
        for number in range(rng.randrange(4))
    )
    names = [f"{account.lower()}#{number}" for number in range(1, sequence + 3)]
    state = RootState(
        version=version,
        sequence=sequence + len(transitions),
        gone=rng.random() < 0.2,
        read_at={each: moment(rng.random()) for each in rng.sample(list(Source), 3)},
        verdicts={each: rng.randrange(9) for each in (Verdict.PASS, Verdict.UNKNOWN)},
        attributable=tuple(
            Attributable(each.id, each.control, each.resource_id, at) for each in transitions
        ),
        depends_on=tuple(each.lower() for each in rng.sample(ACCOUNTS, rng.randrange(3))),
    )
    who = {
        each: Attribution(rng.choice([None, "someone"]), at, None, exact=rng.random() < 0.5)
        for each in rng.sample(names, rng.randrange(2))
    }
    return Commit(account.lower(), state, tuple(findings.values()), transitions, who)


def queries(rng: random.Random) -> list[TransitionQuery]:
    """Return some questions."""
    return [
        TransitionQuery(alerts_only=False),
        TransitionQuery(limit=rng.randrange(6)),
        TransitionQuery(since=moment(rng.randrange(100)), state=rng.choice(list(FindingState))),
        TransitionQuery(
            severities=frozenset(rng.sample(list(Severity), 2)),
            controls=frozenset(rng.sample(CONTROLS, rng.randrange(3))),
            limit=rng.choice([None, 3]),
        ),
        TransitionQuery(
            resource=rng.choice(["deployments/A", "acct2", "b"]),
            alerts_only=False,
            limit=rng.choice([None, 1]),
            state=rng.choice([None, FindingState.OPEN]),
        ),
        TransitionQuery(
            ids=frozenset(f"{rng.choice(ACCOUNTS).lower()}#{rng.randrange(9)}" for _ in range(5)),
            alerts_only=False,
        ),
    ]


async def answers(store: FindingStore, rng: random.Random) -> list[object]:
    """Return all that a store can be asked; what has no order is sorted."""
    roots = [each.lower() for each in ACCOUNTS]
    return [
        [await store.state(each) for each in roots],
        [await store.findings(each) for each in roots],
        [sorted(await store.dependents(each)) for each in roots],
        sorted(await store.roots(SUBSCRIPTION)),
        await store.subscriptions(),
        await store.open_by_severity(SUBSCRIPTION),
        await store.posture(),
        [list(await store.transitions(each)) for each in queries(rng)],
        [list(await store.undelivered(each, rng.choice([3, 1000]))) for each in SINKS],
    ]


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_committed_both_stores_give_the_same_answers(
    twins: Twins, seed: int
) -> None:
    """Commits that fit, that conflict and that clash; told in part, and purged in between."""
    rng = random.Random(seed)  # noqa: S311 - keeps nothing secret
    places = dict.fromkeys(ACCOUNTS, (0, 0))
    failed = 0
    for _ in range(STEPS):
        account = rng.choice(ACCOUNTS)
        version, sequence = places[account]
        stale, clash = rng.random() < 0.1, rng.random() < 0.1
        commit = random_commit(
            rng, account, version - (stale and version > 0), 0 if clash else sequence
        )
        outcomes = [await _outcome(each, commit) for each in twins.findings]
        assert outcomes[0] == outcomes[1]
        failed += outcomes[0] is not None
        if outcomes[0] is None:
            places[account] = version + 1, max(sequence, commit.state.sequence)
        if rng.random() < 0.2:
            sink, number = rng.choice(SINKS), rng.randrange(1, 5)
            told = [await each.undelivered(sink, number) for each in twins.findings]
            assert told[0] == told[1]
            for store in twins.findings:
                await store.delivered(sink, [each.id for each in told[0]])
        if rng.random() < 0.1:
            state = rng.getstate()
            found = []
            for store in twins.findings:
                rng.setstate(state)
                found.append(await answers(store, rng))
            assert found[0] == found[1]
    assert failed
    for retention in twins.retentions:
        while await retention.purge(moment(61), 7):
            pass
    findings = [
        [await store.findings(each.lower()) for each in ACCOUNTS] for store in twins.findings
    ]
    assert findings[0] == findings[1]


async def _outcome(store: FindingStore, commit: Commit) -> bool | None:
    """Commit; return whether it was a conflict, None for a commit that was written."""
    try:
        await store.commit(commit)
    except PortError as error:
        return type(error) is not PortError
    return None
