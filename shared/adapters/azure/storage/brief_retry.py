"""How clients of blobs and queues try again. Apart, because its base is imported with theirs."""

import random
from typing import Any

from azure.storage.blob.aio import LinearRetry


class BriefRetry(LinearRetry):
    """Tries again soon, then a little later; an outage is waited for on the queue.

    `longest` is how many seconds it waits at most between two tries.
    """

    def __init__(self, *, longest: float, **options: Any) -> None:  # noqa: ANN401 - as in the SDK
        super().__init__(**options)
        self._longest = longest

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        """Return how many seconds to wait; at random, so that workers do not come back together."""
        longest = min(self._longest, self._longest / 8 * 2 ** int(settings["count"]))
        return random.uniform(longest / 2, longest)  # noqa: S311 - keeps nothing secret
