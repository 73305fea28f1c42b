"""How far a managed network is closed: its isolation mode, as workspaces and accounts state it."""

from enum import StrEnum
from typing import Self

from shared.domain.resource import Property

MODE = "properties.managedNetwork.isolationMode"
"""Of a workspace, and of an account's managed network, which is a resource of its own."""
WORKSPACE_SINCE = "2023-10-01"
"""The first API version that shows the managed network of a workspace."""


class IsolationMode(StrEnum):
    """How far a managed network is closed, weakest first; read in any case."""

    DISABLED = "Disabled"
    ALLOW_INTERNET_OUTBOUND = "AllowInternetOutbound"
    ALLOW_ONLY_APPROVED_OUTBOUND = "AllowOnlyApprovedOutbound"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """Find the member of another spelling."""
        same = (each for each in cls if isinstance(value, str) and each.lower() == value.lower())
        return next(same, None)

    @property
    def rank(self) -> int:
        """0 for Disabled, more for stricter modes: modes compare by it."""
        return _RANKS[self.lower()]


_RANKS = {mode.lower(): rank for rank, mode in enumerate(IsolationMode)}
UNKNOWN_MODE = -1
"""Rank of a mode that is not known: below every other."""


def mode_rank(mode: Property[str]) -> int:
    """Return how strict the stated mode is; absent is Disabled."""
    return _RANKS.get((mode.value or IsolationMode.DISABLED).lower(), UNKNOWN_MODE)


def mode_words(mode: Property[str]) -> str:
    """Return `isolation mode AllowInternetOutbound` for messages, or what absence means."""
    if not mode.value:
        return f"no isolation mode, which means Disabled{mode.wrong}"
    unheard = " (not a known mode)" if mode_rank(mode) == UNKNOWN_MODE else ""
    return f"isolation mode {mode.shown('absent')}{unheard}"
