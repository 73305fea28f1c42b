"""identity.local_auth_disabled."""

import pytest

from monitors.identity.local_auth_disabled import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import account, judge

PATH = "properties.disableLocalAuth"


def test_passes_when_keys_are_switched_off() -> None:
    """An account with disableLocalAuth true passes."""
    judgement = judge(MONITOR, account(disableLocalAuth=True))

    assert judgement == Judgement(
        Verdict.PASS,
        "API keys do not work: disableLocalAuth is true.",
        (Evidence(Source.ACCOUNT, PATH, expected=True, observed=True),),
    )


@pytest.mark.parametrize(
    ("stated", "observed", "shown"),
    [
        ({}, None, "absent"),
        ({"disableLocalAuth": None}, None, "absent"),
        ({"disableLocalAuth": False}, False, "false"),
        (
            {"disableLocalAuth": "true"},
            "true",
            "absent (disableLocalAuth is text, not a boolean, and counts as absent)",
        ),
        (
            {"disableLocalAuth": 1},
            1,
            "absent (disableLocalAuth is a number, not a boolean, and counts as absent)",
        ),
    ],
)
def test_fails_while_keys_work(stated: dict[str, object], observed: object, shown: str) -> None:
    """Anything but the boolean true means that keys work; an absent property does too."""
    judgement = judge(MONITOR, account(**stated))

    assert judgement == Judgement(
        Verdict.FAIL,
        f"API keys work: disableLocalAuth is {shown}.",
        (Evidence(Source.ACCOUNT, PATH, expected=True, observed=observed),),
    )


def test_applies_to_accounts_of_every_kind() -> None:
    """Keys open every Cognitive Services account, not only those with AI models."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT),)
