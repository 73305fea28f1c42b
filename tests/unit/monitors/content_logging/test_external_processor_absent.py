"""content_logging.external_processor_absent."""

import pytest
from pydantic import ValidationError

from monitors.content_logging.external_processor_absent import MONITOR, ProcessorParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, Snapshot, SourceReading
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, UndecidableError, Verdict
from tests.arm import ABSENT, FORBIDDEN, account, changed, deployment, judge, read_with, snapshot_of

SOURCE = Source.DEPLOYMENTS
CLAUDE = {"format": "Anthropic", "name": "claude-sonnet-4-5", "version": "2"}
ROUTES = "properties.routing.models"


def claude(**model: object) -> Resource:
    """Return a deployment of a model of Anthropic."""
    return deployment("claude", sku="GlobalStandard", model=CLAUDE | model)


def router(version: object = "2025-11-18", **properties: object) -> Resource:
    """Return a deployment of a model router."""
    model = {"format": "OpenAI", "name": "model-router", "version": version}
    return deployment("router", sku="GlobalStandard", model=model, **properties)


def routing(*models: object) -> dict[str, object]:
    """Return the routing of a router to these models, each given by its name or as it is."""
    entries = [
        {"format": "Any", "name": each, "version": "1"} if isinstance(each, str) else each
        for each in models
    ]
    return {"mode": "balanced", "models": entries}


@pytest.mark.parametrize("publisher", [None, "OpenAI", "Microsoft"])
def test_passes_a_model_that_azure_processes(publisher: str | None) -> None:
    """The publisher may be absent: older APIs do not show it."""
    judgement = judge(MONITOR, deployment(model={"publisher": publisher}))
    wanted = "none of Anthropic, Fireworks, Baseten"

    assert judgement == Judgement(
        Verdict.PASS,
        "No third party processes the prompts: the model is of OpenAI.",
        (
            Evidence(SOURCE, "properties.model.format", wanted, "OpenAI"),
            Evidence(SOURCE, "properties.model.publisher", wanted, publisher),
            Evidence(SOURCE, "properties.model.name", "does not begin with FW-", "gpt-4o"),
        ),
    )


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1", "on its own infrastructure (model version 1)."),
        ("2", "although the model is hosted on Azure (model version 2)."),
        ("20251001", "model version 20251001 is not known to be hosted on Azure and counts as"),
        (None, "model version absent is not known to be hosted on Azure and counts as"),
        (2, "model version absent (version is a number, not text, and counts as absent) is not"),
    ],
)
def test_fails_for_every_version_of_anthropics_models(version: object, words: str) -> None:
    """Anthropic processes the prompts wherever the model is; the message says where that is."""
    judgement = judge(MONITOR, claude(version=version))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.startswith("Anthropic processes the prompts")
    assert words in judgement.message


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            {"format": "fireworks"},
            "Fireworks, a third party, processes the prompts of this model.",
        ),
        (
            {"publisher": "BASETEN"},
            "Baseten, a third party, processes the prompts of this model.",
        ),
        (
            {"name": "fw-glm-5"},
            "A third party processes the prompts: the model is fw-glm-5.",
        ),
    ],
)
def test_fails_by_format_publisher_or_name(model: dict[str, object], message: str) -> None:
    """In any case."""
    judgement = judge(MONITOR, deployment(model=model))

    assert (judgement.verdict, judgement.message) == (Verdict.FAIL, message)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("properties.model", ABSENT, "no model,"),
        ("properties.model", "gpt-4o", "no model,"),
        ("properties.model.name", None, "no model,"),
        ("properties.model.name", 5, "no model (name is a number, not text, and counts as absent)"),
        ("properties.model.format", "", "no model format,"),
        ("properties.model.format", ["OpenAI"], "no model format (format is a list, not text"),
    ],
)
def test_fails_without_a_model(path: str, value: object, words: str) -> None:
    """Whose it is cannot be told then, so it counts as a third party's."""
    judgement = judge(MONITOR, changed(deployment(), path, value))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.startswith(f"The deployment states {words}")


def test_a_publisher_says_enough_without_a_format() -> None:
    """Either of them tells whose the model is."""
    judged = deployment(model={"format": None, "publisher": "Microsoft"})

    assert judge(MONITOR, judged).verdict is Verdict.PASS


def test_publishers_and_prefixes_are_tunable() -> None:
    """Both replace the defaults, and either can be empty."""
    mistral = ProcessorParameters(publishers=("Mistral AI",), name_prefixes=("gpt-", "O3"))
    nobody = ProcessorParameters(publishers=(), name_prefixes=())

    assert judge(MONITOR, claude(), parameters=mistral).verdict is Verdict.PASS
    for model in ({"format": "mistral ai"}, {"name": "GPT-4o"}, {"name": "o3-mini"}):
        judgement = judge(MONITOR, deployment(model=model), parameters=mistral)
        assert judgement.verdict is Verdict.FAIL
    lenient = judge(MONITOR, claude(), parameters=nobody)
    assert lenient.verdict is Verdict.PASS
    assert {each.expected for each in lenient.evidence} == {"any"}


@pytest.mark.parametrize("field", ["publishers", "name_prefixes"])
def test_an_empty_name_is_refused(field: str) -> None:
    """It would match everything."""
    with pytest.raises(ValidationError, match="at least 1 character"):
        ProcessorParameters.model_validate({field: [" "]})


