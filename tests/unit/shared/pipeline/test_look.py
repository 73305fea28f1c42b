"""One look at one root: what it reads, when it is not needed, and what it leaves to the next."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.local.estate import EstateFolder
from shared.domain.control import AppliesTo, Catalogue, Parameters
from shared.domain.finding import FindingState, ResolvedReason, TransitionKind
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Commit, RootState, Unreadable
from shared.domain.snapshot import Problem, Snapshot, SourceReading
from shared.domain.topology import CORE_SOURCES, DEEP_SOURCES, ResourceType, Source
from shared.domain.verdict import Cause, Judgement, passed
from shared.pipeline.collect import DEEP_MAX_AGE
from shared.pipeline.covered import is_covered
from shared.pipeline.judged_before import JudgedBefore
from shared.pipeline.look import BUSY_DELAY, TRIES, Looks, LookStatus
from shared.pipeline.messages import ChangeNote, LookMessage, Trigger, decode
from shared.ports import Pace, PortError, QueueName, TransitionQuery
from tests.fakes import MemoryInventory
from tests.records import ACCOUNT, GROUP, OTHER_ACCOUNT, ROOT, moment
from tests.unit.shared.pipeline.stub_monitors import catalogue, fail, monitor, state_is_good
from tests.worlds import World, resource, world

ACCOUNT_ID = ResourceId.parse(ACCOUNT)
DEPLOYMENT = f"{ACCOUNT}/deployments/chat"
PERIMETER = f"{ACCOUNT}/networkSecurityPerimeterConfigurations/p"
HUB = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/hub"
PROJECT = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/project"
DEEP = DEEP_SOURCES[ResourceType.ACCOUNT.lower()]
MINUTE = timedelta(minutes=1)


def hub_is_good(project: Resource, snapshot: Snapshot, parameters: Parameters) -> Judgement:
    """Judge a workspace by its hub, or by itself where it has none."""
    if project.text("properties.hubResourceId").value is None:
        return state_is_good(project, snapshot, parameters)
    return state_is_good(snapshot.one(Source.HUB), snapshot, parameters)


def perimeters_are_good(_: Resource, snapshot: Snapshot, parameters: Parameters) -> Judgement:
    """Judge an account by its perimeters."""
    for each in snapshot.all(Source.PERIMETER_CONFIGURATIONS):
        if (judgement := state_is_good(each, snapshot, parameters)).evidence:
            return judgement
    return passed("All are good.")


CATALOGUE = catalogue(
    monitor("account"),
    monitor("deployment", applies_to=(AppliesTo(ResourceType.DEPLOYMENT),)),
    monitor("workspace", hub_is_good, applies_to=(AppliesTo(ResourceType.WORKSPACE),)),
    monitor("perimeter", perimeters_are_good),
)


def state(text: str, word: str, **properties: object) -> Resource:
    """Make a resource whose state is a word."""
    return resource(text, properties={"state": word, **properties})


@pytest.fixture
def here() -> World:
    """A world with a good account, whose inventory is never stale."""
    told = world(catalogue=CATALOGUE)
    told.inventory.put(state(ACCOUNT, "good"), state(DEPLOYMENT, "good"))
    return told


@pytest.fixture
def lagging() -> World:
    """The same, with an inventory that may be stale for a minute."""
    told = world(lag=timedelta(seconds=20), catalogue=CATALOGUE)
    told.inventory.put(state(ACCOUNT, "good"), state(DEPLOYMENT, "good"))
    told.clock.advance(MINUTE)
    return told


def note(told: World, changed: str, *, deletes: bool = False) -> ChangeNote:
    """Return the note of a change that somebody made just now."""
    return ChangeNote(changed, deletes, told.clock.now(), "ann", "c0ffee")


def change(
    told: World, changed: str = ACCOUNT, *sources: Source, deletes: bool = False
) -> LookMessage:
    """Return the message of a change that arrives now."""
    root = ResourceId.parse(changed).root.text
    made = note(told, changed, deletes=deletes)
    return LookMessage(root, told.clock.now(), Trigger.CHANGE, made, sources)


def sweep(told: World, root: str = ACCOUNT, *sources: Source) -> LookMessage:
    """Return the message of a sweep that begins now."""
    return LookMessage(root, told.clock.now(), Trigger.SWEEP, sources=sources)


async def look(told: World, message: LookMessage) -> list[tuple[str, str]]:
    """Look, and return what it recorded."""
    report = await told.runtime.looks.look(message)
    assert report.status is LookStatus.LOOKED
    return [
        (each.kind.value, ResourceId.parse(each.resource_id).name) for each in report.transitions
    ]


async def reads(told: World, message: LookMessage) -> int:
    """Look, and return how many sources were read."""
    before = told.inventory.reads
    report = await told.runtime.looks.look(message)
    assert report.sources_read == told.inventory.reads - before
    return report.sources_read


async def queued(told: World) -> list[LookMessage]:
    """Return the looks at accounts and workspaces on the queue, due or not."""
    return [each for each in await all_queued(told) if ResourceId.parse(each.root).segments]


async def all_queued(told: World) -> list[LookMessage]:
    """Return what is on the queue of looks, due or not."""
    messages = []
    while (due := await told.ports.queue.next_due(QueueName.LOOKS)) is not None:
        told.clock.advance(max(due - told.clock.now(), timedelta(0)))
        taken = await told.ports.queue.take(QueueName.LOOKS)
        assert taken is not None
        await told.ports.queue.done(QueueName.LOOKS, taken)
        messages.append(decode(taken.text))
    return messages


def restarted(told: World, monitors: Catalogue) -> Looks:
    """Return the looks of another process, with other monitors."""
    return replace(told.runtime.looks, catalogue=monitors, judged_before=JudgedBefore())


async def is_open(told: World, root: str = ROOT) -> list[str]:
    """Return the controls of the open findings of a root."""
    found = await told.ports.findings.findings(root.lower())
    return sorted(each.control for each in found.values() if each.state is FindingState.OPEN)


# --- what is read ---


async def test_the_first_look_after_an_event_reads_everything(here: World) -> None:
    """Core sources and deep ones: nothing is known yet."""
    assert await reads(here, change(here)) == 2 + len(DEEP)


async def test_later_looks_at_an_account_read_two_sources(here: World) -> None:
    """The account and its deployments, whatever the number of controls."""
    await look(here, change(here))

    assert await reads(here, change(here)) == 2
    assert await reads(here, change(here, DEPLOYMENT)) == 2


async def test_a_change_that_names_a_deep_source_has_it_read(here: World) -> None:
    """That one and no other; what it shows is judged."""
    await look(here, change(here))
    here.inventory.put(state(PERIMETER, "bad"))
    assert await is_open(here) == []

    message = change(here, PERIMETER, Source.PERIMETER_CONFIGURATIONS)
    assert await reads(here, message) == 3
    assert await is_open(here) == ["stub.perimeter"]


async def test_a_deep_source_that_is_not_read_is_judged_as_it_was(here: World) -> None:
    """From the last snapshot."""
    here.inventory.put(state(PERIMETER, "bad"))
    await look(here, change(here))

    assert await reads(here, change(here)) == 2
    assert await is_open(here) == ["stub.perimeter"]


async def test_deep_sources_are_read_again_after_a_day(here: World) -> None:
    """By the first look that an event asks for; not a moment sooner."""
    await look(here, change(here))
    here.clock.advance(DEEP_MAX_AGE - timedelta(seconds=1))
    assert await reads(here, change(here)) == 2
    here.clock.advance(timedelta(seconds=1))

    assert await reads(here, change(here)) == 2 + len(DEEP)
    assert await reads(here, change(here)) == 2


async def test_a_core_sweep_leaves_the_deep_sources_to_the_deep_sweep(here: World) -> None:
    """What was never read is undetermined until then, which is no blind spot."""
    assert await reads(here, sweep(here)) == 2
    saved = await here.ports.findings.state(ROOT)
    assert (saved.verdicts["unknown"], saved.unreadable) == (1, {})  # type: ignore[index] # a StrEnum

    assert await reads(here, sweep(here, ACCOUNT, *DEEP)) == 2 + len(DEEP)
    assert await reads(here, change(here)) == 2


async def test_a_deep_source_that_could_not_be_read_is_read_by_every_look(here: World) -> None:
    """By a core sweep's too, until it can: one bad answer leaves nobody blind for a day."""
    problem = Problem(Cause.UNREADABLE, "429")
    here.inventory.problems[ROOT, Source.PERIMETER_CONFIGURATIONS] = problem
    await look(here, change(here))
    assert await reads(here, change(here)) == 3
    saved = await here.ports.findings.state(ROOT)
    assert saved.unreadable[Source.PERIMETER_CONFIGURATIONS].looks == 2

    here.inventory.problems.clear()

    assert await reads(here, sweep(here)) == 3
    assert await reads(here, change(here)) == 2
    assert (await here.ports.findings.state(ROOT)).unreadable == {}
    assert await is_open(here) == []


