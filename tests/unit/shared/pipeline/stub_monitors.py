"""Monitors that say what a test wants, and the observations of them."""

from collections.abc import Callable
from dataclasses import replace

from shared.domain.control import AppliesTo, Catalogue, Control, Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType
from shared.domain.verdict import Evidence, Judgement, Severity, failed, passed
from shared.pipeline.evaluate import Observation
from tests.records import ACCOUNT

Evaluate = Callable[[Resource, Snapshot, Parameters], Judgement]

CONTROL = Control(
    requirement="Something must be so.",
    why="Otherwise it is not.",
    fails_when="It is not so.",
    severity=Severity.HIGH,
    remediation=("Mend {name} of {root}.",),
    references=("https://learn.microsoft.com/azure/",),
)


def control(severity: Severity = Severity.HIGH) -> Control:
    """Return a control."""
    return replace(CONTROL, severity=severity)


def observation(
    judgement: Judgement,
    *,
    control_id: str = "stub.one",
    resource: str = ACCOUNT,
    severity: Severity = Severity.HIGH,
    tables: tuple[str, ...] = (),
) -> Observation:
    """Return what a control was found to be on a resource."""
    parsed = ResourceId.parse(resource)
    return Observation(control_id, control(severity), parsed, judgement, tables)


def fail(observed: object = "bad", message: str = "It is bad.") -> Judgement:
    """Return a failing judgement with its evidence."""
    return failed(message, Evidence("account", "properties.state", "good", observed))


def state_is_good(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Fail unless `properties.state` is good."""
    state = resource.text("properties.state").value
    return passed("It is good.") if state == "good" else fail(state)


def monitor(
    name: str = "one",
    evaluate: Evaluate = state_is_good,
    *,
    applies_to: tuple[AppliesTo, ...] = (AppliesTo(ResourceType.ACCOUNT),),
    severity: Severity = Severity.HIGH,
    since: dict[ResourceType, str] | None = None,
) -> Monitor[Parameters]:
    """Return the monitor `stub.<name>`."""
    return Monitor(
        f"monitors.stub.{name}",
        control(severity),
        applies_to,
        evaluate,
        Parameters(),
        since=since or {},
    )


def catalogue(*monitors: Monitor[Parameters]) -> Catalogue:
    """Return the catalogue of these monitors."""
    return Catalogue(monitors)
