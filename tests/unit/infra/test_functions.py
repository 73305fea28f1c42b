"""The saved functions, over rows that the real sink wrote: they answer what the store says."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from shared.adapters.sinks.log_tables import TABLES
from shared.domain.finding import (
    Acknowledgement,
    Attribution,
    ResolvedReason,
    Snooze,
    TransitionKind,
    finding_uid,
)
from shared.domain.health import Health, HealthCheck, HealthRecord
from shared.domain.verdict import Cause, Judgement, Severity, not_applicable, passed, unknown
from shared.pipeline.evaluate import Observation
from tests.kql.saved_functions import BODIES
from tests.local_azure.log_analytics import SCHEMAS
from tests.log_history import History, Row, running_history
from tests.records import ACCOUNT, CONTROL, OTHER_ACCOUNT, OTHER_ROOT, ROOT, moment, transition
from tests.unit.shared.pipeline.stub_monitors import fail, observation

ROOTS = {ROOT: ACCOUNT, OTHER_ROOT: OTHER_ACCOUNT}
CONTROLS = ("stub.one", "stub.two", "stub.three")
PORTAL = "__PORTAL__"
"""What the deployment puts the address of the cloud's portal in place of."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNREADABLE = unknown(Cause.UNREADABLE, "403")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[History]:
    """An empty history."""
    async with running_history(tmp_path) as history:
        yield history


def chance(seed: int) -> Random:
    """Return chance that a test can repeat."""
    return Random(seed)  # noqa: S311 - decides what a test tries


def judgements(random: Random) -> Judgement:
    """Return any judgement; most are of what goes right and wrong."""
    some = [fail(), fail(message="It is worse."), passed("It is good.")]
    return random.choice([*some, *some, not_applicable("Not here."), UNREADABLE, UNREADABLE])


def observations(
    random: Random, resource: str, severities: list[Severity]
) -> Iterator[Observation]:
    """Go through what a look sees of a resource: any control may be off, of any severity."""
    for control in CONTROLS:
        if random.random() < 0.85:
            severity = random.choice([*severities, *[Severity.HIGH] * 5])
            yield observation(
                judgements(random), control_id=control, resource=resource, severity=severity
            )


async def any_look(
    history: History,
    random: Random,
    severities: list[Severity],
    *,
    quiet: bool = False,
) -> None:
    """Look at any root, of which any children are there, gone, or nobody knows."""
    root = random.choice([*ROOTS])
    children = [f"{ROOTS[root]}/deployments/{name}" for name in ("Chat", "embed", "x_%y")]
    there = [each for each in children if random.random() < 0.75]
    lost = {each.lower() for each in children if each not in there}
    # Sorted: a set has another order in every process, and a test is to be repeated.
    undecided = {each for each in sorted(lost) if random.random() < 0.3}
    seen = [each for one in [ROOTS[root], *there] for each in observations(random, one, severities)]
    await history.look(root, seen, quiet=quiet, gone=lost - undecided, undecided=undecided)


async def open_in_the_store(history: History) -> set[tuple[str, Severity]]:
    """Return the open findings, but for those of severity info, which may be forgotten earlier."""
    found = [each async for _, each in history.store.open_findings()]
    return {(each.uid, each.severity) for each in found if each.severity is not Severity.INFO}


async def live(history: History, random: Random, severities: list[Severity]) -> None:
    """Let a history happen, its baseline first; what it sends comes twice, in any order."""
    for number in range(14):
        await any_look(history, random, severities, quiet=number < 3)
        history.clock.advance(random.choice([timedelta(seconds=5), HOUR]))
    history.arrive(random)


def text(found: list[Row], column: str) -> list[str]:
    """Return the cells of a column."""
    return [str(each[column]) for each in found]


@pytest.mark.parametrize("seed", range(12))
async def test_what_is_open_is_what_the_store_says(here: History, seed: int) -> None:
    """After any history: every finding once, with its severity, the worst first."""
    await live(here, chance(seed), [*Severity])

    found = here.ask("OpenFindings()")

    worse = {(each["FindingId"], each["Severity"]) for each in found if each["Severity"] != "info"}
    assert worse == await open_in_the_store(here)
    assert worse
    assert len(set(text(found, "FindingId"))) == len(found)
    judged = text(here.ask("PostureAsOf(now())"), "FindingId")
    assert len(set(judged)) == len(judged)
    ranks = [int(each) for each in text(found, "SeverityRank")]
    assert ranks == sorted(ranks, reverse=True)


@pytest.mark.parametrize("seed", range(12))
async def test_the_posture_is_what_the_store_says(here: History, seed: int) -> None:
    """After any history, severity info left aside: what fails, passes, and is not known."""
    await live(here, chance(seed), [*Severity][1:])

    counted = Counter(text(here.ask("PostureAsOf(now())"), "Verdict"))

    posture = await here.store.posture()
    assert counted == +Counter(
        {
            "fail": posture.fail,
            "pass": posture.passed,
            "unknown": posture.unknown,
            "not_applicable": posture.not_applicable,
        }
    )


