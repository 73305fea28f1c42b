"""What the tests run on Node is locked as exactly as what they run on Python."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(ROOT.glob("tests/*/package-lock.json"))


def test_there_is_a_lock_beside_every_list_of_packages() -> None:
    """And Azurite is in one of them."""
    lists = sorted(ROOT.glob("tests/*/package.json"))

    assert [file.parent for file in LOCKS] == [file.parent for file in lists]
    assert ROOT / "tests/azurite" in {file.parent for file in LOCKS}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_every_node_package_is_pinned_with_a_hash_and_no_address(lock: Path) -> None:
    """What is installed is the same everywhere, from whichever registry npm is told to use."""
    packages = json.loads(lock.read_text("utf-8"))["packages"]
    itself = packages.pop("")
    listed = json.loads((lock.parent / "package.json").read_text("utf-8"))

    assert itself["dependencies"] == listed["dependencies"]
    assert all(re.fullmatch(r"\d[\w.-]*", version) for version in listed["dependencies"].values())
    assert [name for name, each in packages.items() if "integrity" not in each] == []
    assert [name for name, each in packages.items() if "resolved" in each] == []


def test_make_says_when_npm_is_missing(tmp_path: Path) -> None:
    """The message names what to install."""
    for file in [ROOT / "Makefile", *LOCKS]:
        copy = tmp_path / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    (tmp_path / "bin").mkdir()

    result = subprocess.run(
        [shutil.which("make") or "make", "-o", ".venv/interpreter", ".venv/node.stamp"],
        cwd=tmp_path,
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 2
    assert "Install Node.js 20 or newer, with npm" in result.stderr
