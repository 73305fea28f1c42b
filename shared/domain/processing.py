"""Where a deployment's prompts are processed, and whether that lies inside what a policy allows.

A `ProcessingScope` is an area: a region, an Azure geography, a data zone, the EU member states, the
whole world, a publisher's own infrastructure, or the unknown area of an unknown SKU. `scope_of`
says in which one a resource's prompts may be processed, `is_inside` whether one area lies in
another.

What the tables do not know lies inside nothing, but a region in itself and in the world.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.tables import SkuScope, data_zones, normalised, regions, sku_scopes
from shared.domain.topology import ResourceType, Source, resource_type, source_of
from shared.domain.verdict import Cause, UndecidableError

UNKNOWN = "unknown"
"""The name of a geography or zone that the tables do not know."""


class ScopeKind(StrEnum):
    """What sort of area a scope is."""

    REGION = "region"
    GEOGRAPHY = "geography"
    ZONE = "zone"
    EU_MEMBERS = "eu-members"
    """The regions of EU member states; only ever allowed, no SKU is bound to it."""
    GLOBAL = "global"
    EXTERNAL = "external"
    """A publisher's own infrastructure, outside Azure."""
    UNKNOWN_SKU = "unknown-sku"


_WORDS = {
    ScopeKind.REGION: "in the region {}",
    ScopeKind.GEOGRAPHY: "in the geography {}",
    ScopeKind.ZONE: "in the data zone {}",
    ScopeKind.EU_MEMBERS: "in member states of the European Union",
    ScopeKind.GLOBAL: "in any Azure region of the world",
    ScopeKind.EXTERNAL: "on infrastructure of {}, outside Azure",
    ScopeKind.UNKNOWN_SKU: "in an unknown place",
}
_INDEPENDENT = frozenset({ScopeKind.GLOBAL, ScopeKind.EXTERNAL, ScopeKind.UNKNOWN_SKU})


@dataclass(frozen=True, slots=True)
class ProcessingScope:
    """An area in which prompts may be processed.

    `name` is normalised (`swedencentral`, `unitedstates`, `eu`, `anthropic`), and empty where the
    kind says it all. `region` is set on the geography of a regional SKU: the region that the SKU's
    description promises, while the binding text promises the geography only.
    """

    kind: ScopeKind
    name: str = ""
    region: str = ""

    def __str__(self) -> str:
        """Return it as policy and design write it: `geography:sweden`, `global`."""
        return f"{self.kind}:{self.name}" if self.name else self.kind

    @property
    def is_known(self) -> bool:
        """Whether the tables know where this is."""
        return self.kind is not ScopeKind.UNKNOWN_SKU and self.name != UNKNOWN

    @property
    def depends_on_account(self) -> bool:
        """Whether the account's location matters to whether this is allowed."""
        return self.kind not in _INDEPENDENT

    @property
    def words(self) -> str:
        """The area for a message: `in the geography Sweden`."""
        is_geography = self.kind is ScopeKind.GEOGRAPHY
        name = regions().geographies.get(self.name) if is_geography else self.name
        return _WORDS[self.kind].format(name or self.name)

    def is_inside(self, area: "ProcessingScope", *, regional_skus_stay_in_region: bool) -> bool:
        """Whether all of this lies in `area`.

        `regional_skus_stay_in_region` takes Microsoft's description of the regional SKUs at its
        word: then the scope of one lies in its region.
        """
        if area.kind is ScopeKind.GLOBAL:
            return self.kind in _IN_AZURE or (self.kind is ScopeKind.ZONE and self.is_known)
        if area.kind is ScopeKind.REGION:
            promised = self.region if regional_skus_stay_in_region else ""
            return area.name == (self.name if self.kind is ScopeKind.REGION else promised)
        if self.kind is ScopeKind.REGION:
            return _region_is_inside(self.name, area)
        if self.kind is ScopeKind.GEOGRAPHY:
            return self.is_known and _geography_is_inside(self.name, area)
        return self.is_known and self == area


_IN_AZURE = frozenset(
    {ScopeKind.REGION, ScopeKind.GEOGRAPHY, ScopeKind.EU_MEMBERS, ScopeKind.GLOBAL}
)
GLOBAL = ProcessingScope(ScopeKind.GLOBAL)
EU_MEMBERS = ProcessingScope(ScopeKind.EU_MEMBERS)
UNKNOWN_SKU = ProcessingScope(ScopeKind.UNKNOWN_SKU)
UNKNOWN_ZONE = ProcessingScope(ScopeKind.ZONE, UNKNOWN)


def _region_is_inside(name: str, area: ProcessingScope) -> bool:
    """Whether a region lies in a geography, a zone or the EU member states."""
    region = regions().find(name)
    if region is None:
        return False
    if area.kind is ScopeKind.EU_MEMBERS:
        return region.eu_member
    return _geography_is_inside(normalised(region.geography), area)


