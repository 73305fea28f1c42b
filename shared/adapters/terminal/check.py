"""`check`: judge what is in files, now and once; nothing is remembered."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shared.adapters.terminal.check_formats import write_ocsf, write_sarif
from shared.adapters.terminal.check_table import Group, write_groups, write_summary
from shared.adapters.terminal.evaluations import evaluation_json
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import write_object
from shared.adapters.terminal.notes import (
    InputNotes,
    note,
    tell_skipped,
    tell_twice,
    tell_unusable,
)
from shared.adapters.terminal.page import Page
from shared.domain.control import Catalogue
from shared.domain.snapshot import Snapshot
from shared.domain.verdict import Severity, Verdict
from shared.pipeline.evaluate import Observation, evaluate, judged

GOOD, FAILING, UNUSABLE = 0, 1, 2


@dataclass(slots=True)
class Tally:
    """What was judged so far; `unjudged` are resources of types that no control judges."""

    resources: int = 0
    unjudged: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    failing: Counter[Severity] = field(default_factory=Counter)

    def json(self) -> dict[str, int]:
        """Return the summary as it is printed."""
        return {
            "resources": self.resources,
            "pass": self.verdicts[Verdict.PASS],
            "fail": self.verdicts[Verdict.FAIL],
            "unknown": self.verdicts[Verdict.UNKNOWN],
            "not_applicable": self.verdicts[Verdict.NOT_APPLICABLE],
            "exempt": 0,
        }


def judge_input(
    snapshots: Sequence[Snapshot] | Iterator[Snapshot],
    notes: InputNotes,
    catalogue: Catalogue,
    output: Format,
    fail_on: Severity,
) -> int:
    """Judge snapshots and print what was found; return the exit status."""
    tell_skipped(notes.skipped)
    tell_twice(notes.twice)
    tell_unusable(notes.unusable)
    tally = Tally()
    seen = _judged(snapshots, catalogue, tally)
    if output is Format.JSON:
        write_object(sys.stdout, _members(seen, tally))
    elif output is Format.SARIF:
        write_sarif(sys.stdout, seen, catalogue, notes)
    elif output is Format.OCSF:
        write_ocsf(sys.stdout, seen)
    else:
        page = Page.on(sys.stdout)
        write_groups(page, _groups(seen))
        write_summary(page, tally.resources, tally.verdicts, tally.failing)
    for kind, count in tally.unjudged.items():
        note(f"{count} of type {kind} read, which no control of this version judges")
    if not (tally.resources or notes.unusable):
        note("nothing was judged: the input holds no resource of a type that a control judges")
    if notes.unusable:
        return UNUSABLE
    return FAILING if any(each.rank >= fail_on.rank for each in tally.failing) else GOOD


def _judged(
    snapshots: Sequence[Snapshot] | Iterator[Snapshot], catalogue: Catalogue, tally: Tally
) -> Iterator[Observation]:
    """Judge one root after the other, and count."""
    for snapshot in snapshots:
        for kind, _ in judged(snapshot):
            if catalogue.judging(kind):
                tally.resources += 1
            else:
                tally.unjudged[kind] += 1
        for seen in evaluate(snapshot, catalogue):
            tally.verdicts[seen.judgement.verdict] += 1
            if seen.judgement.verdict is Verdict.FAIL:
                tally.failing[seen.control.severity] += 1
            yield seen


def _members(seen: Iterator[Observation], tally: Tally) -> Iterator[tuple[str, object]]:
    """Go through the members of the result; the summary is known when all else is written."""
    yield "evaluations", map(evaluation_json, seen)
    yield "summary", tally.json()


def _groups(seen: Iterator[Observation]) -> list[Group]:
    """Keep what is not as it should be, by resource."""
    groups: dict[str, Group] = {}
    for each in seen:
        if each.judgement.verdict in {Verdict.FAIL, Verdict.UNKNOWN}:
            groups.setdefault(each.resource.key, Group(each.resource, [])).seen.append(each)
    return list(groups.values())
