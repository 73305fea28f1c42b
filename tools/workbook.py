"""Write the Azure Workbook from its queries and the layout below.

    python -m tools.workbook

writes `infra/workbook/workbook.json`. Each query is a file of its own in `infra/workbook/queries`,
which declares the parameters that it takes; the workbook fills them in from its own.
"""

import json
from datetime import timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from shared.adapters.azure.logs.query_text import parameters

FOLDER = Path(__file__).resolve().parents[1] / "infra" / "workbook"
WORKSPACE = "__WORKSPACE_ID__"
"""What the deployment puts the workspace's ARM id in place of."""
LOGS = {"queryType": 0, "resourceType": "microsoft.operationalinsights/workspaces"}
ALL_TIME = {"durationMs": int(timedelta(days=730) / timedelta(milliseconds=1))}
"""The queries bound the time themselves: what was opened long ago is open still."""
FILLED_IN = {
    "start": "datetime({TimeRange:startISO})",
    "end": "datetime({TimeRange:endISO})",
    "subscriptions": "dynamic([{Subscription}])",
    "severities": "dynamic([{Severity}])",
    "controls": "dynamic([{Control}])",
}
"""Parameter of a query → what the workbook writes for it; of all, lists hold `*`."""
LINK = {
    "columnMatch": "PortalUrl",
    "formatter": 7,
    "formatOptions": {"linkTarget": "Url", "linkLabel": "Portal"},
}
"""A column of addresses, shown as links."""
SEVERITIES = ("critical", "high", "medium", "low", "info")
RANGES = (timedelta(hours=4), *map(timedelta, (1, 3, 7, 14, 30, 90)))

Item = dict[str, object]


def workbook() -> Item:
    """Return the workbook."""
    return {
        "version": "Notebook/1.0",
        "items": [
            _text("head", "# Azure AI compliance\nWhat is wrong now, what happened, and who saw."),
            _parameters(),
            *_section(
                "Posture",
                _query("posture", "At the end of the time range", "tiles", 33),
                _query("posture_change", "Over the time range", "table", 33),
                _query("time_to_resolve", "Hours until put right", "table", 34),
                _query("posture_by_control", "By control", "table"),
            ),
            *_section(
                "What happened",
                _query("timeline", "Alerts by the hour", "barchart"),
                _query("transitions", "The newest 250", "table"),
            ),
            *_section(
                "Worst offenders",
                _query("worst_offenders", "Resources, weighed by severity", "table", 60),
                _query("actors", "Whose changes opened findings", "table", 40),
                _query("open_findings", "Open findings", "table"),
            ),
            *_section(
                "Coverage",
                _query("coverage", "What is seen of each subscription", "table"),
                _query("unknown", "What cannot be told", "table"),
                _query("detection", "Seconds from a change to its alert", "table"),
            ),
            *_section(
                "The monitor itself",
                _query("health", "How it is", "table"),
                _query("health_checks", "Its checks", "table", 50),
                _query("canary", "Seconds from queue to table", "timechart", 50),
            ),
        ],
        "fallbackResourceIds": [WORKSPACE],
        "$schema": "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json",
    }


def query_text(name: str) -> str:
    """Return a query as the workbook asks it, its parameters filled in."""
    text = (FOLDER / "queries" / f"{name}.kql").read_text("utf-8").rstrip()
    return "\n".join([*(f"let {each} = {FILLED_IN[each]};" for each in parameters(text)), text])


def _section(title: str, *items: Item) -> list[Item]:
    return [_text(title.lower().replace(" ", "_"), f"## {title}"), *items]


def _text(name: str, text: str) -> Item:
    return {"type": 1, "content": {"json": text}, "name": f"text_{name}"}


def _query(name: str, title: str, shown_as: str, width: int = 100) -> Item:
    content: Item = {
        "version": "KqlItem/1.0",
        "query": query_text(name),
        "size": 0,
        "title": title,
        "noDataMessage": "Nothing.",
        "timeContext": ALL_TIME,
        **LOGS,
        "visualization": shown_as,
    }
    if shown_as == "tiles":
        content["tileSettings"] = {
            "titleContent": {"columnMatch": "Verdict", "formatter": 1},
            "leftContent": {"columnMatch": "Count", "formatter": 12},
            "showBorder": True,
        }
    if shown_as == "table":
        links = [LINK] if "PortalUrl" in str(content["query"]) else []
        content["gridSettings"] = {"rowLimit": 500, "filter": True, "formatters": links}
        content["showExportToExcel"] = True
    return {"type": 3, "content": content, "customWidth": str(width), "name": f"query_{name}"}


def _parameters() -> Item:
    time: Item = {
        **_parameter("TimeRange", "Time range", 4),
        "value": {"durationMs": _milliseconds(timedelta(days=7))},
        "typeSettings": {
            "selectableValues": [{"durationMs": _milliseconds(each)} for each in RANGES],
            "allowCustom": True,
        },
    }
    listed = json.dumps([{"value": each, "label": each} for each in SEVERITIES])
    chosen = [
        {**_choice("Subscription", "Subscription"), "query": query_text("subscriptions"), **LOGS},
        {**_choice("Severity", "Severity"), "jsonData": listed},
        {**_choice("Control", "Control"), "query": query_text("controls"), **LOGS},
    ]
    content = {"version": "KqlParameterItem/1.0", "parameters": [time, *chosen], "style": "pills"}
    return {"type": 9, "content": {**content, **LOGS}, "name": "parameters"}


def _choice(name: str, label: str) -> Item:
    """Return a parameter of which several or all may be chosen: of all it holds `*`."""
    return {
        **_parameter(name, label, 2),
        "multiSelect": True,
        "quote": '"',
        "delimiter": ",",
        "timeContext": ALL_TIME,
        "typeSettings": {
            "additionalResourceOptions": ["value::all"],
            "selectAllValue": "*",
            "showDefault": False,
        },
        "defaultValue": "value::all",
        "value": ["value::all"],
    }


def _parameter(name: str, label: str, kind: int) -> Item:
    identity = str(uuid5(NAMESPACE_URL, f"azure-ai-compliance-monitor/workbook/{name}"))
    version = {"id": identity, "version": "KqlParameterItem/1.0"}
    return {**version, "name": name, "label": label, "type": kind, "isRequired": True}


def _milliseconds(time: timedelta) -> int:
    return time // timedelta(milliseconds=1)


def main() -> None:
    """Write the workbook."""
    text = json.dumps(workbook(), indent=2, ensure_ascii=False)
    (FOLDER / "workbook.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
