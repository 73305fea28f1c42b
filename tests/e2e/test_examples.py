"""The bundled example, two days in the life of an invented estate, shows what it is meant to."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from monitors import load_catalogue
from shared.adapters.local.documents import parse_json, resources_in
from shared.adapters.local.estate import EstateFolder
from shared.adapters.system_clock import SystemClock
from shared.domain.change import Origin, Outcome, ResourceChange
from shared.domain.finding import Finding, FindingState, ResolvedReason, Transition, TransitionKind
from shared.domain.references import REFERENCES
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Snapshot
from shared.domain.topology import (
    CORE_SOURCES,
    DEEP_SOURCES,
    ROOT_TYPES,
    ResourceType,
    Source,
    resource_type,
    source_of,
)
from shared.domain.verdict import Verdict
from shared.events.outcome import Ignored, IgnoredReason, Malformed
from shared.events.recording import read_events
from shared.events.translate import translate
from shared.pipeline.evaluate import Observation, evaluate
from shared.pipeline.receive import Receipt
from shared.pipeline.work import WorkReport
from shared.ports import TransitionQuery
from shared.runtime.assembly import assemble
from shared.runtime.local import local_ports

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
DAYS = (1, 2)
FILES = sorted(file for file in EXAMPLES.rglob("*") if file.is_file())
ESTATE_FILES = [file for file in FILES if file.is_relative_to(EXAMPLES / "estate")]
UNWATCHED = "33333333-3333-3333-3333-333333333333"

CATALOGUE = load_catalogue()
MONITORS = {monitor.id: monitor for monitor in CATALOGUE}
CONTROLS = list(MONITORS)


class Lacking(NamedTuple):
    """What a control cannot show with its default parameters, and why not."""

    fail: bool
    passing: bool
    reason: str


CANNOT_SHOW = {
    "catalog_models.model_approved": Lacking(
        fail=True, passing=True, reason="the defaults name no publishers and no assets"
    ),
    "catalog_models.origin_known": Lacking(
        fail=False, passing=True, reason="passes only what approved_assets lists: nothing"
    ),
    "catalog_models.publisher_sharing_accepted": Lacking(
        fail=False, passing=True, reason="passes only whom publishers lists: nobody"
    ),
    "catalog_models.registry_approved": Lacking(
        fail=True, passing=True, reason="the defaults name no registries"
    ),
    "content_logging.abuse_monitoring_storage_on": Lacking(
        fail=True, passing=True, reason="off: it requires what abuse_monitoring_storage_off forbids"
    ),
    "deployment_type.account_location_allowed": Lacking(
        fail=True, passing=True, reason="the defaults name no locations"
    ),
    "network_isolation.agent_egress_enforced": Lacking(
        fail=True, passing=True, reason="off: it judges what only a preview API shows"
    ),
    "network_isolation.private_endpoint_own_tenant": Lacking(
        fail=True, passing=True, reason="the defaults name no subscriptions"
    ),
}
"""Controls that cannot fail, or cannot pass, until a policy gives them parameters or a switch."""
FAILING = [each for each in CONTROLS if each not in CANNOT_SHOW or not CANNOT_SHOW[each].fail]
PASSING = [each for each in CONTROLS if each not in CANNOT_SHOW or not CANNOT_SHOW[each].passing]

OF_THE_RECORDING = {Origin.SUBSCRIPTION_EVENT, Origin.RESOURCE_NOTIFICATION, Origin.DEAD_LETTER}


def names(files: list[Path]) -> list[str]:
    """Files as they read in a test's name."""
    return [str(file.relative_to(EXAMPLES)) for file in files]


# --- running it ---


@dataclass(frozen=True)
class Replayed:
    """What one replay came to: its receipt, its alerts oldest first, and what is open after it."""

    receipt: Receipt
    alerts: list[Transition]
    is_open: dict[str, str]
    set_aside: list[str]

    def told(self, kind: TransitionKind, reason: ResolvedReason | None = None) -> list[Transition]:
        """Return the alerts of a kind."""
        return [each for each in self.alerts if (each.kind, each.reason) == (kind, reason)]


