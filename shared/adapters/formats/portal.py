"""Where the Azure portal shows a resource."""

from urllib.parse import quote

from shared.domain.resource_id import MalformedResourceIdError, ResourceId

PUBLIC = "https://portal.azure.com"
PORTALS = {
    "public": PUBLIC,
    "usgov": "https://portal.azure.us",
    "china": "https://portal.azure.cn",
}
"""By cloud, as the setting `cloud` names it; a custom cloud has none that we know.

https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
"""
LONGEST = 2000
"""Longer addresses are refused by some browsers and proxies."""


def portal_link(resource_id: str, portal: str) -> str | None:
    """Return the address of the resource's page, of its root for a child; None without one.

    Children such as model deployments have no page of their own in the portal.
    """
    try:
        resource = ResourceId.parse(resource_id)
    except MalformedResourceIdError:
        return None
    for shown in (resource.root, resource.ancestor(0)):
        # Half a surrogate pair, which no name in Azure holds, is no UTF-8.
        link = f"{portal}/#resource{quote(shown.text, safe='/', errors='replace')}"
        if len(link) <= LONGEST:
            return link
    return None
