"""Which sinks are set: refused where they could not work, and no secret in any error."""

import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from monitors import load_catalogue
from shared.adapters.azure.cloud import CLOUDS, Cloud, custom_cloud
from shared.adapters.sinks.secret_address import SecretAddress
from shared.adapters.system_clock import SystemClock
from shared.ports import DigestSink, PortError
from shared.runtime.app_sinks import app_sinks
from shared.runtime.sink_settings import SinkSettings, read_sink_settings
from shared.runtime.sinks import SinkKind, SinkParts, named_sinks, set_sinks
from shared.settings import SettingsError
from tests.records import transition
from tests.sink_worlds import running_hooks

TEAMS = "https://prod.example.com/workflows/abc?sig=s3cret"
HOOK = "https://hooks.example.com/T0/s3cret"
LOGS = {
    "COMPLIANCE_SINKS__LOG_ANALYTICS__ENDPOINT": "https://dce.example.com",
    "COMPLIANCE_SINKS__LOG_ANALYTICS__RULE_ID": "dcr-00000000000000000000000000000000",
}


def reading(monkeypatch: pytest.MonkeyPatch, **variables: str) -> SinkSettings:
    """Read the settings of an environment."""
    for name, value in variables.items():
        monkeypatch.setenv(
            f"COMPLIANCE_{name}".replace("COMPLIANCE_COMPLIANCE_", "COMPLIANCE_"), value
        )
    return read_sink_settings()


