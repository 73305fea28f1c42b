"""The dated data tables: what Microsoft's pages say of SKUs, data zones, regions, scanned models.

Each is a file in `data/` with the date that it holds for (`as_of`), the pages it is from and notes.
A table is read once, checked whole and never changed; a broken one raises `BrokenTableError`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from importlib import resources
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

FOLDER = "shared/domain/data"

Text = Annotated[str, StringConstraints(min_length=1)]
LowerText = Annotated[str, StringConstraints(min_length=1, to_lower=True)]


class BrokenTableError(Exception):
    """A data table is missing or malformed; the message names the file and the field."""


@lru_cache(maxsize=1024)
def normalised(name: str) -> str:
    """Return the name of a region, geography or publisher as it is compared.

    Lower case, without spaces, dashes and underscores: `West US` is `westus`, and `united-states`
    is `United States`.
    """
    return "".join(name.lower().split()).replace("-", "").replace("_", "")


class _Part(BaseModel):
    """A part of a table: fixed once read, and nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Table(_Part):
    """What every table states of itself."""

    as_of: date
    sources: Annotated[tuple[Text, ...], Field(min_length=1)]
    notes: tuple[Text, ...] = ()


class SkuScope(StrEnum):
    """How far from its account a SKU's prompts may be processed."""

    GEOGRAPHY = "geography"
    """In the geography of the account's location."""
    ZONE = "zone"
    """In the data zone of the account's location."""
    GLOBAL = "global"
    """In any Azure region."""
    COMPUTE_REGION = "compute-region"
    """In the region of the compute that the deployment names."""


class ModelOverride(_Part):
    """Models that a publisher serves on its own infrastructure, whatever the SKU.

    `format` (compared whole) or `name_prefix` says which, without regard to case; `unless_version`
    is the one version that Azure hosts.
    """

    publisher: Text
    format: LowerText | None = None
    name_prefix: LowerText | None = None
    unless_version: Text | None = None


class SkuScopes(Table):
    """Deployment SKUs and where each processes prompts."""

    skus: Mapping[Text, SkuScope]
    model_overrides: tuple[ModelOverride, ...]

    @cached_property
    def by_lower_name(self) -> Mapping[str, SkuScope]:
        """The scopes by SKU name in lower case."""
        return {name.lower(): scope for name, scope in self.skus.items()}

    def external_publisher(self, form: str, name: str, version: str | None) -> str | None:
        """Return who serves a model of this format and name on its own infrastructure, or None."""
        form, name = form.lower(), name.lower()
        for override in self.model_overrides:
            prefix, hosted = override.name_prefix, override.unless_version
            matches = form == override.format or (prefix is not None and name.startswith(prefix))
            if matches and (hosted is None or version != hosted):
                return override.publisher
        return None


class DataZone(_Part):
    """A data zone.

    `regions` are those whose accounts can have DataZone deployments, `geographies` those that lie
    inside the zone's boundary.
    """

    name: Text
    regions: frozenset[Text]
    geographies: frozenset[Text]

    @cached_property
    def boundary(self) -> frozenset[str]:
        """The geographies inside, by their normalised names."""
        return frozenset(map(normalised, self.geographies))


class DataZones(Table):
    """Microsoft's data zones by their names in policy: us, eu, apac, usgov."""

    zones: Mapping[Text, DataZone]

    def zone_of(self, location: str) -> str | None:
        """Return the zone that processes DataZone deployments of an account there, or None."""
        key = normalised(location)
        return next((zone for zone, members in self.zones.items() if key in members.regions), None)


class Region(_Part):
    """An Azure region: display name, Azure geography, country, and whether that is an EU member."""

    name: Text
    geography: Text
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    eu_member: bool


class Regions(Table):
    """Azure regions by programmatic name."""

    regions: Mapping[Text, Region]

    @cached_property
    def geographies(self) -> Mapping[str, str]:
        """Display names of the geographies by their normalised names."""
        return {normalised(each.geography): each.geography for each in self.regions.values()}

    @cached_property
    def eu_geographies(self) -> frozenset[str]:
        """The geographies (normalised) every region of which lies in an EU member state."""
        all_regions = self.regions.values()
        outside = {normalised(each.geography) for each in all_regions if not each.eu_member}
        return frozenset(self.geographies.keys() - outside)

    def find(self, location: str) -> Region | None:
        """Return the region that a location names in any spelling; None: not in the table."""
        return self.regions.get(normalised(location))


