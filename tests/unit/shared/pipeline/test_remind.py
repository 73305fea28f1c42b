"""Reminders: what stays open is told again in time, once, and escalated when nobody knows of it."""

import asyncio
from datetime import timedelta

import pytest

from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.work_queue import SqliteWorkQueue
from shared.domain.finding import FindingState, TransitionKind
from shared.domain.verdict import Severity
from shared.pipeline.pokes import Pokes
from shared.pipeline.remind import Reminded, Reminders
from shared.ports import PortError, QueueName
from tests.fakes import Interrupted, Killed, Switch
from tests.follow_up import KEY, Desk, desk, on_other_roots
from tests.records import ROOT, finding

K = TransitionKind
ONCALL = "teams:oncall"


@pytest.fixture(name="at")
async def _at() -> Desk:
    """A desk with one open finding of severity high."""
    made = desk()
    await made.open()
    return made


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.CRITICAL, timedelta(hours=4)),
        (Severity.HIGH, timedelta(hours=24)),
        (Severity.MEDIUM, timedelta(days=7)),
    ],
)
async def test_what_is_open_for_too_long_is_told_again(
    severity: Severity, level: timedelta
) -> None:
    """Not before its time; then again and again, with everything that the finding says."""
    at = desk()
    await at.open(finding(severity=severity))
    at.clock.advance(level - timedelta(seconds=1))
    assert (await at.reminders().run()).reminders == 0

    at.wait(seconds=1)
    assert await at.reminders().run() == Reminded(open=1, reminders=1)
    assert await at.reminders().run() == Reminded(open=1)
    at.clock.advance(level)
    await at.reminders().run()

    first, second = await at.history()
    found = await at.finding()
    assert (first.kind, second.kind, first.alerts) == (K.REMINDER, K.REMINDER, True)
    assert first.id != second.id
    assert (first.message, first.severity, first.evidence) == (
        found.message,
        severity,
        found.evidence,
    )
    assert first.opened_at == found.opened_at
    assert found.told_at == second.at


@pytest.mark.parametrize("severity", [Severity.LOW, Severity.INFO])
async def test_low_and_info_are_not_told_again(severity: Severity) -> None:
    """However long they are open; info not even where somebody sets a level."""
    at = desk()
    await at.open(finding(severity=severity))
    at.wait(days=400)

    assert await at.reminders().run() == Reminded(open=1)
    told = Reminders(at.findings, at.clock, {Severity.INFO: timedelta(hours=1)})
    assert await told.run() == Reminded(open=1)


async def test_levels_are_settings(at: Desk) -> None:
    """A severity without one has no reminders."""
    at.wait(days=30)

    assert (await Reminders(at.findings, at.clock, {}).run()).reminders == 0
    hourly = Reminders(at.findings, at.clock, {Severity.HIGH: timedelta(hours=1)})
    assert (await hourly.run()).reminders == 1


async def test_what_is_resolved_is_not_told_again(at: Desk) -> None:
    """Nor is what was reopened just now: its time begins anew."""
    at.wait(days=2)
    await at.look(severity=None)
    assert (await at.reminders().run()).open == 0

    await at.look(Severity.HIGH)
    assert await at.reminders().run() == Reminded(open=1)


async def test_after_a_long_outage_there_is_one_reminder(at: Desk) -> None:
    """Not one for each time that was missed."""
    at.wait(days=30)

    assert (await at.reminders().run()).reminders == 1
    assert (await at.reminders().run()).reminders == 0


# --- escalation ---


async def test_what_nobody_has_acknowledged_is_escalated(at: Desk) -> None:
    """To the sink that is set, with every reminder; the finding remembers it."""
    at.wait(days=1)
    told = await at.reminders(ONCALL).run()

    assert (told.reminders, told.escalated) == (1, 1)
    assert (await at.history())[-1].also_to == (ONCALL,)
    assert (await at.finding()).follow_up.escalated_to == (ONCALL,)


async def test_what_is_acknowledged_is_told_again_and_not_escalated(at: Desk) -> None:
    """Somebody works on it; whoever should be bothered no more snoozes it."""
    await at.lifecycle.acknowledge(ROOT, KEY, by="mara", reason="known")
    at.wait(days=1)

    told = await at.reminders(ONCALL).run()

    assert (told.reminders, told.escalated) == (1, 0)
    last = (await at.history())[-1]
    assert last.also_to == ()
    assert last.acknowledged is not None


async def test_whoever_it_was_escalated_to_is_told_how_it_goes_on(at: Desk) -> None:
    """Until it is resolved; a reopening is not their matter any more."""
    at.wait(days=1)
    await at.reminders(ONCALL).run()
    await at.lifecycle.acknowledge(ROOT, KEY, by="mara", reason="known")
    await at.look(Severity.CRITICAL)
    await at.look(severity=None)
    await at.look(Severity.HIGH)

    told = {each.kind: each.also_to for each in await at.history()}
    assert told[K.WORSENED] == told[K.RESOLVED] == (ONCALL,)
    assert told[K.REOPENED] == ()


async def test_without_a_sink_that_is_set_nothing_is_escalated(at: Desk) -> None:
    """It is a reminder like others."""
    at.wait(days=1)

    assert (await at.reminders(None).run()).escalated == 0
    assert (await at.history())[-1].also_to == ()


# --- snoozes ---


async def snoozed(at: Desk, **time: float) -> None:
    """Snooze the finding for a while."""
    until = at.clock.now() + timedelta(**time)
    await at.lifecycle.snooze(ROOT, KEY, by="mara", reason="window", until=until)


