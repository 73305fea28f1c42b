"""What holds for every monitor, whatever a resource looks like."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors import load_catalogue
from shared.domain.control import AnyMonitor
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.topology import ResourceType, resource_type
from shared.domain.verdict import Judgement, Verdict
from tests.arm import (
    ABSENT,
    COMPUTE_ID,
    account,
    batch_deployment,
    changed,
    compute,
    deployment,
    hub,
    judge,
    managed_compute_deployment,
    managed_network,
    online_deployment,
    perimeter,
    private_endpoints,
    project,
    serverless_endpoint,
    workspace,
)

CATALOGUE = load_catalogue()
ISOLATED = {"isolationMode": "AllowOnlyApprovedOutbound"}
LEAKY = {"isolationMode": "AllowInternetOutbound"}
MANAGED = [{"scenario": "agent", "useMicrosoftManagedNetwork": True}]


@dataclass(frozen=True)
class Example:
    """A resource that a control judges, with what it is judged by, and how that ends.

    `deciding` are the properties whose absence must not pass.
    """

    control: str
    judged: Resource
    others: tuple[Resource, ...]
    verdict: Verdict
    deciding: tuple[str, ...] = ()

    @property
    def monitor(self) -> AnyMonitor:
        """The control's monitor."""
        monitor = CATALOGUE.get(self.control)
        assert monitor is not None
        return monitor

    def judgement(self) -> Judgement:
        """Judge it."""
        return judge(self.monitor, self.judged, *self.others)


def safe(control: str, judged: Resource, *others: Resource, deciding: tuple[str, ...]) -> Example:
    """Return an example that passes, and fails without its deciding properties."""
    return Example(control, judged, others, Verdict.PASS, deciding)


def unsafe(control: str, judged: Resource, *others: Resource) -> Example:
    """Return an example that fails."""
    return Example(control, judged, others, Verdict.FAIL)


LOGGING = "content_logging.abuse_monitoring_storage_off"
STORED = "content_logging.stored_completions_off"
KEYS = "identity.local_auth_disabled"
PUBLIC = "network_isolation.public_access_restricted"
PRIVATE = "network_isolation.private_endpoint_approved"
NETWORK = "network_isolation.managed_network_isolated"
SKU = "deployment_type.sku_allowed"
LOCATION = "deployment_type.processing_location_allowed"
SCANNED = "catalog_models.model_scanned"

CONNECTED = {"privateEndpointConnections": private_endpoints("Approved")}
CONNECTIONS = ("properties.privateEndpointConnections",)
MODE = ("properties.managedNetwork.isolationMode",)
EXAMPLES = (
    safe(
        LOGGING,
        account(capabilities=[{"name": "ContentLogging", "value": "false"}]),
        deciding=("properties.capabilities",),
    ),
    unsafe(LOGGING, account(capabilities=[{"name": "ContentLogging", "value": "true"}])),
    safe(
        STORED,
        account(storedCompletionsDisabled=True),
        deciding=("properties.storedCompletionsDisabled",),
    ),
    unsafe(STORED, account(storedCompletionsDisabled=False)),
    safe(KEYS, account(disableLocalAuth=True), deciding=("properties.disableLocalAuth",)),
    unsafe(KEYS, account(disableLocalAuth=False)),
    safe(
        PUBLIC,
        account(publicNetworkAccess="Disabled"),
        deciding=("properties.publicNetworkAccess",),
    ),
    safe(
        PUBLIC,
        account(publicNetworkAccess="Enabled", networkAcls={"defaultAction": "Deny"}),
        deciding=("properties.networkAcls", "properties.networkAcls.defaultAction"),
    ),
    safe(PUBLIC, account(publicNetworkAccess="Enabled"), perimeter(), deciding=()),
    unsafe(
        PUBLIC,
        account(publicNetworkAccess="Enabled", networkAcls={"defaultAction": "Allow"}),
        perimeter("Learning"),
    ),
    safe(PRIVATE, account(**CONNECTED), deciding=CONNECTIONS),
    safe(PRIVATE, workspace(**CONNECTED), deciding=CONNECTIONS),
    safe(PRIVATE, project(), hub(**CONNECTED), deciding=("properties.hubResourceId",)),
    unsafe(PRIVATE, account(privateEndpointConnections=private_endpoints("Pending"))),
    unsafe(PRIVATE, project(**CONNECTED), hub()),
    safe(
        NETWORK,
        account(kind="AIServices", networkInjections=MANAGED),
        managed_network(),
        deciding=(),
    ),
    safe(NETWORK, workspace(managedNetwork=ISOLATED), deciding=MODE),
    safe(NETWORK, project(), hub(managedNetwork=ISOLATED), deciding=("properties.hubResourceId",)),
    unsafe(
        NETWORK,
        account(kind="AIServices", networkInjections=MANAGED),
        managed_network("AllowInternetOutbound"),
    ),
    unsafe(NETWORK, workspace(managedNetwork=LEAKY, publicNetworkAccess="Disabled", **CONNECTED)),
    unsafe(NETWORK, project(managedNetwork=ISOLATED), hub(managedNetwork=LEAKY)),
    safe(SKU, deployment(sku="DataZoneStandard"), deciding=("sku", "sku.name")),
    safe(SKU, managed_compute_deployment(sku="VmManagedCompute"), deciding=("sku.name",)),
    unsafe(SKU, deployment(sku="GlobalStandard")),
    safe(LOCATION, deployment(), account(location="Sweden Central"), deciding=("sku.name",)),
    safe(
        LOCATION,
        managed_compute_deployment(sku="VmManagedCompute", computeId=COMPUTE_ID),
        account(),
        compute(location="Germany West Central"),
        deciding=("sku.name", "properties.computeId"),
    ),
    safe(LOCATION, serverless_endpoint(), deciding=("location",)),
    unsafe(LOCATION, deployment(sku="GlobalStandard"), account()),
    unsafe(LOCATION, deployment(sku="DataZoneStandard"), account(location="uksouth")),
    safe(SCANNED, online_deployment(), deciding=("properties.model",)),
    safe(
        SCANNED,
        batch_deployment(),
        deciding=(
            "properties.model",
            "properties.model.assetId",
            "properties.model.referenceType",
        ),
    ),
    safe(
        SCANNED,
        managed_compute_deployment(),
        deciding=("sku", "properties.model", "properties.deploymentTemplate"),
    ),
    unsafe(SCANNED, online_deployment("azureml://registries/HuggingFace/models/m/versions/1")),
    unsafe(SCANNED, batch_deployment(reference_type="DataPath")),
    unsafe(SCANNED, managed_compute_deployment(sku="VmManagedCompute")),
)
NAMED = [
    pytest.param(each, id=f"{number}-{each.control}-{each.verdict}")
    for number, each in enumerate(EXAMPLES)
]
EACH = pytest.mark.parametrize("example", NAMED)
EACH_FAILING = pytest.mark.parametrize(
    "example",
    [named for each, named in zip(EXAMPLES, NAMED, strict=True) if each.verdict is Verdict.FAIL],
)

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
            st.sampled_from(["name", "value", "properties", "isolationMode", "status"]) | st.text(),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def paths(node: object, way: str = "") -> Iterator[str]:
    """Go through the dotted paths of all properties, those that hold others too."""
    if isinstance(node, Mapping):
        for key, below in node.items():
            path = f"{way}.{key}" if way else key
            yield path
            yield from paths(below, path)


