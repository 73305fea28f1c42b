"""Finding and reading the files that people name."""

import io
import os
import sys
from pathlib import Path

import pytest

from shared.adapters.local.documents import LARGEST, UnusableInputError
from shared.adapters.local.files import Unusable, json_files, read_bytes, read_inputs


def write(folder: Path, *names: str) -> None:
    """Make files that hold their own name."""
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, "utf-8")


def found(folder: Path) -> list[str]:
    """Return the JSON files of a folder as their names below it."""
    return [file.relative_to(folder).as_posix() for file in json_files(folder)]


def closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a folder be one that may not be listed; for root there is none."""
    scandir = os.scandir

    def refuse(path: str) -> object:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)


def test_json_files_come_in_a_fixed_order_from_every_level(tmp_path: Path) -> None:
    """Those of a folder before those of the folders in it, each by name."""
    write(tmp_path, "b/z.json", "b/a/y.json", "a.json", "Z.json", "a/a.json", "c.json")

    assert found(tmp_path) == ["Z.json", "a.json", "c.json", "a/a.json", "b/z.json", "b/a/y.json"]


def test_only_json_files_are_found_in_any_case_of_their_ending(tmp_path: Path) -> None:
    """Notes and backups beside them are no input."""
    write(tmp_path, "a.JSON", "b.Json", "c.json.bak", "d.txt", "json", "e.jsonl", ".json")

    assert found(tmp_path) == [".json", "a.JSON", "b.Json"]


def test_hidden_folders_are_passed_over(tmp_path: Path) -> None:
    """As `.git` is; the folder that is named may be hidden itself."""
    write(tmp_path, ".hidden/a.json", "b/.git/c.json", "b/d.json")

    assert found(tmp_path) == ["b/d.json"]
    assert found(tmp_path / ".hidden") == ["a.json"]


def test_folders_that_end_like_files_are_folders(tmp_path: Path) -> None:
    """What counts is what they are."""
    write(tmp_path, "folder.json/a.json")

    assert found(tmp_path) == ["folder.json/a.json"]


def test_links_are_followed_and_each_folder_is_listed_once(tmp_path: Path) -> None:
    """Those to files by their names; those to folders after the folders themselves."""
    estate = tmp_path / "estate"
    write(tmp_path, "estate/real/a.json", "elsewhere/c.json", "elsewhere/d/e.json")
    (estate / "again").symlink_to(estate / "real", target_is_directory=True)
    (estate / "linked").symlink_to("../elsewhere", target_is_directory=True)
    (estate / "more").symlink_to("../elsewhere/d", target_is_directory=True)
    (estate / ".hidden").symlink_to("../elsewhere", target_is_directory=True)
    (estate / "b.json").symlink_to(estate / "real/a.json")

    assert found(estate) == ["b.json", "real/a.json", "linked/c.json", "linked/d/e.json"]
    assert read_bytes(estate / "b.json") == b"estate/real/a.json"


def test_no_loop_of_links_goes_on_for_ever(tmp_path: Path) -> None:
    """To the folder itself, to one above it, between two, or to nothing."""
    write(tmp_path, "above.json", "estate/a.json", "estate/b/c.json")
    for name, target in (
        ("self", "."),
        ("up", ".."),
        ("b/back", ".."),
        ("round", "round"),
        ("nowhere", "missing"),
    ):
        (tmp_path / "estate" / name).symlink_to(target, target_is_directory=True)

    assert found(tmp_path / "estate") == ["a.json", "b/c.json"]


def test_a_folder_that_cannot_be_listed_is_found_like_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told of like a file that cannot be read, and the rest is read."""
    write(tmp_path, "a/b.json", "c/d.json")
    closed(tmp_path / "a", monkeypatch)

    assert found(tmp_path) == ["c/d.json", "a"]
    (read, unusable) = read_inputs([str(tmp_path)])
    assert read == (str(tmp_path / "c/d.json"), b"c/d.json")
    assert isinstance(unusable, Unusable)
    assert unusable.name == str(tmp_path / "a")


def test_inputs_are_read_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    """A file whatever its ending, a folder file by file, one input twice."""
    write(tmp_path, "a.txt", "f/b.json", "f/c.json")
    a, folder = str(tmp_path / "a.txt"), tmp_path / "f"

    assert list(read_inputs([a, str(folder), a])) == [
        (a, b"a.txt"),
        (str(folder / "b.json"), b"f/b.json"),
        (str(folder / "c.json"), b"f/c.json"),
        (a, b"a.txt"),
    ]