def _geography_is_inside(geography: str, area: ProcessingScope) -> bool:
    """Whether a whole geography lies in a geography, a zone or the EU member states."""
    match area.kind:
        case ScopeKind.GEOGRAPHY:
            return geography == area.name
        case ScopeKind.ZONE:
            zone = data_zones().zones.get(area.name)
            return zone is not None and geography in zone.boundary
        case ScopeKind.EU_MEMBERS:
            return geography in regions().eu_geographies
        case _:
            return False


@dataclass(frozen=True, slots=True)
class Home:
    """Where an account or serverless endpoint is: what relative entries and regional SKUs mean.

    `geography` is None where the table does not know the location, `zone` where it lies in none.
    """

    location: str
    geography: ProcessingScope | None
    zone: ProcessingScope | None


@lru_cache(maxsize=512)
def home_at(location: str) -> Home:
    """Return what the tables know of a location, in any of Azure's spellings."""
    region, zone = regions().find(location), data_zones().zone_of(location)
    return Home(
        normalised(location),
        ProcessingScope(ScopeKind.GEOGRAPHY, normalised(region.geography)) if region else None,
        ProcessingScope(ScopeKind.ZONE, zone) if zone else None,
    )


def home_of(resource: Resource, snapshot: Snapshot) -> Home:
    """Return where a resource's account is; for a serverless endpoint, where it is itself.

    Raises:
        UndecidableError: the account could not be read, or states no location.
    """
    if resource_type(resource.id.type) is ResourceType.SERVERLESS_ENDPOINT:
        return home_at(_location(resource, "location", "serverless endpoint"))
    return home_at(_location(snapshot.one(Source.ACCOUNT), "location", "account"))


def _location(resource: Resource, path: str, called: str) -> str:
    """Read a location, which Azure always states."""
    found = resource.text(path)
    if found.value:
        return found.value
    message = f"the {called} states no location{found.wrong}"
    raise UndecidableError(Cause.UNDETERMINED, message)


def scope_of(resource: Resource, snapshot: Snapshot) -> ProcessingScope:
    """Return where the prompts of a deployment or endpoint may be processed.

    A deployment's model comes before its SKU: some publishers serve theirs on their own
    infrastructure, whatever the SKU says.

    Raises:
        UndecidableError: what it depends on (the account's location, the compute's) cannot be told.
    """
    kind = resource_type(resource.id.type)
    if kind is ResourceType.SERVERLESS_ENDPOINT:
        # Microsoft may move it between the regions of its geography, and promises no region.
        return _geography_scope(home_of(resource, snapshot), "")
    publisher = external_publisher(resource) if kind is ResourceType.DEPLOYMENT else None
    if publisher:
        return ProcessingScope(ScopeKind.EXTERNAL, publisher)
    return _sku_scope(resource, snapshot)


def external_publisher(deployment: Resource) -> str | None:
    """Return who serves a deployment's model on infrastructure outside Azure, or None."""
    return sku_scopes().external_publisher(
        deployment.text("properties.model.format").value or "",
        deployment.text("properties.model.name").value or "",
        deployment.text("properties.model.version").value,
    )


def _sku_scope(deployment: Resource, snapshot: Snapshot) -> ProcessingScope:
    """Return where a SKU's prompts are processed for this account."""
    sku = deployment.text("sku.name").value or ""
    match sku_scopes().by_lower_name.get(sku.lower()):
        case SkuScope.GLOBAL:
            return GLOBAL
        case SkuScope.GEOGRAPHY:
            home = home_of(deployment, snapshot)
            return _geography_scope(home, home.location)
        case SkuScope.ZONE:
            return home_of(deployment, snapshot).zone or UNKNOWN_ZONE
        case SkuScope.COMPUTE_REGION:
            return ProcessingScope(ScopeKind.REGION, _compute_region(deployment, snapshot))
        case None:
            return UNKNOWN_SKU


def _geography_scope(home: Home, region: str) -> ProcessingScope:
    """Return the geography of a location, with the region where a SKU's description promises it."""
    name = home.geography.name if home.geography else UNKNOWN
    return ProcessingScope(ScopeKind.GEOGRAPHY, name, region)


def _compute_region(deployment: Resource, snapshot: Snapshot) -> str:
    """Return the region of the compute that a deployment runs on."""
    compute_id = deployment.text("properties.computeId")
    if not compute_id.value:
        message = f"the deployment names no compute{compute_id.wrong}, whose region counts"
        raise UndecidableError(Cause.UNDETERMINED, message)
    compute = snapshot.find(compute_id.value)
    if compute is None or source_of(compute.id.type) is not Source.ACCOUNT_COMPUTES:
        # Raises with the cause when the list could not be read.
        snapshot.all(Source.ACCOUNT_COMPUTES)
        message = "the deployment's compute is not among the account's computes"
        raise UndecidableError(Cause.UNDETERMINED, message)
    path = "properties.location" if compute.text("properties.location").value else "location"
    return normalised(_location(compute, path, "compute"))
