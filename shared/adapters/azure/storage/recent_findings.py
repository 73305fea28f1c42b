"""The findings of roots as this process read or committed them last.

A look that has read the row of its root, as every look does, need not read them where that row is
as it was with them: every commit writes it, so its etag is another as soon as a finding is.
Retention alone removes findings without writing that row, those that were resolved long ago: so
they may be known here for up to ten minutes after.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from shared.domain.finding import Finding

MOST_FINDINGS = 4_000
"""Mostly a few kilobytes each; those of the roots not seen for longest are forgotten."""
LONGEST = 600.0
"""Seconds after which findings are read again, whatever was committed since."""


@dataclass(frozen=True, slots=True)
class _Known:
    """Findings by key, as of an etag of the row of their root; `since` is when they were read."""

    etag: str
    findings: dict[str, Finding]
    since: float


class RecentFindings:
    """Findings by root, within a bound; `seconds` tells the time."""

    def __init__(
        self, limit: int = MOST_FINDINGS, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._count = 0
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def get(self, root: str, etag: str) -> dict[str, Finding] | None:
        """Return the findings of a root whose row has this etag; None: they are not known."""
        known = self._known.get(root)
        if known is None:
            return None
        if known.etag != etag or self._seconds() - known.since >= LONGEST:
            self._drop(root)
            return None
        self._known.move_to_end(root)
        return dict(known.findings)

    def read(self, root: str, etag: str, findings: Mapping[str, Finding]) -> None:
        """Remember findings that were read after the row of their root had this etag."""
        self._put(root, _Known(etag, dict(findings), self._seconds()))

    def committed(self, root: str, before: str, after: str, changed: Iterable[Finding]) -> None:
        """Learn that a commit made of one etag the next.

        `before` "": there was no row. `after` "": it is not known.
        """
        known = self._known.get(root) if before else _Known("", {}, self._seconds())
        if not after or known is None or known.etag != before:
            self._drop(root)
            return
        findings = {**known.findings, **{each.key: each for each in changed}}
        self._put(root, _Known(after, findings, known.since))

    def _put(self, root: str, known: _Known) -> None:
        self._drop(root)
        if len(known.findings) >= self._limit:
            # All others would be forgotten for one that is to be forgotten itself.
            return
        self._known[root] = known
        # A root without any counts too.
        self._count += len(known.findings) + 1
        while self._count > self._limit:
            self._drop(next(iter(self._known)))

    def _drop(self, root: str) -> None:
        gone = self._known.pop(root, None)
        if gone is not None:
            self._count -= len(gone.findings) + 1
