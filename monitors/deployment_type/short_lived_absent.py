"""No deployment may be of the SKU that Azure removes after a day (DeveloperTier)."""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.tables import sku_scopes
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Judgement, Severity, failed, passed

SOURCE = Source.DEPLOYMENTS
SHORT_LIVED = "developertier"


def evaluate(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one deployment."""
    sku = resource.text("sku.name")
    seen = sku.evidence(SOURCE, "a known SKU other than DeveloperTier")
    name = (sku.value or "").lower()
    if name == SHORT_LIVED:
        return failed(
            f"SKU {sku.value} gives no guarantee where prompts are processed, and Azure removes "
            "the deployment 24 hours after it was made.",
            seen,
        )
    if name in sku_scopes().by_lower_name:
        return passed(f"SKU {sku.value} lasts.", seen)
    if not name:
        message = f"The deployment states no SKU{sku.wrong}, so whether it lasts is not known."
        return failed(message, seen)
    return failed(
        f"SKU {sku.shown('absent')} is not in the table of SKUs of {sku_scopes().as_of}, so "
        "whether it lasts is not known.",
        seen,
    )


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="No deployment uses the short-lived developer SKU.",
        why=(
            "DeveloperTier is there to try out a fine-tuned model cheaply. It promises nothing of "
            "where prompts are processed, and there is no service level: prompts and the weights "
            "of the fine-tuned model, which learned from the organisation's own data, may be "
            "anywhere in the world. After 24 hours Azure removes the deployment, and what relies "
            "on it stops."
        ),
        fails_when=(
            "sku.name is DeveloperTier. An absent SKU, or one that the table of SKUs does not "
            "know, fails too: it may be another of the sort."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Deploy the model anew with a SKU that stays, and move the callers: az "
                "cognitiveservices account deployment create --subscription {subscription} "
                "--resource-group {resource_group} --name {root} --deployment-name NEW_NAME "
                "--model-format OpenAI --model-name MODEL --model-version VERSION "
                "--sku-name Standard --sku-capacity CAPACITY"
            ),
            "Then delete this one: az resource delete --ids {id}",
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/foundry-models/concepts/deployment-types",
            "https://learn.microsoft.com/azure/foundry/fine-tuning/overview",
        ),
        limits=("One that was made and removed between two looks is not seen.",),
    ),
    applies_to=(AppliesTo(ResourceType.DEPLOYMENT),),
    evaluate=evaluate,
    parameters=Parameters(),
    since={ResourceType.DEPLOYMENT: "2023-05-01"},
    tables=("sku_scopes",),
)
