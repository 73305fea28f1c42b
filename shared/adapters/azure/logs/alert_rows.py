"""Rows of `ComplianceAlerts_CL`, as the query `alerts` answers them, back into alerts."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

from shared.adapters.azure.logs.asking import moment
from shared.domain.finding import (
    Acknowledgement,
    Attribution,
    ResolvedReason,
    Snooze,
    Transition,
    TransitionKind,
)
from shared.domain.verdict import Evidence, Severity

Row = Mapping[str, object]
T = TypeVar("T")

_ACKNOWLEDGEMENT: Final = TypeAdapter(Acknowledgement)
_SNOOZE: Final = TypeAdapter(Snooze)


def transition_of(row: Row) -> Transition:
    """Return the alert that a row tells of, all that the row holds of it.

    Raises:
        PortError: a time is none.
        ValueError: it is of a kind, severity or shape that this version does not know.
    """
    reason = _text(row["Reason"])
    return Transition(
        id=str(row["AlertId"]),
        root=str(row["RootId"]),
        sequence=int(str(row["RootSequence"])),
        kind=TransitionKind(str(row["AlertKind"])),
        reason=ResolvedReason(reason) if reason else None,
        control=_text(row["Control"]),
        resource_id=str(row["TargetResourceId"]),
        resource_type=str(row["TargetResourceType"]),
        severity=Severity(str(row["Severity"])),
        at=moment(row["RecordedAt"]),
        message=str(row["Message"]),
        evidence=_evidence(row["Evidence"]),
        remediation=_text(row["Remediation"]) or "",
        tables=_object(row["DataTables"]) or {},
        alerts=True,
        attribution=_attribution(row),
        before=_evidence(row["EvidenceBefore"]),
        opened_at=_time(row["OpenedAt"]),
        author=_text(row["Author"]),
        acknowledged=_decision(_ACKNOWLEDGEMENT, row["Acknowledged"]),
        snoozed=_decision(_SNOOZE, row["Snoozed"]),
        also_to=tuple(map(str, _list(row["EscalatedTo"]))),
    )


def is_cut(row: Row) -> bool:
    """Whether evidence was too long for a cell, and the row has only a part of it."""
    cells = [_value(row[name]) or [] for name in ("Evidence", "EvidenceBefore")]
    return any(
        not isinstance(cell, list) or any(not isinstance(each, dict) for each in cell)
        for cell in cells
    )


def _attribution(row: Row) -> Attribution | None:
    at = _time(row["OccurredAt"])
    if at is None:
        return None
    exact = bool(row["ActorIsExact"])
    return Attribution(_text(row["Actor"]), at, _text(row["CorrelationId"]), exact)


def _evidence(cell: object) -> tuple[Evidence, ...]:
    """Return the evidence of a cell; of one that was cut, what is left."""
    return tuple(Evidence(**each) for each in _list(cell) if isinstance(each, dict))


def _decision(kind: TypeAdapter[T], cell: object) -> T | None:
    found = _object(cell)
    return None if found is None else kind.validate_python(found)


def _object(cell: object) -> dict[str, Any] | None:
    found = _value(cell)
    return found if isinstance(found, dict) else None


def _list(cell: object) -> list[Any]:
    found = _value(cell)
    return found if isinstance(found, list) else []


def _value(cell: object) -> object:
    """Return what a cell of type dynamic holds: the API writes it as JSON within a text."""
    return json.loads(cell) if isinstance(cell, str) and cell else cell


def _text(cell: object) -> str | None:
    """Return a text; Kusto has no other than the empty one where there is none."""
    return str(cell) if cell not in (None, "") else None


def _time(cell: object) -> datetime | None:
    return None if cell is None else moment(cell).astimezone(UTC)
