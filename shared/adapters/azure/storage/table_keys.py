"""Where rows stand: in which partition, and in which order there.

A root has one partition, so that what a look changes is one transaction. Keys sort as text; what
is read newest first has its time counted down. Keys have no character that an address or a table
would take for its own.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

SHARDS = 16
"""Fixed for good: another number would look for roots where they are not. Each partition takes
2,000 rows a second, and what is asked of all roots costs so many requests."""
PARTITIONS = tuple(f"{each:02}" for each in range(SHARDS))

ROOTS = "s"
"""First part of the key of a root's row; those of the other kinds follow."""
FINDINGS = "f"
PAGES = "t"
"""The history."""
INDEX = "i"
"""Where in the history of a root a transition is."""
OUTBOX = "o"
DEPENDENTS = "d"
"""Which roots were judged by reading another."""
LEASES = "l"
STAGED = "c"
"""Commits too large for one transaction."""
SINKS = "k"
"""How the sinks are."""
PARKED = "p"
"""Alerts that a sink will not be told of unless somebody puts them back."""

_KEPT = 2048
"""Digests that are kept: a look asks for those of its root and of its findings again and again."""
_DIGITS = 18
_END = 10**_DIGITS - 1
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_PAST = "."
"""Sorts after the hyphen that ends every part of a key."""


@lru_cache(maxsize=_KEPT)
def partition_of(root: str) -> str:
    """Return the partition of a root, by its key."""
    number = int.from_bytes(blake2b(root.encode(), digest_size=8).digest(), "big")
    return PARTITIONS[number % SHARDS]


@lru_cache(maxsize=_KEPT)
def digest(text: str) -> str:
    """Return what stands for a text in a key: 32 hexadecimal digits, never the same for two."""
    return blake2b(text.encode(), digest_size=16).hexdigest()


def forward(number: int) -> str:
    """Return a count so that smaller ones come first."""
    return f"{number:0{_DIGITS}}"


def backward(number: int) -> str:
    """Return a count so that larger ones come first."""
    return f"{_END - number:0{_DIGITS}}"


def microseconds(moment: datetime) -> int:
    """Return a time as a count: microseconds since the year 1, never negative."""
    since = moment - _BEGINNING
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment_of(count: int) -> datetime:
    """Return the time that was counted in microseconds since the year 1."""
    return _BEGINNING + timedelta(microseconds=count)


def key(*parts: str) -> str:
    """Put a key together."""
    return "-".join(parts)


def beyond(*parts: str) -> str:
    """Return what is greater than every key that begins with these parts, and than nothing else."""
    return key(*parts) + _PAST
