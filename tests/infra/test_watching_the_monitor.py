"""Whoever switches the monitor off, and whatever breaks it, is told of from outside."""

import re
from datetime import timedelta

import pytest

from shared.domain.canary import LATE_AFTER
from shared.domain.finding import TransitionKind
from tests.bicep.deployment import FILES, INFRA, MAIN, module
from tests.bicep.security import at
from tests.bicep.source import BicepFile
from tests.bicep.values import Many, value_of
from tests.kql.saved_functions import BODIES

SILENT_AFTER = timedelta(minutes=20)
"""Four records in a row are missing: one is due every five minutes."""
ALERTS = sorted((INFRA / "alerts").glob("*.kql"))
# A change of these is no attack on the monitor: parts of others above, seen by metrics, or what
# only repeats and shows what alert rules tell.
NOT_GUARDED = {
    "Microsoft.Authorization/roleDefinitions",
    "Microsoft.Insights/components",
    "Microsoft.Insights/diagnosticSettings",
    "Microsoft.Insights/metricAlerts",
    "Microsoft.Insights/workbooks",
    "Microsoft.SecurityInsights/alertRules",
    "Microsoft.SecurityInsights/onboardingStates",
    "Microsoft.Web/serverfarms",
}


def operations(file: BicepFile, variable: str) -> set[str]:
    """Return the operations that the rows of a table name, in lower case."""
    rows = value_of(file, file.variables[variable])
    assert isinstance(rows, list)
    return {operation.lower() for row in rows for operation in row["operations"]}


def test_every_part_of_the_monitor_is_guarded() -> None:
    """Each kind of resource that is deployed tells when it is changed or removed."""
    deployed = {
        resource.target.partition("@")[0]
        for file in FILES
        for resource in file.resources
        if resource.target.count("/") == 1 and not resource.existing
    }
    guarded = operations(module("app_guard"), "parts") | operations(
        module("watch_guard"), "allCuts"
    )
    unguarded = {
        kind
        for kind in deployed - NOT_GUARDED
        if not kind.startswith(("Microsoft.Network/", "Microsoft.Resources/"))
        and not {f"{kind}/write".lower(), f"{kind}/delete".lower()} <= guarded
    }

    assert unguarded == set()


@pytest.mark.parametrize(
    "operation",
    [
        "Microsoft.EventGrid/systemTopics/eventSubscriptions/delete",
        "Microsoft.EventGrid/systemTopics/eventSubscriptions/write",
        "Microsoft.EventGrid/systemTopics/delete",
        "Microsoft.Insights/diagnosticSettings/delete",
        "Microsoft.Authorization/roleAssignments/delete",
    ],
)
def test_cutting_off_a_subscription_is_told(operation: str) -> None:
    """Each way to make the monitor deaf in a subscription is watched there."""
    assert operation.lower() in operations(module("watch_guard"), "allCuts")


def test_a_rule_that_would_remove_what_is_remembered_is_told() -> None:
    """Whoever may change the account can let it forget snapshots by a rule, without the data."""
    operation = "Microsoft.Storage/storageAccounts/managementPolicies/write"

    assert operation.lower() in operations(module("app_guard"), "parts")


@pytest.mark.parametrize("name", ["app_guard", "watch_guard"])
def test_guards_do_not_need_the_workspace(name: str) -> None:
    """They read the Activity Log itself, so that cutting its export cannot silence them."""
    file = module(name)
    kinds = {each.target.partition("@")[0] for each in file.resources}

    assert kinds <= {"Microsoft.Insights/activityLogAlerts", "Microsoft.Insights/metricAlerts"}
    assert "workspace" not in " ".join(file.parameters)


def test_events_that_event_grid_gives_up_are_told() -> None:
    """Its own counters are watched: the code cannot know of what never reached it."""
    losses = value_of(module("watch_guard"), module("watch_guard").variables["losses"])
    assert isinstance(losses, list)

    assert {each["metric"] for each in losses} == {
        "DeadLetteredCount",
        "DroppedEventCount",
        "DeliveryAttemptFailCount",
    }


def test_each_alert_rule_asks_one_query_and_tells_somebody() -> None:
    """Every query of the folder is a rule, that goes to the action group."""
    file = module("alert_rules")
    rules = value_of(file, file.variables["rules"])
    resource = next(each for each in file.resources if each.symbol == "alerts")
    assert resource.body is not None
    body = value_of(file, resource.body)
    assert isinstance(rules, list)

    assert sorted(each["query"] for each in rules) == sorted(each.read_text() for each in ALERTS)
    assert len({each["name"] for each in rules}) == len(rules)
    assert at(body, "properties.actions.actionGroups") != []
    assert not isinstance(at(body, "properties.criteria.allOf"), Many)


def test_alert_rules_look_no_further_back_than_azure_monitor_lets_them() -> None:
    """No query asks for more than the window of its rule holds."""
    minutes = {"m": 1, "h": 60, "d": 1440}
    windows = {"PT30M": 30, "PT3H": 180, "P1D": 1440}
    rules = value_of(module("alert_rules"), module("alert_rules").variables["rules"])
    assert isinstance(rules, list)
    for rule in rules:
        asked = re.findall(r"TimeGenerated > ago\((\d+)([mhd])\)", rule["query"])
        assert asked, rule["name"]
        assert all(int(n) * minutes[unit] <= windows[rule["window"]] for n, unit in asked)


def test_kinds_of_alerts_in_queries_are_those_of_the_code() -> None:
    """A query that waits for a kind that nobody writes would be silent for ever."""
    named = {
        kind
        for file in ALERTS
        for kind in re.findall(r'"(\w+)"', "".join(re.findall(r"AlertKind.*", file.read_text())))
    }

    assert named
    assert named <= {str(kind) for kind in TransitionKind}


def test_every_query_waits_for_canaries_and_records_as_long_as_the_code_says() -> None:
    """Rule, function and check of the code raise the alarm at the same time."""
    rules = {each.stem: each.read_text("utf-8") for each in ALERTS}
    health = BODIES["MonitorHealth"]
    canary, silent = (f"{late // timedelta(minutes=1)}m" for late in (LATE_AFTER, SILENT_AFTER))

    assert f"LastCanarySentAt < ago({canary})" in rules["no_canary"]
    assert f"let canaryLateAfter = {canary};" in health
    assert f"let silentAfter = {silent};" in health
    # Every rule on the record takes the last one for as long as it is none too old.
    on_record = [each for each in rules.values() if "ComplianceHealth_CL" in each]
    assert len(on_record) == len(rules) - 1
    for text in on_record:
        assert f"ComplianceHealth_CL\n    | where TimeGenerated > ago({silent})" in text.replace(
            "CL\n|", "CL\n    |"
        )


def test_nothing_is_armed_before_the_code_runs() -> None:
    """Event subscriptions and alert rules come with the second phase."""
    assert "enabled: complete" in MAIN.text
    assert "sendEvents: complete" in MAIN.text
    assert "if (sendEvents)" in module("watched_subscription").text
