"""Nobody watches."""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.ports import Attribute, Measure, Span


class _SilentSpan:
    def note(self, **attributes: Attribute) -> None:
        """Say nothing."""


class SilentObserver:
    """Watches nothing."""

    @contextmanager
    def span(self, name: str, /, **attributes: Attribute) -> Iterator[Span]:
        """Watch nothing."""
        _ = name, attributes
        yield _SILENT

    def count(self, measure: Measure, amount: int = 1, /, **attributes: Attribute) -> None:
        """Count nothing."""

    def record(self, measure: Measure, value: float, /, **attributes: Attribute) -> None:
        """Tell nothing."""


_SILENT = _SilentSpan()
