"""What the identity may do: ARM actions, granted and revoked per scope."""


class Permissions:
    """The actions that are granted; None: all. Compared without regard to case.

    A later grant or revocation wins over an earlier one where both apply.
    """

    def __init__(self, actions: frozenset[str] | None = None) -> None:
        self._actions = None if actions is None else frozenset(each.lower() for each in actions)
        self._changes: list[tuple[bool, str, str]] = []

    def grant(self, action: str = "*", scope: str = "/") -> None:
        """Allow an action (`*`: every one) on a scope and below it."""
        self._change(allow=True, action=action, scope=scope)

    def revoke(self, action: str = "*", scope: str = "/") -> None:
        """Refuse an action (`*`: every one) on a scope and below it."""
        self._change(allow=False, action=action, scope=scope)

    def _change(self, *, allow: bool, action: str, scope: str) -> None:
        self._changes.append((allow, action.lower(), scope.lower().rstrip("/")))

    @property
    def changes(self) -> int:
        """How often anything was granted or revoked."""
        return len(self._changes)

    def allows(self, action: str, scope: str) -> bool:
        """Whether an action is allowed on a resource id."""
        wanted, key = action.lower(), scope.lower()
        for allow, changed, at in reversed(self._changes):
            if changed in {"*", wanted} and (key == at or key.startswith(f"{at}/")):
                return allow
        return self._actions is None or wanted in self._actions
