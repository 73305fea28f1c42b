"""The catalogue as a whole: found by scanning, complete, and loud when something is wrong."""

import compileall
import importlib
import shlex
import string
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitors import BrokenCatalogueError, load_catalogue
from shared.adapters.formats.parameter_texts import parameter_texts
from shared.domain.control import AnyMonitor, FoundBy
from shared.domain.resource_id import ResourceId
from shared.domain.tables import TABLES
from shared.domain.topology import ResourceType
from shared.domain.verdict import Severity
from tests.arm import GROUP, SUBSCRIPTION

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE = load_catalogue()
EACH = pytest.mark.parametrize("monitor", list(CATALOGUE), ids=lambda monitor: monitor.id)

EXPECTED = {
    "catalog_models.environment_approved": Severity.MEDIUM,
    "catalog_models.fine_tuned_reviewed": Severity.MEDIUM,
    "catalog_models.instant_access_off": Severity.HIGH,
    "catalog_models.model_approved": Severity.HIGH,
    "catalog_models.model_scanned": Severity.HIGH,
    "catalog_models.origin_known": Severity.MEDIUM,
    "catalog_models.publisher_sharing_accepted": Severity.MEDIUM,
    "catalog_models.registry_approved": Severity.HIGH,
    "catalog_models.unscanned_isolated": Severity.CRITICAL,
    "content_logging.abuse_monitoring_storage_off": Severity.HIGH,
    "content_logging.abuse_monitoring_storage_on": Severity.MEDIUM,
    "content_logging.abuse_penalty_absent": Severity.HIGH,
    "content_logging.customer_held_state": Severity.LOW,
    "content_logging.external_processor_absent": Severity.HIGH,
    "content_logging.payload_collection_off": Severity.MEDIUM,
    "content_logging.rai_telemetry_contained": Severity.MEDIUM,
    "content_logging.stored_completions_off": Severity.MEDIUM,
    "content_logging.web_grounding_absent": Severity.HIGH,
    "content_logging.web_search_blocked": Severity.HIGH,
    "deployment_type.account_location_allowed": Severity.CRITICAL,
    "deployment_type.model_source_contained": Severity.MEDIUM,
    "deployment_type.processing_location_allowed": Severity.HIGH,
    "deployment_type.routing_contained": Severity.HIGH,
    "deployment_type.short_lived_absent": Severity.HIGH,
    "deployment_type.sku_allowed": Severity.HIGH,
    "deployment_type.spillover_contained": Severity.HIGH,
    "identity.local_auth_disabled": Severity.HIGH,
    "network_isolation.agent_egress_enforced": Severity.LOW,
    "network_isolation.agent_hosting_private": Severity.MEDIUM,
    "network_isolation.agent_network_injected": Severity.MEDIUM,
    "network_isolation.connection_targets_approved": Severity.MEDIUM,
    "network_isolation.deployment_egress_disabled": Severity.HIGH,
    "network_isolation.endpoint_public_access_disabled": Severity.HIGH,
    "network_isolation.ip_rules_narrow": Severity.HIGH,
    "network_isolation.managed_network_isolated": Severity.HIGH,
    "network_isolation.outbound_restricted": Severity.MEDIUM,
    "network_isolation.outbound_rules_approved": Severity.MEDIUM,
    "network_isolation.perimeter_enforced": Severity.MEDIUM,
    "network_isolation.private_endpoint_approved": Severity.MEDIUM,
    "network_isolation.private_endpoint_own_tenant": Severity.MEDIUM,
    "network_isolation.public_access_disabled": Severity.MEDIUM,
    "network_isolation.public_access_restricted": Severity.HIGH,
    "network_isolation.trusted_bypass_off": Severity.LOW,
    "network_isolation.workspace_public_access_disabled": Severity.HIGH,
}


