"""Every query of the project is sound Kusto, by Microsoft's own parser and the tables' columns."""

import json
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from shared.adapters.azure.logs.query_text import parameters, query_text
from tests.kql.saved_functions import BODIES, parameter_list
from tests.local_azure.log_analytics import SCHEMAS

ROOT = Path(__file__).resolve().parents[2]
PARSER = ROOT / "tests/kql/node_modules/@kusto/language-service-next"
PASSED_OVER = {".venv", ".git", "node_modules", ".local"}

# What stands in for a value that a query declares to be asked with.
NOTHING = {
    "datetime": "datetime(null)",
    "dynamic": "dynamic([])",
    "long": "long(0)",
    "string": '""',
}
_PIPED = re.compile(rf"^\s*(?:{'|'.join(SCHEMAS)})\s*\n?\s*\|", re.MULTILINE)


def checked(queries: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what the parser has against each query."""
    functions = {
        name: {"parameters": f"({parameter_list(name)})", "body": body}
        for name, body in BODIES.items()
    }
    result = subprocess.run(
        ["node", str(Path(__file__).with_name("check.js")), str(PARSER)],
        input=json.dumps({"tables": SCHEMAS, "functions": functions, "queries": queries}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found: dict[str, list[dict[str, object]]] = json.loads(result.stdout)
    return {
        name: [f"line {each['line']}: {each['code']} {each['message']}" for each in diagnostics]
        for name, diagnostics in found.items()
    }


def project_files(suffix: str) -> list[Path]:
    """Return the files of the project with this suffix."""
    found = [
        file
        for file in ROOT.rglob(f"*{suffix}")
        if not PASSED_OVER & set(file.relative_to(ROOT).parts)
    ]
    return sorted(found)


def asked(text: str) -> str:
    """Return a query as it is asked: with a value for each parameter that it declares."""
    lets = [f"let {name} = {NOTHING[kind]};" for name, kind in parameters(text).items()]
    return "\n".join([*lets, text])


def test_every_query_of_the_project_is_sound() -> None:
    """No unknown table, column or function, no comparison of different types, no bad syntax."""
    queries = {
        str(file.relative_to(ROOT)): asked(file.read_text("utf-8"))
        for file in project_files(".kql")
    }
    assert "shared/adapters/azure/logs/queries/activity_rows.kql" in queries

    found = checked(queries)

    assert found.keys() == queries.keys()
    assert {name: each for name, each in found.items() if each} == {}


def test_a_query_is_sound_with_the_values_that_it_is_asked_with() -> None:
    """Also with a quote, a backslash and a letter beyond ASCII in them."""
    text = query_text(
        "activity_rows",
        subscriptions=['a"b', "c\\d", "é"],
        since=datetime(2026, 11, 20, 8, tzinfo=UTC),
        row_id='"; AzureActivity | take 5 //\\',
        until=datetime(2026, 11, 20, 9, tzinfo=UTC),
        page=5,
    )

    assert checked({"asked": text}) == {"asked": []}


def test_no_query_hides_in_the_code() -> None:
    """A query lives in a .kql file, where it is found and checked."""
    hidden = [
        str(file.relative_to(ROOT))
        for file in [*project_files(".py"), *project_files(".bicep")]
        if not file.is_relative_to(ROOT / "tests") and _PIPED.search(file.read_text("utf-8"))
    ]

    assert hidden == []


WRONG = {
    "AzureActivity | where ActivityStatus1 == 'x'": "ActivityStatus1",
    "AzureActivities | take 1": "AzureActivities",
    "AzureActivity | where TimeGenerated startswith 'x'": "startswith",
    "AzureActivity | where EventDataId > 'x'": "'>'",
    "AzureActivity\n| where Caller =~~ 'x'": "line 2",
    "AzureActivity | extend a = no_such_function(Caller)": "no_such_function",
    "OpenFindings() | where Colour == 'red'": "Colour",
    "PostureAsOf()": "PostureAsOf",
    "ComplianceAlerts_CL | where SeverityRank > 'high'": "'>'",
}


def test_what_is_wrong_with_a_query_is_found() -> None:
    """The check sees wrong columns, tables, types, functions and syntax."""
    found = checked({query: query for query in WRONG})

    missed = [query for query, wrong in WRONG.items() if wrong not in " ".join(found[query])]
    assert missed == []
