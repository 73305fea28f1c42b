"""What a sweep saw of each subscription: partial coverage must not look like full."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.adapters.terminal.notes import MOST_NAMED
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.waiting import Waiting
from shared.domain.resource_id import ResourceId
from shared.domain.sweep import SweepCoverage

ALMOST_A_SECOND = timedelta(microseconds=999_999)
GO_ON = "run again with --store {store}{when} to go on"
START_OVER = (
    "sweep again{when}; with --store FILE a sweep that did not come to its end can be gone on with"
)


def coverage_json(coverage: SweepCoverage) -> dict[str, object]:
    """Return a coverage as it is printed."""
    return {
        "id": coverage.sweep.subscription,
        "seen": coverage.sweep.roots,
        "evaluated": coverage.evaluated,
        "unknown": coverage.unknown,
        "denied": [
            {"resource_id": root, "permission": name}
            for root, name in dict.fromkeys(coverage.denied)
        ],
        "complete": coverage.complete,
    }


def write_coverage(
    page: Page, coverage: SweepCoverage, store: str | None, waiting: Waiting | None = None
) -> None:
    """Write what was seen of a subscription; `store` keeps what is left for the next run."""
    page.text(f"Subscription {coverage.sweep.subscription}", "bold")
    seen, unread = coverage.sweep.roots, coverage.unknown
    readable = ", all readable" if coverage.complete else ""
    if unread:
        readable = f", {unread} of them not wholly readable"
    page.text(
        f"{seen} root{'' if seen == 1 else 's'} seen, {coverage.evaluated} evaluated{readable}.",
        "" if coverage.complete and not unread else "yellow",
        indent=2,
    )
    for line in _troubles(coverage)[:MOST_NAMED]:
        page.text(line, "yellow", indent=4)
    left_out = len(_troubles(coverage)) - MOST_NAMED
    if left_out > 0:
        page.text(f"and {left_out} more", "yellow", indent=4)
    if not coverage.complete:
        page.text(f"Incomplete: {'; '.join(coverage.shortfalls)}.", "red", indent=2)
        if coverage.left and waiting is not None:
            why = "" if waiting.why is None else f" ({waiting.why})"
            page.text(
                f"What is left is tried again from {_clock(waiting.until)} on{why}.",
                "red",
                indent=2,
            )
        page.text(f"What to do: {_advice(coverage, store, waiting)}.", "red", indent=2)


def _troubles(coverage: SweepCoverage) -> Sequence[str]:
    """Return what could not be read, and what would have to be allowed, a line each."""
    named = [(ResourceId.parse(root).name, why) for root, why in coverage.details]
    lines = [f"{name}: {why}" for name, why in named]
    return [*lines, *(f"{root}: needs {name}" for root, name in dict.fromkeys(coverage.denied))]


def _clock(at: datetime) -> str:
    """Return the first whole second by which a time has come."""
    return f"{at + ALMOST_A_SECOND:%Y-%m-%d %H:%M:%S}Z"


def _advice(coverage: SweepCoverage, store: str | None, waiting: Waiting | None) -> str:
    """Say what helps."""
    if coverage.ended_at is None:
        when = "" if waiting is None else f" after {_clock(waiting.until)}"
        return (
            START_OVER.format(when=when) if store is None else GO_ON.format(store=store, when=when)
        )
    if coverage.reasons or coverage.unproven:
        return "mend what could not be listed or read, and sweep again"
    if coverage.given_up:
        return "run again with --verbose and report the traceback"
    return "sweep again later; what could not be read is unknown until then"
