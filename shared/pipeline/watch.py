"""Which subscriptions are watched: those that are set, or those of the estate and those known."""

from datetime import UTC, datetime, timedelta

from shared.ports import Clock, FindingStore, Inventory

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
        self._answer: frozenset[str] = frozenset()
        self._asked_at = datetime.min.replace(tzinfo=UTC)

    async def subscriptions(self) -> frozenset[str]:
        """Return them as they are now.

        Raises:
            PortError: the estate or the store could not be asked.
        """
        if self._chosen is not None:
            return self._chosen
        now = self._clock.now()
        held = await self._inventory.subscriptions(after=now)
        self._answer = held | await self._findings.subscriptions()
        self._asked_at = now
        return self._answer

    async def recently(self) -> frozenset[str]:
        """Return them as they are now or were a minute ago.

        Raises:
            PortError: the estate or the store could not be asked.
        """
        if self._chosen is None and self._clock.now() - self._asked_at < FRESH_FOR:
            return self._answer
        return await self.subscriptions()
