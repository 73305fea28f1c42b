"""`--deployed`: people act on what a deployed monitor remembers, by their own sign-in."""

import asyncio
import json
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import app
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.domain.finding import finding_uid
from shared.domain.verdict import Severity
from shared.pipeline.reconcile import transition_id
from shared.runtime.app import AppPorts
from tests.arm import account
from tests.azurite_server import AUDIENCE, Azurite, BearerTokens, account_name
from tests.e2e.command_line import COMMAND, Ended, environment
from tests.e2e.command_line import run as run_process
from tests.integration.functions_host.azure_world import Cloud, World, done, running_cloud
from tests.local_azure.exchange import Answer, Asked
from tests.local_azure.faults import Fault
from tests.local_azure.identity import CLIENT
from tests.records import ACCOUNT, CONTROL, ROOT, commit, finding, transition
from tests.worlds import write_event

UID = finding_uid(CONTROL, ACCOUNT)
IDS = [transition_id(ROOT, each) for each in range(4)]
MISMATCH = "AuthorizationPermissionMismatch"
WRITER, READER = "Storage Table Data Contributor", "Storage Table Data Reader"
WHY = ("--reason", "waiting for the quota")
CHANGING = [
    ("acknowledge", UID, *WHY),
    ("snooze", UID, "--until", "2h", *WHY),
    ("unsnooze", UID, *WHY),
    ("remind",),
    ("redeliver",),
]
SHOWING = [("alerts",), ("alerts", "--parked"), ("card", IDS[1])]


def told_by_tables(code: str) -> str:
    """What the table service says with an error."""
    message = {"lang": "en-US", "value": "This request is not authorized.\nRequestId:0"}
    return json.dumps({"odata.error": {"code": code, "message": message}})


@dataclass(slots=True)
class TablesForReaders:
    """The tables of Azurite, to somebody who may only read: the rest is refused as in Azure."""

    azurite: Azurite
    token: str
    audience: str = AUDIENCE
    prefix: str = "/for-readers"

    def answers(self, asked: Asked) -> bool:
        """Whether the request is for these tables."""
        return asked.path.startswith(self.prefix)

    def answer(self, asked: Asked, _fault: Fault | None) -> Answer:
        """Hand reads on."""
        if asked.method != "GET":
            return Answer(403, told_by_tables(MISMATCH).encode())
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json;odata=minimalmetadata",
            "x-ms-version": "2019-02-02",
            "x-ms-date": f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S GMT}",
        }
        address = self.azurite.urls["table"] + asked.target.removeprefix(self.prefix)
        request = urllib.request.Request(address, headers=headers)  # noqa: S310 - loopback
        trusting = ssl.create_default_context(cafile=self.azurite.ca_file)
        with urllib.request.urlopen(request, context=trusting) as read:  # noqa: S310 - as above
            return Answer(read.status, read.read())


