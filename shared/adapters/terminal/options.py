"""The options and arguments that the commands take, each with its help and its reader."""

from pathlib import Path
from typing import Annotated

import typer

from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.logs import be_verbose
from shared.adapters.terminal.paths import folder
from shared.adapters.terminal.since import Since, parse_since
from shared.adapters.terminal.suggestions import choice
from shared.adapters.terminal.version import show_version
from shared.domain.finding import FindingState
from shared.domain.verdict import Severity

DEFAULT_STORE = Path(".local/compliance.db")

Paths = Annotated[list[str], typer.Argument(metavar="PATH", hidden=True)]
Events = Annotated[list[str], typer.Argument(metavar="EVENTS", hidden=True)]
ControlId = Annotated[str | None, typer.Argument(metavar="ID", hidden=True)]

Output = Annotated[
    Format,
    typer.Option(
        "--format", parser=choice(Format), metavar="table|json", help="How to print the result."
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
ReadFrom = Annotated[Path, typer.Option("--store", metavar="FILE", help="SQLite file to read.")]
SinceWhen = Annotated[
    Since,
    typer.Option(
        parser=parse_since, metavar="TIME", help="30m, 24h, 7d, 2w, a date or time (UTC), or all."
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