async def test_three_looks_that_cannot_read_a_source_tell_of_a_blind_spot(here: World) -> None:
    """And the first that can, of its end; what could not be judged stays as it was."""
    here.inventory.put(state(DEPLOYMENT, "bad"))
    assert await look(here, change(here)) == [("opened", "chat")]
    here.inventory.put(state(DEPLOYMENT, "good"))
    problem = Problem(Cause.UNREADABLE, "403 Forbidden")
    here.inventory.problems[ROOT, Source.DEPLOYMENTS] = problem
    assert await look(here, change(here)) == []
    assert await look(here, change(here)) == []

    assert await look(here, change(here)) == [("blind_spot", "Acct")]
    assert await is_open(here) == ["coverage.resource_readable", "stub.deployment"]
    report = await here.runtime.looks.look(change(here))
    assert report.problems == (problem,)

    here.inventory.problems.clear()
    assert await look(here, change(here)) == [("resolved", "chat"), ("blind_spot_cleared", "Acct")]


async def test_a_blind_spot_ends_with_its_root(here: World) -> None:
    """Nobody needs to read what is gone, whatever its lists answer."""
    here.inventory.problems[ROOT, Source.DEPLOYMENTS] = Problem(Cause.UNREADABLE, "404")
    for _ in range(3):
        await look(here, change(here))
    assert await is_open(here) == ["coverage.resource_readable"]

    here.inventory.delete(ACCOUNT_ID)

    assert await look(here, change(here, deletes=True)) == [("blind_spot_cleared", "Acct")]
    assert (await here.ports.findings.state(ROOT)).gone
    assert await look(here, change(here)) == []
    assert await look(here, change(here)) == []


