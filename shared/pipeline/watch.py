"""Which subscriptions are watched: those that are set, or those of the estate and those known."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from shared.ports import Clock, FindingStore, Inventory, PortError

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(minutes=1)
"""How old an answer a look may judge by: subscriptions come and go by the month."""


class Watch:
    """The watched subscriptions (lower case)."""

    def __init__(
        self,
        inventory: Inventory,
        findings: FindingStore,
        clock: Clock,
        chosen: frozenset[str] | None = None,
    ) -> None:
        """Watch the `chosen` subscriptions; None: those of the estate or known to the store."""
        self._inventory = inventory
        self._findings = findings
        self._clock = clock
        self._chosen = chosen
        self._answer: frozenset[str] | None = None
        # The answer is that of this time; asking may have failed since.
        self._asked_at = self._tried_at = datetime.min.replace(tzinfo=UTC)
        self._asking = asyncio.Lock()

    @property
    def is_chosen(self) -> bool:
        """Whether people have set which subscriptions are watched."""
        return self._chosen is not None

    async def subscriptions(self) -> frozenset[str]:
        """Return them as they are now.

        Raises:
            PortError: the estate or the store could not be asked.
        """
        if self._chosen is not None:
            return self._chosen
        now = self._clock.now()
        held = await self._inventory.subscriptions(after=now)
        known = await self._findings.subscriptions() - held
        self._answer = held | {each for each in known if await self._was_looked_at(each)}
        self._asked_at = self._tried_at = now
        return self._answer

    async def recently(self) -> frozenset[str]:
        """Return them as they are now or were a minute ago; older ones while nobody can say.

        Raises:
            PortError: the estate or the store could not be asked, and never was before.
        """
        if self._chosen is not None:
            return self._chosen
        async with self._asking:
            if self._answer is not None and self._clock.now() - self._tried_at < FRESH_FOR:
                return self._answer
            try:
                return await self.subscriptions()
            except PortError as error:
                if self._answer is None:
                    raise
                log.warning("the watched subscriptions are those known earlier: %s", error)
                # Not by every look anew while it is down.
                self._tried_at = self._clock.now()
                return self._answer

    async def watches(self, subscription: str, at: datetime) -> bool:
        """Whether a subscription is watched; asked anew at `at` where it was not a minute ago.

        Raises:
            PortError: it is not known, and the estate or the store could not be asked.
        """
        if subscription in await self.recently():
            return True
        if self._chosen is not None or self._asked_at >= at:
            return False
        return subscription in await self.subscriptions()

    async def _was_looked_at(self, subscription: str) -> bool:
        """Whether more is known of a subscription than that nobody watched it."""
        state = await self._findings.state(f"/subscriptions/{subscription}")
        if state.version == 0 or state.read_at:
            return True
        return bool(await self._findings.roots(subscription))
