"""content_logging.abuse_penalty_absent."""

import pytest

from monitors.content_logging.abuse_penalty_absent import MONITOR
from shared.domain.control import AppliesTo, FoundBy
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import ABSENT, account, changed, judge

PATH = "properties.abusePenalty"
END = "2026-12-24T00:00:00Z"


@pytest.mark.parametrize("stated", [{}, {"abusePenalty": None}])
def test_passes_without_a_penalty(stated: dict[str, object]) -> None:
    """Absent and null mean that there is none."""
    judgement = judge(MONITOR, account(**stated))

    assert judgement == Judgement(
        Verdict.PASS,
        "Microsoft has put no abuse penalty on the account.",
        (Evidence(Source.ACCOUNT, PATH, "absent", None),),
    )


@pytest.mark.parametrize(
    ("penalty", "words"),
    [
        ({"action": "Block", "expiration": END}, f"calls are blocked, until {END}"),
        ({"action": "throttle"}, "calls are throttled, until an end that is not stated"),
        (
            {"action": "Ban"},
            "its action is Ban, which is not known, until an end that is not stated",
        ),
        ({}, "it states no action, until an end that is not stated"),
        (
            {"action": 5, "expiration": True},
            (
                "it states no action (action is a number, not text, and counts as absent), "
                "until an end that is not stated (expiration is a boolean, not text, and counts as "
                "absent)"
            ),
        ),
    ],
)
def test_fails_with_a_penalty(penalty: dict[str, object], words: str) -> None:
    """Whatever it does, and however little it says; the message names action and expiration."""
    judgement = judge(MONITOR, account(abusePenalty=penalty))

    assert judgement == Judgement(
        Verdict.FAIL,
        f"Microsoft has put an abuse penalty on the account: {words}.",
        (Evidence(Source.ACCOUNT, PATH, "absent", penalty),),
    )


@pytest.mark.parametrize("penalty", ["Block", [], False, 0])
def test_fails_with_a_penalty_of_a_form_that_is_not_known(penalty: object) -> None:
    """It is there, so there is a penalty."""
    judgement = judge(MONITOR, account(abusePenalty=penalty))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.endswith("in a form that is not known.")


@pytest.mark.parametrize("properties", [ABSENT, None, "none"])
def test_is_unknown_in_an_answer_without_properties(properties: object) -> None:
    """`az resource list` shows none; that proves nothing."""
    judgement = judge(MONITOR, changed(account(), "properties", properties))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message.startswith("the resource is shown without its properties")


def test_applies_to_ai_accounts_and_is_found_by_sweeps() -> None:
    """Microsoft sets it without an event, and older APIs do not show it."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),)
    assert MONITOR.control.found_by is FoundBy.SWEEP
    assert MONITOR.since == {ResourceType.ACCOUNT: "2023-05-01"}
