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
again and moves it to the poison queue after `maxDequeueCount` times.
"""

from functools import cache
from typing import List  # noqa: UP035 - the worker refuses func.Out[list[str]]

import azure.functions as func
import orjson

from monitors import load_catalogue
from shared.events.outcome import Malformed
from shared.ports import QueueName
from shared.runtime import Runtime, runtime_for
from shared.settings import read_settings
from shared.telemetry import log_look, log_ready, log_receipt, log_sweeps, quieten_libraries

app = func.FunctionApp()

STORAGE = "AzureWebJobsStorage"
"""The setting with the connection to the storage account of the queues."""

HOURLY = "0 0 * * * *"
"""No `%SETTING%` on purpose: where it is not set, the host leaves out the function and starts all
the same, and what is there to find missed events would itself be missing without a word. The
platform's own setting `AzureWebJobs.sweep.Disabled` turns the sweep off."""


@cache
def runtime() -> Runtime:
    """Return the runtime of this worker, made at the first call that succeeds.

    All functions are coroutines on the one event loop of the worker, and nothing here awaits: two
    first calls cannot both make it.
    """
    quieten_libraries()
    catalogue = load_catalogue()
    made = runtime_for(read_settings(), catalogue)
    log_ready(len(catalogue))
    return made


@app.event_grid_trigger(arg_name="event")
@app.queue_output(arg_name="looks", queue_name=QueueName.LOOKS, connection=STORAGE)
async def resource_changed(event: str, looks: func.Out[List[str]]) -> None:  # noqa: UP006
    """Turn one event into a look at its root."""
    receipt = await runtime().intake.receive([_parsed(event)])
    if receipt.messages:
        # As a list: the host would parse a single text as JSON and write it anew.
        looks.set([message.encode() for message in receipt.messages])
    log_receipt("resource_changed", receipt)


@app.queue_trigger(arg_name="message", queue_name=QueueName.LOOKS, connection=STORAGE)
async def look(message: str) -> None:
    """Look at a root because something changed."""
    log_look("look", await runtime().worker.handle(QueueName.LOOKS, message))


@app.timer_trigger(arg_name="timer", schedule=HOURLY)
async def sweep(timer: func.TimerRequest) -> None:
    """Queue a look at everything that is watched."""
    log_sweeps("sweep", await runtime().sweeps.begin(deep=False), late=timer.past_due)


@app.queue_trigger(arg_name="message", queue_name=QueueName.SWEEPS, connection=STORAGE)
async def sweep_look(message: str) -> None:
    """Look at a root of a sweep."""
    log_look("sweep_look", await runtime().worker.handle(QueueName.SWEEPS, message))


def _parsed(text: str) -> object:
    """Return the JSON value of an event; text that is none is malformed, as its content may be."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Malformed(f"not JSON: {error}", text)
