"""The project keeps its own rules: imports, names, sizes, locks, and a Makefile that explains."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(ROOT.glob("requirements*.txt"))
BANNED_NAMES = {"utils", "helpers", "common", "misc", "base", "constants", "types", "manager"}

PINNED = re.compile(
    r"(?P<name>[\w.-]+)==(?P<version>[\w.+!]+)(?: ; [^#]+?)?(?: --hash=sha256:[0-9a-f]{64})+"
)
# The Functions host keeps its files in /home/site, which is no machine of ours.
MACHINE_PATH = re.compile(r"(?<![\w.*-])/(?:root|work|home/(?!site\b)\w[\w.-]*)/")
REGISTRY = re.compile(r"pypi[.]org|pythonhosted[.]org|registry[.](?:npmjs|yarnpkg)|deb[.]debian")


def product_files() -> list[Path]:
    """Every Python file that is not a test."""
    rooms = ("shared", "monitors", "tools")
    return sorted([*ROOT.glob("*.py"), *(file for r in rooms for file in (ROOT / r).rglob("*.py"))])


def parsed(file: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def names(files: list[Path]) -> list[str]:
    """Files as they read in a message."""
    return [str(file.relative_to(ROOT)) for file in files]


# --- imports ---


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the import contracts on the code in a folder."""
    code = "import sys, importlinter.cli as c; sys.exit(c.lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )


def test_import_contracts_hold() -> None:
    """Nothing imports what its layer may not see."""
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


def test_every_import_contract_refuses_what_it_is_there_to_refuse(tmp_path: Path) -> None:
    """A tree that breaks every contract breaks every contract."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, code in {
        "monitors/family/control": "import shared.ports",
        "shared/domain/verdict": "import os",
        "shared/ports": "import shared.pipeline.look",
        "shared/pipeline/look": "import cli",
        "shared/adapters/local/store": "import shared.adapters.terminal.table",
        "shared/adapters/terminal/table": "",
    }.items():
        file = tmp_path / f"{module}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code, encoding="utf-8")
    for folder in {file.parent for file in tmp_path.rglob("*.py")}:
        for package in (folder, *folder.parents):
            if package.is_relative_to(tmp_path) and package != tmp_path:
                (package / "__init__.py").touch()

    result = lint_imports(tmp_path)

    assert "Contracts: 0 kept, 5 broken." in result.stdout, result.stdout + result.stderr


def test_domain_needs_only_the_standard_library_and_pydantic() -> None:
    """shared.domain imports no third-party package other than pydantic."""
    imported = set()
    for file in (ROOT / "shared/domain").rglob("*.py"):
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])

    assert imported - sys.stdlib_module_names <= {"pydantic", "shared"}


# --- names, sizes, charters ---


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    """A name like `utils` is an invitation to put anything there."""
    banned = [
        file
        for file in [*product_files(), *(ROOT / "tests").rglob("*.py")]
        if {part.strip("_") for part in file.relative_to(ROOT).with_suffix("").parts} & BANNED_NAMES
    ]

    assert names(banned) == []


def test_files_are_short() -> None:
    """Every file of the product is under 300 lines, and four in five are under 150."""
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in product_files()}
    long = [file for file, length in lengths.items() if length >= 150]

    assert names([file for file in long if lengths[file] >= 300]) == []
    assert len(long) <= 0.2 * len(lengths), names(long)


def swallows(node: ast.AST) -> bool:
    """Whether the node catches everything and does nothing."""
    if isinstance(node, ast.ExceptHandler):
        caught, does = node.type, node.body
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
        caught, does = ast.Tuple(node.args), []
    else:
        return False
    everything = caught is None or any(
        isinstance(name, ast.Name) and name.id in {"Exception", "BaseException"}
        for name in ast.walk(caught)
    )
    idle = all(
        isinstance(step, ast.Pass | ast.Continue)
        or (isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant))
        for step in does
    )
    return everything and idle


def test_no_exception_is_swallowed() -> None:
    """Nowhere does `except Exception: pass`, or a disguise of it, hide a failure."""
    swallowing = [
        f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for file in product_files()
        for node in ast.walk(parsed(file))
        if swallows(node)
    ]

    assert swallowing == []


def test_every_package_states_its_charter_and_holds_no_code() -> None:
    """An `__init__` is one docstring that says what belongs there.

    Only that of monitors finds modules, and that of the ports hands on their names.
    """
    packages = [file for file in product_files() if file.name == "__init__.py"]
    packages = [file for file in packages if file != ROOT / "monitors/__init__.py"]
    without_charter = [file for file in packages if not ast.get_docstring(parsed(file))]
    with_code = [
        file
        for file in packages
        if len(parsed(file).body) > 1 and file != ROOT / "shared/ports/__init__.py"
    ]

    assert names(without_charter) == []
    assert names(with_code) == []


# --- what is committed ---


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    """No path of one machine and no address of a package registry is committed."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    found = []
    for name in filter(None, listing.stdout.decode().split("\0")):
        file = ROOT / name
        content = file.read_bytes() if file.is_file() else b""
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
            found += [
                f"{name}:{number}: {match[0]}"
                for pattern in (MACHINE_PATH, REGISTRY)
                for match in pattern.finditer(line)
            ]

    assert found == []


