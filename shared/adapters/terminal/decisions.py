"""`acknowledge`, `snooze`, `unsnooze`: what people decide about findings, recorded."""

import getpass
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.adapters.formats.alert_object import alert_json
from shared.adapters.terminal.alert_lines import write_alert
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import write_array
from shared.adapters.terminal.notes import note
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.run import CannotRunError
from shared.domain.finding import Transition
from shared.pipeline.lifecycle import DecisionRefusedError
from shared.pipeline.named_findings import (
    FindingNotNamedError,
    Named,
    finding_of,
    findings_named,
)
from shared.ports import FindingStore

DONE = 0

Decide = Callable[[str, str], Awaitable[Transition | None]]
"""Records a decision about the finding of a root (key) by its key; None: it is so already."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which findings: by ids, or one by its control and resource."""

    ids: Sequence[str]
    control: str | None = None
    resource: str | None = None

    async def find(self, store: FindingStore) -> list[Named]:
        """Return the findings.

        Raises:
            CannotRunError: they are not named in one of the two ways.
            FindingNotNamedError: they cannot be found.
            PortError: the store failed.
        """
        if self.control is None and self.resource is None and self.ids:
            return await findings_named(store, self.ids)
        if self.control is not None and self.resource is not None and not self.ids:
            return [await finding_of(store, self.control, self.resource)]
        raise CannotRunError(
            "name findings by their ids, as `alerts` shows them, or one by --control and --resource"
        )


async def decide(store: FindingStore, chosen: Chosen, decision: Decide, output: Format) -> int:
    """Record a decision about each finding, and print what was recorded; return the exit status.

    Nothing is recorded unless all are found.

    Raises:
        CannotRunError: one cannot be found, or the decision is refused.
        PortError: the store failed.
    """
    recorded: list[Transition] = []
    try:
        for each in await chosen.find(store):
            made = await decision(each.root, each.finding.key)
            if made is None:
                note(f"nothing to change about {each.finding.key}: it is so already")
            else:
                recorded.append(made)
    except (FindingNotNamedError, DecisionRefusedError) as error:
        raise CannotRunError(str(error)) from error
    if output is Format.JSON:
        write_array(sys.stdout, map(alert_json, recorded))
        sys.stdout.write("\n")
        return DONE
    page = Page.on(sys.stdout)
    for transition in recorded:
        write_alert(page, transition)
    page.text(f"{len(recorded)} recorded.", "bold")
    return DONE


def author(given: str | None, user: str | None = None) -> str:
    """Return who decides: whoever is named, or is signed in, or the user of this machine.

    Raises:
        CannotRunError: nobody is named, and the system does not know the user.
    """
    if given is not None:
        return given
    if user is not None:
        return user
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise CannotRunError("the system does not say who you are; give --by NAME") from error