async def replay(day: int, store: Path) -> Replayed:
    """Put the events of a day through the pipeline, as `cli.py replay` does."""
    ports = local_ports(EXAMPLES / f"estate/day-{day}", store)
    runtime = assemble(ports, CATALOGUE)
    before = {each.id for each in await ports.findings.transitions(TransitionQuery())}
    with events_file(day).open("rb") as recording:
        receipt = await runtime.intake.accept(read_events(recording))
    await runtime.worker.drain(WorkReport())
    history = await ports.findings.transitions(TransitionQuery())
    found: dict[str, Finding] = {}
    for root in {each.root for each in history}:
        found |= await ports.findings.findings(root)
    return Replayed(
        receipt,
        [each for each in reversed(history) if each.id not in before],
        {key: each.message for key, each in found.items() if each.state is FindingState.OPEN},
        [each.reason for each in await ports.aside.kept(100)],
    )


def replays(*days: int, store: Path) -> list[Replayed]:
    """Replay days, one after the other, on one store."""

    async def one_by_one() -> list[Replayed]:
        return [await replay(day, store) for day in days]

    return asyncio.run(one_by_one())


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Replayed]:
    """Run what `make run` runs."""
    store = tmp_path_factory.mktemp("example") / "compliance.db"
    return dict(zip(DAYS, replays(*DAYS, store=store), strict=True))


@cache
def judged_once(day: int) -> tuple[Observation, ...]:
    """Judge everything in the estate of a day."""

    async def judged() -> tuple[Observation, ...]:
        clock = SystemClock()
        folder = EstateFolder(EXAMPLES / f"estate/day-{day}", clock)
        watched = await folder.subscriptions(after=clock.now())
        seen: list[Observation] = []
        for subscription in sorted(watched):
            async for each in folder.roots(subscription):
                root = each.root
                kind = root.type.lower()
                sources = (*CORE_SOURCES[kind], *DEEP_SOURCES.get(kind, ()))
                readings = await folder.read(root, sources, after=clock.now())
                snapshot = Snapshot(root, readings, watched, CATALOGUE.parameters)
                seen += evaluate(snapshot, CATALOGUE)
        return tuple(seen)

    return asyncio.run(judged())


def controls_with(verdict: Verdict, day: int) -> set[str]:
    """Return the controls that come to a verdict somewhere."""
    return {seen.control_id for seen in judged_once(day) if seen.judgement.verdict is verdict}


# --- reading it ---


def events_file(day: int) -> Path:
    """Return the recording of a day."""
    return EXAMPLES / f"events/day-{day}.json"


@cache
def events(day: int) -> tuple[object, ...]:
    """Return the events of a day as they were received."""
    with events_file(day).open("rb") as recording:
        return tuple(read_events(recording))


def all_events() -> list[dict[str, object]]:
    """Return the events of both days that are objects."""
    return [event for day in DAYS for event in events(day) if isinstance(event, dict)]


def translated(day: int) -> list[ResourceChange | Ignored | Malformed]:
    """Return what each event of a day means."""
    return [translate(event) for event in events(day)]


def changes(day: int) -> list[ResourceChange]:
    """Return the changes in the watched subscriptions that the events of a day tell of."""
    return [
        each
        for each in translated(day)
        if isinstance(each, ResourceChange) and each.resource_id.subscription != UNWATCHED
    ]


@cache
def estate(day: int) -> dict[str, Resource]:
    """Return the resources of a day by id, private endpoint connections among them."""
    found: dict[str, Resource] = {}
    for file in ESTATE_FILES:
        if file.is_relative_to(EXAMPLES / f"estate/day-{day}"):
            found |= {each.id.key: each for each in resources_of(file)}
    for owner in list(found.values()):
        for body in owner.list("properties.privateEndpointConnections").value or ():
            assert isinstance(body, dict)
            connection = Resource(ResourceId.parse(body["id"]), body)
            found[connection.id.key] = connection
    return found


def resources_of(file: Path) -> list[Resource]:
    """Return the resources in a file, in which everything must be one."""
    found = list(resources_in(parse_json(file.read_bytes())))
    resources = [each for each in found if isinstance(each, Resource)]
    assert resources == found, f"{file.name} holds something that is no resource of ours"
    return resources


