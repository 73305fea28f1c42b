"""Resources elsewhere that a root names and that decide about it.

A fine-tuned model can come from another account, and an account's telemetry can go to a storage
account: where these lie is part of the judgement. Inventories read what is named here as the source
`referenced`.
"""

from collections.abc import Iterable

from shared.domain.resource import Resource
from shared.domain.resource_id import MalformedResourceIdError, ResourceId

REFERENCES = (
    "properties.model.sourceAccount",
    "properties.model.source",
    "properties.raiMonitorConfig.adxStorageResourceId",
)
"""Properties of accounts and deployments that hold the ARM id of something elsewhere."""


def referenced_root(text: str | None) -> ResourceId | None:
    """Return the top-level resource that a reference lies under; None for what is no ARM id."""
    try:
        return ResourceId.parse(text).root
    except MalformedResourceIdError:
        return None


def referenced_ids(resources: Iterable[Resource]) -> dict[str, ResourceId]:
    """Return the top-level resources that these name, by key; their own root left out."""
    found: dict[str, ResourceId] = {}
    for resource in resources:
        for path in REFERENCES:
            text = resource.text(path).value
            # Most name nothing; a look asks this of every deployment.
            target = None if text is None else referenced_root(text)
            if target is not None and target != resource.id.root:
                found[target.key] = target
    return found
