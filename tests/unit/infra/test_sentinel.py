"""Sentinel's rules: what each raises an incident for, with which entities."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.domain.finding import Attribution, TransitionKind
from shared.domain.health import HealthRecord
from shared.domain.verdict import Severity
from tests.activity_rows import ACTOR, row
from tests.fakes import BEGINNING
from tests.log_history import History, Row, running_history
from tests.records import ACCOUNT, GROUP, OTHER_ACCOUNT, moment, transition

INFRA = Path(__file__).resolve().parents[3] / "infra"
MODULE = (INFRA / "modules/sentinel_rules.bicep").read_text("utf-8")
MONITOR = f"{GROUP}/Microsoft.Web/sites/monitor"
PERSON = Attribution("ann@example.com", moment(-3), "c0ffee", exact=True)
APPLICATION = replace(PERSON, actor="0e000000-0000-0000-0000-00000000000a")
FILLED_IN = {
    "new_finding": "",
    "monitor_silenced": f'let monitor = "{MONITOR}";\n',
    "monitor_changed": f'let own = dynamic(["{MONITOR.lower()}"]);\n',
}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[History]:
    """An empty history."""
    async with running_history(tmp_path) as history:
        yield history


def raised(here: History, rule: str, minutes: float = 0) -> list[Row]:
    """Return what a rule finds so many minutes later."""
    text = FILLED_IN[rule] + (INFRA / f"sentinel/{rule}.kql").read_text("utf-8")
    return here.ask(text, here.clock.now() + timedelta(minutes=minutes))


async def test_what_becomes_bad_raises_an_incident(here: History) -> None:
    """A person or an application, by the entity that it is; what is less bad does not."""
    alerts = [
        transition(1, attribution=PERSON),
        transition(2, resource_id=OTHER_ACCOUNT, attribution=APPLICATION),
        transition(3, control="a.b", kind=TransitionKind.WORSENED, severity=Severity.CRITICAL),
        transition(4, control="a.c", severity=Severity.MEDIUM),
        transition(5, kind=TransitionKind.RESOLVED),
        transition(6, kind=TransitionKind.REMINDER),
    ]
    await here.tell([*alerts, alerts[0]])
    here.arrive()

    found = {str(each["AlertId"]): each for each in raised(here, "new_finding", 5)}

    assert found.keys() == {each.id for each in alerts[:3]}
    assert len(raised(here, "new_finding", 5)) == 3
    person, application, worse = (found[each.id] for each in alerts[:3])
    assert (person["ActorName"], person["ActorId"]) == ("ann@example.com", "")
    assert (application["ActorName"], application["ActorId"]) == ("", APPLICATION.actor)
    assert person["TargetResourceId"] == ACCOUNT
    assert (person["SentinelSeverity"], worse["SentinelSeverity"]) == ("Medium", "High")


async def test_an_alert_raises_an_incident_once(here: History) -> None:
    """Not at the next run of the rule, and not when it is told again."""
    await here.tell([transition(1)])
    here.arrive()
    assert raised(here, "new_finding", 11) == []

    here.clock.advance(timedelta(minutes=30))
    await here.tell([transition(1)])
    here.arrive()

    assert raised(here, "new_finding", 5) == []


async def test_a_silent_monitor_raises_an_incident(here: History) -> None:
    """And one whose canaries are lost; one at work does not, however it is."""
    assert raised(here, "monitor_silenced")[0]["MonitorResourceId"] == MONITOR
    now = here.clock.now()
    took = timedelta(seconds=3)
    await here.say_how_it_is(HealthRecord(now, "1", "i", (), now, took))
    here.arrive()

    assert raised(here, "monitor_silenced", 5) == []
    assert raised(here, "monitor_silenced", 25)[0]["State"] == "silent"


@pytest.mark.parametrize(
    ("columns", "raises"),
    [
        ({}, True),
        ({"OperationNameValue": "MICROSOFT.WEB/SITES/DELETE"}, True),
        ({"OperationNameValue": "MICROSOFT.WEB/SITES/STOP/ACTION"}, True),
        ({"_ResourceId": f"{MONITOR}/config/appsettings"}, True),
        ({"_ResourceId": f"{MONITOR}-of-others"}, False),
        ({"ActivityStatusValue": "Failure"}, False),
        ({"OperationNameValue": "MICROSOFT.WEB/SITES/READ"}, False),
    ],
)
async def test_whoever_changes_the_monitor_raises_an_incident(
    here: History, columns: dict[str, object], *, raises: bool
) -> None:
    """Anything below it counts; what failed, or is another's, does not."""
    changed = {
        **row(),
        "_ResourceId": MONITOR.upper(),
        "ResourceId": "",
        "OperationNameValue": "MICROSOFT.WEB/SITES/WRITE",
        "ActivityStatusValue": "Success",
        **columns,
    }
    here.logs.ingest([changed], BEGINNING)

    found = raised(here, "monitor_changed", 5)

    assert bool(found) is raises
    if raises:
        assert found[0]["CallerName"] == ACTOR
        assert str(found[0]["ChangedResourceId"]).startswith(MONITOR.lower())


async def test_every_column_that_a_rule_maps_is_there(here: History) -> None:
    """Entities, details and what titles name."""
    accounts = {
        "new_finding": {"ActorName", "ActorId"},
        "monitor_changed": {"CallerName", "CallerId"},
        "monitor_silenced": set[str](),
    }
    for rule, before in FILLED_IN.items():
        block = MODULE[MODULE.index(f"name: '{rule.replace('_', '-')}'") :]
        head, _, details = block.partition("details:")
        named = {*re.findall(r"\{\{(\w+)\}\}", head), *re.findall(r"columnName: '(\w+)'", head)}
        named |= {*re.findall(r"resource: '(\w+)'", head)}
        named |= {*re.findall(r"\w+: '(\w+)'", details.partition("}")[0])}
        text = before + (INFRA / f"sentinel/{rule}.kql").read_text("utf-8")
        columns = {each[0] for each in here.logs.run(text).description}

        assert named
        assert named | accounts[rule] <= columns
