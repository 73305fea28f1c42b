"""Which wire form a message is in, what is not ours, and what is malformed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.domain.change import ResourceChange
from shared.events.operations import WATCHED
from shared.events.outcome import Ignored, IgnoredReason, Malformed
from shared.events.translate import translate

Recorded = Callable[[str], dict[str, Any]]

FIXTURES = Path(__file__).parents[3] / "fixtures" / "events"
SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg/providers"
ACCOUNT = f"{GROUP}/Microsoft.CognitiveServices/accounts/contoso"
DIAGNOSTICS = "providers/Microsoft.Insights/diagnosticSettings/all"


def event(operation: str, resource: object = ACCOUNT, kind: str = "Write") -> dict[str, Any]:
    """A subscription event with nothing but what decides it."""
    return {
        "eventType": f"Microsoft.Resources.Resource{kind}Success",
        "eventTime": "2026-11-18T09:41:07Z",
        "subject": "",
        "data": {"operationName": operation, "resourceUri": resource},
    }


def malformed(payload: object) -> str:
    """The reason why a message is malformed."""
    result = translate(payload)
    assert isinstance(result, Malformed), result
    return result.reason


def changed(payload: object) -> ResourceChange:
    """The change that a message tells of."""
    result = translate(payload)
    assert isinstance(result, ResourceChange), result
    return result


# --- not ours ---


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("blob-created", IgnoredReason.OTHER_EVENT_TYPE),
        ("policy-state", IgnoredReason.POLICY),
        ("subscription-validation", IgnoredReason.SUBSCRIPTION_VALIDATION),
        ("template-deployment", IgnoredReason.TEMPLATE_DEPLOYMENT),
        ("other-provider", IgnoredReason.OTHER_PROVIDER),
        ("list-keys", IgnoredReason.HARMLESS_ACTION),
        ("register", IgnoredReason.NO_ROOT),
    ],
)
def test_what_is_not_ours_is_ignored_for_a_countable_reason(
    recorded: Recorded, name: str, reason: IgnoredReason
) -> None:
    """Foreign events are dropped, each for one of a few fixed phrases."""
    assert translate(recorded(f"ignored.{name}")) == Ignored(reason)


@pytest.mark.parametrize(
    ("operation", "resource", "reason"),
    [
        ("Microsoft.CognitiveServices/accounts/read", ACCOUNT, IgnoredReason.READ),
        ("Microsoft.Resources/deployments/write", ACCOUNT, IgnoredReason.TEMPLATE_DEPLOYMENT),
        (
            "Microsoft.Resources/deployments/validate/action",
            ACCOUNT,
            IgnoredReason.TEMPLATE_DEPLOYMENT,
        ),
        (
            "Microsoft.CognitiveServices/accounts/write",
            f"{ACCOUNT}/providers/Microsoft.Resources/deployments/main",
            IgnoredReason.TEMPLATE_DEPLOYMENT,
        ),
        ("Microsoft.Authorization/policies/audit/action", ACCOUNT, IgnoredReason.POLICY),
        ("Microsoft.Authorization/roleAssignments/write", ACCOUNT, IgnoredReason.OTHER_PROVIDER),
        ("Microsoft.CognitiveServices/accounts/write", SUBSCRIPTION, IgnoredReason.NO_ROOT),
        (
            "Microsoft.CognitiveServices/locations/resourceGroups/deletedAccounts/delete",
            f"{SUBSCRIPTION}/providers/Microsoft.CognitiveServices/locations/westeurope",
            IgnoredReason.NO_ROOT,
        ),
        (
            "Microsoft.CognitiveServices/commitmentPlans/write",
            f"{GROUP}/Microsoft.CognitiveServices/commitmentPlans/plan",
            IgnoredReason.NO_ROOT,
        ),
        (
            "Microsoft.Insights/diagnosticSettings/write",
            f"{GROUP}/Microsoft.KeyVault/vaults/v/{DIAGNOSTICS}",
            IgnoredReason.OTHER_PROVIDER,
        ),
        (
            "Microsoft.Insights/diagnosticSettings/write",
            f"/providers/Microsoft.Management/managementGroups/contoso/{DIAGNOSTICS}",
            IgnoredReason.OTHER_PROVIDER,
        ),
        ("Microsoft.Resources/tags/write", SUBSCRIPTION, IgnoredReason.OTHER_PROVIDER),
    ],
)
def test_operations_that_change_nothing_of_ours_are_ignored(
    operation: str, resource: str, reason: IgnoredReason
) -> None:
    """Reads, templates, policy effects, other providers, and ids under no root are dropped."""
    assert translate(event(operation, resource)) == Ignored(reason)


@pytest.mark.parametrize(
    "action",
    [
        "listKeys",
        "LISTKEYS",
        "listsecrets",
        "regenerateKey",
        "regenerateKeys",
        "checkSkuAvailability",
        "validate",
        "evaluateDeploymentPolicies",
        "testRaiExternalSafetyProvider",
        "getLogs",
        "diagnose",
        "token",
        "startPendingUpload",
    ],
)
def test_actions_that_change_nothing_are_ignored(action: str) -> None:
    """Asking for keys, checking and validating change no property that ARM shows."""
    operation = f"Microsoft.CognitiveServices/accounts/{action}/action"

    assert translate(event(operation, kind="Action")) == Ignored(IgnoredReason.HARMLESS_ACTION)


@pytest.mark.parametrize("action", ["pause", "resume", "reconcile", "somethingNew"])
def test_every_other_action_is_a_change(action: str) -> None:
    """An action that we do not know may have changed something."""
    operation = f"Microsoft.CognitiveServices/accounts/deployments/{action}/action"

    change = changed(event(operation, f"{ACCOUNT}/deployments/d", "Action"))

    assert change.operation_name == operation


def test_a_type_that_no_table_lists_is_a_change_of_its_root() -> None:
    """A child type that Azure added yesterday still calls for a look at its account."""
    new = f"{ACCOUNT}/teleporters/t"
    change = changed(event("Microsoft.CognitiveServices/accounts/teleporters/write", new))

    assert change.resource_id.root.name == "contoso"


@pytest.mark.parametrize("extension", ["Microsoft.Insights/diagnosticSettings/all", "tags"])
def test_diagnostic_settings_and_tags_of_our_resources_are_changes(extension: str) -> None:
    """They are another provider's, but extend an account: both operation names in use count."""
    if extension == "tags":
        extension = "Microsoft.Resources/tags/default"
    resource = f"{ACCOUNT}/providers/{extension}"
    operation = f"{extension.rpartition('/')[0]}/write"

    assert changed(event(operation, resource)).operation_name == operation
    long = f"Microsoft.CognitiveServices/accounts/providers/{operation}"
    assert changed(event(long, resource)).operation_name == long


