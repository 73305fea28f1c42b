"""Cutting what is sent into portions that a service takes."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

LARGEST = 900_000
"""Bytes of JSON, uncompressed: a call to Log Analytics or Event Grid takes a megabyte.

https://learn.microsoft.com/azure/azure-monitor/service-limits#logs-ingestion-api
https://learn.microsoft.com/azure/event-grid/quotas-limits#custom-topics-system-topics-and-partner-topics-resource-limits
"""


def portions(
    items: Iterable[T], size: Callable[[T], int], largest: int = LARGEST
) -> Iterator[list[T]]:
    """Cut items into lists of at most `largest`, in order; one that is larger stands alone."""
    portion: list[T] = []
    total = 0
    for item in items:
        length = size(item)
        if portion and total + length > largest:
            yield portion
            portion, total = [], 0
        portion.append(item)
        total += length
    if portion:
        yield portion
