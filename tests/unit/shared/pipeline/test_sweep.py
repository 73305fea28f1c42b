"""Sweeps: everything is looked at, and the first one tells of itself in one digest."""

import logging
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.control import AppliesTo
from shared.domain.finding import ResolvedReason, Transition
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem
from shared.domain.sweep import RootOutcome, Sweep
from shared.domain.topology import DEEP_SOURCES, ResourceType, Source
from shared.domain.verdict import Cause, Severity
from shared.pipeline.baseline import baseline_digest
from shared.pipeline.look import LookStatus
from shared.pipeline.messages import LookMessage, Trigger, decode
from shared.pipeline.work import WorkReport
from shared.ports import QueueName
from tests.records import ACCOUNT, GROUP, OTHER_ACCOUNT, OTHER_SUBSCRIPTION, SUBSCRIPTION, moment
from tests.unit.shared.pipeline.stub_monitors import catalogue, monitor
from tests.worlds import World, resource, watch_of, world, write_event

DEPLOYMENT = f"{ACCOUNT}/deployments/chat"
WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/ws"
SUBSCRIPTION_ROOT = f"/subscriptions/{SUBSCRIPTION}"
DEEP = DEEP_SOURCES[ResourceType.ACCOUNT.lower()]
DEEP_OF_WORKSPACES = DEEP_SOURCES[ResourceType.WORKSPACE.lower()]
CATALOGUE = catalogue(
    monitor("account"),
    monitor(
        "deployment",
        applies_to=(AppliesTo(ResourceType.DEPLOYMENT),),
        severity=Severity.LOW,
    ),
)


def state(text: str, word: str) -> Resource:
    """Make a resource whose state is a word."""
    return resource(text, properties={"state": word})


@pytest.fixture
def here() -> World:
    """A world that has never been swept: an account that is bad, and one that is good."""
    told = world(catalogue=CATALOGUE)
    told.inventory.put(
        state(ACCOUNT, "bad"), state(DEPLOYMENT, "bad"), state(OTHER_ACCOUNT, "good")
    )
    return told


async def queued(told: World) -> list[LookMessage]:
    """Take the looks at resources from the queue of sweeps; the subscription's own comes first."""
    messages = await all_queued(told)
    if not messages:
        return []
    own, *others = messages
    assert own.root == f"/subscriptions/{ResourceId.parse(own.root).subscription}"
    return others


async def all_queued(told: World) -> list[LookMessage]:
    """Take what is on the queue of sweeps."""
    messages = []
    while (taken := await told.ports.queue.take(QueueName.SWEEPS)) is not None:
        await told.ports.queue.done(QueueName.SWEEPS, taken)
        messages.append(decode(taken.text))
    return messages


def summary(history: list[Transition]) -> list[tuple[str, str, bool]]:
    """Return kinds, names and whether they alert."""
    names = [ResourceId.parse(each.resource_id).name for each in history]
    return [(each.kind.value, name, each.alerts) for each, name in zip(history, names, strict=True)]


async def news(told: World, *, deep: bool = False) -> list[tuple[str, str, bool]]:
    """Sweep, and return what is new in the history."""
    before = len(await told.history())
    await told.sweep(deep=deep)
    return summary((await told.history())[before:])


# --- what is looked at ---


async def test_a_sweep_queues_a_look_at_every_root(here: World) -> None:
    """On a queue of their own, in the order of their ids, with the id of the sweep."""
    (sweep,) = await here.runtime.sweeps.begin(deep=False)

    messages = await queued(here)

    assert [each.root for each in messages] == [ACCOUNT, OTHER_ACCOUNT]
    for each in messages:
        assert (each.trigger, each.sweep, each.sources) == (Trigger.SWEEP, sweep.id, ())
        assert (each.accepted_at, each.baseline) == (sweep.started_at, True)
    assert await here.ports.queue.take(QueueName.LOOKS) is None
    assert replace(sweep, id="", started_at=moment(0)) == Sweep(
        "",
        SUBSCRIPTION,
        deep=False,
        baseline=True,
        started_at=moment(0),
        roots=2,
    )


