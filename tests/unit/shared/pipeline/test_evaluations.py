"""What looks come to is kept: after the commit, in the background, and never in an alert's way."""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.topology import Source
from shared.domain.verdict import Verdict
from shared.pipeline import evaluations as module
from shared.pipeline.evaluated import Evaluated
from shared.pipeline.evaluations import AT_ONCE, MOST_WAITING, Evaluations
from shared.pipeline.keep import Keep
from shared.pipeline.messages import LookMessage, Trigger
from shared.ports import BusyError, PortError, RefusedError
from tests.fakes import Interrupted, Killed, Switch
from tests.worlds import CATALOGUE, SUBSCRIPTION, World, resource, world

ACCOUNT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
    "/Microsoft.CognitiveServices/accounts/open"
)


class Table:
    """Remembers what it is given, in its portions, and fails as it is told to."""

    def __init__(self) -> None:
        self.portions: list[list[Evaluated]] = []
        self.failure: Exception | None = None

    async def write(self, rows: Sequence[Evaluated]) -> None:
        """Take rows."""
        if self.failure is not None:
            raise self.failure
        self.portions.append(list(rows))


class Here:
    """A world with an account, whose looks are kept."""

    def __init__(self, keep: Keep = Keep.CHANGES) -> None:
        self.told: World = world()
        self.table = Table()
        self.kept = Evaluations(self.table.write, self.told.clock, CATALOGUE, keep)
        self.looks = replace(self.told.runtime.looks, evaluations=self.kept)
        self.put("Disabled")

    def put(self, access: str) -> None:
        """Let the account be as it is."""
        body = {"kind": "OpenAI", "properties": {"publicNetworkAccess": access}}
        self.told.inventory.put(resource(ACCOUNT, **body))

    async def look(self, trigger: Trigger = Trigger.SWEEP) -> None:
        """Look once more, five minutes later."""
        self.told.clock.advance(timedelta(minutes=5))
        await self.looks.look(LookMessage(ACCOUNT, self.told.clock.now(), trigger))

    async def written(self) -> int:
        """Write what is remembered; return in how many portions."""
        self.table.portions.clear()
        await self.kept.flush()
        await self.kept.close()
        return len(self.table.portions)


@pytest.fixture
def here() -> Here:
    """The default: changes are kept."""
    return Here()


async def test_a_look_is_kept_with_what_every_control_came_to(here: Here) -> None:
    """As the catalogue judges the same snapshot, and as of when it was read."""
    await here.look()
    assert await here.written() == 1

    (rows,) = here.table.portions
    state = await here.told.ports.findings.state(ACCOUNT.lower())
    verdicts = Counter(each.seen.judgement.verdict for each in rows)
    findings = await here.told.ports.findings.findings(ACCOUNT.lower())
    del verdicts[Verdict.FAIL]
    assert verdicts == state.verdicts
    failing = {f"{e.seen.control_id} {e.seen.resource.key}" for e in rows if _fails(e)}
    assert failing == findings.keys()
    assert {each.root for each in rows} == {ACCOUNT.lower()}
    assert {each.looked_at for each in rows} == {state.read_at[Source.ACCOUNT]}


def _fails(each: Evaluated) -> bool:
    return each.seen.judgement.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("keep", "first", "same", "changed", "next_day"),
    [(Keep.OFF, 0, 0, 0, 0), (Keep.CHANGES, 1, 0, 1, 1), (Keep.ALL, 1, 1, 1, 1)],
)
async def test_which_looks_are_kept_is_a_setting(
    keep: Keep, first: int, same: int, changed: int, next_day: int
) -> None:
    """The first, an unchanged one, a changed one, and an unchanged one of the next day."""
    here = Here(keep)
    found = []
    for step in range(4):
        if step == 2:
            here.put("Enabled")
        if step == 3:
            here.told.clock.advance(timedelta(days=1))
        await here.look()
        found.append(await here.written())

    assert found == [first, same, changed, next_day]


async def test_a_root_that_is_gone_has_no_rows(here: Here) -> None:
    """Its alerts tell that it is."""
    await here.look()
    await here.written()
    here.told.inventory.delete(resource(ACCOUNT).id)
    await here.look()

    assert await here.written() == 0


async def test_a_look_waits_for_nothing(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written a little later, by itself."""
    monkeypatch.setattr(module, "SOON", timedelta(milliseconds=20))
    await here.look()
    assert here.table.portions == []

    await asyncio.sleep(0.1)

    assert len(here.table.portions) == 1
    await here.kept.close()


async def test_an_outage_keeps_them_for_later(
    here: Here, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The look is done all the same, the redrive is told, and the next look tries again."""
    monkeypatch.setattr(module, "SOON", timedelta(milliseconds=5))
    here.table.failure = BusyError("Log Analytics answered 503")
    await here.look()
    await asyncio.sleep(0.05)
    assert "evaluations are not written yet: Log Analytics answered 503" in caplog.text
    with pytest.raises(PortError, match="503"):
        await here.kept.flush()
    here.table.failure = None
    here.put("Enabled")
    await here.look()

    assert await here.written() == 1
    assert len({each.looked_at for each in here.table.portions[0]}) == 2


async def test_what_is_refused_is_not_sent_for_ever(
    here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so."""
    here.table.failure = RefusedError("Log Analytics answered 400")
    await here.look()

    assert await here.written() == 0
    here.table.failure = None
    assert await here.written() == 0
    assert "are refused" in caplog.text


async def test_what_crashes_the_writing_is_lost_and_said(
    here: Here, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It does not crash the next again."""
    monkeypatch.setattr(module, "SOON", timedelta(milliseconds=5))
    here.table.failure = KeyError("a bug")
    await here.look()
    await asyncio.sleep(0.05)
    here.table.failure = None

    assert "evaluations are lost" in caplog.text
    assert await here.written() == 0


async def test_not_more_is_remembered_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The oldest go, and that is said."""
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    here = Here(Keep.ALL)
    for _ in range(5):
        await here.look()
    with caplog.at_level(logging.WARNING):
        assert await here.written() == 1

    assert len({each.looked_at for each in here.table.portions[0]}) == 3
    assert "2 looks are not kept" in caplog.text
    assert MOST_WAITING > AT_ONCE


async def test_killed_before_they_are_written_the_alerts_are_there(here: Here) -> None:
    """They are lost, and nothing else: the state came first."""
    await here.look()
    await here.kept.close()

    alerts = await here.told.ports.findings.undelivered("any", 100)
    assert alerts
    assert here.table.portions == []


async def test_what_is_not_committed_is_not_kept(here: Here) -> None:
    """A look that dies on its commit has come to nothing."""
    # After those before and after the lease and the state: before the commit.
    findings = Interrupted(here.told.ports.findings, Switch(kill_at=4))
    looks = replace(here.looks, findings=findings)
    with pytest.raises(Killed):
        await looks.look(LookMessage(ACCOUNT, here.told.clock.now(), Trigger.SWEEP))

    recorded = (await here.told.ports.findings.state(ACCOUNT.lower())).version
    assert await here.written() == recorded == 0
