"""What this worker judged last of each root, so that an unchanged root is not judged again.

Monitors are pure: the same snapshot gives the same verdicts as long as the code, the parameters and
the data tables are the same, and these cannot change while a process lives. So the memory is the
process's own; nothing of it is stored.
"""

import hashlib
from collections import OrderedDict

import orjson

from shared.domain.snapshot import Snapshot

MOST_ROOTS = 20_000
"""A hundred bytes each; the root not seen for longest is forgotten."""


class JudgedBefore:
    """Remembers of each root the fingerprint that it was judged with, and the version committed."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[int, bytes]] = OrderedDict()

    def knows(self, root: str, version: int, fingerprint: bytes) -> bool:
        """Whether the commit that made this version was judged here, of the same snapshot."""
        return self._known.get(root) == (version, fingerprint)

    def committed(self, root: str) -> int | None:
        """Return the version that this worker committed last, None where it knows of none."""
        known = self._known.get(root)
        return None if known is None else known[0]

    def remember(self, root: str, version: int, fingerprint: bytes) -> None:
        """Remember what a version was judged of."""
        self._known[root] = version, fingerprint
        self._known.move_to_end(root)
        if len(self._known) > MOST_ROOTS:
            self._known.popitem(last=False)


def fingerprint(snapshot: Snapshot) -> bytes:
    """Return a digest of everything that a judgement depends on, but for when it was read."""
    digest = hashlib.blake2b(digest_size=16)
    for source, reading in sorted(snapshot.readings.items()):
        problem = reading.problem
        stated = None if problem is None else (problem.cause, problem.detail)
        items = [(item.id.text, item.api_version, item.body) for item in reading.items]
        digest.update(orjson.dumps((source, stated, reading.complete, items)))
    digest.update(orjson.dumps(sorted(snapshot.watched)))
    return digest.digest()
