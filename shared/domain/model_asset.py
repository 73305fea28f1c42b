"""URIs of assets in Azure Machine Learning registries: models, environments, templates."""

import re
from dataclasses import dataclass
from functools import lru_cache

_NAME = r"[a-z0-9_][a-z0-9_.-]*"
# No two neighbouring parts can match the same character, so matching takes linear time.
_URI = re.compile(
    rf"azureml://registries/({_NAME})/([a-z]+)/({_NAME})/(?:versions|labels)/({_NAME})",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class RegistryAsset:
    """An asset in a registry; its parts are in lower case, as they are compared.

    `kind` is the URI's plural (`models`, `environments`, `deploymenttemplates`), `version` a
    version or a label (`latest`).
    """

    registry: str
    kind: str
    name: str
    version: str


@lru_cache(maxsize=4096)
def parse_registry_asset(text: str) -> RegistryAsset | None:
    """Read `azureml://registries/<r>/<kind>/<name>/versions/<version>`, or `…/labels/<label>`.

    Anything else is None: a workspace's own asset, a path, a malformed URI.
    """
    found = _URI.fullmatch(text)
    if found is None:
        return None
    return RegistryAsset(*(part.lower() for part in found.groups()))