def roots(day: int) -> list[Resource]:
    """Return the accounts, workspaces and registries of a day."""
    return [each for each in estate(day).values() if each.id.type.lower() in ROOT_TYPES]


def resource_uris(event: dict[str, object]) -> Iterator[str]:
    """Go through the ids by which an event names its resource."""
    data = event.get("data")
    for fields in (event, data):
        if isinstance(fields, dict):
            for key in ("subject", "resourceUri", "ResourceId"):
                if isinstance(fields.get(key), str):
                    yield fields[key]


# --- the estate ---


@pytest.mark.parametrize("day", DAYS)
def test_each_day_is_large_enough_to_look_real(day: int) -> None:
    """There are at least six accounts and workspaces, and 25 resources."""
    kinds = Counter(resource_type(each.id.type) for each in roots(day))

    assert kinds[ResourceType.ACCOUNT] + kinds[ResourceType.WORKSPACE] >= 6
    assert kinds[ResourceType.REGISTRY] >= 1
    assert len(estate(day)) >= 25


@pytest.mark.parametrize("day", DAYS)
def test_the_estate_of_each_day_is_read_whole(day: int) -> None:
    """No file is broken, nothing is skipped, and no resource stands there twice."""
    clock = SystemClock()
    folder = EstateFolder(EXAMPLES / f"estate/day-{day}", clock)

    assert len(asyncio.run(folder.subscriptions(after=clock.now()))) == 2
    assert not folder.unusable
    assert not folder.skipped
    assert not folder.twice


@pytest.mark.parametrize("file", ESTATE_FILES, ids=names(ESTATE_FILES))
def test_names_and_types_follow_the_ids(file: Path) -> None:
    """Every resource has the type and name of its id, and lies in its resource group's folder.

    Preview features are in no resource group; Azure puts the provider before their names.
    """
    for resource in resources_of(file):
        body = {key.lower(): value for key, value in resource.body.items()}

        assert body.get("type", body.get("resourcetype")) == resource.id.type
        if source_of(resource.id.type) is Source.FEATURES:
            assert body["name"] == f"Microsoft.CognitiveServices/{resource.id.name}"
            assert re.fullmatch(r"day-\d/features\.json", f"{file.parent.name}/{file.name}")
            continue
        assert body["name"] == resource.id.name
        assert resource.id.resource_group == file.parent.name
        assert resource.id.root.name == file.name.partition(".")[0]


@pytest.mark.parametrize("day", DAYS)
def test_nothing_in_the_estate_refers_to_what_is_not_there(day: int) -> None:
    """Parents are in the estate too, and so is what decides about the resource that names it."""
    there = estate(day)
    for resource in there.values():
        is_top = resource.id == resource.id.root or not resource.id.root.segments
        assert resource.id.parent.key in there or is_top
        for path in ("properties.hubResourceId", "properties.computeId", *REFERENCES):
            named = resource.text(path).value

            assert named is None or named.lower() in there


@pytest.mark.parametrize("day", DAYS)
def test_agents_and_spillover_name_what_is_there(day: int) -> None:
    """Connections of capability hosts, and deployments that take over, exist beside them."""
    there = estate(day)
    for resource in there.values():
        owner = resource.id.parent.key
        spillover = resource.text("properties.spilloverDeploymentName").value
        assert spillover is None or f"{owner}/deployments/{spillover}" in there
        for kind in ("storage", "threadStorage", "vectorStore"):
            for name in resource.list(f"properties.{kind}Connections").value or ():
                assert f"{owner}/connections/{name}" in there


def test_the_estate_has_every_input_form_that_the_readme_names() -> None:
    """One resource, an array, a list answer, a REST example and a capitalised export."""
    forms = set()
    for file in ESTATE_FILES:
        content = json.loads(file.read_text("utf-8"))
        if isinstance(content, list):
            forms.add("array")
        else:
            forms.add(next(k for k in ("id", "value", "responses", "ResourceId") if k in content))

    assert forms == {"id", "array", "value", "responses", "ResourceId"}


