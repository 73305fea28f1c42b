"""`FindingStore`: what is open, over all roots; and what is done about it by several at once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.finding import (
    Acknowledgement,
    Finding,
    FindingState,
    FollowUp,
    Snooze,
    TransitionKind,
)
from shared.domain.verdict import Severity
from shared.pipeline.lifecycle import Lifecycle
from shared.pipeline.remind import Reminders
from shared.ports import Clock, FindingStore, TransitionQuery
from tests.contract.backends import Stores
from tests.records import (
    ACCOUNT,
    GROUP,
    OTHER_ACCOUNT,
    OTHER_ROOT,
    ROOT,
    commit,
    finding,
    moment,
    transition,
)

pytestmark = pytest.mark.contract

EVERYTHING = TransitionQuery(alerts_only=False)


async def seen(store: FindingStore) -> dict[tuple[str, str], Finding]:
    """Return what is open, by root and key."""
    found = [(root, each) async for root, each in store.open_findings()]
    by_place = {(root, each.key): each for root, each in found}
    assert len(by_place) == len(found)
    return by_place


async def test_a_store_without_findings_has_none_open(stores: Stores) -> None:
    """Before anything was committed."""
    assert await seen(stores.findings) == {}


async def test_what_is_open_is_gone_through_over_all_roots(stores: Stores, others: Stores) -> None:
    """Each with its root; what is resolved is left out, also when it was open before."""
    one, two = finding(), finding(control="stub.two")
    over = finding(control="stub.over")
    far = finding(OTHER_ACCOUNT, severity=Severity.LOW)
    await stores.findings.commit(commit(findings=[one, two, over]))
    await stores.findings.commit(commit(root=OTHER_ROOT, findings=[far]))
    closed = replace(over, state=FindingState.RESOLVED, resolved_at=moment(9))
    await stores.findings.commit(commit(version=1, findings=[closed]))

    assert await seen(others.findings) == {
        (ROOT, one.key): one,
        (ROOT, two.key): two,
        (OTHER_ROOT, far.key): far,
    }


async def test_very_many_are_gone_through_once_each(stores: Stores) -> None:
    """More than one answer holds, of one root and of many."""
    many = [finding(control=f"stub.n{each}") for each in range(1_200)]
    await stores.findings.commit(commit(findings=many))
    for each in range(30):
        name = f"{GROUP}/Microsoft.CognitiveServices/accounts/N{each}"
        await stores.findings.commit(commit(root=name.lower(), findings=[finding(name)]))

    found = await seen(stores.findings)

    assert len(found) == 1_230
    assert len({root for root, _ in found}) == 31


async def test_what_was_done_about_a_finding_is_remembered(stores: Stores, others: Stores) -> None:
    """Everything, on the finding and on the transition that tells of it."""
    known = Acknowledgement("mara \N{WHITE SMILING FACE}", moment(1), "known")
    snoozed = Snooze("jo", moment(2), "window", moment(3600))
    one = replace(finding(), follow_up=FollowUp(known, snoozed, moment(3), ("a", "b:c")))
    told = replace(
        transition(kind=TransitionKind.SNOOZED, alerts=False),
        before=one.evidence,
        opened_at=moment(0),
        author="jo",
        acknowledged=known,
        snoozed=snoozed,
        also_to=("a",),
    )
    await stores.findings.commit(commit(told, findings=[one]))

    assert (await others.findings.findings(ROOT))[one.key] == one
    assert list(await others.findings.transitions(EVERYTHING)) == [told]


async def test_two_that_remind_at_once_tell_once(
    stores: Stores, others: Stores, clock: Clock
) -> None:
    """Two processes on one store: each finding has one reminder."""
    opened = clock.now() - timedelta(days=2)
    for each in range(6):
        name = f"{ACCOUNT}{each}"
        made = replace(finding(name), opened_at=opened)
        await stores.findings.commit(commit(root=name.lower(), findings=[made]))

    both = await asyncio.gather(
        *(Reminders(each.findings, clock).run() for each in (stores, others))
    )

    assert sum(each.reminders for each in both) == 6
    told = await stores.findings.transitions(EVERYTHING)
    assert len({each.root for each in told}) == len(told) == 6
    assert {each.kind for each in told} == {TransitionKind.REMINDER}


async def test_two_decisions_at_once_are_both_kept(
    stores: Stores, others: Stores, clock: Clock
) -> None:
    """One acknowledges while another snoozes."""
    one = finding()
    await stores.findings.commit(commit(findings=[one]))
    first, second = (Lifecycle(each.findings, clock) for each in (stores, others))
    until = clock.now() + timedelta(days=1)

    await asyncio.gather(
        first.acknowledge(ROOT, one.key, by="mara", reason="known"),
        second.snooze(ROOT, one.key, by="jo", reason="window", until=until),
    )

    kept = (await stores.findings.findings(ROOT))[one.key].follow_up
    assert kept.acknowledged is not None
    assert kept.snoozed is not None
    history = await stores.findings.transitions(EVERYTHING)
    assert {each.author for each in history} == {"mara", "jo"}