@pytest.mark.parametrize("seed", range(4))
async def test_the_posture_of_a_past_time_is_what_it_was(here: History, seed: int) -> None:
    """What happened since changes nothing of it."""
    random = chance(seed)
    await live(here, random, [Severity.HIGH])
    then = here.clock.now()
    before = here.ask("PostureAsOf(now()) | sort by FindingId asc")
    here.clock.advance(HOUR)
    await live(here, random, [Severity.HIGH])

    after = here.ask(f"PostureAsOf(datetime({then.isoformat()})) | sort by FindingId asc")

    assert after == before


async def test_what_went_with_its_root_is_not_open(here: History) -> None:
    """Nothing is evaluated any more there: the last look that was still says that it fails."""
    await here.look(
        ROOT, [observation(fail()), observation(passed("Good."), control_id="stub.two")]
    )
    here.clock.advance(HOUR)
    await here.look(ROOT, [], gone={ROOT})
    here.arrive()

    assert here.ask("OpenFindings()") == []
    assert text(here.ask("PostureAsOf(now())"), "Verdict") == ["pass"]


async def test_without_evaluations_alerts_alone_tell_what_is_open(here: History) -> None:
    """A reminder, too, says so: of what a first sweep found there is no other alert."""
    await here.tell(
        [
            transition(1),
            transition(2, resource_id=OTHER_ACCOUNT),
            transition(3, resource_id=OTHER_ACCOUNT, kind=TransitionKind.RESOLVED),
            transition(4, control="stub.one", kind=TransitionKind.REMINDER),
            transition(5, control=None, kind=TransitionKind.BASELINE),
        ]
    )
    here.arrive()
    here.logs.drop("ComplianceEvaluations_CL")
    here.clock.advance(HOUR)

    found = here.ask("OpenFindings()")

    assert {*text(found, "Control")} == {CONTROL, "stub.one"}
    assert {*text(found, "TargetResourceId")} == {ACCOUNT}


async def test_a_finding_says_who_did_it_and_who_sees_to_it(here: History) -> None:
    """As its last alert has it; a snooze that is over is none, and worse is everybody's again."""
    by = Attribution("ann@example.com", moment(-3), "c0ffee", exact=True)
    known = Acknowledgement("bo@example.com", moment(1), "Known.")
    snooze = Snooze("bo@example.com", moment(1), "Later.", until=moment(7200))
    reminder = replace(
        transition(2, kind=TransitionKind.REMINDER), acknowledged=known, opened_at=moment(1)
    )
    await here.tell([transition(1, attribution=by), reminder])
    await here.tell(
        [replace(transition(3, control="stub.s"), kind=TransitionKind.REMINDER, snoozed=snooze)]
    )
    await here.tell(
        [replace(transition(4, control="stub.w"), kind=TransitionKind.WORSENED, snoozed=snooze)]
    )
    here.arrive()
    here.clock.advance(HOUR)

    def handling() -> dict[str, object]:
        return {str(each["Control"]): each["Handling"] for each in here.ask("OpenFindings()")}

    assert handling() == {CONTROL: "acknowledged", "stub.s": "snoozed", "stub.w": ""}
    (found,) = here.ask(f"OpenFindings() | where Control == '{CONTROL}'")
    assert (found["Actor"], found["CorrelationId"]) == ("ann@example.com", "c0ffee")
    assert found["HandledBy"] == "bo@example.com"
    assert found["PortalUrl"] == f"{PORTAL}{ROOT}"
    assert found["FindingId"] == finding_uid(CONTROL, ACCOUNT)
    assert found["HoursOpen"] == pytest.approx(1.0, abs=0.01)
    here.clock.advance(DAY)
    assert handling()["stub.s"] == ""


async def test_an_alert_that_was_told_twice_is_one(here: History) -> None:
    """The row that knows who did it is kept, whichever comes last; a canary is none."""
    by = Attribution("ann@example.com", moment(-3), "c0ffee", exact=True)
    canary = transition(3, control=None, kind=TransitionKind.CANARY)
    told = [transition(1), transition(1, attribution=by), transition(1), transition(2), canary]
    await here.tell(told)
    here.arrive()

    found = here.ask("ComplianceAlerts() | sort by RootSequence asc")

    assert text(found, "Actor") == ["ann@example.com", ""]
    assert [each["DetectedSeconds"] for each in found] == [4.0, None]
    assert text(found, "PortalUrl") == [f"{PORTAL}{ROOT}"] * 2


async def test_what_was_not_looked_at_for_over_a_day_is_not_known(here: History) -> None:
    """A pass of last week is none; what failed fails still; later nothing is said of it at all."""
    seen = [
        observation(passed("Good."), control_id="stub.one"),
        observation(fail(), control_id="stub.two"),
    ]
    await here.look(ROOT, seen)
    here.arrive()
    verdicts = "PostureAsOf(now()) | project Control, Verdict, Cause | sort by Control asc"

    here.clock.advance(25 * HOUR)
    assert text(here.ask(verdicts), "Verdict") == ["pass", "fail"]
    here.clock.advance(2 * HOUR)
    assert text(here.ask(verdicts), "Verdict") == ["unknown", "fail"]
    assert text(here.ask(verdicts), "Cause") == ["not_looked_at", ""]
    here.clock.advance(9 * DAY)
    assert text(here.ask(verdicts), "Control") == ["stub.two"]


