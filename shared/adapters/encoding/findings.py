"""States, findings and transitions as they are stored: JSON."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

import orjson
from pydantic import TypeAdapter, ValidationError

from shared.domain.finding import Finding, Transition
from shared.domain.root_state import RootState
from shared.domain.topology import Source

_BY_SOURCE = {"read_at", "unreadable", "second_look_sources"}
"""Fields of a state that speak of sources."""
_STATE = TypeAdapter(RootState)
_FINDING = TypeAdapter(Finding)
_TRANSITION = TypeAdapter(Transition)
_TRANSITIONS = TypeAdapter(tuple[Transition, ...])


def encode_state(state: RootState) -> bytes:
    """Return a state as JSON; what is as it is by default is left out."""
    return _STATE.dump_json(state, exclude_defaults=True)


def decode_state(data: bytes, version: int) -> RootState:
    """Read a state back; the version that is stored beside it counts.

    What it says of sources that are not known here is left out: a later version that was taken back
    may have written it, and its roots are to be looked at all the same.

    Raises:
        ValueError: it is no state.
    """
    try:
        state = _STATE.validate_json(data)
    except ValidationError:
        state = _STATE.validate_python(_of_known_sources(orjson.loads(data)))
    # pydantic reads "Z" as a time zone of its own. A look compares these times with those of the
    # clock again and again: with the very same zone that takes a tenth.
    read_at = {source: at.astimezone(UTC) for source, at in state.read_at.items()}
    return replace(state, version=version, read_at=read_at)


def _of_known_sources(body: object) -> object:
    """Return a state (JSON) without what it says of other sources."""
    if not isinstance(body, dict):
        return body
    known = frozenset(Source)
    after = dict(body)
    for name in _BY_SOURCE & after.keys():
        said = after[name]
        after[name] = (
            {source: each for source, each in said.items() if source in known}
            if isinstance(said, dict)
            else [source for source in said if source in known]
        )
    return after


def encode_finding(finding: Finding) -> bytes:
    """Return a finding as JSON."""
    return _FINDING.dump_json(finding)


def decode_finding(data: bytes) -> Finding:
    """Read a finding back.

    Raises:
        ValueError: it is no finding.
    """
    return _FINDING.validate_json(data)


def encode_transition(transition: Transition) -> bytes:
    """Return a transition as JSON."""
    return _TRANSITION.dump_json(transition)


def decode_transition(data: bytes) -> Transition:
    """Read a transition back.

    Raises:
        ValueError: it is no transition.
    """
    return _TRANSITION.validate_json(data)


def encode_transitions(encoded: Sequence[bytes]) -> bytes:
    """Return several transitions, each as it is encoded, as one JSON array."""
    return b"[" + b",".join(encoded) + b"]"


def decode_transitions(data: bytes) -> tuple[Transition, ...]:
    """Read several transitions back.

    Raises:
        ValueError: they are no transitions.
    """
    return _TRANSITIONS.validate_json(data)