class TestRouters:
    """A model router passes prompts on to models that are deployed beside it."""

    @pytest.mark.parametrize("version", ["2025-11-18", "2026-09-01", "latest", "2", None, 5])
    @pytest.mark.parametrize("routes", [None, {}, {"models": []}, {"models": "all"}, "all"])
    def test_fail_when_they_route_to_all_models(self, version: object, routes: object) -> None:
        """No list of models means all; a version that is not known is taken for a new one."""
        judgement = judge(MONITOR, router(version, routing=routes), deployment(), claude())

        assert judgement.verdict is Verdict.FAIL
        assert judgement.message.startswith(
            "The router can pass prompts to models of third parties that are deployed beside it, "
            "claude-sonnet-4-5: routing.models names no models, which means all"
        )
        assert judgement.evidence[-1] == Evidence(
            SOURCE,
            "[].properties.model.name",
            "no deployed model of a third party",
            ["claude-sonnet-4-5"],
        )

    @pytest.mark.parametrize(
        "models",
        [
            ("gpt-5", "CLAUDE-sonnet-4-5"),
            ({"format": "Anthropic"}, "gpt-5"),
            ("gpt-5", {"name": 5}),
            ("gpt-5", None),
        ],
    )
    def test_fail_when_they_list_a_deployed_model(self, models: tuple[object, ...]) -> None:
        """In any case and order; an entry that names no model may be any."""
        for order in (models, models[::-1]):
            judgement = judge(MONITOR, router(routing=routing(*order)), claude())

            assert judgement.verdict is Verdict.FAIL
            assert judgement.message.endswith(": routing.models lists them.")

    def test_name_models_in_one_order(self) -> None:
        """The order in which Azure lists deployments says nothing."""
        opus = deployment("opus", model=CLAUDE | {"name": "claude-opus-5"})
        one, other = (
            judge(MONITOR, router(), *order) for order in [(opus, claude()), (claude(), opus)]
        )

        assert one == other
        assert "beside it, claude-opus-5, claude-sonnet-4-5:" in one.message

    def test_fail_for_a_deployed_model_without_a_name(self) -> None:
        """It may be one of those that are listed."""
        judgement = judge(MONITOR, router(routing=routing("gpt-5")), claude(name=None))

        assert judgement.verdict is Verdict.FAIL

    @pytest.mark.parametrize(
        ("routes", "others"),
        [
            (routing("gpt-5", "claude-opus-5"), (claude(),)),
            (routing("claude-sonnet-4-5"), (deployment(),)),
            (None, ()),
        ],
    )
    def test_pass_when_they_reach_none(self, routes: object, others: tuple[Resource, ...]) -> None:
        """A model that is deployed but not listed, or listed but not deployed, is not reached."""
        judgement = judge(MONITOR, router(routing=routes), account(), *others)

        assert judgement.verdict is Verdict.PASS
        assert judgement.message == (
            "The router reaches no deployed model whose prompts a third party processes."
        )

    @pytest.mark.parametrize("version", ["2025-08-07", "2025-05-19"])
    def test_pass_when_they_are_too_old_for_other_publishers(self, version: str) -> None:
        """The first versions know models of OpenAI only."""
        judgement = judge(MONITOR, router(version), claude())

        assert judgement.verdict is Verdict.PASS
        assert judgement.message == (
            f"The router passes prompts to models of OpenAI only (version {version})."
        )

    def test_are_unknown_when_read_with_an_api_that_does_not_show_routing(self) -> None:
        """Unless nothing deployed could be reached, or the routing is there all the same."""
        old = read_with("2025-09-01", router())
        shown = read_with("2025-09-01", router(routing=routing("claude-sonnet-4-5")))
        judgement = judge(MONITOR, old, claude())

        assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
        assert "API version 2025-09-01" in judgement.message
        assert judge(MONITOR, old, account()).verdict is Verdict.PASS
        assert judge(MONITOR, shown, claude()).verdict is Verdict.FAIL

    def test_are_unknown_when_the_deployments_are_not_all_read(self) -> None:
        """A model that was read counts; without one, there may be more."""
        problems = {Source.DEPLOYMENTS: FORBIDDEN}
        unread = judge(MONITOR, router(), account(), problems=problems)

        assert (unread.verdict, unread.cause) == (Verdict.UNKNOWN, Cause.UNREADABLE)
        assert judge(MONITOR, router(), claude(), problems=problems).verdict is Verdict.FAIL

    def test_are_unknown_when_a_file_of_the_estate_is_unusable(self) -> None:
        """Another deployment may be in it."""
        judged = router()
        whole = snapshot_of(judged, account())
        cut = SourceReading(SOURCE, items=(judged,), complete=False)
        snapshot = Snapshot(whole.root, {**whole.readings, SOURCE: cut})

        with pytest.raises(UndecidableError, match="not every deployment of the account is known"):
            MONITOR.evaluate(judged, snapshot, MONITOR.parameters)

    def test_are_unknown_when_the_account_is_not_in_the_input(self) -> None:
        """Only with its account are the deployments in an input known to be all."""
        judgement = judge(MONITOR, router(), problems={Source.ACCOUNT: NOT_IN_INPUT})

        assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
        assert "the router's account is not in the input" in judgement.message


def test_applies_to_deployments() -> None:
    """Whatever the kind of their account."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.DEPLOYMENT),)
