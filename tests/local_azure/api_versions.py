"""The API versions that resource providers answer to, and how ARM refuses others."""

from collections.abc import Callable, Iterable, Mapping

from tests.local_azure.arm_path import ArmPath
from tests.local_azure.exchange import Answer, error

LOCATIONS = "australiaeast, eastus, swedencentral, westeurope"

COGNITIVE_STABLE = (
    "2024-10-01",
    "2025-06-01",
    "2025-09-01",
    "2025-12-01",
    "2026-03-01",
    "2026-05-01",
    "2026-07-01",
    "2026-09-01",
)
COGNITIVE_PREVIEWS = (
    "2026-01-15-preview",
    "2026-03-15-preview",
    "2026-05-15-preview",
    "2026-07-15-preview",
    "2026-09-15-preview",
)
MACHINE_LEARNING = (
    "2024-04-01",
    "2024-10-01",
    "2025-06-01",
    "2025-09-01",
    "2025-12-01",
    "2026-03-01",
    "2026-05-01",
    "2026-05-15-preview",
    "2026-07-01",
    "2026-09-01",
)

KNOWN: Mapping[str, tuple[str, ...]] = {
    "microsoft.cognitiveservices": (*COGNITIVE_STABLE, *COGNITIVE_PREVIEWS),
    # These exist in previews only.
    "microsoft.cognitiveservices/accounts/computes": COGNITIVE_PREVIEWS[2:],
    "microsoft.cognitiveservices/accounts/managedcomputedeployments": COGNITIVE_PREVIEWS[1:],
    "microsoft.machinelearningservices": MACHINE_LEARNING,
}
"""Provider or type (lower case) → versions, oldest first.

As listed in Azure/azure-rest-api-specs and Azure/bicep-types-az in November 2026.

What is not named here answers to any version.
"""


class ApiVersions:
    """The versions of each provider and type; the longest name that fits a type counts."""

    def __init__(self, known: Mapping[str, Iterable[str]] = KNOWN) -> None:
        self._known = {name.lower(): tuple(versions) for name, versions in known.items()}
        self._not_found: set[str] = set()

    def support(self, name: str, *versions: str, not_found: bool = False) -> None:
        """Set the versions of a provider or type.

        `not_found`: other versions are refused as those of a type that a region does not have are:
        404 `InvalidResourceType`, in place of 400 `NoRegisteredProviderFound`.
        """
        self._known[name.lower()] = versions
        if not_found:
            self._not_found.add(name.lower())
        else:
            self._not_found.discard(name.lower())

    def refusal(
        self, path: ArmPath, version: str | None, location: Callable[[ArmPath], str]
    ) -> Answer | None:
        """Return ARM's refusal of a version, which names the resource's location, or None."""
        if not version:
            text = "The api-version query parameter (?api-version=) is required for all requests."
            return error(400, "MissingApiVersionParameter", text)
        name: str = path.type.lower()
        while name and name not in self._known:
            name = name.rpartition("/")[0]
        if not name or version in self._known[name]:
            return None
        kind, versions = path.type.partition("/")[2], self._known[name]
        if name in self._not_found:
            text = (
                f"The resource type '{kind}' could not be found in the namespace "
                f"'{path.provider}' for api version '{version}'."
            )
            named = f" The supported api-versions are '{','.join(versions)}'." if versions else ""
            return error(404, "InvalidResourceType", text + named)
        if path.provider.lower() == "microsoft.resources":
            text = (
                f"The api-version '{version}' is invalid. "
                f"The supported versions are '{','.join(versions)}'."
            )
            return error(400, "InvalidApiVersionParameter", text)
        text = (
            f"No registered resource provider found for location '{location(path)}' and API "
            f"version '{version}' for type '{kind}'. The supported api-versions are "
            f"'{', '.join(versions)}'. The supported locations are '{LOCATIONS}'."
        )
        return error(400, "NoRegisteredProviderFound", text)
