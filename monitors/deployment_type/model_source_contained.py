"""A model that is taken from another account must be from the same subscription and geography.

A fine-tuned model can be deployed in another account than the one that it was trained in: its
weights are copied from there.
"""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.processing import Home, home_at
from shared.domain.references import referenced_root
from shared.domain.resource import Property, Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Snapshot
from shared.domain.tables import regions
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Judgement, Severity, UndecidableError, failed, passed

SOURCE = Source.DEPLOYMENTS
SOURCES = ("properties.model.sourceAccount", "properties.model.source")
WANTED = "absent, or in the account's subscription and geography"


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one deployment."""
    seen, stated = [], []
    for path in SOURCES:
        named = resource.text(path)
        seen.append(named.evidence(SOURCE, WANTED))
        if named.observed not in (None, ""):
            stated.append(named)
    if not stated:
        model = resource.object("properties.model")
        if model.value is None:
            message = f"the deployment is shown without its model{model.wrong}"
            raise UndecidableError(Cause.UNDETERMINED, message)
        return passed("The model is taken from no other account.", *seen)
    undecided: UndecidableError | None = None
    for each in stated:
        try:
            fault = _fault(each, resource.id.root, snapshot)
        except UndecidableError as error:
            undecided = undecided or error
            continue
        if fault:
            return failed(f"{fault}.", *seen)
    if undecided is not None:
        raise undecided
    message = "The model is taken from an account of the same subscription and geography."
    return passed(message, *seen)


def _fault(named: Property[str], account: ResourceId, snapshot: Snapshot) -> str:
    """Say why a source lies outside, or nothing.

    Raises:
        UndecidableError: where it or the account lies cannot be told.
    """
    source = referenced_root(named.value)
    if source is None or not source.segments:
        name = named.path.rpartition(".")[2]
        return f"Where the model is taken from is not known: model.{name} is no resource id"
    if source == account:
        return ""
    if source.subscription != account.subscription:
        return "The model is taken from another subscription than the account's"
    here = _home(snapshot.one(Source.ACCOUNT), "account")
    there = _home(snapshot.referenced(source), "model's source")
    for called, home in (("account", here), ("model's source", there)):
        if home.geography is None:
            return (
                f"Whether the model is taken from the account's geography is not known: the table "
                f"of regions of {regions().as_of} does not have the location of the {called}, "
                f"{home.location}"
            )
    if here.geography == there.geography:
        return ""
    return (
        f"The model is taken from another geography than the account's: its source is in "
        f"{there.location}, the account in {here.location}"
    )


def _home(resource: Resource, called: str) -> Home:
    """Return what the tables know of the location of a resource, which Azure always states."""
    location = resource.text("location")
    if location.value:
        return home_at(location.value)
    message = f"the {called} states no location{location.wrong}"
    raise UndecidableError(Cause.UNDETERMINED, message)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Models are taken from the account's own subscription and geography only.",
        why=(
            "A deployment can take a fine-tuned model from another account: Azure copies the "
            "weights, which have learned from the training data there, into this account. From "
            "another geography that carries what law holds there across a border, and from another "
            "subscription it brings in a model that other people trained, on data that nobody here "
            "has seen."
        ),
        fails_when=(
            "model.sourceAccount or model.source lies in another subscription, in another Azure "
            "geography than the account, at a location that the table of regions does not know, or "
            "is no resource id. Absent: the model is taken from no other account."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "Train the model in this account or in one of its subscription and geography, and "
                "deploy it from there: az cognitiveservices account deployment create "
                "--subscription {subscription} --resource-group {resource_group} --name {root} "
                "--deployment-name NEW_NAME --model-format OpenAI --model-name MODEL "
                "--model-version VERSION --model-source SOURCE_ACCOUNT_ID --sku-name Standard "
                "--sku-capacity CAPACITY"
            ),
            "Then delete this one: az resource delete --ids {id}",
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/fine-tuning-deploy",
        ),
        limits=(
            "What a model was trained on in this account, and where that was from, is not seen.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.DEPLOYMENT),),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.ACCOUNT, Source.REFERENCED),
    since={ResourceType.DEPLOYMENT: "2024-10-01"},
    tables=("regions",),
)
