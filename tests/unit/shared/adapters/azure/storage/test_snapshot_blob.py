"""A snapshot as one blob: its name, and its bytes."""

import re

import orjson
import pytest

from shared.adapters.azure.storage.snapshot_blob import (
    Part,
    UnreadableSnapshotError,
    blob_name,
    pack,
    unpack,
)
from shared.domain.resource_id import ResourceId
from tests.records import ACCOUNT, OTHER_ACCOUNT, moment

ROOT, OTHER = ResourceId.parse(ACCOUNT), ResourceId.parse(OTHER_ACCOUNT)
PARTS = {"account": Part(moment(1.000001), b"\n\x00a\n"), "deployments": Part(moment(2), b"")}


def test_parts_come_back_as_they_were() -> None:
    """Whatever bytes they are, and none."""
    assert unpack(ROOT, pack(ROOT, PARTS)) == PARTS
    assert unpack(ROOT, pack(ROOT, {})) == {}


def test_a_source_that_this_version_does_not_know_is_kept() -> None:
    """A newer version that was rolled back does not lose what it has read."""
    parts = {"novel": Part(moment(1), b"x")}

    assert unpack(ROOT, pack(ROOT, parts)) == parts


def test_the_first_line_says_what_is_in_the_blob() -> None:
    """Somebody who looks into the storage account sees the root and its sources."""
    head = orjson.loads(pack(ROOT, PARTS).partition(b"\n")[0])

    assert head["root"] == ROOT.key
    assert [source for source, _, _ in head["sources"]] == ["account", "deployments"]


WHOLE = pack(ROOT, PARTS)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "first line", id="nothing"),
        pytest.param(b"<html>", "first line", id="no JSON"),
        pytest.param(b"[]\n", "first line", id="another shape"),
        pytest.param(b'{"format":1,"root":"x"}\n', "first line", id="no sources"),
        pytest.param(WHOLE[:-1], "4 bytes of readings are announced and 3", id="cut"),
        pytest.param(WHOLE + b"x", "4 bytes of readings are announced and 5", id="longer"),
        pytest.param(WHOLE.replace(b'"format":1', b'"format":9'), "of format 9", id="format"),
        pytest.param(pack(OTHER, PARTS), "accounts/other", id="another root"),
    ],
)
def test_what_is_no_snapshot_of_the_root_is_refused(data: bytes, reason: str) -> None:
    """The reason says what is wrong."""
    with pytest.raises(UnreadableSnapshotError, match=reason):
        unpack(ROOT, data)


def test_a_root_has_one_name_in_any_case() -> None:
    """Events spell ids in their own way."""
    assert blob_name(ResourceId.parse(ACCOUNT.upper())) == blob_name(ROOT)
    assert blob_name(OTHER) != blob_name(ROOT)


@pytest.mark.parametrize(
    "text",
    [
        ACCOUNT,
        "/subscriptions/..",
        "/subscriptions/s./resourceGroups/ü ?#%/providers/A.B/c/" + "n" * 1500,
    ],
)
def test_a_name_is_one_that_blobs_may_have(text: str) -> None:
    """Whatever an id holds and however long it is."""
    assert re.fullmatch(r"[a-z0-9_-]+/[0-9a-f]{64}", blob_name(ResourceId.parse(text)))
