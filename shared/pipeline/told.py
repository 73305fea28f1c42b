"""How sinks are told, and what became of telling one."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.domain.finding import Transition
from shared.pipeline.storm import WINDOW


@dataclass(frozen=True, slots=True)
class Rules:
    """How sinks are told.

    `window` is how long alerts are collected for a digest; `flush`: nothing more is to come, so
    they are not waited for. `give_up_after` is how long an alert is tried before it is parked.
    `escalation` names sinks that are told only of alerts that name them. `backs_off`: a sink that
    failed is left alone for a while; not so where a person waits for it.
    """

    window: timedelta = WINDOW
    flush: bool = False
    give_up_after: timedelta = timedelta(days=7)
    escalation: frozenset[str] = frozenset()
    backs_off: bool = True

    def concern(self, sink: str, alert: Transition) -> bool:
        """Whether a sink is to be told of an alert."""
        if alert.only_to:
            return sink in alert.only_to
        return sink not in self.escalation or sink in alert.also_to


@dataclass(slots=True)
class Told:
    """What became of a turn: counts, and when and why it is to go on; None: nothing is left.

    `failed`: the sink did not take what it was sent.
    """

    sink: str
    told: int = 0
    parked: set[str] = field(default_factory=set)
    next_at: datetime | None = None
    why: str | None = None
    failed: bool = False
