"""What a sweep saw of each subscription: partial coverage must not look like full."""

from dataclasses import dataclass, field

from shared.adapters.terminal.notes import MOST_NAMED
from shared.adapters.terminal.page import Page
from shared.domain.verdict import Cause
from shared.pipeline.look import LookReport, LookStatus
from shared.ports import Sweep


@dataclass(slots=True)
class Coverage:
    """The last look at every root of one subscription; `seen` roots were listed."""

    subscription: str
    seen: int
    looks: dict[str, LookReport] = field(default_factory=dict)

    @property
    def evaluated(self) -> int:
        """Roots that were looked at; looks that events asked for can be of others."""
        return min(len(self.looks), self.seen)

    @property
    def unreadable(self) -> list[LookReport]:
        """Looks of which a source could not be read."""
        return [
            look
            for look in self.looks.values()
            if any(each.cause is Cause.UNREADABLE for each in look.problems)
        ]

    @property
    def denied(self) -> list[dict[str, str]]:
        """Reads that Azure refused, with the permission that is missing."""
        pairs = [
            (look.root.text, each.permission)
            for look in self.looks.values()
            for each in look.problems
            if each.permission is not None
        ]
        return [{"resource_id": root, "permission": name} for root, name in dict.fromkeys(pairs)]

    @property
    def complete(self) -> bool:
        """Whether every root was looked at."""
        return self.evaluated == self.seen

    def json(self) -> dict[str, object]:
        """Return the coverage as it is printed."""
        return {
            "id": self.subscription,
            "seen": self.seen,
            "evaluated": self.evaluated,
            "unknown": len(self.unreadable),
            "denied": self.denied,
            "complete": self.complete,
        }


class CoverageBook:
    """The coverage of every subscription of a sweep."""

    def __init__(self, sweeps: list[Sweep]) -> None:
        self._by_subscription = {
            sweep.subscription: Coverage(sweep.subscription, sweep.roots) for sweep in sweeps
        }

    @property
    def subscriptions(self) -> list[Coverage]:
        """The coverages, in the order of the sweeps."""
        return list(self._by_subscription.values())

    def add(self, look: LookReport) -> None:
        """Remember a look at a resource; one that another worker has is none yet."""
        found = self._by_subscription.get(look.root.subscription)
        if found is not None and look.root.segments and look.status is not LookStatus.BUSY:
            found.looks[look.root.key] = look


def write_coverage(page: Page, coverage: Coverage) -> None:
    """Write what was seen of a subscription."""
    page.text(f"Subscription {coverage.subscription}", "bold")
    unread = len(coverage.unreadable)
    readable = f"{unread} of them not wholly readable" if unread else "all readable"
    page.text(
        f"{coverage.seen} root{'' if coverage.seen == 1 else 's'} seen,"
        f" {coverage.evaluated} evaluated, {readable}.",
        "" if coverage.complete and not unread else "yellow",
        indent=2,
    )
    lines = [
        f"{look.root.name}: {problem.detail}"
        for look in coverage.unreadable
        for problem in look.problems
        if problem.cause is Cause.UNREADABLE
    ]
    lines += [f"{each['resource_id']}: needs {each['permission']}" for each in coverage.denied]
    for line in lines[:MOST_NAMED]:
        page.text(line, "yellow", indent=4)
    if len(lines) > MOST_NAMED:
        page.text(f"and {len(lines) - MOST_NAMED} more", "yellow", indent=4)
    if not coverage.complete:
        page.text("Incomplete: not every root was looked at. Sweep again.", "red", indent=2)
