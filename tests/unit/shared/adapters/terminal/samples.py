"""Small things that the tests of the terminal show: transitions, monitors, looks."""

from datetime import UTC, datetime
from typing import cast

from shared.domain.control import (
    AnyMonitor,
    AppliesTo,
    Catalogue,
    Control,
    FoundBy,
    Monitor,
    Parameters,
)
from shared.domain.finding import Attribution, ResolvedReason, Transition, TransitionKind
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType
from shared.domain.verdict import Cause, Evidence, Judgement, Severity, failed, passed, unknown
from tests import arm

RECORDED = datetime(2026, 11, 20, 8, 0, 1, tzinfo=UTC)
CHANGED = datetime(2026, 11, 20, 7, 59, 30, tzinfo=UTC)

BY_MARA = Attribution("mara", CHANGED, "c-1", exact=True)


def transition(  # noqa: PLR0913 - whatever a test is about
    kind: TransitionKind = TransitionKind.OPENED,
    *,
    reason: ResolvedReason | None = None,
    control: str | None = "deployment_type.sku_allowed",
    resource_id: str = f"{arm.ACCOUNT_ID}/deployments/chat",
    resource_type: str = ResourceType.DEPLOYMENT,
    severity: Severity = Severity.HIGH,
    message: str = "SKU GlobalStandard is not allowed.",
    remediation: str = "az resource delete --ids x",
    attribution: Attribution | None = BY_MARA,
) -> Transition:
    """Make a transition."""
    return Transition(
        id="1",
        root=arm.ACCOUNT_ID.lower(),
        sequence=1,
        kind=kind,
        reason=reason,
        control=control,
        resource_id=resource_id,
        resource_type=resource_type,
        severity=severity,
        at=RECORDED,
        message=message,
        evidence=(Evidence("deployments", "sku.name", ("Standard",), "GlobalStandard"),),
        remediation=remediation,
        tables={},
        alerts=True,
        attribution=attribution,
    )


class Limits(Parameters):
    """Parameters of the monitor."""

    allowed: tuple[str, ...] = ("yes",)
    """Answers that are
    allowed."""


def evaluate(resource: Resource, _snapshot: Snapshot, parameters: Limits) -> Judgement:
    """Judge the property `answer`."""
    answer = resource.text("properties.answer")
    seen = answer.evidence("account", parameters.allowed)
    if answer.value == "crash":
        raise ZeroDivisionError
    if answer.value is None:
        return unknown(Cause.UNDETERMINED, "There is no answer.", seen)
    if answer.value in parameters.allowed:
        return passed("The answer is allowed.", seen)
    return failed(f"The answer {answer.value} is not allowed.", seen)


def monitor(name: str = "family.answer_allowed", severity: Severity = Severity.HIGH) -> AnyMonitor:
    """Make a monitor of accounts."""
    made = Monitor(
        module=f"monitors.{name}",
        control=Control(
            requirement="The answer is one that is allowed.",
            why="Other answers are wrong.",
            fails_when="properties.answer is none of allowed.",
            severity=severity,
            remediation=(
                "Give another answer: az resource update --ids {id} --set properties.answer=yes",
                "In the portal: {root} in {resource_group}.",
            ),
            references=("https://learn.microsoft.com/azure/answers",),
            found_by=FoundBy.SWEEP,
            built_in_policy="12345678",
            limits=("Questions are not judged.",),
        ),
        applies_to=(AppliesTo(ResourceType.ACCOUNT, kinds=frozenset({"openai"})),),
        evaluate=evaluate,
        parameters=Limits(),
        since={ResourceType.ACCOUNT: "2023-05-01"},
    )
    return cast("AnyMonitor", made)


CATALOGUE = Catalogue([monitor(), monitor("family.second_control", Severity.LOW)])