async def test_a_deep_sweep_names_the_deep_sources_of_each_root(here: World) -> None:
    """Types without any have none to name."""
    here.inventory.put(state(WORKSPACE, "good"))
    (sweep,) = await here.runtime.sweeps.begin(deep=True)

    found = {ResourceId.parse(each.root).name: each.sources for each in await queued(here)}

    assert sweep.deep
    assert found == {"Acct": DEEP, "Other": DEEP, "ws": DEEP_OF_WORKSPACES}


async def test_thousands_of_roots_are_queued(here: World) -> None:
    """In as many batches as it takes."""
    here.inventory.put(*(state(f"{ACCOUNT}-{n}", "good") for n in range(1201)))
    await here.runtime.sweeps.begin(deep=False)

    assert len(await queued(here)) == 1203


async def test_roots_known_before_are_looked_at_too_and_found_gone(here: World) -> None:
    """Their findings are resolved; the next sweep looks at them no more."""
    await here.sweep()
    here.inventory.delete(ResourceId.parse(ACCOUNT))

    assert sorted(await news(here)) == [("resolved", "Acct", True), ("resolved", "chat", True)]
    reasons = {each.reason for each in (await here.history())[-2:]}
    assert reasons == {ResolvedReason.DELETED}
    (after,) = await here.runtime.sweeps.begin(deep=False)
    assert after.roots == 1


async def test_a_root_is_looked_at_once_however_it_is_spelled(here: World) -> None:
    """Known in lower case, listed in Azure's spelling."""
    await here.sweep()
    (again,) = await here.runtime.sweeps.begin(deep=False)

    assert again.roots == 2
    assert [each.root for each in await queued(here)] == [ACCOUNT, OTHER_ACCOUNT]


@pytest.mark.parametrize("spelled", ["AAAA-bbbb", "aaaa-bbbb", "AAAA-BBBB"])
async def test_a_subscription_is_the_same_in_any_spelling(here: World, spelled: str) -> None:
    """A person types it, Azure spells it; it has one baseline."""
    elsewhere = ACCOUNT.replace(SUBSCRIPTION, "aaaa-BBBB")
    here.inventory.put(state(elsewhere, "bad"))
    first = await here.runtime.sweeps.begin(deep=False, subscriptions=frozenset({spelled}))
    await here.drain()
    again = await here.runtime.sweeps.begin(
        deep=False, subscriptions=frozenset({"aaaa-bbbb", "AAAA-bbbb"})
    )

    assert [(each.subscription, each.baseline, each.roots) for each in [*first, *again]] == [
        ("aaaa-bbbb", True, 1),
        ("aaaa-bbbb", False, 1),
    ]


async def test_swept_are_the_subscriptions_that_are_watched(here: World) -> None:
    """Those of the setting; without one, those of the estate and those known already."""
    here.inventory.put(state(ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION), "good"))
    watched = await here.runtime.sweeps.begin(deep=False)
    assert [each.subscription for each in watched] == [SUBSCRIPTION]

    everything = replace(here.runtime.sweeps, watch=watch_of(here))
    both = await everything.begin(deep=False)
    assert [each.subscription for each in both] == [SUBSCRIPTION, OTHER_SUBSCRIPTION]


# --- the baseline ---


async def test_the_first_sweep_records_findings_and_tells_of_them_in_one_digest(
    here: World,
) -> None:
    """None of them alerts by itself; the digest comes last and counts them."""
    assert await news(here) == [
        ("opened", "Acct", False),
        ("opened", "chat", False),
        ("baseline", SUBSCRIPTION, True),
    ]

    digest = (await here.history())[-1]
    assert digest.message == (
        "First sweep of the subscription: 2 roots looked at, 2 findings open (1 high, 1 low)."
    )
    assert (digest.severity, digest.control, digest.root) == (
        Severity.HIGH,
        None,
        SUBSCRIPTION_ROOT,
    )
    assert await here.ports.findings.roots(SUBSCRIPTION) == [
        ACCOUNT.lower(),
        OTHER_ACCOUNT.lower(),
    ]


async def test_later_sweeps_alert_as_ever(here: World) -> None:
    """What they find first, and what was put right; there is no second digest."""
    await here.sweep()
    here.inventory.put(state(ACCOUNT, "good"), state(OTHER_ACCOUNT, "bad"))

    assert await news(here) == [("resolved", "Acct", True), ("opened", "Other", True)]
    assert await news(here) == []


