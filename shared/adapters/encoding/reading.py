"""A reading as it is stored: compressed JSON, beside its source and its time."""

import zlib
from datetime import datetime

import orjson

from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem, SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Cause


class UnreadableReadingError(ValueError):
    """The bytes are no reading; the message says what is wrong with them."""


def encode_reading(reading: SourceReading, before: bytes | None = None) -> bytes:
    """Return a reading as compressed JSON; its source and its time are kept beside it.

    `before` is what is stored of the source so far. Mostly that is the same, and to compress it
    again takes twice as long as to see that.
    """
    problem = reading.problem
    if problem is None and reading.complete and not (reading.items or reading.api_version):
        return _NOTHING
    plain = _plain(reading)
    if before is not None and _is_of(before, plain):
        return before
    return zlib.compress(plain, level=1)


def _is_of(data: bytes, plain: bytes) -> bool:
    """Whether this is compressed JSON, and this is what it says."""
    try:
        return zlib.decompress(data) == plain
    except zlib.error:
        # A stored reading that is damaged is replaced.
        return False


def _plain(reading: SourceReading) -> bytes:
    """Return a reading as JSON."""
    problem = reading.problem
    body = {
        "items": [(item.id.text, item.api_version, item.body) for item in reading.items],
        "complete": reading.complete,
        "api_version": reading.api_version,
        "problem": None if problem is None else (problem.cause, problem.detail, problem.permission),
    }
    return orjson.dumps(body)


def decode_reading(source: Source, read_at: datetime, data: bytes) -> SourceReading:
    """Read a reading back.

    Raises:
        UnreadableReadingError: it is no reading.
    """
    if data == _NOTHING:
        return SourceReading(source, (), read_at)
    try:
        body = orjson.loads(zlib.decompress(data))
        problem = body["problem"]
        return SourceReading(
            source,
            tuple(
                Resource(ResourceId.parse(text), item, version)
                for text, version, item in body["items"]
            ),
            read_at,
            None if problem is None else Problem(Cause(problem[0]), problem[1], problem[2]),
            body["complete"],
            body["api_version"],
        )
    except (zlib.error, ValueError, TypeError, LookupError) as error:
        msg = f"the stored reading of {source} is damaged: {error}"
        raise UnreadableReadingError(msg) from error


_NOTHING = zlib.compress(_plain(SourceReading(Source.ACCOUNT)), level=1)
"""A source that shows nothing, as it is stored: most deep sources of most roots."""