class ScannedPath(_Part):
    """Two registries, the model's and its template's, whose runtimes Microsoft builds and scans."""

    model_registry: Text
    template_registry: Text


class ScannedModels(Table):
    """Which catalog models run in containers that Microsoft scanned; the rest counts as unscanned.

    The mappings are from registries to patterns of model names. `platform_scanned_skus` are the
    SKUs of managed compute that run on Microsoft's own runtimes, `never` the registries of which it
    is known that nothing is scanned, with the reason.
    """

    sold_by_azure: Mapping[Text, tuple[Text, ...]]
    platform_scanned_skus: frozenset[Text]
    platform_scanned_paths: tuple[ScannedPath, ...]
    partners_and_community: Mapping[Text, tuple[Text, ...]]
    never: Mapping[Text, Text]


class RestrictableKinds(Table):
    """Services whose outbound access an account can restrict, with the kinds of their accounts."""

    services: Mapping[Text, tuple[Text, ...]]

    @cached_property
    def lower_kinds(self) -> frozenset[str]:
        """The kinds of all of them in lower case."""
        return frozenset(kind.lower() for kinds in self.services.values() for kind in kinds)


class Publishers(Table):
    """Who publishes the models of each registry, and who sells models in the Marketplace.

    `registries`: by registry, patterns of model names with the publisher; `without_offer`: who
    sells nothing in the Marketplace, with the reason; `partners`: who does.
    """

    registries: Mapping[LowerText, Mapping[LowerText, Text]]
    without_offer: Mapping[Text, Text]
    partners: tuple[Text, ...]


T = TypeVar("T", bound=Table)


def parse_table(name: str, text: str, model: type[T]) -> T:
    """Read a table from its JSON text.

    Raises:
        BrokenTableError: it is no JSON, or a field is missing, unknown or wrong.
    """
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}"
            for fault in error.errors()
        )
        raise BrokenTableError(f"{FOLDER}/{name}.json: {faults}") from error


def _load(name: str, model: type[T]) -> T:
    """Read one of our own tables."""
    file = resources.files("shared.domain").joinpath("data", f"{name}.json")
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, KeyError) as error:
        # A zip archive raises KeyError for a file that it does not hold.
        raise BrokenTableError(f"{FOLDER}/{name}.json: cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise BrokenTableError(f"{FOLDER}/{name}.json: is not UTF-8 text") from error
    return parse_table(name, text, model)


@cache
def sku_scopes() -> SkuScopes:
    """Return the table of deployment SKUs."""
    return _load("sku_scopes", SkuScopes)


@cache
def data_zones() -> DataZones:
    """Return the table of data zones."""
    return _load("data_zones", DataZones)


@cache
def regions() -> Regions:
    """Return the table of Azure regions."""
    return _load("regions", Regions)


@cache
def scanned_models() -> ScannedModels:
    """Return the table of models in scanned containers."""
    return _load("scanned_models", ScannedModels)


@cache
def restrictable_kinds() -> RestrictableKinds:
    """Return the table of kinds of accounts whose outbound access can be restricted."""
    return _load("restrictable_kinds", RestrictableKinds)


@cache
def publishers() -> Publishers:
    """Return the table of publishers of models."""
    return _load("publishers", Publishers)


TABLES: Mapping[str, Callable[[], Table]] = {
    "data_zones": data_zones,
    "publishers": publishers,
    "regions": regions,
    "restrictable_kinds": restrictable_kinds,
    "scanned_models": scanned_models,
    "sku_scopes": sku_scopes,
}
"""Every table by the name that monitors and findings use; its file is named alike."""


@cache
def _version(name: str) -> str:
    """Return the date of a table; every finding carries some."""
    return TABLES[name]().as_of.isoformat()


def table_versions(names: Iterable[str]) -> dict[str, str]:
    """Return the dates of these tables, as findings carry them.

    Raises:
        BrokenTableError: there is no table of such a name.
    """
    versions = {}
    for name in names:
        if name not in TABLES:
            raise BrokenTableError(f"there is no table {name!r}; tables are {', '.join(TABLES)}")
        versions[name] = _version(name)
    return versions