def test_every_control_is_found_with_its_severity() -> None:
    """Of all that there are: one that vanishes, or one more, is noticed here."""
    found = {monitor.id: monitor.control.severity for monitor in CATALOGUE}

    assert len(CATALOGUE) == len(found) == 44
    assert found == EXPECTED
    assert list(found) == sorted(found)


def test_only_what_microsoft_changes_itself_is_left_to_sweeps() -> None:
    """Every other change comes with an event."""
    swept = [monitor.id for monitor in CATALOGUE if monitor.control.found_by is FoundBy.SWEEP]

    assert swept == [
        "content_logging.abuse_monitoring_storage_off",
        "content_logging.abuse_monitoring_storage_on",
        "content_logging.abuse_penalty_absent",
        "content_logging.web_search_blocked",
    ]


def test_what_contradicts_another_control_or_is_preview_waits_for_policy() -> None:
    """Every other control judges without being asked for."""
    waiting = [monitor.id for monitor in CATALOGUE if not monitor.enabled]

    assert waiting == [
        "content_logging.abuse_monitoring_storage_on",
        "network_isolation.agent_egress_enforced",
    ]


@EACH
def test_the_id_is_the_path_of_the_module(monitor: AnyMonitor) -> None:
    """There is no second spelling that could drift."""
    family, _, name = monitor.id.partition(".")

    assert monitor.module == f"monitors.{family}.{name}"
    assert monitor.family == family
    assert (ROOT / "monitors" / family / f"{name}.py").is_file()
    assert (sys.modules[monitor.module].__doc__ or "").strip()


@EACH
def test_every_monitor_has_a_test(monitor: AnyMonitor) -> None:
    """A monitor comes with its test file, which mirrors its path."""
    family, _, name = monitor.id.partition(".")

    assert (ROOT / "tests/unit/monitors" / family / f"test_{name}.py").is_file()


@EACH
def test_the_control_is_explained(monitor: AnyMonitor) -> None:
    """Each has sentences for people who never heard of it, steps and Microsoft's own pages."""
    control = monitor.control
    sentences = [control.requirement, control.why, control.fails_when, *control.limits]

    assert all(text.endswith(".") for text in sentences), sentences
    assert control.requirement.count(".") == 1
    assert len(control.why) > 150
    assert control.remediation
    assert control.references
    assert all(page.startswith("https://learn.microsoft.com/") for page in control.references)


@EACH
def test_every_parameter_is_described_and_has_a_default(monitor: AnyMonitor) -> None:
    """A policy need not set anything, and can know what it sets."""
    fields = type(monitor.parameters).model_fields

    assert all(parameter_texts(type(monitor.parameters)).values())
    assert parameter_texts(type(monitor.parameters)).keys() == fields.keys()
    for name, field in fields.items():
        assert not field.is_required(), name
    assert type(monitor.parameters)() == monitor.parameters


@EACH
def test_parameters_survive_a_policy_file(monitor: AnyMonitor) -> None:
    """The defaults, written out as JSON, are read as the same parameters; the schema says how."""
    kind = type(monitor.parameters)

    assert kind.model_validate_json(monitor.parameters.model_dump_json()) == monitor.parameters
    assert kind.model_validate(monitor.parameters.model_dump(mode="json")) == monitor.parameters
    assert kind.model_json_schema()["additionalProperties"] is False


@EACH
def test_sources_versions_and_tables_exist(monitor: AnyMonitor) -> None:
    """What a monitor refers to is there, and concerns a type that it judges."""
    types = {applies.type for applies in monitor.applies_to}

    assert types
    assert set(monitor.since) <= types
    assert set(monitor.tables) <= TABLES.keys()
    for applies in monitor.applies_to:
        assert applies.kinds is None or {kind.lower() for kind in applies.kinds} == applies.kinds


