"""Every applicable monitor on every resource; each verdict stands by itself."""

import logging

import pytest

from shared.domain.control import AppliesTo, Parameters
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import NOT_READ, Problem, Snapshot, SourceReading
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Judgement, UndecidableError, Verdict, passed, unknown
from shared.pipeline.evaluate import evaluate
from tests.records import ACCOUNT, GROUP
from tests.unit.shared.pipeline.stub_monitors import catalogue, monitor

CHAT, OTHER = f"{ACCOUNT}/deployments/chat", f"{ACCOUNT}/deployments/other"
HUB = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/hub"
PROJECT = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/project"
DEPLOYMENTS = (AppliesTo(ResourceType.DEPLOYMENT),)


def item(text: str, api_version: str | None = None, **body: object) -> Resource:
    """Make a resource."""
    return Resource(ResourceId.parse(text), {"id": text, **body}, api_version)


def with_reading(seen: Snapshot, reading: SourceReading) -> Snapshot:
    """Return the snapshot with this reading in place of that of its source."""
    return Snapshot(seen.root, {**seen.readings, reading.source: reading})


def snapshot(*resources: Resource, source: Source = Source.ACCOUNT) -> Snapshot:
    """Return a snapshot of one source."""
    root = resources[0].id.root
    return Snapshot(root, {source: SourceReading(source, resources)})


def account(**body: object) -> Snapshot:
    """Return a snapshot of an account."""
    return snapshot(item(ACCOUNT, None, **body))


