"""The names in commands are those of this deployment, or ask azd for them."""

from shared.runtime.deployed_names import deployed_names
from shared.settings import AzureBackend, Settings

NAMED = AzureBackend(kind="azure", storage_account="stmonitor", dead_letter_account="stdead")
ADDRESSED = AzureBackend(
    kind="azure",
    blob_endpoint="https://stother.blob.core.windows.net",
    queue_endpoint="https://stother.queue.core.windows.net",
    table_endpoint="https://stother.table.core.windows.net",
)


def test_what_is_set_is_named() -> None:
    """By the settings first, and by what azd and the platform put into the environment."""
    settings = Settings(backend=NAMED, identity_client_id="me")
    environ = {"AZURE_FUNCTION_APP_NAME": "func", "WEBSITE_RESOURCE_GROUP": "rg"}

    assert deployed_names(settings, NAMED, environ) == {
        "account": "stmonitor",
        "dead_letters": "stdead",
        "app": "func",
        "group": "rg",
        "assignee": "me",
        "workspace": '"$(azd env get-value COMPLIANCE_WORKSPACE_ID)"',
    }


def test_what_is_not_set_is_asked_of_azd() -> None:
    """The account is known by its address; there lie the dead letters too."""
    names = deployed_names(Settings(backend=ADDRESSED), ADDRESSED, {})

    assert (names["account"], names["dead_letters"]) == ("stother", "stother")
    assert names["app"] == '"$(azd env get-value AZURE_FUNCTION_APP_NAME)"'
    assert names["assignee"] == '"$(azd env get-value COMPLIANCE_IDENTITY_CLIENT_ID)"'
