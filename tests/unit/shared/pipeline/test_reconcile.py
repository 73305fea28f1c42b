"""Observations against stored findings: each kind of transition, and what makes none."""

from dataclasses import replace
from datetime import datetime

import pytest

from shared.domain.finding import Finding, FindingState, ResolvedReason, Transition, TransitionKind
from shared.domain.tables import table_versions
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    Severity,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)
from shared.pipeline.coverage_controls import RESOURCE_READABLE
from shared.pipeline.evaluate import Observation
from shared.pipeline.reconcile import Reconciler, Reconciliation, transition_id
from tests.records import ACCOUNT, ROOT, moment
from tests.unit.shared.pipeline.stub_monitors import fail, observation

CHILD = f"{ACCOUNT}/deployments/Chat"
OPEN, RESOLVED = FindingState.OPEN, FindingState.RESOLVED
PASSED = passed("It is good.")
UNREADABLE = unknown(Cause.UNREADABLE, "403")
UNDETERMINED = unknown(Cause.UNDETERMINED, "Azure does not say.")


def reconcile(  # noqa: PLR0913 - what a look knows
    *seen: Observation,
    stored: tuple[Finding, ...] = (),
    at: datetime | None = None,
    sequence: int = 7,
    quiet: bool = False,
    gone: frozenset[str] = frozenset(),
    undecided: frozenset[str] = frozenset(),
) -> Reconciliation:
    """Fold observations into stored findings, a minute after the beginning."""
    known = {each.key: each for each in stored}
    reconciler = Reconciler(ROOT, known, sequence, at or moment(60), quiet=quiet)
    reconciler.observe(seen)
    reconciler.resolve_unobserved(gone, undecided)
    return reconciler.result


def opened(judgement: Judgement | None = None, severity: Severity = Severity.HIGH) -> Finding:
    """Return a finding as it was opened at the beginning."""
    seen = observation(judgement or fail(), severity=severity)
    (finding,) = reconcile(seen, at=moment(0)).findings
    return finding


def resolved() -> Finding:
    """Return a finding that was resolved half a minute after the beginning."""
    (finding,) = reconcile(observation(PASSED), stored=(opened(),), at=moment(30)).findings
    return finding


def only(result: Reconciliation) -> tuple[Transition, Finding]:
    """Return the only transition, with the finding as it is after it."""
    (transition,), (finding,) = result.transitions, result.findings
    return transition, finding


def nothing(result: Reconciliation) -> bool:
    """Whether nothing changed."""
    return (result.transitions, result.findings) == ([], [])


# --- opening ---


def test_what_fails_opens_a_finding_with_everything_there_is_to_tell() -> None:
    """Ids in their spelling, severity, evidence, remediation and the dates of the tables."""
    seen = observation(fail(), resource=CHILD, tables=("sku_scopes",))

    transition, finding = only(reconcile(seen))

    assert finding == Finding(
        control="stub.one",
        resource_id=CHILD,
        resource_type="Microsoft.CognitiveServices/accounts/deployments",
        state=OPEN,
        severity=Severity.HIGH,
        message="It is bad.",
        evidence=(Evidence("account", "properties.state", "good", "bad"),),
        remediation="Mend Chat of Acct.",
        tables=table_versions(("sku_scopes",)),
        opened_at=moment(60),
    )
    assert finding.tables
    assert transition == Transition(
        id=transition_id(ROOT, 8),
        root=ROOT,
        sequence=8,
        kind=TransitionKind.OPENED,
        reason=None,
        control="stub.one",
        resource_id=CHILD,
        resource_type=finding.resource_type,
        severity=Severity.HIGH,
        at=moment(60),
        message="It is bad.",
        evidence=finding.evidence,
        remediation=finding.remediation,
        tables=finding.tables,
        alerts=True,
        opened_at=moment(60),
    )


def test_transitions_are_numbered_on_and_their_ids_are_the_same_for_every_worker() -> None:
    """And differ between roots and numbers."""
    seen = [observation(fail(), control_id=f"stub.{n}") for n in range(3)]
    first, second = reconcile(*seen), reconcile(*seen)

    assert [each.sequence for each in first.transitions] == [8, 9, 10]
    assert [each.id for each in first.transitions] == [each.id for each in second.transitions]
    assert len({transition_id(root, n) for root in ("a", "a\n1") for n in (1, 11, 2)}) == 6