async def test_a_subscription_without_roots_has_its_digest_at_once() -> None:
    """Nothing was found, and that is worth telling once."""
    told = world(catalogue=CATALOGUE)
    (sweep,) = await told.runtime.sweeps.begin(deep=False)
    assert (sweep.baseline, sweep.roots) == (True, 0)
    (digest,) = await told.history()
    assert digest.message == "First sweep of the subscription: 0 roots looked at, 0 findings open."
    assert digest.severity is Severity.INFO
    assert digest.alerts

    (again,) = await told.runtime.sweeps.begin(deep=False)
    assert not again.baseline
    assert len(await told.history()) == 1


async def test_a_change_during_the_baseline_alerts(here: World) -> None:
    """Somebody did it just now: the digest is no place for it."""
    await here.runtime.sweeps.begin(deep=False)
    await here.tell(write_event(ResourceId.parse(ACCOUNT), here.clock.now().isoformat()))
    await here.drain()

    assert summary(await here.history()) == [
        ("opened", "Acct", True),
        ("opened", "chat", True),
        ("baseline", SUBSCRIPTION, True),
    ]


async def test_a_blind_spot_alerts_in_a_baseline_too(here: World) -> None:
    """What cannot be seen is in no digest."""
    problem = Problem(Cause.UNREADABLE, "403")
    here.inventory.problems[ACCOUNT.lower(), Source.DEPLOYMENTS] = problem
    for _ in range(3):
        for sweep in await here.runtime.sweeps.begin(deep=False):
            for message in await all_queued(here):
                await here.runtime.sweeps.look(replace(message, baseline=True, sweep=sweep.id))

    assert ("blind_spot", "Acct", True) in summary(await here.history())


async def test_two_first_sweeps_at_once_have_one_digest(here: World) -> None:
    """Whichever ends first tells; what the other opens is quiet too."""
    for _ in range(2):
        (sweep,) = await here.runtime.sweeps.begin(deep=False)
        assert sweep.baseline
    await here.drain()

    kinds = [kind for kind, _, _ in summary(await here.history())]
    assert sorted(kinds) == ["baseline", "opened", "opened"]


async def test_a_digest_that_was_not_recorded_is_recorded_when_the_message_comes_again(
    here: World,
) -> None:
    """Killed between the last look and the digest, the last message closes the sweep again."""
    await here.runtime.sweeps.begin(deep=False)
    messages = await all_queued(here)
    for message in messages:
        await here.runtime.looks.look(message)
        await here.ports.ledger.swept(message.sweep or "", message.root.lower(), RootOutcome())
    assert "baseline" not in [kind for kind, _, _ in summary(await here.history())]

    for _ in range(3):
        report = await here.runtime.sweeps.look(messages[-1])
        assert report.status is LookStatus.COVERED

    assert [kind for kind, _, _ in summary(await here.history())].count("baseline") == 1


async def test_a_root_that_another_worker_has_is_not_yet_swept(here: World) -> None:
    """Its message comes again; the sweep waits for it."""
    await here.ports.findings.lease(ACCOUNT.lower(), "another", timedelta(seconds=20))
    await here.sweep()

    assert summary(await here.history())[-1] == ("baseline", SUBSCRIPTION, True)
    assert len(await here.ports.findings.findings(ACCOUNT.lower())) == 2


