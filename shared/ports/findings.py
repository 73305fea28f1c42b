"""What is remembered of every root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from shared.ports.sinks import Outbox

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime, timedelta

    from shared.domain.finding import Finding, FindingState, Transition
    from shared.domain.root_state import Commit, Posture, RootState
    from shared.domain.verdict import Severity


@dataclass(frozen=True, slots=True)
class TransitionQuery:
    """Which transitions; an empty collection or None asks for any, but no `ids` for none.

    `since` compares with `at`, the time itself included. `canaries`: also those of the reserved
    root, which tell of nothing but that alerts arrive.
    """

    since: datetime | None = None
    severities: frozenset[Severity] = frozenset()
    controls: frozenset[str] = frozenset()
    resource: str | None = None
    """Part of a resource id, any case."""
    state: FindingState | None = None
    """State that the finding is in now."""
    ids: frozenset[str] | None = None
    alerts_only: bool = True
    canaries: bool = False
    limit: int | None = None


class AlertHistory(Protocol):
    """What happened, for whoever only asks about it."""

    async def transitions(self, query: TransitionQuery) -> Sequence[Transition]:
        """Return transitions, newest first."""


class FindingStore(Outbox, Protocol):
    """What is remembered of every root: state, findings, history and outbox."""

    async def lease(self, root: str, worker: str, duration: timedelta) -> bool:
        """Take or prolong the lease of a root (its key) for a worker.

        False while another holds it.
        """

    async def release(self, root: str, worker: str) -> None:
        """Give a lease back; one that is another's by now stays."""

    async def state(self, root: str) -> RootState:
        """Return the committed state of a root; version 0 for one never seen."""

    async def findings(self, root: str, *, of: int | None = None) -> dict[str, Finding]:
        """Return the findings of a root, open and resolved, by their key.

        `of` is the version of its state as the caller has just read it. Then they may be those of
        that version although another was committed since: a commit on that version finds out.
        """

    def open_findings(self) -> AsyncIterator[tuple[str, Finding]]:
        """Go through the open findings of every root, each with its root (key), in any order.

        What is committed meanwhile may be seen or not: whoever acts on one reads it again.
        """

    async def commit(self, commit: Commit) -> None:
        """Write everything or nothing.

        Where the commit ends a lease, that is given back as by `release`.

        Raises:
            ConflictError: the stored version is not `commit.state.version`; a lease is kept.
        """

    async def subscriptions(self) -> frozenset[str]:
        """Return the subscriptions (lower case) of which a root is known; not the canary's."""

    async def roots(self, subscription: str) -> Sequence[str]:
        """Return the ids of the known roots of a subscription that are not gone."""

    async def last_look(self) -> datetime | None:
        """Return about when (to a second or so) a root was looked at last; the canary's is none.

        None: none ever was.
        """

    async def dependents(self, root: str) -> Sequence[str]:
        """Return the roots that were judged by reading this one too."""

    async def transitions(self, query: TransitionQuery) -> Sequence[Transition]:
        """Return transitions, newest first."""

    async def open_by_severity(self, subscription: str) -> Counter[Severity]:
        """Count the open findings of a subscription."""

    async def posture(self) -> Posture:
        """Fold the findings of every root into counts."""


class Retention(Protocol):
    """Forgetting what is old, and is neither open nor still to be told."""

    async def purge(self, before: datetime, limit: int) -> int:
        """Remove the history recorded, and the findings resolved, before a time; return how many.

        Open findings stay with their history, and so do alerts that a sink must still be told of.
        About `limit` are removed at most; 0: nothing is left to remove.
        """
