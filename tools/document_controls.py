"""Print `docs/controls.md`: every control, from the catalogue itself.

`make docs` writes the page.
"""

from collections.abc import Iterator
from itertools import groupby

from monitors import load_catalogue
from shared.adapters.formats.parameter_texts import parameter_texts
from shared.domain.control import AnyMonitor, Control
from shared.domain.tables import table_versions
from shared.pipeline.own_sight import OWN_SIGHT

HEAD = """\
# Controls

Made from the monitors by `make docs`; a test fails when it is stale. `cli.py controls ID` prints
the same for one control. "Found by event" means that a change is judged seconds after it was made;
"found by sweep" that Microsoft changes the property without an event, and the next sweep sees it.
"""


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield HEAD
    monitors = list(load_catalogue())
    yield "| control | severity | judges | found by |"
    yield "|---|---|---|---|"
    for monitor in monitors:
        anchor = monitor.id.replace(".", "")
        yield (
            f"| [{monitor.id}](#{anchor}) | {monitor.control.severity} | {_types(monitor)}"
            f" | {monitor.control.found_by if monitor.enabled else 'off by default'} |"
        )
    for name, control in OWN_SIGHT.items():
        yield (
            f"| [{name}](#{name.replace('.', '')}) | {control.severity} | the monitor's own sight"
            f" | {control.found_by} |"
        )
    for family, members in groupby(monitors, key=lambda each: each.family):
        yield f"\n## {family}"
        for monitor in members:
            yield from _section(monitor)
    yield "\n## coverage"
    yield "\nRaised by the pipeline itself: whether the monitor sees what it should."
    for name, control in OWN_SIGHT.items():
        yield from _head(name, control)
        yield f"\n**Severity** {control.severity}. **Found by** {control.found_by}."
        yield from _tail(control)


def _types(monitor: AnyMonitor) -> str:
    """List what a monitor judges."""
    return "<br>".join(
        f"{each.type}{' of kind ' + ' or '.join(sorted(each.kinds)) if each.kinds else ''}"
        for each in monitor.applies_to
    )


def _section(monitor: AnyMonitor) -> Iterator[str]:
    """Yield the lines about one control."""
    control = monitor.control
    yield from _head(monitor.id, control)
    off = "" if monitor.enabled else " **Off by default**: policy switches it on."
    yield f"\n**Severity** {control.severity}. **Found by** {control.found_by}.{off}"
    yield from _parameters(monitor)
    about = []
    if monitor.since:
        oldest = ", ".join(f"{kind} from {version}" for kind, version in monitor.since.items())
        about.append(f"\n**API versions that show it** {oldest}.")
    if monitor.tables:
        dates = ", ".join(
            f"{name} ({date})" for name, date in table_versions(monitor.tables).items()
        )
        about.append(f"\n**Data tables** {dates}.")
    yield from _tail(control, *about)


def _head(name: str, control: Control) -> Iterator[str]:
    """Yield what is required, and why."""
    yield f"\n### {name}"
    yield f"\n{control.requirement}"
    yield f"\n**Why.** {control.why}"
    yield f"\n**Fails when** {control.fails_when}"


def _tail(control: Control, *about: str) -> Iterator[str]:
    """Yield how to mend it, what else is to know `about` its check, limits and references."""
    yield "\n**How to mend it**\n"
    yield from (f"{number}. {step}" for number, step in enumerate(_steps(control), 1))
    yield from about
    if control.limits:
        yield "\n**Known limits**\n"
        yield from (f"- {limit}" for limit in control.limits)
    if control.built_in_policy:
        yield f"\n**Azure Policy built-in** {control.built_in_policy}…"
    yield "\n**References**\n"
    yield from (f"- <{reference}>" for reference in control.references)


def _parameters(monitor: AnyMonitor) -> Iterator[str]:
    """Yield the parameters with their defaults."""
    texts = parameter_texts(type(monitor.parameters))
    if not texts:
        return
    yield "\n**Parameters**\n"
    for name, text in texts.items():
        default = getattr(monitor.parameters, name)
        yield f"- `{name}` (default: {_default(default)}): {text}"


def _default(value: object) -> str:
    """Show a default as a policy file would spell it."""
    if isinstance(value, dict):
        return "the data table"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "empty"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _steps(control: Control) -> Iterator[str]:
    """Yield the steps, their placeholders shown as such."""
    for step in control.remediation:
        yield step.replace("{", "<").replace("}", ">").replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":
    print("\n".join(page()))
