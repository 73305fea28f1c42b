"""content_logging.abuse_monitoring_storage_off."""

import pytest

from monitors.content_logging.abuse_monitoring_storage_off import MONITOR
from shared.domain.control import AppliesTo, FoundBy
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import account, judge

PATH = "properties.capabilities[name=ContentLogging].value"
OTHER = {"name": "VirtualNetworks"}


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "ContentLogging", "value": "false"},
        {"name": "contentlogging", "value": "FALSE"},
        {"name": "CONTENTLOGGING", "value": False},
    ],
)
def test_passes_when_content_logging_is_false(entry: dict[str, object]) -> None:
    """The capability ContentLogging with the value false, in any case, means storage is off."""
    judgement = judge(MONITOR, account(capabilities=[OTHER, entry]))

    assert judgement == Judgement(
        Verdict.PASS,
        "Nothing is stored for abuse review: ContentLogging is false.",
        (Evidence(Source.ACCOUNT, PATH, "false", "false"),),
    )


@pytest.mark.parametrize(
    "capabilities",
    [None, [], [OTHER], ["ContentLogging", None, 5, ["false"]], [{"value": "false"}]],
)
def test_fails_when_the_capability_is_absent(capabilities: object) -> None:
    """While it stores, Microsoft leaves the capability out; what is no object does not count."""
    judgement = judge(MONITOR, account(capabilities=capabilities))

    assert judgement == Judgement(
        Verdict.FAIL,
        "Microsoft may store prompts and completions for abuse review: ContentLogging is absent "
        "from the capabilities.",
        (Evidence(Source.ACCOUNT, PATH, "false", None),),
    )


@pytest.mark.parametrize("value", ["true", True, "no", None, 0, {}])
def test_fails_when_the_value_is_not_false(value: object) -> None:
    """Only false is false: no other value, and not the number 0."""
    judgement = judge(
        MONITOR, account(capabilities=[{"name": "ContentLogging", "value": value}, OTHER])
    )

    assert judgement == Judgement(
        Verdict.FAIL,
        "Microsoft may store prompts and completions for abuse review: ContentLogging is not "
        "false.",
        (Evidence(Source.ACCOUNT, PATH, "false", value),),
    )


def test_says_when_the_capabilities_are_no_list() -> None:
    """A value of the wrong type counts as absent, and the message says so."""
    judgement = judge(MONITOR, account(capabilities={"name": "ContentLogging", "value": "false"}))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.endswith(
        "absent from the capabilities "
        "(capabilities is an object, not a list, and counts as absent)."
    )


def test_applies_to_ai_accounts_and_is_found_by_sweeps() -> None:
    """Microsoft changes it without an event."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),)
    assert MONITOR.control.found_by is FoundBy.SWEEP
