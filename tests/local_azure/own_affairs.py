"""What ARM tells of itself: what the caller may do, and which API versions a provider has.

Sources: "Permissions - List For Subscription" and "Providers - Get", Azure REST API reference.
"""

import re
from dataclasses import dataclass, field
from typing import Final

import orjson

from shared.adapters.azure.arm.api_versions import PREVIEW_FIRST, PREVIEW_ONLY, STABLE
from shared.adapters.azure.arm.role import ACTIONS
from shared.adapters.azure.arm.sources import every_way
from tests.local_azure.estate import Estate
from tests.local_azure.exchange import Answer, Asked, error
from tests.local_azure.faults import Fault
from tests.local_azure.identity import CLIENT, PRINCIPAL
from tests.local_azure.permissions import Permissions

PERMISSIONS_READ: Final = "Microsoft.Authorization/permissions/read"
PROVIDERS_READ: Final = "Microsoft.Resources/subscriptions/providers/read"
_PATH: Final = re.compile(
    r"/subscriptions/([^/]+)/providers/(microsoft\.authorization/permissions|[^/]+)", re.IGNORECASE
)


@dataclass(slots=True)
class OwnAffairs:
    """Answers from what is granted; `unregistered` are providers, `versions` those of types.

    Both are in lower case. Of a type that `versions` does not name a provider has all that the
    product wants of it.
    """

    audience: str
    estate: Estate
    permissions: Permissions
    unregistered: set[str] = field(default_factory=set)
    versions: dict[str, list[str]] = field(default_factory=dict)

    def answers(self, asked: Asked) -> bool:
        """Whether the path is one of these."""
        return _PATH.fullmatch(asked.path) is not None

    def answer(self, asked: Asked, fault: Fault | None) -> Answer:  # noqa: ARG002 - none is about these
        """Answer a read, where the caller may."""
        found = _PATH.fullmatch(asked.path)
        assert found is not None
        subscription, name = found.groups()
        scope = f"/subscriptions/{subscription}"
        if not self.estate.exists(scope.lower()):
            text = f"The subscription '{subscription}' could not be found."
            return error(404, "SubscriptionNotFound", text)
        is_permissions = name.lower().endswith("/permissions")
        action = PERMISSIONS_READ if is_permissions else PROVIDERS_READ
        if not self.permissions.allows(action, scope):
            text = (
                f"The client '{CLIENT}' with object id '{PRINCIPAL}' does not have authorization "
                f"to perform action '{action}' over scope '{scope}' or the scope is invalid."
            )
            return error(403, "AuthorizationFailed", text)
        return Answer(body=orjson.dumps(self._grants(scope) if is_permissions else self._of(name)))

    def _grants(self, scope: str) -> dict[str, object]:
        """Return the grants as two assignments: all reads, less what is refused; and a write."""
        refused = [each for each in ACTIONS if not self.permissions.allows(each, scope)]
        reader = {"actions": ["*/read"], "notActions": refused}
        writer = {"actions": ["Microsoft.Support/*"], "notActions": []}
        return {"value": [{**each, "dataActions": []} for each in (reader, writer)]}

    def _of(self, provider: str) -> dict[str, object]:
        """Return a provider with its types."""
        kinds = {way.type for way in every_way() if way.type.partition("/")[0] == provider}
        types = [
            {
                "resourceType": kind.partition("/")[2],
                "locations": ["Sweden Central"],
                "apiVersions": self.versions.get(kind.lower(), _all_wanted(kind)),
            }
            for kind in sorted(kinds)
        ]
        state = "NotRegistered" if provider.lower() in self.unregistered else "Registered"
        return {"namespace": provider, "registrationState": state, "resourceTypes": types}


def _all_wanted(kind: str) -> list[str]:
    keys = [kind, f"{kind} (preview)"]
    previews = [
        each for key in keys for each in (*PREVIEW_FIRST.get(key, ()), *PREVIEW_ONLY.get(key, ()))
    ]
    return [*STABLE[kind.partition("/")[0]], *previews]
