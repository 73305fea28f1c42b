"""What `check` found, for people: by resource, failing first, the worst first."""

from collections import Counter
from dataclasses import dataclass

from shared.adapters.terminal.alert_lines import SEVERITY_STYLES
from shared.adapters.terminal.page import Page, Span
from shared.adapters.terminal.resource_names import short_id, short_type
from shared.domain.resource_id import ResourceId
from shared.domain.verdict import Severity, Verdict
from shared.pipeline.evaluate import Observation

INDENT = 2
VERDICT_CELLS = len("UNKNOWN") + 2
SEVERITY_CELLS = len(Severity.CRITICAL) + 2
_VERDICT_STYLES = {Verdict.FAIL: "red", Verdict.UNKNOWN: "yellow"}


@dataclass(frozen=True, slots=True)
class Group:
    """A resource with what is failing on it or cannot be told."""

    resource: ResourceId
    seen: list[Observation]


def _order(seen: Observation) -> tuple[bool, int, str]:
    """Sort key of an observation: failing before unknown, then the worst first."""
    failing = seen.judgement.verdict is Verdict.FAIL
    return not failing, -seen.control.severity.rank, seen.control_id


def write_groups(page: Page, groups: list[Group]) -> None:
    """Write the resources, the worst first."""
    for group in groups:
        group.seen.sort(key=_order)
    told: dict[str, str] = {}
    for group in sorted(groups, key=lambda each: (_order(each.seen[0])[:2], each.resource.key)):
        page.row(
            (Span(group.resource.name, "bold"), Span("  ")), short_type(group.resource.type), "dim"
        )
        page.text(short_id(group.resource.text, page.width - INDENT), "dim", indent=INDENT)
        for seen in group.seen:
            _write(page, seen, told)
        page.blank()


def _write(page: Page, seen: Observation, told: dict[str, str]) -> None:
    """Write one evaluation: what is wrong, and how it is mended.

    `told` are the controls whose remediation stands above already, and for which resource.
    """
    judgement, control = seen.judgement, seen.control
    page.row(
        (
            Span(judgement.verdict.upper(), _VERDICT_STYLES[judgement.verdict], VERDICT_CELLS),
            Span(control.severity, SEVERITY_STYLES[control.severity], SEVERITY_CELLS),
        ),
        seen.control_id,
        "bold",
        indent=INDENT,
    )
    behind = INDENT + VERDICT_CELLS
    cause = f" ({judgement.cause})" if judgement.cause is not None else ""
    page.text(f"{judgement.message}{cause}", indent=behind)
    if judgement.verdict is not Verdict.FAIL:
        return
    if above := told.get(seen.control_id):
        page.text(f"Mend it as told above for {above}.", "dim", indent=behind)
    else:
        told[seen.control_id] = seen.resource.name
        page.text("Mend it:", "dim", indent=behind)
        page.steps(control.remediation_for(seen.resource), indent=behind + 2)


def write_summary(
    page: Page, resources: int, verdicts: Counter[Verdict], failing: Counter[Severity]
) -> None:
    """Write the counts, and what to do next."""
    worst = ", ".join(f"{failing[each]} {each}" for each in reversed(Severity) if failing[each])
    failed = f"{verdicts[Verdict.FAIL]} failing" + (f" ({worst})" if worst else "")
    page.text(
        f"{resources} resource{'' if resources == 1 else 's'} judged: {failed},"
        f" {verdicts[Verdict.UNKNOWN]} unknown, {verdicts[Verdict.PASS]} passing,"
        f" {verdicts[Verdict.NOT_APPLICABLE]} not applicable.",
        "bold",
    )
    if verdicts[Verdict.FAIL] or verdicts[Verdict.UNKNOWN]:
        page.text("`cli.py controls ID` explains a control.", "dim")
