"""Where rows stand, and in which order."""

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.azure.storage.table_keys import (
    PARTITIONS,
    backward,
    beyond,
    digest,
    forward,
    key,
    microseconds,
    partition_of,
)

times = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9))]))


@given(times, times)
def test_keys_sort_by_time(one: datetime, other: datetime) -> None:
    """Whatever the zone: oldest first one way, newest first the other."""
    first, second = microseconds(one), microseconds(other)

    assert (first < second) is (one < other)
    assert (forward(first) < forward(second)) is (one < other)
    assert (backward(first) > backward(second)) is (one < other)


def test_the_keys_of_a_kind_lie_between_its_bounds() -> None:
    """And those of no other kind."""
    inside = [key("f", digest("root"), each) for each in ("0", "f" * 32, "-x", "")]
    outside = ["f", "e-z", "g-0", key("f", digest("other")), key("f", digest("root"))]
    low, high = key("f", digest("root"), ""), beyond("f", digest("root"))

    assert all(low <= each < high for each in inside)
    assert not any(low <= each < high for each in outside)


def test_roots_are_spread_over_all_partitions_and_stay_there() -> None:
    """The place of a root is part of the stored format."""
    roots = [f"/subscriptions/s/resourcegroups/rg/providers/x/y/{number}" for number in range(1600)]
    spread = Counter(map(partition_of, roots))

    assert spread.keys() == set(PARTITIONS)
    assert min(spread.values()) > 50
    assert [partition_of(each) for each in ("/a", "/b", "sink x")] == PLACES


PLACES = ["00", "09", "01"]