def test_foreign_events_are_not_read_further() -> None:
    """A foreign event is ignored whatever its id and time look like."""
    foreign = event("Microsoft.Compute/virtualMachines/write", "no id") | {"eventTime": "never"}
    other_type = {"eventType": "Contoso.Ordered", "data": [1, 2]}

    assert translate(foreign) == Ignored(IgnoredReason.OTHER_PROVIDER)
    assert translate(other_type) == Ignored(IgnoredReason.OTHER_EVENT_TYPE)


# --- malformed ---


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (None, "null"),
        ("text", "text"),
        (1, "a number"),
        (True, "a boolean"),
        ([], "a list"),
        ({1}, "of type set"),
    ],
)
def test_what_is_no_object_is_malformed(payload: object, words: str) -> None:
    """The reason names the type that came instead."""
    assert malformed(payload) == f"an event is an object, and this is {words}"


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({}, "it has no keys"),
        ({"validationResponse": "x"}, "its keys are 'validationResponse'"),
        ({"eventTime": "", "subject": ""}, "as an Event Grid event it lacks eventType"),
        ({"type": "x"}, "as a CloudEvent it lacks specversion, source"),
        (
            {"ResourceId": "", "TimeGenerated": ""},
            "as an AzureActivity row it lacks OperationNameValue",
        ),
        (
            {"operationName": {}, "resourceId": ""},
            "as an activity log entry it lacks eventTimestamp",
        ),
    ],
)
def test_an_unknown_form_is_malformed_and_what_is_missing_is_named(
    payload: object, words: str
) -> None:
    """The reason says which keys the nearest form would need, or shows the keys that are there."""
    reason = malformed(payload)

    assert reason.startswith("no known wire form: ")
    assert reason.endswith(words)


WRITE = "Microsoft.CognitiveServices/accounts/write"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"eventType": None}, "eventType is missing"),
        ({"eventType": ["x"]}, "eventType is a list, not text"),
        ({"specversion": "1.0", "type": 7}, "type is a number, not text"),
        (event(WRITE) | {"data": [1]}, "data is a list, not an object"),
        (event(WRITE) | {"data": "no json"}, "data is text, not an object"),
        (event(WRITE) | {"eventTime": None}, "eventTime is missing"),
        (event(WRITE) | {"eventTime": 5}, "eventTime is a number, not text"),
        (event(WRITE) | {"eventTime": "soon"}, "eventTime 'soon' is no RFC 3339 time"),
        (
            event(WRITE) | {"eventTime": "2026-02-30T00:00:00Z"},
            "eventTime '2026-02-30T00:00:00Z' is no time: day is out of range for month",
        ),
        (
            event(WRITE) | {"data": {"operationName": 5}},
            "data.operationName is a number, not text",
        ),
        (
            event("a\nb/write"),
            r"data.operationName 'a\nb/write' is no operation name",
        ),
        (event(WRITE, 5), "data.resourceUri is a number, not text"),
        (event(WRITE, None), "subject is missing, so no resource is named"),
        (
            event(WRITE, "/tenants/t"),
            "data.resourceUri '/tenants/t' is no ARM id (does not begin with /subscriptions/<id>)",
        ),
        (
            event(WRITE, f"{ACCOUNT}\0"),
            (
                r"data.resourceUri '/subscriptions/11111111-1111-1111-1111….CognitiveServices"
                r"/accounts/contoso\x00' is no ARM id (holds control characters)"
            ),
        ),
        (
            event(WRITE, "/subscriptions/\ud800"),
            r"data.resourceUri '/subscriptions/\ud800' holds half a Unicode character",
        ),
    ],
)
def test_a_change_of_ours_that_cannot_be_read_is_malformed(payload: object, reason: str) -> None:
    """The reason is one sentence that names the field and what is wrong with it."""
    assert malformed(payload) == reason


