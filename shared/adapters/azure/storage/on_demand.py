"""Containers and queues that are made when they turn out to be missing.

The deployment makes them; whatever deletes one later, or a new storage account, must not stop the
monitor. Asking first would cost a call at every start.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from azure.core.exceptions import HttpResponseError, ResourceExistsError

from shared.adapters.azure.storage.failures import error_code

MISSING = frozenset({"ContainerNotFound", "QueueNotFound", "TableNotFound"})

T = TypeVar("T")


async def made_on_demand(
    call: Callable[[], Awaitable[T]], make: Callable[[], Awaitable[object]]
) -> T:
    """Call; where the container, queue or table is missing, make it and call once more.

    Raises:
        AzureError: the call failed otherwise, or it could not be made.
    """
    try:
        return await call()
    except HttpResponseError as error:
        if not is_missing(error):
            raise
    try:
        await make()
    except ResourceExistsError as error:
        # Another worker was quicker; while one is being deleted the code is another.
        if not error_code(error).endswith("AlreadyExists"):
            raise
    return await call()


def is_missing(error: HttpResponseError) -> bool:
    """Whether the container, queue or table itself is not there."""
    return error_code(error) in MISSING
