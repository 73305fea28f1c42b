"""Settings come from the environment, and what is wrong with one is said by its name."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from shared.settings import (
    AzureBackend,
    CloudName,
    Settings,
    SettingsError,
    read_azure_settings,
    read_settings,
)


@pytest.fixture(autouse=True)
def _nothing_set() -> Iterator[None]:
    """No setting of the machine that runs the tests counts."""
    kept = {name: value for name, value in os.environ.items() if "COMPLIANCE_" not in name}
    with mock.patch.dict(os.environ, kept, clear=True):
        yield


def refusal(monkeypatch: pytest.MonkeyPatch, **settings: str) -> str:
    """Return what is said of settings that cannot be used."""
    for name, value in settings.items():
        monkeypatch.setenv(f"COMPLIANCE_{name}", value)
    with pytest.raises(SettingsError) as raised:
        read_azure_settings()
    return str(raised.value)


def test_without_settings_it_is_the_public_azure() -> None:
    """One instance, no version of its own, no addresses."""
    found = read_azure_settings()

    assert (found.cloud, found.instances, found.api_versions) == (CloudName.PUBLIC, 1, {})
    assert found.arm_endpoint is None


def test_a_cloud_of_its_own_is_set_by_its_addresses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The slash at the end of an address does not matter."""
    authority = tmp_path / "ca.pem"
    authority.touch()
    for name, value in {
        "CLOUD": "custom",
        "ARM_ENDPOINT": "https://arm.local/",
        "ARM_AUDIENCE": "https://arm.local",
        "LOGS_ENDPOINT": "https://logs.local",
        "CA_FILE": str(authority),
        "API_VERSIONS": '{"Microsoft.CognitiveServices": "2025-12-01"}',
    }.items():
        monkeypatch.setenv(f"COMPLIANCE_{name}", value)

    found = read_azure_settings()

    assert found.cloud is CloudName.CUSTOM
    assert found.arm_endpoint == "https://arm.local"
    assert found.ca_file == authority
    assert found.api_versions == {"Microsoft.CognitiveServices": "2025-12-01"}


def test_a_custom_cloud_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that is missing is named."""
    assert "needs COMPLIANCE_ARM_ENDPOINT" in refusal(monkeypatch, CLOUD="custom")


def test_an_address_for_a_cloud_that_has_its_own_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise it would be ignored without a word."""
    said = refusal(monkeypatch, ARM_ENDPOINT="https://arm.local")

    assert "COMPLIANCE_ARM_ENDPOINT needs COMPLIANCE_CLOUD=custom" in said


