"""Log Analytics: the query API of one workspace, over rows in DuckDB.

`duckdb-kql` runs most of Kusto; what it lacks of what the product asks is written differently
before it runs. It is looser than Kusto: `tests/kql` checks the texts with Microsoft's own parser.
Source of the answers: "Azure Monitor Log Analytics API response format", Microsoft Learn.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import duckdb_kql
import orjson

from shared.adapters.sinks.log_tables import TABLES, columns_of
from tests.local_azure.exchange import Answer, Asked
from tests.local_azure.faults import Fault

_AZURES: Final[dict[str, dict[str, str]]] = json.loads(
    (Path(__file__).parents[1] / "kql" / "tables.json").read_text("utf-8")
)
# A data collection rule says boolean for Kusto's bool; all else is spelt alike.
_OURS: Final = {
    table.name: {
        each["name"]: each["type"].replace("boolean", "bool") for each in columns_of(table)
    }
    for table in TABLES
}
SCHEMAS: Final[dict[str, dict[str, str]]] = _AZURES | _OURS
"""Table → column → Kusto type: what the queries are checked against and run on."""

_TYPES: Final = {
    "string": "VARCHAR",
    "datetime": "TIMESTAMP",
    "dynamic": "JSON",
    "long": "BIGINT",
    "real": "DOUBLE",
    "bool": "BOOLEAN",
}
_KUSTO_TYPES: Final = {
    "VARCHAR": "string",
    "TIMESTAMP": "datetime",
    "JSON": "dynamic",
    "BIGINT": "long",
    "BOOLEAN": "bool",
    "DOUBLE": "real",
}
_INGESTED: Final = "_ingestion_time"
_PATH: Final = re.compile(r"/v1/workspaces/([^/]+)/query")
_STRCMP: Final = re.compile(r"strcmp\(([^(),]+),([^(),]+)\) > 0")
_TAKE: Final = re.compile(r"\btake ([a-z]\w*)")


class LogAnalytics:
    """A workspace; `half` says of each query whether it is answered in part.

    A partial answer has every other row and an error beside them. `asked` are the texts.
    `functions` are the definitions of saved functions, `now` is what the queries take for now
    (None: the time).
    """

    def __init__(
        self,
        workspace: str,
        audience: str,
        *,
        functions: Sequence[str] = (),
        now: datetime | None = None,
    ) -> None:
        self.workspace = workspace
        self.audience = audience
        self.functions = functions
        self.now = now
        self.asked: list[str] = []
        self.half: Callable[[str], bool] = lambda _query: False
        self._rows = duckdb_kql.connect()
        self._dropped: set[str] = set()
        for table, columns in SCHEMAS.items():
            typed = [f'"{name}" {_TYPES[kind]}' for name, kind in columns.items()]
            self._rows.execute(f"CREATE TABLE {table} ({', '.join(typed)}, {_INGESTED} TIMESTAMP)")

    def ingest(
        self,
        rows: Iterable[Mapping[str, object]],
        at: datetime,
        table: str = "AzureActivity",
    ) -> None:
        """Add rows as ingested at a time; columns that a row lacks are empty, as in Log Analytics.

        Raises:
            ValueError: a row has a column that the table does not.
        """
        columns = SCHEMAS[table]
        cells = []
        for row in rows:
            if strange := row.keys() - columns.keys():
                raise ValueError(f"{table} has no {', '.join(strange)}")
            filled = {name: _cell(row.get(name), kind) for name, kind in columns.items()}
            cells.append({**filled, _INGESTED: _plain(at)})
        # One statement however many rows there are: a statement a row takes a millisecond each.
        shape = {name: _TYPES[kind] for name, kind in columns.items()} | {_INGESTED: "TIMESTAMP"}
        self._rows.execute(
            f"INSERT INTO {table} SELECT unnest(from_json(?, ?), recursive := true)",
            [orjson.dumps(cells).decode(), json.dumps([shape])],
        )

    def drop(self, table: str = "AzureActivity") -> None:
        """Take a table away, as in a workspace that never had a row of it."""
        self._rows.execute(f"DROP TABLE {table}")
        self._dropped.add(table)

    def close(self) -> None:
        """Let go of the rows."""
        self._rows.close()

    def run(self, query: str) -> duckdb.DuckDBPyRelation:
        """Run a query."""
        return duckdb_kql.kql(
            self._rows,
            _as_it_runs(query),
            functions=list(self.functions),
            query_now=_plain(self.now),
        )

    def answers(self, asked: Asked) -> bool:
        """Whether the request is for this service."""
        return _PATH.fullmatch(asked.path) is not None

    def answer(self, asked: Asked, fault: Fault | None) -> Answer:  # noqa: ARG002 - none is about rows
        """Answer a query."""
        found = _PATH.fullmatch(asked.path)
        if found is None or asked.method != "POST":
            return _refusal(404, "PathNotFoundError", "The requested path does not exist")
        if found[1] != self.workspace:
            return _refusal(404, "WorkspaceNotFoundError", "The workspace could not be found")
        query = str(orjson.loads(asked.body)["query"])
        self.asked.append(query)
        if missing := sorted(each for each in self._dropped if each in query):
            return _semantic_error(missing[0])
        result = self.run(query)
        kinds = [(name, _KUSTO_TYPES[str(kind)]) for name, kind, *_ in result.description]
        rows = [[_shown(cell) for cell in row] for row in result.fetchall()]
        half = self.half(query)
        table = {
            "name": "PrimaryResult",
            "columns": [{"name": name, "type": kind} for name, kind in kinds],
            "rows": rows[::2] if half else rows,
        }
        return Answer(body=orjson.dumps({"tables": [table], **(_PARTIAL if half else {})}))


_PARTIAL: Final = {
    "error": {
        "code": "PartialError",
        "message": "There were some errors when processing your query.",
        "details": [{"code": "EngineError", "message": "Something went wrong in the engine."}],
    }
}


def _as_it_runs(query: str) -> str:
    """Write differently what duckdb-kql lacks.

    Raises:
        ValueError: the query compares texts with `strcmp` in a way that is not known here.
    """
    query = query.replace("ingestion_time()", _INGESTED)
    query = _STRCMP.sub(r"\1 > \2", query)
    if "strcmp" in query:
        raise ValueError("only strcmp(a, b) > 0 is understood")
    for name in _TAKE.findall(query):
        value = re.search(rf"let {name} = (\d+);", query)
        query = query if value is None else query.replace(f"take {name}", f"take {value[1]}")
    return query


def _cell(value: object, kind: str) -> object:
    """Return what a column of this type holds."""
    if kind == "string":
        return "" if value is None else value
    if kind == "datetime":
        return _plain(datetime.fromisoformat(value) if isinstance(value, str) else value)
    return value


def _plain(value: Any) -> Any:  # noqa: ANN401 - a time, or none
    """Return a time without its zone, as the tables hold it: UTC."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _shown(value: object) -> object:
    """Return a value as the API writes it: times with seven digits."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds") + "0Z"
    return value


def _semantic_error(table: str) -> Answer:
    """Refuse a query about a table that is not there."""
    operator = f"'where' operator: Failed to resolve table or column expression named '{table}'"
    return _refusal(
        400,
        "BadArgumentError",
        "The request had some invalid properties",
        {
            "code": "SemanticError",
            "message": "A semantic error occurred.",
            "innererror": {"code": "SEM0100", "message": operator},
        },
    )


def _refusal(
    status: int, code: str, message: str, inner: Mapping[str, object] | None = None
) -> Answer:
    body = {"code": code, "message": message, **({"innererror": inner} if inner else {})}
    return Answer(status, orjson.dumps({"error": body}))
