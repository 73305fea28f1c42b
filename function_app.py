"""The Azure Functions app: triggers in, use cases called; no logic of its own.

Importing this module reads no environment and opens nothing, so that a bad setting is a readable
error at the first call and not a missing function.

Every trigger is bound as `str`, which makes the worker hand over the text as it came. The classes
of azure-functions would decide before us what an event is: `EventGridEvent` raises on a time that
it cannot read and on what is no object, and drops every key that it does not know (those of dead
letters); `QueueMessage` raises on times in the trigger's metadata. An event that raises in the
binding is delivered again for a day and then given up; one that reaches `resource_changed` is
stored with the reason and acknowledged.

A function that raises has failed: Event Grid delivers the event again, the queue shows the message
again and moves it to the poison queue after `maxDequeueCount` times. So a look that fails because
ARM or the storage does puts its message back itself and succeeds; only what crashes the code, and
settings that cannot be used, fail it.
"""

import os
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, List  # noqa: UP035 - the worker refuses func.Out[list[str]]

import azure.functions as func
import orjson

from shared.adapters.insights.late import LateObserver
from shared.events.outcome import Malformed
from shared.ports import QueueName
from shared.runtime.instance import Instance, instance_for
from shared.runtime.observing.insights import observer_for
from shared.runtime.sink_settings import read_sink_settings
from shared.runtime.undisturbed import undisturbed
from shared.settings import read_settings
from shared.telemetry import (
    log_delivered,
    log_heard,
    log_look,
    log_ready,
    log_receipt,
    log_reminded,
    log_sweeps,
    log_upkeep,
    quieten_libraries,
)

if TYPE_CHECKING:
    from shared.runtime.app import App

app = func.FunctionApp()

STORAGE = "AzureWebJobsStorage"
"""The setting with the connection to the storage account of the queues."""

HOURLY = "0 0 * * * *"
"""No `%SETTING%` on purpose: where it is not set, the host leaves out the function and starts all
the same, and what is there to find missed events would itself be missing without a word. The
platform's own setting `AzureWebJobs.sweep.Disabled` turns the sweep off."""
ACTIVITY = "0 1-59/5 * * * *"
UPKEEP = "0 3-59/5 * * * *"
"""Every five minutes, each at another one: what a timer makes up for must not be under way."""
REMINDERS = "0 4-59/15 * * * *"


@cache
def observer() -> LateObserver:
    """Return what watches this worker."""
    return observer_for(os.environ)


@cache
def instance() -> Instance:
    """Return what this worker takes in events with, made at the first call that succeeds.

    Settings are read here, so that whatever is wrong with one is told at the first call of any
    function. All functions are coroutines on the one event loop of the worker, and nothing here
    awaits: two first calls cannot both make it.
    """
    quieten_libraries()
    with undisturbed():
        return instance_for(read_settings(), read_sink_settings(), observer())


@cache
def runtime() -> "App":
    """Return the runtime of this worker, made as above by the first function that judges."""
    # Settings first: whatever else is wrong, what people can set right is told.
    here = instance()
    with undisturbed():
        # Imported here: an instance that only takes in events waits for no monitor.
        from monitors import load_catalogue  # noqa: PLC0415 - see above

        catalogue = load_catalogue()
        made = here.complete(catalogue)
    log_ready(len(catalogue))
    return made


@app.event_grid_trigger(arg_name="event")
@app.queue_output(arg_name="looks", queue_name=QueueName.LOOKS, connection=STORAGE)
async def resource_changed(event: str, looks: func.Out[List[str]], context: func.Context) -> None:  # noqa: UP006
    """Turn one event into a look at its root."""
    with invoked(context):
        receipt = await instance().intake.receive([_parsed(event)])
        if receipt.messages:
            # As a list: the host would parse a single text as JSON and write it anew.
            looks.set([message.encode() for message in receipt.messages])
        log_receipt("resource_changed", receipt)


@app.queue_trigger(arg_name="message", queue_name=QueueName.LOOKS, connection=STORAGE)
async def look(message: str, context: func.Context) -> None:
    """Look at a root because something changed."""
    with invoked(context):
        log_look("look", await runtime().deliveries.handle(QueueName.LOOKS, message), message)


@app.timer_trigger(arg_name="timer", schedule=HOURLY)
async def sweep(timer: func.TimerRequest, context: func.Context) -> None:
    """Queue a look at everything that is watched: hourly, and once a day a deep one."""
    with invoked(context):
        log_sweeps("sweep", await runtime().schedule.hourly(), late=timer.past_due)


@app.queue_trigger(arg_name="message", queue_name=QueueName.SWEEPS, connection=STORAGE)
async def sweep_look(message: str, context: func.Context) -> None:
    """Look at a root of a sweep."""
    with invoked(context):
        log_look(
            "sweep_look", await runtime().deliveries.handle(QueueName.SWEEPS, message), message
        )


@app.queue_trigger(arg_name="message", queue_name=QueueName.ALERTS, connection=STORAGE)
async def deliver(message: str, context: func.Context) -> None:
    """Tell the sinks what they were not told yet; a poke says only that there is something."""
    with invoked(context):
        _ = message
        log_delivered("deliver", await runtime().alerts.run())


@app.timer_trigger(arg_name="timer", schedule=ACTIVITY)
async def activity_log(timer: func.TimerRequest, context: func.Context) -> None:
    """Queue looks at what the Activity Log tells."""
    with invoked(context):
        log_heard("activity_log", await runtime().activity.run(), late=timer.past_due)


@app.timer_trigger(arg_name="timer", schedule=UPKEEP)
async def redrive(timer: func.TimerRequest, context: func.Context) -> None:
    """Drive again what lost its way, make up for missed sweeps, and forget what is too old."""
    with invoked(context):
        log_upkeep("redrive", await runtime().upkeep.run(), late=timer.past_due)


@app.timer_trigger(arg_name="timer", schedule=REMINDERS)
async def remind(timer: func.TimerRequest, context: func.Context) -> None:
    """Tell again of what has been open for too long."""
    with invoked(context):
        log_reminded("remind", await runtime().reminders.run(), late=timer.past_due)


def invoked(context: func.Context) -> AbstractContextManager[None]:
    """Let all that is watched belong to what the host tells of this invocation."""
    return observer().invocation(context.trace_context.trace_parent)


def _parsed(text: str) -> object:
    """Return the JSON value of an event; text that is none is malformed, as its content may be."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Malformed(f"not JSON: {error}", text)
