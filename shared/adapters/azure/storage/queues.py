"""The work queues, on Storage Queues."""

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.direct import ask
from shared.adapters.azure.storage.failures import QUEUE_ROLE, error_code, port_errors
from shared.adapters.azure.storage.message_text import decode_text, encode_text
from shared.adapters.azure.storage.on_demand import is_missing, made_on_demand
from shared.adapters.azure.storage.side_by_side import side_by_side
from shared.ports import Backlog, Clock, QueueName, Taken

if TYPE_CHECKING:
    from azure.storage.queue.aio import QueueClient

VISIBILITY = timedelta(seconds=30)
"""How long a taken message is out of others' sight; as `visibilityTimeout` in host.json."""
LONGEST_DELAY = timedelta(days=7)
"""The most that Storage Queues allow."""
FOREVER = -1
"""Work that is not done yet is still to be done after the seven days of a message by default."""

_SENDING = {"x-ms-version": "2021-12-02", "Content-Type": "application/xml"}
_IN_OTHER_HANDS = frozenset({"MessageNotFound", "PopReceiptMismatch", "QueueNotFound"})


class StorageWorkQueue:
    """`WorkQueue` on the queues of a storage account.

    Times are those of the service, in whole seconds; `clock` only says what time it is now.
    `suffix` makes it a `PoisonQueue`, on the queues beside them.
    """

    def __init__(
        self,
        clients: StorageClients,
        clock: Clock,
        *,
        visibility: timedelta = VISIBILITY,
        suffix: str = "",
    ) -> None:
        self.visibility = visibility
        self._suffix = suffix
        self._clients = clients
        self._clock = clock
        # To make a client takes about as long as to use it.
        self._queue = cache(self._new_queue)

    async def put(
        self, queue: QueueName, texts: Sequence[str], *, delay: timedelta = timedelta(0)
    ) -> None:
        """Add messages; where one cannot be a message, none.

        Raises:
            PortError: some may have been added: put all of them again.
            ValueError: a text is too long, or the delay.
        """
        encoded = [encode_text(text) for text in texts]
        wait = _seconds(delay)
        with _errors("adding to", queue):
            await side_by_side([partial(self._send, queue, each, wait) for each in encoded])

    async def take(self, queue: QueueName) -> Taken | None:
        """Take a visible message."""
        away = _seconds(self.visibility)
        with _errors("taking from", queue):
            try:
                found = await self._queue(queue).receive_message(visibility_timeout=away)
            except ResourceNotFoundError as error:
                if not is_missing(error):
                    raise
                return None
        if found is None:
            return None
        receipt = f"{found.id} {found.pop_receipt}"
        return Taken(decode_text(found.content or ""), receipt, found.dequeue_count or 1)

    async def done(self, queue: QueueName, taken: Taken) -> None:
        """Delete a message, unless it is in other hands by now."""
        number, _, receipt = taken.receipt.partition(" ")
        with _errors("deleting from", queue):
            try:
                await self._queue(queue).delete_message(number, receipt)
            except HttpResponseError as error:
                if error_code(error) not in _IN_OTHER_HANDS:
                    raise

    async def put_back(self, queue: QueueName, taken: Taken, *, delay: timedelta) -> None:
        """Make a message visible again after a delay, unless it is in other hands by now."""
        number, _, receipt = taken.receipt.partition(" ")
        wait = _seconds(delay)
        with _errors("putting back on", queue):
            try:
                await self._queue(queue).update_message(number, receipt, visibility_timeout=wait)
            except HttpResponseError as error:
                if error_code(error) not in _IN_OTHER_HANDS:
                    raise

    async def next_due(self, queue: QueueName) -> datetime | None:
        """Return now where a message is visible, and else when a taken one is again at the latest.

        Storage Queues do not tell when a hidden message becomes visible: one that is delayed may be
        due earlier or later. Their count may be too high, never too low.
        """
        with _errors("counting", queue):
            client = self._queue(queue)
            try:
                if await client.peek_messages():
                    return self._clock.now()
                properties = await client.get_queue_properties()
            except ResourceNotFoundError as error:
                if not is_missing(error):
                    raise
                return None
        if not properties.approximate_message_count:
            return None
        return self._clock.now() + self.visibility

    async def backlog(self, queue: QueueName) -> Backlog:
        """Return what waits on a queue.

        The count may be too high, never too low. A message that was put back counts since then.
        """
        dates: list[str] = []

        def keep_date(response: Any) -> None:  # noqa: ANN401 - the SDK's, without a public type
            dates.append(response.http_response.headers.get("Date", ""))

        with _errors("counting", queue):
            client = self._queue(queue)
            try:
                properties = await client.get_queue_properties(raw_response_hook=keep_date)
                first = await client.peek_messages()
            except ResourceNotFoundError as error:
                if not is_missing(error):
                    raise
                return Backlog(0)
        oldest_at = first[0].inserted_on if first else None
        told_at = parsedate_to_datetime(dates[-1]) if dates and dates[-1] else None
        return Backlog(properties.approximate_message_count or 0, oldest_at, told_at)

    async def _send(self, queue: QueueName, encoded: str, wait: int) -> None:
        name = f"{queue}{self._suffix}"
        address = f"{self._clients.account.queue}/{name}/messages"
        options = f"?visibilitytimeout={wait}&messagettl={FOREVER}"
        # Base 64 has no character that XML would take for its own.
        body = f"<QueueMessage><MessageText>{encoded}</MessageText></QueueMessage>".encode()
        await made_on_demand(
            lambda: ask(
                self._clients.direct,
                "POST",
                address + options,
                _SENDING,
                body,
                # Twice is better than never.
                retry_on_methods=frozenset({"POST"}),
            ),
            lambda: self._queue(queue).create_queue(),
        )

    def _new_queue(self, queue: QueueName) -> "QueueClient":
        return self._clients.queues.get_queue_client(f"{queue}{self._suffix}")


def _errors(doing: str, queue: QueueName) -> AbstractContextManager[None]:
    return port_errors(f"{doing} the queue `{queue}`", QUEUE_ROLE)


def _seconds(duration: timedelta) -> int:
    """Return whole seconds, never fewer than asked for.

    Raises:
        ValueError: longer than Storage Queues allow.
    """
    if duration > LONGEST_DELAY:
        msg = f"a message can be hidden for 7 days at most, not for {duration}"
        raise ValueError(msg)
    return max(0, math.ceil(duration.total_seconds()))