async def test_what_is_snoozed_is_not_told_again_until_its_end(at: Desk) -> None:
    """Then that it is still open, once; reminders count from there."""
    await snoozed(at, days=5)
    at.wait(days=4, hours=23)
    assert await at.reminders().run() == Reminded(open=1)

    at.wait(hours=1)
    assert await at.reminders().run() == Reminded(open=1, snoozes_ended=1)
    at.wait(hours=23)
    assert await at.reminders().run() == Reminded(open=1)
    at.wait(hours=1)
    assert await at.reminders().run() == Reminded(open=1, reminders=1)

    assert await at.kinds() == [K.SNOOZED, K.SNOOZE_ENDED, K.REMINDER]
    ended = (await at.history())[1]
    assert (ended.alerts, ended.author) == (True, None)
    assert ended.snoozed is not None
    assert ended.snoozed.by == "mara"
    assert (await at.finding()).follow_up.snoozed is None


async def test_the_end_of_a_snooze_is_told_whatever_the_severity() -> None:
    """Low as well, that has no reminders; of info it is history."""
    for severity, alerts in ((Severity.LOW, True), (Severity.INFO, False)):
        at = desk()
        await at.open(finding(severity=severity))
        await snoozed(at, hours=1)
        at.wait(hours=1)

        assert (await at.reminders().run()).snoozes_ended == 1
        assert (await at.history())[-1].alerts is alerts


async def test_a_snooze_that_is_ended_by_hand_is_told_of_no_more(at: Desk) -> None:
    """What is overdue by then is told at once."""
    await snoozed(at, days=5)
    at.wait(days=2)
    await at.lifecycle.end_snooze(ROOT, KEY, by="jo", reason="no window")

    assert await at.reminders().run() == Reminded(open=1, reminders=1)


async def test_what_was_resolved_in_its_snooze_is_not_told_of_at_its_end(at: Desk) -> None:
    """Nothing is open."""
    await snoozed(at, days=5)
    await at.look(severity=None)
    at.wait(days=5)

    assert await at.reminders().run() == Reminded()


# --- many ---


async def test_the_worst_come_first_and_the_rest_later() -> None:
    """So many a run; what is left is counted, and comes at the next."""
    at = desk()
    for severity in (Severity.MEDIUM, Severity.CRITICAL, Severity.HIGH):
        name = f"{severity}"
        for root, found in on_other_roots(4, severity):
            await at.open(
                finding(f"{found.resource_id}{name}", severity=severity), root=f"{root}{name}"
            )
    at.wait(days=8)
    told = []

    while (done := await at.reminders(most=3).run()).reminders:
        told.append((done.reminders, done.left))

    assert told == [(3, 9), (3, 6), (3, 3), (3, 0)]
    ranks = [each.severity.rank for each in await at.history()]
    assert ranks[:3] == [Severity.CRITICAL.rank] * 3
    assert sorted(ranks[3:6]) == [Severity.HIGH.rank, Severity.HIGH.rank, Severity.CRITICAL.rank]
    assert ranks[9:] == [Severity.MEDIUM.rank] * 3


async def test_findings_of_one_root_are_told_in_one_commit(at: Desk) -> None:
    """A root with a hundred is one step, not a hundred."""
    await at.open(*(finding(control=f"stub.n{each}") for each in range(100)))
    before = (await at.findings.state(ROOT)).version
    at.wait(days=1)

    assert (await at.reminders().run()).reminders == 101
    assert (await at.findings.state(ROOT)).version == before + 1
    assert len({each.id for each in await at.history()}) == 101


@pytest.mark.parametrize("failure", [PortError("storage is down"), KeyError("a fault")])
async def test_a_root_that_fails_delays_no_other(failure: Exception) -> None:
    """The run says so at its end, when those who deliver know of the others."""
    at = desk()
    for root, found in on_other_roots(3):
        await at.open(found, root=root)
    at.wait(days=1)
    assert isinstance(at.findings, SqliteFindingStore)
    queue = SqliteWorkQueue(at.findings.database, at.clock)
    broken = Interrupted(at.findings, Switch())
    state = at.findings.state

    async def fails(root: str) -> object:
        if root.endswith("1"):
            raise failure
        return await state(root)

    broken.state = fails  # type: ignore[attr-defined]
    with pytest.raises(PortError, match="reminders of 1 roots failed"):
        await Reminders(broken, at.clock, pokes=Pokes(queue, at.clock)).run()

    assert len(await at.history()) == 2
    assert await queue.take(QueueName.ALERTS) is not None
    assert (await at.reminders().run()).reminders == 1


# --- two at once, and killed anywhere ---


async def test_two_that_remind_at_once_tell_once() -> None:
    """Whichever is faster at each root."""
    at = desk()
    for root, found in on_other_roots(20):
        await at.open(found, root=root)
    at.wait(days=1)

    both = [Reminders(Interrupted(at.findings, Switch(turns=True)), at.clock) for _ in range(2)]
    done = await asyncio.gather(*(each.run() for each in both))

    assert sum(each.reminders for each in done) == 20
    assert len({each.root for each in await at.history()}) == len(await at.history()) == 20


async def test_killed_at_any_moment_everything_is_told_once() -> None:
    """By whoever comes next."""
    moment, killed = 0, True
    while killed:
        at = desk()
        for root, found in on_other_roots(3):
            await at.open(found, root=root)
        at.wait(days=1)
        switch = Switch(kill_at=moment)
        try:
            await Reminders(Interrupted(at.findings, switch), at.clock).run()
            killed = False
        except Killed:
            moment += 1

        await at.reminders().run()

        told = await at.history()
        assert sorted(each.root for each in told) == [root for root, _ in on_other_roots(3)]
        for root, found in on_other_roots(3):
            kept = await at.finding(root, found.key)
            assert kept.state is FindingState.OPEN
            assert kept.follow_up.reminded_at is not None
    assert moment > 10
