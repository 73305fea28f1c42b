"""How the function app tells its sinks; what they are made of is imported where they are."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from shared.domain.health import HealthRecord
from shared.pipeline.alert_rounds import AlertRounds
from shared.pipeline.evaluated import Evaluated
from shared.pipeline.keep import Keep
from shared.pipeline.pokes import Pokes
from shared.pipeline.told import Rules
from shared.ports import Sink
from shared.runtime.assembly import Runtime


@dataclass(frozen=True, slots=True)
class LogTables:
    """The tables beside that of alerts: who writes them, and which looks are kept."""

    health: Callable[[Sequence[HealthRecord]], Awaitable[None]]
    evaluations: Callable[[Sequence[Evaluated]], Awaitable[None]]
    keep: Keep = Keep.CHANGES


@dataclass(frozen=True, slots=True)
class AppSinks:
    """Open sinks, and by which rules they are told; `tables` where Log Analytics is set."""

    sinks: Sequence[Sink] = ()
    rules: Rules = field(default_factory=Rules)
    tables: LogTables | None = None


def alert_rounds(runtime: Runtime, told: AppSinks, pokes: Pokes) -> AlertRounds:
    """Return the deliveries of a function, which waits for nobody."""
    delivery = runtime.delivery(told.sinks, told.rules)
    return AlertRounds(replace(delivery, patience=timedelta(0), pokes=pokes), pokes)
