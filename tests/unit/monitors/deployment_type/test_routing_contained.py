"""deployment_type.routing_contained."""

from collections.abc import Mapping

import pytest

from monitors.deployment_type.routing_contained import APPROVAL, MONITOR
from shared.domain.control import AppliesTo, Parameters
from shared.domain.model_approval import ApprovedModels
from shared.domain.resource import Resource
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import deployment, judge, read_with

PATH = "properties.routing.models"
WANTED = "models that catalog_models.model_approved approves, and no others"
GPT = {"format": "OpenAI", "name": "gpt-5", "version": "2025-08-07"}
MINI = {"format": "OpenAI", "name": "gpt-5-mini", "version": "2025-08-07"}
GROK = {"format": "xAI", "name": "grok-4", "version": "1"}
CLAUDE = {"format": "Anthropic", "name": "claude-haiku-4-5", "version": "20251001"}


def router(*models: object, version: object = "2025-11-18", name: str = "model-router") -> Resource:
    """Return a model router that may choose these models."""
    model = {"name": name, "version": version}
    return deployment(model=model, routing={"mode": "balanced", "models": list(models)})


def approving(*publishers: str, assets: tuple[str, ...] = ()) -> Mapping[str, Parameters]:
    """Return the parameters in force, where model_approved approves these."""
    return {APPROVAL: ApprovedModels(publishers=publishers, assets=assets)}


def test_passes_when_every_model_is_approved() -> None:
    """By the publishers and assets of the other control."""
    in_force = approving("openai", assets=("xai/grok-4/",))
    judgement = judge(MONITOR, router(GPT, GROK), in_force=in_force)

    assert judgement == Judgement(
        Verdict.PASS,
        "The router chooses only among approved models: gpt-5, grok-4.",
        (Evidence(Source.DEPLOYMENTS, PATH, WANTED, [GPT, GROK]),),
    )


@pytest.mark.parametrize("models", [(GPT, GROK, CLAUDE), (CLAUDE, GPT, GROK)])
def test_fails_when_a_model_is_not_approved(models: tuple[object, ...]) -> None:
    """Wherever in the list; the message names which."""
    judgement = judge(MONITOR, router(*models), in_force=approving("OpenAI", "xAI"))

    assert judgement == Judgement(
        Verdict.FAIL,
        "The router may choose models that are not approved: claude-haiku-4-5 of Anthropic.",
        (Evidence(Source.DEPLOYMENTS, PATH, WANTED, list(models)),),
    )


def test_names_the_first_that_are_not_approved() -> None:
    """A message does not grow with the list."""
    models = [{**CLAUDE, "name": f"claude-{number}"} for number in range(8)]
    judgement = judge(MONITOR, router(*models), in_force=approving("OpenAI"))

    assert judgement.message.endswith("claude-4 of Anthropic and 3 more.")


def test_an_asset_approves_one_model_and_not_its_sibling() -> None:
    """As in the other control."""
    in_force = approving(assets=("OpenAI/gpt-5/",))

    assert judge(MONITOR, router(GPT), in_force=in_force).verdict is Verdict.PASS
    assert judge(MONITOR, router(GPT, MINI), in_force=in_force).verdict is Verdict.FAIL


# --- no list ---


@pytest.mark.parametrize(
    ("routing", "found"),
    [
        (None, "absent"),
        ({}, "absent"),
        ({"mode": "cost"}, "absent"),
        ({"models": None}, "absent"),
        ({"models": []}, "empty"),
        ({"models": "gpt-5"}, "absent (models is text, not a list, and counts as absent)"),
        ("gpt-5", "absent"),
    ],
)
@pytest.mark.parametrize("in_force", [{}, approving("OpenAI")])
def test_fails_without_a_list(
    routing: object, found: str, in_force: Mapping[str, Parameters]
) -> None:
    """Absent or empty: the router may choose any model, whatever is approved."""
    model = {"name": "model-router", "version": "2025-11-18"}
    judgement = judge(MONITOR, deployment(model=model, routing=routing), in_force=in_force)

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        f"The list of models that the router may choose is {found}, so it may choose every model "
        "that its version knows, other publishers' too."
    )


