"""Which models a policy approves: all of a publisher, or single ones and families.

`catalog_models.model_approved` judges deployments by it, and `deployment_type.routing_contained`
the models that a model router may choose.
"""

import re
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator

from shared.domain.control import Parameters
from shared.domain.model_publisher import PublishedModel
from shared.domain.tables import normalised

# How an asset's name begins, far enough to tell something apart: a registry, an id, a format.
_BEGINNING = re.compile(
    r"azureml://[^/]+/[^/]+/.*|azureml:/?[^/].*|/subscriptions/[^/].*|(?!azureml:)[^/]+/.*",
    re.IGNORECASE,
)
_WILDCARDS = "*?["


def publisher_entry(text: str) -> str:
    """Return a publisher of a policy without blanks around it.

    Raises:
        ValueError: it is blank, or holds wildcards or slashes.
    """
    entry = text.strip()
    if not normalised(entry) or any(each in entry for each in f"{_WILDCARDS}/"):
        raise ValueError(
            f"{text!r} is no publisher; write its whole name, without wildcards: OpenAI, Mistral AI"
        )
    return entry


def _beginning(text: str) -> str:
    """Return the beginning of an asset's name without blanks around it."""
    entry = text.strip()
    if not _BEGINNING.fullmatch(entry) or any(each in entry for each in _WILDCARDS):
        raise ValueError(
            f"{text!r} is no asset; write how its name begins, at least up to the / behind a "
            "format or registry, without wildcards: OpenAI/gpt-4o/, "
            "azureml://registries/azureml-meta/models/Llama-"
        )
    return entry


class ApprovedModels(Parameters):
    """Which models may be used; any entry of either list will do."""

    publishers: tuple[Annotated[str, AfterValidator(publisher_entry)], ...] = ()
    """Publishers all of whose models are approved, in any case: of a deployment model.publisher,
    or else model.format (OpenAI, Mistral AI, xAI); of other models the publisher of their registry,
    which the data table names alike."""
    assets: tuple[Annotated[str, AfterValidator(_beginning)], ...] = ()
    """Models by how their names begin, in any case: of a deployment format/name/version
    (OpenAI/gpt-4o/2024-11-20), of others the URI (azureml://registries/azureml/models/Phi-4/).
    OpenAI/gpt-4o approves gpt-4o-mini too, OpenAI/gpt-4o/ does not. A serverless endpoint names its
    model without a version."""

    @property
    def names_nothing(self) -> bool:
        """Whether nothing tells approved models from others."""
        return not (self.publishers or self.assets)

    @cached_property
    def _publishers(self) -> dict[str, str]:
        """The publishers as written, by what they are compared by."""
        return {normalised(each): each for each in self.publishers}

    @cached_property
    def _beginnings(self) -> tuple[tuple[str, str], ...]:
        """The assets in lower case and as written."""
        return tuple((each.lower(), each) for each in self.assets)

    def approval(self, model: PublishedModel) -> str | None:
        """Say what approves a model, or None: nothing does.

        A name that could lead elsewhere (`..`, an escaped character) begins like nothing.
        """
        entry = self._publishers.get(normalised(model.publisher))
        if entry is not None:
            return f"publisher {entry}"
        asset = model.asset.lower()
        if ".." in asset or "%" in asset or "\\" in asset:
            return None
        return next(
            (f"asset {entry}" for start, entry in self._beginnings if asset.startswith(start)),
            None,
        )
