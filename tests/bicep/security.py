"""What no part of the deployment may be: open, unencrypted, or opened by a key."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.bicep.source import BicepFile, walk
from tests.bicep.values import Many, OneOf, value_of

KEYED = frozenset({"dead_letters.bicep"})
"""Where shared keys stay on; the file says why."""
ROLES: Mapping[str, str] = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "974c5e8b-45b9-4653-ba55-5f855dd0fe88": "Storage Queue Data Contributor",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "3b03c2da-16b3-4a49-8834-0f8130efdd3b": "Log Analytics Data Reader",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
}
"""Microsoft's roles that are assigned; docs/permissions.md says why each is needed."""
EVENT_GRID_VALUES = 25
"""So many values all filters of an event subscription may have."""

_SECRET = re.compile(
    r"\blist(?:Keys|Secrets|AccountSas|ServiceSas|Credentials)?\s*\(|AccountKey=|[?&]sig=|"
    r"SharedAccess|storageAccountConnectionString|connectionStrings\b",
    re.IGNORECASE,
)
# What a Flex Consumption app must not be set to: it says these in other places, or not at all
# ("Flex Consumption plan deprecations", App settings reference for Azure Functions).
_NOT_ON_FLEX = re.compile(
    r"\b(FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|WEBSITE_RUN_FROM_PACKAGE|"
    r"WEBSITE_CONTENT\w+|ENABLE_ORYX_BUILD|SCM_DO_BUILD_DURING_DEPLOYMENT|linuxFxVersion|alwaysOn|"
    r"AzureWebJobsStorage\s*:)"
)
_TOLD = re.compile(r"secret|password|connectionstring|accountkey|\.keys?\b", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ABSENT = object()


def problems_of(file: BicepFile) -> list[str]:
    """Return what is not safe in a file."""
    found = [f"{match[0]}: keys and secrets are not read" for match in _SECRET.finditer(file.text)]
    found += [f"{match[1]} is not for Flex" for match in _NOT_ON_FLEX.finditer(file.text)]
    found += [f"{name} tells a secret" for name in file.outputs if _tells(file, name)]
    found += [
        f"{guid} is no role that was agreed on"
        for guid in _GUID.findall(file.text)
        if guid not in ROLES
    ]
    for resource in file.resources:
        check = _CHECKS.get(resource.target.partition("@")[0])
        if check is not None and not resource.existing and resource.body is not None:
            value = value_of(file, resource.body)
            assert isinstance(value, dict)
            found += [f"{resource.symbol}: {problem}" for problem in check(file, value)]
    return found


def _tells(file: BicepFile, output: str) -> bool:
    """Whether an output hands on what is secret.

    The connection string of Application Insights is none where local authentication is off.
    """
    said = "".join(node.text.decode() for node in walk(file.outputs[output]) if node.text)
    safe = ".properties.ConnectionString" in said and "DisableLocalAuth: true" in file.text
    return not safe and bool(_TOLD.search(said))


def at(value: object, path: str) -> Any:  # noqa: ANN401 - any value
    """Return what stands at a path of an object."""
    for step in path.split("."):
        value = value.get(step, _ABSENT) if isinstance(value, Mapping) else _ABSENT
    return value


def _want(value: object, wanted: Mapping[str, object]) -> Iterator[str]:
    for path, expected in wanted.items():
        found = at(value, path)
        if type(found) is not type(expected) or found != expected:
            shown = "nothing" if found is _ABSENT else repr(found)
            yield f"{path} is {shown}, not {expected!r}"


def _storage(file: BicepFile, value: object) -> Iterator[str]:
    yield from _want(
        value,
        {
            "properties.allowBlobPublicAccess": False,
            "properties.allowSharedKeyAccess": file.path.name in KEYED,
            "properties.minimumTlsVersion": "TLS1_2",
            "properties.supportsHttpsTrafficOnly": True,
        },
    )


def _container(_file: BicepFile, value: object) -> Iterator[str]:
    yield from _want(value, {"properties.publicAccess": "None"})


def _site(_file: BicepFile, value: object) -> Iterator[str]:
    yield from _want(
        value,
        {
            "identity.type": "UserAssigned",
            "properties.httpsOnly": True,
            "properties.siteConfig.minTlsVersion": "1.2",
            "properties.siteConfig.scmMinTlsVersion": "1.2",
            "properties.siteConfig.ftpsState": "Disabled",
            "properties.siteConfig.ipSecurityRestrictionsDefaultAction": "Deny",
            "properties.functionAppConfig.deployment.storage.authentication.type": (
                "UserAssignedIdentity"
            ),
        },
    )
    let_in = list(_items(at(value, "properties.siteConfig.ipSecurityRestrictions")))
    if not any(each.get("ipAddress") == "AzureEventGrid" for each in let_in):
        yield "Event Grid is not let in"
    for each in let_in:
        address = each.get("ipAddress")
        if address in {"Any", "0.0.0.0/0"} or (isinstance(address, str) and "tag" not in each):
            yield f"{address} is let in"


def _items(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, Mapping):
        yield value
    elif isinstance(value, Many):
        yield from _items(value.item)
    elif isinstance(value, OneOf | list):
        for each in value.values if isinstance(value, OneOf) else value:
            yield from _items(each)


def _publishing(_file: BicepFile, value: object) -> Iterator[str]:
    yield from _want(value, {"properties.allow": False})


def _event_subscription(_file: BicepFile, value: object) -> Iterator[str]:
    yield from _want(
        value,
        {
            "properties.deadLetterDestination.endpointType": "StorageBlob",
            "properties.destination.endpointType": "AzureFunction",
            "properties.retryPolicy.maxDeliveryAttempts": 30,
            "properties.retryPolicy.eventTimeToLiveInMinutes": 1440,
        },
    )
    filters = list(_items(at(value, "properties.filter.advancedFilters")))
    lists = [one.get("values") for one in filters]
    values = [each for one in lists if isinstance(one, list) for each in one]
    if not values:
        yield "nothing is filtered"
    if len(values) > EVENT_GRID_VALUES:
        yield f"{len(values)} values are more than {EVENT_GRID_VALUES}"


def _insights(_file: BicepFile, value: object) -> Iterator[str]:
    yield from _want(value, {"properties.DisableLocalAuth": True})


def _workspace(_file: BicepFile, value: object) -> Iterator[str]:
    yield from _want(value, {"properties.features.disableLocalAuth": True})


def _vault(_file: BicepFile, value: object) -> Iterator[str]:
    yield from _want(
        value,
        {
            "properties.enableRbacAuthorization": True,
            "properties.enableSoftDelete": True,
            "properties.enablePurgeProtection": True,
        },
    )


def _role(_file: BicepFile, value: object) -> Iterator[str]:
    for each in _items(at(value, "properties.permissions")):
        actions = each.get("actions")
        if not isinstance(actions, list) or not actions:
            yield "its actions are not known"
        elif wide := [name for name in actions if "*" in name or not name.endswith("/read")]:
            yield f"{wide} do more than read"
        if each.get("dataActions") != []:
            yield "it reads data"


_CHECKS: Mapping[str, Callable[[BicepFile, object], Iterator[str]]] = {
    "Microsoft.Authorization/roleDefinitions": _role,
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": _event_subscription,
    "Microsoft.Insights/components": _insights,
    "Microsoft.KeyVault/vaults": _vault,
    "Microsoft.OperationalInsights/workspaces": _workspace,
    "Microsoft.Storage/storageAccounts": _storage,
    "Microsoft.Storage/storageAccounts/blobServices/containers": _container,
    "Microsoft.Web/sites": _site,
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": _publishing,
}
