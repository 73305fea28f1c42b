"""Judge a snapshot: every applicable monitor on every resource, each verdict standing by itself."""

import logging
from collections.abc import Iterator
from typing import NamedTuple

from shared.domain.control import AnyMonitor, AppliesTo, Catalogue, Control
from shared.domain.resource import Resource
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


class Observation(NamedTuple):
    """What a control was found to be on a resource.

    `tables` name the data tables that it is judged by. A tuple, as a judgement is.
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
    return [
        Observation(
            monitor.id,
            monitor.control,
            resource.id,
            judge(applies, monitor, resource, snapshot),
            monitor.tables,
        )
        for kind, resource in judged(snapshot)
        for applies, monitor in catalogue.judging(kind)
    ]


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
