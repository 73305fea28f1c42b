"""ARM JSON from files: every form that people have it in becomes resources.

Forms: one resource; an array; `{"value": […]}` (a list answer); `{"data": […]}` (Resource Graph);
REST specification examples (`responses.200.body`); output of `az … show` and `az … list`; exports
whose top-level keys are capitalised (`ResourceId`, `Kind`, `Properties`: `Get-AzResource |
ConvertTo-Json`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson

from shared.domain.resource import Resource
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.topology import REFERENCED_TYPES, source_of, sources_of

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is read: parsed JSON takes several times as much memory."""
DEEPEST = 100
"""Levels of nesting; ARM's answers have fewer than twenty."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?")
_NAMES = {
    "id": "id",
    "resourceid": "id",
    "type": "type",
    "resourcetype": "type",
    "name": "name",
    "kind": "kind",
    "location": "location",
    "tags": "tags",
    "sku": "sku",
    "identity": "identity",
    "properties": "properties",
    "apiversion": "apiVersion",
}


class UnusableInputError(ValueError):
    """The input cannot be read at all; the message says why."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of the input that is left out: what it is, and why."""

    what: str
    reason: str


def parse_json(data: bytes) -> object:
    """Parse JSON in UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    Raises:
        UnusableInputError: it is too large, no JSON, or nested too deeply.
    """
    if len(data) > LARGEST:
        msg = f"larger than {LARGEST // 1024**2} MiB; split it"
        raise UnusableInputError(msg)
    if not data.strip():
        msg = "empty"
        raise UnusableInputError(msg)
    try:
        encoding = json.detect_encoding(data)
        value: object = orjson.loads(data if encoding == "utf-8" else data.decode(encoding))
    except UnicodeDecodeError as error:
        msg = "neither UTF-8 nor UTF-16 text"
        raise UnusableInputError(msg) from error
    except orjson.JSONDecodeError as error:
        msg = f"no valid JSON: {error}"
        raise UnusableInputError(msg) from error
    if _is_too_deep(value):
        msg = f"nested deeper than {DEEPEST} levels"
        raise UnusableInputError(msg)
    return value


def resources_in(value: object, api_version: str | None = None) -> Iterator[Resource | Skipped]:
    """Go through the resources in a parsed document, and what is left out of it.

    `api_version` is the one that the document states for all of it.
    """
    if isinstance(value, list):
        for item in value:
            yield from resources_in(item, api_version)
    elif not isinstance(value, dict):
        yield Skipped(
            "a JSON value",
            f"{'null' if value is None else type(value).__name__} is no ARM resource",
        )
    elif isinstance(value.get("responses"), dict):
        yield from _example(value)
    else:
        body = _with_known_names(value)
        listed = next(
            (value[key] for key in ("value", "data") if isinstance(value.get(key), list)), None
        )
        if "id" not in body and listed is not None:
            yield from resources_in(listed, api_version)
        else:
            yield _resource(body, api_version)


def _example(value: Mapping[str, object]) -> Iterator[Resource | Skipped]:
    """Read an example of the REST specification.

    Its bodies were read with its `api-version` parameter.
    """
    parameters = value.get("parameters")
    stated = parameters.get("api-version") if isinstance(parameters, dict) else None
    responses = value["responses"]
    bodies = [
        response["body"]
        for _, response in (sorted(responses.items()) if isinstance(responses, dict) else ())
        if isinstance(response, dict) and isinstance(response.get("body"), dict | list)
    ]
    if not bodies:
        yield Skipped("a REST example", "none of its responses has a body")
    # 200, which 201 repeats; an error comes under a later name.
    for body in bodies[:1]:
        yield from resources_in(body, _as_version(stated))


def _resource(body: dict[str, object], api_version: str | None) -> Resource | Skipped:
    """Read one resource."""
    text = body.get("id")
    if text is None:
        schema = body.get("$schema")
        if isinstance(schema, str) and "deploymenttemplate" in schema.lower():
            return Skipped("an ARM template", "deployed resources are judged, not templates")
        return Skipped("a JSON object", "no ARM resource: it has no id")
    try:
        resource_id = ResourceId.parse(text)
    except MalformedResourceIdError as error:
        return Skipped(str(text)[:LONGEST_NAME], f"no ARM resource by its id: {error}")
    # An account that extends another provider's resource does not exist, and has no root.
    kind = resource_id.type.lower()
    ours = source_of(kind) in sources_of(resource_id.root.type)
    if not ours and kind not in REFERENCED_TYPES:
        return Skipped(resource_id.text[:LONGEST_NAME], f"no control judges {resource_id.type}")
    return Resource(resource_id, body, _as_version(body.get("apiVersion")) or api_version)


LONGEST_NAME = 200


def _with_known_names(value: dict[str, object]) -> dict[str, object]:
    """Give capitalised top-level keys ARM's names.

    A document in ARM's own spelling stays as it is.
    """
    if "id" in value:
        return value
    named = {_NAMES.get(key.lower(), key): item for key, item in value.items() if item is not None}
    for key in ("sku", "identity"):
        inner = named.get(key)
        if isinstance(inner, dict):
            named[key] = {name[:1].lower() + name[1:]: item for name, item in inner.items()}
    return named


def _as_version(value: object) -> str | None:
    """Return an API version, or None for anything that proves nothing."""
    return value if isinstance(value, str) and _DATE.fullmatch(value) else None


def _is_too_deep(value: object) -> bool:
    """Whether a value is nested deeper than `DEEPEST`; without recursion."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            item
            for each in level
            if isinstance(each, dict | list)
            for item in (each.values() if isinstance(each, dict) else each)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True
