"""Judge a snapshot: every applicable monitor on every resource, each verdict standing by itself."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.control import AnyMonitor, AppliesTo, Catalogue, Control
from shared.domain.resource import Resource, Subject
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Snapshot
from shared.domain.topology import OTHER_ROOTS, OTHER_VIEWS, ResourceType, resource_type
from shared.domain.verdict import (
    Cause,
    Judgement,
    UndecidableError,
    not_applicable,
    unknown,
)

log = logging.getLogger(__name__)


@dataclass(slots=True, unsafe_hash=True)
class Observation:
    """What a control was found to be on a resource.

    `tables` name the data tables that it is judged by. Not frozen, as a judgement is not.
    """

    control_id: str
    control: Control
    resource: ResourceId
    judgement: Judgement
    tables: tuple[str, ...] = ()


def evaluate(snapshot: Snapshot, catalogue: Catalogue) -> list[Observation]:
    """Judge every resource of a snapshot by every monitor of its type.

    Never raises: a monitor that crashes is `unknown` for that control on that resource alone, with
    the traceback in the log.
    """
    found: list[Observation] = []
    # Most resources of a root are alike: whether a monitor can judge them is asked once.
    judging: dict[object, list[tuple[AnyMonitor, Judgement | None]]] = {}
    for kind, resource in judged(snapshot):
        subject = Subject(resource.id, resource.body, resource.api_version)
        sort = kind, subject.kind, subject.api_version
        monitors = judging.get(sort)
        if monitors is None:
            monitors = judging[sort] = [
                (monitor, _refusal(applies, monitor, subject))
                for applies, monitor in catalogue.judging(kind)
            ]
        found += [
            Observation(
                monitor.id,
                monitor.control,
                resource.id,
                refusal or _judgement(monitor, subject, snapshot),
                monitor.tables,
            )
            for monitor, refusal in monitors
        ]
    return found


def judged(snapshot: Snapshot) -> Iterator[tuple[ResourceType, Resource]]:
    """Go through the resources of a snapshot that have a type that is judged."""
    for source, reading in snapshot.readings.items():
        if source in OTHER_ROOTS or source in OTHER_VIEWS:
            continue
        for resource in reading.items:
            kind = resource_type(resource.id.type)
            if kind is not None:
                yield kind, resource


def judge(
    applies: AppliesTo, monitor: AnyMonitor, resource: Resource, snapshot: Snapshot
) -> Judgement:
    """Judge one resource by one monitor."""
    return _refusal(applies, monitor, resource) or _judgement(monitor, resource, snapshot)


def _refusal(applies: AppliesTo, monitor: AnyMonitor, resource: Resource) -> Judgement | None:
    """Say why a monitor does not judge resources of this kind and API version, or None: it does."""
    if applies.kinds is not None:
        kind = resource.kind
        if kind is None:
            return unknown(Cause.UNDETERMINED, "The resource does not state its kind.")
        if kind.lower() not in applies.kinds:
            return not_applicable(f"Does not concern resources of kind {kind}.")
    since = monitor.since.get(applies.type)
    if since is not None and resource.read_before(since):
        return unknown(
            Cause.UNDETERMINED,
            f"Read with API version {resource.api_version}, which does not show what this control "
            f"judges; {since} and later do.",
        )
    return None


def _judgement(monitor: AnyMonitor, resource: Resource, snapshot: Snapshot) -> Judgement:
    """Let a monitor judge a resource."""
    try:
        return monitor.evaluate(resource, snapshot, monitor.parameters)
    except UndecidableError as error:
        return unknown(error.cause, f"Cannot be told: {error}.")
    except Exception:
        log.exception("monitor %s crashed on %s", monitor.id, resource.id.key)
        return unknown(
            Cause.UNDETERMINED,
            "The check itself failed on this resource; the log has the traceback. Report it.",
        )
