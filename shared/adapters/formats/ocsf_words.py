"""What our words are in OCSF: numbers with a caption each.

Source: ocsf-schema 1.8.0, events/findings/{finding,compliance_finding}.json,
objects/compliance.json and dictionary.json.
"""

from collections.abc import Mapping
from typing import NamedTuple

from shared.domain.finding import ResolvedReason, Transition, TransitionKind
from shared.domain.verdict import Severity, Verdict
from shared.pipeline.coverage_controls import BLIND_SPOTS


class Word(NamedTuple):
    """A value of an OCSF enumeration: its number, and the caption that stands beside it."""

    id: int
    caption: str


OTHER = 99

CREATE = Word(1, "Create")
UPDATE = Word(2, "Update")
CLOSE = Word(3, "Close")

NEW = Word(1, "New")
IN_PROGRESS = Word(2, "In Progress")
"""Somebody has acknowledged it."""
SUPPRESSED = Word(3, "Suppressed")
"""Somebody has snoozed it: it is open, and sends no reminders."""
RESOLVED = Word(4, "Resolved")
ARCHIVED = Word(5, "Archived")

PASS = Word(1, "Pass")
WARNING = Word(2, "Warning")
"""No result, because something could not be read: our `unknown`, which is never a pass."""
FAIL = Word(3, "Fail")
NOT_APPLICABLE = Word(OTHER, "Not applicable")
"""The control no longer concerns the resource, or never did."""

SEVERITIES: Mapping[Severity, Word] = {
    Severity.INFO: Word(1, "Informational"),
    Severity.LOW: Word(2, "Low"),
    Severity.MEDIUM: Word(3, "Medium"),
    Severity.HIGH: Word(4, "High"),
    Severity.CRITICAL: Word(5, "Critical"),
}

_CREATES = frozenset({TransitionKind.OPENED, TransitionKind.BLIND_SPOT, TransitionKind.BASELINE})
_CLOSES = frozenset({TransitionKind.RESOLVED, TransitionKind.BLIND_SPOT_CLEARED})
_RESULTS: Mapping[Verdict, Word] = {
    Verdict.PASS: PASS,
    Verdict.FAIL: FAIL,
    Verdict.UNKNOWN: WARNING,
    Verdict.NOT_APPLICABLE: NOT_APPLICABLE,
}


def activity(alert: Transition) -> Word:
    """Return what happened to the finding; one that is reopened was there before: an update."""
    if alert.kind in _CREATES:
        return CREATE
    return CLOSE if alert.kind in _CLOSES else UPDATE


def status(alert: Transition) -> Word:
    """Return where the finding is in its life after the alert.

    Resolved because nobody asks any more is not mended: archived.
    """
    if alert.kind not in _CLOSES:
        return _of_open(alert)
    return ARCHIVED if alert.reason is ResolvedReason.POLICY else RESOLVED


def _of_open(alert: Transition) -> Word:
    """Return where an open finding is; what became worse, or whose snooze is over, is new again."""
    if alert.kind is TransitionKind.WORSENED:
        return NEW
    if alert.snoozed is not None and alert.kind is not TransitionKind.SNOOZE_ENDED:
        return SUPPRESSED
    return NEW if alert.acknowledged is None else IN_PROGRESS


def result(alert: Transition) -> Word:
    """Return what the control says of the resource at the alert; without a control, the kind."""
    if alert.control is None:
        return Word(OTHER, str(alert.kind))
    if alert.kind not in _CLOSES:
        # Reminders and decisions are of blind spots too.
        blind = alert.kind is TransitionKind.BLIND_SPOT or alert.control in BLIND_SPOTS
        return WARNING if blind else FAIL
    gone = alert.reason in {ResolvedReason.DELETED, ResolvedReason.POLICY}
    return NOT_APPLICABLE if gone else PASS


def status_of_verdict(verdict: Verdict) -> Word:
    """Return the state of what was judged now and once; what is no finding has only its verdict."""
    return NEW if verdict in {Verdict.FAIL, Verdict.UNKNOWN} else Word(OTHER, str(verdict))


def result_of_verdict(verdict: Verdict) -> Word:
    """Return the result that a verdict is."""
    return _RESULTS[verdict]


def severity_of_verdict(verdict: Verdict, severity: Severity) -> Word:
    """Return how bad it is; what does not fail is informational, but nobody knows of an unknown."""
    told = verdict in {Verdict.FAIL, Verdict.UNKNOWN}
    return SEVERITIES[severity if told else Severity.INFO]
