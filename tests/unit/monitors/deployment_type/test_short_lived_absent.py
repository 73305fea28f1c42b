"""deployment_type.short_lived_absent."""

import pytest

from monitors.deployment_type.short_lived_absent import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.tables import sku_scopes
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import deployment, judge

WANTED = "a known SKU other than DeveloperTier"


@pytest.mark.parametrize("sku", ["DeveloperTier", "developertier", "DEVELOPERTIER"])
def test_fails_with_the_developer_sku(sku: str) -> None:
    """In any case; Microsoft's own example spells it in lower case."""
    assert judge(MONITOR, deployment(sku=sku)) == Judgement(
        Verdict.FAIL,
        f"SKU {sku} gives no guarantee where prompts are processed, and Azure removes the "
        "deployment 24 hours after it was made.",
        (Evidence(Source.DEPLOYMENTS, "sku.name", WANTED, sku),),
    )


@pytest.mark.parametrize("sku", ["Standard", "globalstandard", "DataZoneBatch"])
def test_passes_with_any_other_known_sku(sku: str) -> None:
    """Whether it is allowed is for another control."""
    assert judge(MONITOR, deployment(sku=sku)) == Judgement(
        Verdict.PASS,
        f"SKU {sku} lasts.",
        (Evidence(Source.DEPLOYMENTS, "sku.name", WANTED, sku),),
    )


@pytest.mark.parametrize("sku", ["DeveloperTier2", " DeveloperTier", "Turbo"])
def test_fails_with_a_sku_that_nobody_knows(sku: str) -> None:
    """It may be another of the sort, and the message says so."""
    judgement = judge(MONITOR, deployment(sku=sku))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        f"SKU {sku} is not in the table of SKUs of {sku_scopes().as_of}, so whether it lasts is "
        "not known."
    )


@pytest.mark.parametrize(
    ("sku", "note"),
    [
        (None, ""),
        ("", ""),
        (5, " (name is a number, not text, and counts as absent)"),
        (["Standard"], " (name is a list, not text, and counts as absent)"),
    ],
)
def test_fails_without_a_sku(sku: object, note: str) -> None:
    """Absent, null, empty or wrong-typed: it may be the developer SKU."""
    assert judge(MONITOR, deployment(sku=sku)) == Judgement(
        Verdict.FAIL,
        f"The deployment states no SKU{note}, so whether it lasts is not known.",
        (Evidence(Source.DEPLOYMENTS, "sku.name", WANTED, sku),),
    )


def test_applies_to_deployments_read_with_an_api_that_shows_skus() -> None:
    """Managed compute has no such SKU."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.DEPLOYMENT),)
    assert MONITOR.since == {ResourceType.DEPLOYMENT: "2023-05-01"}
    assert MONITOR.tables == ("sku_scopes",)
