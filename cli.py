"""The command line: options in, use cases called; no logic of its own."""

import asyncio
import sys

import typer

from monitors import load_catalogue
from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal import help_texts, options
from shared.adapters.terminal.alerts import Filters, show_alerts
from shared.adapters.terminal.check import judge_input
from shared.adapters.terminal.controls import explain_control, known_control, list_controls
from shared.adapters.terminal.doctor import show_health
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.notes import tell_estate
from shared.adapters.terminal.progress import Headway
from shared.adapters.terminal.replay import replay_events
from shared.adapters.terminal.run import ask_for_command, ends_with_status, run
from shared.adapters.terminal.since import DAY
from shared.adapters.terminal.sweep import sweep_estate
from shared.domain.health import check_tables
from shared.domain.verdict import Severity
from shared.runtime import estate_notes, local_history, local_run, open_world

app = typer.Typer(
    help=help_texts.PROGRAM,
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback()
def program(
    context: typer.Context, *, _version: options.Version = False, _verbose: options.Verbose = False
) -> None:
    """Take the options that stand before the command."""
    ask_for_command(context)


@app.command(help=help_texts.CHECK, epilog=help_texts.CHECK_STATUS)
@ends_with_status
def check(
    paths: options.Paths,
    output: options.Output = Format.TABLE,
    fail_on: options.FailOn = Severity.HIGH,
    *,
    _verbose: options.Verbose = False,
) -> int:
    """Judge ARM JSON files."""
    catalogue = load_catalogue()
    with Headway("Reading files") as headway:
        snapshots, notes = open_world(paths, catalogue, on_input=headway.advance)
    return judge_input(snapshots, notes, catalogue, output, fail_on)


@app.command(help=help_texts.REPLAY, epilog=help_texts.ESTATE_STATUS)
@ends_with_status
def replay(
    events: options.Events,
    estate: options.Estate,
    store: options.KeepIn = None,
    output: options.Output = Format.TABLE,
    *,
    _verbose: options.Verbose = False,
) -> int:
    """Replay recorded events."""
    with local_run(estate, store, load_catalogue()) as runtime:
        status = asyncio.run(replay_events(runtime, events, output, store))
        return tell_estate(estate_notes(runtime), status)


@app.command(help=help_texts.SWEEP, epilog=help_texts.ESTATE_STATUS)
@ends_with_status
def sweep(
    estate: options.Estate,
    store: options.KeepIn = None,
    output: options.Output = Format.TABLE,
    *,
    deep: options.Deep = False,
    _verbose: options.Verbose = False,
) -> int:
    """Look at everything."""
    with local_run(estate, store, load_catalogue()) as runtime:
        status = asyncio.run(sweep_estate(runtime, output, store, deep=deep))
        return tell_estate(estate_notes(runtime), status)


@app.command(help=help_texts.ALERTS, epilog=help_texts.STATUS)
@ends_with_status
def alerts(  # noqa: PLR0913 - the options of the command
    *,
    store: options.ReadFrom = options.DEFAULT_STORE,
    since: options.SinceWhen = DAY,
    severity: options.Severities = None,
    control: options.Controls = None,
    resource: options.ResourceText = None,
    state: options.State = None,
    output: options.Output = Format.TABLE,
    _verbose: options.Verbose = False,
) -> int:
    """Show what alerted."""
    catalogue = load_catalogue()
    filters = Filters(
        since=since.time(SystemClock().now()),
        severities=frozenset(severity or ()),
        controls=frozenset(known_control(catalogue, each) for each in control or ()),
        resource=resource,
        state=state,
    )
    with local_history(store) as findings:
        return asyncio.run(show_alerts(findings, filters, output, store))


@app.command(help=help_texts.CONTROLS, epilog=help_texts.STATUS)
@ends_with_status
def controls(
    control: options.ControlId = None,
    output: options.Output = Format.TABLE,
    *,
    _verbose: options.Verbose = False,
) -> int:
    """List or explain controls."""
    catalogue = load_catalogue()
    if control is None:
        return list_controls(catalogue, output)
    return explain_control(catalogue, control, output)


@app.command(help=help_texts.DOCTOR, epilog=help_texts.DOCTOR_STATUS)
@ends_with_status
def doctor(output: options.Output = Format.TABLE, *, _verbose: options.Verbose = False) -> int:
    """Check the monitor itself."""
    return show_health(check_tables(SystemClock().now()), output)


if __name__ == "__main__":
    sys.exit(run(app))