@pytest.fixture(scope="module")
def cloud(keyless_azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An Azure with storage that takes tokens alone, and a way there for readers."""
    token = asyncio.run(BearerTokens().get_token()).token
    readers = TablesForReaders(keyless_azurite, token)
    with running_cloud(keyless_azurite, tmp_path_factory.mktemp("cloud"), readers) as running:
        yield running


def run(*arguments: str | Path, **env: str) -> Ended:
    """Run a command with `--deployed`, in this process."""
    runner = CliRunner(env={"COLUMNS": "80", **env})
    result = runner.invoke(app, [*map(str, arguments), "--deployed"])
    return Ended(result.exit_code, result.stdout, result.stderr)


@dataclass
class Deployed:
    """A deployed monitor, and a shell with its settings."""

    world: World

    def run(self, *arguments: str | Path, **env: str) -> Ended:
        """Run a command on what it remembers."""
        return run(*arguments, **{**self.world.settings, **env})

    def history(self) -> list[dict[str, Any]]:
        """Return its history, newest first."""
        asked = ("alerts", "--since", "all", "--history", "--format", "json")
        ended = self.run(*asked)
        assert (ended.status, ended.err) == (0, "")
        return list(ended.result)

    def parked(self) -> set[tuple[str, str]]:
        """Return the sinks and ids of what is parked."""
        listed = self.run("alerts", "--parked", "--format", "json").result
        return {(each["sink"], each["id"]) for each in listed}

    def endpoint(self, path: str) -> str:
        """Return an address of its tables on the local Azure."""
        return f"{self.world.cloud.azure.arm.endpoint}{path}/{account_name(self.world.account)}"


@pytest.fixture
def monitor(cloud: Cloud, tmp_path: Path) -> Iterator[Deployed]:
    """A monitor with a finding that is open for two days, and three alerts, two of them parked."""
    made = Deployed(World(cloud, tmp_path / "stderr"))
    opened = replace(finding(), opened_at=datetime.now(UTC) - timedelta(days=2))
    alerts = [replace(transition(each), id=IDS[each]) for each in (1, 2, 3)]

    async def fill(its: AppPorts) -> None:
        store, now = its.ports.findings, datetime.now(UTC)
        await store.commit(commit(*alerts, findings=[opened]))
        for sink, alert in (("teams", 0), ("webhook", 0), ("webhook", 2)):
            await store.park(sink, alerts[alert], now + timedelta(seconds=alert), "answered 400")

    made.world.see(fill)
    yield made
    cloud.azure.faults.clear()


def refused(ended: Ended) -> str:
    """Return what a command says that it refuses: status 2, one whole line, no result."""
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1), ended.err
    assert "…" not in ended.err
    return ended.err


# --- what people do ---


def test_an_acknowledgement_is_in_the_history_of_the_monitor(monitor: Deployed) -> None:
    """With the name of whoever is signed in; a second one changes nothing."""
    settings = monitor.world.settings
    first = run_process("acknowledge", UID[:12], *WHY, "--deployed", stdin=b"", **settings)
    again = monitor.run("acknowledge", UID[:12], *WHY)

    assert (first.status, first.err) == (0, "")
    assert first.out.startswith(f"ACKNOWLEDGED  high  {CONTROL}\n")
    newest = monitor.history()[0]
    assert (newest["kind"], newest["finding"]) == ("acknowledged", UID)
    assert newest["acknowledged"]["by"] == f"the application {CLIENT}"
    assert again.out == "0 recorded.\n"
    assert len(monitor.history()) == 4


def test_a_snooze_ends_at_its_time_or_before(monitor: Deployed) -> None:
    """By the clock of the storage; whoever decides can be named, and JSON is the alert's."""
    by_both = ("--control", CONTROL, "--resource", ACCOUNT.upper(), "--by", "mara")

    (made,) = monitor.run("snooze", *by_both, "--until", "2h", *WHY, "--format", "json").result
    ended = monitor.run("unsnooze", UID, "--by", "jo", "--reason", "it is off")

    until = datetime.fromisoformat(made["snoozed"]["until"])
    assert timedelta() <= timedelta(hours=2) - (until - datetime.now(UTC)) < timedelta(minutes=1)
    assert made["author"] == "mara"
    assert ended.out.startswith("SNOOZE ENDED")
    assert [each["kind"] for each in monitor.history()[:2]] == ["snooze_ended", "snoozed"]


def test_what_cannot_be_decided_is_refused_and_nothing_recorded(monitor: Deployed) -> None:
    """For the reasons that a file has."""
    before = monitor.history()

    none = monitor.run("acknowledge", UID, "0" * 12, *WHY)
    past = monitor.run("snooze", UID, "--until", "2020-01-01", *WHY)
    silent = monitor.run("unsnooze", UID, "--reason", " ")

    assert "names no open finding" in refused(none)
    assert "cannot end in the past" in refused(past)
    assert "a reason is wanted" in refused(silent)
    assert monitor.history() == before


def test_what_is_open_for_too_long_is_told_once_more(monitor: Deployed) -> None:
    """By the settings of the monitor; the alert waits there for the app to tell it."""
    told = monitor.run("remind", "--format", "json", COMPLIANCE_ESCALATE_TO="webhook")
    again = monitor.run("remind")

    assert (told.result["reminders"], told.result["escalated"]) == (1, 1)
    assert again.out == "1 open: 0 reminded, 0 snoozes ended.\n"

    async def waiting(its: AppPorts) -> list[str]:
        return [each.kind for each in await its.ports.findings.undelivered("teams", 9)]

    assert monitor.world.see(waiting)[-1] == "reminder"


def test_what_is_parked_is_put_back_for_the_app_to_tell(monitor: Deployed) -> None:
    """One alert by some of its id, one sink by its name; the id stays."""
    shown = monitor.run("alerts", "--parked")
    assert shown.status == 0
    assert f"not told to webhook: answered 400\nalert {IDS[3]}\n" in shown.out
    assert "3 alerts are parked." in shown.out

    one = monitor.run("redeliver", IDS[3][:8])
    assert (one.status, one.out, one.err) == (0, "1 alert is put back for webhook.\n", "")
    assert monitor.parked() == {("webhook", IDS[1]), ("teams", IDS[1])}
    assert monitor.run("redeliver", "--sink", "teams").status == 0
    assert monitor.parked() == {("webhook", IDS[1])}

    async def waiting(its: AppPorts) -> list[str]:
        return [each.id for each in await its.ports.findings.undelivered("webhook", 9)]

    assert IDS[3] in monitor.world.see(waiting)


def test_a_card_shows_an_alert_of_the_monitor(monitor: Deployed, tmp_path: Path) -> None:
    """By its id, by some of it, or by that of its finding; on a page of HTML."""
    page = tmp_path / "card.html"

    written = monitor.run("card", IDS[1], "-o", page)
    others = monitor.run("card", IDS[2][:8], UID)

    assert (written.status, written.out, written.err) == (0, "", "")
    assert f"Alert {IDS[1]} · Finding {UID}" in page.read_text("utf-8")
    assert (others.status, others.out.count("<article>")) == (0, 2)


def test_alerts_say_where_they_are(monitor: Deployed) -> None:
    """In the storage account, by its name; with the filters that a file has."""
    name = account_name(monitor.world.account)

    everything = monitor.run("alerts", "--since", "all", "--state", "open")
    nothing = monitor.run("alerts", "--since", "all", "--severity", "low", "--format", "json")

    assert everything.out.endswith(f"3 alerts in the storage account {name}.\n")
    assert (nothing.status, nothing.result) == (0, [])


def test_several_people_decide_at_once(monitor: Deployed) -> None:
    """Each about another finding of one root: each commit is on condition of the last one."""
    severities = [*Severity][:3]
    several = [finding(control=f"family.{each}", severity=each) for each in severities]

    async def fill(its: AppPorts) -> None:
        store = its.ports.findings
        state = await store.state(ROOT)
        await store.commit(commit(state=state, findings=several))

    monitor.world.see(fill)
    given = environment(**monitor.world.settings)
    deciding = [
        subprocess.Popen(
            [*COMMAND, "acknowledge", each.uid, *WHY, "--deployed"],
            stdout=subprocess.DEVNULL,
            env=given,
        )
        for each in several
    ]

    assert [each.wait(60) for each in deciding] == [0, 0, 0]
    recorded = [each["finding"] for each in monitor.history() if each["kind"] == "acknowledged"]
    assert sorted(recorded) == sorted(each.uid for each in several)


def test_the_app_goes_on_from_what_people_decided(cloud: Cloud, tmp_path: Path) -> None:
    """What it opened is acknowledged; its resolve says who knew of it."""
    world = World(cloud, tmp_path / "stderr")
    cloud.azure.seed([account(disableLocalAuth=False)])
    event = json.dumps(write_event(account().id))

    def look() -> None:
        (message,) = done(host.invoke("resource_changed", event)).outputs["looks"]
        done(host.invoke("look", message))

    with world.host() as host:
        look()
        named = ("--control", "identity.local_auth_disabled", "--resource", str(account().id))
        decided = Deployed(world).run("acknowledge", *named, *WHY, "--by", "mara")
        assert (decided.status, decided.err) == (0, "")
        cloud.azure.estate.put(account(disableLocalAuth=True))
        look()

    control = "identity.local_auth_disabled"
    mine = [each for each in Deployed(world).history() if each["control"] == control]
    assert [each["kind"] for each in mine] == ["resolved", "acknowledged", "opened"]
    assert mine[0]["acknowledged"]["by"] == "mara"


# --- what is refused ---


@pytest.mark.parametrize("command", [*CHANGING, *SHOWING], ids=" ".join)
def test_two_places_are_refused(command: tuple[str, ...]) -> None:
    """Nobody means both; no setting is even read."""
    said = refused(run(*command, "--store", "monitor.db"))

    assert "--store names another place; leave one out" in said


def test_a_workspace_is_another_place() -> None:
    """So is it for what alerted."""
    workspace = ("--workspace", "00000000-0000-0000-0000-000000000000")

    assert "--workspace names another place" in refused(run("alerts", *workspace))


@pytest.mark.parametrize("command", [CHANGING[0], SHOWING[0]], ids=" ".join)
def test_missing_settings_are_named(command: tuple[str, ...]) -> None:
    """With the page that says how to take them over."""
    said = refused(run(*command))

    assert "COMPLIANCE_BACKEND: Field required" in said
    assert "docs/alerts.md says how to take over" in said


def test_settings_of_a_file_are_no_deployed_monitor() -> None:
    """The option for that file is named."""
    local = {"COMPLIANCE_BACKEND__KIND": "local", "COMPLIANCE_BACKEND__ESTATE": "estate"}

    said = refused(run("remind", **local, COMPLIANCE_BACKEND__STORE="m.db"))

    assert "COMPLIANCE_BACKEND__KIND=azure" in said
    assert "--store m.db" in said


@pytest.mark.parametrize("command", [CHANGING[0], SHOWING[0]], ids=" ".join)
def test_whoever_is_not_signed_in_is_told_to(monitor: Deployed, command: tuple[str, ...]) -> None:
    """Before storage is asked."""
    said = refused(monitor.run(*command, IDENTITY_HEADER="wrong"))

    assert said.startswith("error: cannot sign in to Azure: ")
    assert said.endswith("; run `az login`\n")


@pytest.mark.parametrize("command", CHANGING, ids=" ".join)
def test_whoever_may_only_read_is_told_the_role(
    monitor: Deployed, command: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """Who it is that needs it, and where: once, and before anything is tried."""
    before, address = monitor.history(), monitor.endpoint("/for-readers")
    if command[0] == "unsnooze":
        monitor.run("snooze", UID, "--until", "2h", *WHY)
        before = monitor.history()

    ended = monitor.run(*command, COMPLIANCE_BACKEND__TABLE_ENDPOINT=address)

    said = refused(ended)
    assert f"refused (403 {MISMATCH}): the application {CLIENT} needs the role {WRITER}" in said
    assert "monitor's identity" not in said + caplog.text
    assert (monitor.history(), len(monitor.parked())) == (before, 3)


@pytest.mark.parametrize("command", SHOWING, ids=" ".join)
def test_to_read_is_enough_for_what_only_shows(monitor: Deployed, command: tuple[str, ...]) -> None:
    """So far as it goes the lesser role will do."""
    address = monitor.endpoint("/for-readers")

    assert monitor.run(*command, COMPLIANCE_BACKEND__TABLE_ENDPOINT=address).status == 0


@pytest.mark.parametrize(
    ("status", "code", "command", "said"),
    [
        (403, MISMATCH, CHANGING[0], f"needs the role {WRITER} on it; docs/alerts.md"),
        (403, MISMATCH, SHOWING[0], f"needs the role {READER} on it; docs/alerts.md"),
        (403, "AuthorizationFailure", CHANGING[0], "firewall or private network keeps this"),
        (401, "InvalidAuthenticationInfo", CHANGING[0], "run `az login --tenant`"),
        (404, "TableNotFound", CHANGING[0], "has no table findings"),
        (503, "ServerBusy", CHANGING[0], "is busy or down (503 ServerBusy)"),
    ],
)
def test_each_refusal_says_what_to_do(
    monitor: Deployed, status: int, code: str, command: tuple[str, ...], said: str
) -> None:
    """A missing role, a closed network, another tenant, another account, an outage."""
    monitor.world.cloud.azure.fault("/for-readers", status=status, body=told_by_tables(code))

    ended = monitor.run(
        *command, COMPLIANCE_BACKEND__TABLE_ENDPOINT=monitor.endpoint("/for-readers")
    )

    assert said in refused(ended)


def test_an_account_that_cannot_be_reached_is_said(monitor: Deployed) -> None:
    """As where its network is private, or its name is wrong."""
    ended = monitor.run("remind", COMPLIANCE_BACKEND__TABLE_ENDPOINT="https://127.0.0.1:9/none")

    said = refused(ended)
    assert "cannot be reached" in said
    assert "where it has a private network, run this from within it" in said


def test_no_table_is_made_where_no_monitor_ever_was(cloud: Cloud, tmp_path: Path) -> None:
    """A wrong name of an account changes nothing there."""
    world = World(cloud, tmp_path / "stderr")

    said = refused(Deployed(world).run("redeliver"))

    async def tables() -> list[str]:
        async with world.clients() as clients:
            return [each.name async for each in clients.tables.list_tables()]

    assert f"has no table {FINDINGS_TABLE}" in said
    assert "COMPLIANCE_BACKEND__STORAGE_ACCOUNT" in said
    assert asyncio.run(tables()) == []
