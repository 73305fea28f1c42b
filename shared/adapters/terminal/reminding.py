"""`remind`: record the reminders that are due."""

import sys
from dataclasses import asdict

from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import encoded
from shared.adapters.terminal.page import Page
from shared.pipeline.remind import Reminders

DONE = 0


async def show_reminders(reminders: Reminders, output: Format) -> int:
    """Record the reminders, and print how many there were; return the exit status.

    Raises:
        PortError: the store failed.
    """
    done = await reminders.run()
    if output is Format.JSON:
        sys.stdout.write(encoded(asdict(done)) + "\n")
        return DONE
    escalated = f" ({done.escalated} escalated)" if done.escalated else ""
    left = f"; {done.left} more are due and come at the next run" if done.left else ""
    Page.on(sys.stdout).text(
        f"{done.open} open: {done.reminders} reminded{escalated},"
        f" {done.snoozes_ended} snoozes ended{left}."
    )
    return DONE
