"""What `doctor` found: one thing that was checked, why it matters, and what mends it."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.health import Health


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One check: what it came to in words, and where that is not ok what to do.

    `why` says what goes wrong while it is so, `remedy` what to do in words, `command` is a line
    for a shell that mends it or shows what has to be mended.
    """

    name: str
    health: Health
    message: str
    why: str | None = None
    remedy: str | None = None
    command: str | None = None


def is_fit(found: Iterable[Diagnosis]) -> bool:
    """Whether nothing is wrong; what somebody should see to at some time is not wrong yet."""
    return all(each.health is not Health.FAULT for each in found)


def one_line(error: Exception) -> str:
    """Return what an error says as a sentence; settings are refused one a line."""
    said = "; ".join(str(error).split("\n  ")).replace(":; ", ": ")
    return f"{said[:1].upper()}{said[1:]}."