# --- the verdicts ---


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("control", FAILING)
def test_every_control_that_can_fails_somewhere_each_day(control: str, day: int) -> None:
    """A newcomer sees each control find something, on the first day and on the second."""
    assert control in controls_with(Verdict.FAIL, day)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("control", PASSING)
def test_every_control_that_can_passes_somewhere_each_day(control: str, day: int) -> None:
    """A newcomer sees each control content, on the first day and on the second."""
    assert control in controls_with(Verdict.PASS, day)


@pytest.mark.parametrize("control", CANNOT_SHOW)
def test_what_cannot_be_shown_waits_for_a_policy(control: str) -> None:
    """It is off, or names nothing by default; then it comes to no more than the table says."""
    lacking, monitor = CANNOT_SHOW[control], MONITORS[control]
    verdicts = {
        seen.judgement.verdict
        for day in DAYS
        for seen in judged_once(day)
        if seen.control_id == control
    }

    if monitor.enabled:
        assert verdicts, "something that it concerns is in the estate"
        assert not any(monitor.parameters.model_dump().values())
    else:
        assert not verdicts
    assert not (lacking.fail and Verdict.FAIL in verdicts)
    assert not (lacking.passing and Verdict.PASS in verdicts)
    assert lacking.fail or lacking.passing


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.NOT_APPLICABLE])
@pytest.mark.parametrize("day", DAYS)
def test_each_day_also_has_what_cannot_be_told_and_what_does_not_concern(
    day: int, verdict: Verdict
) -> None:
    """Neither fail nor pass is all that there is."""
    assert controls_with(verdict, day)


@pytest.mark.parametrize("day", DAYS)
def test_the_events_of_a_day_are_enough_to_know_all_of_its_estate(
    two_days: dict[int, Replayed], day: int
) -> None:
    """After a replay exactly that is open which fails when the estate is judged once."""
    failing = {
        f"{seen.control_id} {seen.resource.key}": seen.judgement.message
        for seen in judged_once(day)
        if seen.judgement.verdict is Verdict.FAIL
    }

    assert two_days[day].is_open == failing


# --- the alerts ---


def test_the_alerts_of_both_days_are_few_enough_to_read(two_days: dict[int, Replayed]) -> None:
    """Most resources are clean but for what they are there to show."""
    assert sum(len(each.alerts) for each in two_days.values()) <= 110


@pytest.mark.parametrize("control", FAILING)
def test_the_first_day_opens_findings_of_every_control_that_can_fail(
    two_days: dict[int, Replayed], control: str
) -> None:
    """Every control that can fail by default alerts on the first day."""
    assert control in {each.control for each in two_days[1].told(TransitionKind.OPENED)}


def test_the_second_day_resolves_what_was_mended_and_deleted_and_opens_new_findings(
    two_days: dict[int, Replayed],
) -> None:
    """A finding's whole life is on the screen."""
    second = two_days[2]

    assert second.told(TransitionKind.OPENED)
    assert second.told(TransitionKind.RESOLVED, ResolvedReason.FIXED)
    assert second.told(TransitionKind.RESOLVED, ResolvedReason.DELETED)
    assert any(
        each.resource_type == ResourceType.ACCOUNT
        for each in second.told(TransitionKind.RESOLVED, ResolvedReason.DELETED)
    ), "a whole account goes, too"


def test_alerts_tell_who_did_it_where_azure_says_so(two_days: dict[int, Replayed]) -> None:
    """People appear by name, the pipeline by its application id, and some changes have no actor."""
    actors = {
        each.attribution.actor if each.attribution else None
        for replayed in two_days.values()
        for each in replayed.alerts
    }

    assert {"mara@contoso.example", "77777777-7777-7777-7777-777777777777", None} <= actors


def test_a_second_replay_of_the_first_day_alerts_nothing_new(tmp_path: Path) -> None:
    """Events are hints: the same ones again change nothing."""
    first, again = replays(1, 1, store=tmp_path / "compliance.db")

    assert first.alerts
    assert not again.alerts
    assert again.is_open == first.is_open


