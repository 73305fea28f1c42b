"""What people decide about open findings: recorded with its author, ended in time, never lost."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from shared.domain.finding import NO_FOLLOW_UP, Acknowledgement, Snooze, TransitionKind
from shared.domain.root_state import Commit
from shared.domain.verdict import Severity
from shared.pipeline.lifecycle import DecisionRefusedError, Lifecycle
from shared.ports import ConflictError, FindingStore, PortError
from tests.fakes import BEGINNING
from tests.follow_up import KEY, Desk, desk
from tests.records import ROOT, SUBSCRIPTION, finding

K = TransitionKind
WEEK = timedelta(days=7)


@pytest.fixture(name="at")
async def _at() -> Desk:
    """A desk with one open finding of severity high."""
    made = desk()
    await made.open()
    return made


async def test_an_acknowledgement_is_kept_on_the_finding_and_in_the_history(at: Desk) -> None:
    """With its author, time and reason; it does not alert, and the finding stays in the posture."""
    told = await at.lifecycle.acknowledge(ROOT, KEY, by="  mara ", reason="quota is on its way")

    assert told is not None
    kept = (await at.finding()).follow_up.acknowledged
    assert kept == Acknowledgement("mara", told.at, "quota is on its way")
    (recorded,) = await at.history()
    assert recorded == told
    assert (told.kind, told.author, told.acknowledged) == (K.ACKNOWLEDGED, "mara", kept)
    assert (told.alerts, told.message) == (False, "Acknowledged by mara: quota is on its way")
    assert (await at.findings.posture()).fail == 1


async def test_a_snooze_is_kept_with_its_end(at: Desk) -> None:
    """A later one replaces it."""
    until = at.clock.now() + WEEK
    await at.lifecycle.snooze(ROOT, KEY, by="mara", reason="window", until=until)
    told = await at.lifecycle.snooze(
        ROOT, KEY, by="jo", reason="window moved", until=until + timedelta(days=1)
    )

    assert told is not None
    kept = (await at.finding()).follow_up.snoozed
    assert kept == Snooze("jo", told.at, "window moved", until + timedelta(days=1))
    assert told.snoozed == kept
    assert await at.kinds() == [K.SNOOZED, K.SNOOZED]
    assert (await at.findings.posture()).fail == 1


async def test_what_is_so_already_is_not_recorded_again(at: Desk) -> None:
    """A command that is repeated changes nothing; other words do."""
    until = at.clock.now() + WEEK
    for _ in range(2):
        await at.lifecycle.acknowledge(ROOT, KEY, by="mara", reason="known")
        await at.lifecycle.snooze(ROOT, KEY, by="mara", reason="window", until=until)
    assert await at.kinds() == [K.ACKNOWLEDGED, K.SNOOZED]
    assert await at.lifecycle.acknowledge(ROOT, KEY, by="mara", reason="known") is None

    await at.lifecycle.acknowledge(ROOT, KEY, by="mara", reason="known since Monday")

    assert (await at.kinds())[2:] == [K.ACKNOWLEDGED]


async def test_a_snooze_can_be_ended_by_hand(at: Desk) -> None:
    """By somebody who knows of the finding, so without an alert; there is nothing to end twice."""
    until = at.clock.now() + WEEK
    await at.lifecycle.snooze(ROOT, KEY, by="mara", reason="window", until=until)

    told = await at.lifecycle.end_snooze(ROOT, KEY, by="jo", reason="no window")

    assert told is not None
    assert (told.kind, told.author, told.alerts) == (K.SNOOZE_ENDED, "jo", False)
    assert told.snoozed is not None
    assert told.snoozed.by == "mara"
    assert (await at.finding()).follow_up.snoozed is None
    assert await at.lifecycle.end_snooze(ROOT, KEY, by="jo", reason="no window") is None


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(0), "cannot end in the past"),
        (timedelta(days=-400), "cannot end in the past"),
        (timedelta(days=14, minutes=1), "at most 14 days"),
        (timedelta(days=365_000), "at most 14 days"),
    ],
)
async def test_a_snooze_ends_soon_and_not_in_the_past(
    at: Desk, ahead: timedelta, said: str
) -> None:
    """Two weeks at most; the refusal says until when it may be."""
    with pytest.raises(DecisionRefusedError, match=said):
        await at.lifecycle.snooze(ROOT, KEY, by="a", reason="b", until=BEGINNING + ahead)

    assert await at.history() == []


async def test_how_long_a_snooze_lasts_is_a_setting(at: Desk) -> None:
    """A day, here; up to its last moment."""
    short = Lifecycle(at.findings, at.clock, timedelta(days=1))
    now = at.clock.now()

    with pytest.raises(DecisionRefusedError, match="at most 1 days"):
        await short.snooze(ROOT, KEY, by="a", reason="b", until=now + timedelta(days=2))
    assert await short.snooze(ROOT, KEY, by="a", reason="b", until=now + timedelta(days=1))


async def test_a_time_without_a_zone_is_refused(at: Desk) -> None:
    """Nobody knows when it is."""
    naive = datetime(2026, 11, 22)  # noqa: DTZ001 - it is what the test is about

    with pytest.raises(DecisionRefusedError, match="time zone"):
        await at.lifecycle.snooze(ROOT, KEY, by="a", reason="b", until=naive)


@pytest.mark.parametrize(
    ("by", "reason", "said"),
    [
        ("", "why", "an author is wanted"),
        (" \t", "why", "an author is wanted"),
        ("mara", "", "a reason is wanted"),
        ("mara", " - . \n", "a reason is wanted"),
        ("m" * 201, "why", "an author has at most 200 characters"),
        ("mara", "w" * 1001, "a reason has at most 1000 characters"),
        ("mara", "why \ud800", "a reason holds what is no text"),
    ],
)
async def test_every_decision_has_an_author_and_a_reason(
    at: Desk, by: str, reason: str, said: str
) -> None:
    """Whichever it is; nothing is recorded without."""
    until = at.clock.now() + WEEK
    for refused in (
        at.lifecycle.acknowledge(ROOT, KEY, by=by, reason=reason),
        at.lifecycle.snooze(ROOT, KEY, by=by, reason=reason, until=until),
        at.lifecycle.end_snooze(ROOT, KEY, by=by, reason=reason),
    ):
        with pytest.raises(DecisionRefusedError, match=said):
            await refused
    assert await at.history() == []


async def test_only_what_is_open_can_be_decided_about(at: Desk) -> None:
    """What is resolved or unknown says so."""
    other = finding(control="stub.other").key
    with pytest.raises(DecisionRefusedError, match="there is no finding"):
        await at.lifecycle.acknowledge(ROOT, other, by="a", reason="b")
    nowhere = f"/subscriptions/{SUBSCRIPTION}"
    with pytest.raises(DecisionRefusedError, match="there is no finding"):
        await at.lifecycle.acknowledge(nowhere, other, by="a", reason="b")
    await at.look(severity=None)
    with pytest.raises(DecisionRefusedError, match="is resolved"):
        await at.lifecycle.acknowledge(ROOT, KEY, by="a", reason="b")


# --- what looks make of it ---


async def decided(at: Desk) -> None:
    """Acknowledge and snooze the finding."""
    await at.lifecycle.acknowledge(ROOT, KEY, by="mara", reason="known")
    until = at.clock.now() + WEEK
    await at.lifecycle.snooze(ROOT, KEY, by="jo", reason="window", until=until)


@pytest.mark.parametrize("severity", [Severity.HIGH, Severity.LOW])
async def test_looks_carry_it_on(at: Desk, severity: Severity) -> None:
    """Also where the evidence changes or the severity falls."""
    await decided(at)
    before = (await at.finding()).follow_up

    await at.look(severity)

    assert (await at.finding()).follow_up == before
    assert (await at.kinds())[-1] in {K.EVIDENCE_CHANGED, K.IMPROVED}


async def test_what_becomes_worse_was_not_what_they_accepted(at: Desk) -> None:
    """Both end; the alert says whose they were, and reminders count from it."""
    await decided(at)

    await at.look(Severity.CRITICAL)

    told = (await at.history())[-1]
    assert (told.kind, told.alerts) == (K.WORSENED, True)
    assert told.acknowledged is not None
    assert told.snoozed is not None
    assert (told.acknowledged.by, told.snoozed.by) == ("mara", "jo")
    found = await at.finding()
    assert (found.follow_up.acknowledged, found.follow_up.snoozed) == (None, None)
    assert found.told_at == told.at
    assert found.opened_at < told.at


async def test_a_resolve_ends_both_and_a_reopening_begins_anew(at: Desk) -> None:
    """The resolve says what it ended."""
    await decided(at)

    await at.look(severity=None)
    resolved = (await at.history())[-1]
    await at.look(Severity.HIGH)

    assert resolved.kind is K.RESOLVED
    assert resolved.acknowledged is not None
    assert resolved.snoozed is not None
    reopened = (await at.history())[-1]
    assert (reopened.kind, reopened.acknowledged, reopened.snoozed) == (K.REOPENED, None, None)
    assert (await at.finding()).follow_up == NO_FOLLOW_UP


# --- others at the same time ---


class Busy:
    """A store that somebody else commits to, so many times, before each commit of ours."""

    def __init__(self, at: Desk, times: int) -> None:
        self._at = at
        self.times = times

    def __getattr__(self, name: str) -> object:
        return getattr(self._at.findings, name)

    async def commit(self, commit: Commit) -> None:
        """Let the other one commit first."""
        if self.times:
            self.times -= 1
            state = await self._at.findings.state(ROOT)
            await self._at.findings.commit(
                replace(commit, state=state, findings=(), transitions=())
            )
        await self._at.findings.commit(commit)


def busy(at: Desk, times: int) -> Lifecycle:
    """Return the decisions on a busy store."""
    return Lifecycle(cast("FindingStore", Busy(at, times)), at.clock)


async def test_a_conflict_begins_again(at: Desk) -> None:
    """With what the other one has left."""
    await busy(at, 3).acknowledge(ROOT, KEY, by="mara", reason="known")

    assert (await at.finding()).follow_up.acknowledged is not None
    assert await at.kinds() == [K.ACKNOWLEDGED]


async def test_a_root_that_is_never_at_rest_is_an_error(at: Desk) -> None:
    """To be tried again; nothing is recorded."""
    with pytest.raises(PortError, match="try again"):
        await busy(at, 99).acknowledge(ROOT, KEY, by="mara", reason="known")

    assert await at.history() == []


async def test_a_look_that_read_before_a_decision_cannot_undo_it(at: Desk) -> None:
    """Its commit finds a conflict."""
    state = await at.findings.state(ROOT)
    await at.lifecycle.acknowledge(ROOT, KEY, by="mara", reason="known")

    with pytest.raises(ConflictError):
        await at.findings.commit(Commit(ROOT, state, (finding(),)))
    assert (await at.finding()).follow_up.acknowledged is not None