def test_evidence_is_kept_small() -> None:
    """A list of thousands is cut before it is stored, and does not change at the next look."""
    seen = observation(failed("Long.", Evidence("account", "a", "b", list(range(5000)))))
    _, finding = only(reconcile(seen))

    assert len(str(finding.evidence)) < 500
    assert nothing(reconcile(seen, stored=(finding,)))


def test_what_fails_as_before_is_nothing_new() -> None:
    """Nothing is recorded, and the finding stands for the verdict."""
    result = reconcile(observation(fail()), stored=(opened(),))

    assert nothing(result)
    assert result.verdicts == {}


def test_a_finding_is_the_same_in_any_case_of_its_resource() -> None:
    """Azure spells one id in several ways."""
    assert nothing(reconcile(observation(fail(), resource=ACCOUNT.upper()), stored=(opened(),)))


def test_what_fails_again_is_the_same_finding_reopened() -> None:
    """From now on; it is no longer resolved."""
    transition, finding = only(reconcile(observation(fail()), stored=(resolved(),)))

    assert (transition.kind, transition.reason, transition.alerts) == (
        TransitionKind.REOPENED,
        None,
        True,
    )
    assert (finding.state, finding.opened_at, finding.resolved_at) == (OPEN, moment(60), None)


# --- changes of what is open ---


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (Severity.LOW, Severity.MEDIUM, TransitionKind.WORSENED),
        (Severity.INFO, Severity.CRITICAL, TransitionKind.WORSENED),
        (Severity.CRITICAL, Severity.HIGH, TransitionKind.IMPROVED),
    ],
)
def test_a_severity_that_changes_is_told(
    before: Severity, after: Severity, kind: TransitionKind
) -> None:
    """The finding stays open since when it was opened."""
    seen = observation(fail("worse", "It is another matter."), severity=after)
    transition, finding = only(reconcile(seen, stored=(opened(severity=before),)))

    assert (transition.kind, transition.severity, transition.alerts) == (kind, after, True)
    assert (finding.opened_at, finding.message) == (moment(0), "It is another matter.")


@pytest.mark.parametrize(
    "judgement", [fail("worse"), fail(message="Other words."), failed("It is bad.")]
)
def test_evidence_that_changes_is_kept_and_never_alerts(judgement: Judgement) -> None:
    """Still failing, for another reason."""
    transition, finding = only(reconcile(observation(judgement), stored=(opened(),)))

    assert (transition.kind, transition.alerts) == (TransitionKind.EVIDENCE_CHANGED, False)
    assert (finding.opened_at, finding.message) == (moment(0), judgement.message)
    assert finding.evidence == judgement.evidence


# --- resolving ---


@pytest.mark.parametrize("judgement", [PASSED, not_applicable("Not of this kind any more.")])
def test_what_passes_or_concerns_it_no_longer_is_fixed(judgement: Judgement) -> None:
    """With the message of the verdict; what it was found failing by is kept."""
    transition, finding = only(reconcile(observation(judgement), stored=(opened(),)))

    assert (transition.kind, transition.reason, transition.alerts) == (
        TransitionKind.RESOLVED,
        ResolvedReason.FIXED,
        True,
    )
    assert finding == replace(
        opened(), state=RESOLVED, resolved_at=moment(60), message=judgement.message
    )
    assert transition.evidence == finding.evidence == opened().evidence


@pytest.mark.parametrize("judgement", [UNREADABLE, UNDETERMINED])
def test_unknown_never_resolves(judgement: Judgement) -> None:
    """Nor does it count as unknown: the finding still fails."""
    result = reconcile(observation(judgement), stored=(opened(),))

    assert nothing(result)
    assert result.verdicts == {}


@pytest.mark.parametrize("judgement", [PASSED, UNREADABLE, not_applicable("Another kind.")])
def test_what_does_not_fail_and_is_not_open_is_only_counted(judgement: Judgement) -> None:
    """Whether it was ever open or not."""
    for stored in ((), (resolved(),)):
        result = reconcile(observation(judgement), stored=stored)

        assert nothing(result)
        assert result.verdicts == {judgement.verdict: 1}