def test_reasons_are_short_and_printable() -> None:
    """A value of a megabyte of control characters is cut and escaped."""
    for payload in (
        event(WRITE, "\x1b[31m" * 200_000),
        event("\x07" * 1_000_000),
        event(WRITE) | {"eventTime": "\n" * 1_000_000},
        {"\x00" * 1_000_000: 1, "\n" * 1_000_000: 2},
    ):
        reason = malformed(payload)

        assert len(reason) < 250
        assert reason.isprintable()


# --- for all messages ---

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMED_EVENTS = sorted(
    file.stem for file in FIXTURES.glob("*.json") if file.stem != "log-analytics-query"
)


def fixture(name: str) -> dict[str, Any]:
    """One of the recorded events."""
    parsed: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return parsed


@given(JSON)
@example({"eventType": "Microsoft.Resources.ResourceWriteSuccess", "data": {"claims": "{" * 5000}})
@settings(deadline=None)
def test_translate_never_raises_on_any_json(payload: object) -> None:
    """Whatever JSON comes, the answer is a change, ignored or malformed."""
    assert isinstance(translate(payload), ResourceChange | Ignored | Malformed)


@given(st.sampled_from(NAMED_EVENTS), st.data())
@settings(max_examples=400, deadline=None)
def test_translate_never_raises_on_an_event_with_a_field_gone_wrong(
    name: str, data: st.DataObject
) -> None:
    """Any one value of a real event replaced by any JSON value still gives an answer."""
    payload: dict[str, Any] = fixture(name)
    holder = payload
    while isinstance(holder, dict):
        key = data.draw(st.sampled_from(sorted(holder)))
        if not isinstance(holder[key], dict) or not holder[key] or data.draw(st.booleans()):
            holder[key] = data.draw(JSON)
            break
        holder = holder[key]

    assert isinstance(translate(payload), ResourceChange | Ignored | Malformed)


@st.composite
def ours(draw: st.DrawFn) -> dict[str, Any]:
    """A subscription event about any watched type, with any outcome, times and claims."""
    names = sorted(watched.name for watched in WATCHED.values())
    resource_type = draw(st.sampled_from([n for n in names if "accounts" in n or "spaces" in n]))
    word = st.text("abcdefXYZ019-_", min_size=1, max_size=12)
    provider, *types = resource_type.split("/")
    pairs = "/".join(f"{kind}/{draw(word)}" for kind in types)
    kind = draw(st.sampled_from(["Write", "Delete", "Action"]))
    verb = "pause/action" if kind == "Action" else kind.lower()
    ending = draw(st.sampled_from(["Success", "Failure", "Cancel"]))
    resource = f"{SUBSCRIPTION}/resourceGroups/{draw(word)}/providers/{provider}/{pairs}"
    return {
        "id": draw(word),
        "topic": SUBSCRIPTION,
        "subject": resource,
        "eventType": f"Microsoft.Resources.Resource{kind}{ending}",
        "eventTime": draw(st.datetimes()).isoformat() + draw(st.sampled_from(["", "Z", "+02:00"])),
        "data": {
            "operationName": f"{resource_type}/{verb}",
            "resourceUri": resource,
            "claims": draw(st.none() | st.fixed_dictionaries({"name": st.text(), "appid": word})),
            "correlationId": draw(word),
        },
        "dataVersion": "2",
        "metadataVersion": "1",
    }


def as_cloud_event(eg: dict[str, Any]) -> dict[str, Any]:
    """The same event in the other schema."""
    return {
        "specversion": "1.0",
        "id": eg["id"],
        "source": eg["topic"],
        "subject": eg["subject"],
        "type": eg["eventType"],
        "time": eg["eventTime"],
        "data": eg["data"],
    }


@given(ours())
@settings(deadline=None)
def test_both_schemas_of_one_event_are_one_change(eg: dict[str, Any]) -> None:
    """What Event Grid wraps an event in does not show in the change."""
    assert translate(as_cloud_event(eg)) == translate(eg)


@given(ours(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_casing_does_not_matter(eg: dict[str, Any], random: Any) -> None:  # noqa: ANN401 - random.Random
    """Types, operations and ids in any mixture of cases give the same change."""

    def mixed(text: str) -> str:
        return "".join(random.choice([letter.upper(), letter.lower()]) for letter in text)

    other = eg | {
        "eventType": mixed(eg["eventType"]),
        "subject": mixed(eg["subject"]),
        "data": eg["data"]
        | {
            "operationName": mixed(eg["data"]["operationName"]),
            "resourceUri": mixed(eg["data"]["resourceUri"]),
        },
    }

    assert translate(other) == translate(eg)
