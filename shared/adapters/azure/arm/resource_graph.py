"""Resource Graph: finding and counting resources by query, within its quota.

It lags behind ARM by minutes and shows no body that may be judged. It answers 15 queries in 5
seconds to one identity and says in headers how many are left; a result of more than 1,000 rows
comes in pages only where its rows have an `id`:
https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.adapters.azure.arm.api_versions import RESOURCE_GRAPH, ApiVersions
from shared.adapters.azure.arm.asking import is_version_refused, unreadable
from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.problems import ArmError
from shared.ports import Clock

PATH = "/providers/Microsoft.ResourceGraph/resources"
PERMISSION = f"{RESOURCE_GRAPH}/read"
PAGE = 1000
"""Rows of a page: the most that there can be."""
WINDOW = timedelta(seconds=5)
"""The time of a quota, where an answer does not say how long it still is."""
LONGEST_WAIT = timedelta(seconds=10)
"""Longer than that nobody waits here: the work is handed back."""
TRIES = 3
"""How often a page is asked for that is refused for want of quota."""
MOST_PAGES = 1000

# Bounded, and of ASCII: a header can hold thousands of digits, and `\d` is those of any script.
_COUNT = re.compile(r"-?[0-9]{1,9}")
_TIME = re.compile(r"([0-9]{1,3}):([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]{1,9})?")
_TOO_MANY = 429


def quoted(text: str) -> str:
    """Return a text as a query writes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


@dataclass(slots=True)
class ResourceGraph:
    """Queries of one identity, which share a quota."""

    client: ArmClient
    versions: ApiVersions
    clock: Clock
    _free_at: datetime | None = None
    _version: str | None = None
    _options: Mapping[str, object] = field(
        default_factory=lambda: {"$top": PAGE, "resultFormat": "objectArray"}
    )

    async def rows(
        self, query: str, subscriptions: Sequence[str] = ()
    ) -> AsyncIterator[Mapping[str, object]]:
        """Go through the rows of a query over these subscriptions, or over all that can be seen.

        Raises:
            ArmError: a page could not be read; the rows before it were given.
        """
        further: dict[str, object] = {}
        passed_by: set[object] = set()
        given = 0
        while len(passed_by) < MOST_PAGES:
            body: dict[str, object] = {"query": query, "options": {**self._options, **further}}
            if subscriptions:
                body["subscriptions"] = list(subscriptions)
            answer = await self._post(body)
            rows = answer.get("data")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise ArmError(unreadable("Resource Graph answered without rows"))
            for row in rows:
                yield row
            given += len(rows)
            token = answer.get("$skipToken")
            if token:
                further = {"$skipToken": token}
            elif str(answer.get("resultTruncated", "")).lower() != "true":
                return
            elif rows:
                further = {"$skip": given}
            else:
                raise ArmError(unreadable("Resource Graph cut its result, and shows no more of it"))
            if str(further) in passed_by:
                raise ArmError(unreadable("Resource Graph repeats a page"))
            passed_by.add(str(further))
        raise ArmError(unreadable(f"Resource Graph has more than {MOST_PAGES} pages"))

    async def _post(self, body: Mapping[str, object]) -> Mapping[str, object]:
        """Ask for one page with a version that is answered."""
        wanted = self.versions.wanted(RESOURCE_GRAPH)
        for version in dict.fromkeys((self._version or wanted[0], *wanted)):
            try:
                answer = await self._patiently(body, version)
            except ArmError as error:
                if not is_version_refused(error):
                    raise
            else:
                self._version = version
                return answer
        raise ArmError(unreadable("Resource Graph answers to no API version that is known"))

    async def _patiently(self, body: Mapping[str, object], version: str) -> Mapping[str, object]:
        """Ask for one page, waiting for the quota where that is a matter of seconds."""
        tries = 0
        while True:
            await self._wait()
            tries += 1
            try:
                answer, headers = await self.client.post(PATH, version, body, permission=PERMISSION)
            except ArmError as error:
                pause = error.problem.retry_after or WINDOW
                if error.status != _TOO_MANY or pause > LONGEST_WAIT or tries == TRIES:
                    raise
                self._free_at = self.clock.now() + pause
            else:
                self._heed(headers)
                return answer

    async def _wait(self) -> None:
        """Wait until there is quota again."""
        if self._free_at is None:
            return
        pause = self._free_at - self.clock.now()
        if pause > timedelta(0):
            await self.clock.sleep(min(pause, LONGEST_WAIT))

    def _heed(self, headers: Mapping[str, str]) -> None:
        """Remember when the next query is free, if this was the last of its window."""
        said = {name.lower(): value for name, value in headers.items()}
        remaining = said.get("x-ms-user-quota-remaining", "")
        if not _COUNT.fullmatch(remaining) or int(remaining) > 0:
            self._free_at = None
            return
        found = _TIME.fullmatch(said.get("x-ms-user-quota-resets-after", ""))
        pause = WINDOW
        if found is not None:
            hours, minutes, seconds = map(int, found.groups())
            pause = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        self._free_at = self.clock.now() + pause
