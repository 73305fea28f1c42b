"""What the guides tell people to open, run, set and ask is there."""

import re
import shlex
from pathlib import Path
from typing import Any, cast

import pytest
from typer.main import get_command

import cli
from shared.runtime.sink_settings import SinkSettings
from shared.settings import AzureBackend, LocalBackend, Settings
from tests.kql.test_queries import checked
from tests.local_azure.log_analytics import SCHEMAS

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("examples/*.md")])
TEXTS = {str(file.relative_to(ROOT)): file.read_text("utf-8") for file in GUIDES}
ID = "00000000-0000-0000-0000-000000000000"

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"^ {4,}(?:\.venv/bin/python )?cli\.py (\S.*)$", re.MULTILINE)
_QUERY = re.compile(r"```kusto\n(.*?)```", re.DOTALL)
_SETTING = re.compile(r"\bCOMPLIANCE_[A-Z_]+[A-Z]\b")
# Azure's own tables that guides ask beside ours; Microsoft Learn, Azure Monitor Logs reference.
AZURES = {
    "AppExceptions": {
        "TimeGenerated": "datetime",
        "OperationName": "string",
        "ExceptionType": "string",
        "OuterMessage": "string",
    },
    "AppTraces": {
        "TimeGenerated": "datetime",
        "OperationName": "string",
        "Message": "string",
        "SeverityLevel": "long",
    },
}


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_somewhere(name: str) -> None:
    """To a file of the project, and to a heading that is there."""
    lost = []
    for target in _LINK.findall(TEXTS[name]):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        file = (ROOT / name).parent / path if path else ROOT / name
        if not file.exists() or (anchor and anchor not in anchors(file.read_text("utf-8"))):
            lost.append(target)

    assert lost == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (name, each)
        for name, text in TEXTS.items()
        for each in dict.fromkeys(_COMMAND.findall(text))
    ],
)
def test_every_command_is_one(name: str, line: str, tmp_path: Path) -> None:
    """Its options are there, and take those values; files are those of whoever reads it."""
    words = shlex.split(re.split(r" [|<>] | # ", line)[0].replace(" ID", f" {ID}"))
    (tmp_path / "file").write_text("[]", encoding="utf-8")
    given = [
        str(tmp_path / "file")
        if each.endswith(".json")
        else str(tmp_path)
        if each == "DIR"
        else each
        for each in words[1:]
    ]
    command = cast("Any", get_command(cli.app)).commands[words[0]]

    assert command.make_context(words[0], given) is not None, name


def test_every_query_is_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """By Microsoft's own parser."""
    for table, columns in AZURES.items():
        monkeypatch.setitem(SCHEMAS, table, columns)
    queries = {
        f"{name} {number}": query
        for name, text in TEXTS.items()
        for number, query in enumerate(_QUERY.findall(text))
    }

    found = checked(queries)

    assert {name: each for name, each in found.items() if each} == {}
    assert len(queries) > 15


def test_every_setting_is_one() -> None:
    """Of the app, or of the deployment."""
    fields = {*Settings.model_fields, *SinkSettings.model_fields}
    fields |= {
        f"backend__{each}" for each in (*AzureBackend.model_fields, *LocalBackend.model_fields)
    }
    known = {f"COMPLIANCE_{each.upper()}" for each in fields}
    parameters = (ROOT / "infra/main.bicepparam").read_text("utf-8")
    known |= set(_SETTING.findall(parameters))
    nested = tuple(f"COMPLIANCE_{each}__" for each in ("SINKS", "REMIND_AFTER_HOURS", "BACKEND"))

    named = {each for text in TEXTS.values() for each in _SETTING.findall(text)}
    strange = {each for each in named - known if not each.startswith(nested)}

    assert strange <= TESTS_ONLY | {each.rstrip("_") for each in nested}


TESTS_ONLY = {"COMPLIANCE_WHAT_IF_LOCATION"}
"""Read by a test of the deployment."""
