"""A SARIF 2.1.0 log of one run, in pieces: the results between them are too many to hold.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from shared.adapters.formats.product import FULL_NAME, NAME
from shared.adapters.formats.sarif_rules import Rules
from shared.adapters.formats.sarif_text import plain
from shared.adapters.formats.times import utc_text

Json = dict[str, object]

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the run itself: `error` for what it could not do, else `note`."""

    text: str
    level: str = "note"
    at: datetime | None = None


def run_members(
    version: str, rules: Rules, results: Iterator[Json], notices: Iterable[Notice]
) -> Iterator[tuple[str, object]]:
    """Go through the members of the run: the rules first, then the results as they come.

    `notices` are asked for last. An error among them says that the run was not whole.
    """
    driver = {
        "name": NAME,
        "fullName": f"{FULL_NAME} {version}",
        "version": version,
        "rules": rules.described(),
    }
    yield "tool", {"driver": driver}
    yield "columnKind", "unicodeCodePoints"
    yield "results", results
    told = list(notices)
    yield (
        "invocations",
        [
            {
                "executionSuccessful": all(each.level != "error" for each in told),
                "toolExecutionNotifications": [_notification(each) for each in told],
            }
        ],
    )


def _notification(notice: Notice) -> Json:
    told: Json = {"message": {"text": plain(notice.text)}, "level": notice.level}
    if notice.at is not None:
        told["timeUtc"] = utc_text(notice.at)
    return told
