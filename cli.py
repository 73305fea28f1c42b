"""The command line: options in, use cases called; no logic of its own."""

import asyncio
import sys
from functools import partial

import typer

from monitors import load_catalogue
from shared.adapters.formats.controls import known_controls
from shared.adapters.formats.product import version
from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal import help_texts, options
from shared.adapters.terminal.alerts import Filters, show_alerts
from shared.adapters.terminal.cards import alerts_named, write_page
from shared.adapters.terminal.check import judge_input
from shared.adapters.terminal.controls import explain_control, known_control, list_controls
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.notes import tell_estate
from shared.adapters.terminal.parked import refuse_filters, show_parked
from shared.adapters.terminal.progress import Headway
from shared.adapters.terminal.replay import replay_events
from shared.adapters.terminal.run import (
    ask_for_command,
    ends_with_status,
    leave_interrupts_to_asyncio,
    run,
)
from shared.adapters.terminal.since import DAY
from shared.adapters.terminal.subscriptions import one_estate
from shared.adapters.terminal.sweep import sweep_estate
from shared.adapters.terminal.workspaces import tell_what_is_missing
from shared.domain.verdict import Severity
from shared.runtime.decisions import acknowledge, remind, snooze, unsnooze
from shared.runtime.doctor import doctor_with
from shared.runtime.local import estate_notes, local_run, open_world
from shared.runtime.memory import Memory, chosen_memory, run_on
from shared.runtime.redelivery import redeliver
from shared.runtime.telling import telling_of
from shared.settings import read_azure_settings

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
    output: options.FindingsOutput = Format.TABLE,
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
def replay(  # noqa: PLR0913 - the options of the command
    events: options.Events,
    estate: options.Estate,
    *,
    store: options.KeepIn = None,
    sink: options.SinkNames = None,
    deliver_for: options.DeliverFor = 60,
    output: options.Output = Format.TABLE,
    _verbose: options.Verbose = False,
) -> int:
    """Replay recorded events."""
    catalogue = load_catalogue()
    telling = telling_of(sink or (), known_controls(catalogue), deliver_for)
    with local_run(estate, store, catalogue) as runtime:
        status = asyncio.run(replay_events(runtime, events, output, store, telling))
        return tell_estate(estate_notes(runtime), status)


@app.command(help=help_texts.SWEEP, epilog=help_texts.SWEEP_STATUS)
@ends_with_status
def sweep(
    *,
    estate: options.EstateOrNot = None,
    subscription: options.Subscriptions = None,
    store: options.KeepIn = None,
    output: options.Output = Format.TABLE,
    deep: options.Deep = False,
    _verbose: options.Verbose = False,
) -> int:
    """Look at everything."""
    subscriptions = one_estate(estate, subscription)
    catalogue = load_catalogue()
    if estate is not None:
        with local_run(estate, store, catalogue) as runtime:
            status = asyncio.run(sweep_estate(runtime, output, store, deep=deep))
            return tell_estate(estate_notes(runtime), status)
    # Imported here: the Azure libraries cost a start what a command on files does not need.
    from shared.runtime.azure import azure_run  # noqa: PLC0415 - see above

    settings = read_azure_settings()
    with azure_run(settings, subscriptions, store, catalogue, version()) as runtime:
        work = sweep_estate(
            runtime,
            output,
            store,
            deep=deep,
            subscriptions=subscriptions,
            concurrency=runtime.at_once,
        )
        leave_interrupts_to_asyncio()
        return asyncio.run(runtime.within(work))


@app.command(help=help_texts.ALERTS, epilog=help_texts.MEMORY_STATUS)
@ends_with_status
def alerts(  # noqa: PLR0913 - the options of the command
    *,
    store: options.ReadFrom = None,
    deployed: options.Deployed = False,
    workspace: options.Workspace = None,
    since: options.SinceWhen = None,
    severity: options.Severities = None,
    control: options.Controls = None,
    resource: options.ResourceText = None,
    state: options.State = None,
    history: options.History = False,
    parked: options.ParkedOnly = False,
    output: options.FindingsOutput = Format.TABLE,
    _verbose: options.Verbose = False,
) -> int:
    """Show what alerted."""
    place = chosen_memory(store, deployed=deployed, workspace=workspace)
    if parked:
        given = {"workspace": workspace, "since": since, "severity": severity, "control": control}
        refuse_filters({**given, "resource": resource, "state": state, "history": history})
        shown = partial(show_parked, output=output)
        return run_on(place, lambda each: shown(each.findings, option=each.option), writes=False)
    catalogue = load_catalogue()
    filters = Filters(
        since=(since or DAY).time(SystemClock().now()),
        severities=frozenset(severity or ()),
        controls=frozenset(known_control(catalogue, each) for each in control or ()),
        resource=resource,
        state=state,
        history=history,
    )
    show = partial(show_alerts, filters=filters, output=output, controls=known_controls(catalogue))
    if workspace is None:
        return run_on(place, lambda each: show(each.findings, store=each.name), writes=False)
    # Imported here: as for a sweep.
    from shared.runtime.history import ask_workspace  # noqa: PLC0415 - see above

    tell_what_is_missing(of_a_state=state is not None, history=history)
    show = partial(show, store=f"the workspace {workspace}")
    return asyncio.run(ask_workspace(read_azure_settings(), workspace, show))


for name, text, decision in (
    ("acknowledge", help_texts.ACKNOWLEDGE, acknowledge),
    ("snooze", help_texts.SNOOZE, snooze),
    ("unsnooze", help_texts.UNSNOOZE, unsnooze),
    ("remind", help_texts.REMIND, remind),
    ("redeliver", help_texts.REDELIVER, redeliver),
):
    app.command(name, help=text, epilog=help_texts.MEMORY_STATUS)(decision)


@app.command(help=help_texts.CARD, epilog=help_texts.MEMORY_STATUS)
@ends_with_status
def card(
    ids: options.AlertIds,
    *,
    store: options.ReadFrom = None,
    deployed: options.Deployed = False,
    output: options.WriteTo = None,
    _verbose: options.Verbose = False,
) -> int:
    """Draw alerts."""
    # Imported here: what draws cards costs a start what no other command needs.
    from shared.runtime.cards import card_page  # noqa: PLC0415 - see above

    async def draw(memory: Memory) -> int:
        found = await alerts_named(memory.findings, ids)
        return write_page(card_page(found, known_controls(load_catalogue())), output)

    return run_on(chosen_memory(store, deployed=deployed), draw, writes=False)


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


app.command("doctor", help=help_texts.DOCTOR, epilog=help_texts.DOCTOR_STATUS)(
    doctor_with(load_catalogue)
)

if __name__ == "__main__":
    sys.exit(run(app))
