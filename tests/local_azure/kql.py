"""The small part of KQL in which the product asks Resource Graph.

`table | where … [and …] | order by … | project …`, the last two in any order, or
`table | where … | summarize [name =] count() [by column]`; conditions are `column == 'text'`, `=~`,
`in (…)` and `in~ (…)`. Anything else is refused.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Row = Mapping[str, object]
Condition = Callable[[Row], bool]

_TEXT = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_NAME = r"[A-Za-z_]\w*"
_COMPARED = re.compile(rf"({_NAME})\s*(==|=~)\s*({_TEXT})")
_ANY_OF = re.compile(rf"({_NAME})\s+(in~?)\s*\(\s*((?:{_TEXT})(?:\s*,\s*(?:{_TEXT}))*)\s*\)")
_COUNTED = re.compile(rf"summarize\s+(?:({_NAME})\s*=\s*)?count\(\)(?:\s+by\s+({_NAME}))?")
_ORDERED = re.compile(rf"(?:order|sort)\s+by\s+({_NAME})(?:\s+(asc|desc))?")
_PROJECTED = re.compile(rf"project\s+({_NAME}(?:\s*,\s*{_NAME})*)")
_TABLES = {"resources", "resourcecontainers"}


class InvalidQueryError(ValueError):
    """The query is no KQL that is known here; the message quotes the part."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query: rows that meet all conditions, in an order, reduced to some columns or counted."""

    table: str
    conditions: tuple[Condition, ...] = ()
    types: frozenset[str] | None = None
    """The types (lower case) that the conditions let through; None: any."""
    columns: tuple[str, ...] | None = None
    order: str | None = None
    descending: bool = False
    count_as: str | None = None
    count_by: str | None = None

    @property
    def pages(self) -> bool:
        """Whether Resource Graph pages the result: only rows that have their id."""
        return self.count_as is None and (self.columns is None or "id" in self.columns)

    def meets(self, row: Row) -> bool:
        """Whether a row meets all conditions."""
        return all(condition(row) for condition in self.conditions)

    def shape(self, row: Row) -> dict[str, object]:
        """Return the columns of a row that are asked for; what it has not is null."""
        if self.columns is None:
            return dict(row)
        return {column: row.get(column) for column in self.columns}

    def counted(self, rows: "list[Row]") -> list[dict[str, object]]:
        """Return the rows of `summarize`."""
        name = self.count_as or "count_"
        if self.count_by is None:
            return [{name: len(rows)}]
        numbers = Counter(row.get(self.count_by) for row in rows)
        return [{self.count_by: value, name: number} for value, number in numbers.items()]


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        InvalidQueryError: it uses anything that is not known here.
    """
    table, *steps = (part.strip() for part in _split(text))
    if table.lower() not in _TABLES:
        raise InvalidQueryError(f"unknown table: {table}")
    conditions: list[Condition] = []
    types: frozenset[str] | None = None
    rest: dict[str, object] = {}
    for step in steps:
        _check_place(step, rest)
        if step.lower().startswith("where "):
            found, allowed = _where(step[len("where ") :])
            conditions += found
            types = allowed if types is None or allowed is None else types & allowed
        else:
            rest |= _step(step)
    return Query(table.lower(), tuple(conditions), types, **rest)  # type: ignore[arg-type] # each step names its own fields


def _split(text: str) -> list[str]:
    """Split at the pipes outside of text.

    Raises:
        InvalidQueryError: a text does not end, or a step is empty.
    """
    parts: list[str] = re.findall(rf"(?:{_TEXT}|[^|'\"])+", text)
    if "|".join(parts) != text or not text:
        raise InvalidQueryError(text)
    return parts


def _check_place(step: str, before: Mapping[str, object]) -> None:
    """Refuse what would mean something else after the steps before it than is done here.

    Raises:
        InvalidQueryError: only `order by` may follow `project`, and nothing `summarize`.
    """
    columns = before.get("columns")
    ordered = _ORDERED.fullmatch(step)
    is_free = "count_as" not in before and (
        columns is None or (ordered is not None and ordered[1] in list(_names(columns)))
    )
    if not is_free or (ordered is not None and "order" in before):
        raise InvalidQueryError(f"not in this place: {step}")


def _names(columns: object) -> Iterable[str]:
    return columns if isinstance(columns, tuple) else ()


def _step(step: str) -> dict[str, object]:
    """Read a step that is no condition."""
    if found := _PROJECTED.fullmatch(step):
        return {"columns": tuple(re.split(r"\s*,\s*", found[1]))}
    if found := _ORDERED.fullmatch(step):
        # Without a direction, KQL sorts downwards.
        return {"order": found[1], "descending": found[2] != "asc"}
    if found := _COUNTED.fullmatch(step):
        return {"count_as": found[1] or "count_", "count_by": found[2]}
    raise InvalidQueryError(f"unknown step: {step}")


def _where(text: str) -> tuple[list[Condition], frozenset[str] | None]:
    """Read conditions joined by `and`; also which types they let through."""
    conditions: list[Condition] = []
    types: frozenset[str] | None = None
    at = 0
    while True:
        found = _COMPARED.match(text, at) or _ANY_OF.match(text, at)
        if found is None:
            raise InvalidQueryError(f"unknown condition: {text[at:]}")
        column, operator = found[1], found[2]
        values = frozenset(_unquoted(each) for each in re.findall(_TEXT, found[3]))
        conditions.append(_condition(column, values, ignores_case="~" in operator))
        if column == "type":
            allowed = frozenset(each.lower() for each in values)
            types = allowed if types is None else types & allowed
        at = found.end()
        joint = re.compile(r"\s+and\s+", re.IGNORECASE).match(text, at)
        if joint is None:
            break
        at = joint.end()
    if text[at:].strip():
        raise InvalidQueryError(f"unknown condition: {text[at:]}")
    return conditions, types


def _condition(column: str, values: frozenset[str], *, ignores_case: bool) -> Condition:
    if not ignores_case:
        return lambda row: row.get(column) in values
    lower = frozenset(value.lower() for value in values)
    return lambda row: str(row.get(column) or "").lower() in lower


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])
