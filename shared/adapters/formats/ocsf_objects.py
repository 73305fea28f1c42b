"""The objects that an OCSF finding is made of.

Source: ocsf-schema 1.8.0, objects/{resource_details,cloud,account,evidences,observable}.json and
profiles/{cloud,datetime}.json.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from shared.adapters.formats.product import FULL_NAME, NAME, Producer
from shared.adapters.formats.times import milliseconds, utc_text
from shared.domain.control import Control
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.topology import resource_type
from shared.domain.verdict import Evidence

Json = dict[str, object]

TARGET = {"role_id": 1, "role": "Target"}
SUBSCRIPTION = {"type_id": 13, "type": "Azure Subscription"}
RESOURCE_UID = {"type_id": 10, "type": "Resource UID"}
USER_NAME = {"type_id": 4, "type": "User Name"}


def moments(time: datetime, *names: str) -> Iterator[tuple[str, object]]:
    """Return a time under each name: a number, and as text, which the profile datetime adds."""
    for name in names:
        yield name, milliseconds(time)
        yield f"{name}_dt", utc_text(time)


def parsed(resource_id: str) -> ResourceId | None:
    """Return an id in its parts; None for what is no ARM id."""
    try:
        return ResourceId.parse(resource_id)
    except MalformedResourceIdError:
        return None


def product(producer: Producer) -> Json:
    """Return the product that tells of the finding."""
    return {"name": FULL_NAME, "uid": NAME, "vendor_name": NAME, "version": producer.version}


def resource(resource_id: str, kind: str, producer: Producer) -> Json:
    """Return the resource that was judged."""
    found = parsed(resource_id)
    told: Json = {"uid": resource_id, "type": resource_type(kind) or kind, **TARGET}
    if found is not None:
        told["name"] = found.name
    if found is not None and found.resource_group:
        told["group"] = {"name": found.resource_group}
    return {**told, "provider": "Azure", **_partition(producer)}


def cloud(resource_id: str, producer: Producer) -> Json:
    """Return where in Azure it is."""
    found = parsed(resource_id)
    account = {} if found is None else {"account": {"uid": found.subscription, **SUBSCRIPTION}}
    return {"provider": "Azure", **account, **_partition(producer)}


def _partition(producer: Producer) -> Json:
    return {} if producer.partition is None else {"cloud_partition": producer.partition}


def evidences(evidence: Sequence[Evidence], actor: str | None) -> list[Json]:
    """Return what was looked at, each with a name; last, who made the change."""
    seen: list[Json] = [
        {"name": f"{each.source} {each.path}".strip(), "data": asdict(each.bounded())}
        for each in evidence
    ]
    if actor is not None:
        seen.append({"name": "change", "actor": {"user": {"name": actor}}})
    return seen


def remediation(steps: str, control: Control | None) -> Json:
    """Return how to mend it, and what Microsoft says of it."""
    references = control.references if control is not None else ()
    return {"desc": steps, **({"references": list(references)} if references else {})}


def observables(resource_id: str, actor: str | None) -> list[Json]:
    """Return what other tools search by."""
    found: list[Json] = [{"name": "resources[].uid", "value": resource_id, **RESOURCE_UID}]
    if actor is not None:
        found.append({"name": "evidences[].actor.user.name", "value": actor, **USER_NAME})
    return found
