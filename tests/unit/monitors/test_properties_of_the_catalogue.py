"""What holds for every monitor, whatever a resource looks like.

Each monitor is tried on the estates of `tests/safe_resources.py`, in which nothing is wrong, with
one property changed at a time. A new monitor is tried without being named here. Where its row says
that a resource is safe without a property, that stands in `SAFE_WHEN_ABSENT`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors import load_catalogue
from shared.domain.control import AnyMonitor, AppliesTo
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem, Snapshot, SourceReading
from shared.domain.topology import Source, resource_type, source_of
from shared.domain.verdict import Judgement, Verdict
from shared.pipeline import evaluate as pipeline
from tests.arm import FORBIDDEN, snapshot_of
from tests.safe_resources import ESTATES, NOT_PASSING, PARAMETERS

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
CRASHED = "The check itself failed"
BETTER = (FAIL, UNKNOWN, Verdict.NOT_APPLICABLE, PASS)
"""Verdicts, the best last."""
WRONG = "NoSuchValue"

NO_ENVIRONMENT = "the model then runs in an environment of Microsoft's"
OWN_FLAG = "the workspace's network is then disabled, and the deployment's own flag closes it"
NOTHING_SENT = "nothing is sent anywhere"
NO_RULES = "there is nothing to judge"
AS_CREATED = "Azure then enforces and denies"
SAFE_WHEN_ABSENT: Mapping[str, Mapping[str, str]] = {
    "catalog_models.environment_approved": {"properties.environmentId": NO_ENVIRONMENT},
    "catalog_models.model_approved": {"properties.model.publisher": "the format says it then"},
    "catalog_models.model_scanned": {"properties.environmentId": NO_ENVIRONMENT},
    "catalog_models.publisher_sharing_accepted": {
        "properties.model.format": "the publisher says it then",
        "properties.model.publisher": "the format says it then",
    },
    "catalog_models.unscanned_isolated": {
        "properties.managedNetwork": OWN_FLAG,
    },
    "content_logging.abuse_penalty_absent": {"properties.abusePenalty": "there is no penalty"},
    "content_logging.payload_collection_off": {"properties.dataCollector": "absent is off"},
    "content_logging.rai_telemetry_contained": {"properties.raiMonitorConfig": NOTHING_SENT},
    "deployment_type.account_location_allowed": {
        "properties.locations": "the account's own location is all",
        "properties.regionDetails": "the registry's own location is all",
    },
    "deployment_type.model_source_contained": {
        "properties.model": "the model is of no other account",
    },
    "deployment_type.spillover_contained": {
        "properties.spilloverDeploymentName": NOTHING_SENT,
    },
    "network_isolation.agent_egress_enforced": {
        "properties.basePolicyName": "the policy has no egress controls then",
        "properties.egressPolicy": AS_CREATED,
        "properties.raiPolicyName": "Microsoft's own policy has no egress controls",
    },
    "network_isolation.agent_hosting_private": {
        "properties.enablePublicHostingEnvironment": "absent is false",
    },
    "network_isolation.deployment_egress_disabled": {
        "properties.managedNetwork": OWN_FLAG,
    },
    "network_isolation.ip_rules_narrow": {
        "properties.ipAllowlist": NO_RULES,
        "properties.networkAcls": NO_RULES,
    },
    "network_isolation.outbound_restricted": {"properties.allowedFqdnList": "none is denied all"},
    "network_isolation.outbound_rules_approved": {"properties.managedNetwork": NO_RULES},
    "network_isolation.perimeter_enforced": {"properties.provisioningIssues": NO_RULES},
    "network_isolation.private_endpoint_own_tenant": {
        "properties.privateEndpointConnections": "only an approved connection is judged",
    },
    "network_isolation.trusted_bypass_off": {"properties.networkAcls": "absent is None"},
}
"""Control → property, with all below it → why a resource that failed may pass without it."""
PASS_BARE = frozenset(
    {
        "catalog_models.unscanned_isolated",
        "network_isolation.deployment_egress_disabled",
    }
)
"""Controls that take an answer without any properties for one in which they are absent."""
MORE_TYPES: Mapping[str, str] = {
    "content_logging.abuse_monitoring_storage_off": "properties.capabilities[].value",
}
"""Control → a property that Azure may answer with in more than one type."""
NONE_IN_INPUT: Mapping[str, Source] = {
    "network_isolation.public_access_disabled": Source.PERIMETER_CONFIGURATIONS,
}
"""Control → a source that counts as empty when `check` is not given it."""


def _strict(monitor: AnyMonitor) -> AnyMonitor:
    """Return the monitor under parameters with which it judges."""
    stated = PARAMETERS.get(monitor.id)
    if stated is None:
        return monitor
    return replace(monitor, parameters=type(monitor.parameters).model_validate(stated))


MONITORS = [_strict(monitor) for monitor in load_catalogue()]
IDS = {monitor.id for monitor in MONITORS}
IN_FORCE = {monitor.id: monitor.parameters for monitor in MONITORS}
EACH = pytest.mark.parametrize("monitor", MONITORS, ids=lambda monitor: monitor.id)


# --- what is judged ---


@dataclass(frozen=True, eq=False)
class Estate:
    """An estate by its name, read whole; tests may change the bodies of `resources`."""

    name: str
    resources: tuple[Resource, ...]
    snapshot: Snapshot

    @classmethod
    def of(cls, name: str, resources: tuple[Resource, ...]) -> "Estate":
        """Read the resources."""
        return cls(name, resources, snapshot_of(*resources, in_force=IN_FORCE))

    def reading(self, source: Source, problem: Problem, *, empty: bool) -> "Estate":
        """Return the estate in which a source could not be read, or only what is in it."""
        readings = dict(self.snapshot.readings)
        items = () if empty else readings[source].items
        readings[source] = replace(readings[source], problem=problem, complete=False, items=items)
        return self.with_readings(readings)

    def with_readings(self, readings: Mapping[Source, SourceReading]) -> "Estate":
        """Return the estate as other sources show it."""
        root, watched = self.snapshot.root, self.snapshot.watched
        return replace(self, snapshot=Snapshot(root, readings, watched, IN_FORCE))


@dataclass(frozen=True, eq=False)
class Case:
    """A resource of an estate that a monitor judges."""

    monitor: AnyMonitor
    applies: AppliesTo
    estate: Estate
    resource: Resource

    def judgement(self) -> Judgement:
        """Judge it as the pipeline does; the log has the traceback of a crash."""
        judgement = pipeline.judge(self.applies, self.monitor, self.resource, self.estate.snapshot)
        assert not judgement.message.startswith(CRASHED)
        return judgement

    @property
    def verdict(self) -> Verdict:
        """What it comes to."""
        return self.judgement().verdict


def _copied(original: Resource) -> Resource:
    """Return a resource whose body shares nothing with others."""
    return Resource(original.id, json.loads(json.dumps(original.body)), original.api_version)


@cache
def estates() -> tuple[Estate, ...]:
    """Return the safe estates."""
    return tuple(
        Estate.of(name, tuple(map(_copied, resources))) for name, resources in ESTATES.items()
    )


def cases(monitor: AnyMonitor, *among: Estate) -> list[Case]:
    """Return what a monitor judges in these estates, or in all."""
    return [
        Case(monitor, applies, estate, resource)
        for estate in among or estates()
        for resource in estate.resources
        if resource.id.root == estate.snapshot.root
        for applies in monitor.applies_to
        if resource_type(resource.id.type) is applies.type
    ]


# --- changing it ---


@dataclass(frozen=True)
class Place:
    """Where a property or an entry of a list stands: its container, its key, and the way there."""

    container: dict[str, object] | list[object]
    key: str | int
    way: tuple[str, ...]

    @property
    def path(self) -> str:
        """The dotted path, lists without indices."""
        return ".".join(self.way).replace(".[]", "[]")

    @property
    def value(self) -> object:
        """What stands here."""
        return self.container[self.key]  # type: ignore[index] # it is of this container

    @contextmanager
    def holding(self, value: object) -> Iterator[None]:
        """Put a value here for a while."""
        before = self.value
        self.container[self.key] = value  # type: ignore[index] # it is of this container
        try:
            yield
        finally:
            self.container[self.key] = before  # type: ignore[index] # it is of this container

    @contextmanager
    def left_out(self) -> Iterator[None]:
        """Take the property or entry out for a while."""
        before = self.value
        del self.container[self.key]  # type: ignore[arg-type] # it is of this container
        try:
            yield
        finally:
            if isinstance(self.container, list):
                self.container.insert(int(self.key), before)
            else:
                self.container[str(self.key)] = before


def places(node: object, way: tuple[str, ...] = ()) -> Iterator[Place]:
    """Go through all properties and entries of lists, those that hold others too."""
    if isinstance(node, dict):
        for key, below in node.items():
            yield Place(node, key, (*way, key))
            yield from places(below, (*way, key))
    elif isinstance(node, list):
        for index, below in enumerate(node):
            yield Place(node, index, (*way, "[]"))
            yield from places(below, (*way, "[]"))


def concerning(case: Case) -> list[Place]:
    """Return every place of what a case is judged by: its own body, and the sources it needs."""
    read = {
        item.id.key
        for source in case.monitor.needs
        for item in case.estate.snapshot.reading(source).items
    }
    return [
        place
        for resource in case.estate.resources
        if resource is case.resource or resource.id.key in read
        for place in places(resource.body)
    ]


def deciding(case: Case) -> Iterator[Place]:
    """Go through the places with a wrong value in which a case fails; each holds it meanwhile."""
    for place in concerning(case) if case.verdict is PASS else ():
        value = place.value
        if not isinstance(value, bool | str | None):
            continue
        with place.holding((not value) if isinstance(value, bool) else WRONG):
            if case.verdict is FAIL:
                yield place


def is_within(path: str, others: Mapping[str, str]) -> bool:
    """Whether a path is one of others, or below one."""
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in others)


# --- the estates ---


@EACH
def test_every_control_passes_on_every_type_that_it_judges(monitor: AnyMonitor) -> None:
    """In one estate at least: otherwise nothing below says much about it.

    Set what the control wants to see in `tests/safe_resources.py`, and parameters under which it
    judges if it does not by default.
    """
    passing = {case.applies for case in cases(monitor) if case.verdict is PASS}

    assert set(monitor.applies_to) - passing == set()


@EACH
def test_nothing_is_wrong_in_the_estates_but_what_is_said(monitor: AnyMonitor) -> None:
    """`NOT_PASSING` has the rest, and nothing that holds."""
    wrong = {case.estate.name for case in cases(monitor) if case.verdict in {FAIL, UNKNOWN}}

    assert wrong == {estate for estate, control in NOT_PASSING if control == monitor.id}


def test_the_estates_show_every_type_that_is_judged_and_every_source_that_is_needed() -> None:
    """Nothing that a monitor reads goes untried."""
    shown = {
        (each.id.root == estate.snapshot.root, resource_type(each.id.type))
        for estate in estates()
        for each in estate.resources
    }
    read = {
        source
        for estate in estates()
        for source, reading in estate.snapshot.readings.items()
        if reading.items
    }

    assert {(True, applies.type) for each in MONITORS for applies in each.applies_to} <= shown
    assert {source for each in MONITORS for source in each.needs} <= read


def test_the_tables_name_controls_that_there_are() -> None:
    """A control that is renamed takes its exceptions along."""
    named = {*PARAMETERS, *SAFE_WHEN_ABSENT, *PASS_BARE, *MORE_TYPES, *NONE_IN_INPUT}

    assert named | {control for _, control in NOT_PASSING} <= IDS


# --- any JSON ---

VALUES: tuple[object, ...] = (
    *(True, False, 0, -1, 1.5, 2**70),
    *("", " ", "x", "*", "é\u202e", "a" * 3000),
    *("azureml://", "/subscriptions/", "/subscriptions/s/resourceGroups/g/providers/a/b/c"),
    *([], [None], ["x"], [[]], [{}], {}, {"": None}, {"name": 5, "properties": {"x": []}}),
)


@EACH
def test_no_value_makes_a_monitor_crash_or_deceives_it(monitor: AnyMonitor) -> None:
    """Null is absent, and a value of the wrong type is judged no better than absent."""
    for case in cases(monitor):
        for place in concerning(case):
            absent = PASS
            if isinstance(place.container, dict):
                with place.left_out():
                    absent = case.verdict
                with place.holding(None):
                    assert case.verdict is absent, place.path
            for value in VALUES:
                with place.holding(value):
                    found = case.verdict
                if type(value) is not type(place.value) and place.value is not None:
                    better = BETTER.index(found) > BETTER.index(absent)
                    assert not better or place.path == MORE_TYPES.get(monitor.id), place.path


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["Disabled", "false", "azureml://registries/azureml/models/Phi-4", "Deny"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "value", "properties", "type", "status"]) | st.text(),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@EACH
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_judgement_of_any_json_is_whole(monitor: AnyMonitor, data: st.DataObject) -> None:
    """It has words, a cause when it is unknown, and evidence that says where it is from."""
    case = data.draw(st.sampled_from(cases(monitor)))
    place = data.draw(st.sampled_from(concerning(case)))

    with place.holding(data.draw(JSON)):
        judgement = case.judgement()

    assert judgement.message
    assert (judgement.cause is not None) is (judgement.verdict is UNKNOWN)
    assert all(each.source and each.path for each in judgement.evidence)
    json.dumps([(each.bounded().expected, each.bounded().observed) for each in judgement.evidence])


# --- what is left out ---


@EACH
def test_leaving_something_out_never_saves_what_fails(monitor: AnyMonitor) -> None:
    """Where one wrong value fails, no property's absence passes, unless its row says so.

    Not that of the property itself, nor of what holds it, nor of any other.
    """
    allowed = SAFE_WHEN_ABSENT.get(monitor.id, {})
    passing = set()
    for case in cases(monitor):
        for _place in deciding(case):
            for other in concerning(case):
                with other.left_out():
                    if case.verdict is PASS:
                        passing.add(other.path)
    if monitor.id in PASS_BARE:
        passing.discard("properties")

    assert {path for path in passing if not is_within(path, allowed)} == set()
    assert {path for path in allowed if not any(is_within(p, {path: ""}) for p in passing)} == set()


# --- spelling and order ---


def respelled(node: object, spell: Callable[[str], str]) -> object:
    """Return JSON with every text in another case, keys left alone."""
    if isinstance(node, dict):
        return {key: respelled(below, spell) for key, below in node.items()}
    if isinstance(node, list):
        return [respelled(each, spell) for each in node]
    return spell(node) if isinstance(node, str) else node


def turned(node: object) -> object:
    """Return JSON with every list and every object in the reverse order."""
    if isinstance(node, dict):
        return {key: turned(below) for key, below in reversed(node.items())}
    return [turned(each) for each in reversed(node)] if isinstance(node, list) else node


def in_another_case(estate: Estate, spell: Callable[[str], str]) -> Estate:
    """Return the estate as answers in another case show it, ids too."""
    return Estate.of(
        estate.name,
        tuple(
            Resource(
                ResourceId.parse(spell(each.id.text)),
                _object(respelled(each.body, spell)),
                each.api_version,
            )
            for each in estate.resources
        ),
    )


def in_another_order(estate: Estate) -> Estate:
    """Return the estate as answers in another order show it."""
    root, *others = (
        Resource(each.id, _object(turned(each.body)), each.api_version) for each in estate.resources
    )
    return Estate.of(estate.name, (root, *reversed(others)))


def _object(node: object) -> dict[str, object]:
    """Return a body, which is an object."""
    assert isinstance(node, dict)
    return node


CHANGES: Mapping[str, Callable[[Estate], Estate]] = {
    "upper": lambda estate: in_another_case(estate, str.upper),
    "lower": lambda estate: in_another_case(estate, str.lower),
    "swapped": lambda estate: in_another_case(estate, str.swapcase),
    "order": in_another_order,
}


@EACH
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_neither_case_nor_order_matters(
    monitor: AnyMonitor, change: Callable[[Estate], Estate]
) -> None:
    """Azure spells ids and values in several ways and promises no order, of good and of bad."""

    def verdicts(estate: Estate) -> dict[str, Verdict]:
        return {case.resource.id.key: case.verdict for case in cases(monitor, estate)}

    for estate in estates():
        assert verdicts(change(estate)) == verdicts(estate)
        for case in cases(monitor, estate):
            for place in deciding(case):
                assert verdicts(change(estate))[case.resource.id.key] is FAIL, place.path


# --- what it reads ---


@EACH
def test_only_what_a_monitor_needs_matters_to_it(monitor: AnyMonitor) -> None:
    """What it does not name in `needs` may not have been read when it judges."""
    for case in cases(monitor):
        wanted = {*monitor.needs, source_of(case.resource.id.type)}
        readings = case.estate.snapshot.readings
        kept = {source: reading for source, reading in readings.items() if source in wanted}
        less = replace(case, estate=case.estate.with_readings(kept))

        assert less.judgement() == case.judgement()


@EACH
@pytest.mark.parametrize("problem", [FORBIDDEN, NOT_READ, NOT_IN_INPUT], ids=lambda it: it.detail)
def test_a_source_that_says_nothing_makes_nothing_fail(
    monitor: AnyMonitor, problem: Problem
) -> None:
    """It leaves unknown what it would decide, with its own cause."""
    for case in cases(monitor):
        for source in {*monitor.needs} & {*case.estate.snapshot.readings}:
            for empty in (True, False):
                less = replace(case, estate=case.estate.reading(source, problem, empty=empty))
                judgement = less.judgement()

                if problem is NOT_IN_INPUT and NONE_IN_INPUT.get(monitor.id) is source:
                    continue
                assert judgement.verdict is case.verdict or judgement.verdict is not FAIL
                assert judgement.cause in {case.judgement().cause, problem.cause, None}


@EACH
def test_an_answer_of_an_old_api_decides_nothing(monitor: AnyMonitor) -> None:
    """`since` says what old is."""
    for case in cases(monitor):
        if case.applies.type in monitor.since:
            old = replace(
                case, resource=Resource(case.resource.id, case.resource.body, "2000-01-01")
            )

            assert old.verdict in {UNKNOWN, Verdict.NOT_APPLICABLE}


@EACH
def test_a_judgement_is_the_same_each_time_and_changes_nothing(monitor: AnyMonitor) -> None:
    """Monitors are pure."""
    before = [repr(each.body) for estate in estates() for each in estate.resources]

    for case in cases(monitor):
        assert case.judgement() == case.judgement()
    assert [repr(each.body) for estate in estates() for each in estate.resources] == before
