"""What a policy approves: registries by name, models and environments by id or its beginning."""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

_ENDS = "/:"
"""What separates the parts of an id: `azureml:name:version`, `/subscriptions/…/versions/1`."""
_REGISTRY = re.compile(r"[a-z0-9_][a-z0-9_.-]*", re.ASCII | re.IGNORECASE)


def _checked_registry(text: str) -> str:
    """Return the name of a registry in a policy without blanks around it."""
    name = text.strip()
    if not _REGISTRY.fullmatch(name):
        raise ValueError(f"{text!r} is no name of a registry; write it in full: azureml-meta")
    return name


def _checked_asset(text: str) -> str:
    """Return an entry of a policy without blanks and separators around it."""
    entry = text.strip().rstrip(_ENDS)
    if not any(end in entry.strip(_ENDS) for end in _ENDS) or any(each in entry for each in "*?["):
        raise ValueError(
            f"{text!r} is no asset; write its id, or the beginning of it up to a / or :, without "
            "wildcards: azureml:fraud-model, "
            "/subscriptions/…/workspaces/ws/models/fraud-model/versions/3"
        )
    return entry


RegistryName = Annotated[str, AfterValidator(_checked_registry)]
"""The name of a registry in a policy, whole."""
ApprovedAsset = Annotated[str, AfterValidator(_checked_asset)]
"""An id in a policy, or the beginning of one up to a separator."""


class ApprovedAssets:
    """The approved assets of a policy, made ready to be asked."""

    def __init__(self, entries: Iterable[str]) -> None:
        """Keep the entries in lower case: ids are compared without regard to case."""
        self._whole = frozenset(entry.lower() for entry in entries)
        self._beginnings = tuple(entry + end for entry in self._whole for end in _ENDS)

    def cover(self, asset: str) -> bool:
        """Whether an asset is approved, or begins with one that is.

        An id that could lead elsewhere (`..`, an escaped or a backward slash) must be approved as
        a whole.
        """
        text = asset.strip().lower()
        if text in self._whole:
            return True
        return not _leads_elsewhere(text) and text.startswith(self._beginnings)


def _leads_elsewhere(text: str) -> bool:
    """Whether parts of an id may step out of what it begins with."""
    return "%" in text or "\\" in text or ".." in text