def test_verdicts_are_counted_without_those_that_fail() -> None:
    """The open findings stand for them; what was fixed passes."""
    result = reconcile(
        observation(fail(), control_id="stub.two"),
        observation(PASSED, control_id="stub.one"),
        observation(PASSED, control_id="stub.three"),
        observation(UNDETERMINED, control_id="stub.four"),
        stored=(opened(),),
    )

    assert result.verdicts == {Verdict.PASS: 2, Verdict.UNKNOWN: 1}


def test_a_control_that_is_not_checked_any_more_is_resolved_by_policy() -> None:
    """When its resource is there, and no observation speaks of it."""
    transition, finding = only(reconcile(stored=(opened(),)))

    assert (transition.reason, transition.alerts) == (ResolvedReason.POLICY, True)
    assert finding.state is RESOLVED


def test_findings_on_a_resource_that_is_gone_are_resolved_as_deleted() -> None:
    """Each of them, and none on another resource."""
    stored = (opened(), replace(opened(), resource_id=CHILD))

    transition, finding = only(
        reconcile(observation(fail()), stored=stored, gone=frozenset({CHILD.lower()}))
    )

    assert (transition.resource_id, transition.reason) == (CHILD, ResolvedReason.DELETED)
    assert finding.state is RESOLVED


def test_findings_on_a_resource_that_may_be_there_stay() -> None:
    """Absent without proof, or not readable."""
    assert nothing(reconcile(stored=(opened(),), undecided=frozenset({ROOT})))


def test_what_was_resolved_is_not_resolved_again() -> None:
    """Whatever happened to its resource."""
    for gone in (frozenset[str](), frozenset({ROOT})):
        assert nothing(reconcile(stored=(resolved(),), gone=gone))


# --- what does not alert ---


@pytest.mark.parametrize("quiet", [False, True])
def test_severity_info_is_recorded_and_never_alerts(quiet: bool) -> None:  # noqa: FBT001 - a parameter
    """Not when it opens, not when it is resolved."""
    info = observation(fail(), severity=Severity.INFO)
    transition, finding = only(reconcile(info, quiet=quiet))
    assert (transition.kind, transition.alerts) == (TransitionKind.OPENED, False)

    transition, _ = only(reconcile(observation(PASSED), stored=(finding,), quiet=quiet))
    assert (transition.kind, transition.alerts) == (TransitionKind.RESOLVED, False)


def test_in_a_baseline_what_opens_is_recorded_and_does_not_alert() -> None:
    """Its digest tells of it; what opened before and is put right alerts as ever."""
    result = reconcile(
        observation(fail(), control_id="stub.two"),
        observation(fail()),
        observation(PASSED, control_id="stub.three"),
        stored=(resolved(), replace(opened(), control="stub.three")),
        quiet=True,
    )

    assert [(each.kind, each.alerts) for each in result.transitions] == [
        (TransitionKind.OPENED, False),
        (TransitionKind.REOPENED, False),
        (TransitionKind.RESOLVED, True),
    ]
    assert {each.control: each.state for each in result.findings} == {
        "stub.two": OPEN,
        "stub.one": OPEN,
        "stub.three": RESOLVED,
    }


# --- blind spots ---


def test_the_finding_of_unreadable_sources_has_kinds_of_its_own() -> None:
    """It opens, opens again and is resolved as a blind spot; a baseline does not silence it."""
    bad = observation(fail(), control_id=RESOURCE_READABLE)
    good = observation(PASSED, control_id=RESOURCE_READABLE)
    told, blind = only(reconcile(bad, quiet=True))
    cleared, seeing = only(reconcile(good, stored=(blind,)))
    again, _ = only(reconcile(bad, stored=(seeing,)))

    assert [each.kind for each in (told, cleared, again)] == [
        TransitionKind.BLIND_SPOT,
        TransitionKind.BLIND_SPOT_CLEARED,
        TransitionKind.BLIND_SPOT,
    ]
    assert told.alerts
    assert cleared.alerts
    assert again.alerts


def test_a_finding_can_be_left_as_it_is() -> None:
    """Although no observation speaks of it."""
    reconciler = Reconciler(ROOT, {opened().key: opened()}, 0, moment(60), quiet=False)
    reconciler.leave(opened().key)
    reconciler.resolve_unobserved(frozenset({ROOT}), frozenset())

    assert nothing(reconciler.result)
