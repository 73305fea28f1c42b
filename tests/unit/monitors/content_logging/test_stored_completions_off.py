"""content_logging.stored_completions_off."""

import pytest

from monitors.content_logging.stored_completions_off import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import account, judge

PATH = "properties.storedCompletionsDisabled"


def test_passes_when_storing_is_switched_off() -> None:
    """An account with storedCompletionsDisabled true passes."""
    judgement = judge(MONITOR, account(storedCompletionsDisabled=True))

    assert judgement == Judgement(
        Verdict.PASS,
        "Completions cannot be stored: storedCompletionsDisabled is true.",
        (Evidence(Source.ACCOUNT, PATH, expected=True, observed=True),),
    )


@pytest.mark.parametrize(
    ("stated", "observed", "shown"),
    [
        ({}, None, "absent"),
        ({"storedCompletionsDisabled": None}, None, "absent"),
        ({"storedCompletionsDisabled": False}, False, "false"),
        (
            {"storedCompletionsDisabled": ["true"]},
            ["true"],
            "absent (storedCompletionsDisabled is a list, not a boolean, and counts as absent)",
        ),
    ],
)
def test_fails_while_callers_can_store(
    stated: dict[str, object], observed: object, shown: str
) -> None:
    """Absent means that stored completions are possible, as does anything but true."""
    judgement = judge(MONITOR, account(**stated))

    assert judgement == Judgement(
        Verdict.FAIL,
        f"A caller can have prompts and completions stored: storedCompletionsDisabled is {shown}.",
        (Evidence(Source.ACCOUNT, PATH, expected=True, observed=observed),),
    )


def test_applies_to_ai_accounts_read_with_an_api_that_shows_it() -> None:
    """Other kinds have no completions, and older APIs do not show the property."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),)
    assert MONITOR.since == {ResourceType.ACCOUNT: "2025-09-01"}
