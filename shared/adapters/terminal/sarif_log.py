"""A SARIF log written while its results are made."""

from collections.abc import Iterable, Iterator
from typing import TextIO

from shared.adapters.formats.product import version
from shared.adapters.formats.sarif import SCHEMA, VERSION, Notice, run_members
from shared.adapters.formats.sarif_rules import Rules
from shared.adapters.terminal.json_output import encoded, write_object


def write_log(
    stream: TextIO,
    rules: Rules,
    results: Iterator[dict[str, object]],
    notices: Iterable[Notice] = (),
) -> None:
    """Write a log of one run; `notices` are asked for when the results are written."""
    stream.write(f'{{"$schema": {encoded(SCHEMA)},\n "version": {encoded(VERSION)},\n "runs": [')
    write_object(stream, run_members(version(), rules, results, notices))
    stream.write("]}\n")
