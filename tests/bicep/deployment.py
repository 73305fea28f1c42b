"""The project's own Bicep files."""

from pathlib import Path

from tests.bicep.source import BicepFile, bicep_file

ROOT = Path(__file__).resolve().parents[2]
INFRA = ROOT / "infra"
MAIN = bicep_file(INFRA / "main.bicep")
PARAMETERS = bicep_file(INFRA / "main.bicepparam")
FILES: tuple[BicepFile, ...] = tuple(bicep_file(path) for path in sorted(INFRA.rglob("*.bicep")))


def module(name: str) -> BicepFile:
    """Return a module by its name."""
    return bicep_file(INFRA / "modules" / f"{name}.bicep")


def called(file: BicepFile) -> str:
    """Return what a file is called in the list of tests."""
    return file.path.stem
