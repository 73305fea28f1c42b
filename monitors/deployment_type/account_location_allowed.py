"""An account, workspace or registry must keep its data in an allowed geography."""

from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator

from shared.domain.bare_answer import refuse_bare
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.listing import listed
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.tables import normalised, regions
from shared.domain.topology import ResourceType, resource_type, source_of
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    not_applicable,
    passed,
)


def _geography(name: str) -> str:
    """Return an entry without blanks around it; refuse what is no geography."""
    entry = name.strip()
    if normalised(entry) not in regions().geographies:
        known = ", ".join(sorted(regions().geographies.values()))
        region = regions().find(entry)
        hint = f" (the region {region.name} is in {region.geography})" if region else ""
        raise ValueError(f"{name!r} is no geography{hint}; the geographies are {known}")
    return entry


class GeographyParameters(Parameters):
    """Where data may be kept."""

    allowed: tuple[Annotated[str, AfterValidator(_geography)], ...] = ()
    """Azure geographies, such as Sweden, Europe (the Netherlands and Ireland) or United States, in
    any case; spaces, dashes and underscores do not count. Empty: the control does not apply."""

    @cached_property
    def names(self) -> frozenset[str]:
        """The allowed geographies as they are compared."""
        return frozenset(map(normalised, self.allowed))

    @cached_property
    def words(self) -> str:
        """What is wanted, for evidence."""
        return f"in one of: {', '.join(self.allowed)}"


LISTS = {
    ResourceType.ACCOUNT: ("properties.locations.regions", "name"),
    ResourceType.REGISTRY: ("properties.regionDetails", "location"),
}
"""Where a type lists further regions, and what an entry calls the region."""


def evaluate(resource: Resource, _snapshot: Snapshot, parameters: GeographyParameters) -> Judgement:
    """Judge one account, workspace or registry."""
    if not parameters.allowed:
        return not_applicable("The policy names no allowed geographies.")
    kind = resource_type(resource.id.type)
    source = source_of(resource.id.type) or resource.id.type
    home = resource.text("location")
    places, note = [home.value] if home.value else [], ""
    evidence = [home.evidence(source, parameters.words)]
    if kind in LISTS:
        path, key = LISTS[kind]
        further = resource.list(path)
        more, note = [_named(entry, key) for entry in further.value or ()], further.wrong
        places += more
        observed = further.observed if further.value is None else more
        evidence.append(Evidence(source, f"{path}[].{key}", parameters.words, observed))
    faults = [fault for place in places if (fault := _fault(place, parameters))]
    if faults:
        return failed(
            f"Data is kept outside the allowed geographies ({listed(parameters.allowed)}): in "
            f"{listed(faults)}.",
            *evidence,
        )
    if not home.value:
        message = f"the resource states no location{home.wrong}"
        raise UndecidableError(Cause.UNDETERMINED, message)
    if kind in LISTS:
        refuse_bare(resource)
    return passed(f"Data is kept in allowed geographies: in {listed(places)}{note}.", *evidence)


def _named(entry: object, key: str) -> str:
    """Return the region that an entry of a list names, or nothing."""
    name = entry.get(key) if isinstance(entry, dict) else None
    return name if isinstance(name, str) else ""


def _fault(place: str, parameters: GeographyParameters) -> str:
    """Say what is wrong with a place, or nothing."""
    if not place.strip():
        return "a region without a name"
    region = regions().find(place)
    if region is None:
        return f"{place} (not in the table of regions of {regions().as_of})"
    if normalised(region.geography) in parameters.names:
        return ""
    return f"{place} ({region.geography})"


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Data at rest stays in the allowed geographies.",
        why=(
            "What an account, a workspace or a registry stores (files, threads, fine-tuned models, "
            "prompts kept for abuse review) stays in the Azure geography of its location; an "
            "account or a registry of several regions stores in each of them. The location is "
            "chosen once and cannot be changed, so a resource in the wrong country has to be moved "
            "with its data, and law may already be broken."
        ),
        fails_when=(
            "location, or a name in locations.regions of an account, or a location in "
            "regionDetails of a registry, is in a geography that is not in allowed, is global, or "
            "is not in the table of regions. With allowed empty the control does not apply."
        ),
        severity=Severity.CRITICAL,
        remediation=(
            (
                "Create a new one in an allowed geography, move data and callers, then delete this "
                "one: az resource delete --ids {id}"
            ),
            (
                "A deleted account is kept for 48 hours with its data; purge it: az "
                "cognitiveservices account purge --subscription {subscription} --resource-group "
                "{resource_group} --name {root} --location LOCATION"
            ),
            (
                "Where only a further region of an account is wrong, remove that: az resource "
                "update --ids {id} --remove properties.locations.regions INDEX"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/reliability/regions-list",
            "https://learn.microsoft.com/azure/ai-foundry/responsible-ai/openai/data-privacy",
            "https://learn.microsoft.com/azure/machine-learning/how-to-manage-registries",
        ),
        limits=(
            "Where prompts are processed is judged by processing_location_allowed.",
            "Storage, search and databases that a workspace or an agent uses are not judged here.",
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.ACCOUNT),
        AppliesTo(ResourceType.WORKSPACE),
        AppliesTo(ResourceType.REGISTRY),
    ),
    evaluate=evaluate,
    parameters=GeographyParameters(),
    since={ResourceType.ACCOUNT: "2022-12-01"},
    tables=("regions",),
)