def test_going_back_to_the_first_day_reopens_what_the_second_resolved(tmp_path: Path) -> None:
    """The README sends the reader there to see findings reopened."""
    first, _, back = replays(1, 2, 1, store=tmp_path / "compliance.db")

    assert back.told(TransitionKind.REOPENED)
    assert first.is_open.keys() <= back.is_open.keys()


# --- the events ---


@pytest.mark.parametrize("day", DAYS)
def test_each_day_has_enough_events_to_watch_and_not_too_many(day: int) -> None:
    """There are 25 to 55 of them."""
    assert 25 <= len(events(day)) <= 55


def test_the_events_come_in_every_wire_form_and_outcome() -> None:
    """Subscription events, notifications, Activity Log rows, dead letters; failures, too."""
    found = [each for day in DAYS for each in changes(day)]

    assert {each.origin for each in found} == set(Origin)
    assert {Outcome.SUCCEEDED, Outcome.STARTED, Outcome.FAILED} <= {each.outcome for each in found}


@pytest.mark.parametrize("day", DAYS)
def test_both_schemas_of_event_grid_and_the_activity_log_are_there(day: int) -> None:
    """One subscription delivers the Event Grid schema, the other CloudEvents 1.0."""
    keys = [event.keys() for event in events(day) if isinstance(event, dict)]

    assert any("eventType" in each for each in keys)
    assert any("specversion" in each for each in keys)
    assert any("OperationNameValue" in each for each in keys)


def test_claims_come_as_objects_and_as_json_text() -> None:
    """Azure has sent both."""
    data = [data for event in all_events() if isinstance(data := event.get("data"), dict)]
    forms = {type(each[key]) for each in data for key in ("claims", "authorization") if key in each}

    assert forms == {dict, str}


def test_an_activity_log_row_of_a_start_has_its_success() -> None:
    """The two rows of one operation share a correlation id, and write ids in capitals."""
    rows = [event for event in all_events() if "OperationNameValue" in event]
    of_operation = Counter((row["CorrelationId"], row["ActivityStatusValue"]) for row in rows)

    assert of_operation
    assert set(of_operation.values()) == {1}
    assert Counter(status for _, status in of_operation).keys() == {"Start", "Success"}
    assert all(str(row["ResourceId"]).isupper() for row in rows)


@pytest.mark.parametrize("day", DAYS)
def test_an_event_is_delivered_twice(day: int) -> None:
    """Event Grid delivers at least once: one event of the day comes again, unchanged."""
    found = [json.dumps(event) for event in events(day)]

    assert [count for count in Counter(found).values() if count > 1] == [2]


@pytest.mark.parametrize("day", DAYS)
def test_an_older_event_of_a_resource_comes_after_a_newer_one(day: int) -> None:
    """Event Grid promises no order."""
    told = [each for each in changes(day) if each.origin in OF_THE_RECORDING]
    out_of_order = [
        later.resource_id
        for at, earlier in enumerate(told)
        for later in told[at + 1 :]
        if later.resource_id == earlier.resource_id and later.occurred_at < earlier.occurred_at
    ]

    assert out_of_order


def test_what_a_delete_tells_of_is_gone_from_the_estate() -> None:
    """Each succeeded delete of the second day names something that only the first day has."""
    deleted = {each.resource_id.key for each in changes(2) if each.proves_deletion}

    assert deleted
    assert deleted <= estate(1).keys() - estate(2).keys()


@pytest.mark.parametrize("day", DAYS)
def test_every_change_is_of_something_in_the_estate_of_that_day_or_the_day_before(
    day: int,
) -> None:
    """Ids in events and estate agree; of what no source shows (tags, say) the root is known."""
    known = estate(day) | (estate(day - 1) if day - 1 in DAYS else {})
    for change in changes(day):
        assert change.resource_id.root.key in known
        if source_of(change.resource_id.type) is not None:
            assert change.resource_id.key in known


