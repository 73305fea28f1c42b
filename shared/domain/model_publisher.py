"""Who publishes a model, and by which name a policy knows it.

A deployment's model states both itself. A model of the catalog is named by the URI of a registry,
and whose it is follows from the registry and the name.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from shared.domain.resource import LONGEST_SHOWN
from shared.domain.tables import publishers

_NAME = r"[a-z0-9_][a-z0-9_.-]*"
# Serverless endpoints name a model without its version: Azure deploys the latest.
_URI = re.compile(
    rf"azureml://registries/({_NAME})/models/({_NAME})(?:/(?:versions|labels)/{_NAME})?/?",
    re.ASCII | re.IGNORECASE,
)


class PublishedModel(NamedTuple):
    """A model as a policy can name it.

    `publisher` is empty where nobody knows it, `name` where none is stated. `asset` is
    `format/name/version` of a deployment's model, and the URI or id of any other. `origin` is the
    publisher or registry that is stated.
    """

    publisher: str
    name: str
    asset: str
    origin: str

    @property
    def words(self) -> str:
        """The model in a message: `model gpt-4o of OpenAI`."""
        if not self.name:
            return "a model of no registry" if self.asset else "no model"
        origin = f" of {_short(self.origin)}" if self.origin else ""
        return f"model {_short(self.name)}{origin}"


NO_MODEL = PublishedModel("", "", "", "")


def stated_model(model: Mapping[str, object]) -> PublishedModel:
    """Return the model that a deployment, or an entry of its routing, states.

    One without a publisher has the format for it, which is named after the publisher.
    """
    return _stated_model(
        _text(model.get("format")),
        _text(model.get("name")),
        _text(model.get("version")),
        _text(model.get("publisher")),
    )


@lru_cache(maxsize=1024)
def _stated_model(form: str, name: str, version: str, publisher: str) -> PublishedModel:
    """Return the model of these parts; an estate has few."""
    if not name:
        return NO_MODEL
    publisher = publisher or form
    return PublishedModel(publisher, name, f"{form}/{name}/{version}", publisher)


@lru_cache(maxsize=1024)
def catalog_model(uri: str) -> PublishedModel:
    """Return the model that a URI names: a registry's, or another, whose publisher is not known."""
    asset = uri.strip()
    found = _URI.fullmatch(asset)
    if found is None:
        return PublishedModel("", "", asset, "")
    registry, name = (part.lower() for part in found.groups())
    return PublishedModel(publisher_in(registry, name), name, asset, f"registry {registry}")


def publisher_in(registry: str, name: str) -> str:
    """Return who publishes a registry's model of this name (both lower case); empty: not known."""
    patterns = publishers().registries.get(registry, {})
    return next((who for each, who in patterns.items() if fnmatchcase(name, each)), "")


def _text(value: object) -> str:
    """Return a text, and nothing for what is none."""
    return value.strip() if isinstance(value, str) else ""


def _short(name: str) -> str:
    """Return a name for a message, cut to a length."""
    return name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}…"
