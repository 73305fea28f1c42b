"""catalog_models.instant_access_off."""

import pytest
from pydantic import ValidationError

from monitors.catalog_models.instant_access_off import MONITOR, InstantParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem, Snapshot, SourceReading
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    UndecidableError,
    Verdict,
    unknown,
)
from tests.arm import account, judge, read_with

PATH = "properties.instant.modelAllowList"
PREVIEW = "2026-01-15-preview"
ABSENT = "Every instant model can be called without a deployment: instant.modelAllowList is absent"


def foundry(
    instant: object = None,
    *,
    location: object = "westus3",
    projects: object = True,
    read: str | None = PREVIEW,
) -> Resource:
    """Return a Foundry account, read with an API version that may be stated."""
    built = account(
        kind="AIServices", location=location, allowProjectManagement=projects, instant=instant
    )
    return built if read is None else read_with(read, built)


@pytest.mark.parametrize(
    "read", [PREVIEW, "2026-05-15-preview", "2026-01-15-PREVIEW", "2027-01-01-preview"]
)
def test_passes_with_an_empty_list(read: str) -> None:
    """Read with a preview API that shows it."""
    judged = foundry({"raiPolicyName": "Microsoft.DefaultV2", "modelAllowList": []}, read=read)

    assert judge(MONITOR, judged) == Judgement(
        Verdict.PASS,
        "No model can be called without a deployment: modelAllowList is empty.",
        (Evidence(Source.ACCOUNT, PATH, [], []),),
    )


@pytest.mark.parametrize(
    ("instant", "observed", "message"),
    [
        (None, None, f"{ABSENT}."),
        ({}, None, f"{ABSENT}."),
        ({"modelAllowList": None}, None, f"{ABSENT}."),
        ("off", None, f"{ABSENT}."),
        (
            {"modelAllowList": "none"},
            "none",
            f"{ABSENT} (modelAllowList is text, not a list, and counts as absent).",
        ),
        (
            {"modelAllowList": {}},
            {},
            f"{ABSENT} (modelAllowList is an object, not a list, and counts as absent).",
        ),
        (
            {"modelAllowList": ["gpt-5-mini", "gpt-5.5"]},
            ["gpt-5-mini", "gpt-5.5"],
            "Models can be called without a deployment: gpt-5-mini, gpt-5.5.",
        ),
        (
            {"modelAllowList": [None]},
            [None],
            "Models can be called without a deployment: (no name).",
        ),
    ],
)
def test_fails_with_anything_else(instant: object, observed: object, message: str) -> None:
    """Absent means that instant access is on, and so does a list that is not empty."""
    assert judge(MONITOR, foundry(instant)) == Judgement(
        Verdict.FAIL, message, (Evidence(Source.ACCOUNT, PATH, [], observed),)
    )


def test_names_the_first_models_only() -> None:
    """A long list is cut."""
    judgement = judge(MONITOR, foundry({"modelAllowList": [f"m{number}" for number in range(9)]}))

    assert judgement.message.endswith(": m0, m1, m2, m3, m4 and 4 more.")


@pytest.mark.parametrize(
    ("read", "shown"),
    [
        (None, "an API version not stated"),
        ("2026-01-15", "API version 2026-01-15"),
        ("2026-07-01", "API version 2026-07-01"),
        ("2025-10-01-preview", "API version 2025-10-01-preview"),
        ("2026-01-14-preview", "API version 2026-01-14-preview"),
    ],
)
@pytest.mark.parametrize("instant", [None, {"modelAllowList": []}, {"modelAllowList": ["gpt-5"]}])
def test_unknown_when_the_api_does_not_show_it(
    read: str | None, shown: str, instant: object
) -> None:
    """Only a preview API that the input states proves what is there and what is not."""
    assert judge(MONITOR, foundry(instant, read=read)) == Judgement(
        Verdict.UNKNOWN,
        f"Read with {shown}, and only previews from 2026-01-15-preview on show instant access.",
        cause=Cause.UNDETERMINED,
    )


# --- the preview view ---


def judged_with(
    reading: SourceReading, read: str | None = "2026-03-01", *, instant: object = None
) -> Judgement:
    """Judge an account beside what the source of the preview view says."""
    judged = foundry(instant, read=read)
    snapshot = Snapshot(judged.id, {Source.ACCOUNT_PREVIEW: reading})
    try:
        return MONITOR.evaluate(judged, snapshot, MONITOR.parameters)
    except UndecidableError as error:
        return unknown(error.cause, str(error))


def view(*items: Resource, problem: Problem | None = None) -> SourceReading:
    """Return what the source of the preview view says."""
    return SourceReading(Source.ACCOUNT_PREVIEW, items, problem=problem, complete=not problem)


