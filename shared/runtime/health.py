"""The health of the function app: what it tells of itself, and the canary."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from shared.adapters.formats.product import version
from shared.domain.canary import TOLD_TO
from shared.domain.control import Catalogue
from shared.pipeline.canary import CanaryFlights, CanarySeen
from shared.pipeline.evaluations import Evaluations
from shared.pipeline.health_report import HealthReports, Part
from shared.pipeline.keep import Keep
from shared.pipeline.signs_of_sight import Heard, Sight
from shared.pipeline.signs_of_telling import CANARY_MEASURES, CanaryWatch, Knowledge, Telling
from shared.pipeline.signs_of_work import Aside, LeftDeadLetters, Poison, WaitingWork
from shared.pipeline.upkeep import Task
from shared.pipeline.upkeep_rounds import MEASURES as ROUND_MEASURES
from shared.pipeline.upkeep_rounds import UpkeepRounds
from shared.ports import QueueName
from shared.runtime.alerts import AppSinks
from shared.runtime.assembly import Runtime
from shared.telemetry import log_health

if TYPE_CHECKING:
    from shared.runtime.app import AppPorts

_QUEUES = tuple(name for each in QueueName for name in (f"queue_{each}", f"queue_{each}_seconds"))


def health_tasks(
    app: "AppPorts", runtime: Runtime, told: AppSinks, catalogue: Catalogue
) -> dict[str, Task]:
    """Return what tells how the app is: before all that could hang or go wrong.

    Before the redrive, too, which takes away what this counts.
    """
    write = None if told.tables is None else told.tables.health
    parts = vital_parts(app, runtime, told, catalogue)
    instance = runtime.looks.worker
    clock = app.ports.clock
    tasks: dict[str, Task] = {
        "health": HealthReports(clock, version(), instance, parts, log_health, write).run
    }
    if _has_canary(told):
        tasks["canary"] = CanaryFlights(app.ports.queue, app.bookmarks, clock).send
    evaluations = runtime.looks.evaluations
    if evaluations is not None:
        tasks["evaluations"] = evaluations.flush
    return tasks


def evaluations_of(app: "AppPorts", told: AppSinks, catalogue: Catalogue) -> Evaluations | None:
    """Return who keeps what looks come to, where that is wanted and there is a table."""
    tables = told.tables
    if tables is None or tables.keep is Keep.OFF:
        return None
    return Evaluations(tables.evaluations, app.ports.clock, catalogue, tables.keep)


def seeing_canaries(app: "AppPorts", told: AppSinks) -> AppSinks:
    """Return the sinks, of which those that are told of canaries remember the last."""
    return replace(
        told,
        sinks=[
            CanarySeen(each, app.bookmarks, app.ports.clock) if each.name in TOLD_TO else each
            for each in told.sinks
        ],
    )


def _has_canary(told: AppSinks) -> bool:
    """Whether there is a sink that is told of it."""
    return any(each.name in TOLD_TO for each in told.sinks)


def vital_parts(
    app: "AppPorts", runtime: Runtime, told: AppSinks, catalogue: Catalogue
) -> list[Part]:
    """Return the parts of the record, each with what it lacks here."""
    ports, watch = app.ports, runtime.intake.watch
    telling = Telling(ports.findings, [each.name for each in told.sinks], told.rules)
    sight = Sight(watch, ports.findings, ports.ledger, app.received)
    make = partial(Part, lacking="this backend has none")
    return [
        Part("knowledge", ("controls",), Knowledge(len(catalogue)).take),
        make(
            "queues",
            (*_QUEUES, "clock_ahead_seconds"),
            None
            if app.backlogs is None
            else WaitingWork(app.backlogs, ports.clock, app.machine).take,
        ),
        make(
            "poison",
            ("poison", "poison_alerts"),
            None if app.poison_backlogs is None else Poison(app.poison_backlogs).take,
        ),
        make(
            "dead_letters",
            ("dead_letters",),
            None if app.dead_letters is None else LeftDeadLetters(app.dead_letters).take,
        ),
        Part("redrive", ROUND_MEASURES, UpkeepRounds(app.bookmarks, ports.clock).take),
        Part("set_aside", ("set_aside", "set_aside_seconds"), Aside(ports.aside).take),
        Part("events", ("event_seconds",), sight.events),
        Part("looks", ("look_seconds",), sight.looks),
        Part("sweeps", ("subscriptions", *_SWEEPS), sight.sweeps),
        Part(
            "activity_log",
            ("activity_log_seconds",),
            None if app.activity is None else Heard(app.bookmarks).take,
            "no workspace with the Activity Log is set",
        ),
        Part("blind_spots", ("blind_spots",), telling.blind_spots),
        Part("sinks", telling.measures, telling.sinks_are),
        Part("parked", ("parked",), telling.parked),
        Part(
            "canary",
            CANARY_MEASURES,
            CanaryWatch(app.bookmarks).take if _has_canary(told) else None,
            "no canary is sent, because Log Analytics is not set",
        ),
    ]


_SWEEPS = tuple(
    f"{depth}_sweep_{name}" for depth in ("core", "deep") for name in ("seconds", "never")
)
