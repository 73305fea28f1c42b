"""What an evaluation says: verdict, cause, severity, evidence."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The outcome of one control on one resource."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Why a verdict is `unknown`."""

    UNREADABLE = "unreadable"
    """A read failed; after three looks or an hour it becomes a blind spot, which alerts."""
    UNDETERMINED = "undetermined"
    """Azure, or the input, does not say; visible, never alerts."""


class Severity(StrEnum):
    """How bad a failing control is, worst last."""

    INFO = "info"
    """Worth knowing; shown, never alerts."""
    LOW = "low"
    """Hygiene: makes another failure worse, or costs evidence in an audit."""
    MEDIUM = "medium"
    """A safeguard is missing; data is exposed only together with another failure."""
    HIGH = "high"
    """Data is processed, stored or reachable where the policy forbids it."""
    CRITICAL = "critical"
    """A breach of law or contract unless somebody acts now."""

    @property
    def rank(self) -> int:
        """0 for info up to 4 for critical: severities compare by it."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(slots=True, unsafe_hash=True)
class Evidence:
    """What was looked at: a source, a path in its JSON, what is wanted there and what is there.

    `expected` is a value or words for a condition; `observed` is the JSON value, None when absent.
    Never changed, but not frozen: a look makes a hundred, each four times as fast.
    """

    source: str
    path: str
    expected: object
    observed: object

    def bounded(self) -> "Evidence":
        """Return this evidence as plain JSON, its values small enough to keep and show."""
        expected, observed = _bounded(self.expected), _bounded(self.observed)
        return Evidence(self.source, self.path, expected, observed)


LONGEST_TEXT = 200
MOST_ITEMS = 20
DEEPEST = 4


def _bounded(value: object, depth: int = 0) -> object:
    """Cut long texts, lists and objects; what is cut shows `…`."""
    if isinstance(value, tuple):
        value = list(value)
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]}…"
    if isinstance(value, dict | list) and value and depth == DEEPEST:
        return "…"
    if isinstance(value, dict):
        kept = list(value.items())[:MOST_ITEMS]
        shown = {str(_bounded(key)): _bounded(item, depth + 1) for key, item in kept}
        return (
            shown if len(kept) == len(value) else {**shown, "…": f"{len(value) - len(kept)} more"}
        )
    if isinstance(value, list):
        shown_items = [_bounded(item, depth + 1) for item in value[:MOST_ITEMS]]
        return (
            shown_items
            if len(value) <= MOST_ITEMS
            else [*shown_items, f"… {len(value) - MOST_ITEMS} more"]
        )
    return value


@dataclass(slots=True, unsafe_hash=True)
class Judgement:
    """What one monitor says of one resource.

    `cause` is set exactly when the verdict is `unknown`. Not frozen, as evidence is not.
    """

    verdict: Verdict
    message: str
    evidence: tuple[Evidence, ...] = ()
    cause: Cause | None = None


# Looked up once: to ask an enumeration for a member costs as much as a call.
_PASS, _FAIL, _NOT_APPLICABLE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE


def passed(message: str, *evidence: Evidence) -> Judgement:
    """The control holds."""
    return Judgement(_PASS, message, evidence)


def failed(message: str, *evidence: Evidence) -> Judgement:
    """The control does not hold."""
    return Judgement(_FAIL, message, evidence)


def not_applicable(message: str) -> Judgement:
    """The control does not concern this resource; the message says why."""
    return Judgement(_NOT_APPLICABLE, message)


def unknown(cause: Cause, message: str, *evidence: Evidence) -> Judgement:
    """It cannot be told; never a pass, never resolves a finding."""
    return Judgement(Verdict.UNKNOWN, message, evidence, cause)


class UndecidableError(Exception):
    """A monitor needs something that is not there.

    The evaluation becomes `unknown` with this cause and message.
    """

    def __init__(self, cause: Cause, message: str) -> None:
        """Keep the cause beside the message."""
        super().__init__(message)
        self.cause = cause
