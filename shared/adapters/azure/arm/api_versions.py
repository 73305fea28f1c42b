"""Which API version each type is read with, and what to do where a region refuses one.

Versions as listed in Azure/azure-rest-api-specs and Azure/bicep-types-az in November 2026. That a
version is in the specification does not prove that every region has it: the first of a list is what
is wanted, the others are what will do.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.adapters.azure.arm.sources import ACCOUNT_PREVIEW_KEY
from shared.domain.resource_id import ResourceId
from shared.domain.topology import COGNITIVE_SERVICES, MACHINE_LEARNING, ResourceType
from shared.ports import Clock

RESOURCE_GRAPH = "Microsoft.ResourceGraph/resources"

STABLE: dict[str, tuple[str, ...]] = {
    COGNITIVE_SERVICES: ("2026-03-01", "2025-12-01", "2025-09-01", "2025-06-01", "2024-10-01"),
    MACHINE_LEARNING: ("2025-12-01", "2025-09-01", "2025-06-01", "2024-10-01", "2024-04-01"),
    "Microsoft.Features": ("2021-07-01", "2015-12-01"),
    # Diagnostic settings never left the preview.
    "Microsoft.Insights": ("2021-05-01-preview",),
    "Microsoft.Kusto": ("2024-04-13", "2023-08-15"),
    "Microsoft.ResourceGraph": ("2024-04-01", "2022-10-01", "2021-03-01"),
    "Microsoft.Resources": ("2022-12-01", "2021-01-01"),
    "Microsoft.Security": ("2024-01-01", "2023-01-01"),
    "Microsoft.Storage": ("2024-01-01", "2023-05-01"),
}
"""Provider → its stable API versions, the preferred first."""

_LATE_PREVIEWS = ("2026-09-15-preview", "2026-07-15-preview")

PREVIEW_FIRST: dict[str, tuple[str, ...]] = {
    # From 2026-07-15-preview on projects carry `capabilitySettings`, from 2026-05-15-preview RAI
    # policies `egressPolicy`; no stable API shows either.
    ResourceType.PROJECT: _LATE_PREVIEWS,
    f"{ResourceType.ACCOUNT}/raiPolicies": (*_LATE_PREVIEWS, "2026-05-15-preview"),
}
"""Type → previews that show more than the stable versions, which follow where none is to be had."""

PREVIEW_ONLY: dict[str, tuple[str, ...]] = {
    # The version of the page on instant access goes first: no specification has `instant`.
    ACCOUNT_PREVIEW_KEY: ("2026-01-15-preview", "2026-03-15-preview", "2026-05-15-preview"),
    ResourceType.MANAGED_COMPUTE_DEPLOYMENT: (
        *_LATE_PREVIEWS,
        "2026-05-15-preview",
        "2026-03-15-preview",
    ),
    f"{ResourceType.ACCOUNT}/computes": (*_LATE_PREVIEWS, "2026-05-15-preview"),
}
"""Key → the previews that it exists in; where a region has none of them there is none of it."""

REMEMBERED = timedelta(hours=1)
"""How long a refused version is not tried again."""
MOST_REFUSALS = 20_000
"""A hundred bytes each; the one that ends first is forgotten."""
MOST_PLACES = 20_000
"""A hundred bytes each; the root not seen for longest is forgotten."""


def is_preview_only(key: str) -> bool:
    """Whether a type exists in preview API versions alone."""
    return key in PREVIEW_ONLY


@dataclass(slots=True)
class ApiVersions:
    """The versions to try, less those that were refused lately.

    `overrides` set the first version of a type, or of a provider where its type has none; a type
    that is wanted in a preview is only overridden by its own name. A refusal holds for a location,
    or while that of a root is not known, for its subscription.
    """

    clock: Clock
    overrides: Mapping[str, str] = field(default_factory=dict)
    _refused: OrderedDict[tuple[str, str, str], datetime] = field(default_factory=OrderedDict)
    _locations: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let overrides be spelled in any case."""
        self.overrides = {key.lower(): value for key, value in self.overrides.items()}

    def wanted(self, key: str) -> tuple[str, ...]:
        """Return the versions of a key, the preferred first."""
        provider = key.partition("/")[0]
        if key in PREVIEW_ONLY:
            listed = PREVIEW_ONLY[key]
        else:
            by_provider = self.overrides.get(provider.lower())
            listed = (
                *PREVIEW_FIRST.get(key, ()),
                *((by_provider,) if by_provider else ()),
                *STABLE[provider],
            )
        own = self.overrides.get(key.lower())
        return tuple(dict.fromkeys((own, *listed) if own else listed))

    def to_try(self, key: str, target: ResourceId) -> tuple[str, ...]:
        """Return the versions worth asking about a resource.

        Where every one was refused: none of a type that exists in previews alone, else all again.
        """
        wanted = self._known.get(key)
        if wanted is None:
            wanted = self._known[key] = self.wanted(key)
        if not self._refused:
            return wanted
        now = self.clock.now()
        places = self._places(target)
        left = tuple(
            version
            for version in wanted
            if not any(now < self._refused.get((key, place, version), now) for place in places)
        )
        return left if left or is_preview_only(key) else wanted

    def refuse(self, key: str, target: ResourceId, version: str) -> None:
        """Remember that a version was refused where a resource lies."""
        refusal, now = (key, self._places(target)[0], version), self.clock.now()
        self._refused[refusal] = now + REMEMBERED
        self._refused.move_to_end(refusal)
        # They stand in the order in which they end.
        while len(self._refused) > MOST_REFUSALS or next(iter(self._refused.values())) <= now:
            self._refused.popitem(last=False)

    def learn_location(self, root: ResourceId, location: str) -> None:
        """Remember where a root lies."""
        self._locations[root.key] = location
        self._locations.move_to_end(root.key)
        if len(self._locations) > MOST_PLACES:
            self._locations.popitem(last=False)

    def _places(self, target: ResourceId) -> tuple[str, ...]:
        """Return the location of a resource where it is known, and its subscription."""
        location = self._locations.get(target.root.key)
        return (target.subscription,) if location is None else (location, target.subscription)
