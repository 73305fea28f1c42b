"""ARM's resource types: which properties a resource has, and what may be written into each.

The files in `tests/fixtures/arm_types` hold facts of Microsoft's own types (their `source`), in few
words: `name!` must be there, `name~` can only be read; `string`, `int`, `bool`, `any`; `list`,
`object` (with `more`: further keys), `enum`, and `case` with `of`: what a key's value adds.
`scopes` is where it can be deployed.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.bicep.source import BicepFile, Declared
from tests.bicep.values import Many, OneOf, Unknown, value_of

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "arm_types"
OF_BICEP = frozenset({"parent", "scope", "dependsOn"})
"""Keys that are no properties: what they say is Bicep's."""

# Values that Azure takes and its published types do not list.
BEYOND: Mapping[str, frozenset[str]] = {
    # "Data collection rule (DCR) … kind: Direct", Logs Ingestion API overview, Microsoft Learn.
    "Microsoft.Insights/dataCollectionRules.kind": frozenset({"Direct"}),
}
_PLAIN: Mapping[str, type] = {"string": str, "int": int, "bool": bool}


@cache
def arm_types() -> Mapping[str, Any]:
    """Return every type by `name@version`, in lower case."""
    return {
        name.lower(): schema
        for file in FOLDER.glob("*.json")
        for name, schema in json.loads(file.read_text(encoding="utf-8")).items()
        if "@" in name
    }


def problems_of(file: BicepFile, resource: Declared) -> list[str]:
    """Return what a resource says that its type does not know, or leaves out."""
    schema = arm_types().get(resource.target.lower())
    if schema is None:
        return [f"{resource.target} is not known"]
    if resource.body is None:
        return [f"{resource.symbol} has no body"]
    value = value_of(file, resource.body)
    assert isinstance(value, dict)
    own = {key: each for key, each in value.items() if key not in OF_BICEP}
    if resource.existing:
        return [f"{key} cannot be set on what exists" for key in own if key != "name"]
    found = list(_against(own, schema, resource.target.partition("@")[0]))
    scope = "extension" if "scope" in value else file.target_scope
    if scope not in schema["scopes"]:
        found.append(f"{resource.target} cannot be in a {file.target_scope}")
    return found


def _against(value: object, schema: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, Unknown) or value is None or schema == "any":
        return
    if isinstance(value, OneOf):
        for each in value.values:
            yield from _against(each, schema, path)
    elif isinstance(schema, str):
        if type(value) is not _PLAIN[schema]:
            yield f"{path}: {value!r} is no {schema}"
    elif "enum" in schema:
        known = {*schema["enum"], *BEYOND.get(path, ())}
        if value not in known:
            yield f"{path}: {value!r} is none of {sorted(known)}"
    elif "list" in schema:
        yield from _items(value, schema["list"], path)
    else:
        yield from _object(value, schema, path)


def _items(value: object, schema: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, Many):
        yield from _against(value.item, schema, f"{path}[]")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _against(each, schema, f"{path}[{index}]")
    else:
        yield f"{path}: {value!r} is no list"


def _object(value: object, schema: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    if not isinstance(value, Mapping):
        yield f"{path}: {value!r} is no object"
        return
    keys = dict(schema["object"])
    if "case" in schema:
        chosen = value.get(schema["case"])
        if isinstance(chosen, Unknown):
            keys |= {key: "any" for each in schema["of"].values() for key in each}
        elif not isinstance(chosen, str) or chosen not in schema["of"]:
            yield f"{path}.{schema['case']}: {chosen!r} is none of {sorted(schema['of'])}"
            return
        else:
            keys |= schema["of"][chosen]
    known = {key.rstrip("!~"): (key[-1], below) for key, below in keys.items()}
    for key, each in value.items():
        if "${" in key or (key not in known and "more" in schema):
            yield from _against(each, schema.get("more", "any"), f"{path}.{key}")
        elif key not in known:
            yield f"{path}.{key} is not known"
        elif known[key][0] == "~":
            yield f"{path}.{key} can only be read"
        else:
            yield from _against(each, known[key][1], f"{path}.{key}")
    yield from (
        f"{path}.{key} is missing"
        for key, (mark, _) in known.items()
        if mark == "!" and key not in value
    )


def unreadable(resource_type: str, path: list[str]) -> str | None:
    """Return the first step of a path of properties that the type does not have, or None."""
    schema: Any = arm_types()[resource_type.lower()]
    for step in path:
        if not isinstance(schema, dict) or "object" not in schema:
            return None
        known = {key.rstrip("!~"): below for key, below in schema["object"].items()}
        if step not in known:
            return None if "more" in schema else step
        schema = known[step]
    return None
