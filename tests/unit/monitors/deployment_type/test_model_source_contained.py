"""deployment_type.model_source_contained."""

import pytest

from monitors.deployment_type.model_source_contained import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, Problem
from shared.domain.tables import regions
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import (
    ABSENT,
    ACCOUNT_ID,
    FORBIDDEN,
    GROUP,
    account,
    changed,
    deployment,
    judge,
    resource,
)

SOURCE_ID = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/trained"
ELSEWHERE = SOURCE_ID.replace("000001", "000002")
WANTED = "absent, or in the account's subscription and geography"
PATHS = ("properties.model.sourceAccount", "properties.model.source")
EACH = pytest.mark.parametrize("name", ["source", "sourceAccount"])


def tuned(**model: object) -> Resource:
    """Return a deployment of a fine-tuned model."""
    return deployment(model={"name": "gpt-4o-mini.ft-1", **model})


def trained(location: object = "swedencentral") -> Resource:
    """Return the account that a model was trained in."""
    return resource(SOURCE_ID, kind="OpenAI", location=location)


@EACH
@pytest.mark.parametrize("source", [SOURCE_ID, SOURCE_ID.upper(), f"{SOURCE_ID}/"])
@pytest.mark.parametrize("location", ["swedencentral", "Sweden South"])
def test_passes_in_the_same_subscription_and_geography(
    name: str, source: str, location: str
) -> None:
    """Another region of the geography will do; the id is compared in any case."""
    judgement = judge(MONITOR, tuned(**{name: source}), account(), trained(location))

    assert judgement == Judgement(
        Verdict.PASS,
        "The model is taken from an account of the same subscription and geography.",
        tuple(
            Evidence(
                Source.DEPLOYMENTS, path, WANTED, source if path.endswith(f".{name}") else None
            )
            for path in PATHS
        ),
    )


@EACH
def test_fails_in_another_geography(name: str) -> None:
    """Both regions are named, no ids."""
    judgement = judge(
        MONITOR, tuned(**{name: SOURCE_ID}), account(location="West US"), trained("northeurope")
    )

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        "The model is taken from another geography than the account's: its source is in "
        "northeurope, the account in westus."
    )


@EACH
def test_fails_in_another_subscription(name: str) -> None:
    """Wherever it lies, and whether that one is watched or not; nothing is read for it."""
    judgement = judge(
        MONITOR,
        tuned(**{name: ELSEWHERE}),
        problems={Source.ACCOUNT: FORBIDDEN, Source.REFERENCED: FORBIDDEN},
        watched=("00000000-0000-0000-0000-000000000002",),
    )

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == ("The model is taken from another subscription than the account's.")


@pytest.mark.parametrize("source", [None, "", ABSENT])
def test_passes_when_no_source_is_named(source: object) -> None:
    """A model of the catalog, or one that was trained in this account."""
    model = {} if source is ABSENT else {"source": source, "sourceAccount": source}
    judgement = judge(MONITOR, tuned(**model), problems={Source.ACCOUNT: FORBIDDEN})

    assert judgement.verdict is Verdict.PASS
    assert judgement.message == "The model is taken from no other account."


@pytest.mark.parametrize(
    "source", [ACCOUNT_ID, ACCOUNT_ID.upper(), f"{ACCOUNT_ID}/projects/p", f"{ACCOUNT_ID}/x/y"]
)
def test_passes_when_the_source_is_the_account_itself(source: str) -> None:
    """Or something in it; nothing else is looked at."""
    judgement = judge(
        MONITOR, tuned(source=source, sourceAccount=source), problems={Source.ACCOUNT: FORBIDDEN}
    )

    assert judgement.verdict is Verdict.PASS


@EACH
@pytest.mark.parametrize(
    "source",
    [
        "trained",
        " ",
        "azureml://registries/azureml/models/Phi-4/versions/1",
        "/subscriptions/00000000-0000-0000-0000-000000000001",
        GROUP,
        "/subscriptions//x",
        5,
        [SOURCE_ID],
        {},
        True,
    ],
)
def test_fails_when_the_source_is_no_resource_id(name: str, source: object) -> None:
    """Something is named, and where that is is not known."""
    judgement = judge(MONITOR, tuned(**{name: source}), account())

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        f"Where the model is taken from is not known: model.{name} is no resource id."
    )


