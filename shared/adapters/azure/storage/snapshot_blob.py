"""A snapshot as one blob: a line of JSON that says what follows, then the readings, compressed.

The readings stay apart, so that one is added or taken out without reading the others.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from shared.domain.resource_id import ResourceId

FORMAT = 1

_UNSAFE = re.compile(r"[^a-z0-9-]")


class UnreadableSnapshotError(ValueError):
    """The bytes are no snapshot of this root; the message says what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Part:
    """The reading of one source as it is stored, and when it was read (UTC)."""

    read_at: datetime
    body: bytes


def blob_name(root: ResourceId) -> str:
    """Return the name of a root's blob: a folder for the subscription, and a hash.

    An ARM id may be longer than the name of a blob, and may hold what such a name may not. The
    first line of the blob tells the root.
    """
    digest = hashlib.sha256(root.key.encode()).hexdigest()
    return f"{_UNSAFE.sub('_', root.subscription)}/{digest}"


def pack(root: ResourceId, parts: Mapping[str, Part]) -> bytes:
    """Write a snapshot down; `parts` are its readings by source."""
    head = {
        "format": FORMAT,
        "root": root.key,
        "sources": [(source, each.read_at, len(each.body)) for source, each in parts.items()],
    }
    return b"\n".join([orjson.dumps(head), b"".join(each.body for each in parts.values())])


def unpack(root: ResourceId, data: bytes) -> dict[str, Part]:
    """Read a snapshot back; a reading that is damaged itself is found when it is decoded.

    Raises:
        UnreadableSnapshotError: it is no snapshot, or of another root or format.
    """
    line, _, rest = data.partition(b"\n")
    try:
        head = orjson.loads(line)
        known = (head["format"], head["root"]) == (FORMAT, root.key)
        sources = [
            (str(source), datetime.fromisoformat(read_at), int(length))
            for source, read_at, length in head["sources"]
        ]
    except (ValueError, TypeError, LookupError) as error:
        msg = f"its first line cannot be read ({error})"
        raise UnreadableSnapshotError(msg) from error
    if not known:
        msg = f"it is of format {head['format']} and of {head['root']}"
        raise UnreadableSnapshotError(msg)
    parts = {}
    start = 0
    for source, read_at, length in sources:
        parts[source] = Part(read_at, rest[start : start + length])
        start += length
    if start != len(rest):
        msg = f"{start} bytes of readings are announced and {len(rest)} are there"
        raise UnreadableSnapshotError(msg)
    return parts
