"""What a process remembers of the snapshots that it saw last."""

from shared.adapters.azure.storage.recent_snapshots import OVERHEAD, RecentSnapshots, Stored
from shared.adapters.azure.storage.snapshot_blob import Part
from tests.records import moment

LIMIT = 100_000


def stored(size: int = 10_000) -> Stored:
    """Return a snapshot of about so many bytes."""
    return Stored("etag", {"account": Part(moment(1), b"x" * size)})


def test_the_one_that_was_not_asked_for_longest_goes_first() -> None:
    """The bound is on bytes, whatever the number."""
    recent = RecentSnapshots(LIMIT)
    for number in range(8):
        recent.put(str(number), stored())
    assert recent.get("0") is not None
    recent.put("big", stored(15_000))

    assert [name for name in "01234567" if recent.get(name) is None] == ["1"]
    assert recent.get("big") is not None


def test_one_that_is_larger_than_the_bound_is_not_remembered() -> None:
    """Nothing is left over in the account of bytes."""
    recent = RecentSnapshots(LIMIT)
    recent.put("huge", stored(LIMIT))
    assert recent.get("huge") is None

    recent.put("small", stored())
    assert recent.get("small") is not None


def test_what_is_put_again_or_dropped_is_not_counted_twice() -> None:
    """A root that is written a thousand times takes the room of one."""
    recent = RecentSnapshots(LIMIT)
    recent.put("other", stored())
    for _ in range(1000):
        recent.put("root", stored())
        recent.drop("gone")
    recent.drop("root")
    for number in range(7):
        recent.put(str(number), stored())

    assert recent.get("other") is not None
    assert recent.get("root") is None


def test_roots_without_a_snapshot_are_bounded_too() -> None:
    """A first sweep asks for thousands that are not there yet."""
    recent = RecentSnapshots(LIMIT)
    for number in range(1000):
        recent.put(str(number), Stored())

    assert recent.get("0") is None
    assert recent.get(str(1000 - LIMIT // OVERHEAD)) is not None


def test_only_what_is_not_older_replaces_what_is_stored() -> None:
    """Each source by itself; the etag is that of what is stored."""
    before = Stored("e", {"a": Part(moment(5), b"5"), "b": Part(moment(5), b"5")})

    after = before.with_newer(
        {"a": Part(moment(4), b"4"), "b": Part(moment(5), b"new"), "c": Part(moment(1), b"1")}
    )

    assert after == Stored(
        "e", {"a": Part(moment(5), b"5"), "b": Part(moment(5), b"new"), "c": Part(moment(1), b"1")}
    )
