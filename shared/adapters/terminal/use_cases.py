"""What the commands need of the runtime; the composition root hands it in."""

from collections.abc import Sequence
from typing import Protocol

from shared.pipeline.deliver import Delivery
from shared.pipeline.receive import Intake
from shared.pipeline.sweep import Sweeps
from shared.pipeline.told import Rules
from shared.pipeline.work import Worker
from shared.ports import Sink

CONSOLE = "console"
"""The sink that people and programs at the command's output are; the outbox knows it by this."""


class UseCases(Protocol):
    """The use cases, put together on some world."""

    @property
    def intake(self) -> Intake:
        """Take in events."""

    @property
    def worker(self) -> Worker:
        """Work off the queues."""

    @property
    def sweeps(self) -> Sweeps:
        """Look at everything."""

    def delivery(self, sinks: Sequence[Sink], rules: Rules | None = None) -> Delivery:
        """Tell these sinks, by the usual rules or others."""
