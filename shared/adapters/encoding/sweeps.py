"""What became of a sweep and of its roots as it is stored: JSON."""

from pydantic import TypeAdapter

from shared.domain.sweep import RootOutcome, SweepCoverage

_OUTCOME = TypeAdapter(RootOutcome)
_COVERAGE = TypeAdapter(SweepCoverage)


def encode_outcome(outcome: RootOutcome) -> bytes:
    """Return an outcome as JSON; what is as it is by default is left out."""
    return _OUTCOME.dump_json(outcome, exclude_defaults=True)


def decode_outcome(data: bytes) -> RootOutcome:
    """Read an outcome back.

    Raises:
        ValueError: it is no outcome.
    """
    return _OUTCOME.validate_json(data)


def encode_coverage(coverage: SweepCoverage) -> bytes:
    """Return the coverage of a sweep as JSON."""
    return _COVERAGE.dump_json(coverage)


def decode_coverage(data: bytes) -> SweepCoverage:
    """Read a coverage back.

    Raises:
        ValueError: it is no coverage.
    """
    return _COVERAGE.validate_json(data)
