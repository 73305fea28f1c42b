"""An alert as people read it."""

from datetime import UTC, datetime

from shared.adapters.terminal.page import Page, Span
from shared.adapters.terminal.resource_names import short_id
from shared.domain.finding import Transition, TransitionKind
from shared.domain.verdict import Severity

SEVERITY_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}
KIND_STYLES = {
    TransitionKind.OPENED: "red",
    TransitionKind.REOPENED: "red",
    TransitionKind.WORSENED: "red",
    TransitionKind.RESOLVED: "green",
    TransitionKind.IMPROVED: "green",
    TransitionKind.BLIND_SPOT: "magenta",
    TransitionKind.BLIND_SPOT_CLEARED: "green",
}
INDENT = 4


def write_alert(page: Page, alert: Transition) -> None:
    """Write an alert: what happened, to what, when and by whom, and why."""
    kind = alert.kind.replace("_", " ").upper()
    if alert.reason is not None:
        kind += f" ({alert.reason})"
    page.row(
        (
            Span(kind, KIND_STYLES.get(alert.kind, "bold")),
            Span("  "),
            Span(alert.severity, SEVERITY_STYLES[alert.severity]),
            Span("  "),
        ),
        alert.control or "first sweep",
        "bold",
    )
    page.text(short_id(alert.resource_id, page.width - INDENT), indent=INDENT)
    page.text(_when_and_who(alert), "dim", indent=INDENT)
    page.text(alert.message, indent=INDENT)
    page.blank()


def _when_and_who(alert: Transition) -> str:
    """Say who made the change, and when, as far as that is known; and when it was recorded."""
    by = alert.attribution
    if by is None:
        return f"recorded {_clock(alert.at)}"
    who = f" by {by.actor}" if by.actor else ""
    return f"{_clock(by.occurred_at)}{who}, recorded {_clock(alert.at)}"


def _clock(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