@pytest.mark.parametrize(
    ("instant", "verdict"),
    [({"modelAllowList": []}, Verdict.PASS), (None, Verdict.FAIL)],
)
def test_the_preview_view_is_judged_where_the_account_was_read_without(
    instant: object, verdict: Verdict
) -> None:
    """The evidence names it."""
    judgement = judged_with(view(foundry(instant)))

    assert judgement.verdict is verdict
    assert [each.source for each in judgement.evidence] == [Source.ACCOUNT_PREVIEW]


def test_an_account_read_with_a_preview_needs_no_other_view() -> None:
    """It is the fresher of the two."""
    judgement = judged_with(view(foundry(None)), PREVIEW, instant={"modelAllowList": []})

    assert judgement.verdict is Verdict.PASS
    assert [each.source for each in judgement.evidence] == [Source.ACCOUNT]


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (Problem(Cause.UNREADABLE, "403"), Cause.UNREADABLE),
        (NOT_READ, Cause.UNDETERMINED),
    ],
)
def test_unknown_while_the_preview_view_cannot_be_read(problem: Problem, cause: Cause) -> None:
    """With its cause."""
    judgement = judged_with(view(problem=problem))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, cause)
    assert judgement.message == (
        f"the account could not be read with a preview API: {problem.detail}"
    )


@pytest.mark.parametrize("items", [(), (foundry(None, read="2025-10-01-preview"),)])
@pytest.mark.parametrize("problem", [None, NOT_IN_INPUT])
def test_unknown_where_no_preview_shows_it(
    items: tuple[Resource, ...], problem: Problem | None
) -> None:
    """Where a region has no such preview, and in the input of check."""
    judgement = judged_with(view(*items, problem=problem))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message.startswith("Read with API version 2026-03-01, and only previews")


@pytest.mark.parametrize("location", ["swedencentral", "West US 2", "global", "westus"])
@pytest.mark.parametrize("read", [PREVIEW, "2026-07-01", None])
def test_other_regions_are_not_concerned(location: str, read: str | None) -> None:
    """Whatever the API: Microsoft offers it in one region."""
    assert judge(MONITOR, foundry(location=location, read=read)) == Judgement(
        Verdict.NOT_APPLICABLE, f"There is no instant access in {location}."
    )


@pytest.mark.parametrize("location", ["westus3", "West US 3", "WESTUS3", "west-us-3"])
def test_a_region_is_read_in_any_spelling(location: str) -> None:
    """Display name or code."""
    assert judge(MONITOR, foundry(location=location)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("location", "note"),
    [
        (None, ""),
        ("", ""),
        (3, " (location is a number, not text, and counts as absent)"),
    ],
)
def test_unknown_without_a_location(location: object, note: str) -> None:
    """Azure always states one."""
    judgement = judge(MONITOR, foundry(location=location))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message == (
        f"the account states no location{note}, which instant access depends on"
    )


@pytest.mark.parametrize(
    ("projects", "shown"),
    [
        (False, "false"),
        (None, "absent"),
        (
            "true",
            "absent (allowProjectManagement is text, not a boolean, and counts as absent)",
        ),
    ],
)
@pytest.mark.parametrize("read", [PREVIEW, "2026-07-01", None])
def test_accounts_without_projects_are_not_concerned(
    projects: object, shown: str, read: str | None
) -> None:
    """Instant models are called in projects."""
    assert judge(MONITOR, foundry(projects=projects, read=read)) == Judgement(
        Verdict.NOT_APPLICABLE,
        f"Only accounts with projects have instant access: allowProjectManagement is {shown}.",
    )


# --- parameters ---


@pytest.mark.parametrize("region", ["swedencentral", "Sweden Central", " SWEDENCENTRAL"])
def test_regions_can_be_added(region: str) -> None:
    """In any spelling; the list replaces the default."""
    parameters = InstantParameters(regions=(region,))

    assert judge(MONITOR, foundry(location="Sweden Central"), parameters=parameters).verdict is (
        Verdict.FAIL
    )
    assert judge(MONITOR, foundry(), parameters=parameters).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    "parameters",
    [{"regions": ["*"]}, {"regions": [""]}, {"regions": "westus3"}, {"region": ["westus3"]}],
)
def test_malformed_parameters_are_refused(parameters: dict[str, object]) -> None:
    """What names no region does not load."""
    with pytest.raises(ValidationError):
        InstantParameters.model_validate(parameters)


def test_the_refusal_says_how_to_write_it() -> None:
    """The message names the entry and the forms."""
    with pytest.raises(ValidationError, match=r"'west\*' is no region; write it without wildcards"):
        InstantParameters(regions=("west*",))


def test_applies_to_foundry_accounts() -> None:
    """Read with an API that shows whether they have projects."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT, kinds=frozenset({"aiservices"})),)
    assert MONITOR.needs == (Source.ACCOUNT_PREVIEW,)
    assert MONITOR.since == {ResourceType.ACCOUNT: "2025-06-01"}
    assert MONITOR.parameters.regions == ("westus3",)