def recased(node: object) -> object:
    """Return JSON with the case of every text swapped, keys left alone."""
    if isinstance(node, str):
        return node.swapcase()
    if isinstance(node, list):
        return [recased(each) for each in node]
    if isinstance(node, Mapping):
        return {key: recased(each) for key, each in node.items()}
    return node


def shouted(original: Resource) -> Resource:
    """Return the resource as an answer in other cases, its id in upper case."""
    body = recased(original.body)
    assert isinstance(body, dict)
    return Resource(ResourceId.parse(original.id.text.upper()), body)


def test_the_examples_cover_every_monitor_and_type() -> None:
    """What follows holds for every monitor on every type that it judges."""
    covered = {
        verdict: {
            (each.control, resource_type(each.judged.id.type))
            for each in EXAMPLES
            if each.verdict is verdict
        }
        for verdict in (Verdict.PASS, Verdict.FAIL)
    }
    wanted: set[tuple[str, ResourceType | None]] = {
        (monitor.id, applies.type) for monitor in CATALOGUE for applies in monitor.applies_to
    }

    assert covered[Verdict.PASS] == wanted
    assert {control for control, _ in covered[Verdict.FAIL]} == {each.id for each in CATALOGUE}


@EACH
def test_the_examples_end_as_they_say(example: Example) -> None:
    """The ground that the properties stand on."""
    assert example.judgement().verdict is example.verdict


@EACH
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_json_makes_a_monitor_crash(example: Example, data: st.DataObject) -> None:
    """Whatever stands where, in the resource or beside it, the monitor says something whole."""
    everything = [example.judged, *example.others]
    at = data.draw(st.integers(0, len(everything) - 1), label="which resource")
    known = sorted({*paths(everything[at].body), *example.deciding, "properties.kind"})
    path = data.draw(st.sampled_from(known), label="path")
    value = data.draw(st.just(ABSENT) | JSON, label="value")
    everything[at] = changed(everything[at], path, value)

    judgement = judge(example.monitor, everything[0], *everything[1:])

    assert judgement.message
    assert (judgement.cause is not None) is (judgement.verdict is Verdict.UNKNOWN)
    assert all(each.source and each.path for each in judgement.evidence)


@EACH
def test_case_does_not_matter(example: Example) -> None:
    """Azure spells ids and values in several ways; the verdict is the same."""
    others = tuple(map(shouted, example.others))
    loud = replace(example, judged=shouted(example.judged), others=others)

    assert loud.judgement().verdict is example.verdict


@EACH
def test_without_what_decides_nothing_passes(example: Example) -> None:
    """Absent, null and wrong-typed values mean what Azure does, which is never the safe thing."""
    for path in example.deciding:
        for value in (ABSENT, None, 5, [[]]):
            poorer = replace(example, judged=changed(example.judged, path, value))

            assert poorer.judgement().verdict is not Verdict.PASS, (path, value)


@EACH_FAILING
def test_leaving_something_out_never_passes_what_fails(example: Example) -> None:
    """No failing resource passes because an answer was incomplete."""
    for path in paths(example.judged.body):
        poorer = replace(example, judged=changed(example.judged, path, ABSENT))

        assert poorer.judgement().verdict is not Verdict.PASS, path


@EACH
def test_a_judgement_is_the_same_each_time_and_changes_nothing(example: Example) -> None:
    """Monitors are pure."""
    before = repr(example.judged.body)

    assert example.judgement() == example.judgement()
    assert repr(example.judged.body) == before
