"""`doctor`: whether the monitor is fit for its work, and what to do where it is not."""

import sys
from collections import Counter
from collections.abc import Sequence

from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import write_object
from shared.adapters.terminal.page import Page, Span
from shared.domain.diagnosis import Diagnosis, is_fit
from shared.domain.health import Health, TableCheck

FIT, FAULTY = 0, 1
GAP = 2
INDENT = 2
STATUS = 6
"""Cells of the status before a check's name."""
TABLE_WHY = "What Microsoft changed since is judged by old knowledge, or not at all."
HEADINGS = ("data table", "as of", "days old")
_STYLES = {Health.OK: "green", Health.WARN: "yellow", Health.FAULT: "red"}


def show_health(
    tables: Sequence[TableCheck], output: Format, found: Sequence[Diagnosis] = ()
) -> int:
    """Print what was found, the tables last; return 1 where there is a fault. A warning is none."""
    everything = [*found, *map(_diagnosis, tables)]
    if output is Format.JSON:
        write_object(sys.stdout, [("checks", map(_json, everything))])
    else:
        page = Page.on(sys.stdout)
        _write_found(page, found)
        _write_tables(page, tables)
        _write_summary(page, everything)
    return FIT if is_fit(everything) else FAULTY


def _diagnosis(table: TableCheck) -> Diagnosis:
    """Return the check of a table as one like the others."""
    check = table.check
    why = None if check.health is Health.OK else TABLE_WHY
    return Diagnosis(check.name, check.health, check.message, why, check.remedy)


def _json(check: Diagnosis) -> dict[str, object]:
    """Return a check as it is printed for programs."""
    return {
        "check": check.name,
        "status": check.health,
        "message": check.message,
        "why": check.why,
        "remedy": check.remedy,
        "command": check.command,
    }


def _write_found(page: Page, found: Sequence[Diagnosis]) -> None:
    """Write a paragraph a check: what it came to, and where that is not ok all that helps."""
    for each in found:
        status = Span(f"{each.health:<6}", _STYLES[each.health])
        page.row((status,), each.name, "bold")
        page.text(each.message, indent=STATUS)
        if each.why is not None:
            page.text(f"Why it matters: {each.why}", indent=STATUS)
        if each.remedy is not None:
            page.text(f"What to do: {each.remedy}", indent=STATUS)
        if each.command is not None:
            page.command(each.command, indent=STATUS)
    if found:
        page.blank()


def _write_tables(page: Page, tables: Sequence[TableCheck]) -> None:
    """Write one line a table, below it what is wrong, and at the end what to do."""
    rows = [
        (
            each.table,
            "" if each.as_of is None else each.as_of.isoformat(),
            "" if each.days is None else str(each.days),
        )
        for each in tables
    ]
    widths = [max(map(len, column)) + GAP for column in zip(HEADINGS, *rows, strict=True)]
    page.row(_cells(HEADINGS, widths, "bold"), "status", "bold")
    remedies: dict[str, list[str]] = {}
    for row, each in zip(rows, tables, strict=True):
        page.row(_cells(row, widths), each.check.health, _STYLES[each.check.health])
        if each.check.remedy is not None:
            page.text(each.check.message, indent=INDENT)
            remedies.setdefault(each.check.remedy, []).append(each.table)
    page.blank()
    for remedy, names in remedies.items():
        page.text(", ".join(names), "bold")
        page.text(remedy, indent=INDENT)
        page.blank()


def _cells(row: Sequence[str], widths: Sequence[int], style: str = "") -> tuple[Span, ...]:
    """Return the cells of a line, each as wide as its column."""
    return tuple(Span(text, style, width) for text, width in zip(row, widths, strict=True))


def _write_summary(page: Page, checks: Sequence[Diagnosis]) -> None:
    """Write how the checks ended."""
    found = Counter(each.health for each in checks)
    count = f"{len(checks)} check{'' if len(checks) == 1 else 's'}"
    told = ", ".join(f"{found[health]} {health}" for health in Health if found[health])
    page.text(f"{count}: {told}.", "bold")
