"""Which of the API versions that sources are read with a subscription's providers offer.

Source of the answer: "Providers - Get", Azure REST API reference.
"""

import asyncio
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.adapters.azure.arm.api_versions import RESOURCE_GRAPH, ApiVersions, is_preview_only
from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.problems import ArmError
from shared.adapters.azure.arm.sources import every_way
from shared.adapters.azure.checks.asking import parts, text, texts, untold
from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health
from shared.domain.topology import COGNITIVE_SERVICES, MACHINE_LEARNING

NAME: Final = "api_versions"
WHY: Final = "An older version shows fewer properties: controls that need them are unknown."
PERMISSION: Final = "Microsoft.Resources/subscriptions/providers/read"
_VERSION: Final = "2021-04-01"
_REGISTERED: Final = frozenset({"registered", "registering"})
_OURS: Final = frozenset({COGNITIVE_SERVICES, MACHINE_LEARNING})
"""Where these are not registered there is nothing to watch, and nothing wrong."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Compares what providers offer with what is wanted; `app` names the function app's options."""

    arm: ArmClient
    wanted: ApiVersions
    app: str

    async def ask(self, subscription: str) -> Sequence[Diagnosis]:
        """Tell what is not offered, for each key of the table of versions."""
        keys = {way.version_key: way.type for way in every_way()}
        keys[RESOURCE_GRAPH] = RESOURCE_GRAPH
        providers = sorted({each.partition("/")[0] for each in keys.values()})
        found = await asyncio.gather(*(self._of(subscription, each, keys) for each in providers))
        told = [diagnosis for each in found for diagnosis in each]
        if told:
            return told
        said = f"The first choice of every type is offered, by {len(providers)} providers."
        return [Diagnosis(f"{NAME}.{subscription}", Health.OK, said)]

    async def _of(
        self, subscription: str, provider: str, keys: Mapping[str, str]
    ) -> list[Diagnosis]:
        """Tell what is wrong with one provider."""
        name = f"{NAME}.{subscription}"
        path = f"/subscriptions/{subscription}/providers/{provider}"
        try:
            body, _ = await self.arm.get(path, _VERSION, permission=PERMISSION)
        except ArmError as error:
            return [untold(name, error, subscription, WHY)]
        state = text(body, "registrationState")
        if state.lower() not in _REGISTERED:
            return [] if provider in _OURS else [_unregistered(name, provider, state, subscription)]
        offered = {
            f"{provider}/{text(each, 'resourceType')}".lower(): texts(each, "apiVersions")
            for each in parts(body, "resourceTypes")
        }
        told = [
            self._compared(name, key, offers)
            for key, kind in sorted(keys.items())
            if kind.partition("/")[0] == provider and (offers := _offers(kind, offered))
        ]
        return [each for each in told if each is not None]

    def _compared(self, name: str, key: str, offered: Sequence[str]) -> Diagnosis | None:
        """Tell what is wrong with the versions of one key; None: the first choice is offered."""
        wanted = self.wanted.wanted(key)
        if wanted[0] in offered:
            return None
        second = next((each for each in wanted if each in offered), None)
        newest = _newest(offered, preview=is_preview_only(key))
        if newest in {None, second}:
            remedy = "Nothing until Azure offers it; a newer version of the monitor may do without."
            provider = key.partition("/")[0]
            command = (
                f"az provider show --namespace {provider}"
                ' --query "resourceTypes[].{type: resourceType, versions: apiVersions}"'
            )
        else:
            remedy = f"Try the newest that is offered, {newest}, or a newer version of the monitor."
            setting = shlex.quote(f'COMPLIANCE_API_VERSIONS={{"{key}": "{newest}"}}')
            command = f"az functionapp config appsettings set {self.app} --settings {setting}"
        if second is None and not is_preview_only(key):
            said = f"{key}: none of {', '.join(wanted)} is offered, so it cannot be read."
            return Diagnosis(name, Health.FAULT, said, WHY, remedy, command)
        instead = f"it is read with {second}" if second else "there is none of it here"
        said = f"{key}: {wanted[0]} is not offered; {instead}."
        return Diagnosis(name, Health.WARN, said, WHY, remedy, command)


def _newest(offered: Sequence[str], *, preview: bool) -> str | None:
    """Return the newest stable version that is offered, or the newest preview."""
    return max((each for each in offered if ("preview" in each) is preview), default=None)


def _offers(kind: str, offered: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Return what is offered of a type; providers do not list each child type by itself."""
    named = kind.lower()
    while "/" in named:
        if offered.get(named):
            return offered[named]
        named = named.rpartition("/")[0]
    return ()


def _unregistered(name: str, provider: str, state: str, subscription: str) -> Diagnosis:
    return Diagnosis(
        name,
        Health.WARN,
        f"{provider} is not registered ({state or 'no state is told'}).",
        "ARM does not answer what is asked of a provider that is not registered.",
        "Register it; that costs nothing.",
        f"az provider register --namespace {provider} --subscription {subscription}",
    )
