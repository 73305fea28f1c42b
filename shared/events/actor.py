"""Who made a change, as far as the claims of the caller's token and the `Caller` column tell.

The claims hold personal data (name, address, groups); only a name and two ids are kept.
"""

from shared.domain.change import Actor
from shared.events.fields import json_object, label

_SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_ENTRA = "http://schemas.microsoft.com/identity/claims/"

# Best first: the user principal name is unique in a tenant, a display name is not.
_UNIQUE_NAMES = (f"{_SOAP}upn", "upn", f"{_SOAP}name", "unique_name", "preferred_username")
_OBJECT_IDS = (f"{_ENTRA}objectidentifier", "oid")
_APP_IDS = ("appid", "azp")


def actor_of(claims: object, caller: object = None) -> Actor | None:
    """Return the actor, or None when nothing usable is said; odd claims are no error.

    `claims` is an object or its JSON text (the sample events of Event Grid and the `Claims` column
    of AzureActivity, Microsoft Learn); `caller` is a user principal name, or the id of a principal.
    """
    found = json_object(claims) or {}

    def first(names: tuple[str, ...]) -> str | None:
        return next((text for name in names if (text := label(found.get(name)))), None)

    name = first(_UNIQUE_NAMES) or label(caller) or label(found.get("name"))
    object_id, app_id = first(_OBJECT_IDS), first(_APP_IDS)
    return Actor(name, object_id, app_id) if name or object_id or app_id else None
