"""deployment_type.sku_allowed."""

import pytest

from monitors.deployment_type.sku_allowed import MONITOR, SkuParameters
from shared.domain.control import AppliesTo
from shared.domain.tables import sku_scopes
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import deployment, judge, managed_compute_deployment

RULE = "Standard, ProvisionedManaged, DataZone*, VmManagedCompute"


@pytest.mark.parametrize(
    "sku",
    [
        "Standard",
        "standard",
        "PROVISIONEDMANAGED",
        "DataZoneStandard",
        "datazonebatch",
        "DataZoneProvisionedManaged",
    ],
)
def test_passes_with_an_allowed_sku(sku: str) -> None:
    """A SKU that is named, or that a pattern covers, passes in any case."""
    assert judge(MONITOR, deployment(sku=sku)) == Judgement(
        Verdict.PASS,
        f"SKU {sku} is allowed.",
        (Evidence(Source.DEPLOYMENTS, "sku.name", f"one of {RULE}", sku),),
    )


@pytest.mark.parametrize("sku", ["GlobalStandard", "globalbatch", "DeveloperTier"])
def test_fails_with_another_sku(sku: str) -> None:
    """A SKU that the policy does not name fails."""
    assert judge(MONITOR, deployment(sku=sku)) == Judgement(
        Verdict.FAIL,
        f"SKU {sku} is not allowed; allowed: {RULE}.",
        (Evidence(Source.DEPLOYMENTS, "sku.name", f"one of {RULE}", sku),),
    )


@pytest.mark.parametrize("sku", ["DataZoneExpress", "Standard2", " Standard"])
def test_fails_with_a_sku_that_nobody_knows(sku: str) -> None:
    """A pattern covers known SKUs only, and the message says why the SKU fails."""
    assert judge(MONITOR, deployment(sku=sku)).message == (
        f"SKU {sku} is not in the table of SKUs of {sku_scopes().as_of} and not allowed by its "
        f"full name; allowed: {RULE}."
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
    """A SKU that is not stated, or no text, is not allowed."""
    assert judge(MONITOR, deployment(sku=sku)) == Judgement(
        Verdict.FAIL,
        f"The deployment states no SKU{note}; allowed: {RULE}.",
        (Evidence(Source.DEPLOYMENTS, "sku.name", f"one of {RULE}", sku),),
    )


def test_judges_managed_compute_deployments_too() -> None:
    """Their SKU decides in the same way; the evidence names their own source."""
    passing = judge(MONITOR, managed_compute_deployment(sku="VmManagedCompute"))
    failing = judge(MONITOR, managed_compute_deployment(sku="GlobalManagedCompute"))

    assert passing.verdict is Verdict.PASS
    assert failing.verdict is Verdict.FAIL
    assert {each.source for each in passing.evidence + failing.evidence} == {
        Source.MANAGED_COMPUTE_DEPLOYMENTS
    }


@pytest.mark.parametrize(
    ("allowed", "sku", "verdict"),
    [
        ((), "Standard", Verdict.FAIL),
        (("GlobalStandard",), "globalstandard", Verdict.PASS),
        (("  globalstandard ",), "GlobalStandard", Verdict.PASS),
        (("Global*",), "GlobalBatch", Verdict.PASS),
        (("Global*",), "Standard", Verdict.FAIL),
        (("*",), "DeveloperTier", Verdict.PASS),
        (("*",), "BrandNew", Verdict.FAIL),
        (("BrandNew",), "brandnew", Verdict.PASS),
        (("*Standard", "BrandNew"), "DataZoneStandard", Verdict.PASS),
        (("Standar?",), "Standard", Verdict.PASS),
    ],
)
def test_allowed_names_and_patterns(allowed: tuple[str, ...], sku: str, verdict: Verdict) -> None:
    """A full name allows exactly that SKU, even one that is not known; a pattern, known ones."""
    judgement = judge(MONITOR, deployment(sku=sku), parameters=SkuParameters(allowed=allowed))

    assert judgement.verdict is verdict


def test_says_when_nothing_is_allowed() -> None:
    """An empty list reads as such."""
    judgement = judge(MONITOR, deployment(), parameters=SkuParameters(allowed=()))

    assert judgement.message == "SKU Standard is not allowed; allowed: none."


def test_applies_to_deployments_read_with_an_api_that_shows_skus() -> None:
    """Older APIs show no SKU; managed compute exists in previews only."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
    )
    assert MONITOR.since == {
        ResourceType.DEPLOYMENT: "2023-05-01",
        ResourceType.MANAGED_COMPUTE_DEPLOYMENT: "2026-03-15-preview",
    }
    assert MONITOR.tables == ("sku_scopes",)
