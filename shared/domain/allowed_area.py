"""The areas of processing that a policy allows, as it writes them.

An entry is an area (`region:swedencentral`, `zone:eu`), or one of two relative ones:
`same-geography` and `same-zone` mean those of the account's location.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from shared.domain.processing import EU_MEMBERS, GLOBAL, Home, ProcessingScope, ScopeKind
from shared.domain.tables import data_zones, normalised, regions


class Relative(StrEnum):
    """Entries that mean an area by where the account is."""

    SAME_GEOGRAPHY = "same-geography"
    SAME_ZONE = "same-zone"


FORMS = (
    "same-geography, same-zone, geography:<name>, region:<name>, zone:<us|eu|apac|usgov>, "
    "eu-members, global, external:<publisher>"
)
"""What an allowed entry may be, for messages."""

_PLAIN: dict[str, ProcessingScope | Relative] = {
    Relative.SAME_GEOGRAPHY: Relative.SAME_GEOGRAPHY,
    Relative.SAME_ZONE: Relative.SAME_ZONE,
    ScopeKind.EU_MEMBERS: EU_MEMBERS,
    ScopeKind.GLOBAL: GLOBAL,
}
_NAMED: dict[str, ScopeKind] = {
    kind: kind
    for kind in (ScopeKind.REGION, ScopeKind.GEOGRAPHY, ScopeKind.ZONE, ScopeKind.EXTERNAL)
}


@dataclass(frozen=True, slots=True)
class AllowedEntry:
    """One entry of a policy's allowed areas, as written and as meant."""

    text: str
    meaning: ProcessingScope | Relative

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an entry; case does not matter, nor do spaces, dashes and underscores in names.

        Raises:
            ValueError: it has none of the forms, or names no geography or zone that there is.
        """
        form, colon, name = text.partition(":")
        form, name = form.strip().lower(), normalised(name)
        if not colon and form in _PLAIN:
            return cls(text.strip(), _PLAIN[form])
        if not name.isalnum() or form not in _NAMED:
            raise ValueError(f"{text!r} is no area of processing; the forms are {FORMS}")
        if form == ScopeKind.GEOGRAPHY and name not in regions().geographies:
            known = ", ".join(sorted(regions().geographies.values()))
            raise ValueError(f"{text!r} names no geography; the geographies are {known}")
        if form == ScopeKind.ZONE and name not in data_zones().zones:
            known = ", ".join(data_zones().zones)
            raise ValueError(f"{text!r} names no data zone; the data zones are {known}")
        return cls(text.strip(), ProcessingScope(_NAMED[form], name))

    def resolve(self, home: Home | None) -> ProcessingScope | None:
        """Return the area that this means for an account there; None: it means none there."""
        if isinstance(self.meaning, ProcessingScope):
            return self.meaning
        if home is None:
            return None
        return home.geography if self.meaning is Relative.SAME_GEOGRAPHY else home.zone
