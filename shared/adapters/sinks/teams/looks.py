"""How each kind of alert looks: a mark, words and a container style; never a colour of our own.

Styles are the theme's, so they are right in light and dark. The mark and the words say the same as
the style, for those who see no colours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.adapters.sinks.teams.plain_text import plain
from shared.domain.finding import ResolvedReason
from shared.domain.verdict import Severity

WORD = 40


class Tone(StrEnum):
    """Container styles of Adaptive Cards 1.2, by what they say here."""

    BAD = "attention"
    """Something is wrong that was not before."""
    STILL = "warning"
    """Something known is still wrong, or is about to be."""
    GOOD = "good"
    BLIND = "accent"
    """The monitor cannot see, or was told something that it cannot use."""
    CALM = "emphasis"
    """For knowledge: a first sweep."""


@dataclass(frozen=True, slots=True)
class Look:
    """What an alert of one kind shows at its top, and over its evidence and its steps."""

    mark: str
    words: str
    tone: Tone
    evidence: str = "What is wrong"
    steps: str = "How to mend it"


LOOKS: Mapping[str, Look] = {
    "opened": Look("🚨", "Opened", Tone.BAD),
    "reopened": Look("🔁", "Reopened", Tone.BAD),
    "worsened": Look("🔺", "Worsened", Tone.BAD),
    "improved": Look("🔽", "Improved, still open", Tone.GOOD),
    "resolved": Look("✅", "Resolved", Tone.GOOD, evidence="What was wrong", steps=""),
    "reminder": Look("⏰", "Reminder: still open", Tone.STILL),
    "snooze_ended": Look("⏰", "Snooze ended: still open", Tone.STILL),
    "exemption_expiring": Look("⏳", "Exemption expires soon", Tone.STILL),
    "exemption_ended": Look("⌛", "Exemption ended", Tone.BAD),
    "blind_spot": Look("🙈", "Blind spot", Tone.BLIND, evidence="What cannot be read"),
    "blind_spot_cleared": Look(
        "👀", "Blind spot cleared", Tone.GOOD, evidence="What could not be read", steps=""
    ),
    "policy_refused": Look("⛔", "Policy refused", Tone.BLIND),
    "baseline": Look("📋", "Baseline", Tone.CALM),
}
"""By kind (design §6)."""

_REASONS = {
    ResolvedReason.FIXED: "Resolved: fixed",
    ResolvedReason.DELETED: "Resolved: the resource is gone",
    ResolvedReason.POLICY: "Resolved: no longer checked",
}

SEVERITY_MARKS = {
    Severity.CRITICAL: "🟣",
    Severity.HIGH: "🔴",
    Severity.MEDIUM: "🟠",
    Severity.LOW: "🟡",
    Severity.INFO: "⚪",
}


def look_of(kind: str) -> Look:
    """Return how a kind looks; one that is newer than this table looks calm, under its own name."""
    known = LOOKS.get(kind)
    if known is not None:
        return known
    return Look("🔔", plain(kind.replace("_", " ").capitalize(), WORD), Tone.CALM)


def headline(kind: str, reason: ResolvedReason | None) -> str:
    """Return what happened in words, a resolve with its reason."""
    return look_of(kind).words if reason is None else _REASONS[reason]


def severity_words(severity: Severity) -> str:
    """Return a severity with its mark, as a title that no narrow table breaks in two."""
    return f"{SEVERITY_MARKS[severity]}\N{NO-BREAK SPACE}{severity.capitalize()}"
