"""Trying again within seconds; whatever takes longer goes back to the queue."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import AsyncRetryPolicy
from azure.core.rest import AsyncHttpResponse, HttpRequest

from shared.ports import Clock

_LONGEST = timedelta(days=30)


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


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read Retry-After, in seconds or as an HTTP date; None: it is not there, or is neither."""
    text = headers.get("Retry-After")
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, now)
    if math.isnan(seconds):
        return None
    return timedelta(seconds=min(max(seconds, 0.0), _LONGEST.total_seconds()))


def _until(text: str, now: datetime) -> float:
    """Return the seconds until an HTTP date, or NaN."""
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return math.nan
    # A date with the zone -0000 comes without one.
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()


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
        http = response.http_response
        wait = retry_after(http.headers, self._clock.now()) or timedelta(0)
        soon = wait.total_seconds() <= self._patience.longest_wait
        return is_passing(http.status_code) and soon

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Return the seconds to wait that the answer states, if any."""
        wait = retry_after(response.http_response.headers, self._clock.now())
        return None if wait is None else wait.total_seconds()

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        """Return the seconds to wait otherwise: doubling, and never all callers at once."""
        doubled: float = settings["backoff"] * 2 ** max(len(settings["history"]) - 1, 0)
        spread = random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, hides nothing
        return min(doubled * spread, self._patience.longest_wait)
