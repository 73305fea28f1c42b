"""The package that is deployed: what is in it, and that it runs with nothing else."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.integration.functions_host.host import ROOT, FunctionsHost, worker_libraries
from tests.integration.functions_host.local_world import FUNCTIONS, ON_TIME
from tools import package

VERSION = "{}.{}".format(*sys.version_info[:2])
FOREIGN = {"cli.py", "docs", "examples", "infra", "tests", "tools", "Makefile", "azure.yaml"}


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package for the Python that runs the tests."""
    folder = tmp_path_factory.mktemp("packaged") / "package"
    try:
        package.make(folder, VERSION, package.interpreter_of(VERSION))
    except package.NoLibrariesError as error:
        # Offline, and never packaged before: then uv's cache has nothing.
        pytest.skip(str(error))
    return folder


@pytest.fixture(scope="session")
def archive(packaged: Path) -> Path:
    """Its zip."""
    return package.zip_of(packaged)


def test_the_package_holds_the_app_and_nothing_of_its_development(archive: Path) -> None:
    """No tests, tools, documents, infrastructure, settings or keys are sent."""
    with zipfile.ZipFile(archive) as read:
        names = [Path(each) for each in read.namelist()]
    ours = [each for each in names if each.parts[0] != ".python_packages"]

    assert {each.parts[0] for each in ours} <= {
        "__pycache__",
        "function_app.py",
        "host.json",
        "monitors",
        "policy.yaml",
        "pyproject.toml",
        "shared",
    }
    assert {each.suffix for each in ours} <= package.SUFFIXES | {".pyc", ".toml"}
    assert not FOREIGN & {part for each in names for part in each.parts[:-1]}
    assert [each for each in names if each.suffix in {".env", ".key", ".pyi"}] == []
    # The authorities that requests trusts.
    assert [each.name for each in names if each.suffix == ".pem"] == ["cacert.pem"]


def test_the_package_is_small(archive: Path, packaged: Path) -> None:
    """It is under 60 MB as a zip and as files, as it has to be for a quick start."""
    assert archive.stat().st_size < 60e6
    assert package.unpacked_mb(packaged) < 60


