"""Faults: what goes wrong, on which requests, and how often."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self


class Kind(StrEnum):
    """What goes wrong with a request."""

    STATUS = "status"
    """Answered with `status`, `headers` and `body` and nothing else."""
    RESET = "reset"
    """The connection is reset before any answer.

    A client on aiohttp asks once more by itself: one that is to fail needs two resets.
    """
    CUT = "cut"
    """The connection is reset half-way through the body."""
    HANG = "hang"
    """The answer comes, but `seconds` later."""
    TRUNCATED = "truncated"
    """A whole HTTP answer whose JSON ends half-way."""
    HTML = "html"
    """A page for people, with `status`, as proxies give."""
    STALE = "stale"
    """The state before the last write of each resource shown."""
    REPEAT_PAGE = "repeat_page"
    """A list's link to the next page leads to the same page again."""
    ENDLESS = "endless"
    """Each page of a list has a link to a further page, never the same."""
    FOREIGN_PAGE = "foreign_page"
    """The link to the next page leads to `host`, in place of this server."""
    VANISH = "vanish"
    """Right after the answer, `resource` is deleted with everything below it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault on the requests whose `METHOD /path?query` the regular expression `match` finds.

    A plain substring works too, except for its special characters. `skip` requests that match pass
    first, then `times` of them are hit (None: until cleared).
    """

    match: str
    kind: Kind = Kind.STATUS
    times: int | None = None
    skip: int = 0
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    seconds: float = 60.0
    host: str = "https://management.foreign.example"
    resource: str = ""

    @classmethod
    def parse(cls, value: Mapping[str, object]) -> Self:
        """Read the JSON form: the fields by their names.

        Raises:
            TypeError: a field is unknown, or `match` is missing.
            ValueError: there is no such kind.
        """
        return cls(**{**value, "kind": Kind(str(value.get("kind", Kind.STATUS)))})  # type: ignore[arg-type] # names its fields itself


@dataclass(slots=True)
class _Armed:
    """A fault that waits for its requests; `seen` of them came so far."""

    fault: Fault
    pattern: re.Pattern[str]
    seen: int = 0

    def hits(self, line: str) -> bool:
        """Whether this request is hit; counts it if it matches."""
        if not self.pattern.search(line):
            return False
        self.seen += 1
        past = self.seen - self.fault.skip
        return past > 0 and (self.fault.times is None or past <= self.fault.times)


class Faults:
    """The faults in force; of several that hit a request the first one added acts."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        """Arm a fault.

        Raises:
            re.error: `match` is no regular expression.
        """
        self._armed.append(_Armed(fault, re.compile(fault.match, re.IGNORECASE)))

    def clear(self, match: str | None = None) -> None:
        """Disarm the faults with this `match`, or all."""
        self._armed = [
            each for each in self._armed if match is not None and each.fault.match != match
        ]

    def hit(self, line: str) -> Fault | None:
        """Return the fault that a request (`GET /path?query`) runs into, if any."""
        if not self._armed:
            return None
        hits = [each.fault for each in self._armed if each.hits(line)]
        return hits[0] if hits else None
