"""Prompts must be processed only where the policy allows."""

from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator

from shared.domain.allowed_area import AllowedEntry, Relative
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.processing import UNKNOWN_ZONE, Home, Processing, ScopeKind, locate
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.tables import data_zones, regions, sku_scopes
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Judgement, Severity, failed, passed


def _checked(entry: str) -> str:
    """Refuse an entry that means no area."""
    AllowedEntry.parse(entry)
    return entry


class LocationParameters(Parameters):
    """Where prompts may be processed."""

    allowed: tuple[Annotated[str, AfterValidator(_checked)], ...] = ("same-geography", "same-zone")
    """Areas, any of which will do. same-geography and same-zone: the Azure geography and the data
    zone of the account's location; geography:<name>; region:<name>; zone:us, zone:eu (the EU Data
    Boundary, with Norway and Switzerland), zone:apac, zone:usgov; eu-members: regions of EU member
    states, never a zone; global; external:<publisher>: a publisher's own infrastructure."""
    regional_skus_stay_in_region: bool = True
    """Whether region:<name> is met by the SKUs that Microsoft describes as regional, although its
    terms let it move them within the geography."""

    @cached_property
    def entries(self) -> tuple[AllowedEntry, ...]:
        """The allowed areas, read."""
        return tuple(map(AllowedEntry.parse, self.allowed))

    @cached_property
    def words(self) -> str:
        """What is allowed, for evidence."""
        return f"processed inside one of {', '.join(self.allowed) or 'nothing'}"


def evaluate(resource: Resource, snapshot: Snapshot, parameters: LocationParameters) -> Judgement:
    """Judge one deployment or serverless endpoint."""
    processing = locate(resource, snapshot)
    scope, home, basis = processing
    evidence = [found.evidence(source, parameters.words) for source, found in basis]
    stays = parameters.regional_skus_stay_in_region
    for entry in parameters.entries:
        area = entry.resolve(home)
        if area is not None and scope.is_inside(area, regional_skus_stay_in_region=stays):
            message = f"Prompts are processed {scope.words}, which {entry.text} allows."
            return passed(message, *evidence)
    finding = _unknown_place(processing) or f"{_subject(processing)} {scope.words}"
    return failed(f"{finding}; allowed: {_described(parameters, home)}.", *evidence)


def _subject(processing: Processing) -> str:
    """Say what is processed somewhere."""
    if processing.scope.kind is not ScopeKind.EXTERNAL:
        return "Prompts may be processed"
    form, name, version = (found.shown("absent") for _, found in processing.basis)
    return f"Whatever the SKU, model {name} (format {form}, version {version}) is served"


def _unknown_place(processing: Processing) -> str:
    """Say why the place is not known, or nothing when it is."""
    scope, home, basis = processing
    what, last = basis[0][1], basis[-1][1]
    if scope.kind is ScopeKind.UNKNOWN_SKU:
        if what.value is None:
            return f"The deployment states no SKU{what.wrong}, so where it processes is not known"
        return (
            f"SKU {what.shown('absent')} is not in the table of SKUs of {sku_scopes().as_of}, "
            "so where it processes prompts is not known"
        )
    if scope == UNKNOWN_ZONE and home is not None:
        return (
            f"SKU {what.shown('absent')} processes prompts in the account's data zone, and the "
            f"table of data zones of {data_zones().as_of} has {home.location} in none"
        )
    if scope.is_known and (scope.kind is not ScopeKind.REGION or regions().find(scope.name)):
        return ""
    return (
        f"Prompts are processed at the location {last.shown('absent')}, which the table "
        f"of regions of {regions().as_of} does not know"
    )


def _described(parameters: LocationParameters, home: Home | None) -> str:
    """List what is allowed, with what relative entries mean here."""
    listed = []
    for entry in parameters.entries:
        if isinstance(entry.meaning, Relative) and home is not None:
            listed.append(f"{entry.text} ({entry.resolve(home) or 'none that is known'})")
        else:
            listed.append(entry.text)
    return ", ".join(listed) or "nothing"


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Prompts are processed only in the areas that the policy allows.",
        why=(
            "Data stored by an account stays in its geography, but prompts and completions are "
            "processed where the deployment's SKU says: in the geography, in a data zone that "
            "spans countries, or anywhere in the world. Some publishers' models leave Azure "
            "altogether. Law and contracts often limit where personal data may be processed, even "
            "for the second that an answer takes."
        ),
        fails_when=(
            "The processing scope of the SKU (or of the model, when its publisher serves it "
            "outside Azure) lies inside no entry of allowed. A SKU or location that the tables do "
            "not know lies inside none. A serverless endpoint is processed in the geography of "
            "its location."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Deploy the model anew with a SKU that stays inside, in an account of a fitting "
                "location, and move the callers: az cognitiveservices account deployment create "
                "--subscription {subscription} --resource-group {resource_group} --name {root} "
                "--deployment-name NEW_NAME --model-format FORMAT --model-name MODEL "
                "--model-version VERSION --sku-name Standard --sku-capacity CAPACITY"
            ),
            (
                "For a serverless endpoint: az ml serverless-endpoint create --subscription "
                "{subscription} --resource-group {resource_group} --workspace-name "
                "WORKSPACE_OF_AN_ALLOWED_LOCATION --file endpoint.yml"
            ),
            "Then delete this one: az resource delete --ids {id}",
            (
                "A managed compute deployment exists in preview APIs only: add "
                "--api-version 2026-05-15-preview."
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/foundry-models/concepts/deployment-types",
            "https://learn.microsoft.com/azure/ai-foundry/responsible-ai/openai/data-privacy",
            "https://learn.microsoft.com/azure/reliability/regions-list",
            "https://learn.microsoft.com/privacy/eudb/eu-data-boundary-learn",
        ),
        limits=(
            "That VmManagedCompute is processed in the region of its compute is assumed.",
            "The members of the Asia Pacific data zone are not published.",
            "A caller may name another deployment of the account in a request header.",
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
        AppliesTo(ResourceType.SERVERLESS_ENDPOINT),
    ),
    evaluate=evaluate,
    parameters=LocationParameters(),
    needs=(Source.ACCOUNT, Source.ACCOUNT_COMPUTES),
    since={
        ResourceType.DEPLOYMENT: "2023-05-01",
        ResourceType.MANAGED_COMPUTE_DEPLOYMENT: "2026-03-15-preview",
        ResourceType.SERVERLESS_ENDPOINT: "2024-04-01",
    },
    tables=("sku_scopes", "data_zones", "regions"),
)
