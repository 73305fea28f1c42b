"""What this worker knows of the states of roots: enough to say that a change is covered.

A storm of events on one root needs one look; the others are dropped, and should cost the store
nothing. Coverage never goes back: once a committed look began reading after a message was accepted,
that stays so, whoever commits next. So an old state can prove that a message is covered, and only
the store can say that it is not.
"""

from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta

from shared.domain.resource_id import ResourceId
from shared.domain.root_state import RootState
from shared.domain.topology import CORE_SOURCES, Source
from shared.pipeline.attribution import attribute
from shared.pipeline.covered import is_covered
from shared.pipeline.messages import FOLLOWS_A_WRITE, LookMessage, Trigger

MOST_ROOTS = 5_000
"""Mostly a few kilobytes each; the root not seen for longest is forgotten."""


class KnownStates:
    """Remembers the newest state of each root that this worker has read or committed."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, RootState] = OrderedDict()

    def covering(
        self, root: ResourceId, message: LookMessage, second_look_after: timedelta | None
    ) -> RootState | None:
        """Return a state that proves a change covered and with nothing more to tell, or None.

        That another worker has just recorded a transition which the change explains is not seen
        here; the Activity Log tells of the change once more.
        """
        known, sources = self._known.get(root.key), CORE_SOURCES[root.type.lower()]
        if known is None or message.trigger not in FOLLOWS_A_WRITE or Source.HUB in sources:
            return None
        covered = is_covered(root, known, message, second_look_after)
        if not covered or attribute(known.attributable, message)[1]:
            return None
        change = message.change
        if change is None or change.resource_id.lower() != root.key:
            return known
        # Whether an account is there decides about its subscription, which is to be looked at too.
        above = root.ancestor(0)
        if Source.ACCOUNT not in sources or above.key == root.key:
            return known
        related = replace(message, root=above.text, trigger=Trigger.RELATED, sources=())
        return known if self.covering(above, related, second_look_after) is not None else None

    def remember(self, root: str, state: RootState) -> None:
        """Remember a state, unless a newer one is known."""
        known = self._known.get(root)
        if known is not None and known.version > state.version:
            return
        self._known[root] = state
        self._known.move_to_end(root)
        if len(self._known) > MOST_ROOTS:
            self._known.popitem(last=False)