async def test_a_source_that_is_not_read_any_more_is_no_blind_spot(here: World) -> None:
    """An earlier version could not read it; this one does not want to."""
    await look(here, change(here))
    saved = await here.ports.findings.state(ROOT)
    refused = Unreadable(here.clock.now(), 9, "403 Forbidden")
    before = replace(saved, unreadable={Source.COMPUTES: refused})
    await here.ports.findings.commit(Commit(ROOT, before))

    assert await look(here, change(here)) == []
    assert (await here.ports.findings.state(ROOT)).unreadable == {}


async def test_a_root_that_was_gone_is_read_whole_again(here: World) -> None:
    """It is another resource of the same name."""
    await look(here, change(here))
    here.inventory.delete(ACCOUNT_ID)
    await look(here, change(here, deletes=True))

    here.inventory.put(state(ACCOUNT, "bad"))

    assert await reads(here, change(here)) == 2 + len(DEEP)
    assert await is_open(here) == ["stub.account"]


# --- when no look is needed ---


async def test_a_message_accepted_before_the_last_look_began_is_covered(here: World) -> None:
    """It is dropped unread."""
    early = change(here)
    await look(here, change(here))

    report = await here.runtime.looks.look(early)

    assert (report.status, report.sources_read) == (LookStatus.COVERED, 0)


async def test_a_message_accepted_after_the_last_look_began_is_not_covered(here: World) -> None:
    """What it tells of may have happened while the look was reading."""

    class Slow(MemoryInventory):
        """An inventory during whose reading a message arrives."""

        arrived: LookMessage

        async def read(
            self, root: ResourceId, sources: object, *, after: datetime, pace: Pace = Pace.EVENT
        ) -> dict[Source, SourceReading]:
            """Read, and let a change happen."""
            found = dict(await here.inventory.read(root, sources, after=after, pace=pace))  # type: ignore[arg-type]
            here.inventory.put(state(ACCOUNT, "bad"))
            self.arrived = change(here)
            return found

    slow = Slow(here.clock)
    slow.arrived = change(here)
    await replace(here.runtime.looks, inventory=slow).look(change(here))
    assert await is_open(here) == []

    assert await look(here, slow.arrived) == [("opened", "Acct")]


async def test_a_look_that_did_not_read_the_source_named_covers_nothing(here: World) -> None:
    """The core sources are fresh, the deep one is not."""
    await look(here, change(here))
    early = change(here, PERIMETER, Source.PERIMETER_CONFIGURATIONS)
    here.inventory.put(state(PERIMETER, "bad"))
    await look(here, change(here))

    assert await look(here, early) == [("opened", "Acct")]
    report = await here.runtime.looks.look(early)
    assert report.status is LookStatus.COVERED


