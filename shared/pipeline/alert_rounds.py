"""Deliver when poked, within a time: what a function of the app does, and what makes up for it."""

from dataclasses import dataclass
from datetime import timedelta

from shared.pipeline.deliver import Delivered, Delivery
from shared.pipeline.pokes import Pokes

BUDGET = timedelta(seconds=60)
"""How long a function may tell; what is left then is told by the next."""


@dataclass(frozen=True, slots=True)
class AlertRounds:
    """The use case; `delivery` waits for nobody and pokes for what is due later."""

    delivery: Delivery
    pokes: Pokes
    budget: timedelta = BUDGET

    async def run(self) -> Delivered:
        """Tell the sinks what they take now; whatever the poke says, all of them.

        Raises:
            PortError: the store or the queue failed; the poke must be delivered again.
        """
        return await self.delivery.deliver(self.budget)

    async def told(self) -> int:
        """Tell the sinks without being poked; return how many alerts were told.

        Raises:
            PortError: the store failed.
        """
        return (await self.run()).told

    async def make_up(self) -> int:
        """Poke where a sink is still to be told of something; return how many pokes that were.

        Raises:
            PortError: the store or the queue failed.
        """
        if not await self.delivery.has_alerts():
            return 0
        await self.pokes.later(timedelta(0))
        return 1