def good(_resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Pass everything."""
    return passed("It is good.")


def crash(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Crash on one resource."""
    if resource.id.name == "chat":
        raise KeyError("what was not foreseen")
    return passed("It is good.")


def test_a_second_view_of_the_root_is_not_judged() -> None:
    """The root is judged once, in its own reading."""
    view = SourceReading(Source.ACCOUNT_PREVIEW, (item(ACCOUNT),))

    seen = evaluate(with_reading(account(), view), catalogue(monitor("one", good)))

    assert len(seen) == 1


def test_every_monitor_of_a_type_judges_every_resource_of_it() -> None:
    """And no other; with the id, the control and the tables of the monitor."""
    resources = (item(CHAT), item(OTHER))
    monitors = [monitor("one", good, applies_to=DEPLOYMENTS), monitor("two", good)]
    seen = evaluate(snapshot(*resources, source=Source.DEPLOYMENTS), catalogue(*monitors))

    assert [(each.control_id, each.resource.text) for each in seen] == [
        ("stub.one", CHAT),
        ("stub.one", OTHER),
    ]
    assert seen[0].control is monitors[0].control
    assert seen[0].tables == monitors[0].tables


def test_what_no_monitor_judges_is_passed_over() -> None:
    """A resource of another type in a source, and a catalogue without monitors."""
    perimeter = item(f"{ACCOUNT}/networkSecurityPerimeterConfigurations/p")
    seen = snapshot(perimeter, source=Source.PERIMETER_CONFIGURATIONS)

    assert evaluate(seen, catalogue(monitor("one", good))) == []
    assert evaluate(account(), catalogue()) == []


def test_the_hub_of_a_project_is_judged_by_its_own_looks() -> None:
    """In the snapshot of a project it only decides about the project."""
    readings = {
        Source.WORKSPACE: SourceReading(Source.WORKSPACE, (item(PROJECT),)),
        Source.HUB: SourceReading(Source.HUB, (item(HUB),)),
    }
    workspaces = monitor("one", good, applies_to=(AppliesTo(ResourceType.WORKSPACE),))

    seen = evaluate(Snapshot(ResourceId.parse(PROJECT), readings), catalogue(workspaces))

    assert [each.resource.text for each in seen] == [PROJECT]


def test_a_crash_is_unknown_for_that_control_on_that_resource_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With the traceback in the log; everything else is judged as ever."""
    monitors = [
        monitor("bad", crash, applies_to=DEPLOYMENTS),
        monitor("good", good, applies_to=DEPLOYMENTS),
    ]
    with caplog.at_level(logging.ERROR):
        seen = evaluate(
            snapshot(item(CHAT), item(OTHER), source=Source.DEPLOYMENTS), catalogue(*monitors)
        )

    verdicts = {(each.control_id, each.resource.name): each.judgement for each in seen}
    crashed = verdicts.pop(("stub.bad", "chat"))
    assert (crashed.verdict, crashed.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert "The check itself failed" in crashed.message
    assert {each.verdict for each in verdicts.values()} == {Verdict.PASS}
    assert len(verdicts) == 3
    (record,) = caplog.records
    assert record.getMessage() == f"monitor stub.bad crashed on {CHAT.lower()}"
    assert record.exc_info is not None
    assert "what was not foreseen" in caplog.text


@pytest.mark.parametrize("cause", Cause)
def test_what_a_monitor_cannot_tell_is_unknown_with_its_cause(cause: Cause) -> None:
    """No crash, and nothing in the log."""

    def cannot_tell(*_: object) -> Judgement:
        raise UndecidableError(cause, "the hub could not be read: 403")

    (seen,) = evaluate(account(), catalogue(monitor("one", cannot_tell)))

    assert seen.judgement == unknown(cause, "Cannot be told: the hub could not be read: 403.")


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (Problem(Cause.UNREADABLE, "403"), Cause.UNREADABLE),
        (NOT_READ, Cause.UNDETERMINED),
    ],
)
def test_a_source_that_could_not_be_read_leaves_its_cause(problem: Problem, cause: Cause) -> None:
    """To the verdict of a monitor that needs it."""

    def needs_all(_: Resource, snapshot: Snapshot, __: Parameters) -> Judgement:
        return passed(f"{len(snapshot.all(Source.MANAGED_NETWORKS))} networks.")

    networks = SourceReading(Source.MANAGED_NETWORKS, problem=problem, complete=False)
    (seen,) = evaluate(with_reading(account(), networks), catalogue(monitor("one", needs_all)))

    assert (seen.judgement.verdict, seen.judgement.cause) == (Verdict.UNKNOWN, cause)
    assert problem.detail in seen.judgement.message


OPENAI = (AppliesTo(ResourceType.ACCOUNT, frozenset({"openai", "aiservices"})),)


@pytest.mark.parametrize("kind", ["OpenAI", "AIServices", "openai", "OPENAI"])
def test_kinds_are_compared_without_regard_to_case(kind: str) -> None:
    """As Azure spells them, or does not."""
    (seen,) = evaluate(account(kind=kind), catalogue(monitor("one", good, applies_to=OPENAI)))

    assert seen.judgement.verdict is Verdict.PASS


def test_another_kind_is_not_applicable_and_is_not_judged() -> None:
    """The message says which."""
    (seen,) = evaluate(
        account(kind="FormRecognizer"), catalogue(monitor("one", crash, applies_to=OPENAI))
    )

    assert seen.judgement.verdict is Verdict.NOT_APPLICABLE
    assert "FormRecognizer" in seen.judgement.message


@pytest.mark.parametrize("body", [{}, {"kind": None}, {"kind": 7}, {"kind": ["OpenAI"]}])
def test_a_kind_that_is_not_stated_is_undetermined(body: dict[str, object]) -> None:
    """It may be one that the control concerns; without kinds to choose by, it does not matter."""
    chooses = monitor("chooses", good, applies_to=OPENAI)
    any_kind = monitor("any", good)
    seen = evaluate(account(**body), catalogue(chooses, any_kind))

    verdicts = {each.control_id: each.judgement for each in seen}
    assert verdicts["stub.any"].verdict is Verdict.PASS
    assert verdicts["stub.chooses"] == unknown(
        Cause.UNDETERMINED, "The resource does not state its kind."
    )


@pytest.mark.parametrize(
    ("read_with", "verdict"),
    [
        ("2025-08-31", Verdict.UNKNOWN),
        ("2023-05-01", Verdict.UNKNOWN),
        ("2025-09-01-preview", Verdict.PASS),
        ("2025-09-01", Verdict.PASS),
        ("2026-05-01", Verdict.PASS),
        (None, Verdict.PASS),
    ],
)
def test_read_with_an_api_that_does_not_show_the_property_it_is_undetermined(
    read_with: str | None, verdict: Verdict
) -> None:
    """Not failing; a resource that states no version counts as read with a current one."""
    since = {ResourceType.ACCOUNT: "2025-09-01"}
    (seen,) = evaluate(
        snapshot(item(ACCOUNT, read_with)), catalogue(monitor("one", good, since=since))
    )

    assert seen.judgement.verdict is verdict
    if verdict is Verdict.UNKNOWN:
        assert seen.judgement.cause is Cause.UNDETERMINED
        assert f"{read_with}, which does not show" in seen.judgement.message


def test_the_first_api_version_is_one_for_each_type() -> None:
    """A version that matters to deployments says nothing of accounts."""
    both = (AppliesTo(ResourceType.ACCOUNT), AppliesTo(ResourceType.DEPLOYMENT))
    judge = monitor("one", good, applies_to=both, since={ResourceType.DEPLOYMENT: "2025-09-01"})
    deployments = SourceReading(Source.DEPLOYMENTS, (item(CHAT, "2023-05-01"),))
    old = with_reading(snapshot(item(ACCOUNT, "2023-05-01")), deployments)

    seen = evaluate(old, catalogue(judge))

    assert [each.judgement.verdict for each in seen] == [Verdict.PASS, Verdict.UNKNOWN]


def test_each_resource_is_judged_as_it_was_read_itself() -> None:
    """Deployments of one list, of several kinds and API versions, in any order."""
    resources = (
        item(f"{ACCOUNT}/deployments/a", "2023-05-01", kind="OpenAI"),
        item(f"{ACCOUNT}/deployments/b", "2025-12-01", kind="OpenAI"),
        item(f"{ACCOUNT}/deployments/c", "2023-05-01", kind="Other"),
        item(f"{ACCOUNT}/deployments/d", "2023-05-01"),
        item(f"{ACCOUNT}/deployments/e", None, kind="openai"),
        item(f"{ACCOUNT}/deployments/f", "2023-05-01", kind="OpenAI"),
    )
    judges = monitor(
        "one",
        good,
        applies_to=(AppliesTo(ResourceType.DEPLOYMENT, kinds=frozenset({"openai"})),),
        since={ResourceType.DEPLOYMENT: "2024-10-01"},
    )

    seen = evaluate(snapshot(*resources, source=Source.DEPLOYMENTS), catalogue(judges))

    assert [each.judgement.verdict for each in seen] == [
        Verdict.UNKNOWN,
        Verdict.PASS,
        Verdict.NOT_APPLICABLE,
        Verdict.UNKNOWN,
        Verdict.PASS,
        Verdict.UNKNOWN,
    ]
