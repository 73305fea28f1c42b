"""content_logging.abuse_monitoring_storage_on."""

import pytest

from monitors.content_logging.abuse_monitoring_storage_on import MONITOR
from shared.domain.control import AppliesTo, FoundBy
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import ABSENT, account, changed, judge

PATH = "properties.capabilities[name=ContentLogging].value"
WANTED = "absent, or anything but false"
OTHER = {"name": "VirtualNetworks"}


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "ContentLogging", "value": "false"},
        {"name": "contentlogging", "value": "FALSE"},
        {"name": "CONTENTLOGGING", "value": False},
    ],
)
def test_fails_when_content_logging_is_false(entry: dict[str, object]) -> None:
    """Then Microsoft stores nothing that it could review, wherever the capability stands."""
    expected = Judgement(
        Verdict.FAIL,
        "Microsoft stores nothing for abuse review, so that it cannot look into abuse: "
        "ContentLogging is false.",
        (Evidence(Source.ACCOUNT, PATH, WANTED, "false"),),
    )

    assert judge(MONITOR, account(capabilities=[OTHER, entry])) == expected
    assert judge(MONITOR, account(capabilities=[entry, OTHER])) == expected


@pytest.mark.parametrize("capabilities", [None, [], [OTHER], ["ContentLogging", None]])
def test_passes_when_the_capability_is_absent(capabilities: object) -> None:
    """While it stores, Microsoft leaves the capability out."""
    judgement = judge(MONITOR, account(capabilities=capabilities))

    assert judgement == Judgement(
        Verdict.PASS,
        "Prompts and completions may be stored for abuse review: ContentLogging is absent from "
        "the capabilities.",
        (Evidence(Source.ACCOUNT, PATH, WANTED, None),),
    )


def test_passes_when_the_value_is_not_false() -> None:
    """Only false switches it off."""
    judgement = judge(MONITOR, account(capabilities=[{"name": "ContentLogging", "value": "true"}]))

    assert judgement.verdict is Verdict.PASS
    assert judgement.message.endswith("ContentLogging is not false.")


def test_says_when_the_capabilities_are_no_list() -> None:
    """A value of the wrong type counts as absent, and the message says so."""
    judgement = judge(MONITOR, account(capabilities="ContentLogging"))

    assert judgement.verdict is Verdict.PASS
    assert judgement.message.endswith(
        "absent from the capabilities (capabilities is text, not a list, and counts as absent)."
    )


@pytest.mark.parametrize("properties", [ABSENT, None, "none"])
def test_is_unknown_in_an_answer_without_properties(properties: object) -> None:
    """`az resource list` shows none; that proves nothing."""
    judgement = judge(MONITOR, changed(account(), "properties", properties))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message.startswith("the resource is shown without its properties")


def test_is_off_by_default_and_found_by_sweeps() -> None:
    """It says the opposite of abuse_monitoring_storage_off; policy switches on one of the two."""
    assert not MONITOR.enabled
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),)
    assert MONITOR.control.found_by is FoundBy.SWEEP
