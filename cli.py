"""The command line: options in, use cases called; no logic of its own."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from monitors import load_catalogue
from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal import help_texts
from shared.adapters.terminal.alerts import Filters, show_alerts
from shared.adapters.terminal.check import judge_input
from shared.adapters.terminal.controls import explain_control, known_control, list_controls
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.logs import be_verbose
from shared.adapters.terminal.notes import tell_estate
from shared.adapters.terminal.progress import Headway
from shared.adapters.terminal.replay import replay_events
from shared.adapters.terminal.run import ends_with_status, run
from shared.adapters.terminal.since import DAY, Since, parse_since
from shared.adapters.terminal.suggestions import choice
from shared.adapters.terminal.sweep import sweep_estate
from shared.adapters.terminal.version import show_version
from shared.domain.finding import FindingState
from shared.domain.verdict import Severity
from shared.runtime import estate_notes, local_history, local_run, open_world

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
Estate = Annotated[
    Path,
    typer.Option(
        metavar="DIR", help="Folder of ARM JSON: what is in it exists, what is not does not."
    ),
]
Kept = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="FILE",
        help="SQLite file that remembers findings; the next run goes on from it.",
        show_default="a temporary one, removed at the end",
    ),
]

STORE = Path(".local/compliance.db")

app = typer.Typer(
    help=help_texts.PROGRAM,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback()
def program(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Print the version."),
    ] = False,
    _verbose: Verbose = False,
) -> None:
    """Take the options that stand before the command."""


@app.command(help=help_texts.CHECK, epilog=help_texts.CHECK_STATUS)
@ends_with_status
def check(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", hidden=True)],
    output: Output = Format.TABLE,
    fail_on: Annotated[
        Severity,
        typer.Option(
            parser=choice(Severity), metavar="SEVERITY", help="Least severity that counts as 1."
        ),
    ] = Severity.HIGH,
    *,
    _verbose: Verbose = False,
) -> int:
    """Judge ARM JSON files."""
    catalogue = load_catalogue()
    with Headway("Reading files") as headway:
        snapshots, notes = open_world(paths, on_input=headway.advance)
    return judge_input(snapshots, notes, catalogue, output, fail_on)


@app.command(help=help_texts.REPLAY, epilog=help_texts.STATUS)
@ends_with_status
def replay(
    events: Annotated[list[str], typer.Argument(metavar="EVENTS", hidden=True)],
    estate: Estate,
    store: Kept = None,
    output: Output = Format.TABLE,
    *,
    _verbose: Verbose = False,
) -> int:
    """Replay recorded events."""
    with local_run(estate, store, load_catalogue()) as runtime:
        status = asyncio.run(replay_events(runtime, events, output, store))
        tell_estate(estate_notes(runtime))
    return status


@app.command(help=help_texts.SWEEP, epilog=help_texts.STATUS)
@ends_with_status
def sweep(
    estate: Estate,
    store: Kept = None,
    output: Output = Format.TABLE,
    *,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every source, not the core alone.")
    ] = False,
    _verbose: Verbose = False,
) -> int:
    """Look at everything."""
    with local_run(estate, store, load_catalogue()) as runtime:
        status = asyncio.run(sweep_estate(runtime, output, store, deep=deep))
        tell_estate(estate_notes(runtime))
    return status


@app.command(help=help_texts.ALERTS, epilog=help_texts.STATUS)
@ends_with_status
def alerts(  # noqa: PLR0913 - the options of the command
    *,
    store: Annotated[Path, typer.Option(metavar="FILE", help="SQLite file to read.")] = STORE,
    since: Annotated[
        Since,
        typer.Option(
            parser=parse_since,
            metavar="TIME",
            help="30m, 24h, 7d, 2w, a date or time (UTC), or all.",
        ),
    ] = DAY,
    severity: Annotated[
        list[Severity] | None,
        typer.Option(parser=choice(Severity), metavar="SEVERITY", help="Only this; repeatable."),
    ] = None,
    control: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this control; repeatable.")
    ] = None,
    resource: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Part of the resource's id, in any case.")
    ] = None,
    state: Annotated[
        FindingState | None,
        typer.Option(
            parser=choice(FindingState),
            metavar="open|resolved",
            help="State that the finding is in now.",
        ),
    ] = None,
    output: Output = Format.TABLE,
    _verbose: Verbose = False,
) -> int:
    """Show what alerted."""
    catalogue, clock = load_catalogue(), SystemClock()
    filters = Filters(
        since=since.time(clock.now()),
        severities=frozenset(severity or ()),
        controls=frozenset(known_control(catalogue, each) for each in control or ()),
        resource=resource,
        state=state,
    )
    return asyncio.run(show_alerts(local_history(store), filters, output, store))


@app.command(help=help_texts.CONTROLS, epilog=help_texts.STATUS)
@ends_with_status
def controls(
    control: Annotated[str | None, typer.Argument(metavar="ID", hidden=True)] = None,
    output: Output = Format.TABLE,
    *,
    _verbose: Verbose = False,
) -> int:
    """List or explain controls."""
    catalogue = load_catalogue()
    if control is None:
        return list_controls(catalogue, output)
    return explain_control(catalogue, control, output)


if __name__ == "__main__":
    sys.exit(run(app))
