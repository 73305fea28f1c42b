"""Ask all that `doctor` wants to know at once; nothing that hangs or fails hides the rest."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health
from shared.pipeline.health_report import Part, Signs, as_sentence
from shared.pipeline.remedies import Remedies
from shared.ports import PortError

log = logging.getLogger(__name__)

LONGEST: Final = timedelta(seconds=10)
"""How long one examination may take; they are made at once."""
TOLD_ALREADY: Final = frozenset({"sinks", "watched"})
"""Checks of the record that `doctor` makes by itself: it knows which setting is to blame."""


@dataclass(frozen=True, slots=True)
class Examination:
    """One examination; `why` and `command` are for when it could not be made at all."""

    name: str
    ask: Callable[[], Awaitable[Sequence[Diagnosis]]]
    why: str
    command: str
    remedy: str = "Mend what the message names, and run `doctor` again."


async def examine(
    examinations: Sequence[Examination], longest: timedelta = LONGEST
) -> list[Diagnosis]:
    """Make every examination, and return what they found in their order."""
    found = await asyncio.gather(*(_made(each, longest) for each in examinations))
    return [diagnosis for each in found for diagnosis in each]


async def _made(examination: Examination, longest: timedelta) -> Sequence[Diagnosis]:
    """Make one; what goes wrong with it is what it found."""
    try:
        async with asyncio.timeout(longest.total_seconds()):
            return await examination.ask()
    except TimeoutError:
        why = f"no answer in {longest.total_seconds():g} s"
    except PortError as error:
        why = str(error)
    except Exception as error:
        # `doctor` is run where things are broken: one surprise must not hide the others.
        log.exception("%s could not be examined", examination.name)
        why = f"it crashed: {error!r}"
    return [
        Diagnosis(
            examination.name,
            Health.FAULT,
            as_sentence(f"Could not be checked: {why}"),
            examination.why,
            examination.remedy,
            examination.command,
        )
    ]


def examination_of(part: Part, now: datetime, remedies: Remedies) -> Examination | None:
    """Return the examination that takes a part of the health record; None: it is lacking here."""
    take = part.take
    if take is None:
        return None

    async def ask() -> Sequence[Diagnosis]:
        signs = Signs()
        await take(now, signs)
        return [remedies.diagnosis(each) for each in signs.checks if each.name not in TOLD_ALREADY]

    what = remedies.of(part.name)
    return Examination(part.name, ask, what.why, what.command)
