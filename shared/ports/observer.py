"""Who watches the monitor at work: spans with a beginning and an end, and numbers to add up.

What is told here leaves the process. So it is ids of Azure resources, words of our own and numbers,
never a text that came with an event, a policy or an error: those hold claims and addresses.
"""

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

Attribute = str | int | float | bool
"""A value beside a span or a number."""


class Measure(StrEnum):
    """What is counted and measured, by its name in Application Insights (table `customMetrics`)."""

    EVENTS = "compliance.events"
    """Events that came, by outcome."""
    QUEUE_AGE = "compliance.queue.age"
    """Seconds from accepting a message to beginning its look."""
    LOOKS = "compliance.looks"
    """Looks that ended, by trigger and status."""
    UNKNOWNS = "compliance.unknowns"
    """Verdicts `unknown` in what looks committed."""
    UNREAD = "compliance.unread"
    """Sources that a look could not read, by cause."""
    THROTTLES = "compliance.throttles"
    """Answers of ARM that refused a read for now (429)."""
    DELIVERIES = "compliance.deliveries"
    """Alerts that sinks were sent, by sink and outcome."""
    ALERT_LATENCY = "compliance.alert.latency"
    """Seconds from the change in Azure to the sink that has taken its alert."""


class Span(Protocol):
    """A piece of work under way."""

    def note(self, **attributes: Attribute) -> None:
        """Say more of it."""


class Observer(Protocol):
    """Watches; it never fails, and never makes anybody wait."""

    def span(self, name: str, /, **attributes: Attribute) -> AbstractContextManager[Span]:
        """Watch a piece of work; an exception that leaves it is told by its type alone."""

    def count(self, measure: Measure, amount: int = 1, /, **attributes: Attribute) -> None:
        """Count something that has happened."""

    def record(self, measure: Measure, value: float, /, **attributes: Attribute) -> None:
        """Tell a measured value."""