# --- locks ---


def locked(lock: Path) -> Iterator[str]:
    """Each entry of a lock on one line, without comments."""
    lines = [line for line in lock.read_text(encoding="utf-8").splitlines() if "#" not in line]
    for entry in "\n".join(lines).replace("\\\n", " ").splitlines():
        yield " ".join(entry.split())


def locked_versions(lock: Path) -> dict[str, set[str]]:
    """The versions that a lock pins, by package."""
    versions: dict[str, set[str]] = {}
    for found in filter(None, map(PINNED.fullmatch, locked(lock))):
        versions.setdefault(found["name"], set()).add(found["version"])
    return versions


def asked_for(source: Path) -> list[Requirement]:
    """The requirements that a requirements*.in states itself."""
    lines = [line.partition("#")[0].strip() for line in source.read_text("utf-8").splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_with_hashes(lock: Path) -> None:
    """A lock holds exact versions with hashes and nothing else: no option, no index, no path."""
    assert [entry[:100] for entry in locked(lock) if not PINNED.fullmatch(entry)] == []
    assert not re.search(r"://|(?:^|\s)/|index-url|find-links", lock.read_text(encoding="utf-8"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_locks_answer_their_inputs(lock: Path) -> None:
    """What a requirements*.in asks for is in its lock, in a version that it allows."""
    versions = locked_versions(lock)
    unanswered = [
        str(requirement)
        for requirement in asked_for(lock.with_suffix(".in"))
        if not any(map(requirement.specifier.contains, versions.get(requirement.name, ())))
    ]

    assert unanswered == []


def test_locks_agree() -> None:
    """Packages that several locks hold have the same version in each, so they install together."""
    pinned: dict[str, set[frozenset[str]]] = {}
    for lock in LOCKS:
        for package, versions in locked_versions(lock).items():
            pinned.setdefault(package, set()).add(frozenset(versions))

    assert {package: choices for package, choices in pinned.items() if len(choices) > 1} == {}


def test_the_app_installs_nothing_of_the_command_line_or_the_tests() -> None:
    """requirements.txt, which the deployed app installs, has no package of the other inputs."""
    others = [ROOT / "requirements-cli.in", ROOT / "requirements-dev.in"]
    foreign = {canonicalize_name(wanted.name) for file in others for wanted in asked_for(file)}

    assert foreign & locked_versions(ROOT / "requirements.txt").keys() == set()


# --- make ---


def make_test(folder: Path, fakes: dict[str, str], *variables: str) -> str:
    """What `make test` says, and fails with, in a fresh checkout where only the fakes are found."""
    checkout, bin_ = folder / "a checkout", folder / "bin"
    for directory in (checkout, bin_):
        directory.mkdir()
    for file in [ROOT / "Makefile", *LOCKS]:
        shutil.copy(file, checkout)
    for name, script in fakes.items():
        (bin_ / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (bin_ / name).chmod(0o755)
    make = shutil.which("make") or "make"
    result = subprocess.run(
        [make, "test", *variables],
        cwd=checkout,
        env={"PATH": str(bin_)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 2
    assert not (checkout / ".venv").exists()
    return result.stderr


def test_make_says_what_is_wrong_with_the_interpreter_that_it_was_given(tmp_path: Path) -> None:
    """`make PYTHON=…` with Python 3.9 fails, names what it found and how to name a better one."""
    said = make_test(tmp_path, {"old": "echo 3.9"}, "PYTHON=old")

    assert "Needs Python 3.11, 3.12 or 3.13. Found:\n  old: 3.9\n" in said
    assert "apt-get install" in said
    assert "make PYTHON=/path/to/python3.12 test" in said


def test_make_lists_every_interpreter_that_it_tried(tmp_path: Path) -> None:
    """Without a suitable interpreter on the PATH, each one tried is listed with what it is."""
    said = make_test(tmp_path, {"python3": "echo 3.14", "python3.12": "exit 127"})

    assert "  python3: 3.14\n" in said
    for absent in ("python3.13", "python3.12", "python3.11"):
        assert f"  {absent}: not a working Python\n" in said


def test_make_says_when_the_venv_module_is_missing(tmp_path: Path) -> None:
    """Debian's python3 comes without venv: the message names the package to install."""
    bare = 'case "$2" in *ensurepip*) exit 1 ;; esac; echo 3.11'
    said = make_test(tmp_path, {"python3": bare})

    assert "without its venv module" in said
    assert "apt-get install python3.11-venv" in said
