"""`doctor`: whether the monitor is fit for its work, and what to do where it is not."""

import sys
from collections import Counter
from collections.abc import Sequence

from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import write_object
from shared.adapters.terminal.page import Page, Span
from shared.domain.health import Health, HealthCheck, TableCheck

FIT, FAULTY = 0, 1
GAP = 2
INDENT = 2
HEADINGS = ("data table", "as of", "days old")
_STYLES = {Health.OK: "green", Health.WARN: "yellow", Health.FAULT: "red"}


def show_health(tables: Sequence[TableCheck], output: Format) -> int:
    """Print the checks; return 1 where one found a fault. A warning is none."""
    checks = [each.check for each in tables]
    if output is Format.JSON:
        write_object(sys.stdout, [("checks", map(_json, checks))])
    else:
        page = Page.on(sys.stdout)
        _write_tables(page, tables)
        _write_summary(page, checks)
    return FAULTY if any(each.health is Health.FAULT for each in checks) else FIT


def _json(check: HealthCheck) -> dict[str, object]:
    """Return a check as it is printed for programs."""
    return {
        "check": check.name,
        "status": check.health,
        "message": check.message,
        "remedy": check.remedy,
    }


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


def _write_summary(page: Page, checks: Sequence[HealthCheck]) -> None:
    """Write how the checks ended."""
    found = Counter(each.health for each in checks)
    count = f"{len(checks)} check{'' if len(checks) == 1 else 's'}"
    told = ", ".join(f"{found[health]} {health}" for health in Health if found[health])
    page.text(f"{count}: {told}.", "bold")
