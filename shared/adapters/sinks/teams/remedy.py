"""The steps that mend a finding: words as text, commands to be copied, forms as links."""

import re

from shared.adapters.sinks.teams.elements import Element, code, open_link, text
from shared.adapters.sinks.teams.plain_text import exact
from shared.adapters.sinks.teams.room import Room
from shared.adapters.sinks.teams.words import counted

_COMMAND = re.compile(r"(?:^|(?<=\s))az [a-z][a-z-]* .*$")
# A monitor's step may end in a form of Microsoft's. No name can hold one: names have no slash.
_FORM = re.compile(r"https://customervoice\.microsoft\.com/[\w./?=%-]{1,300}$")
# `az rest` puts the address of the cloud in use in front of a path.
_ARM = re.compile(r"https://management\.azure\.com(?=/)")


def steps(remediation: str, room: Room) -> tuple[list[Element], list[Element]]:
    """Return the steps, and a button for the form that one of them names."""
    lines = [line for line in remediation.splitlines() if line.strip()]
    shown: list[Element] = []
    buttons: list[Element] = []
    for number, step in enumerate(lines[: room.steps], start=1):
        form = _FORM.search(step)
        line = step if form is None else step[: form.start()]
        if form is not None:
            buttons.append(open_link("Open the form", form[0]))
        command = _COMMAND.search(line)
        words = line[: command.start()] if command is not None else line
        # A circled number: `1.` would begin a list, which clients indent each in their own way.
        label = _circled(number) if len(lines) > 1 else ""
        said = exact(words.strip(), room.text) if words.strip() else "Run:"
        shown.append(text(f"{label} {said}".strip(), spacing="Small"))
        if command is not None:
            shown.append(code(exact(_ARM.sub("", command[0]), room.command)))
    left = len(lines) - room.steps
    if left > 0:
        shown.append(text(f"… and {counted(left, 'more step')}", subtle=True, spacing="Small"))
    return shown, buttons[:1]


def _circled(number: int) -> str:
    """Return ① for 1, up to 20."""
    return chr(ord("①") + number - 1)