def test_without_settings_there_are_no_sinks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set to nothing is not set."""
    assert set_sinks(reading(monkeypatch)) == []
    settings = reading(monkeypatch, WEBHOOK_SECRET="", SINKS__TEAMS__URL="")

    assert set_sinks(settings) == []
    assert (settings.window.total_seconds(), settings.give_up_after.days) == (60, 7)


def test_every_kind_of_sink_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """By one variable or two."""
    settings = reading(
        monkeypatch,
        SINKS__TEAMS__URL=TEAMS,
        SINKS__WEBHOOK__URL=HOOK,
        WEBHOOK_SECRET="s3cret",  # noqa: S106 - opens nothing
        SINKS__EVENT_GRID__TOPIC="https://topic.example.com/api/events",
        DIGEST_SECONDS="30",
        GIVE_UP_DAYS="0.5",
        **LOGS,
    )

    assert [(each.kind, each.name) for each in set_sinks(settings)] == [
        (SinkKind.TEAMS, "teams"),
        (SinkKind.WEBHOOK, "webhook"),
        (SinkKind.LOG_ANALYTICS, "log_analytics"),
        (SinkKind.EVENT_GRID, "event_grid"),
    ]
    assert (settings.window.total_seconds(), settings.give_up_after.total_seconds()) == (30, 43_200)
    assert "s3cret" not in f"{settings!r}{set_sinks(settings)!r}"


def test_teams_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it accepts need not have been shown to anybody."""
    with pytest.raises(SettingsError, match="SINKS__TEAMS__URL needs a second sink"):
        reading(monkeypatch, SINKS__TEAMS__URL=TEAMS)
    settings = reading(monkeypatch, **LOGS)

    assert len(set_sinks(settings)) == 2


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"SINKS__WEBHOOK__URL": HOOK}, "URL needs COMPLIANCE_WEBHOOK_SECRET to sign with"),
        (
            {"SINKS__WEBHOOK__URL": "http://hooks.example.com/s3cret"},
            "COMPLIANCE_SINKS__WEBHOOK__URL: the address of a webhook must begin with https",
        ),
        (
            {"SINKS__TEAMS__URL": "@Microsoft.KeyVault(SecretUri=https://s3cret)"},
            "COMPLIANCE_SINKS__TEAMS__URL: the platform could not read this Key Vault reference",
        ),
        (
            {"SINKS__TEAMS__URL": " @microsoft.keyvault(SecretUri=https://s3cret)"},
            "COMPLIANCE_SINKS__TEAMS__URL: the platform could not read this Key Vault reference",
        ),
        (
            {
                "SINKS__WEBHOOK__URL": HOOK,
                "WEBHOOK_SECRET": "@Microsoft.KeyVault(SecretUri=https://s3cret)",
            },
            "COMPLIANCE_WEBHOOK_SECRET: the platform could not read this Key Vault reference",
        ),
        (
            {"SINKS__WEBHOOK__URL": HOOK, "WEBHOOK_SECRET": "  "},
            "COMPLIANCE_WEBHOOK_SECRET: must not be blank",
        ),
        (
            {**LOGS, "SINKS__TEAMS__URL": TEAMS, "SINKS__TEAMS__LIST_LINK": "https://u:s3cret@a.b"},
            "COMPLIANCE_SINKS__TEAMS__LIST_LINK: must be https://<host>",
        ),
        (
            {**LOGS, "SINKS__TEAMS__URL": TEAMS, "SINKS__TEAMS__LIST_LINK": "http://s3cret"},
            "COMPLIANCE_SINKS__TEAMS__LIST_LINK: must be https://<host>",
        ),
        ({"SINKS__TEAMS__LINK": "https://s3cret"}, "COMPLIANCE_SINKS__TEAMS__LINK"),
        ({"SINKS__SLACK__URL": "https://s3cret"}, "COMPLIANCE_SINKS__SLACK"),
        ({"SINKS__LOG_ANALYTICS__ENDPOINT": "https://s3cret@a.b"}, "LOG_ANALYTICS__ENDPOINT"),
        (
            {**LOGS, "SINKS__EVENT_GRID__TOPIC": "https://s3cret:70000/api/events"},
            "COMPLIANCE_SINKS__EVENT_GRID__TOPIC: must be https://<host>[:<port>][/<path>]",
        ),
        (
            {"SINKS__EVENT_GRID__TOPIC": "https://a.b/api/events?aeg-sas-key=s3cret"},
            "COMPLIANCE_SINKS__EVENT_GRID__TOPIC: must be https://<host>[:<port>][/<path>]",
        ),
        (
            {"SINKS__LOG_ANALYTICS__ENDPOINT": "https://s3cret:0"},
            "COMPLIANCE_SINKS__LOG_ANALYTICS__ENDPOINT: must be https://<host>[:<port>]",
        ),
        (
            {"SINKS__LOG_ANALYTICS__ENDPOINT": "https://a.b"},
            "COMPLIANCE_SINKS__LOG_ANALYTICS__RULE_ID: Field required",
        ),
        ({"SINKS": "s3cret"}, "COMPLIANCE_SINKS: set COMPLIANCE_SINKS__TEAMS__URL"),
        ({"DIGEST_SECONDS": "0"}, "COMPLIANCE_DIGEST_SECONDS"),
        ({"GIVE_UP_DAYS": "nan"}, "COMPLIANCE_GIVE_UP_DAYS"),
    ],
)
def test_what_cannot_work_is_refused_and_shown_to_nobody(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    """The variable is named, its value is not."""
    with pytest.raises(SettingsError) as error:
        reading(monkeypatch, **variables)

    assert words in str(error.value)
    assert "s3cret" not in str(error.value)
    assert error.value.__cause__ is None


# --- named on a command line ---


def test_sinks_are_named_by_their_kinds() -> None:
    """The second of a kind has a number; the console is the command's own."""
    texts = ["webhook:http://127.0.0.1:1/a", "console", f"teams:{TEAMS}", "WEBHOOK:http://[::1]/b"]
    texts += ["eventgrid:https://t.example.com/api", "log-analytics:https://dce.example.com/dcr-1"]
    found = named_sinks(texts)

    assert [each.name for each in found] == [
        "webhook",
        "teams",
        "webhook:2",
        "event_grid",
        "log_analytics",
    ]
    assert found[1].address == SecretAddress.parse(TEAMS)
    assert (found[4].address.url, found[4].rule_id) == ("https://dce.example.com", "dcr-1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://example.com/s3cret", "--sink number 2 is not KIND:URL"),
        ("slack:https://s3cret", "--sink number 2 is not KIND:URL"),
        ("", "--sink number 2 is not KIND:URL"),
        ("webhook:", "--sink webhook cannot be used: the address of a webhook must read https"),
        ("webhook:http://example.com/s3cret", "must begin with https://"),
        ("teams:https://u:s3cret@example.com/", "neither a user"),
        ("teams:https://example.com/\ns3cret", "must read https://<host>/<path>"),
        ("log_analytics:https://dce.example.com/", "--sink log_analytics cannot be used"),
        ("event_grid:https://b.example.com/", "--sink event_grid can be given once only"),
    ],
)
def test_what_is_no_sink_is_refused_without_its_address(text: str, words: str) -> None:
    """It may be a secret that was put in the wrong place."""
    with pytest.raises(SettingsError) as error:
        named_sinks(["event_grid:https://a.example.com/", text])

    assert words in str(error.value)
    assert "s3cret" not in str(error.value)