async def test_a_covered_message_still_tells_who_made_the_change(here: World) -> None:
    """The transition that a sweep's look has recorded gets its actor."""
    early = change(here)
    here.inventory.put(state(ACCOUNT, "bad"))
    assert await look(here, sweep(here)) == [("opened", "Acct")]

    report = await here.runtime.looks.look(early)

    assert report.status is LookStatus.COVERED
    (opened,) = await here.ports.findings.transitions(TransitionQuery())
    assert opened.attribution is not None
    assert opened.attribution.actor == "ann"


async def test_a_row_that_comes_late_completes_what_a_sweep_saw_first(here: World) -> None:
    """It asks for a look of its own, which records nothing new."""
    made = note(here, ACCOUNT)
    here.inventory.put(state(ACCOUNT, "bad"))
    await look(here, sweep(here))
    here.clock.advance(timedelta(minutes=5))

    late = LookMessage(ACCOUNT, here.clock.now(), Trigger.CHANGE, made)

    assert await look(here, late) == []
    (opened,) = await here.ports.findings.transitions(TransitionQuery())
    assert opened.attribution is not None
    assert (opened.attribution.actor, opened.attribution.occurred_at) == ("ann", made.occurred_at)


async def test_a_look_never_judges_by_less_than_was_judged_before(tmp_path: Path) -> None:
    """Two workers scan one folder; a message that waited does not bring an older scan back."""
    told = world(catalogue=CATALOGUE)
    file = tmp_path / "account.json"

    def write(word: str) -> None:
        file.write_text(f'{{"id": "{ACCOUNT}", "properties": {{"state": "{word}"}}}}', "utf-8")

    one, two = (
        replace(told.runtime.looks, inventory=EstateFolder(tmp_path, told.clock), worker=name)
        for name in ("one", "two")
    )
    write("good")
    await one.look(change(told))
    waiting = change(told, PERIMETER, Source.PERIMETER_CONFIGURATIONS)
    await one.look(change(told, OTHER_ACCOUNT))
    write("bad, and longer")
    await two.look(change(told))
    assert await is_open(told) == ["stub.account"]

    await one.look(waiting)

    assert await is_open(told) == ["stub.account"]


CORE_OF_ACCOUNTS = CORE_SOURCES[ResourceType.ACCOUNT.lower()]
PERIMETERS = Source.PERIMETER_CONFIGURATIONS


