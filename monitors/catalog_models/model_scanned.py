"""A model of the catalog must run in a container that Microsoft has scanned.

No ARM property says so: what is not known to be scanned counts as unscanned.
"""

from shared.domain.control import AppliesTo, Control, Monitor
from shared.domain.resource import Resource
from shared.domain.scanned_models import ScannedParameters, judge_scan
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType
from shared.domain.verdict import Judgement, Severity


def evaluate(resource: Resource, _snapshot: Snapshot, parameters: ScannedParameters) -> Judgement:
    """Judge one deployment."""
    return judge_scan(resource, parameters)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Models of the catalog run only in containers that Microsoft has scanned.",
        why=(
            "A model of the catalog comes with a container that runs code. Microsoft scans the "
            "containers of the models that it sells itself for ways to carry data out, and says "
            "that it does not scan all others. A hostile model or package in an unscanned "
            "container could send prompts away. No property in Azure tells which is which."
        ),
        fails_when=(
            "Online and batch deployments: the model is no azureml://registries/… asset on the "
            "list of scanned models, or environmentId is set and of no registry on the list. "
            "Managed compute: the SKU is VmManagedCompute or not known, deploymentParameters are "
            "set, the template is not stated or not of the model's own registry, or the model is "
            "neither of a platform-scanned registry nor on the list."
        ),
        severity=Severity.HIGH,
        remediation=(
            "Deploy a model that Microsoft sells itself, or one of the list, and move the callers.",
            (
                "Where this model is needed, confine it first: a managed network that allows only "
                "approved outbound traffic and no public egress. Then accept it with an exemption, "
                "or after a scan of your own add it to the parameter scanned_models."
            ),
            "Delete this one: az resource delete --ids {id}",
            (
                "A managed compute deployment exists in preview APIs only: add "
                "--api-version 2026-05-15-preview."
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/how-to/concept-data-privacy",
            "https://learn.microsoft.com/azure/ai-foundry/concepts/vulnerability-management",
            "https://learn.microsoft.com/azure/machine-learning/how-to-regulate-registry-deployments",
        ),
        limits=(
            "Derived from names: no property in Azure states the result of a scan.",
            "The scan looks at containers; it says nothing of what the model answers.",
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.BATCH_DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
    ),
    evaluate=evaluate,
    parameters=ScannedParameters(),
    since={ResourceType.MANAGED_COMPUTE_DEPLOYMENT: "2026-03-15-preview"},
    tables=("scanned_models",),
)