async def test_what_the_monitor_says_of_itself_counts_only_when_it_is_bad(here: History) -> None:
    """As in the store's posture."""
    await here.look(ROOT, [observation(passed("Read."), control_id="coverage.resource_readable")])
    here.arrive()

    assert here.ask("PostureAsOf(now())") == []


async def test_how_long_it_takes_to_put_things_right(here: History) -> None:
    """By control and severity; a control that was taken out of the policy put nothing right."""
    for number, hours in enumerate((1, 2, 30)):
        end = moment(0) + hours * HOUR
        resolved = transition(number, kind=TransitionKind.RESOLVED, at=end)
        await here.tell([replace(resolved, opened_at=moment(0))] * 2)
    off = transition(9, kind=TransitionKind.RESOLVED, reason=ResolvedReason.POLICY)
    await here.tell([off, transition(10, severity=Severity.LOW, kind=TransitionKind.OPENED)])
    here.arrive()

    (found,) = here.ask("TimeToResolve()")

    assert (found["Control"], found["Severity"], found["Resolved"]) == (CONTROL, "high", 3)
    assert (found["MedianHours"], found["LongestHours"]) == (2.0, 30.0)


# --- health ---

CHECKS = (HealthCheck("queue", Health.WARN, "It is long.", "Look."),)


def record(minutes: float, canary_minutes: float | None = None) -> HealthRecord:
    """Return a record so many minutes after the beginning, with a canary of some other minute."""
    at = moment(60 * minutes)
    if canary_minutes is None:
        return HealthRecord(at, "1.0", "i", CHECKS)
    sent = moment(60 * canary_minutes)
    took = timedelta(seconds=4)
    return HealthRecord(at, "1.0", "i", CHECKS, sent, took, {"queue_age_seconds": 1.5})


async def test_a_monitor_at_work_says_how_it_is(here: History) -> None:
    """Its last record counts, and how long the canaries were on their way."""
    await here.say_how_it_is(*(record(each, each - 5) for each in range(0, 60, 5)))
    here.arrive(chance(1))

    (found,) = here.ask("MonitorHealth()", moment(60 * 58))

    assert found["State"] == found["Health"] == "warn"
    assert (found["MinutesSinceRecord"], found["MinutesSinceCanary"]) == (3.0, 8.0)
    assert (found["CanarySeconds"], found["CanaryP95Seconds"]) == (4.0, 4.0)
    assert (found["Records"], found["SilentMinutes"]) == (12, 0)
    assert found["MonitorVersion"] == "1.0"


@pytest.mark.parametrize(
    ("records", "state"),
    [
        ([], "silent"),
        ([record(0, 0)], "silent"),
        ([record(0, 0), record(95)], "no canary"),
        ([record(95, 0)], "no canary"),
        ([record(95, 80)], "warn"),
    ],
)
async def test_a_monitor_that_is_silent_is_said_to_be(
    here: History, records: list[HealthRecord], state: str
) -> None:
    """Also one that never said anything."""
    await here.say_how_it_is(*records)
    here.arrive()

    (found,) = here.ask("MonitorHealth()", moment(60 * 100))

    assert found["State"] == state


async def test_a_gap_of_the_last_day_is_seen(here: History) -> None:
    """In tens of minutes, from when it began to run."""
    await here.say_how_it_is(*(record(each) for each in [*range(0, 60, 5), *range(120, 181, 5)]))
    here.arrive()

    (found,) = here.ask("MonitorHealth()", moment(60 * 181))

    assert found["SilentMinutes"] == 60


# --- what is not there yet ---


@pytest.mark.parametrize(
    "name", ["PostureAsOf(now())", *(f"{each}()" for each in BODIES if each != "PostureAsOf")]
)
@pytest.mark.parametrize(
    "missing", [(), ("ComplianceAlerts_CL",), tuple(each.name for each in TABLES)]
)
async def test_every_function_answers_where_tables_are_empty_or_not_there(
    here: History, name: str, missing: tuple[str, ...]
) -> None:
    """A table is only there when its first row has come."""
    for table in missing:
        here.logs.drop(table)

    assert len(here.ask(name)) == (1 if name == "MonitorHealth()" else 0)


def test_the_empty_tables_have_the_columns_of_the_real_ones() -> None:
    """Of the same types, so that the two are one table."""
    declared = {}
    for body in BODIES.values():
        for columns, name in re.findall(r"datatable\(([^)]*)\)\[\]\),\s*(\w+)", body):
            pairs = (each.split(":") for each in columns.split(","))
            declared[name] = {key.strip(): kind.strip() for key, kind in pairs}

    assert declared == {table.name: SCHEMAS[table.name] for table in TABLES}
