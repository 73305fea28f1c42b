"""The runtime of the function app: what its functions call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from shared.domain.control import Catalogue
from shared.pipeline import own_sight
from shared.pipeline.activity import ActivityWatch
from shared.pipeline.alert_rounds import AlertRounds
from shared.pipeline.dead_letters import DeadLetterRun
from shared.pipeline.evaluations import Evaluations
from shared.pipeline.events_arriving import EventCheck
from shared.pipeline.forgetting import Forgetting
from shared.pipeline.listen import Listening
from shared.pipeline.poison import PoisonRun
from shared.pipeline.pokes import Pokes
from shared.pipeline.put_back import Deliveries
from shared.pipeline.receive import Intake
from shared.pipeline.remind import Reminders
from shared.pipeline.schedule import Schedule
from shared.pipeline.second_reading import SecondReading
from shared.pipeline.upkeep import Task, Upkeep
from shared.pipeline.upkeep_rounds import UpkeepRounds
from shared.pipeline.watch import Watch
from shared.ports import (
    ActivityLog,
    Backlogs,
    Bookmarks,
    Clock,
    DeadLetterStore,
    Observer,
    PoisonQueue,
    ReceivedEvents,
    Retention,
)
from shared.runtime.alerts import AppSinks, alert_rounds
from shared.runtime.app_sinks import app_sinks
from shared.runtime.assembly import Ports, Runtime, assemble
from shared.runtime.code import fingerprint_of_code
from shared.runtime.following_up import reminders
from shared.runtime.health import evaluations_of, health_tasks, seeing_canaries
from shared.runtime.observing.silent import SilentObserver
from shared.runtime.observing.wrapping import (
    observed_ports,
    observed_rounds,
    observed_runtime,
    observed_sinks,
)
from shared.runtime.sink_settings import SinkSettings
from shared.settings import FollowUpSettings, Settings

if TYPE_CHECKING:
    from shared.runtime.sinks import AzureAccess


@dataclass(frozen=True, slots=True)
class AppPorts:
    """Every adapter of the app; those that a backend lacks are None.

    `drain` works off queues that no trigger sees; `azure` is the way to sinks in Azure. `machine`
    is the machine's own clock, where that of the ports is corrected; None: it is the same.
    """

    ports: Ports
    bookmarks: Bookmarks
    received: ReceivedEvents
    retention: Retention
    activity: ActivityLog | None = None
    dead_letters: DeadLetterStore | None = None
    poison: PoisonQueue | None = None
    backlogs: Backlogs | None = None
    poison_backlogs: Backlogs | None = None
    drain: Callable[[Runtime], Awaitable[object]] | None = None
    azure: "AzureAccess | None" = None
    closing: Callable[[], Awaitable[None]] | None = None
    machine: Clock | None = None


@dataclass(frozen=True, slots=True)
class App:
    """The use cases, one or two a function."""

    runtime: Runtime
    intake: Intake
    deliveries: Deliveries
    schedule: Schedule
    activity: ActivityWatch
    upkeep: Upkeep
    alerts: AlertRounds
    reminders: Reminders
    closing: Callable[[], Awaitable[None]] | None = None

    async def close(self) -> None:
        """Let go of everything that is held open; in Azure the worker is simply ended."""
        if self.closing is not None:
            await self.closing()


def app_on(  # noqa: PLR0913, PLR0917 - what settings decide
    ports: AppPorts,
    settings: Settings,
    catalogue: Catalogue,
    sinks: SinkSettings,
    observer: Observer | None = None,
    watch: Watch | None = None,
) -> App:
    """Return the app that the settings ask for on open ports; inside the loop that it serves.

    Without `observer` nobody watches. `watch` knows the watched subscriptions already.

    Raises:
        SettingsError: a sink needs what is not set.
    """
    keep = timedelta(days=settings.retention_days)
    clock = ports.ports.clock
    told, parts = app_sinks(sinks, catalogue, clock, ports.azure, settings.escalate_to)
    close_ports = ports.closing

    async def close() -> None:
        await parts.closing.aclose()
        if close_ports is not None:
            await close_ports()

    ports = replace(ports, closing=close)
    watched = settings.watched_subscriptions
    return assemble_app(ports, catalogue, watched, keep, told, settings, observer, watch)


def assemble_app(  # noqa: PLR0913, PLR0917 - what settings decide
    app: AppPorts,
    catalogue: Catalogue,
    watched: frozenset[str] | None,
    keep: timedelta,
    told: AppSinks | None = None,
    follow_up: FollowUpSettings | None = None,
    observer: Observer | None = None,
    watch: Watch | None = None,
) -> App:
    """Put the app together on any ports; `keep` is how long history is kept."""
    watching = observer or SilentObserver()
    told = told or AppSinks()
    told = replace(told, sinks=observed_sinks(told.sinks, watching, app.ports.clock))
    app = replace(app, ports=observed_ports(app.ports, watching))
    pokes = Pokes(app.ports.queue, app.ports.clock)
    # Where no trigger sees the queue, or there is nobody to tell, a poke would lie there for ever.
    is_poked = app.drain is None and told.sinks
    kept = evaluations_of(app, told, catalogue)
    runtime = assemble(app.ports, catalogue, watched, pokes if is_poked else None, kept, watch)
    alerts = alert_rounds(runtime, seeing_canaries(app, told), pokes)
    if not is_poked:
        alerts = replace(alerts, delivery=replace(alerts.delivery, pokes=None))
    alerts = observed_rounds(alerts, watching)
    wanted = follow_up or FollowUpSettings.model_construct()
    due = reminders(app.ports.findings, app.ports.clock, wanted)
    runtime = observed_runtime(runtime, watching, app.received)
    intake, clock = runtime.intake, app.ports.clock
    schedule = Schedule(runtime.sweeps, app.ports.ledger, intake.watch, clock)
    return App(
        runtime,
        intake,
        Deliveries(runtime.worker, app.ports.queue),
        schedule,
        _activity(app, runtime),
        Upkeep(
            {
                **health_tasks(app, runtime, told, catalogue),
                **_tasks(app, runtime, schedule, partial(fingerprint_of_code, watched), keep),
                "alerts": alerts.make_up if app.drain is None else alerts.told,
            },
            UpkeepRounds(app.bookmarks, clock).remember,
        ),
        alerts,
        replace(due, pokes=pokes if is_poked else None),
        app.closing if kept is None else partial(_close, kept, app.closing),
    )


async def _close(kept: Evaluations, closing: Callable[[], Awaitable[None]] | None) -> None:
    await kept.close()
    if closing is not None:
        await closing()


def _activity(app: AppPorts, runtime: Runtime) -> ActivityWatch:
    """Return what listens to the Activity Log, where there is one."""
    intake, clock = runtime.intake, app.ports.clock
    if app.activity is None:
        return ActivityWatch(clock)
    conclude = partial(own_sight.record, app.ports.findings, clock)
    check = EventCheck(app.activity, app.received, app.bookmarks, intake.watch, clock, conclude)
    return ActivityWatch(clock, Listening(app.activity, app.bookmarks, intake, clock), check)


def _tasks(
    app: AppPorts, runtime: Runtime, schedule: Schedule, code: Callable[[], str], keep: timedelta
) -> dict[str, Task]:
    """Return what the timer of the redrive does: what lost its way first."""
    intake, ports = runtime.intake, app.ports
    tasks: dict[str, Task] = {}
    if app.dead_letters is not None:
        tasks["dead_letters"] = DeadLetterRun(app.dead_letters, intake).run
    if app.poison is not None:
        give_up = runtime.sweeps.give_up
        poison = PoisonRun(app.poison, ports.queue, ports.aside, ports.clock, give_up)
        tasks["poison"] = poison.run
    tasks["set_aside"] = SecondReading(ports.aside, intake, app.bookmarks, ports.clock, code).run

    async def sweeps() -> int:
        return len(await schedule.catch_up())

    tasks["sweeps"] = sweeps
    tasks["forgotten"] = Forgetting(app.retention, ports.clock, keep, app.bookmarks).run
    if app.drain is not None:
        tasks["drained"] = partial(app.drain, runtime)
    return tasks