@pytest.mark.parametrize(
    ("trigger", "accepted", "sources", "read", "due", "covered"),
    [
        pytest.param(Trigger.CHANGE, 10, (), 10, None, False, id="accepted as the reading began"),
        pytest.param(Trigger.CHANGE, 5, (), 10, None, False, id="read within the minute"),
        pytest.param(Trigger.RELATED, 5, (), 10, None, False, id="so for a hub's change"),
        pytest.param(Trigger.CHANGE, 5, (), 65, None, True, id="read after the minute"),
        pytest.param(Trigger.CHANGE, 5, (), 64.9, None, False, id="not quite after it"),
        pytest.param(Trigger.CHANGE, 5, (), 10, 65, True, id="read, and due again after it"),
        pytest.param(Trigger.CHANGE, 5, (), 10, 64.9, False, id="due again too early"),
        pytest.param(Trigger.CHANGE, 10, (), 5, 80, False, id="due again, and never read"),
        pytest.param(Trigger.CHANGE, 5, (PERIMETERS,), 10, 80, True, id="due with its source"),
        pytest.param(Trigger.CHANGE, 5, (DEEP[0],), 10, 80, False, id="due without its source"),
        pytest.param(Trigger.CHANGE, 2, (DEEP[0],), 65, 80, False, id="its source read too early"),
        pytest.param(Trigger.SWEEP, 5, (), 10, None, True, id="a sweep follows no write"),
        pytest.param(Trigger.SWEEP, 5, (DEEP[0],), 10, None, False, id="a deep sweep's source"),
        pytest.param(Trigger.SECOND_LOOK, 70, (), 10, 80, True, id="a later one is due"),
        pytest.param(Trigger.SECOND_LOOK, 80, (), 10, 80, False, id="the one that is due"),
        pytest.param(Trigger.SECOND_LOOK, 80, (), 10, None, False, id="none is due any more"),
    ],
)
def test_where_answers_can_be_stale_a_message_is_covered_by_what_was_read_or_is_due(  # noqa: PLR0913, PLR0917 - columns of a table
    trigger: Trigger,
    accepted: float,
    sources: tuple[Source, ...],
    read: float,
    due: float | None,
    covered: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A minute after the change, all that it asks for; times in seconds, one source read at 3."""
    saved = RootState(
        read_at={
            **dict.fromkeys((*CORE_OF_ACCOUNTS, PERIMETERS), moment(read)),
            DEEP[0]: moment(3),
        },
        second_look_at=None if due is None else moment(due),
        second_look_sources=(PERIMETERS,),
    )
    message = LookMessage(ACCOUNT, moment(accepted), trigger, sources=sources)

    assert is_covered(ACCOUNT_ID, saved, message, MINUTE) is covered


# --- leases, conflicts, failures ---


async def test_a_root_that_another_worker_has_is_left_to_later(here: World) -> None:
    """The message is put back on the queue that it came from."""
    await here.ports.findings.lease(ROOT, "another", MINUTE)
    asked = {QueueName.LOOKS: change(here), QueueName.SWEEPS: sweep(here)}
    for name, message in asked.items():
        report = await here.runtime.looks.look(message)
        assert (report.status, report.sources_read) == (LookStatus.BUSY, 0)
        assert await here.ports.queue.take(name) is None
        here.clock.advance(BUSY_DELAY)

        taken = await here.ports.queue.take(name)
        assert taken is not None
        assert decode(taken.text) == message

    await here.ports.findings.release(ROOT, "another")
    assert await look(here, asked[QueueName.LOOKS]) == []


async def test_a_look_gives_its_lease_back(here: World) -> None:
    """After it has looked, when there was nothing to do, and when it failed."""
    await look(here, change(here))
    assert await here.ports.findings.lease(ROOT, "another", timedelta(0))

    failing = replace(here.runtime.looks, inventory=Failing(here.clock))
    with pytest.raises(PortError):
        await failing.look(change(here))
    assert await here.ports.findings.lease(ROOT, "another", MINUTE)


class Failing(MemoryInventory):
    """An inventory that is down."""

    async def read(
        self, root: ResourceId, sources: object, *, after: datetime, pace: Pace = Pace.EVENT
    ) -> dict[Source, SourceReading]:
        """Fail."""
        raise PortError(f"{root} {sources} {after} {pace}")


class Contended:
    """A store in which somebody else commits the root just before the look does."""

    def __init__(self, told: World, times: int) -> None:
        self._told = told
        self.left = times

    def __getattr__(self, name: str) -> object:
        """Hand everything else on."""
        return getattr(self._told.ports.findings, name)

    async def commit(self, commit: Commit) -> None:
        """Commit for the other one first."""
        if self.left:
            self.left -= 1
            saved = await self._told.ports.findings.state(commit.root)
            await self._told.ports.findings.commit(Commit(commit.root, saved))
        await self._told.ports.findings.commit(commit)


def contended(told: World, times: int) -> Looks:
    """Return looks that find a conflict so many times."""
    return replace(told.runtime.looks, findings=Contended(told, times))  # type: ignore[arg-type]


async def test_a_conflict_begins_the_look_again(here: World) -> None:
    """With a fresh state and fresh readings; what it finds is recorded once."""
    here.inventory.put(state(ACCOUNT, "bad"))
    report = await contended(here, TRIES - 1).look(change(here))

    assert report.status is LookStatus.LOOKED
    assert here.inventory.reads == TRIES * (2 + len(DEEP))
    history = await here.history()
    assert [each.sequence for each in history] == [1]


async def test_a_root_that_is_contended_all_the_time_is_left_to_later(here: World) -> None:
    """The message is put back, and nothing is recorded."""
    report = await contended(here, TRIES).look(message := change(here))

    assert report.status is LookStatus.BUSY
    assert await queued(here) == [message]
    assert await here.history() == []


async def test_a_store_that_fails_leaves_the_message_to_be_delivered_again(here: World) -> None:
    """Nothing is committed."""
    failing = replace(here.runtime.looks, inventory=Failing(here.clock))
    with pytest.raises(PortError):
        await failing.look(change(here))

    assert (await here.ports.findings.state(ROOT)).version == 0
    assert await queued(here) == []


# --- second looks ---


async def test_where_answers_can_be_stale_a_change_is_looked_at_twice(lagging: World) -> None:
    """The second look follows a minute later, reads what the first has read, and is the last."""
    lagging.inventory.put(state(ACCOUNT, "bad"))
    message = change(lagging, PERIMETER, Source.PERIMETER_CONFIGURATIONS)
    assert await look(lagging, message) == []

    (again,) = await queued(lagging)
    assert again.trigger is Trigger.SECOND_LOOK
    assert again.accepted_at >= message.accepted_at + MINUTE
    assert set(again.sources) == set(DEEP)
    assert await look(lagging, again) == [("opened", "Acct")]
    (opened,) = await lagging.ports.findings.transitions(TransitionQuery())
    assert opened.attribution is not None
    assert opened.attribution.actor == "ann"
    assert await queued(lagging) == []


async def test_a_folder_is_never_looked_at_twice(here: World) -> None:
    """It is never stale."""
    await look(here, change(here))

    assert await queued(here) == []


async def test_a_burst_of_changes_has_one_second_look(lagging: World) -> None:
    """The last: the earlier ones are covered by it."""
    for _ in range(3):
        await look(lagging, change(lagging))
        lagging.clock.advance(timedelta(seconds=5))

    seconds = await queued(lagging)

    assert [each.trigger for each in seconds] == [Trigger.SECOND_LOOK] * 3
    statuses = [(await lagging.runtime.looks.look(each)).status for each in seconds]
    assert statuses == [LookStatus.COVERED, LookStatus.COVERED, LookStatus.LOOKED]


async def test_a_sweep_is_looked_at_once(lagging: World) -> None:
    """It follows no write."""
    await look(lagging, sweep(lagging))

    assert await queued(lagging) == []


async def test_what_a_sweep_misses_is_looked_for_again_before_it_is_gone(lagging: World) -> None:
    """One 404 may be a replica that lags behind; two a minute apart are none."""
    lagging.inventory.put(state(DEPLOYMENT, "bad"))
    lagging.clock.advance(MINUTE)
    assert await look(lagging, sweep(lagging)) == [("opened", "chat")]
    lagging.inventory.delete(ResourceId.parse(DEPLOYMENT))
    lagging.clock.advance(MINUTE)
    assert await look(lagging, sweep(lagging)) == []

    (again,) = await queued(lagging)

    assert await look(lagging, again) == [("resolved", "chat")]
    (resolved, *_) = await lagging.ports.findings.transitions(TransitionQuery())
    assert resolved.reason is ResolvedReason.DELETED


async def test_a_delete_event_and_one_404_are_enough(lagging: World) -> None:
    """Azure and its inventory agree."""
    lagging.inventory.put(state(DEPLOYMENT, "bad"))
    lagging.clock.advance(MINUTE)
    await look(lagging, sweep(lagging))
    lagging.inventory.delete(ResourceId.parse(DEPLOYMENT))
    lagging.clock.advance(MINUTE)

    assert await look(lagging, change(lagging, DEPLOYMENT, deletes=True)) == [("resolved", "chat")]


# --- roots that decide about others ---


@pytest.fixture
def hubs(here: World) -> World:
    """A world with a hub and its project."""
    here.inventory.put(state(HUB, "good"), state(PROJECT, "good", hubResourceId=HUB.upper()))
    return here


async def test_a_change_of_a_hub_is_looked_at_in_its_projects_too(hubs: World) -> None:
    """Those that were judged by it; the finding names who changed the hub."""
    await look(hubs, change(hubs, PROJECT))
    hubs.inventory.put(state(HUB, "bad"))
    assert await look(hubs, message := change(hubs, HUB)) == [("opened", "hub")]

    (related,) = await queued(hubs)

    assert (related.trigger, related.root) == (Trigger.RELATED, PROJECT.lower())
    assert related.change == message.change
    assert await look(hubs, related) == [("opened", "project")]
    (opened, *_) = await hubs.ports.findings.transitions(TransitionQuery())
    assert opened.attribution is not None
    assert (opened.attribution.actor, opened.attribution.exact) == ("ann", False)
    assert await queued(hubs) == []


async def test_projects_hear_of_a_change_whose_own_look_was_not_needed(hubs: World) -> None:
    """A sweep that came to the hub first, but to the project before the change, tells nobody."""
    await look(hubs, sweep(hubs, PROJECT))
    hubs.inventory.put(state(HUB, "bad"))
    message = change(hubs, HUB)
    await look(hubs, sweep(hubs, HUB))
    assert await queued(hubs) == []

    report = await hubs.runtime.looks.look(message)

    assert report.status is LookStatus.COVERED
    (related,) = await queued(hubs)
    assert await look(hubs, related) == [("opened", "project")]


async def test_a_burst_of_changes_of_a_hub_costs_its_project_one_look(hubs: World) -> None:
    """What follows from each of them was accepted when they were."""
    await look(hubs, change(hubs, PROJECT))
    burst = [change(hubs, HUB) for _ in range(20)]
    for message in burst:
        await hubs.runtime.looks.look(message)

    statuses = [(await hubs.runtime.looks.look(each)).status for each in await queued(hubs)]

    assert statuses == [LookStatus.LOOKED, *[LookStatus.COVERED] * 19]


async def test_a_project_that_cannot_be_read_still_belongs_to_its_hub(hubs: World) -> None:
    """Until it is seen to belong to another, or to none."""
    await look(hubs, change(hubs, PROJECT))
    hubs.inventory.problems[PROJECT.lower(), Source.WORKSPACE] = Problem(Cause.UNREADABLE, "429")
    await look(hubs, change(hubs, PROJECT))
    assert await hubs.ports.findings.dependents(HUB.lower()) == [PROJECT.lower()]

    hubs.inventory.problems.clear()
    hubs.inventory.put(state(PROJECT, "good"))
    await look(hubs, change(hubs, PROJECT))
    assert await hubs.ports.findings.dependents(HUB.lower()) == []


# --- the rest ---


async def test_a_monitor_that_crashes_does_not_stop_a_look(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are judged and recorded; its own open finding stays."""

    def crash(*_: object) -> Judgement:
        raise KeyError("what was not foreseen")

    judge_badly = restarted(here, catalogue(monitor("a", lambda *_: fail())))
    await judge_badly.look(change(here))
    crashes = catalogue(monitor("a", crash), monitor("b", lambda *_: fail()))
    with caplog.at_level(logging.CRITICAL):
        report = await restarted(here, crashes).look(change(here))

    assert [(each.kind, each.control) for each in report.transitions] == [
        (TransitionKind.OPENED, "stub.b")
    ]
    assert await is_open(here) == ["stub.a", "stub.b"]


async def test_a_control_that_is_removed_resolves_its_findings_by_policy(here: World) -> None:
    """At the next look."""
    here.inventory.put(state(ACCOUNT, "bad"))
    await look(here, change(here))

    await restarted(here, catalogue()).look(change(here))

    (resolved, *_) = await here.ports.findings.transitions(TransitionQuery())
    assert (resolved.kind, resolved.reason) == (TransitionKind.RESOLVED, ResolvedReason.POLICY)


# --- the subscription, which is a root too ---


async def test_an_account_that_appears_or_goes_asks_for_a_look_at_its_subscription(
    here: World,
) -> None:
    """Whichever change told of it first; any later change of it does not."""
    subscription = ACCOUNT_ID.ancestor(0).text
    await look(here, change(here, DEPLOYMENT))
    assert [each.root for each in await all_queued(here)] == [subscription]

    await look(here, change(here))
    assert await all_queued(here) == []

    here.inventory.delete(ACCOUNT_ID)
    await look(here, change(here))
    assert [each.root for each in await all_queued(here)] == [subscription]


async def test_a_change_that_a_sweep_has_covered_still_asks_for_the_subscription(
    here: World,
) -> None:
    """The sweep may have looked at the subscription before the account was there."""
    told_early = change(here)
    await here.runtime.looks.look(replace(told_early, trigger=Trigger.SWEEP, baseline=True))
    assert await all_queued(here) == []

    report = await here.runtime.looks.look(told_early)

    assert report.status is LookStatus.COVERED
    assert [each.trigger for each in await all_queued(here)] == [Trigger.RELATED]


# --- what is lost, late, or under way ---


async def test_a_stored_reading_that_is_lost_is_read_anew(here: World) -> None:
    """By any look, whatever the state says: what was read is of no use where it is gone."""
    here.inventory.put(state(PERIMETER, "bad"))
    await look(here, change(here))
    assert await is_open(here) == ["stub.perimeter"]

    here.inventory.put(state(PERIMETER, "good"))
    forgetful = replace(here.runtime.looks, snapshots=world().ports.snapshots)
    report = await forgetful.look(sweep(here))

    assert report.sources_read == 2 + len(DEEP)
    assert await is_open(here) == []


async def test_two_looks_that_judge_by_one_reading_do_not_prove_an_absence(
    lagging: World,
) -> None:
    """A look that takes a list from the last snapshot has not found anything missing again."""
    projects = catalogue(monitor("project", applies_to=(AppliesTo(ResourceType.PROJECT),)))
    looks = restarted(lagging, projects)
    project = f"{ACCOUNT}/projects/p"
    lagging.inventory.put(state(project, "bad"))
    lagging.clock.advance(MINUTE)
    await looks.look(sweep(lagging, ACCOUNT, *DEEP))
    assert await is_open(lagging) == ["stub.project"]
    lagging.inventory.delete(ResourceId.parse(project))
    lagging.clock.advance(MINUTE)
    await looks.look(change(lagging, ACCOUNT, Source.PROJECTS))
    lagging.inventory.put(state(project, "bad"))
    lagging.clock.advance(MINUTE)

    await looks.look(change(lagging))

    assert await is_open(lagging) == ["stub.project"]


async def test_a_root_that_is_gone_stays_gone_while_nothing_shows_it(lagging: World) -> None:
    """An event that comes late tells of nothing new, and asks nobody else to look."""
    await look(lagging, change(lagging))
    lagging.inventory.delete(ACCOUNT_ID)
    lagging.clock.advance(MINUTE)
    await look(lagging, change(lagging, deletes=True))
    await all_queued(lagging)
    lagging.clock.advance(MINUTE)

    await look(lagging, change(lagging))

    assert (await lagging.ports.findings.state(ROOT)).gone
    assert [each.trigger for each in await all_queued(lagging)] == [Trigger.SECOND_LOOK]


async def test_a_root_that_was_gone_and_is_listed_is_looked_for_twice(lagging: World) -> None:
    """The list may be ahead of the answer, as it may lag behind."""
    await look(lagging, sweep(lagging))
    lagging.inventory.delete(ACCOUNT_ID)
    lagging.clock.advance(MINUTE)
    await look(lagging, change(lagging, deletes=True))
    await all_queued(lagging)
    lagging.inventory.put(state(ACCOUNT, "bad"))
    assert await look(lagging, sweep(lagging)) == []

    (again,) = await all_queued(lagging)

    assert again.trigger is Trigger.SECOND_LOOK
    assert await look(lagging, again) == [("opened", "Acct")]


async def test_an_account_that_went_while_a_sweep_was_under_way_is_told_its_subscription(
    here: World,
) -> None:
    """The sweep began before; the subscription was looked at in between."""
    await look(here, sweep(here))
    await all_queued(here)
    began = sweep(here)
    subscription = ACCOUNT_ID.ancestor(0).text
    await here.runtime.looks.look(replace(began, root=subscription))
    here.inventory.delete(ACCOUNT_ID)

    await look(here, began)
    (related,) = await all_queued(here)

    assert (await here.runtime.looks.look(related)).status is LookStatus.LOOKED


async def test_changes_that_never_cease_do_not_put_off_what_is_to_be_read_again(
    lagging: World,
) -> None:
    """Each of them puts off the second look; what it would read is then read by one of them."""
    await look(lagging, change(lagging))
    lagging.clock.advance(3 * MINUTE)
    await look(lagging, change(lagging))
    lagging.inventory.put(state(PERIMETER, "bad"))
    await look(lagging, change(lagging, PERIMETER, Source.PERIMETER_CONFIGURATIONS))
    assert await is_open(lagging) == []

    for _ in range(3):
        lagging.clock.advance(MINUTE / 2)
        await look(lagging, change(lagging))

    assert await is_open(lagging) == ["stub.perimeter"]
    assert await reads(lagging, change(lagging)) == 2


async def test_a_hub_that_changes_while_its_project_is_first_read_is_not_missed(
    hubs: World,
) -> None:
    """The look at the hub finds no project that was judged by it: none is committed yet."""

    class Slow(MemoryInventory):
        """An inventory that has read the project when its hub is changed, and looked at."""

        async def read(
            self, root: ResourceId, sources: object, *, after: datetime, pace: Pace = Pace.EVENT
        ) -> dict[Source, SourceReading]:
            """Read, and let a change be looked at."""
            found = dict(await hubs.inventory.read(root, sources, after=after, pace=pace))  # type: ignore[arg-type]
            hubs.inventory.put(state(HUB, "bad"))
            await hubs.runtime.looks.look(change(hubs, HUB))
            return found

    await replace(hubs.runtime.looks, inventory=Slow(hubs.clock)).look(sweep(hubs, PROJECT))
    await hubs.drain()

    assert await is_open(hubs, PROJECT) == ["stub.workspace"]


# --- what is unchanged ---


async def test_an_unchanged_root_is_not_judged_again(here: World) -> None:
    """Its verdicts stand, as long as the same process judged the very same."""
    judged: list[str] = []

    def count(seen: Resource, *_: object) -> Judgement:
        judged.append(seen.id.name)
        return passed("Counted.")

    counting = restarted(here, catalogue(monitor("a", count)))
    await counting.look(change(here))
    first = list(judged)
    posture = await here.ports.findings.posture()
    await counting.look(change(here))
    assert judged == first
    assert await here.ports.findings.posture() == posture

    here.inventory.put(state(ACCOUNT, "bad"))
    await counting.look(change(here))
    assert judged == first * 2

    await restarted(here, counting.catalogue).look(change(here))
    assert judged == first * 3
