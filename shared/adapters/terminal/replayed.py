"""What a replay did: counted while it runs, printed at its end."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from shared.adapters.formats.alert_object import alert_json
from shared.adapters.terminal.page import Page, Span
from shared.adapters.terminal.posture import posture_json, write_posture
from shared.domain.finding import Transition
from shared.domain.root_state import Posture
from shared.pipeline.look import LookStatus
from shared.pipeline.work import WorkReport

MOST_REASONS = 20
INDENT = 2
LABEL_CELLS = 11


@dataclass(slots=True)
class Replayed:
    """The counts of a run; `malformed` pairs the position of an event with the reason."""

    received: int = 0
    changes: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    malformed: list[tuple[int, str]] = field(default_factory=list)
    work: WorkReport = field(default_factory=WorkReport)
    alerts: list[Transition] = field(default_factory=list)
    posture: Posture = field(default_factory=Posture)

    @property
    def looks(self) -> int:
        """Looks that read."""
        return self.work.looks[LookStatus.LOOKED]

    def members(self) -> Iterator[tuple[str, object]]:
        """Go through the members of the result in JSON."""
        yield "received", self.received
        yield "changes", self.changes
        yield "ignored", self.ignored.total()
        yield "malformed", iter([{"index": at, "reason": why} for at, why in self.malformed])
        yield "looks", self.looks
        yield "alerts", map(alert_json, self.alerts)
        yield "posture", posture_json(self.posture)


def write_replayed(page: Page, run: Replayed, store: Path | None) -> None:
    """Write the counts, why events were dropped, the posture, and what to try next."""
    page.text(
        f"{_count(run.received, 'event')} received: {_count(run.changes, 'change')},"
        f" {run.ignored.total()} ignored, {len(run.malformed)} malformed."
        f" {_count(run.looks, 'look')}, {_count(len(run.alerts), 'alert')}.",
        "bold",
    )
    for reason, count in run.ignored.most_common():
        page.row((Span("ignored", "dim", LABEL_CELLS),), f"{reason}: {count}", indent=INDENT)
    for at, reason in run.malformed[:MOST_REASONS]:
        page.row((Span("malformed", "yellow", LABEL_CELLS),), f"#{at}: {reason}", indent=INDENT)
    left = len(run.malformed) - MOST_REASONS
    if left > 0:
        page.text(f"and {left} more malformed; --format json has every reason", indent=INDENT)
    page.blank()
    write_posture(page, run.posture)
    page.blank()
    page.text(f"Next: {_next(run, store)}", "dim")


def _next(run: Replayed, store: Path | None) -> str:
    """Say what to try next."""
    shown = "`cli.py controls ID` explains a control" if run.posture.fail else ""
    kept = (
        "--store FILE keeps what was found, for the next replay and for `cli.py alerts`"
        if store is None
        else f"`cli.py alerts --store {store}` shows what alerted"
    )
    return "; ".join(filter(None, (shown, kept))) + "."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
