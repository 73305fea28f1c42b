"""Trying again within seconds; whatever takes longer goes back to the queue."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import AsyncRetryPolicy
from azure.core.pipeline.transport import AsyncHttpResponse, HttpRequest

from shared.adapters.retry_after import read_retry_after
from shared.ports import Clock

LONGEST_RETRY_AFTER = timedelta(days=1)
"""A longer one is taken for this: one wrong answer must not close a subscription for good."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one call may take; seconds. A look's lease lasts 30.

    `whole` bounds the call without its waits for quota, `connect` and `read` each attempt (`read`:
    between two pieces of the answer). Before attempt n+1 it waits `backoff`, doubling.
    """

    whole: float = 20.0
    connect: float = 5.0
    read: float = 10.0
    tries: int = 3
    backoff: float = 0.3
    longest_wait: float = 2.0
    """A longer Retry-After is for the queue to wait."""


def is_passing(status: int) -> bool:
    """Whether trying again can help: ARM is busy with a write (409), slow or ill.

    429 is none of these: the quota waits for it.
    """
    return status in {408, 409} or status >= 500  # noqa: PLR2004 - of HTTP


class BriefRetry(AsyncRetryPolicy[HttpRequest, AsyncHttpResponse]):
    """azure-core's policy, which by itself sleeps for a Retry-After of any length and tries 429."""

    def __init__(self, patience: Patience, clock: Clock) -> None:
        again = patience.tries - 1
        super().__init__(
            retry_total=again,
            retry_connect=again,
            retry_read=again,
            retry_status=again,
            retry_backoff_factor=patience.backoff,
            retry_backoff_max=patience.longest_wait,
        )
        # All we post is questions.
        self._method_whitelist = frozenset({"GET", "POST"})
        self._patience = patience
        self._clock = clock

    def is_retry(
        self,
        settings: dict[str, Any],  # noqa: ARG002 - `increment` counts the tries
        response: PipelineResponse[Any, Any],
    ) -> bool:
        """Whether this answer is worth another try now."""
        if not is_passing(response.http_response.status_code):
            return False
        return (self.get_retry_after(response) or 0.0) <= self._patience.longest_wait

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Return the seconds to wait that the answer states, if any."""
        headers = response.http_response.headers
        wait = read_retry_after(headers, self._clock.now(), LONGEST_RETRY_AFTER)
        return None if wait is None else wait.total_seconds()

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        """Return the seconds to wait otherwise: doubling, and never all callers at once."""
        doubled: float = settings["backoff"] * 2 ** max(len(settings["history"]) - 1, 0)
        spread = random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, hides nothing
        return min(doubled * spread, self._patience.longest_wait)
