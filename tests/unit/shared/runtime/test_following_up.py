"""Reminders, snoozes and escalation are as the settings want them."""

from datetime import timedelta

import pytest

from monitors import load_catalogue
from shared.domain.verdict import Severity
from shared.pipeline.remind import SERVICE_LEVELS
from shared.runtime.app_sinks import app_sinks
from shared.runtime.following_up import lifecycle, reminders
from shared.runtime.sink_settings import read_sink_settings
from shared.settings import FollowUpSettings, SettingsError, read_follow_up_settings
from tests.follow_up import desk


def reading(monkeypatch: pytest.MonkeyPatch, **variables: str) -> FollowUpSettings:
    """Read the settings of an environment."""
    for name, value in variables.items():
        monkeypatch.setenv(f"COMPLIANCE_{name}", value)
    return read_follow_up_settings()


def test_without_settings_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four hours, a day, a week; two weeks of snooze; nobody to escalate to."""
    at = desk()
    settings = reading(monkeypatch)

    due = reminders(at.findings, at.clock, settings)

    assert (due.levels, due.escalate_to) == (dict(SERVICE_LEVELS), None)
    assert lifecycle(at.findings, at.clock, settings).longest_snooze == timedelta(days=14)


def test_each_service_level_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those not named stay; 0 is never; low can have one too."""
    at = desk()
    settings = reading(
        monkeypatch,
        REMIND_AFTER_HOURS__CRITICAL="0.5",
        REMIND_AFTER_HOURS__HIGH="0",
        REMIND_AFTER_HOURS__LOW="720",
        ESCALATE_TO="teams",
        LONGEST_SNOOZE_DAYS="3",
    )

    due = reminders(at.findings, at.clock, settings)

    assert due.levels == {
        Severity.CRITICAL: timedelta(minutes=30),
        Severity.MEDIUM: timedelta(days=7),
        Severity.LOW: timedelta(days=30),
    }
    assert due.escalate_to == "teams"
    assert lifecycle(at.findings, at.clock, settings).longest_snooze == timedelta(days=3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REMIND_AFTER_HOURS__HIGH", "-1"),
        ("REMIND_AFTER_HOURS__HIGH", "soon"),
        ("REMIND_AFTER_HOURS__WORST", "1"),
        ("REMIND_AFTER_HOURS", "24"),
        ("REMIND_AFTER_HOURS", "{"),
        ("LONGEST_SNOOZE_DAYS", "0"),
        ("LONGEST_SNOOZE_DAYS", "91"),
    ],
)
def test_what_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """For good is no snooze."""
    with pytest.raises(SettingsError, match=f"COMPLIANCE_{name.partition('__')[0]}"):
        reading(monkeypatch, **{name: value})


@pytest.mark.parametrize(
    ("escalate_to", "said"),
    [("teams:oncall", "is the name of no sink; set are webhook"), ("webhook", "the only sink")],
)
async def test_an_escalation_that_would_reach_nobody_is_refused(
    monkeypatch: pytest.MonkeyPatch, escalate_to: str, said: str
) -> None:
    """A sink that there is not, and one beside which nobody is told of other alerts."""
    monkeypatch.setenv("COMPLIANCE_SINKS__WEBHOOK__URL", "http://127.0.0.1:9/hook")

    with pytest.raises(SettingsError, match=said):
        app_sinks(read_sink_settings(), load_catalogue(), desk().clock, None, escalate_to)
