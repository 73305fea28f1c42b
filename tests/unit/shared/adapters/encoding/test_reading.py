"""A reading as bytes: what comes back is tested by the suite of `SnapshotStore`."""

import zlib

import pytest

from shared.adapters.encoding.reading import (
    UnreadableReadingError,
    decode_reading,
    encode_reading,
)
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from tests.records import ACCOUNT, moment

ITEM = Resource(ResourceId.parse(ACCOUNT), {"id": ACCOUNT, "word": "x" * 2000}, "2026-01-01")


def test_a_reading_is_much_smaller_than_its_json() -> None:
    """ARM repeats itself."""
    reading = SourceReading(Source.ACCOUNT, (ITEM,), moment(1))

    assert len(encode_reading(reading)) < 300


def test_the_source_and_the_time_are_those_that_are_kept_beside_it() -> None:
    """The bytes of one source are the same at any time."""
    data = encode_reading(SourceReading(Source.ACCOUNT, (ITEM,), moment(1)))

    back = decode_reading(Source.WORKSPACE, moment(2), data)

    assert (back.source, back.read_at) == (Source.WORKSPACE, moment(2))
    assert [each.body for each in back.items] == [ITEM.body]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(encode_reading(SourceReading(Source.ACCOUNT, (ITEM,)))[:-3], id="cut"),
        pytest.param(zlib.compress(b"{"), id="no JSON"),
        pytest.param(zlib.compress(b"[]"), id="another shape"),
        pytest.param(zlib.compress(b"{}"), id="nothing in it"),
        pytest.param(
            zlib.compress(b'{"items":[["x","v",{}]],"problem":null}'), id="an id that is none"
        ),
        pytest.param(
            zlib.compress(b'{"items":[],"problem":["novel","",null]}'), id="a cause that is none"
        ),
    ],
)
def test_what_is_no_reading_is_told_apart(data: bytes) -> None:
    """Damage has one error, which names the source."""
    with pytest.raises(UnreadableReadingError, match="the stored reading of account is damaged"):
        decode_reading(Source.ACCOUNT, moment(1), data)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(encode_reading(SourceReading(Source.ACCOUNT, (ITEM,))), id="the same"),
        pytest.param(encode_reading(SourceReading(Source.ACCOUNT)), id="another"),
        pytest.param(encode_reading(SourceReading(Source.ACCOUNT, (ITEM,)))[:-3], id="damaged"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_was_stored_before_does_not_show_in_what_is_stored(before: bytes) -> None:
    """Whether it is the same, another, or cannot be read."""
    reading = SourceReading(Source.ACCOUNT, (ITEM,), moment(2))

    assert encode_reading(reading, before) == encode_reading(reading)


def test_what_is_stored_already_is_not_compressed_again() -> None:
    """However it was compressed then: it says the same."""
    plain = zlib.decompress(encode_reading(SourceReading(Source.ACCOUNT, (ITEM,))))
    stored = zlib.compress(plain, level=9)

    assert encode_reading(SourceReading(Source.ACCOUNT, (ITEM,), moment(2)), stored) is stored
