"""Controls as the rules of a SARIF 2.1.0 log.

What code scanning of GitHub reads beside the standard is there too: `security-severity` with the
tag `security`, and texts no longer than it takes.
"""

from collections.abc import Mapping

from shared.adapters.formats.sarif_text import markdown, plain
from shared.domain.control import Control
from shared.domain.verdict import Severity

Json = dict[str, object]

LONGEST = 1000
"""Characters of a description; GitHub cuts at 1,024.

https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""
LEVELS: Mapping[Severity, str] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
SCORES: Mapping[Severity, str] = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.1",
}
"""In the middle of what GitHub calls critical (over 9.0), high (7.0), medium (4.0) and low."""


class Rules:
    """The rules of a log, and where each stands among them."""

    def __init__(self, controls: Mapping[str, Control]) -> None:
        self._controls = controls
        self._places = {control_id: at for at, control_id in enumerate(controls)}

    def described(self) -> list[Json]:
        """Return the rules in their order."""
        return [_rule(control_id, control) for control_id, control in self._controls.items()]

    def reference(self, control_id: str) -> Json:
        """Return how a result names its rule; a control that no longer exists has only its id."""
        at = self._places.get(control_id)
        return {"ruleId": control_id, **({} if at is None else {"ruleIndex": at})}


def _rule(control_id: str, control: Control) -> Json:
    """Return one control as a rule."""
    links = {"helpUri": control.references[0]} if control.references else {}
    return {
        "id": control_id,
        "name": "".join(part.capitalize() for part in control_id.replace(".", "_").split("_")),
        "shortDescription": {"text": plain(_cut(control.requirement))},
        "fullDescription": {"text": plain(_cut(control.why))},
        "help": {"text": _help_text(control), "markdown": _help_markdown(control)},
        **links,
        "defaultConfiguration": {"level": LEVELS[control.severity]},
        "properties": {
            "tags": ["security", "azure", control_id.partition(".")[0]],
            "severity": control.severity,
            "security-severity": SCORES[control.severity],
            "foundBy": control.found_by,
        },
    }


def _help_text(control: Control) -> str:
    """Return what the control wants, why, and how to mend it."""
    parts = [
        control.requirement,
        control.why,
        f"Fails when: {control.fails_when}",
        *_listed("Mend it:", _steps(control)),
        *_listed("What it does not see:", control.limits),
        *_listed("Read more:", control.references),
    ]
    return plain("\n".join(parts))


def _steps(control: Control) -> tuple[str, ...]:
    """Return how to mend it, whatever the resource: `<name>` stands for what differs."""
    return tuple(step.format_map(_Named()) for step in control.remediation)


class _Named(dict[str, str]):
    """Whatever is asked for, as the name of what belongs there."""

    def __missing__(self, key: str) -> str:
        return f"<{key.replace('_', '-')}>"


def _listed(lead: str, lines: tuple[str, ...]) -> list[str]:
    return [lead, *(f"- {line}" for line in lines)] if lines else []


def _help_markdown(control: Control) -> str:
    """Return the same with headings."""
    parts = [
        f"**{markdown(control.requirement)}**",
        markdown(control.why),
        f"**Fails when** {markdown(control.fails_when)}",
    ]
    for lead, lines in (
        ("Mend it", _steps(control)),
        ("What it does not see", control.limits),
    ):
        if lines:
            parts += [f"**{lead}**", "\n".join(f"- {markdown(line)}" for line in lines)]
    if control.references:
        parts += ["**Read more**", "\n".join(f"- <{link}>" for link in control.references)]
    return "\n\n".join(parts)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