def test_a_package_that_is_too_large_is_refused(
    packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that brings too much along is noticed when the package is made."""
    monkeypatch.setattr(package, "LARGEST_MB", 10)

    with pytest.raises(package.PackageError, match="is larger than 10 MB"):
        package.zip_of(packaged)


def test_the_app_is_packaged_whole(packaged: Path) -> None:
    """Every module and every table of the app is there, as it is here."""
    for folder in ("shared", "monitors"):
        for file in (ROOT / folder).rglob("*"):
            if file.suffix in package.SUFFIXES:
                assert (packaged / file.relative_to(ROOT)).read_bytes() == file.read_bytes()
    assert (packaged / "host.json").read_bytes() == (ROOT / "host.json").read_bytes()


def test_all_bytecode_is_there_and_is_not_checked_against_its_source(packaged: Path) -> None:
    """No start compiles, or reads a source to see whether it has changed."""
    ours = [each for each in packaged.rglob("*.py") if package.LIBRARIES.parts[0] not in each.parts]
    compiled = [Path(importlib.util.cache_from_source(str(each))) for each in ours]
    libraries = list((packaged / package.LIBRARIES).rglob("*.pyc"))

    assert len(compiled) > 300
    assert len(libraries) > 1000
    for file in compiled + libraries:
        # PEP 552: the second word of the header is 1 for a hash that is not checked.
        assert file.read_bytes()[4:8] == b"\x01\0\0\0", file


def test_libraries_come_as_bytecode_alone_and_tracebacks_still_tell_where(
    packaged: Path, tmp_path: Path
) -> None:
    """Of a failure in a library its file, function and line are told, in the app its text too."""
    code = (
        "import sys, traceback; sys.path[:0] = sys.argv[1:3]\n"
        "from shared.domain.resource_id import ResourceId\n"
        "from azure.core.utils import parse_connection_string\n"
        "for failing in (ResourceId.parse, parse_connection_string):\n"
        "    try: failing('x')\n"
        "    except Exception: traceback.print_exc(file=sys.stdout)\n"
    )
    libraries = packaged / package.LIBRARIES

    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, packaged, libraries],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert list(libraries.rglob("*.py")) == []
    file = f"{package.DEPLOYED}/{package.LIBRARIES}/azure/core/utils/_connection_string_parser.py"
    assert re.search(rf'File "{re.escape(file)}", line \d+, in parse_connection_string', told)
    file = str(packaged / "shared" / "domain" / "resource_id.py")
    assert re.search(rf'File "{re.escape(file)}", line \d+, in \w+\n +\w', told), told


def test_the_same_sources_make_the_same_zip(archive: Path, packaged: Path) -> None:
    """A zip says by its bytes whether it is another."""
    before = archive.read_bytes()
    for file in packaged.rglob("*.json"):
        os.utime(file)

    assert package.zip_of(packaged).read_bytes() == before


def test_the_package_runs_by_itself(packaged: Path, tmp_path: Path) -> None:
    """In the real runtime, with no other library to import, every function is there and works."""
    (tmp_path / "estate").mkdir()
    (tmp_path / "estate" / "none.json").write_text("[]", encoding="utf-8")
    settings = {
        "COMPLIANCE_BACKEND__KIND": "local",
        "COMPLIANCE_BACKEND__ESTATE": str(tmp_path / "estate"),
        "COMPLIANCE_BACKEND__STORE": str(tmp_path / "compliance.db"),
    }
    worker = worker_libraries(tmp_path / "worker")
    with FunctionsHost(tmp_path / "stderr", settings, packaged, worker) as host:
        assert host.failure is None
        assert host.functions.keys() == FUNCTIONS.keys()
        assert host.invoke("sweep", ON_TIME).failure is None


def test_every_module_of_the_app_in_azure_can_be_imported_from_the_package(
    packaged: Path, tmp_path: Path
) -> None:
    """Nothing that Azure or Application Insights needs is missing, however late it is imported."""
    modules = [
        "azure.monitor.opentelemetry.exporter",
        "opentelemetry.sdk.metrics",
        "opentelemetry.sdk.trace",
        "shared.adapters.insights.telling",
        "shared.adapters.sinks.log_analytics",
        "shared.runtime.azure_app",
    ]
    code = (
        "import importlib, json, sys; sys.path[:0] = sys.argv[1:3];"
        f"names = {modules!r}; [importlib.import_module(each) for each in names];"
        "print(json.dumps([each for each in sys.path if 'site-packages' in each]))"
    )
    libraries = packaged / package.LIBRARIES
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, packaged, libraries],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(told.stdout) == [str(libraries)]


def test_a_start_imports_no_library_that_the_first_event_does_not_need(
    packaged: Path, tmp_path: Path
) -> None:
    """Whoever waits for an alert waits for no client of storage, queries or telemetry."""
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3];"
        "import function_app, shared.runtime.azure_app, shared.runtime.app_sinks;"
        "print(*sys.modules, sep='\\n')"
    )
    imported = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, packaged, packaged / package.LIBRARIES],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert "azure.core.pipeline" in imported
    assert [
        each
        for each in imported
        if each.startswith(
            (
                "azure.data",
                "azure.eventgrid",
                "azure.identity",
                "azure.monitor",
                "azure.storage",
                "opentelemetry",
            )
        )
    ] == []


def test_a_file_that_does_not_belong_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that somebody left beside a module is named, and not sent."""
    for name in ("host.json", "function_app.py", "monitors/__init__.py", "shared/secret.key"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    monkeypatch.setattr(package, "ROOT", tmp_path)

    with pytest.raises(package.PackageError, match=r"shared/secret\.key is no part of the app"):
        package.make(tmp_path / "package", VERSION, sys.executable)


def test_a_python_that_is_not_here_is_named_with_what_to_do() -> None:
    """Bytecode of another version would be ignored, and every start would compile."""
    with pytest.raises(package.PackageError, match="COMPLIANCE_PYTHON"):
        package.interpreter_of("3.99")
    with pytest.raises(package.PackageError, match=r"no Python 3\.99"):
        package.interpreter_of("3.99", sys.executable)


def test_azd_deploys_what_is_made_here() -> None:
    """azure.yaml names the folder, has it made first, and lets the platform build nothing."""
    text = (ROOT / "azure.yaml").read_text(encoding="utf-8")
    parameters = (ROOT / "infra" / "main.bicepparam").read_text(encoding="utf-8")

    assert f"dist: {package.OUTPUT.relative_to(ROOT)}\n" in text
    assert "remoteBuild: false\n" in text
    assert "prepackage:\n        shell: sh\n        run: make package\n" in text
    assert f"readEnvironmentVariable('COMPLIANCE_PYTHON', '{package.PYTHON}')" in parameters
