"""Outbound rules as ARM embeds them."""

import pytest

from shared.domain.outbound_rule import outbound_rules
from tests.arm import workspace


def test_rules_are_read_by_name() -> None:
    """What is no object has no properties, and is not lost; null is absent."""
    rules = {"pypi": {"destination": "github.com"}, "odd": "github.com", "gone": None}
    found = outbound_rules(workspace(managedNetwork={"outboundRules": rules}))

    assert [(rule.name, rule.body.text("destination").value) for rule in found] == [
        ("pypi", "github.com"),
        ("odd", None),
    ]


@pytest.mark.parametrize("network", [None, {}, {"outboundRules": None}, {"outboundRules": ["x"]}])
def test_without_rules_there_are_none(network: object) -> None:
    """Absent, null and wrong-typed."""
    assert outbound_rules(workspace(managedNetwork=network)) == ()


@pytest.mark.parametrize(
    ("rule", "is_judged"),
    [
        ({"category": "UserDefined", "status": "Active"}, True),
        ({"category": "userdefined", "status": "Provisioning"}, True),
        ({"category": "UserDefined"}, True),
        ({"status": "Active"}, True),
        ({"category": 5, "status": 5}, True),
        ({"category": "New", "status": "New"}, True),
        ({}, True),
        ("github.com", True),
        ({"category": "Required", "status": "Active"}, False),
        ({"category": "DEPENDENCY"}, False),
        ({"category": "Recommended"}, False),
        ({"category": "UserDefined", "status": "Inactive"}, False),
        ({"category": "UserDefined", "status": "deleting"}, False),
        ({"category": "UserDefined", "status": "FAILED"}, False),
    ],
)
def test_a_rule_is_of_a_user_and_in_effect_unless_azure_says_otherwise(
    rule: object, *, is_judged: bool
) -> None:
    """What is not stated, or not known, could be."""
    (found,) = outbound_rules(workspace(managedNetwork={"outboundRules": {"rule": rule}}))

    assert found.is_of_user_in_effect is is_judged
