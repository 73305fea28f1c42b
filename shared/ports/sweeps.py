"""How far the sweeps have come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shared.domain.sweep import RootOutcome, Sweep, SweepCoverage


class SweepLedger(Protocol):
    """How far the sweeps have come, and how much they saw; roots go by their keys."""

    async def begin(self, sweep: Sweep) -> None:
        """Record a sweep whose roots are yet to be listed."""

    async def add(self, sweep_id: str, roots: Sequence[str], *, listed: bool) -> frozenset[str]:
        """Add roots to look at, `listed` or merely known; return those still to be looked at.

        One that is there already stays as it is.
        """

    async def close_list(self, sweep_id: str, reasons: Sequence[str]) -> Sweep | None:
        """Record that all roots are added, and what could not be listed.

        Return the sweep when nothing is left of it, as `swept` does.
        """

    async def swept(self, sweep_id: str, root: str, outcome: RootOutcome) -> Sweep | None:
        """Record what became of a root.

        Return the sweep when its list is closed and no root is left, each time until it is
        finished.
        """

    async def left(self, sweep_id: str) -> Sequence[str]:
        """Return the roots that are still to be looked at."""

    async def finish(self, sweep_id: str, at: datetime) -> None:
        """Record that a sweep is over; its coverage stays until the next of its depth is over."""

    async def coverage(self, subscription: str) -> Sequence[SweepCoverage]:
        """Return that of the last core and the last deep sweep, over or not; the newest first."""
