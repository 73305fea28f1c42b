"""What a deployment cannot serve itself must be processed inside the area where it processes.

A provisioned deployment can name another deployment that takes its requests when it is busy
("spillover"). Each deployment is judged against the one that it names itself, so a chain of them
is contained where every link is, and a circle is no trouble.
"""

from shared.domain.bare_answer import refuse_bare
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.processing import Processing, ProcessingScope, ScopeKind, locate
from shared.domain.resource import Property, Resource
from shared.domain.snapshot import Snapshot
from shared.domain.tables import sku_scopes
from shared.domain.topology import ResourceType, Source, resource_type
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    passed,
)

SOURCE = Source.DEPLOYMENTS
NAME = "properties.spilloverDeploymentName"


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one deployment."""
    named = resource.text(NAME)
    seen = named.evidence(SOURCE, "absent, or a deployment that processes inside this one's area")
    if not named.value:
        refuse_bare(resource)
        return passed(f"Requests spill over to no other deployment{named.wrong}.", seen)
    target = _target(resource, named.value, snapshot)
    name = named.shown("absent")
    if target is None:
        return failed(
            f"Requests spill over to the deployment {name}, which does not exist in the account: "
            "whoever makes one of this name decides where they are processed.",
            seen,
        )
    if target.id == resource.id:
        return passed("Requests spill over to the deployment itself, so nowhere else.", seen)
    there = locate(target, snapshot)
    evidence = (seen, *(_evidence(name, source, found) for source, found in there.basis))
    here = _area(resource, there, snapshot)
    if here is None:
        return failed(
            f"Requests spill over to the deployment {name}, which may process them "
            f"{there.scope.words}{_reason(there)}: outside this deployment's own area, which lies "
            "around its account.",
            *evidence,
        )
    if there.scope.is_inside(here, regional_skus_stay_in_region=False):
        return passed(
            f"Requests spill over to the deployment {name}, which processes them "
            f"{there.scope.words}: inside this deployment's own area, {here.words}.",
            *evidence,
        )
    is_outside = there.scope.is_known and here.is_known
    return failed(
        f"Requests spill over to the deployment {name}, which may process them "
        f"{there.scope.words}{_reason(there)}: {'outside' if is_outside else 'not known to be in'} "
        f"this deployment's own area, {here.words}.",
        *evidence,
    )


def _target(resource: Resource, name: str, snapshot: Snapshot) -> Resource | None:
    """Return the account's deployment of this name, or None: it does not exist.

    Raises:
        UndecidableError: not all deployments of the account are known.
    """
    found = snapshot.find(f"{resource.id.parent.key}/deployments/{name.strip().lower()}")
    if found is not None and resource_type(found.id.type) is ResourceType.DEPLOYMENT:
        return found
    # Raises with the cause when the list could not be read.
    snapshot.all(Source.DEPLOYMENTS)
    is_whole = snapshot.reading(Source.DEPLOYMENTS).complete
    if not is_whole or snapshot.reading(Source.ACCOUNT).is_absent_from_input:
        message = (
            "the deployment that requests spill over to was not found, and the account's "
            "deployments may not all be in the input"
        )
        raise UndecidableError(Cause.UNDETERMINED, message)
    return None


def _area(resource: Resource, there: Processing, snapshot: Snapshot) -> ProcessingScope | None:
    """Return where a deployment processes.

    None: somewhere around its account, of which nothing is known, and where it spills over to is
    bound to no account.

    Raises:
        UndecidableError: it cannot be told, and matters.
    """
    try:
        return locate(resource, snapshot).scope
    except UndecidableError:
        if there.home is None:
            return None
        raise


def _reason(there: Processing) -> str:
    """Say why the tables do not know where a deployment processes, or nothing when they do."""
    if there.scope.is_known:
        return ""
    what = there.basis[0][1]
    if there.scope.kind is ScopeKind.UNKNOWN_SKU:
        if what.value is None:
            return f" (it states no SKU{what.wrong})"
        return f" (SKU {what.shown('absent')} is not in the table of SKUs of {sku_scopes().as_of})"
    where = there.basis[-1][1]
    return f" (the tables do not know it for the location {where.shown('absent')})"


def _evidence(name: str, source: str, found: Property[str]) -> Evidence:
    """Return what says where the other deployment processes."""
    whose = f"{name}: " if source == Source.DEPLOYMENTS else ""
    expected = "processed inside this deployment's own area"
    return Evidence(source, f"{whose}{found.path}", expected, found.observed)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Requests that spill over are processed inside the deployment's own area.",
        why=(
            "A provisioned deployment that is busy can hand requests to another deployment of the "
            "account, which one property names. Callers notice nothing. If the other one is of a "
            "global or data zone SKU, or runs a model that its publisher serves outside Azure, "
            "prompts leave the region that the first was bought for, and just when there are most "
            "of them. Microsoft describes spillover for deployments of the same data processing "
            "level; this control does not rely on Azure refusing others."
        ),
        fails_when=(
            "spilloverDeploymentName (any case) names a deployment of the account whose processing "
            "scope does not lie inside this one's, is not known, or that does not exist. Absent: "
            "nothing spills over."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Name a deployment of the same kind: az resource update --ids {id} "
                "--api-version 2025-12-01 --set properties.spilloverDeploymentName=OTHER"
            ),
            (
                "Or let nothing spill over: az resource update --ids {id} "
                "--api-version 2025-12-01 --remove properties.spilloverDeploymentName"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/openai/how-to/spillover-traffic-management",
            "https://learn.microsoft.com/azure/ai-foundry/foundry-models/concepts/deployment-types",
        ),
        limits=(
            (
                "A request may name another deployment in the header x-ms-spillover-deployment: no "
                "property shows it."
            ),
            "A chain of deployments is judged link by link, each on the deployment it starts from.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.DEPLOYMENT),),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.DEPLOYMENTS, Source.ACCOUNT),
    since={ResourceType.DEPLOYMENT: "2025-06-01"},
    tables=("sku_scopes", "data_zones", "regions"),
)
