"""`card` finds the alerts that are named, and reads no more for it than it must."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.terminal.cards import alerts_named
from shared.adapters.terminal.run import CannotRunError
from shared.domain.finding import Transition, TransitionKind
from shared.pipeline.reconcile import transition_id
from shared.ports import TransitionQuery
from tests.fakes import FakeClock
from tests.records import ROOT, commit, transition

IDS = [transition_id(ROOT, each) for each in range(4)]


@dataclass(frozen=True, slots=True)
class Asked(SqliteFindingStore):
    """A store that keeps what it was asked."""

    queries: list[TransitionQuery] = field(default_factory=list)

    async def transitions(self, query: TransitionQuery) -> Sequence[Transition]:
        """Return transitions."""
        self.queries.append(query)
        return await SqliteFindingStore.transitions(self, query)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Asked]:
    """A store that is empty yet."""
    with closing(Database(tmp_path / "store.db")) as database:
        yield Asked(database, FakeClock())


async def fill(store: Asked) -> None:
    """Record two alerts and, between them, what is history alone."""
    silent = transition(2, kind=TransitionKind.ACKNOWLEDGED, alerts=False)
    made = [transition(1), silent, transition(3)]
    await store.commit(commit(*(replace(each, id=IDS[each.sequence]) for each in made)))


async def test_whole_ids_are_looked_up(store: Asked) -> None:
    """In any case and in the order in which they are named; the history is not gone through."""
    await fill(store)

    found = await alerts_named(store, [IDS[3], f" {IDS[1].upper()} ", IDS[3]])

    assert [each.id for each in found] == [IDS[3], IDS[1], IDS[3]]
    assert [each.ids for each in store.queries] == [frozenset({IDS[1], IDS[3]})]


async def test_some_of_an_id_needs_the_history(store: Asked) -> None:
    """Once, for all that are named."""
    await fill(store)

    found = await alerts_named(store, [IDS[3][:8], IDS[1]])

    assert [each.id for each in found] == [IDS[3], IDS[1]]
    assert [each.ids for each in store.queries] == [None]


@pytest.mark.parametrize("given", [IDS[2], IDS[2][:10], IDS[0]])
async def test_what_is_no_alert_is_refused(store: Asked, given: str) -> None:
    """What people decided has no card."""
    await fill(store)

    with pytest.raises(CannotRunError, match="the id of no alert and no finding"):
        await alerts_named(store, [IDS[1], given])


async def test_without_any_alert_that_is_said(store: Asked) -> None:
    """Rather than that the id is wrong."""
    with pytest.raises(CannotRunError, match="there are no alerts yet"):
        await alerts_named(store, [IDS[1]])