PATHS = {
    ResourceType.ACCOUNT: "Microsoft.CognitiveServices/accounts/acct",
    ResourceType.DEPLOYMENT: "Microsoft.CognitiveServices/accounts/acct/deployments/chat",
    ResourceType.MANAGED_COMPUTE_DEPLOYMENT: (
        "Microsoft.CognitiveServices/accounts/acct/managedComputeDeployments/gpu"
    ),
    ResourceType.PROJECT: "Microsoft.CognitiveServices/accounts/acct/projects/alpha",
    ResourceType.WORKSPACE: "Microsoft.MachineLearningServices/workspaces/ws",
    ResourceType.ONLINE_ENDPOINT: (
        "Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/e"
    ),
    ResourceType.ONLINE_DEPLOYMENT: (
        "Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/e/deployments/blue"
    ),
    ResourceType.BATCH_DEPLOYMENT: (
        "Microsoft.MachineLearningServices/workspaces/ws/batchEndpoints/e/deployments/blue"
    ),
    ResourceType.SERVERLESS_ENDPOINT: (
        "Microsoft.MachineLearningServices/workspaces/ws/serverlessEndpoints/llama"
    ),
    ResourceType.MARKETPLACE_SUBSCRIPTION: (
        "Microsoft.MachineLearningServices/workspaces/ws/marketplaceSubscriptions/llama"
    ),
    ResourceType.REGISTRY: "Microsoft.MachineLearningServices/registries/reg",
}


def one_of(kind: ResourceType, group: str) -> ResourceId:
    """Return a resource of a type, in a resource group unless it is the subscription itself."""
    if kind is ResourceType.SUBSCRIPTION:
        return ResourceId.parse(group.partition("/resourceGroups/")[0])
    return ResourceId.parse(f"{group}/providers/{PATHS[kind]}")


@EACH
def test_remediation_can_be_run(monitor: AnyMonitor) -> None:
    """Every placeholder is one that is filled in, for every type, and the shell reads the steps."""
    known = {"id", "subscription", "resource_group", "root", "parent", "name"}
    for step in monitor.control.remediation:
        used = {field for _, field, _, _ in string.Formatter().parse(step) if field is not None}
        assert used <= known, step
    for applies in monitor.applies_to:
        judged = one_of(applies.type, GROUP)
        steps = monitor.control.remediation_for(judged).splitlines()
        commands = [step[step.index("az ") :] for step in steps if "az " in step]

        assert len(steps) == len(monitor.control.remediation)
        assert all("{" not in step and "}" not in step for step in steps)
        assert commands
        assert all(shlex.split(command)[0] == "az" for command in commands)
        assert any(SUBSCRIPTION in command for command in commands)


@EACH
def test_remediation_quotes_names(monitor: AnyMonitor) -> None:
    """A resource group of a hostile name cannot add a command of its own."""
    for applies in monitor.applies_to:
        judged = one_of(applies.type, "/subscriptions/s/resourceGroups/a b;rm -rf ~")
        steps = monitor.control.remediation_for(judged).splitlines()

        for step in steps:
            words = shlex.split(step[step.index("az ") :]) if "az " in step else []
            assert not any(word.startswith("b;rm") for word in words), step


# --- loading ---

