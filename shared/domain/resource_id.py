"""ARM resource ids: parsing, comparing without regard to case, parents and roots.

Azure spells one id in several ways (`resourcegroups`, `RESOURCEGROUPS`, an upper-case provider), so
an id is compared by `key` and shown by `text`.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

MAX_LENGTH = 2048
"""Longer texts are refused: no ARM id comes near it."""

_OF_SUBSCRIPTION = frozenset(
    {
        "microsoft.features/providers",
        "microsoft.features/featureproviders",
        "microsoft.security/pricings",
        "microsoft.cognitiveservices/locations",
    }
)
"""What comes first below a provider (lower case) in what is a subscription's own."""
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class MalformedResourceIdError(ValueError):
    """The text is no ARM resource id; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True, eq=False)
class ResourceId:
    """An ARM id of a subscription, or of a resource (an extension resource included).

    `text` is the spelling it came in, `key` the lower-case form that is compared and stored.
    `segments` are the (type, name) pairs below the provider; for an extension resource, of the
    resource that it extends. `extension` is the type of the outermost extension
    (`Microsoft.Insights/diagnosticSettings`), or empty.
    """

    text: str
    key: str
    subscription: str
    resource_group: str
    provider: str
    segments: tuple[tuple[str, str], ...]
    extension: str = ""
    type: str = field(init=False)
    """Full type in the spelling it came in: `Microsoft.CognitiveServices/accounts/deployments`."""

    def __post_init__(self) -> None:
        """Derive the type once; it is asked for at every step."""
        parts = "/".join([kind for kind, _ in self.segments])
        own = self.extension or (f"{self.provider}/{parts}" if parts else "")
        object.__setattr__(self, "type", own or "Microsoft.Resources/subscriptions")

    def __eq__(self, other: object) -> bool:
        """Two spellings of one id are equal."""
        return isinstance(other, ResourceId) and self.key == other.key

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self.key)

    def __str__(self) -> str:
        """Return the spelling it came in."""
        return self.text

    @staticmethod
    def parse(text: object) -> "ResourceId":
        """Read `/subscriptions/<s>[/resourceGroups/<g>]/providers/<ns>/<type>/<name>…`.

        Raises:
            MalformedResourceIdError: it is no text, has no such form, or holds control characters.
        """
        if not isinstance(text, str):
            msg = f"a resource id must be text, not {type(text).__name__}"
            raise MalformedResourceIdError(msg)
        if len(text) > MAX_LENGTH:
            msg = f"longer than {MAX_LENGTH} characters"
            raise MalformedResourceIdError(msg)
        return _parsed(text)

    @property
    def name(self) -> str:
        """The last segment."""
        return self.text.rpartition("/")[2]

    @property
    def root(self) -> "ResourceId":
        """The top-level resource that this one lies under; a subscription is its own root.

        A preview feature, a Defender plan and the models of a location belong to their
        subscription.
        """
        if not self.resource_group and self.segments and self._first_type in _OF_SUBSCRIPTION:
            return self.ancestor(0)
        return self if len(self.segments) <= 1 and not self.extension else self.ancestor(1)

    @property
    def _first_type(self) -> str:
        """The type (lower case) right below the provider."""
        return f"{self.provider}/{self.segments[0][0]}".lower()

    @property
    def parent(self) -> "ResourceId":
        """The resource one level up: the extended resource for an extension."""
        if self.extension:
            return self.ancestor(len(self.segments))
        return self.ancestor(max(len(self.segments) - 1, 0))

    def ancestor(self, depth: int) -> "ResourceId":
        """Return what the first `depth` (type, name) pairs name; 0 is the subscription."""
        if depth == len(self.segments) and not self.extension:
            return self
        scope = 5 if self.resource_group else 3
        end = 3 if depth == 0 else scope + 2 + 2 * depth
        text = "/".join(self.text.split("/", end)[:end])
        group, provider = (self.resource_group, self.provider) if depth else ("", "")
        return ResourceId(
            text, text.lower(), self.subscription, group, provider, self.segments[:depth]
        )

    def is_within(self, other: "ResourceId") -> bool:
        """Whether this is `other` or lies below it."""
        return self.key == other.key or self.key.startswith(other.key + "/")


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ResourceId:
    """Read an id; a look asks for those of its root and children several times."""
    if _UNPRINTABLE.search(text):
        msg = "holds control characters"
        raise MalformedResourceIdError(msg)
    clean = text.strip().rstrip("/")
    parts = clean.split("/")
    if len(parts) < 3 or parts[0] or parts[1].lower() != "subscriptions":  # noqa: PLR2004 - the shape of an id
        msg = "does not begin with /subscriptions/<id>"
        raise MalformedResourceIdError(msg)
    if not all(map(str.strip, parts[1:])):
        msg = "has an empty segment"
        raise MalformedResourceIdError(msg)
    group, provider, segments, extension = _below_subscription(parts[3:])
    return ResourceId(clean, clean.lower(), parts[2].lower(), group, provider, segments, extension)


def _below_subscription(parts: list[str]) -> tuple[str, str, tuple[tuple[str, str], ...], str]:
    """Split the rest into group, provider, (type, name) pairs and extension type."""
    group = ""
    if parts and parts[0].lower() == "resourcegroups":
        if len(parts) < 2:  # noqa: PLR2004 - keyword and name
            msg = "names no resource group"
            raise MalformedResourceIdError(msg)
        group, parts = parts[1], parts[2:]
    if not parts:
        if group:
            msg = "names a resource group, not a resource"
            raise MalformedResourceIdError(msg)
        return group, "", (), ""
    providers = [at for at in range(0, len(parts), 2) if parts[at].lower() == "providers"]
    if not providers or providers[0] != 0:
        msg = "has no /providers/ segment where one belongs"
        raise MalformedResourceIdError(msg)
    if len(providers) > 1 and providers[1] == 2:  # noqa: PLR2004 - right behind the namespace
        # Preview features have `providers` as a type: /providers/Microsoft.Features/providers/…
        del providers[1]
    provider, segments = _provider_part(parts[: providers[1]] if len(providers) > 1 else parts)
    extension = ""
    if len(providers) > 1:
        outer, pairs = _provider_part(parts[providers[-1] :])
        extension = "/".join([outer, *(kind for kind, _ in pairs)])
    return group, provider, segments, extension


def _provider_part(parts: list[str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Read `providers/<namespace>/<type>/<name>[/<type>/<name>…]`."""
    if len(parts) < 4 or len(parts) % 2:  # noqa: PLR2004 - keyword, namespace and one pair
        msg = "does not alternate types and names after the provider"
        raise MalformedResourceIdError(msg)
    return parts[1], tuple(zip(parts[2::2], parts[3::2], strict=True))
