"""Reading the properties of a resource."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.resource import LONGEST_SHOWN, Property, Resource, Subject
from shared.domain.verdict import Evidence
from tests.arm import account, read_with

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def test_reads_a_property_by_its_path() -> None:
    """The value, the path and what is really there."""
    judged = account(networkAcls={"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]})

    assert judged.text("properties.networkAcls.defaultAction") == Property(
        "properties.networkAcls.defaultAction", "Deny", "Deny", str
    )
    assert judged.list("properties.networkAcls.ipRules").value == [{"value": "1.2.3.4"}]
    assert judged.object("properties.networkAcls").value == judged.body["properties"]["networkAcls"]  # type: ignore[index]
    assert judged.kind == "OpenAI"


@pytest.mark.parametrize("value", [True, False])
def test_a_flag_is_a_boolean(value: object) -> None:
    """False is a value, not an absence."""
    found = account(disableLocalAuth=value).flag("properties.disableLocalAuth")

    assert found.value is value
    assert found.wrong == ""
    assert found.shown("absent") == str(value).lower()


@pytest.mark.parametrize("path", ["properties.none", "none.of.these", "kind.deeper", "sku.name.x"])
def test_what_is_not_there_has_no_value(path: str) -> None:
    """A path that leads nowhere, or through what is no object, is absent without a remark."""
    found = account().text(path)

    assert found == Property(path, None, None, str)
    assert (found.wrong, found.shown("absent")) == ("", "absent")


def test_null_is_absent() -> None:
    """ARM answers null for what is not set."""
    found = account(publicNetworkAccess=None).text("properties.publicNetworkAccess")

    assert (found.value, found.wrong) == (None, "")


@pytest.mark.parametrize(
    ("value", "called"),
    [
        (5, "a number"),
        (1.5, "a number"),
        (True, "a boolean"),
        (["Disabled"], "a list"),
        ({"x": 1}, "an object"),
    ],
)
def test_a_value_of_the_wrong_type_counts_as_absent_and_says_so(value: object, called: str) -> None:
    """It is no text, whatever it might look like."""
    found = account(publicNetworkAccess=value).text("properties.publicNetworkAccess")
    note = f" (publicNetworkAccess is {called}, not text, and counts as absent)"

    assert found.value is None
    assert found.observed == value
    assert found.wrong == note
    assert found.shown("absent") == f"absent{note}"


def test_numbers_are_no_flags_and_flags_no_numbers() -> None:
    """Python would mix them up."""
    one = account(disableLocalAuth=1).flag("properties.disableLocalAuth")

    assert one.value is None
    assert one.wrong == " (disableLocalAuth is a number, not a boolean, and counts as absent)"


def test_a_long_value_is_cut_in_messages() -> None:
    """The evidence has it whole."""
    found = account(publicNetworkAccess="x" * 500).text("properties.publicNetworkAccess")

    assert found.shown("absent") == "x" * LONGEST_SHOWN + "…"


def test_a_property_is_evidence() -> None:
    """With its path and what is really there, a wrong type included."""
    found = account(publicNetworkAccess=5).text("properties.publicNetworkAccess")

    assert found.evidence("account", "Disabled") == Evidence(
        "account", "properties.publicNetworkAccess", "Disabled", 5
    )


def test_the_objects_of_a_list_can_be_read_like_resources() -> None:
    """What is no object is left out."""
    judged = read_with("2025-12-01", account(networkInjections=[{"a": "b"}, None, "x", 5, [], {}]))
    found = judged.objects("properties.networkInjections")

    assert [each.body for each in found] == [{"a": "b"}, {}]
    assert {each.id for each in found} == {judged.id}
    assert {each.api_version for each in found} == {"2025-12-01"}
    assert judged.objects("properties.none") == ()


@pytest.mark.parametrize(
    ("read", "since", "is_before"),
    [
        ("2025-06-01", "2025-09-01", True),
        ("2025-09-01", "2025-09-01", False),
        ("2025-10-01-preview", "2025-09-01", False),
        ("2026-03-15-preview", "2026-03-15-preview", False),
        ("2026-03-15", "2026-03-15-preview", False),
        ("2026-03-01", "2026-03-15-preview", True),
        (None, "2025-09-01", False),
    ],
)
def test_versions_are_compared_by_their_dates(
    read: str | None, since: str, *, is_before: bool
) -> None:
    """A preview has the date's properties; a version that is not stated is a current one."""
    original = account()

    assert Resource(original.id, original.body, read).read_before(since) is is_before


@given(ANY_JSON, st.sampled_from(["a", "a.b", "a.b.c", "", "."]))
def test_any_json_can_be_read(value: object, path: str) -> None:
    """No shape makes reading crash, and a value is always of the type that was asked for."""
    nested = Resource(account().id, {"a": value})
    for found in (nested.text(path), nested.flag(path), nested.list(path), nested.object(path)):
        assert found.value is None or type(found.value) is found.wanted
        assert found.shown("absent")[:1] or found.value == ""
    assert isinstance(nested.objects(path), tuple)


@given(ANY_JSON, st.sampled_from(["a", "a.b", "a.b.c", "", "."]))
def test_a_resource_reads_the_same_while_it_is_judged(value: object, path: str) -> None:
    """However often, and whatever was asked for at the same path before."""
    resource = Resource(account().id, {"a": value, "kind": value}, "2025-12-01")
    subject = Subject(resource.id, resource.body, resource.api_version)

    for _ in range(2):
        assert subject.text(path) == resource.text(path)
        assert subject.object(path) == resource.object(path)
        assert subject.list(path) == resource.list(path)
        assert subject.flag(path) == resource.flag(path)
    assert subject.kind == resource.kind == resource.text("kind").value
    assert subject.text(path) is subject.text(path)
