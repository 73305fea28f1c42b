"""Controls as people read them."""

import json
from collections.abc import Mapping, Sequence

from shared.adapters.terminal.alert_lines import SEVERITY_STYLES
from shared.adapters.terminal.control_json import parameters_json
from shared.adapters.terminal.page import Page, Span
from shared.adapters.terminal.resource_names import short_type
from shared.domain.control import AnyMonitor, AppliesTo, Control, FoundBy

INDENT = 2
_SINGULAR = {"accounts": "account", "workspaces": "workspace", "registries": "registry"}
FOUND_BY = {
    FoundBy.EVENT: "event: within seconds of the change",
    FoundBy.SWEEP: "sweep: Microsoft changes it and no event tells, so within the hour or day",
}


class _Placeholders(dict[str, str]):
    """Shows `{resource_group}` as `<resource-group>`, and the root by what it can be."""

    def __init__(self, monitor: AnyMonitor | None) -> None:
        types = () if monitor is None else (short_type(each.type) for each in monitor.applies_to)
        roots = dict.fromkeys(each.partition("/")[0] for each in types)
        words = [_SINGULAR.get(root, root) for root in roots]
        super().__init__(root=f"<{'-or-'.join(words) or 'root'}>")

    def __missing__(self, key: str) -> str:
        return f"<{key.replace('_', '-')}>"


def write_list(
    page: Page, monitors: Sequence[AnyMonitor], own_sight: Mapping[str, Control]
) -> None:
    """Write the controls, family by family as their ids sort; last those of the monitor itself."""
    for monitor in monitors:
        types = ", ".join(_applies(each) for each in monitor.applies_to)
        _write_short(page, monitor.id, monitor.control, f"Applies to {types}.")
    for control_id, control in own_sight.items():
        _write_short(page, control_id, control, "Judges the monitor's own sight.")
    count = len(monitors) + len(own_sight)
    page.text(f"{count} control{'' if count == 1 else 's'}.", "bold")
    page.text("`cli.py controls ID` explains one, and how to mend it.", "dim")


def _write_short(page: Page, control_id: str, control: Control, about: str) -> None:
    """Write what a control requires, and of what."""
    severity = Span(control.severity, SEVERITY_STYLES[control.severity])
    page.row((Span(control_id, "bold"), Span("  "), severity), "")
    page.text(control.requirement, indent=INDENT)
    page.text(f"{about} Found by {control.found_by}.", "dim", indent=INDENT)
    page.blank()


def write_explanation(
    page: Page, control_id: str, control: Control, monitor: AnyMonitor | None
) -> None:
    """Write everything that is to know of a control."""
    page.row(
        (Span(control_id, "bold"), Span("  ")), control.severity, SEVERITY_STYLES[control.severity]
    )
    page.text(control.requirement)
    _part(page, "Why", control.why)
    _part(page, "Fails when", control.fails_when)
    if monitor is not None:
        _part(page, "Applies to", *(_applies(each, in_full=True) for each in monitor.applies_to))
    _part(page, "Found by", FOUND_BY[control.found_by])
    if monitor is not None:
        _parameters(page, monitor)
    _heading(page, "How to mend it")
    names = _Placeholders(monitor)
    for step in control.remediation:
        page.steps(step.format_map(names), indent=INDENT)
    _part(page, "Known limits", *control.limits)
    if control.built_in_policy:
        _part(page, "Azure Policy built-in", control.built_in_policy)
    if monitor is not None:
        since = [f"{short_type(kind)}: {version}" for kind, version in monitor.since.items()]
        _part(page, "Needs answers of these API versions or later", *since)
    _part(page, "References", *control.references)


def _parameters(page: Page, monitor: AnyMonitor) -> None:
    """Write the tunable values."""
    parameters = parameters_json(monitor)
    if parameters:
        _heading(page, "Parameters")
    for each in parameters:
        default = json.dumps(each["default"], ensure_ascii=False)
        page.row((Span(str(each["name"]), "bold"), Span(" = ")), default, indent=INDENT)
        page.text(str(each["description"]), indent=INDENT * 2)


def _part(page: Page, heading: str, *paragraphs: str) -> None:
    """Write a heading with what belongs to it; nothing when there is nothing."""
    if paragraphs:
        _heading(page, heading)
    for each in paragraphs:
        page.text(each, indent=INDENT)


def _heading(page: Page, words: str) -> None:
    page.blank()
    page.text(words, "bold")


def _applies(applies: AppliesTo, *, in_full: bool = False) -> str:
    """Say which resources are judged."""
    kinds = "" if applies.kinds is None else f" of kind {' or '.join(sorted(applies.kinds))}"
    return f"{applies.type if in_full else short_type(applies.type)}{kinds}"
