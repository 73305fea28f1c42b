"""Nothing that is deployed is open, unencrypted, or opened by a key."""

import re
from pathlib import Path

import pytest

from tests.bicep import security
from tests.bicep.deployment import FILES, ROOT, called, module
from tests.bicep.source import BicepFile, bicep


@pytest.mark.parametrize("file", FILES, ids=called)
def test_a_file_is_safe(file: BicepFile) -> None:
    """No keys, encrypted connections, nothing public, dead letters kept, reading rights alone."""
    assert security.problems_of(file) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("storage", "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "SharedKey"),
        ("storage", "    allowSharedKeyAccess: false\n", "", "SharedKeyAccess is nothing"),
        ("storage", "allowBlobPublicAccess: false", "allowBlobPublicAccess: true", "BlobPublic"),
        ("storage", "'TLS1_2'", "'TLS1_0'", "minimumTlsVersion"),
        ("storage", "TrafficOnly: true", "TrafficOnly: false", "HttpsTrafficOnly"),
        ("storage", "publicAccess: 'None'", "publicAccess: 'Blob'", "publicAccess"),
        ("storage", "974c5e8b-45b9-4653-ba55", "8e3af657-a8ff-443c-a75c", "no role"),
        ("storage", "= account.id", "= account.listKeys().keys[0].value", "keys and secrets"),
        ("dead_letters", "KeyAccess: true", "KeyAccess: false", "SharedKeyAccess is False"),
        ("function_app", "httpsOnly: true", "httpsOnly: false", "httpsOnly"),
        ("function_app", "      minTlsVersion: '1.2'\n", "", "minTlsVersion"),
        ("function_app", "ftpsState: 'Disabled'", "ftpsState: 'AllAllowed'", "ftpsState"),
        (
            "function_app",
            "RestrictionsDefaultAction: 'Deny'",
            "RestrictionsDefaultAction: 'Allow'",
            "Default",
        ),
        ("function_app", "'AzureEventGrid'", "'AzureCloud'", "Event Grid is not let in"),
        ("function_app", "ipAddress: allowedNetworks[i]", "ipAddress: '0.0.0.0/0'", "is let in"),
        ("function_app", "allow: false", "allow: true", "properties.allow"),
        (
            "function_app",
            "type: 'UserAssignedIdentity'",
            "type: 'StorageAccountConnectionString'",
            "keys",
        ),
        (
            "function_app",
            "APPLICATIONINSIGHTS_A",
            "FUNCTIONS_WORKER_RUNTIME: 'python'\n  A",
            "Flex",
        ),
        ("function_app", "AzureWebJobsStorage__clientId:", "AzureWebJobsStorage:", "not for Flex"),
        ("event_subscription", "deadLetterDestination:", "labels:", "deadLetterDestination"),
        ("event_subscription", "values: providers", "values: []", "nothing is filtered"),
        ("app_insights", "DisableLocalAuth: true", "DisableLocalAuth: false", "DisableLocalAuth"),
        ("workspace", "disableLocalAuth: true", "disableLocalAuth: false", "disableLocalAuth"),
        ("key_vault", "RbacAuthorization: true", "RbacAuthorization: false", "Rbac"),
        ("key_vault", "    enablePurgeProtection: true\n", "", "enablePurgeProtection"),
        ("key_vault", "= vault.name", "= secret.properties.value", "tells a secret"),
        ("role", "actions: actions", "actions: ['*/read']", "do more than read"),
        ("role", "actions: actions", "actions: ['a/listKeys/action']", "do more than read"),
        ("role", "actions: actions", "actions: given", "are not known"),
        ("role", "dataActions: []", "dataActions: ['*']", "reads data"),
    ],
)
def test_what_is_not_safe_is_found(name: str, old: str, new: str, said: str) -> None:
    """Each check sees the very thing that it is there for."""
    file = module(name)
    assert old in file.text
    broken = bicep(file.text.replace(old, new, 1), file.path)

    problems = security.problems_of(broken)

    assert any(said in problem for problem in problems), problems


def test_more_filter_values_than_event_grid_takes_are_found() -> None:
    """The limit of Event Grid is known before Event Grid says so."""
    file = module("event_subscription")
    many = ", ".join(f"'{n}'" for n in range(security.EVENT_GRID_VALUES + 1))
    broken = re.sub(r"var providers = \[.*\]", f"var providers = [{many}]", file.text)

    problems = security.problems_of(bicep(broken, file.path))

    assert any("values are more" in problem for problem in problems)


def test_only_the_account_of_dead_letters_has_keys() -> None:
    """Every exception is a file that exists and says why."""
    assert {Path(name).stem for name in security.KEYED} == {"dead_letters"}
    assert "must keep its shared keys" in module("dead_letters").text


def test_every_role_is_explained() -> None:
    """docs/permissions.md names each role that is assigned, and each of them is."""
    explained = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    assigned = "".join(file.text for file in FILES)

    assert [name for name in security.ROLES.values() if name not in explained] == []
    assert [guid for guid in security.ROLES if guid not in assigned] == []
