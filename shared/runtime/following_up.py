"""What people decide about findings, and reminders, as the settings want them; on any store."""

from datetime import timedelta

from shared.pipeline.lifecycle import Lifecycle
from shared.pipeline.remind import SERVICE_LEVELS, Reminders
from shared.ports import Clock, FindingStore
from shared.settings import FollowUpSettings


def lifecycle(findings: FindingStore, clock: Clock, settings: FollowUpSettings) -> Lifecycle:
    """Return the decisions of people, as far as the settings let them go."""
    return Lifecycle(findings, clock, timedelta(days=settings.longest_snooze_days))


def reminders(findings: FindingStore, clock: Clock, settings: FollowUpSettings) -> Reminders:
    """Return the reminders that the settings ask for."""
    hours = settings.remind_after_hours
    chosen = {severity: timedelta(hours=each) for severity, each in hours.items()}
    levels = {name: each for name, each in {**SERVICE_LEVELS, **chosen}.items() if each}
    return Reminders(findings, clock, levels, settings.escalate_to or None)
