"""network_isolation.trusted_bypass_off."""

import pytest

from monitors.network_isolation.trusted_bypass_off import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import ABSENT, account, changed, judge

PATH = "properties.networkAcls.bypass"


@pytest.mark.parametrize(
    ("rules", "observed", "shown"),
    [
        ({"bypass": "None"}, "None", "None"),
        ({"bypass": "none"}, "none", "none"),
        ({"defaultAction": "Deny"}, None, "absent, which means None"),
        ({"bypass": None}, None, "absent, which means None"),
        (None, None, "absent, which means None"),
        ("AzureServices", None, "absent, which means None"),
        (
            {"bypass": True},
            True,
            ("absent, which means None (bypass is a boolean, not text, and counts as absent)"),
        ),
    ],
)
def test_passes_without_a_bypass(rules: object, observed: object, shown: str) -> None:
    """Azure lets nobody past the rules unless it is told to; absent rules have no bypass."""
    judgement = judge(MONITOR, account(networkAcls=rules))

    assert judgement == Judgement(
        Verdict.PASS,
        f"The network rules hold for trusted services too: bypass is {shown}.",
        (Evidence(Source.ACCOUNT, PATH, "None", observed),),
    )


def test_passes_without_network_rules() -> None:
    """What is not there has no bypass."""
    assert judge(MONITOR, account()).verdict is Verdict.PASS


@pytest.mark.parametrize("bypass", ["AzureServices", "azureservices", "AZURESERVICES"])
@pytest.mark.parametrize("access", ["Enabled", "Disabled"])
def test_fails_with_the_bypass(bypass: str, access: str) -> None:
    """In any case, and also while public access is off: the bypass holds then too."""
    judged = account(
        publicNetworkAccess=access, networkAcls={"defaultAction": "Deny", "bypass": bypass}
    )

    assert judge(MONITOR, judged) == Judgement(
        Verdict.FAIL,
        f"Trusted Azure services get past the network rules: networkAcls.bypass is {bypass}.",
        (Evidence(Source.ACCOUNT, PATH, "None", bypass),),
    )


@pytest.mark.parametrize("bypass", ["Everybody", "None, AzureServices", ""])
def test_fails_with_a_value_that_is_not_known(bypass: str) -> None:
    """Nobody knows whom it lets past."""
    assert judge(MONITOR, account(networkAcls={"bypass": bypass})) == Judgement(
        Verdict.FAIL,
        f"Something may get past the network rules: networkAcls.bypass is {bypass}, which is not "
        "a known value.",
        (Evidence(Source.ACCOUNT, PATH, "None", bypass),),
    )


def test_unknown_without_properties() -> None:
    """A list of resources without their properties says nothing of a bypass."""
    judgement = judge(MONITOR, changed(account(), "properties", ABSENT))

    assert judgement.cause is Cause.UNDETERMINED
    assert judgement.message == "the resource is shown without its properties"


def test_applies_to_ai_accounts() -> None:
    """Older API versions do not show the bypass."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),)
    assert MONITOR.since == {ResourceType.ACCOUNT: "2024-10-01"}
