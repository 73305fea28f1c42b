"""The messages on the work queues: why a root is to be looked at."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, TypeAdapter, ValidationError

from shared.domain.canary import CANARY
from shared.domain.resource_id import ResourceId
from shared.domain.topology import CORE_SOURCES, Source


class Trigger(StrEnum):
    """Why a look is asked for."""

    CHANGE = "change"
    SECOND_LOOK = "second_look"
    """A minute after a change: ARM can still have answered with the state before it."""
    RELATED = "related"
    """Another root that decides about this one has changed (the hub of a project)."""
    RETRY = "retry"
    """A look could not read everything, and trying again helps (throttled, an outage)."""
    SWEEP = "sweep"
    CANARY = "canary"
    """Nothing has changed: is it told all the same? Of the reserved root alone."""


FOLLOWS_A_WRITE = frozenset({Trigger.CHANGE, Trigger.RELATED})
"""Looks that come within seconds of a write, which what they read may not show yet."""


def _parsed(text: str) -> str:
    """Refuse what is no resource id."""
    ResourceId.parse(text)
    return text


def _root(text: str) -> str:
    """Refuse what cannot be looked at."""
    if ResourceId.parse(text).type.lower() not in CORE_SOURCES:
        raise ValueError("no account, workspace or registry")
    return text


@dataclass(frozen=True, slots=True)
class ChangeNote:
    """What a look needs to know of the change that asked for it.

    `deletes`: the change says that the resource is gone. `failed`: it did not come about, or not
    wholly; somebody only tried.
    """

    resource_id: Annotated[str, AfterValidator(_parsed)]
    deletes: bool
    occurred_at: AwareDatetime
    actor: str | None
    correlation_id: str | None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class LookMessage:
    """Look at `root` (its id), reading at or after `accepted_at` (UTC).

    `sources` are to be read afresh beside the core ones. `sweep` is the id of the sweep that asks,
    and `baseline` says that what opens is told by the sweep's digest. `put_backs` counts the
    outages that it met in a row, `redrives` how often it came back after it had crashed the code.
    """

    root: Annotated[str, AfterValidator(_root)]
    accepted_at: AwareDatetime
    trigger: Trigger
    change: ChangeNote | None = None
    sources: tuple[Source, ...] = ()
    sweep: str | None = None
    baseline: bool = False
    put_backs: int = 0
    redrives: int = 0

    def encode(self) -> str:
        """Return the queue text."""
        return _ADAPTER.dump_json(self, exclude_defaults=True).decode()


class MalformedMessageError(ValueError):
    """A queue text that is no look message."""


def decode(text: str | bytes) -> LookMessage:
    """Read a queue text.

    Raises:
        MalformedMessageError: it is none of ours; the message names the field.
    """
    try:
        message = _ADAPTER.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "message"
        msg = f"{where}: {first['msg']}"
        raise MalformedMessageError(msg) from error
    if (message.root.lower() == CANARY.key) is not (message.trigger is Trigger.CANARY):
        raise MalformedMessageError("root: it is the canary's, or the trigger is")
    return message


_ADAPTER = TypeAdapter(LookMessage)
