"""One question to ARM, asked with the API version that is answered."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from shared.adapters.azure.arm.api_versions import ApiVersions, is_preview_only
from shared.adapters.azure.arm.client import ArmClient, Page
from shared.adapters.azure.arm.problems import ArmError
from shared.adapters.azure.arm.sources import Way
from shared.adapters.error_text import short
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem
from shared.domain.verdict import Cause
from shared.ports import Clock, Pace

_REFUSALS = frozenset(
    {
        "apiversionnotsupported",
        "invalidapiversion",
        "invalidapiversionparameter",
        "invalidresourcetype",
        "noregisteredproviderfound",
        "unsupportedapiversion",
    }
)
"""Error codes (lower case) that mean the version, not the resource."""
_ABSENCES = frozenset(
    {
        "notfound",
        "parentresourcenotfound",
        "resourcegroupnotfound",
        "resourcenotfound",
    }
)
"""Codes (lower case) of a 404 that means the resource; a proxy's 404 has none of them."""
_UNSEEN = "subscriptionnotfound"
"""The code (lower case) with which ARM hides a subscription: no proof that anything is gone."""
_IN_A_PATH = "/:@!$&'()*+,;="
"""What stands for itself in a path beside letters and digits (RFC 3986)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What ARM said: items, and the problem that ended it early if there was one.

    `began_at` is when the first request was sent. `absent`: ARM says that what was asked about, or
    what it lies in, does not exist; the problem words it.
    """

    began_at: datetime
    items: tuple[Mapping[str, object], ...] = ()
    api_version: str | None = None
    problem: Problem | None = None
    absent: bool = False


def is_version_refused(error: ArmError) -> bool:
    """Whether ARM refuses the API version, and another may be answered."""
    return error.status in {400, 404, 409} and (error.code or "").lower() in _REFUSALS


def is_absent(error: ArmError) -> bool:
    """Whether ARM says that the resource, or what it lies in, does not exist."""
    return error.status == 404 and (error.code or "").lower() in _ABSENCES  # noqa: PLR2004 - Not Found


def is_unregistered(error: ArmError) -> bool:
    """Whether the subscription does not use the provider, so that it has no resource of it.

    A provider cannot be unregistered while it has resources: "Azure resource providers and types",
    Microsoft Learn.
    """
    return (error.code or "").lower() == "missingsubscriptionregistration"


def is_unseen(error: ArmError) -> bool:
    """Whether ARM does not know the subscription, or does not show it to this identity."""
    return (error.code or "").lower() == _UNSEEN


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks ARM on behalf of one who waits at a pace."""

    client: ArmClient
    versions: ApiVersions
    clock: Clock
    pace: Pace

    async def ask(self, way: Way, target: ResourceId, named: str = "") -> Answer:
        """Read one resource or a whole list; `target` fills `{root}` and, unnamed, `{each}`.

        Never raises: what goes wrong is a problem of the answer.
        """
        if way.single:
            return await self._get(way, target)
        began_at, answered, failure = self.clock.now(), None, None
        # By id: a list that repeats itself for ever must not fill the memory.
        found: dict[str | int, Mapping[str, object]] = {}
        try:
            async for page, version in self.pages(way, target, named):
                if answered is None:
                    began_at, answered = page.began_at, version
                for item in page.items:
                    name = item.get("id")
                    found[name.lower() if isinstance(name, str) else len(found)] = item
        except ArmError as error:
            failure = None if is_unregistered(error) else error
        items = tuple(found.values())
        if failure is None:
            return Answer(began_at, items, answered)
        return Answer(began_at, items, answered, failure.problem, is_absent(failure))

    async def pages(
        self, way: Way, target: ResourceId, named: str = ""
    ) -> AsyncIterator[tuple[Page, str]]:
        """Go through the pages of a list, with the API version that was answered.

        Raises:
            ArmError: a page could not be read; those before it were given.
        """
        refusal: ArmError | None = None
        for version in self.versions.to_try(way.version_key, target):
            answered = False
            try:
                async for page in self.client.pages(
                    path_of(way, target, named), version, permission=way.permission, pace=self.pace
                ):
                    answered = True
                    yield page, version
            except ArmError as error:
                if answered or not is_version_refused(error):
                    raise
                self.versions.refuse(way.version_key, target, version)
                refusal = error
            else:
                return
        if refusal is not None and not is_preview_only(way.version_key):
            raise refusal

    async def _get(self, way: Way, target: ResourceId) -> Answer:
        """Read one resource."""
        began_at, problem = self.clock.now(), None
        for version in self.versions.to_try(way.version_key, target):
            try:
                body, began_at = await self.client.get(
                    path_of(way, target), version, permission=way.permission, pace=self.pace
                )
            except ArmError as error:
                if not is_version_refused(error):
                    return Answer(began_at, (), version, error.problem, is_absent(error))
                self.versions.refuse(way.version_key, target, version)
                problem = error.problem
            else:
                return Answer(began_at, (body,), version)
        # A type that exists in previews alone, where there are none, has no resources.
        return Answer(began_at, problem=None if is_preview_only(way.version_key) else problem)


def path_of(way: Way, target: ResourceId, named: str = "") -> str:
    """Return the path of a read, quoted: an id can come from a property that a person wrote.

    Raises:
        ArmError: it holds half a surrogate pair, which no request can.
    """
    path = way.path.format(root=target.text, each=named or target.text)
    try:
        return quote(path, safe=_IN_A_PATH)
    except UnicodeEncodeError:
        raise ArmError(unreadable(f"{short(path)!r} is no path in ARM")) from None


def unreadable(detail: str) -> Problem:
    """Return the problem of what ARM did not give, for no reason that will pass."""
    return Problem(Cause.UNREADABLE, detail)
