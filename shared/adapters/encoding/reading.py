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


def encode_reading(reading: SourceReading) -> bytes:
    """Return a reading as compressed JSON; its source and its time are kept beside it."""
    problem = reading.problem
    if problem is None and reading.complete and not (reading.items or reading.api_version):
        return _NOTHING
    return _compressed(reading)


def _compressed(reading: SourceReading) -> bytes:
    """Return a reading as it is stored."""
    problem = reading.problem
    body = {
        "items": [(item.id.text, item.api_version, item.body) for item in reading.items],
        "complete": reading.complete,
        "api_version": reading.api_version,
        "problem": None if problem is None else (problem.cause, problem.detail, problem.permission),
    }
    return zlib.compress(orjson.dumps(body), level=1)


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


_NOTHING = _compressed(SourceReading(Source.ACCOUNT))
"""A source that shows nothing, as it is stored: most deep sources of most roots."""
