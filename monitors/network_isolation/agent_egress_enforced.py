"""A RAI policy that says where agents can send must refuse the rest, not only log it.

Network egress controls are part of a RAI policy (Azure's "guardrail"). In the mode Audit they let
everything through, and with the default action Allow everything that no rule denies.
"""

from shared.domain.bare_answer import refuse_bare
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.resource import Property, Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import (
    Cause,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    passed,
)

POLICIES = Source.RAI_POLICIES
DEFAULT_POLICY = "Microsoft.DefaultV2"
PLATFORM = "microsoft."
"""What the names of Microsoft's own policies begin with; they have no egress controls."""
EGRESS = "properties.egressPolicy"
SINCE = "2026-05-15"
"""The first preview API whose RAI policies carry it; no other API does."""


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one deployment by the egress controls of its RAI policy, or those of its base."""
    named = resource.text("properties.raiPolicyName")
    if named.observed is None:
        refuse_bare(resource)
    name = named.value or DEFAULT_POLICY
    policy = _stating_egress(name, snapshot)
    if policy is None:
        own = _find(name, snapshot)
        wrong = "" if own is None else own.object(EGRESS).wrong
        return passed(
            f"RAI policy {_shown(named)} has no egress controls{wrong}.",
            named.evidence(Source.DEPLOYMENTS, "no egress controls, or enforced ones"),
        )
    mode, action = policy.text(f"{EGRESS}.mode"), policy.text(f"{EGRESS}.defaultAction")
    seen = (mode.evidence(POLICIES, "Enforced"), action.evidence(POLICIES, "Deny"))
    whose = "" if policy.id.name.lower() == name.lower() else "a base of "
    says = f"{whose}RAI policy {_shown(named)}"
    if not _is(mode, "enforced"):
        return failed(
            f"Agents can send anywhere: the egress mode of {says} is {mode.shown('absent')}, not "
            "Enforced.",
            *seen,
        )
    if not _is(action, "deny"):
        return failed(
            f"Agents can send where no rule denies it: the default egress action of {says} is "
            f"{action.shown('absent')}, not Deny.",
            *seen,
        )
    return passed(f"What agents may not reach is refused by {says}.", *seen)


def _is(found: Property[str], default: str) -> bool:
    """Whether a property has this value, which is also what it is by default."""
    return (found.value or default).lower() == default


def _shown(named: Property[str]) -> str:
    """Return the policy that a deployment names, or that it has without naming one."""
    default = f"{DEFAULT_POLICY} (the default{named.wrong})"
    return named.shown("") if named.value else default


def _find(name: str, snapshot: Snapshot) -> Resource | None:
    """Return a RAI policy of the account by its name."""
    return snapshot.find(f"{snapshot.root.key}/raiPolicies/{name}")


def _stating_egress(name: str, snapshot: Snapshot) -> Resource | None:
    """Return the first that has egress controls of a policy, its base, and so on.

    Raises:
        UndecidableError: a policy on the way could not be read, or not with an API that shows them.
    """
    passed_by: set[str] = set()
    while name and name.lower() not in passed_by:
        policy = _find(name, snapshot)
        if policy is not None and policy.object(EGRESS).value is not None:
            return policy
        if name.lower().startswith(PLATFORM):
            return None
        if policy is None:
            snapshot.all(POLICIES)
            if passed_by:
                return None
            message = "the deployment's RAI policy is not among those of the account"
            raise UndecidableError(Cause.UNDETERMINED, message)
        _require_shown(policy)
        passed_by.add(name.lower())
        name = policy.text("properties.basePolicyName").value or ""
    return None


def _require_shown(policy: Resource) -> None:
    """Raise where the answer for a policy does not show whether it has egress controls."""
    refuse_bare(policy)
    version = policy.api_version
    if version is None or (version.endswith("-preview") and not policy.read_before(SINCE)):
        return
    message = f"only preview APIs from {SINCE} show egress controls, and {version} was read"
    raise UndecidableError(Cause.UNDETERMINED, message)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="RAI policies with network egress controls enforce them and deny by default.",
        why=(
            "Network egress controls say which hosts a hosted agent may reach from its sandbox. In "
            "the mode Audit what they would refuse is only logged, and with the default action "
            "Allow everything passes that no rule names. The policy looks like a safeguard then, "
            "and a prompt that makes the agent send data away meets none."
        ),
        fails_when=(
            "The RAI policy that the deployment names (absent: Microsoft.DefaultV2), or else the "
            "nearest of its base policies, has an egressPolicy whose mode is not Enforced (absent: "
            "Enforced) or whose defaultAction is not Deny (absent: Deny). No egressPolicy, as in "
            "Microsoft's own policies: passes."
        ),
        severity=Severity.LOW,
        remediation=(
            (
                "Look first what would be refused: in the project's Application Insights, traces "
                "with the message Network egress decision. Add rules for what is needed."
            ),
            (
                "Then: az resource update --subscription {subscription} "
                "--resource-group {resource_group} --namespace Microsoft.CognitiveServices "
                "--parent accounts/{root} --resource-type raiPolicies --name POLICY "
                "--api-version 2026-05-15-preview --set properties.egressPolicy.mode=Enforced "
                "--set properties.egressPolicy.defaultAction=Deny"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/agents/how-to/add-hosted-agent-guardrails",
        ),
        limits=(
            (
                "Egress controls act on hosted agents alone, which name their RAI policy in their "
                "own definition; no ARM property shows it. Only policies that a model deployment "
                "names too are judged here."
            ),
            "Preview: only preview APIs from 2026-05-15 show egress controls.",
            "That a policy inherits the egress controls of its base was not confirmed.",
            "Which hosts the rules allow is not judged here.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.DEPLOYMENT),),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(POLICIES,),
    enabled=False,
)
