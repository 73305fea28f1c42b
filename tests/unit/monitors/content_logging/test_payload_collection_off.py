"""content_logging.payload_collection_off."""

import pytest

from monitors.content_logging.payload_collection_off import MONITOR, CollectionParameters
from shared.domain.control import AppliesTo
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import ABSENT, changed, judge, online_deployment

PATH = "properties.dataCollector.collections"
MODE = f"{PATH}.*.dataCollectionMode"
SOURCE = Source.ONLINE_DEPLOYMENTS
ON, OFF = {"dataCollectionMode": "Enabled"}, {"dataCollectionMode": "Disabled"}
ALL = CollectionParameters(include_custom=True)


def collecting(**collections: object) -> dict[str, object]:
    """Return a data collector with these collections."""
    return {"collections": collections, "rollingRate": "Hour"}


@pytest.mark.parametrize(
    ("collector", "words"),
    [
        (None, "dataCollector is absent"),
        ({}, "dataCollector has no collections"),
        (
            "on",
            "dataCollector is absent (dataCollector is text, not an object, and counts as absent)",
        ),
        (
            {"collections": ["request"]},
            (
                "dataCollector has no collections (collections is a list, not an object, and "
                "counts as absent)"
            ),
        ),
    ],
)
def test_passes_without_a_data_collector(collector: object, words: str) -> None:
    """Absent means that nothing is collected."""
    judgement = judge(MONITOR, online_deployment(dataCollector=collector))

    assert judgement == Judgement(
        Verdict.PASS,
        f"Nothing is collected: {words}.",
        (Evidence(SOURCE, PATH, "absent", None),),
    )


@pytest.mark.parametrize(
    ("collections", "observed"),
    [
        ({}, {}),
        ({"request": OFF, "Response": {}}, {"Response": None, "request": "Disabled"}),
        ({"request": {"dataCollectionMode": "disabled"}}, {"request": "disabled"}),
        ({"model_inputs": ON}, {}),
    ],
)
def test_passes_while_neither_request_nor_response_is_collected(
    collections: dict[str, object], observed: dict[str, object]
) -> None:
    """A mode that is absent is off, and collections of other names are the script's own."""
    judgement = judge(MONITOR, online_deployment(dataCollector=collecting(**collections)))

    assert judgement == Judgement(
        Verdict.PASS,
        "No request or response collection of the data collector is enabled.",
        (Evidence(SOURCE, MODE, "Disabled or absent", observed),),
    )


@pytest.mark.parametrize("collection", ["Enabled", {"dataCollectionMode": True}, None])
def test_a_mode_of_the_wrong_type_counts_as_absent(collection: object) -> None:
    """The message says so where the mode is there."""
    judgement = judge(MONITOR, online_deployment(dataCollector=collecting(request=collection)))
    is_stated = isinstance(collection, dict)

    assert judgement.verdict is Verdict.PASS
    assert ("dataCollectionMode is a boolean, not text" in judgement.message) is is_stated


@pytest.mark.parametrize(
    ("collections", "words"),
    [
        ({"request": ON, "response": OFF}, "request (Enabled)"),
        ({"response": ON, "request": ON}, "request (Enabled), response (Enabled)"),
        ({"RESPONSE": {"dataCollectionMode": "ENABLED"}}, "RESPONSE (ENABLED)"),
        (
            {"request": {"dataCollectionMode": "Sampled"}},
            "request (Sampled, not a known mode: counts as Enabled)",
        ),
    ],
)
def test_fails_when_requests_or_responses_are_collected(
    collections: dict[str, object], words: str
) -> None:
    """In any case and order; a mode that is not known counts as on."""
    judgement = judge(MONITOR, online_deployment(dataCollector=collecting(**collections)))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == f"The deployment collects what goes through its model: {words}."
    assert judgement.evidence[0].path == MODE


def test_include_custom_judges_collections_of_any_name() -> None:
    """Then what the scoring script fills counts too."""
    leaky = online_deployment(dataCollector=collecting(model_inputs=ON, request=OFF))
    tight = online_deployment(dataCollector=collecting(model_inputs=OFF))
    failed, passed = (judge(MONITOR, each, parameters=ALL) for each in (leaky, tight))

    assert judge(MONITOR, leaky).verdict is Verdict.PASS
    assert failed.verdict is Verdict.FAIL
    assert failed.message.endswith(": model_inputs (Enabled).")
    assert passed.message == "No collection of the data collector is enabled."


def test_names_only_the_first_of_many_collections() -> None:
    """The message does not grow with the list."""
    many = {f"custom_{number}": ON for number in range(9)}
    judgement = judge(MONITOR, online_deployment(dataCollector=collecting(**many)), parameters=ALL)

    assert judgement.message.endswith("custom_4 (Enabled) and 4 more.")


@pytest.mark.parametrize("properties", [ABSENT, None, "none"])
def test_is_unknown_in_an_answer_without_properties(properties: object) -> None:
    """`az resource list` shows none; that proves nothing."""
    judgement = judge(MONITOR, changed(online_deployment(), "properties", properties))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message.startswith("the resource is shown without its properties")


def test_applies_to_online_deployments_read_with_an_api_that_shows_it() -> None:
    """Older APIs do not show the data collector."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ONLINE_DEPLOYMENT),)
    assert MONITOR.since == {ResourceType.ONLINE_DEPLOYMENT: "2024-04-01"}
