"""What is remembered of a root between looks, and what one look changes."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.finding import Attribution, Finding, FindingState, Transition
from shared.domain.topology import Source
from shared.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A source that looks in a row could not read: since when, how many looks, and why.

    `looks` counts those whose problem will not pass by itself. `passing`: at the last look it
    helped to try again (throttled, an outage). `permission` is the ARM action that is missing.
    """

    since: datetime
    looks: int
    detail: str
    passing: bool = False
    permission: str | None = None


@dataclass(frozen=True, slots=True)
class Attributable:
    """A transition whose change in Azure may still become known from a message that comes later.

    `seen_at` is when the look that recorded it began reading: only a change made before explains
    it. `not_before`: what decides was read before, and showed every change made until then; None
    where that is not known.
    """

    transition_id: str
    control: str | None
    resource_id: str
    seen_at: datetime
    attribution: Attribution | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class RootState:
    """The committed state of one root.

    `version` is the store's: 0 before the first commit, then one more with each. `read_at` says of
    each source when the last committed reading of it began: a change accepted before needs no
    further look. `verdicts` counts the judgements of the last look by verdict, `fail` left out
    (findings tell). `missing` is when each resource was first found absent without proof that it is
    gone. `depends_on` are other roots that were read to judge this one (the hub of a project).
    `sequence` is that of the last transition. `second_look_at` is when the newest second look is
    due, `retry_at` when what could not be read is tried again because of an event; `baseline_at`
    (of a subscription) when its first sweep was done, `deep_baseline_at` when its first deep one
    was.
    """

    version: int = 0
    sequence: int = 0
    gone: bool = False
    read_at: dict[Source, datetime] = field(default_factory=dict)
    verdicts: dict[Verdict, int] = field(default_factory=dict)
    missing: dict[str, datetime] = field(default_factory=dict)
    unreadable: dict[Source, Unreadable] = field(default_factory=dict)
    attributable: tuple[Attributable, ...] = ()
    depends_on: tuple[str, ...] = ()
    second_look_at: datetime | None = None
    second_look_sources: tuple[Source, ...] = ()
    retry_at: datetime | None = None
    baseline_at: datetime | None = None
    deep_baseline_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """Everything that one look changes, written in one transaction or not at all.

    It is written on condition that the stored version is still `state.version`.

    `findings` are those that changed (new ones included), `transitions` the new history; those that
    alert go into the outbox. `attributions` complete transitions recorded earlier, by transition
    id. `ends_lease_of` names the worker whose lease of the root is given back along with it.
    """

    root: str
    state: RootState
    findings: tuple[Finding, ...] = ()
    transitions: tuple[Transition, ...] = ()
    attributions: dict[str, Attribution] = field(default_factory=dict)
    ends_lease_of: str | None = None


@dataclass(frozen=True, slots=True)
class Posture:
    """All findings folded into counts.

    `fail` are the open findings, `exempt` those of them under an exemption.
    """

    fail: int = 0
    passed: int = 0
    unknown: int = 0
    not_applicable: int = 0
    exempt: int = 0

    @classmethod
    def of(cls, open_findings: int, verdicts: Counter[Verdict]) -> "Posture":
        """Fold the open findings and the counted verdicts of every root."""
        return cls(
            fail=open_findings,
            passed=verdicts[Verdict.PASS],
            unknown=verdicts[Verdict.UNKNOWN],
            not_applicable=verdicts[Verdict.NOT_APPLICABLE],
        )


def open_findings(findings: dict[str, Finding]) -> list[Finding]:
    """Return those that are open."""
    return [finding for finding in findings.values() if finding.state is FindingState.OPEN]
