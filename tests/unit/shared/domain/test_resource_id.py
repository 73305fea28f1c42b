"""ARM resource ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.resource_id import MAX_LENGTH, MalformedResourceIdError, ResourceId
from tests.arm import ACCOUNT_ID, GROUP, SUBSCRIPTION

DEPLOYMENT_ID = f"{ACCOUNT_ID}/deployments/Chat-1"
EXTENSION_ID = f"{ACCOUNT_ID}/providers/Microsoft.Insights/diagnosticSettings/all"


def test_reads_a_resource_below_a_root() -> None:
    """Names keep their case; what is compared does not."""
    found = ResourceId.parse(DEPLOYMENT_ID)

    assert found.text == str(found) == DEPLOYMENT_ID
    assert found.key == DEPLOYMENT_ID.lower()
    assert found.subscription == SUBSCRIPTION
    assert found.resource_group == "rg-ai"
    assert found.provider == "Microsoft.CognitiveServices"
    assert found.segments == (("accounts", "acct"), ("deployments", "Chat-1"))
    assert found.type == "Microsoft.CognitiveServices/accounts/deployments"
    assert found.name == "Chat-1"
    assert found.root == found.parent == ResourceId.parse(ACCOUNT_ID)


def test_reads_a_root() -> None:
    """It is its own root, and lies below the subscription."""
    found = ResourceId.parse(ACCOUNT_ID)

    assert found.root == found
    assert found.parent == ResourceId.parse(f"/subscriptions/{SUBSCRIPTION}")
    assert found.type == "Microsoft.CognitiveServices/accounts"


def test_reads_a_subscription() -> None:
    """It is its own root and parent."""
    found = ResourceId.parse(f"/subscriptions/{SUBSCRIPTION.upper()}/")

    assert found.type == "Microsoft.Resources/subscriptions"
    assert found.name == found.subscription == SUBSCRIPTION
    assert (found.resource_group, found.provider, found.segments) == ("", "", ())
    assert found.root == found.parent == found


def test_reads_an_extension() -> None:
    """Its type is the extension's, its parent what it extends."""
    found = ResourceId.parse(EXTENSION_ID)

    assert found.type == found.extension == "Microsoft.Insights/diagnosticSettings"
    assert found.segments == (("accounts", "acct"),)
    assert found.name == "all"
    assert found.parent == found.root == ResourceId.parse(ACCOUNT_ID)


@pytest.mark.parametrize(
    "below",
    [
        "Microsoft.Features/providers/Microsoft.CognitiveServices/features/f",
        "microsoft.security/PRICINGS/AI",
        "Microsoft.CognitiveServices/locations/westus/models/m",
    ],
)
def test_what_is_a_subscriptions_own_has_it_as_its_root(below: str) -> None:
    """It is looked at with the subscription."""
    found = ResourceId.parse(f"/subscriptions/{SUBSCRIPTION}/providers/{below}")

    assert found.root == ResourceId.parse(f"/subscriptions/{SUBSCRIPTION}")


def test_reads_a_resource_of_the_subscription_itself() -> None:
    """Not everything lies in a resource group."""
    found = ResourceId.parse(f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security/p/AI")

    assert found.resource_group == ""
    assert found.root == found
    assert found.parent.type == "Microsoft.Resources/subscriptions"


@pytest.mark.parametrize(
    "spelling",
    [
        DEPLOYMENT_ID.upper(),
        DEPLOYMENT_ID.replace("resourceGroups", "resourcegroups"),
        f" {DEPLOYMENT_ID}/ ",
    ],
)
def test_spellings_of_one_id_are_equal(spelling: str) -> None:
    """Azure's own answers differ in case."""
    one, other = ResourceId.parse(DEPLOYMENT_ID), ResourceId.parse(spelling)

    assert one == other
    assert hash(one) == hash(other)
    assert {one: 1}[other] == 1
    assert one.parent == other.parent


def test_other_ids_are_not_equal() -> None:
    """Nor is a text an id."""
    found = ResourceId.parse(DEPLOYMENT_ID)

    assert found != ResourceId.parse(ACCOUNT_ID)
    assert found != DEPLOYMENT_ID


def test_lies_within_what_is_above() -> None:
    """By whole segments: an account is not within one whose name it begins with."""
    found = ResourceId.parse(DEPLOYMENT_ID.upper())

    assert found.is_within(found)
    assert found.is_within(found.root)
    assert found.is_within(found.root.parent)
    assert not found.root.is_within(found)
    assert not ResourceId.parse(f"{ACCOUNT_ID}2").is_within(found.root)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "must be text, not NoneType"),
        (5, "must be text, not int"),
        ("", "does not begin with /subscriptions/<id>"),
        ("acct", "does not begin with /subscriptions/<id>"),
        ("/subscriptions", "does not begin with /subscriptions/<id>"),
        ("/tenants/t", "does not begin with /subscriptions/<id>"),
        (f"x{ACCOUNT_ID}", "does not begin with /subscriptions/<id>"),
        ("/subscriptions//resourceGroups/g", "has an empty segment"),
        (f"{ACCOUNT_ID}/deployments/ /x/y", "has an empty segment"),
        (f"/subscriptions/{SUBSCRIPTION}/resourceGroups", "names no resource group"),
        (GROUP, "names a resource group, not a resource"),
        (f"{GROUP}/accounts/acct", "has no /providers/ segment"),
        (f"{GROUP}/providers/Microsoft.CognitiveServices", "does not alternate types and names"),
        (f"{ACCOUNT_ID}/deployments", "does not alternate types and names"),
        (f"{ACCOUNT_ID}\n", "holds control characters"),
        (f"{ACCOUNT_ID}\x85x", "holds control characters"),
        (f"{ACCOUNT_ID}{'x' * MAX_LENGTH}", f"longer than {MAX_LENGTH} characters"),
    ],
)
def test_what_is_no_id_is_refused_with_the_reason(text: object, reason: str) -> None:
    """The reason is shown to whoever sent it."""
    with pytest.raises(MalformedResourceIdError) as refused:
        ResourceId.parse(text)

    assert reason in str(refused.value)


@given(st.text() | st.lists(st.sampled_from(["subscriptions", "providers", "a", " ", ""])))
def test_any_text_is_an_id_or_refused(text: object) -> None:
    """An id that is read can be read again, and its root holds it."""
    spelled = "/".join(text) if isinstance(text, list) else text
    try:
        found = ResourceId.parse(spelled)
    except MalformedResourceIdError:
        return
    assert ResourceId.parse(found.text) == found
    assert found.is_within(found.root)
    assert found.root.root == found.root
