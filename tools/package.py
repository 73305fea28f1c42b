"""`make package`: the app as it is deployed, in `.local/package` and as `.local/package.zip`.

    python -m tools.package [--python 3.12] [--interpreter PATH] [--output FOLDER]

There is the app itself, the libraries of `requirements.txt` as Linux on x86-64 wants them, checked
by their hashes, and the bytecode of both: without it a cold start compiles a thousand modules. Of
libraries the bytecode alone is there, in the place of its source: 18 MB less to load, and a
traceback still names their files, functions and lines. Of the app both are there, so a traceback
shows its lines. The same sources make the same zip, byte for byte.

Bytecode belongs to one minor version of Python, so that version has to be here; it must be the one
that the app runs (`COMPLIANCE_PYTHON` of `azd`, 3.12 where it is not set). uv installs for it
whatever runs this program.
"""

import argparse
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / ".local" / "package"
STATED = "pyproject.toml"
"""Where the app reads its own version."""
PARTS = ("host.json", "function_app.py", STATED, "monitors", "shared")
OPTIONAL_PARTS = ("policy.yaml",)
SUFFIXES = frozenset({".py", ".json", ".kql", ".yaml"})
"""What the folders of the app are made of; anything else there is a mistake, perhaps a secret."""
LIBRARIES = Path(".python_packages") / "lib" / "site-packages"
"""Where the worker looks for them."""
DEPLOYED = "/home/site/wwwroot"
"""Where the app will lie; tracebacks show it."""
PYTHON = "3.12"
PLATFORM = "x86_64-manylinux_2_28"
"""Older than the Debian of the platform's images (glibc 2.36 from Python 3.11 on)."""
LARGEST_MB = 60
"""Of the files, and so of the zip."""
_NOT_RUN = ("*.pyi", "*.pyx", "*.pxd", "*.h", "RECORD", "REQUESTED", "INSTALLER", "direct_url.json")
"""Of libraries: for type checkers, compilers and installers. Licences stay."""
_NOT_RUN_FOLDERS = ("bin", "tests")
_TIME = (1980, 1, 1, 0, 0, 0)
IGNORE = "# azd leaves out bytecode where there is no such file. Nothing here is left out.\n"


class PackageError(Exception):
    """The package cannot be made; the message says what to do."""


class NoLibrariesError(PackageError):
    """The libraries could not be had, as without a package index."""


def main() -> None:
    """Make the package and tell its size."""
    parser = argparse.ArgumentParser(description="Make the package that is deployed.")
    wanted = os.environ.get("COMPLIANCE_PYTHON") or PYTHON
    parser.add_argument("--python", default=wanted, help="version that the app runs")
    parser.add_argument("--interpreter", help="a Python of that version, to compile with")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args()
    try:
        interpreter = interpreter_of(given.python, given.interpreter)
        make(given.output, given.python, interpreter)
        archive = zip_of(given.output)
    except PackageError as error:
        sys.exit(f"No package: {error}")
    megabytes = archive.stat().st_size / 1e6
    print(f"{given.output}: Python {given.python}, {unpacked_mb(given.output):.1f} MB")
    print(f"{archive}: {megabytes:.1f} MB")


def make(folder: Path, version: str, interpreter: str) -> None:
    """Make the package in a folder, in place of what was there.

    Raises:
        PackageError: a file does not belong, or the libraries could not be installed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in PARTS:
        _copy(name, folder)
    for name in OPTIONAL_PARTS:
        if (ROOT / name).exists():
            _copy(name, folder)
    (folder / ".funcignore").write_text(IGNORE, encoding="utf-8")
    _install(folder / LIBRARIES, version)
    # Unchecked: nobody edits a deployed file, and so none is read to find out.
    mode = ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", DEPLOYED]
    compiled = [interpreter, "-m", "compileall", "-q", "-j", "0", *mode]
    failure = PackageError("a module cannot be compiled")
    _run([*compiled, "-b", str(folder / LIBRARIES)], failure)
    for source in (folder / LIBRARIES).rglob("*.py"):
        source.unlink()
    _run([*compiled, str(folder)], failure)


def zip_of(folder: Path) -> Path:
    """Write the zip of a package beside it, and return its path.

    Raises:
        PackageError: the files are too large.
    """
    archive = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            name = file.relative_to(folder).as_posix()
            if name == ".funcignore":
                continue
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            written.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    if unpacked_mb(folder) > LARGEST_MB:
        raise PackageError(f"{folder} is larger than {LARGEST_MB} MB")
    return archive


def unpacked_mb(folder: Path) -> float:
    """Return the size of all files of a folder, in MB."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6


def interpreter_of(version: str, given: str | None = None) -> str:
    """Return a Python of a version: the one given, this one, or one on the PATH.

    Raises:
        PackageError: there is none.
    """
    named = [given] if given else [sys.executable, f"python{version}", "python3"]
    for each in named:
        if _version(each) == version:
            return each
    raise PackageError(
        f"there is no Python {version} here, which has to compile what Python {version} will run. "
        f"Install it, name it (make package INTERPRETER=/path/to/python{version}), or let the app "
        "run the Python that is here: azd env set COMPLIANCE_PYTHON 3.11, or 3.13, or 3.12"
    )


def _version(interpreter: str) -> str:
    """Return the version of an interpreter; empty where it does not run."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        told = subprocess.run(  # noqa: S603 - a Python of this machine
            [interpreter, "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return told.stdout.strip()


def _copy(name: str, folder: Path) -> None:
    """Copy a part of the app."""
    source = ROOT / name
    files = [source] if source.is_file() else sorted(source.rglob("*"))
    for file in files:
        if file.is_dir() or "__pycache__" in file.parts:
            continue
        if (file.suffix not in SUFFIXES and name != STATED) or file.is_symlink():
            raise PackageError(f"{file.relative_to(ROOT)} is no part of the app; move it elsewhere")
        to = folder / file.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, to)


def _install(folder: Path, version: str) -> None:
    """Install what `requirements.txt` locks for a version of Python on Azure's Linux."""
    target = [
        "--target",
        str(folder.resolve()),
        "--python-version",
        version,
        "--python-platform",
        PLATFORM,
    ]
    # All that is needed is in the lock, and nothing is built: what runs is what was locked.
    what = ["--only-binary", ":all:", "--require-hashes", "--no-deps", "-r", "requirements.txt"]
    _run(
        [sys.executable, "-m", "uv", "pip", "install", "--quiet", *target, *what],
        NoLibrariesError("the libraries could not be installed; uv's reason is above"),
    )
    for pattern in _NOT_RUN:
        for file in folder.rglob(pattern):
            file.unlink()
    for name in _NOT_RUN_FOLDERS:
        for found in [each for each in folder.rglob(name) if each.is_dir()]:
            shutil.rmtree(found)


def _run(command: list[str], failure: PackageError) -> None:
    """Run a command.

    Raises:
        PackageError: the given one, when it failed.
    """
    if subprocess.run(command, cwd=ROOT, check=False).returncode:  # noqa: S603 - words of ours
        raise failure


if __name__ == "__main__":
    main()
