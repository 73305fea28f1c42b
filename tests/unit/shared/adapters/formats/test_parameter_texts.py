"""The texts that stand below the parameters of a control."""

from typing import ClassVar

from shared.adapters.formats.parameter_texts import parameter_texts
from shared.domain.control import Parameters


class Wide(Parameters):
    """Some parameters."""

    LONGEST: ClassVar[int] = 3
    """No parameter, and so never shown as one."""
    allowed: tuple[str, ...] = ()
    """What is allowed,
    over two lines."""
    silent: bool = True


class Narrow(Wide):
    """Parameters that build on others."""

    silent: bool = False
    """Whether nothing is said."""


def test_a_parameter_means_what_stands_below_it() -> None:
    """On one line, and nothing where nothing is said."""
    assert parameter_texts(Wide) == {"allowed": "What is allowed, over two lines.", "silent": ""}


def test_what_a_class_builds_on_is_described_too() -> None:
    """The nearest text counts."""
    assert parameter_texts(Narrow) == {
        "allowed": "What is allowed, over two lines.",
        "silent": "Whether nothing is said.",
    }
