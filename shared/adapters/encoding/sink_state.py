"""The state of a sink as it is stored: JSON."""

from dataclasses import replace

from pydantic import TypeAdapter

from shared.domain.sink_state import SinkState

_STATE = TypeAdapter(SinkState)


def encode_sink_state(state: SinkState) -> bytes:
    """Return a state as JSON; its version, which the store counts, is left out."""
    return _STATE.dump_json(replace(state, version=0), exclude_defaults=True)


def decode_sink_state(data: bytes, version: int) -> SinkState:
    """Read a state back.

    Raises:
        ValueError: it is no state.
    """
    return replace(_STATE.validate_json(data), version=version)
