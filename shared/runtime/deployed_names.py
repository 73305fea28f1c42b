"""What the parts of this deployment are called, for commands that people copy.

From the settings, from what `azd env get-values` and the platform put into the environment, or else
as words of the shell that ask azd.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from shared.settings import AzureBackend, Settings


def deployed_names(
    settings: Settings, backend: AzureBackend, environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the names: of the accounts, the app, its group, its identity and the workspace."""
    account = backend.storage_account or _account_in(backend.blob_endpoint or "")
    return {
        "account": account,
        "dead_letters": backend.dead_letter_account or account,
        "app": _named(environ, "AZURE_FUNCTION_APP_NAME", "WEBSITE_SITE_NAME"),
        "group": _named(environ, "AZURE_RESOURCE_GROUP", "WEBSITE_RESOURCE_GROUP"),
        "assignee": settings.identity_client_id or _named(environ, "COMPLIANCE_IDENTITY_CLIENT_ID"),
        "workspace": str(settings.workspace_id or _named(environ, "COMPLIANCE_WORKSPACE_ID")),
    }


def _named(environ: Mapping[str, str], *variables: str) -> str:
    """Return the value of the first of these variables, or what asks azd for it."""
    for each in variables:
        if value := environ.get(each):
            return value
    return f'"$(azd env get-value {variables[0]})"'


def _account_in(endpoint: str) -> str:
    """Return the name of an account by its address; the emulator has it in the path."""
    parts = urlsplit(endpoint)
    return parts.path.strip("/") or (parts.hostname or "").partition(".")[0]
