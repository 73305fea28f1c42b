"""Where a deployment's prompts are processed, and whether that lies inside what a policy allows.

A `ProcessingScope` is an area: a region, an Azure geography, a data zone, the EU member states, the
whole world, a publisher's own infrastructure, or the unknown area of an unknown SKU. `locate` says
in which one a resource's prompts may be processed, `is_inside` whether one area lies in another.

What the tables do not know lies inside nothing, but a region in itself and in the world.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from shared.domain.resource import Property, Resource
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
    words: str = field(init=False, compare=False, repr=False)
    """The area for a message: `in the geography Sweden`."""
    is_known: bool = field(init=False, compare=False, repr=False)
    """Whether the tables know where this is."""

    def __post_init__(self) -> None:
        """Derive once what every verdict asks for."""
        is_geography = self.kind is ScopeKind.GEOGRAPHY
        name = regions().geographies.get(self.name) if is_geography else self.name
        object.__setattr__(self, "words", _WORDS[self.kind].format(name or self.name))
        is_known = self.kind is not ScopeKind.UNKNOWN_SKU and self.name != UNKNOWN
        object.__setattr__(self, "is_known", is_known)

    def __str__(self) -> str:
        """Return it as policy and design write it: `geography:sweden`, `global`."""
        return f"{self.kind}:{self.name}" if self.name else self.kind

    def is_inside(self, area: "ProcessingScope", *, regional_skus_stay_in_region: bool) -> bool:
        """Whether all of this lies in `area`.

        `regional_skus_stay_in_region` takes Microsoft's description of the regional SKUs at its
        word: then the scope of one lies in its region.
        """
        if self.kind is area.kind and self.name == area.name and self.is_known:
            return True
        if area.kind is ScopeKind.GLOBAL:
            return self.kind in _IN_AZURE or (self.kind is ScopeKind.ZONE and self.is_known)
        if area.kind is ScopeKind.REGION:
            return regional_skus_stay_in_region and self.region == area.name
        if self.kind is ScopeKind.REGION:
            return _region_is_inside(self.name, area)
        if self.kind is ScopeKind.GEOGRAPHY:
            return self.is_known and _geography_is_inside(self.name, area)
        return False


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
    `regional` is the scope of a regional SKU there.
    """

    location: str
    geography: ProcessingScope | None
    zone: ProcessingScope | None
    regional: ProcessingScope


@lru_cache(maxsize=512)
def home_at(location: str) -> Home:
    """Return what the tables know of a location, in any of Azure's spellings."""
    place, region, zone = (
        normalised(location),
        regions().find(location),
        data_zones().zone_of(location),
    )
    geography = normalised(region.geography) if region else UNKNOWN
    return Home(
        place,
        ProcessingScope(ScopeKind.GEOGRAPHY, geography) if region else None,
        ProcessingScope(ScopeKind.ZONE, zone) if zone else None,
        ProcessingScope(ScopeKind.GEOGRAPHY, geography, place),
    )


class Processing(NamedTuple):
    """Where a resource's prompts may be processed, and what that follows from.

    `home` is None where the account's location does not matter. `basis` are the properties that
    decided, each with the source that shows it.
    """

    scope: ProcessingScope
    home: Home | None
    basis: tuple[tuple[str, Property[str]], ...]


def locate(resource: Resource, snapshot: Snapshot) -> Processing:
    """Return where the prompts of a deployment or serverless endpoint may be processed.

    A deployment's model comes before its SKU: some publishers serve theirs on their own
    infrastructure, whatever the SKU says.

    Raises:
        UndecidableError: what it depends on (the account's location, the compute's) cannot be told.
    """
    kind = resource_type(resource.id.type)
    source = source_of(resource.id.type) or resource.id.type
    if kind is ResourceType.DEPLOYMENT:
        publisher = external_publisher(resource)
        if publisher:
            parts = ("format", "name", "version")
            model = (resource.text(f"properties.model.{part}") for part in parts)
            scope = ProcessingScope(ScopeKind.EXTERNAL, publisher)
            return Processing(scope, None, tuple((source, part) for part in model))
    elif kind is ResourceType.SERVERLESS_ENDPOINT:
        return _locate_endpoint(resource, source)
    return _locate_sku(resource, source, snapshot)


def external_publisher(deployment: Resource) -> str | None:
    """Return who serves a deployment's model on infrastructure outside Azure, or None."""
    model = deployment.object("properties.model").value or {}
    form, name, version = model.get("format"), model.get("name"), model.get("version")
    return _external_publisher(
        form if isinstance(form, str) else "",
        name if isinstance(name, str) else "",
        version if isinstance(version, str) else None,
    )


@lru_cache(maxsize=1024)
def _external_publisher(form: str, name: str, version: str | None) -> str | None:
    """Ask the table; an estate has few models."""
    return sku_scopes().external_publisher(form, name, version)


def _locate_endpoint(endpoint: Resource, source: str) -> Processing:
    """Locate a serverless endpoint, which runs in the geography of its own location.

    Microsoft may move it between the regions of its geography, and promises no region.
    """
    location = endpoint.text("location")
    home = home_at(_stated(location, "serverless endpoint"))
    scope = home.geography or ProcessingScope(ScopeKind.GEOGRAPHY, UNKNOWN)
    return Processing(scope, home, ((source, location),))


def _locate_sku(deployment: Resource, source: str, snapshot: Snapshot) -> Processing:
    """Locate a deployment by its SKU, its account and its compute."""
    sku = deployment.text("sku.name")
    reach = sku_scopes().by_lower_name.get((sku.value or "").lower())
    if reach is None or reach is SkuScope.GLOBAL:
        return Processing(GLOBAL if reach else UNKNOWN_SKU, None, ((source, sku),))
    home, shown_by = snapshot.once(_home_of_account)
    basis = ((source, sku), shown_by)
    if reach is SkuScope.GEOGRAPHY:
        return Processing(home.regional, home, basis)
    if reach is SkuScope.ZONE:
        return Processing(home.zone or UNKNOWN_ZONE, home, basis)
    there = _compute_location(deployment, snapshot)
    scope = ProcessingScope(ScopeKind.REGION, normalised(_stated(there, "compute")))
    return Processing(scope, home, (*basis, (Source.ACCOUNT_COMPUTES, there)))


def _home_of_account(snapshot: Snapshot) -> tuple[Home, tuple[str, Property[str]]]:
    """Return where an account is, and what shows it: all its deployments ask.

    Raises:
        UndecidableError: the account could not be read, or states no location.
    """
    location = snapshot.one(Source.ACCOUNT).text("location")
    return home_at(_stated(location, "account")), (Source.ACCOUNT, location)


def _compute_location(deployment: Resource, snapshot: Snapshot) -> Property[str]:
    """Return the location of the compute that a deployment runs on."""
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
    # The types have it among the properties; exports may have it at the top like other resources.
    inner = compute.text("properties.location")
    return compute.text("location") if inner.observed is None else inner


def _stated(location: Property[str], called: str) -> str:
    """Return a location, which Azure always states."""
    if location.value:
        return location.value
    message = f"the {called} states no location{location.wrong}"
    raise UndecidableError(Cause.UNDETERMINED, message)
