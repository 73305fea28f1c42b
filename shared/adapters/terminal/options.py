"""The options and arguments that the commands take, each with its help and its reader."""

from pathlib import Path
from typing import Annotated

import typer

from shared.adapters.terminal.formats import PLAIN, Format
from shared.adapters.terminal.logs import be_verbose
from shared.adapters.terminal.paths import folder
from shared.adapters.terminal.since import DAY, Since, parse_since
from shared.adapters.terminal.subscriptions import subscription
from shared.adapters.terminal.suggestions import choice
from shared.adapters.terminal.typed_time import TypedTime
from shared.adapters.terminal.until import parse_until
from shared.adapters.terminal.version import show_version
from shared.adapters.terminal.workspaces import workspace
from shared.domain.finding import FindingState
from shared.domain.verdict import Severity

DEFAULT_STORE = Path(".local/compliance.db")

Paths = Annotated[list[str], typer.Argument(metavar="PATH", hidden=True)]
Events = Annotated[list[str], typer.Argument(metavar="EVENTS", hidden=True)]
FindingIds = Annotated[list[str] | None, typer.Argument(metavar="FINDING", hidden=True)]
AlertIds = Annotated[list[str], typer.Argument(metavar="ID", hidden=True)]
ControlId = Annotated[str | None, typer.Argument(metavar="ID", hidden=True)]

Output = Annotated[
    Format,
    typer.Option(
        "--format",
        parser=choice(Format, PLAIN),
        metavar="table|json",
        help="How to print the result.",
    ),
]
FindingsOutput = Annotated[
    Format,
    typer.Option(
        "--format",
        parser=choice(Format),
        metavar="table|json|sarif|ocsf",
        help="How to print the result.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", callback=be_verbose, help="Log more on standard error, tracebacks too."
    ),
]
Version = Annotated[
    bool,
    typer.Option("--version", callback=show_version, is_eager=True, help="Print the version."),
]
FailOn = Annotated[
    Severity,
    typer.Option(
        parser=choice(Severity), metavar="SEVERITY", help="Least severity that ends with status 1."
    ),
]
Estate = Annotated[
    Path,
    typer.Option(
        parser=folder,
        metavar="DIR",
        help="Folder of ARM JSON: what is in it exists, what is not does not.",
    ),
]
EstateOrNot = Annotated[
    Path | None,
    typer.Option(
        "--estate",
        parser=folder,
        metavar="DIR",
        help="Folder of ARM JSON: what is in it exists, what is not does not.",
        show_default=False,
    ),
]
Subscriptions = Annotated[
    list[str] | None,
    typer.Option(
        "--subscription",
        parser=subscription,
        metavar="ID",
        help="Azure subscription to read, as whoever is signed in; repeatable.",
    ),
]
KeepIn = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="FILE",
        help="SQLite file that remembers findings; the next run goes on from it.",
        show_default="a temporary one, removed at the end",
    ),
]
Deep = Annotated[
    bool, typer.Option("--deep", help="Read every source, those too that seldom change.")
]
ReadFrom = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="FILE",
        help=f"SQLite file to read; by default {DEFAULT_STORE}.",
        show_default=False,
    ),
]
StoreToCheck = Annotated[
    Path | None,
    typer.Option("--store", metavar="FILE", help="SQLite file to check.", show_default=False),
]
Workspace = Annotated[
    str | None,
    typer.Option(
        parser=workspace,
        metavar="ID",
        help="Log Analytics workspace to ask instead, by its workspace id.",
    ),
]
Kept = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="FILE",
        help=f"SQLite file to write to; by default {DEFAULT_STORE}.",
        show_default=False,
    ),
]
Deployed = Annotated[
    bool,
    typer.Option(
        "--deployed",
        help="Work on what the deployed monitor remembers, as whoever is signed in to Azure.",
    ),
]
SinceWhen = Annotated[
    Since | None,
    typer.Option(
        parser=parse_since,
        metavar="TIME",
        help="30m, 24h, 7d, 2w, a date or time (UTC), or all.",
        show_default=str(DAY),
    ),
]
Severities = Annotated[
    list[Severity] | None,
    typer.Option(parser=choice(Severity), metavar="SEVERITY", help="Only this; repeatable."),
]
Controls = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="Only this control; repeatable.")
]
ResourceText = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Part of the resource's id, in any case.")
]
State = Annotated[
    FindingState | None,
    typer.Option(
        parser=choice(FindingState),
        metavar="open|resolved",
        help="State that the finding is in now.",
    ),
]

SinkNames = Annotated[
    list[str] | None,
    typer.Option(
        "--sink",
        metavar="KIND:URL",
        help="Also tell this sink: webhook:https://…, teams:https://…; repeatable.",
    ),
]
DeliverFor = Annotated[
    int,
    typer.Option(
        "--deliver-for",
        min=0,
        max=86_400,
        metavar="SECONDS",
        help="How long to go on telling sinks at the end.",
    ),
]
ParkedOnly = Annotated[
    bool, typer.Option("--parked", help="Show instead what sinks did not take, with the reasons.")
]
ParkedIds = Annotated[list[str] | None, typer.Argument(metavar="ID", hidden=True)]
OfSink = Annotated[
    str | None,
    typer.Option("--sink", metavar="NAME", help="Only for this sink, by its name: teams, webhook."),
]
OfControl = Annotated[
    str | None, typer.Option("--control", metavar="ID", help="With --resource: its control.")
]
OfResource = Annotated[
    str | None,
    typer.Option("--resource", metavar="ID", help="With --control: the id of its resource."),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Who decides.",
        show_default="whoever is signed in with --deployed, else the user of this machine",
    ),
]
UntilWhen = Annotated[
    TypedTime,
    typer.Option(
        "--until", parser=parse_until, metavar="TIME", help="12h, 7d, a date or a time (UTC)."
    ),
]
History = Annotated[
    bool,
    typer.Option(
        "--history", help="Show also what did not alert: other evidence, decisions of people."
    ),
]
WriteTo = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="File to write.", show_default="standard output"
    ),
]
