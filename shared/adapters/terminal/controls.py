"""`controls`: what is judged, and why: all in a list, or one explained."""

import sys
from itertools import chain

from shared.adapters.terminal.control_json import control_json, monitor_json
from shared.adapters.terminal.control_text import write_explanation, write_list
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import encoded, write_array
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.run import CannotRunError
from shared.adapters.terminal.suggestions import did_you_mean
from shared.domain.control import Catalogue
from shared.pipeline.own_sight import OWN_SIGHT

DONE = 0


def known_control(catalogue: Catalogue, given: str) -> str:
    """Return the id of a control that people typed.

    Raises:
        CannotRunError: there is no such control.
    """
    known = [*(each.id for each in catalogue), *OWN_SIGHT]
    wanted = given.strip().lower()
    if wanted in known:
        return wanted
    raise CannotRunError(
        f"there is no control {given!r}.{did_you_mean(given, known)} `cli.py controls` lists them"
    )


def list_controls(catalogue: Catalogue, output: Format) -> int:
    """Print every control: those that have a monitor, and those that judge the monitor itself."""
    if output is Format.JSON:
        own = (control_json(name, control) for name, control in OWN_SIGHT.items())
        write_array(sys.stdout, chain(map(monitor_json, catalogue), own))
        sys.stdout.write("\n")
    else:
        write_list(Page.on(sys.stdout), list(catalogue), OWN_SIGHT)
    return DONE


def explain_control(catalogue: Catalogue, given: str, output: Format) -> int:
    """Print one control, for somebody who has never heard of it.

    Raises:
        CannotRunError: there is no such control.
    """
    control_id = known_control(catalogue, given)
    monitor = catalogue.get(control_id)
    control = OWN_SIGHT[control_id] if monitor is None else monitor.control
    if output is Format.JSON:
        told = control_json(control_id, control) if monitor is None else monitor_json(monitor)
        sys.stdout.write(f"{encoded(told)}\n")
    else:
        write_explanation(Page.on(sys.stdout), control_id, control, monitor)
    return DONE