async def test_a_root_whose_look_crashes_does_not_keep_the_baseline_open_for_ever(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Else every later sweep of the subscription would be silent."""
    broken = replace(here.runtime.looks, inventory=Crashing(here))  # type: ignore[arg-type]
    sweeps = replace(here.runtime.sweeps, looks=broken)
    worker = replace(here.runtime.worker, sweep_look=sweeps.look, give_up=sweeps.give_up)
    await sweeps.begin(deep=False)
    report = WorkReport()
    with caplog.at_level(logging.CRITICAL):
        await worker.drain(report)

    assert report.set_aside == 1
    assert summary(await here.history()) == [
        ("blind_spot", SUBSCRIPTION, True),
        ("baseline", SUBSCRIPTION, True),
    ]
    (again,) = await here.runtime.sweeps.begin(deep=False)
    assert not again.baseline


class Crashing:
    """An inventory whose answer for one account crashes the code."""

    def __init__(self, told: World) -> None:
        self._told = told

    def __getattr__(self, name: str) -> object:
        """Hand everything else on."""
        return getattr(self._told.inventory, name)

    async def read(self, root: ResourceId, *arguments: object, **options: object) -> object:
        """Crash on one account."""
        if root.text == ACCOUNT:
            raise KeyError("what was not foreseen")
        return await self._told.inventory.read(root, *arguments, **options)  # type: ignore[arg-type]


async def test_a_message_without_a_sweep_closes_none(here: World) -> None:
    """A look of a sweep that was asked for by hand, say."""
    message = LookMessage(ACCOUNT, here.clock.now(), Trigger.SWEEP)
    await here.runtime.sweeps.look(message)
    await here.runtime.sweeps.give_up(message)

    assert [kind for kind, _, _ in summary(await here.history())] == ["opened", "opened"]


@pytest.mark.parametrize(
    ("severities", "words", "worst"),
    [
        ([], "0 findings open.", Severity.INFO),
        ([Severity.LOW], "1 finding open (1 low).", Severity.LOW),
        (
            [Severity.INFO, Severity.CRITICAL, Severity.LOW, Severity.LOW],
            "4 findings open (1 critical, 2 low, 1 info).",
            Severity.CRITICAL,
        ),
    ],
)
def test_the_digest_counts_by_severity_worst_first(
    severities: list[Severity], words: str, worst: Severity
) -> None:
    """It is as severe as the worst of them, and always alerts."""
    sweep = Sweep("s", SUBSCRIPTION, deep=False, baseline=True, started_at=moment(0), roots=7)
    digest = baseline_digest(sweep, 4, Counter(severities), moment(5))

    assert digest.message == f"First sweep of the subscription: 7 roots looked at, {words}"
    assert (digest.severity, digest.sequence, digest.at) == (worst, 4, moment(5))
    assert digest.alerts


async def test_the_first_deep_sweep_belongs_to_the_baseline(here: World) -> None:
    """What only it reads is told by a digest of its own; from then on it alerts."""
    await here.sweep(deep=False)
    perimeter = f"{ACCOUNT}/networkSecurityPerimeterConfigurations/p"
    here.inventory.put(state(perimeter, "bad"), state(f"{ACCOUNT}/deployments/new", "bad"))

    found = await news(here, deep=True)
    assert ("baseline", SUBSCRIPTION, True) in found
    assert not [each for each in found if each[0] == "opened" and each[2]]

    here.inventory.put(state(f"{ACCOUNT}/deployments/newer", "bad"))
    assert ("opened", "newer", True) in await news(here, deep=True)
    assert "baseline" not in [kind for kind, _, _ in await news(here)]


async def test_the_subscription_itself_is_not_counted_among_its_resources(here: World) -> None:
    """Also where the inventory lists it."""
    itself = f"/subscriptions/{SUBSCRIPTION}"
    feature = f"{itself}/providers/Microsoft.Features/providers/Microsoft.X/features/F"
    here.inventory.put(resource(feature))

    (sweep,) = await here.runtime.sweeps.begin(deep=False)

    assert sweep.roots == 2
    assert itself in [each.root for each in await all_queued(here)]


async def test_a_subscription_whose_last_resource_went_unseen_is_judged_again() -> None:
    """A write was told of a root that was gone already; the others went without an event."""
    told = world()
    told.inventory.put(resource(ACCOUNT, kind="OpenAI", location="swedencentral"))
    await told.tell(write_event(ResourceId.parse(OTHER_ACCOUNT)))
    await told.drain()
    blocked = f"content_logging.web_search_blocked {SUBSCRIPTION_ROOT}"
    assert blocked in await told.open_findings([SUBSCRIPTION_ROOT])
    told.inventory.delete(ResourceId.parse(ACCOUNT))
    told.clock.advance(timedelta(minutes=10))

    await told.sweep()

    assert blocked not in await told.open_findings([SUBSCRIPTION_ROOT])


async def test_a_subscription_that_never_held_anything_costs_no_look() -> None:
    """Nothing is known of it, so there is nothing to put right."""
    told = world()

    await told.runtime.sweeps.begin(deep=True, subscriptions=frozenset({OTHER_SUBSCRIPTION}))

    assert not await all_queued(told)
