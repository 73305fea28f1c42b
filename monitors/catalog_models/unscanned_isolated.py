"""A model whose container nobody scanned must not be able to send data to the internet.

It joins two judgements: that of `model_scanned`, with its parameters in force, and for online
deployments that of `network_isolation.deployment_egress_disabled`. Managed compute has no setting
of its own for outbound traffic: there the managed network of the account counts.
"""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.deployment_egress import judge_egress
from shared.domain.isolation_mode import MODE, IsolationMode, mode_rank, mode_words
from shared.domain.resource import Property, Resource
from shared.domain.scanned_models import ScannedParameters, judge_scan
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source, resource_type
from shared.domain.verdict import (
    Judgement,
    Severity,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)

REQUIRED = IsolationMode.ALLOW_ONLY_APPROVED_OUTBOUND


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one deployment."""
    scanned = snapshot.parameters_of("catalog_models.model_scanned", ScannedParameters)
    scan = judge_scan(resource, scanned)
    if scan.verdict is Verdict.PASS:
        return passed(f"No isolation is needed. {scan.message}", *scan.evidence)
    if resource_type(resource.id.type) is ResourceType.MANAGED_COMPUTE_DEPLOYMENT:
        isolation = _judge_account_network(snapshot)
    else:
        isolation = judge_egress(resource, snapshot)
    message = f"{scan.message} {isolation.message}"
    evidence = (*scan.evidence, *isolation.evidence)
    if isolation.verdict is Verdict.NOT_APPLICABLE:
        return not_applicable(message)
    return Judgement(isolation.verdict, message, evidence, isolation.cause)


def _judge_account_network(snapshot: Snapshot) -> Judgement:
    """Judge the managed network of the account, in which managed compute runs if there is one."""
    source = Source.MANAGED_NETWORKS
    reading = snapshot.reading(source)
    if not reading.items and reading.problem is not None:
        problem = reading.problem
        message = f"The account's managed network could not be read: {problem.detail}."
        return unknown(problem.cause, message)
    if not reading.items:
        absent = Property(MODE, None, None, str).evidence(source, REQUIRED)
        return failed("The account has no managed network, so nothing confines it.", absent)
    mode = min((each.text(MODE) for each in reading.items), key=mode_rank)
    seen = mode.evidence(source, REQUIRED)
    has = f"The account's managed network has {mode_words(mode)}"
    if mode_rank(mode) == REQUIRED.rank:
        return passed(f"{has}.", seen)
    return failed(f"{has}; only {REQUIRED} confines it.", seen)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Models in unscanned containers cannot send data to the internet.",
        why=(
            "Microsoft scans the containers of the models that it sells itself for ways to carry "
            "data out, and not those of all other models of the catalog. It recommends a network "
            "that lets nothing out for the rest. A container that nobody looked into and that "
            "reaches the whole internet can send every prompt away, and nobody would see it."
        ),
        fails_when=(
            "catalog_models.model_scanned fails, and for an online deployment "
            "network_isolation.deployment_egress_disabled fails too, for managed compute the "
            "isolation mode of the account's managed network is not AllowOnlyApprovedOutbound "
            "(no managed network: Disabled)."
        ),
        severity=Severity.CRITICAL,
        remediation=(
            "Stop it first if prompts in it matter: az resource delete --ids {id}",
            (
                "An online deployment: let the workspace's managed network (for a project: its "
                "hub's) allow only approved destinations: az ml workspace update "
                "--subscription {subscription} --resource-group {resource_group} --name {root} "
                "--managed-network allow_only_approved_outbound"
            ),
            (
                "Managed compute: az resource update --subscription {subscription} "
                "--resource-group {resource_group} --namespace Microsoft.CognitiveServices "
                "--parent accounts/{root} --resource-type managedNetworks --name default "
                "--api-version 2025-12-01 "
                "--set properties.managedNetwork.isolationMode=AllowOnlyApprovedOutbound"
            ),
            (
                "A managed compute deployment exists in preview APIs only: to delete one, add "
                "--api-version 2026-05-15-preview."
            ),
            "Or deploy a model that Microsoft sells itself, or scan this one and list it.",
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/how-to/concept-data-privacy",
            "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint",
            "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network",
            "https://learn.microsoft.com/azure/foundry/concepts/managed-compute-overview",
        ),
        limits=(
            "Derived from names: no property in Azure states the result of a scan.",
            "Which destinations a managed network approves is not judged here.",
            "That managed compute runs in the account's managed network follows from no property.",
            "An unscanned model on a Kubernetes cluster is not applicable: its network is hidden.",
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
    ),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.WORKSPACE, Source.HUB, Source.MANAGED_NETWORKS),
    since={ResourceType.MANAGED_COMPUTE_DEPLOYMENT: "2026-03-15-preview"},
    tables=("scanned_models",),
)
