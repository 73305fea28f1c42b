"""catalog_models.fine_tuned_reviewed."""

import pytest

from monitors.catalog_models.fine_tuned_reviewed import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import ACCOUNT_ID, deployment, judge

TUNED = {"name": "gpt-4o-mini-2024-07-18.ft-0e208cf33a6a466994aff31a08aba678"}
SIGN = "any: the model is fine-tuned"


@pytest.mark.parametrize(
    "sku", ["Standard", "standard", "ProvisionedManaged", "PROVISIONEDMANAGED"]
)
def test_passes_under_a_regional_sku(sku: str) -> None:
    """The weights stay in the geography."""
    judgement = judge(MONITOR, deployment(sku=sku, model=TUNED))

    assert judgement == Judgement(
        Verdict.PASS,
        f"The fine-tuned model {TUNED['name']} runs under SKU {sku}, which keeps its weights in "
        "the geography.",
        (
            Evidence(Source.DEPLOYMENTS, "sku.name", "Standard or ProvisionedManaged", sku),
            Evidence(Source.DEPLOYMENTS, "properties.model.name", SIGN, TUNED["name"]),
        ),
    )


@pytest.mark.parametrize(
    "sku",
    ["GlobalStandard", "DeveloperTier", "DataZoneStandard", "GlobalProvisionedManaged", "Turbo"],
)
def test_fails_under_any_other_sku(sku: str) -> None:
    """Unknown ones too."""
    judgement = judge(MONITOR, deployment(sku=sku, model=TUNED))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        f"The fine-tuned model {TUNED['name']} runs under SKU {sku}: its weights may be stored "
        "outside the geography."
    )


@pytest.mark.parametrize(
    ("sku", "note"),
    [
        (None, ""),
        ("", ""),
        (5, " (name is a number, not text, and counts as absent)"),
    ],
)
def test_fails_without_a_sku(sku: object, note: str) -> None:
    """Absent, empty or wrong-typed: it may be a global one."""
    judgement = judge(MONITOR, deployment(sku=sku, model=TUNED))

    assert judgement.verdict is Verdict.FAIL
    assert f"runs under a SKU that is not stated{note}: its weights may" in judgement.message


@pytest.mark.parametrize(
    "model",
    [
        {"name": "GPT-4O-MINI.FT-1"},
        {"source": ACCOUNT_ID},
        {"sourceAccount": ACCOUNT_ID},
        {"name": None, "source": ACCOUNT_ID},
        {"name": 5, "sourceAccount": "trained"},
    ],
)
def test_each_sign_makes_a_model_fine_tuned(model: dict[str, object]) -> None:
    """Its name, or that it was taken from somewhere."""
    assert judge(MONITOR, deployment(model=model)).verdict is Verdict.PASS
    assert judge(MONITOR, deployment(sku="GlobalStandard", model=model)).verdict is Verdict.FAIL


def test_evidence_shows_every_sign() -> None:
    """And no other property."""
    model = {**TUNED, "source": ACCOUNT_ID, "sourceAccount": ACCOUNT_ID}
    judgement = judge(MONITOR, deployment(model=model))

    assert [each.path for each in judgement.evidence] == [
        "sku.name",
        "properties.model.source",
        "properties.model.sourceAccount",
        "properties.model.name",
    ]


@pytest.mark.parametrize(
    "model",
    [
        {"name": "gpt-4o"},
        {"name": "model-ft-1"},
        {"source": None, "sourceAccount": None},
        {"source": "", "sourceAccount": ""},
        {"source": 5, "sourceAccount": []},
    ],
)
@pytest.mark.parametrize("sku", ["Standard", "GlobalStandard", "Turbo", None])
def test_other_models_are_not_concerned(model: dict[str, object], sku: object) -> None:
    """A base model's weights are the publisher's; a source of the wrong type counts as absent."""
    judgement = judge(MONITOR, deployment(sku=sku, model=model))

    assert judgement.verdict is Verdict.NOT_APPLICABLE
    assert judgement.message.endswith(" is not fine-tuned.")


@pytest.mark.parametrize(
    ("name", "note"),
    [(None, ""), ("", ""), ({}, " (name is an object, not text, and counts as absent)")],
)
def test_unknown_when_nothing_is_named(name: object, note: str) -> None:
    """Azure always names the model, so the input does not say."""
    assert judge(MONITOR, deployment(sku="GlobalStandard", model={"name": name})) == Judgement(
        Verdict.UNKNOWN,
        f"The deployment names no model{note}, so it may be fine-tuned or not.",
        cause=Cause.UNDETERMINED,
    )


def test_applies_to_deployments_read_with_an_api_that_shows_the_source() -> None:
    """Older APIs show no sourceAccount."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.DEPLOYMENT),)
    assert MONITOR.since == {ResourceType.DEPLOYMENT: "2024-10-01"}