def test_tokens_go_nowhere_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even on request."""
    said = refusal(
        monkeypatch, CLOUD="custom", ARM_ENDPOINT="http://arm.local", ARM_AUDIENCE="https://arm"
    )

    assert "COMPLIANCE_ARM_ENDPOINT: must begin with https://" in said


@pytest.mark.parametrize("name", ["ARM_ENDPOINT", "LOGS_ENDPOINT"])
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://user:s3cret@arm.local", "must be https://<host>[:<port>], without a user"),
        ("https://s3cret@arm.local", "without a user, a signature or a key"),
        ("https://arm.local?key=s3cret", "without a user, a signature or a key"),
        ("https://arm.local/s3cret", "without a path"),
        ("https://s3cret:0", "the port a number from 1 to 65535"),
        ("https://s3cret:70000", "the port a number from 1 to 65535"),
        ("https://arm.local:s3cret", "the port a number from 1 to 65535"),
    ],
)
def test_an_endpoint_that_cannot_be_one_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str, words: str
) -> None:
    """Tokens are sent there, and it may hold a password."""
    settings = {"CLOUD": "custom", "ARM_AUDIENCE": "https://a", "ARM_ENDPOINT": "https://a"}
    said = refusal(monkeypatch, **{**settings, name: address})

    assert f"COMPLIANCE_{name}: must " in said
    assert words in said
    assert "s3cret" not in said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CLOUD", "germany", "COMPLIANCE_CLOUD: Input should be 'public'"),
        ("INSTANCES", "0", "COMPLIANCE_INSTANCES: Input should be greater"),
        ("API_VERSIONS", "newest", "COMPLIANCE_API_VERSIONS: is no JSON object; give one"),
        (
            "API_VERSIONS",
            '{"Microsoft.X": "2025-12-01&x=1"}',
            "COMPLIANCE_API_VERSIONS__MICROSOFT.X",
        ),
        ("API_VERSIONS", '{"Microsoft.X": "latest"}', "COMPLIANCE_API_VERSIONS__MICROSOFT.X"),
        ("CA_FILE", "/nowhere/ca.pem", "COMPLIANCE_CA_FILE: Path does not point to a file"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """With what is wrong, and never with its value."""
    refused = refusal(monkeypatch, **{name: value})

    assert said in refused
    assert name == "CLOUD" or value not in refused


def test_the_app_needs_to_know_where_it_keeps_things() -> None:
    """A command does not: it remembers in a file, or nothing."""
    with pytest.raises(SettingsError, match="COMPLIANCE_BACKEND: Field required"):
        read_settings()


def app(monkeypatch: pytest.MonkeyPatch, **settings: str) -> Settings:
    """Return the settings of an app."""
    for name, value in settings.items():
        monkeypatch.setenv(f"COMPLIANCE_{name}", value)
    return read_settings()


def test_azure_is_set_by_the_name_of_a_storage_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a workspace, and history is kept 400 days."""
    found = app(monkeypatch, BACKEND__KIND="azure", BACKEND__STORAGE_ACCOUNT="stmonitor")

    assert isinstance(found.backend, AzureBackend)
    assert (found.backend.storage_account, found.backend.endpoints) == ("stmonitor", (None,) * 3)
    assert (found.workspace_id, found.retention_days) == (None, 400)


def test_or_by_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """As private clouds and private links have them."""
    addresses = {
        f"BACKEND__{each}_ENDPOINT": f"https://{each.lower()}.local/"
        for each in ("BLOB", "QUEUE", "TABLE")
    }
    found = app(
        monkeypatch,
        BACKEND__KIND="azure",
        WORKSPACE_ID="0E000000-0000-0000-0000-000000000001",
        RETENTION_DAYS="30",
        **addresses,
    )

    assert isinstance(found.backend, AzureBackend)
    assert found.backend.endpoints == (
        "https://blob.local",
        "https://queue.local",
        "https://table.local",
    )
    assert (str(found.workspace_id), found.retention_days) == (
        "0e000000-0000-0000-0000-000000000001",
        30,
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "COMPLIANCE_BACKEND: set either STORAGE_ACCOUNT, or BLOB_ENDPOINT"),
        ({"BACKEND__BLOB_ENDPOINT": "https://b"}, "COMPLIANCE_BACKEND: set either"),
        (
            {"BACKEND__STORAGE_ACCOUNT": "stmonitor", "BACKEND__BLOB_ENDPOINT": "https://b"},
            "COMPLIANCE_BACKEND: set either",
        ),
        ({"BACKEND__STORAGE_ACCOUNT": "St-1"}, "COMPLIANCE_BACKEND__STORAGE_ACCOUNT: String"),
        ({"BACKEND__BLOB_ENDPOINT": "http://b"}, "BLOB_ENDPOINT: must begin with https://"),
        ({"BACKEND__BLOB_ENDPOINT": "https://b?sv=2024&sig=x"}, "a user, a signature or a key"),
        ({"BACKEND__BLOB_ENDPOINT": "https://key@b"}, "without a user, a signature or a key"),
        ({"BACKEND__BLOB_ENDPOINT": "https://b:70000"}, "the port a number from 1 to 65535"),
        ({"BACKEND__ACCOUNT_KEY": "secret"}, "BACKEND__ACCOUNT_KEY: Extra inputs are not"),
        ({"WORKSPACE_ID": "law-monitor"}, "COMPLIANCE_WORKSPACE_ID: Input should be a valid UUID"),
        ({"RETENTION_DAYS": "0"}, "COMPLIANCE_RETENTION_DAYS: Input should be greater"),
        ({"RETENTION_DAYS": "1000000000"}, "COMPLIANCE_RETENTION_DAYS: Input should be less"),
        (
            {"BACKEND__STORAGE_ACCOUNT": "stmonitor", "LOGS_AUDIENCE": "https://x"},
            "COMPLIANCE_LOGS_AUDIENCE needs COMPLIANCE_CLOUD=custom",
        ),
        (
            {
                "BACKEND__STORAGE_ACCOUNT": "stmonitor",
                "CLOUD": "custom",
                "ARM_ENDPOINT": "https://arm.local",
                "ARM_AUDIENCE": "https://arm.local",
            },
            "COMPLIANCE_CLOUD=custom needs COMPLIANCE_BACKEND__BLOB_ENDPOINT",
        ),
    ],
)
def test_what_azure_cannot_be_reached_by_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], said: str
) -> None:
    """With the variable's name, and without its value: people paste secrets."""
    with pytest.raises(SettingsError) as raised:
        app(monkeypatch, BACKEND__KIND="azure", **settings)

    assert said in str(raised.value)
    assert "sig=x" not in str(raised.value)
    assert "key@" not in str(raised.value)
    assert "secret" not in str(raised.value)