async def test_a_webhook_on_another_machine_needs_a_secret() -> None:
    """Whoever gets its posts must know that they are ours."""
    parts = SinkParts(SystemClock(), {})
    async with parts.closing:
        with pytest.raises(SettingsError, match="COMPLIANCE_WEBHOOK_SECRET"):
            parts.open(named_sinks([f"webhook:{HOOK}"]))


async def test_a_sink_in_azure_needs_a_way_there() -> None:
    """Without one it is refused, not left out."""
    async with AsyncExitStack() as closing:
        parts = SinkParts(SystemClock(), {}, closing=closing)
        for text in ("event_grid:https://a.example.com/", "log_analytics:https://a.example.com/d"):
            with pytest.raises(SettingsError, match="needs Azure's settings"):
                parts.open(named_sinks([text]))


async def test_teams_is_told_digests_and_a_webhook_batches() -> None:
    """As people and as programs read."""
    parts = SinkParts(SystemClock(), {}, secret="s3cret")  # noqa: S106 - opens nothing
    async with parts.closing:
        teams, hook = parts.open(named_sinks([f"teams:{TEAMS}", f"webhook:{HOOK}"]))

        assert isinstance(teams, DigestSink)
        assert not isinstance(hook, DigestSink)
        assert hook.batch > 1


def test_the_parts_of_sinks_do_not_show_the_secret() -> None:
    """Whatever prints them."""
    assert "s3cret" not in repr(SinkParts(SystemClock(), {}, secret="s3cret"))  # noqa: S106 - opens nothing


@pytest.mark.parametrize(
    ("cloud", "portal"),
    [
        (CLOUDS["public"], "https://portal.azure.com/"),
        (CLOUDS["china"], "https://portal.azure.cn/"),
        (custom_cloud("https://arm.local"), None),
        (None, "https://portal.azure.com/"),
    ],
)
async def test_links_lead_to_the_portal_of_the_cloud(
    monkeypatch: pytest.MonkeyPatch, cloud: Cloud | None, portal: str | None
) -> None:
    """That of another cloud does not know the resource; a custom one has none that we know."""
    tokens: Any = None
    azure = None if cloud is None else lambda: (cloud, tokens)
    posted = []
    async with running_hooks() as here:
        for variable, path in (("WEBHOOK", "/hook"), ("TEAMS", "/card")):
            monkeypatch.setenv(f"COMPLIANCE_SINKS__{variable}__URL", here.hooks.url(path))
        told, parts = app_sinks(read_sink_settings(), load_catalogue(), SystemClock(), azure)
        async with parts.closing:
            for sink in told.sinks:
                await sink.send([transition()])
        posted = [json.dumps(each.content) for each in here.hooks.posts]

    assert len(posted) == 2
    for each in posted:
        assert ("https://portal.azure." in each) is (portal is not None)
        assert portal is None or portal in each


async def test_webhooks_trust_the_authorities_of_a_custom_cloud(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A private cloud's webhooks have certificates of its own authority; its file is read."""
    tokens: Any = None
    cloud = custom_cloud("https://arm.local", ca_file=tmp_path / "missing.pem")
    monkeypatch.setenv("COMPLIANCE_SINKS__WEBHOOK__URL", "https://hooks.local/alerts")
    monkeypatch.setenv("COMPLIANCE_WEBHOOK_SECRET", "shared by both sides")

    told, parts = app_sinks(
        read_sink_settings(), load_catalogue(), SystemClock(), lambda: (cloud, tokens)
    )
    async with parts.closing:
        with pytest.raises(PortError, match="COMPLIANCE_CA_FILE"):
            await told.sinks[0].send([transition()])
