"""What role assignments allow: ARM actions, with wildcards and exceptions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role assignment allows: its actions without its exceptions, both with wildcards."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        """Whether it allows an action; exceptions take away from this grant alone."""
        return _fits(self.actions, action) and not _fits(self.not_actions, action)

    @classmethod
    def of(cls, answer: Mapping[str, object]) -> "Grant":
        """Read an item of `Microsoft.Authorization/permissions`."""
        return cls(_texts(answer.get("actions")), _texts(answer.get("notActions")))


def not_granted(wanted: Sequence[str], grants: Sequence[Grant]) -> tuple[str, ...]:
    """Return the actions that none of the grants allows.

    As Azure adds up role assignments: "Actions - NotActions" of each, "Understand Azure role
    definitions", Microsoft Learn.
    """
    return tuple(each for each in wanted if not any(grant.allows(each) for grant in grants))


_ANYTHING: Final = re.escape("*")


def _fits(patterns: Sequence[str], action: str) -> bool:
    return any(
        re.fullmatch(re.escape(each).replace(_ANYTHING, ".*"), action, re.IGNORECASE)
        for each in patterns
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