@pytest.mark.parametrize("first", PATHS)
def test_both_properties_count(first: str) -> None:
    """One good source does not make up for a bad one."""
    good, bad = ("sourceAccount", "source") if first == PATHS[0] else ("source", "sourceAccount")
    judged = tuned(**{good: SOURCE_ID, bad: ELSEWHERE})

    assert judge(MONITOR, judged, account(), trained()).verdict is Verdict.FAIL


# --- what is not known ---


@pytest.mark.parametrize("path", ["properties", "properties.model"])
@pytest.mark.parametrize("value", [ABSENT, None, 5, []])
def test_unknown_when_no_model_is_shown(path: str, value: object) -> None:
    """As `az resource list` gives it: a source may be set all the same."""
    judgement = judge(MONITOR, changed(tuned(source=SOURCE_ID), path, value), account(), trained())

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message.startswith("the deployment is shown without its model")


@EACH
@pytest.mark.parametrize(
    ("problems", "cause", "message"),
    [
        (
            {Source.REFERENCED: FORBIDDEN},
            Cause.UNREADABLE,
            "trained could not be read: 403 Forbidden",
        ),
        (
            {Source.REFERENCED: NOT_IN_INPUT},
            Cause.UNDETERMINED,
            "trained could not be read: not in the input",
        ),
        ({}, Cause.UNREADABLE, "trained could not be read: it does not exist"),
    ],
)
def test_unknown_while_the_source_is(
    name: str, problems: dict[Source, Problem], cause: Cause, message: str
) -> None:
    """Where it lies cannot be told."""
    judgement = judge(MONITOR, tuned(**{name: SOURCE_ID}), account(), problems=problems)

    assert judgement == Judgement(Verdict.UNKNOWN, message, cause=cause)


def test_unknown_while_the_account_is() -> None:
    """Where the model is taken to cannot be told."""
    judgement = judge(
        MONITOR, tuned(source=SOURCE_ID), trained(), problems={Source.ACCOUNT: FORBIDDEN}
    )

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNREADABLE)


def test_a_source_outside_fails_although_the_other_could_not_be_read() -> None:
    """What is known counts."""
    judged = tuned(sourceAccount=SOURCE_ID, source=ELSEWHERE)
    judgement = judge(MONITOR, judged, account(), problems={Source.REFERENCED: FORBIDDEN})

    assert judgement.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("here", "there", "called"),
    [(None, "swedencentral", "account"), ("swedencentral", 5, "model's source")],
)
def test_unknown_when_a_location_is_not_stated(here: object, there: object, called: str) -> None:
    """Azure always states it, so the input does not say."""
    judgement = judge(MONITOR, tuned(source=SOURCE_ID), account(location=here), trained(there))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message.startswith(f"the {called} states no location")


@pytest.mark.parametrize(
    ("here", "there", "called", "place"),
    [
        ("global", "swedencentral", "account", "global"),
        ("swedencentral", "Atlantis", "model's source", "atlantis"),
        ("global", "global", "account", "global"),
    ],
)
def test_fails_at_a_location_that_the_table_does_not_know(
    here: str, there: str, called: str, place: str
) -> None:
    """What nobody knows lies in no geography."""
    judgement = judge(MONITOR, tuned(source=SOURCE_ID), account(location=here), trained(there))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        "Whether the model is taken from the account's geography is not known: the table of "
        f"regions of {regions().as_of} does not have the location of the {called}, {place}."
    )


def test_applies_to_deployments_read_with_an_api_that_shows_both() -> None:
    """Older APIs show no sourceAccount."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.DEPLOYMENT),)
    assert MONITOR.since == {ResourceType.DEPLOYMENT: "2024-10-01"}
    assert MONITOR.needs == (Source.ACCOUNT, Source.REFERENCED)
    assert MONITOR.tables == ("regions",)
