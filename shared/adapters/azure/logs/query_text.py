"""The queries: a file each, in KQL, that declares the parameters that it is asked with.

Log Analytics takes no parameters beside a query, so they are set by `let` statements before it.
"""

import json
import re
from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Final

Value = str | int | datetime | Collection[str]

_DECLARED: Final = re.compile(r"^// parameters: (.+)$", re.MULTILINE)


def query_text(name: str, **values: Value) -> str:
    """Return the query of this name, asked with these values.

    Raises:
        ValueError: a parameter that the query declares has no value, or a value no parameter.
    """
    text = _read(name)
    declared = parameters(text)
    if declared.keys() != values.keys():
        raise ValueError(f"{name} takes {', '.join(declared)}, and not {', '.join(values)}")
    lets = [f"let {key} = {_literal(value)};" for key, value in values.items()]
    return "\n".join([*lets, text])


def parameters(text: str) -> dict[str, str]:
    """Return the parameters that a query declares, and their Kusto types."""
    found = _DECLARED.search(text)
    if found is None:
        return {}
    pairs = (each.partition(":") for each in found[1].split(","))
    return {name.strip(): kind.strip() for name, _, kind in pairs}


@cache
def _read(name: str) -> str:
    file = resources.files("shared.adapters.azure.logs") / "queries" / f"{name}.kql"
    return file.read_text(encoding="utf-8")


def _literal(value: Value) -> str:
    """Write a value in KQL, whose texts and arrays are spelled as in JSON."""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).isoformat(timespec="milliseconds")
        return f"datetime({moment.replace('+00:00', 'Z')})"
    if isinstance(value, str | int):
        return json.dumps(value)
    return f"dynamic({json.dumps(sorted(value))})"
