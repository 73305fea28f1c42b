"""content_logging.web_search_blocked."""

import pytest

from monitors.content_logging.web_search_blocked import MONITOR
from shared.domain.control import AppliesTo, FoundBy
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import NOT_IN_INPUT, Problem
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import FORBIDDEN, SUBSCRIPTION, account, judge, resource

ROOT = f"/subscriptions/{SUBSCRIPTION}"
NAME = "OpenAI.BlockedTools.web_search"
FEATURES = f"{ROOT}/providers/Microsoft.Features/providers/Microsoft.CognitiveServices/features"
REGISTRATIONS = (
    f"{ROOT}/providers/Microsoft.Features/featureProviders/Microsoft.CognitiveServices"
    "/subscriptionFeatureRegistrations"
)
PATH = f"[name={NAME}].properties.state"
OPEN = "Callers can have models search the web, which sends data outside the compliance boundary"


def subscription() -> Resource:
    """Return the subscription."""
    return resource(ROOT)


def feature(state: object = "Registered", feature_id: str = f"{FEATURES}/{NAME}") -> Resource:
    """Return a preview feature."""
    return resource(feature_id, properties={"state": state})


@pytest.mark.parametrize("state", ["Registered", "registered"])
@pytest.mark.parametrize(
    "feature_id",
    [f"{FEATURES}/{NAME}", f"{REGISTRATIONS}/{NAME}", f"{FEATURES}/{NAME}".upper()],
)
def test_passes_when_the_feature_is_registered(state: str, feature_id: str) -> None:
    """In both forms that ARM has for features, among others and in any case."""
    other = feature("NotRegistered", f"{FEATURES}/OpenAI.Other")
    judgement = judge(MONITOR, subscription(), account(), other, feature(state, feature_id))

    assert judgement == Judgement(
        Verdict.PASS,
        f"The subscription blocks web search: the feature {NAME} is Registered.",
        (Evidence(Source.FEATURES, PATH, "Registered", state),),
    )


def test_reads_a_state_at_the_top_of_a_feature() -> None:
    """As some tools print it."""
    body = {"id": f"{FEATURES}/{NAME}", "state": "Registered"}
    flat = Resource(ResourceId.parse(f"{FEATURES}/{NAME}"), body)

    assert judge(MONITOR, subscription(), account(), flat).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("NotRegistered", "NotRegistered"),
        ("Pending", "Pending"),
        ("Registering", "Registering"),
        ("Unregistered", "Unregistered"),
        (None, "absent"),
        (True, "absent (state is a boolean, not text, and counts as absent)"),
    ],
)
def test_fails_in_every_other_state(state: object, shown: str) -> None:
    """A registration that waits does not block."""
    judgement = judge(MONITOR, subscription(), account(kind="AIServices"), feature(state))

    assert judgement == Judgement(
        Verdict.FAIL,
        f"{OPEN}: the state of the feature {NAME} is {shown}, and only Registered blocks.",
        (Evidence(Source.FEATURES, PATH, "Registered", state),),
    )


def test_fails_when_two_answers_disagree() -> None:
    """The worse one counts, whichever comes first."""
    features = (feature(), feature("Unregistered", f"{REGISTRATIONS}/{NAME}"))

    for order in (features, features[::-1]):
        assert judge(MONITOR, subscription(), account(), *order).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "others",
    [
        (),
        (feature(feature_id=f"{FEATURES}/OpenAI.BlockedTools.web_search_preview"),),
        (feature(feature_id=f"{FEATURES}/{NAME}".replace("Cognitive", "Other")),),
    ],
)
def test_fails_when_the_feature_is_absent(others: tuple[Resource, ...]) -> None:
    """Absent from a list that was read means not registered."""
    judgement = judge(MONITOR, subscription(), account(), *others)

    assert judgement == Judgement(
        Verdict.FAIL,
        f"{OPEN}: the feature {NAME} is not registered.",
        (Evidence(Source.FEATURES, PATH, "Registered", None),),
    )


@pytest.mark.parametrize("accounts", [(), (account(kind="TextTranslation"),)])
def test_does_not_concern_subscriptions_without_ai_accounts(
    accounts: tuple[Resource, ...],
) -> None:
    """Nobody can call a model there."""
    judgement = judge(MONITOR, subscription(), *accounts, feature("NotRegistered"))

    assert judgement.verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("problem", "cause"),
    [(FORBIDDEN, Cause.UNREADABLE), (NOT_IN_INPUT, Cause.UNDETERMINED)],
)
class TestUnread:
    """Lists that could not be read, or that the input does not hold."""

    def test_the_features_are_unknown(self, problem: Problem, cause: Cause) -> None:
        """Without the list, absence is not proven; what was read of it counts."""
        problems = {Source.FEATURES: problem}
        missing = judge(MONITOR, subscription(), account(), problems=problems)
        found = judge(MONITOR, subscription(), account(), feature("Pending"), problems=problems)

        assert (missing.verdict, missing.cause) == (Verdict.UNKNOWN, cause)
        assert missing.message.startswith("the features could not be read: ")
        assert found.verdict is Verdict.FAIL

    def test_the_accounts_are_unknown(self, problem: Problem, cause: Cause) -> None:
        """Without the list there may be an AI account; one that was read is one."""
        problems = {Source.ACCOUNTS: problem}
        missing = judge(MONITOR, subscription(), feature(), problems=problems)
        found = judge(MONITOR, subscription(), account(), feature(), problems=problems)

        assert (missing.verdict, missing.cause) == (Verdict.UNKNOWN, cause)
        assert found.verdict is Verdict.PASS


def test_is_unknown_when_an_account_states_no_kind() -> None:
    """It may be one that serves models, unless another surely is."""
    judgement = judge(MONITOR, subscription(), account(kind=None), feature("NotRegistered"))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message == "an account of the subscription does not state its kind"


def test_applies_to_subscriptions_and_is_found_by_sweeps() -> None:
    """No event that the monitor hears tells of a feature."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.SUBSCRIPTION),)
    assert MONITOR.control.found_by is FoundBy.SWEEP
    assert MONITOR.needs == (Source.ACCOUNTS, Source.FEATURES)
