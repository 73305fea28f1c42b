"""A control as JSON."""

from shared.adapters.formats.parameter_texts import parameter_texts
from shared.domain.control import AnyMonitor, Control


def monitor_json(monitor: AnyMonitor) -> dict[str, object]:
    """Return a control with everything that is to know of its check."""
    described = {
        "applies_to": [
            {"type": each.type, "kinds": sorted(each.kinds) if each.kinds is not None else None}
            for each in monitor.applies_to
        ],
        "parameters": parameters_json(monitor),
        "since": dict(monitor.since),
    }
    return control_json(monitor.id, monitor.control) | described


def control_json(control_id: str, control: Control) -> dict[str, object]:
    """Return a control; one without a monitor judges the monitor's own sight."""
    return {
        "id": control_id,
        "title": control.requirement,
        "severity": control.severity,
        "found_by": control.found_by,
        "applies_to": [],
        "why": control.why,
        "fails_when": control.fails_when,
        "parameters": [],
        "remediation": list(control.remediation),
        "references": list(control.references),
        "built_in_policy": control.built_in_policy,
        "limits": list(control.limits),
        "since": {},
    }


def parameters_json(monitor: AnyMonitor) -> list[dict[str, object]]:
    """Return the tunable values with their defaults."""
    values = monitor.parameters.model_dump(mode="json")
    texts = parameter_texts(type(monitor.parameters))
    return [
        {"name": name, "default": values[name], "description": text} for name, text in texts.items()
    ]
