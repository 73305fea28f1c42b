"""The posture: how many verdicts of each sort there are now."""

from shared.adapters.terminal.page import Page, Span
from shared.domain.root_state import Posture

_STYLES = {"fail": "red", "pass": "green", "unknown": "yellow"}


def posture_json(posture: Posture) -> dict[str, int]:
    """Return the counts by the names of the verdicts."""
    return {
        "fail": posture.fail,
        "pass": posture.passed,
        "unknown": posture.unknown,
        "not_applicable": posture.not_applicable,
        "exempt": posture.exempt,
    }


def write_posture(page: Page, posture: Posture) -> None:
    """Write the counts, one a line."""
    page.text("Posture", "bold")
    counts = posture_json(posture)
    digits = max(len(str(count)) for count in counts.values())
    for name, count in counts.items():
        style = _STYLES.get(name, "") if count else "dim"
        page.row((Span(f"{count:>{digits}}  ", style),), name.replace("_", " "), style, indent=2)