HERE = "AAAAAAAA-0000-0000-0000-000000000001"


def test_the_watched_subscriptions_are_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """In any case, with blanks and commas too many; none of them is as if it were not set."""
    local = {"BACKEND__KIND": "local", "BACKEND__ESTATE": "x"}
    found = app(monkeypatch, WATCHED_SUBSCRIPTIONS=f" {HERE} ,{HERE.lower()},,", **local)

    assert found.watched_subscriptions == frozenset({HERE.lower()})
    assert app(monkeypatch, WATCHED_SUBSCRIPTIONS=" , ", **local).watched_subscriptions is None


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        ("contoso-prod", "'contoso-prod' is no subscription id such as 00000000-"),
        (HERE[:-1], f"'{HERE[:-1].lower()}' is no"),
        (f"/subscriptions/{HERE}", "'/subscriptions/aaaaaaaa-0000-0000-0000-0' is no"),
        (f"{{{HERE}}}", "is no subscription id"),
        (HERE.replace("-", ""), "is no subscription id"),
        (f"{HERE};{HERE}", "is no subscription id"),
        ("٣" * 8 + HERE[8:], r"'\u0663\u0663"),
    ],
)
def test_a_watched_subscription_that_is_no_id_is_named(
    monkeypatch: pytest.MonkeyPatch, entry: str, shown: str
) -> None:
    """A name would be watched in vain, and nobody would hear of it."""
    settings = {"BACKEND__KIND": "local", "BACKEND__ESTATE": "x"}
    with pytest.raises(SettingsError) as raised:
        app(monkeypatch, WATCHED_SUBSCRIPTIONS=f"{HERE},{entry}", **settings)

    assert "COMPLIANCE_WATCHED_SUBSCRIPTIONS: " in str(raised.value)
    assert shown in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"BACKEND__ESTATE": "x"}, "COMPLIANCE_BACKEND__KIND: Field required"),
        ({"BACKEND__KIND": "s3"}, "COMPLIANCE_BACKEND__KIND: Input should be 'local' or 'azure'"),
        ({"BACKEND": "azure"}, "COMPLIANCE_BACKEND: is no JSON object; set COMPLIANCE_BACKEND__K"),
        ({"BACKEND__KIND": "local"}, "COMPLIANCE_BACKEND__ESTATE: Field required"),
    ],
)
def test_a_backend_that_is_none_is_told_by_its_variables(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], said: str
) -> None:
    """As somebody would set them."""
    with pytest.raises(SettingsError) as raised:
        app(monkeypatch, **settings)

    assert said in str(raised.value)
