"""Model routers: deployments that hand every prompt on to a model that they choose themselves."""

import re

from shared.domain.resource import Resource

MODELS = "properties.routing.models"
"""What a router may choose among; absent or empty means all that its version knows."""
MODELS_SINCE = "2025-12-01"
"""The first API version that shows it."""

_NAME = "model-router"
_FIRST_OPEN = "2025-11-18"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def is_router(name: str | None) -> bool:
    """Whether a model of this name is a router."""
    return name is not None and name.lower() == _NAME


def knows_openai_only(router: Resource) -> bool:
    """Whether a router is of a version from before it knew models of other publishers.

    A version that is no date may be any.
    """
    version = router.text("properties.model.version").value
    return version is not None and bool(_DATE.fullmatch(version)) and version < _FIRST_OPEN