MODULE = '''"""A monitor."""
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.topology import ResourceType
from shared.domain.verdict import Severity, passed
MONITOR = Monitor(
    module={module},
    control=Control("R.", "W.", "F.", Severity.LOW, ("step",), ("https://x",)),
    applies_to=(AppliesTo(ResourceType.ACCOUNT),),
    evaluate=lambda *_: passed("good"),
    parameters=Parameters(),
)
'''
GOOD = MODULE.format(module="__name__")
Package = Callable[[dict[str, str]], str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Return a function that writes a package `catalogue_under_test` of files and names it."""
    name = "catalogue_under_test"

    def write(files: dict[str, str]) -> str:
        for path, text in {"__init__.py": "", **files}.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return name

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    for module in [each for each in sys.modules if each.partition(".")[0] == name]:
        del sys.modules[module]


def test_loads_every_module_of_every_family(package: Package) -> None:
    """Nothing is registered by hand; a leftover folder without modules does not matter."""
    name = package(
        {
            "one/__init__.py": '"""One."""',
            "one/first.py": GOOD,
            "one/second.py": GOOD,
            "two/__init__.py": '"""Two."""',
            "two/third.py": GOOD,
            "gone/__pycache__/old.pyc": "",
            ".hidden/x.py": "",
        }
    )

    assert [each.id for each in load_catalogue(name)] == ["one.first", "one.second", "two.third"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"one/__init__.py": "", "one/first.py": GOOD, "one/second.py": ""},
            "catalogue_under_test.one.second has no MONITOR",
        ),
        (
            {"one/__init__.py": "", "one/first.py": "MONITOR = 'none'"},
            "catalogue_under_test.one.first has no MONITOR",
        ),
        (
            {"one/__init__.py": "import nothing_of_this_name", "one/first.py": GOOD},
            "catalogue_under_test.one cannot be imported",
        ),
        (
            {"one/__init__.py": "", "one/first.py": "1 / 0"},
            "catalogue_under_test.one.first cannot be imported: ZeroDivisionError",
        ),
        (
            {"one/__init__.py": "", "one/first.py": "def"},
            "catalogue_under_test.one.first cannot be imported: SyntaxError",
        ),
        (
            {
                "one/__init__.py": "",
                "one/first.py": GOOD,
                "one/second.py": MODULE.format(module="'catalogue_under_test.one.first'"),
            },
            (
                "the MONITOR of catalogue_under_test.one.second says that it is of "
                "catalogue_under_test.one.first"
            ),
        ),
        (
            {"one/__init__.py": "", "one/first.py": GOOD, "loose.py": GOOD},
            "catalogue_under_test.loose lies outside any family folder",
        ),
        (
            {"one/__init__.py": "", "one/deep/__init__.py": "", "one/deep/first.py": GOOD},
            "catalogue_under_test.one.deep is a folder inside a family",
        ),
        (
            {"one/__init__.py": "", "one/first.py": GOOD, "lost/second.py": GOOD},
            "catalogue_under_test.lost has no __init__",
        ),
    ],
)
def test_whatever_is_wrong_is_loud(package: Package, files: dict[str, str], message: str) -> None:
    """A monitor never goes missing in silence: the error names the module and the fault."""
    with pytest.raises(BrokenCatalogueError) as broken:
        load_catalogue(package(files))

    assert str(broken.value).startswith(message)


def test_a_package_that_does_not_exist_is_loud() -> None:
    """It cannot be mistaken for one without monitors."""
    with pytest.raises(BrokenCatalogueError, match="cannot be imported"):
        load_catalogue("no_catalogue_of_this_name")


def test_loads_from_a_zip_archive(package: Package, tmp_path: Path) -> None:
    """The deployed app may be one archive."""
    name = package({"one/__init__.py": "", "one/first.py": GOOD, "two/__init__.py": ""})
    archive = tmp_path / "app.zip"
    with zipfile.ZipFile(archive, "w") as app:
        for file in sorted((tmp_path / name).rglob("*.py")):
            app.write(file, file.relative_to(tmp_path))
    sys.path.insert(0, str(archive))
    try:
        catalogue = load_catalogue(name)
        origin = sys.modules[f"{name}.one.first"].__file__ or ""
    finally:
        sys.path.remove(str(archive))

    assert [each.id for each in catalogue] == ["one.first"]
    assert origin.startswith(str(archive))


def test_loads_compiled_modules_without_their_source(package: Package, tmp_path: Path) -> None:
    """The deployed app may ship bytecode alone."""
    name = package({"one/__init__.py": "", "one/first.py": GOOD})
    compileall.compile_dir(tmp_path / name, quiet=2, legacy=True)
    for source in (tmp_path / name).rglob("*.py"):
        source.unlink()
    importlib.invalidate_caches()

    assert [each.id for each in load_catalogue(name)] == ["one.first"]
