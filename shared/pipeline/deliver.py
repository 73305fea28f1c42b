"""Tell the sinks: every alert to every sink, oldest first, each remembered once it is told.

After a crash between telling and remembering a sink is told again, with the same id.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from shared.ports import FindingStore, PortError, Sink

log = logging.getLogger(__name__)

BATCH = 100


@dataclass(frozen=True, slots=True)
class Delivery:
    """The use case with its ports."""

    findings: FindingStore
    sinks: Sequence[Sink]

    async def deliver(self) -> int:
        """Tell every sink of what it was not told yet; return how many alerts were told.

        A sink that fails keeps its alerts for the next time and delays no other.
        """
        told = 0
        for sink in self.sinks:
            while alerts := await self.findings.undelivered(sink.name, BATCH):
                try:
                    await sink.send(alerts)
                except PortError as error:
                    log.warning("%s was not told of %d alerts: %s", sink.name, len(alerts), error)
                    break
                except Exception:
                    log.exception("%s crashed on %d alerts", sink.name, len(alerts))
                    break
                await self.findings.delivered(sink.name, [alert.id for alert in alerts])
                told += len(alerts)
        return told