def test_an_event_names_one_resource_and_one_operation() -> None:
    """Subject, resource and authorization agree, and so do type, operation and status."""
    for event in all_events():
        data = event.get("data")
        assert len({uri.lower() for uri in resource_uris(event)}) <= 1
        if not isinstance(data, dict) or "operationName" not in data:
            continue
        authorization = data["authorization"]
        if isinstance(authorization, str):
            authorization = json.loads(authorization)
        words = str(event.get("eventType", event.get("type", "")))
        verb = data["operationName"].rpartition("/")[2].capitalize()
        ending = {"Succeeded": "Success", "Failed": "Failure"}[data["status"]]

        assert authorization["scope"] == data["resourceUri"]
        assert authorization["action"] == data["operationName"]
        assert words in {f"Microsoft.Resources.Resource{verb}{ending}", ""}


def test_what_is_none_of_ours_is_ignored_for_every_common_reason() -> None:
    """Other providers, template deployments, listed keys, policy events and the handshake."""
    reasons = {each.reason for day in DAYS for each in translated(day) if isinstance(each, Ignored)}

    assert reasons == {
        IgnoredReason.OTHER_PROVIDER,
        IgnoredReason.TEMPLATE_DEPLOYMENT,
        IgnoredReason.HARMLESS_ACTION,
        IgnoredReason.POLICY,
        IgnoredReason.SUBSCRIPTION_VALIDATION,
    }


@pytest.mark.parametrize("day", DAYS)
def test_everything_malformed_is_set_aside_with_its_reason(
    two_days: dict[int, Replayed], day: int
) -> None:
    """There are at least two, one of them of an unwatched subscription, and each has a reason."""
    replayed = two_days[day]
    reasons = [reason for _, reason in replayed.receipt.malformed]

    assert len(reasons) >= 2
    assert all(reason.strip() for reason in reasons)
    assert f"subscription {UNWATCHED} is not watched" in reasons
    assert set(reasons) <= set(replayed.set_aside)


def test_the_first_day_has_an_event_that_lacks_keys(two_days: dict[int, Replayed]) -> None:
    """Its reason names them."""
    reasons = [reason for _, reason in two_days[1].receipt.malformed]

    assert any("lacks eventType, eventTime" in reason for reason in reasons)


# --- nothing real ---

GUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
ADDRESS = re.compile(r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b")
MAIL = re.compile(r"[\w.+-]+@[\w.-]+")
SECRET = re.compile(
    r"eyJ[\w-]{8}|[?&](?:sig|code|token|key)=|AccountKey|SharedAccessKey|Bearer |\b[0-9a-f]{32}\b",
    re.IGNORECASE,
)
DOCUMENTATION = ("192.0.2.", "198.51.100.", "203.0.113.")
"""Address ranges that belong to nobody (RFC 5737)."""


@pytest.mark.parametrize("file", FILES, ids=names(FILES))
def test_nobody_and_nothing_in_the_example_is_real(file: Path) -> None:
    """Mail, ids and addresses are recognisably invented, and there are no secrets."""
    text = file.read_text("utf-8")

    assert all(each.endswith("@contoso.example") for each in MAIL.findall(text))
    # A random id has a dozen different digits or more.
    assert all(len({*each.lower()} - {"-"}) <= 5 for each in GUID.findall(text))
    assert all(each.startswith(DOCUMENTATION) for each in ADDRESS.findall(text))
    assert not SECRET.search(text)


def test_tokens_in_claims_are_the_word_example() -> None:
    """`aio` and `uti` are made from a token by Microsoft Entra ID."""
    text = "".join(events_file(day).read_text("utf-8") for day in DAYS).replace('\\"', '"')
    found = re.findall(r'"(aio|uti|validationCode)": "([^"]*)"', text)

    assert {name for name, _ in found} == {"aio", "uti", "validationCode"}
    assert {value for _, value in found} == {"example"}


# --- the README ---


def test_the_readme_tells_of_every_root_and_every_file_of_events() -> None:
    """Whoever adds an account says what it is there for."""
    text = (EXAMPLES / "README.md").read_text("utf-8")

    assert {each.id.name for day in DAYS for each in roots(day)} <= set(re.findall(r"[\w-]+", text))
    assert all(f"events/{events_file(day).name}" in text for day in DAYS)