def test_no_file_is_read_before_it_is_its_turn(tmp_path: Path) -> None:
    """One is in memory at a time."""
    write(tmp_path, "a.json", "b.json")
    inputs = read_inputs([str(tmp_path / "a.json"), str(tmp_path / "b.json")])
    next(inputs)
    (tmp_path / "b.json").write_text("changed", "utf-8")

    assert next(inputs) == (str(tmp_path / "b.json"), b"changed")


def test_standard_input_is_read_by_its_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """With `-` for its name."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff{}")))

    assert list(read_inputs(["-"])) == [("-", b"\xff{}")]


def test_standard_input_that_is_too_large_is_unusable(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called by its name in words."""

    class Endless(io.RawIOBase):
        """Bytes without end."""

        @property
        def buffer(self) -> "Endless":
            """The bytes behind the text."""
            return self

        def read(self, size: int = -1) -> bytes:
            """Return as many as are asked for."""
            return b" " * size

    monkeypatch.setattr(sys, "stdin", Endless())

    assert list(read_inputs(["-"])) == [Unusable("standard input", "larger than 64 MiB; split it")]


@pytest.mark.parametrize("name", ["missing.json", "missing/", "a.json/below.json", "link.json"])
def test_what_is_not_there_is_unusable(tmp_path: Path, name: str) -> None:
    """A file, a folder, what lies below a file, the end of a broken link."""
    write(tmp_path, "a.json")
    (tmp_path / "link.json").symlink_to(tmp_path / "nowhere")
    named = f"{tmp_path}/{name}"

    (unusable,) = read_inputs([named])

    assert isinstance(unusable, Unusable)
    assert unusable.name == named
    assert unusable.reason in {
        "there is no such file or folder",
        "cannot be read: Not a directory",
    }


@pytest.mark.parametrize(
    "name", ["x" * 300, "a\0b", "loop.json"], ids=["too long", "NUL", "loop of links"]
)
def test_a_name_that_no_file_can_have_is_unusable(tmp_path: Path, name: str) -> None:
    """It never ends the run."""
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")

    (unusable,) = read_inputs([f"{tmp_path}/{name}"])

    assert isinstance(unusable, Unusable)
    assert unusable.reason.startswith("cannot be read: ")


def test_an_empty_folder_is_unusable(tmp_path: Path) -> None:
    """It holds nothing to judge, and nobody meant that."""
    write(tmp_path, "a.txt", ".hidden/b.json")

    (unusable,) = read_inputs([str(tmp_path)])

    assert unusable == Unusable(str(tmp_path), "the folder holds no .json files")


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    """A named pipe nobody writes to, a device that never ends."""
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "device.json").symlink_to("/dev/zero")
    for name in ("pipe.json", "device.json"):
        with pytest.raises(UnusableInputError, match="neither a file nor a folder"):
            read_bytes(tmp_path / name)
    assert [type(each) for each in read_inputs([str(tmp_path)])] == [Unusable, Unusable]


def test_a_folder_is_not_read_as_a_file(tmp_path: Path) -> None:
    """Not even one that ends like a file."""
    (tmp_path / "x.json").mkdir()

    with pytest.raises(UnusableInputError, match="cannot be read"):
        read_bytes(tmp_path / "x.json")


def test_a_file_that_fails_while_it_is_read_is_unusable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk error has a reason too."""
    write(tmp_path, "a.json")

    def fail(*_: object, **__: object) -> object:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", fail)

    (unusable,) = read_inputs([str(tmp_path / "a.json")])

    assert unusable == Unusable(str(tmp_path / "a.json"), "cannot be read: Input/output error")


@pytest.mark.parametrize("beyond", [0, 1, 10 * LARGEST])
def test_a_file_is_read_up_to_the_limit_and_refused_beyond(tmp_path: Path, beyond: int) -> None:
    """A file of many gigabytes costs no more memory than the limit."""
    file = tmp_path / "large.json"
    with file.open("wb") as sparse:
        sparse.truncate(LARGEST + beyond)

    if beyond:
        with pytest.raises(UnusableInputError, match="larger than 64 MiB; split it"):
            read_bytes(file)
    else:
        assert len(read_bytes(file)) == LARGEST