# --- nothing tells approved from not ---


def test_any_list_passes_while_nothing_tells_approved_models_from_others() -> None:
    """The message says that whether they are approved was not judged."""
    judgement = judge(MONITOR, router(GPT, CLAUDE))

    assert judgement.verdict is Verdict.PASS
    assert judgement.message == (
        "The router chooses only among gpt-5, claude-haiku-4-5. Whether these are approved is not "
        "judged: catalog_models.model_approved names no publishers and no assets."
    )


@pytest.mark.parametrize("entry", [5, None, "gpt-5", [], {}, {"format": "OpenAI"}, {"name": 3}])
@pytest.mark.parametrize("in_force", [{}, approving("OpenAI")])
def test_fails_when_an_entry_names_no_model(
    entry: object, in_force: Mapping[str, Parameters]
) -> None:
    """What it means is not known, whatever is approved."""
    judgement = judge(MONITOR, router(GPT, entry), in_force=in_force)

    assert judgement.verdict is Verdict.FAIL
    assert "entries that name no model" in judgement.message


# --- which deployments ---


@pytest.mark.parametrize("name", ["gpt-4o", "model-router-2", "my-model-router"])
def test_other_models_are_not_concerned(name: str) -> None:
    """Only the router hands prompts on; with which API it was read does not matter."""
    judgement = judge(MONITOR, read_with("2024-10-01", router(name=name)))

    assert judgement.verdict is Verdict.NOT_APPLICABLE
    assert judgement.message == f"Model {name} is no model router."


@pytest.mark.parametrize(
    ("name", "note"),
    [(None, ""), ("", ""), (4, " (name is a number, not text, and counts as absent)")],
)
def test_unknown_when_no_model_is_named(name: object, note: str) -> None:
    """Azure always names it, so the input does not say."""
    judgement = judge(MONITOR, deployment(model={"name": name}))

    assert judgement == Judgement(
        Verdict.UNKNOWN,
        f"The deployment names no model{note}, so it may be a model router or not.",
        cause=Cause.UNDETERMINED,
    )


@pytest.mark.parametrize("version", ["2025-05-19", "2025-08-07", "2025-11-17"])
@pytest.mark.parametrize("api_version", ["2024-10-01", "2025-12-01"])
def test_older_versions_know_models_of_openai_only(version: str, api_version: str) -> None:
    """Nothing can be chosen there; with which API it was read does not matter."""
    judgement = judge(MONITOR, read_with(api_version, router(version=version)))

    assert judgement.verdict is Verdict.NOT_APPLICABLE
    assert judgement.message == (
        f"Version {version} of the model router knows a fixed set of OpenAI models only."
    )


@pytest.mark.parametrize(
    "version", ["2025-11-18", "2026-03-01", None, "", 20250519, "latest", "2", "1999-1-1"]
)
@pytest.mark.parametrize("name", ["model-router", "Model-Router"])
def test_any_other_version_may_be_a_later_one(version: object, name: str) -> None:
    """Absent is the newest, and what is no date is not known to be old."""
    assert judge(MONITOR, router(version=version, name=name)).verdict is Verdict.FAIL


@pytest.mark.parametrize("api_version", ["2025-06-01", "2025-10-01-preview"])
def test_unknown_when_read_with_an_older_api(api_version: str) -> None:
    """It does not show the list."""
    judgement = judge(MONITOR, read_with(api_version, router()))

    assert judgement == Judgement(
        Verdict.UNKNOWN,
        f"Read with API version {api_version}, which does not show which models the router may "
        "choose; 2025-12-01 and later do.",
        cause=Cause.UNDETERMINED,
    )


@pytest.mark.parametrize("api_version", ["2025-12-01", "2026-05-15-preview"])
def test_judges_what_was_read_with_a_newer_api(api_version: str) -> None:
    """It shows the list."""
    assert judge(MONITOR, read_with(api_version, router())).verdict is Verdict.FAIL


def test_applies_to_deployments_whatever_the_api() -> None:
    """An older API shows that a deployment is no router, so `since` would say too much."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.DEPLOYMENT),)
    assert MONITOR.since == {}
