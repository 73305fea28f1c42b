"""The parts of the app, watched."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.pipeline.alert_rounds import AlertRounds
from shared.ports import Observer, QueueName, Sink
from shared.runtime.assembly import Ports, Runtime
from shared.runtime.observing.intake import ObservedIntake
from shared.runtime.observing.ports import ObservedInventory, observed_findings
from shared.runtime.observing.sinks import observed_sink
from shared.runtime.observing.use_cases import ObservedLook, ObservedRounds

if TYPE_CHECKING:
    from shared.ports import Clock, ReceivedEvents


def observed_ports(ports: Ports, observer: Observer) -> Ports:
    """Return the ports, of which reads of the estate and commits are watched."""
    return replace(
        ports,
        inventory=ObservedInventory(ports.inventory, observer),
        findings=observed_findings(ports.findings, observer),
    )


def observed_sinks(sinks: Sequence[Sink], observer: Observer, clock: "Clock") -> list[Sink]:
    """Return the sinks, watched."""
    return [observed_sink(each, observer, clock) for each in sinks]


def observed_runtime(
    runtime: Runtime, observer: Observer, received: "ReceivedEvents | None"
) -> Runtime:
    """Return the runtime, of which the intake and the looks are watched."""
    intake, worker, clock = runtime.intake, runtime.worker, runtime.ports.clock
    return replace(
        runtime,
        intake=ObservedIntake(
            intake.queue, intake.aside, intake.clock, intake.watch, received, observer=observer
        ),
        worker=replace(
            worker,
            look=ObservedLook(worker.look, QueueName.LOOKS, clock, observer),
            sweep_look=ObservedLook(worker.sweep_look, QueueName.SWEEPS, clock, observer),
        ),
    )


def observed_rounds(rounds: AlertRounds, observer: Observer) -> AlertRounds:
    """Return the rounds, watched."""
    return ObservedRounds(rounds.delivery, rounds.pokes, rounds.budget, observer=observer)
