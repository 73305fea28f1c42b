"""An online deployment must not collect the requests and responses of its model."""

from shared.domain.bare_answer import refuse_bare
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.listing import listed
from shared.domain.resource import Property, Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Severity, failed, passed

SOURCE = Source.ONLINE_DEPLOYMENTS
COLLECTOR = "properties.dataCollector"
COLLECTIONS = f"{COLLECTOR}.collections"
MODE = "dataCollectionMode"
PAYLOADS = frozenset({"request", "response"})
"""The collections that Azure fills with the payload itself, in lower case."""


class CollectionParameters(Parameters):
    """Which collections count."""

    include_custom: bool = False
    """Whether collections of other names than request and response count too, which the scoring
    script fills with what it chooses."""


def evaluate(
    resource: Resource, _snapshot: Snapshot, parameters: CollectionParameters
) -> Judgement:
    """Judge one online deployment."""
    collections = resource.object(COLLECTIONS)
    if collections.value is None:
        refuse_bare(resource)
        collector = resource.object(COLLECTOR)
        none = f"dataCollector is absent{collector.wrong}"
        if collector.value is not None:
            none = f"dataCollector has no collections{collections.wrong}"
        seen = Evidence(SOURCE, COLLECTIONS, "absent", None)
        return passed(f"Nothing is collected: {none}.", seen)
    modes = {
        name: Resource(resource.id, collection if isinstance(collection, dict) else {}).text(MODE)
        for name, collection in sorted(collections.value.items())
        if parameters.include_custom or name.lower() in PAYLOADS
    }
    observed = {name: mode.observed for name, mode in modes.items()}
    seen = Evidence(SOURCE, f"{COLLECTIONS}.*.{MODE}", "Disabled or absent", observed)
    on = [f"{name} ({_shown(mode)})" for name, mode in modes.items() if _is_on(mode)]
    if on:
        message = f"The deployment collects what goes through its model: {listed(on)}."
        return failed(message, seen)
    counted = "collection" if parameters.include_custom else "request or response collection"
    wrong = next(
        (f", {name} included{mode.wrong}" for name, mode in modes.items() if mode.wrong), ""
    )
    return passed(f"No {counted} of the data collector is enabled{wrong}.", seen)


def _is_on(mode: Property[str]) -> bool:
    """Whether a collection of this mode collects; what is not known counts as on."""
    return mode.value is not None and mode.value.lower() != "disabled"


def _shown(mode: Property[str]) -> str:
    """Return a mode for the message, and what it counts as when it is not known."""
    is_known = (mode.value or "").lower() == "enabled"
    return mode.shown("absent") + ("" if is_known else ", not a known mode: counts as Enabled")


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Online deployments do not collect the requests and responses of their model.",
        why=(
            "A data collector writes every prompt and every answer of a deployment to blob "
            "storage, where whoever can read the workspace's storage can read them, for as long as "
            "they lie there. Whoever can deploy a model can switch it on. It is meant for the "
            "monitoring of models whose payloads are harmless."
        ),
        fails_when=(
            "dataCollector.collections has request or response, or with include_custom any "
            "collection, with a dataCollectionMode that is neither Disabled nor absent "
            "(dataCollector or mode absent: off)."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "In the deployment's YAML set data_collector.collections.request.enabled and "
                "response.enabled to 'False', then: az ml online-deployment update "
                "--subscription {subscription} --resource-group {resource_group} "
                "--workspace-name {root} --endpoint-name {parent} --name {name} --file FILE"
            ),
            "Delete what was collected: it stays in the workspace's storage.",
        ),
        references=(
            "https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data",
            "https://learn.microsoft.com/azure/machine-learning/concept-data-collection",
        ),
        limits=(
            "What the scoring script logs by itself, or to Application Insights, is not judged.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.ONLINE_DEPLOYMENT),),
    evaluate=evaluate,
    parameters=CollectionParameters(),
    since={ResourceType.ONLINE_DEPLOYMENT: "2024-04-01"},
)
