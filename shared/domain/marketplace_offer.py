"""Models that are bought in the Azure Marketplace, whose publishers are told who uses them.

Whether Azure sells a model itself is said of single models, so what no table knows counts as an
offer of the Marketplace.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache

from shared.domain.model_publisher import publisher_in
from shared.domain.tables import normalised, publishers, scanned_models


@lru_cache(maxsize=1024)
def why_without_offer(publisher: str, name: str) -> str | None:
    """Say why nobody buys a publisher's model of this name in the Marketplace; None: one does."""
    key = normalised(publisher)
    reason = _WITHOUT_OFFER.get(key)
    if reason is not None:
        return reason
    lower = name.lower()
    if any(fnmatchcase(lower, pattern) for pattern in _SOLD_BY_AZURE.get(key, ())):
        return "Azure sells this model itself"
    return None


def is_partner(publisher: str) -> bool:
    """Whether a publisher is known to sell models in the Marketplace."""
    return normalised(publisher) in _PARTNERS


def _sold_by_azure() -> Mapping[str, tuple[str, ...]]:
    """Return the patterns of models that Azure sells itself, by publisher."""
    patterns: dict[str, tuple[str, ...]] = {}
    for registry, names in scanned_models().sold_by_azure.items():
        for pattern in map(str.lower, names):
            key = normalised(publisher_in(registry.lower(), pattern))
            patterns[key] = (*patterns.get(key, ()), pattern)
    return patterns


_SOLD_BY_AZURE = _sold_by_azure()
_WITHOUT_OFFER = {normalised(who): why for who, why in publishers().without_offer.items()}
_PARTNERS = frozenset(map(normalised, publishers().partners))
