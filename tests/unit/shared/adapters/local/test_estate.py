"""A folder as the estate: what changes in it is seen, and what cannot be read proves nothing."""

import asyncio
import json
import os
import shutil
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from shared.adapters.local import estate
from shared.adapters.local.documents import Skipped
from shared.adapters.local.estate import EstateFolder
from shared.adapters.local.files import json_files
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Cause
from shared.ports import PortError

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.CognitiveServices"
ACCOUNT, OTHER = f"{GROUP}/accounts/a", f"{GROUP}/accounts/b"
DEPLOYMENT = f"{ACCOUNT}/deployments/d"


class LateClock:
    """The time, some seconds ahead: every file was changed long ago."""

    def __init__(self, ahead: float) -> None:
        self._ahead = timedelta(seconds=ahead)

    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC) + self._ahead

    async def sleep(self, duration: timedelta) -> None:
        """Wait."""


class Folder:
    """A folder of JSON files, and an estate on it."""

    def __init__(self, path: Path, ahead: float = 0) -> None:
        self.path = path
        self.clock = LateClock(ahead)
        # An estate without any file would be refused.
        self.write("none.json")
        self.estate = EstateFolder(path, self.clock)

    def write(self, name: str, *bodies: object) -> Path:
        """Write a file with these resources."""
        file = self.path / name
        file.write_text(json.dumps(bodies), "utf-8")
        return file

    async def reading(self, root: str, source: Source = Source.ACCOUNT) -> SourceReading:
        """Read a source of a root now."""
        after = self.clock.now()
        found = await self.estate.read(ResourceId.parse(root), [source], after=after)
        return found[source]

    async def kinds(self, root: str = ACCOUNT) -> list[str | None]:
        """Read the kind of an account now."""
        return [each.kind for each in (await self.reading(root)).items]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty estate."""
    return Folder(tmp_path)


@pytest.fixture
def settled(tmp_path: Path) -> Folder:
    """An empty estate in which every file counts as changed long ago."""
    return Folder(tmp_path, ahead=10)


def names(items: Collection[Resource]) -> list[str]:
    """Return the names of resources."""
    return [each.id.name for each in items]


# --- what changes is seen ---


@pytest.mark.parametrize("ahead", [0, 10], ids=["changed just now", "changed long ago"])
async def test_files_that_are_new_changed_or_deleted_are_seen(tmp_path: Path, ahead: float) -> None:
    """At the next reading."""
    folder = Folder(tmp_path, ahead)
    assert await folder.kinds() == []

    file = folder.write("a.json", {"id": ACCOUNT, "kind": "OpenAI"})
    assert await folder.kinds() == ["OpenAI"]

    folder.write("a.json", {"id": ACCOUNT, "kind": "AIServices"})
    assert await folder.kinds() == ["AIServices"]

    file.unlink()
    assert await folder.kinds() == []

    (tmp_path / "deep").mkdir()
    folder.write("deep/er.json", {"id": ACCOUNT, "kind": "OpenAI"})
    assert await folder.kinds() == ["OpenAI"]

    shutil.rmtree(tmp_path / "deep")
    assert await folder.kinds() == []


async def test_a_rewrite_of_the_same_size_within_a_moment_is_seen(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time stamps have ticks, of two seconds at worst, and two changes may fall into one."""
    stat = Path.stat

    def coarse(path: Path, **options: bool) -> SimpleNamespace:
        fine = stat(path, **options)
        tick = int(fine.st_mtime) // 2 * 2
        return SimpleNamespace(
            st_mode=fine.st_mode,
            st_size=fine.st_size,
            st_ino=fine.st_ino,
            st_mtime=tick,
            st_ctime=tick,
            st_mtime_ns=tick * 10**9,
            st_ctime_ns=tick * 10**9,
        )

    monkeypatch.setattr(Path, "stat", coarse)
    for n in range(20):
        kind = f"{n:03}"
        folder.write("a.json", {"id": ACCOUNT, "kind": kind})
        assert await folder.kinds() == [kind]


async def test_a_rewrite_that_keeps_size_and_date_is_seen(settled: Folder) -> None:
    """As `cp --preserve` and archives write files: the date is old, the content new."""
    file = settled.write("a.json", {"id": ACCOUNT, "kind": "one"})
    before = file.stat()
    assert await settled.kinds() == ["one"]
    await asyncio.sleep(0.02)

    settled.write("a.json", {"id": ACCOUNT, "kind": "two"})
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert await settled.kinds() == ["two"]


async def test_a_file_that_is_replaced_by_another_is_seen(settled: Folder) -> None:
    """As careful writers do it: written beside it, then renamed."""
    settled.write("a.json", {"id": ACCOUNT, "kind": "one"})
    assert await settled.kinds() == ["one"]

    other = settled.write("other.tmp", {"id": ACCOUNT, "kind": "two"})
    other.replace(settled.path / "a.json")

    assert await settled.kinds() == ["two"]


async def test_a_file_that_does_not_change_is_not_read_again(settled: Folder) -> None:
    """Its resources stay the very same while another file changes."""
    settled.write("a.json", {"id": ACCOUNT})
    settled.write("b.json", {"id": OTHER, "kind": "one"})
    (before,) = (await settled.reading(ACCOUNT)).items

    settled.write("b.json", {"id": OTHER, "kind": "two, longer"})

    assert await settled.kinds(OTHER) == ["two, longer"]
    (after,) = (await settled.reading(ACCOUNT)).items
    assert after is before


async def test_a_reading_that_began_late_enough_serves_again(folder: Folder) -> None:
    """It answers every question about the time before it."""
    folder.write("a.json", {"id": ACCOUNT, "kind": "one"})
    long_ago = folder.clock.now()
    first = await folder.reading(ACCOUNT)
    folder.write("a.json", {"id": ACCOUNT, "kind": "two"})

    root = ResourceId.parse(ACCOUNT)
    found = await folder.estate.read(root, [Source.ACCOUNT], after=long_ago)

    assert found[Source.ACCOUNT].read_at == first.read_at
    assert found[Source.ACCOUNT].items[0].kind == "one"
    assert await folder.kinds() == ["two"]


async def test_a_resource_that_stands_twice_is_named_and_the_last_counts(folder: Folder) -> None:
    """Until it stands there once."""
    folder.write("a.json", {"id": ACCOUNT, "kind": "one"})
    folder.write("b.json", {"id": ACCOUNT.upper(), "kind": "two"})
    assert await folder.kinds() == ["two"]
    assert folder.estate.twice == [ACCOUNT.upper()]

    (folder.path / "b.json").unlink()

    assert await folder.kinds() == ["one"]
    assert folder.estate.twice == []


async def test_what_is_left_out_is_named_with_its_file(folder: Folder) -> None:
    """As `check` names it; it proves nothing absent or present."""
    file = folder.write("a.json", {"id": ACCOUNT}, {"id": "string"}, 7)
    reading = await folder.reading(ACCOUNT)

    assert reading.complete
    assert [(name, each.what) for name, each in folder.estate.skipped] == [
        (str(file), "string"),
        (str(file), "a JSON value"),
    ]
    assert all(isinstance(each, Skipped) for _, each in folder.estate.skipped)
    assert folder.estate.unusable == []


async def test_an_estate_is_never_stale(folder: Folder) -> None:
    """What is read is what is there: no second look is needed."""
    assert folder.estate.second_look_after is None


# --- what cannot be read proves nothing ---


async def test_a_broken_file_proves_no_absence(folder: Folder) -> None:
    """What is not found may be in it: a root, or a child beside others."""
    folder.write("a.json", {"id": ACCOUNT}, {"id": DEPLOYMENT})
    broken = folder.path / "broken.json"
    broken.write_text("{", "utf-8")

    present = await folder.reading(ACCOUNT)
    assert names(present.items) == ["a"]
    assert present.problem is not None
    assert present.problem.cause is Cause.UNDETERMINED
    assert "there may be more" in present.problem.detail
    children = await folder.reading(ACCOUNT, Source.DEPLOYMENTS)
    assert (names(children.items), children.complete) == (["d"], False)
    absent = await folder.reading(OTHER)
    assert (absent.items, absent.complete) == ((), False)
    assert absent.problem is not None
    assert absent.problem.cause is Cause.UNREADABLE
    assert str(broken) in absent.problem.detail
    assert [each.name for each in folder.estate.unusable] == [str(broken)]


@pytest.mark.parametrize("ahead", [0, 10], ids=["changed just now", "changed long ago"])
async def test_a_file_that_breaks_and_is_mended_is_seen_each_time(
    tmp_path: Path, ahead: float
) -> None:
    """What it held is unreadable, not gone, until it says so itself."""
    folder = Folder(tmp_path, ahead)
    file = folder.write("a.json", {"id": ACCOUNT, "kind": "one"})
    assert await folder.kinds() == ["one"]

    file.write_text('[{"id": "', "utf-8")
    broken = await folder.reading(ACCOUNT)
    assert (broken.items, broken.complete) == ((), False)
    assert broken.problem is not None

    folder.write("a.json", {"id": ACCOUNT, "kind": "two"})
    assert await folder.kinds() == ["two"]
    assert folder.estate.unusable == []

    folder.write("a.json")
    gone = await folder.reading(ACCOUNT)
    assert (gone.items, gone.problem, gone.complete) == ((), None, True)


@pytest.mark.parametrize("how", ["pipe", "device", "loop", "dangling", "empty", "deep"])
async def test_whatever_is_wrong_with_a_file_it_proves_nothing(folder: Folder, how: str) -> None:
    """And no reading waits for it or goes round in circles."""
    file = folder.path / "x.json"
    match how:
        case "pipe":
            os.mkfifo(file)
        case "device":
            file.symlink_to("/dev/zero")
        case "loop":
            file.symlink_to(file)
        case "dangling":
            file.symlink_to(folder.path / "nowhere")
        case "empty":
            file.write_bytes(b"")
        case _:
            file.write_bytes(b"[" * 200_000)

    absent = await folder.reading(ACCOUNT)

    assert (absent.items, absent.complete) == ((), False)
    assert absent.problem is not None
    assert [each.name for each in folder.estate.unusable] == [str(file)]


async def test_a_folder_in_it_that_cannot_be_listed_proves_nothing(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read from it before is unreadable, not gone."""
    (folder.path / "prod").mkdir()
    folder.write("prod/a.json", {"id": ACCOUNT})
    assert names((await folder.reading(ACCOUNT)).items) == ["a"]
    scandir = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "prod":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    closed = await folder.reading(ACCOUNT)
    monkeypatch.undo()

    assert (closed.items, closed.complete) == ((), False)
    assert closed.problem is not None
    assert names((await folder.reading(ACCOUNT)).items) == ["a"]


async def test_the_name_of_a_broken_file_need_not_be_text(folder: Folder) -> None:
    """What is said of it can be stored all the same."""
    (folder.path / os.fsdecode(b"\xff.json")).write_text("{", "utf-8")

    absent = await folder.reading(ACCOUNT)

    assert absent.problem is not None
    assert absent.problem.detail.encode()


async def test_folders_linked_to_themselves_are_read_once(folder: Folder) -> None:
    """A loop of links is no endless folder."""
    folder.write("a.json", {"id": ACCOUNT})
    (folder.path / "loop").symlink_to(folder.path, target_is_directory=True)

    assert names((await folder.reading(ACCOUNT)).items) == ["a"]
    assert folder.estate.twice == []


async def test_a_file_that_vanishes_while_the_folder_is_read_leaves_no_doubt(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was deleted, or moved: the folder is listed again, and is whole."""
    folder.write("a.json", {"id": ACCOUNT})
    moved = folder.write("b.json", {"id": OTHER})
    deleted = folder.write("c.json", {"id": DEPLOYMENT})

    def list_and_then_change(path: Path) -> list[Path]:
        files = json_files(path)
        if moved.exists():
            moved.rename(folder.path / "moved.json")
            deleted.unlink()
        return files

    monkeypatch.setattr(estate, "json_files", list_and_then_change)
    assert names((await folder.reading(OTHER)).items) == ["b"]
    children = await folder.reading(ACCOUNT, Source.DEPLOYMENTS)
    assert (children.items, children.complete) == ((), True)
    assert folder.estate.unusable == []


async def test_a_folder_that_never_rests_proves_nothing(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading comes to an end, and does not claim to be whole."""

    def list_what_is_not_there(path: Path) -> list[Path]:
        return [*json_files(path), path / "vanished.json"]

    monkeypatch.setattr(estate, "json_files", list_what_is_not_there)
    folder.write("a.json", {"id": ACCOUNT})

    assert names((await folder.reading(ACCOUNT)).items) == ["a"]
    assert not (await folder.reading(ACCOUNT, Source.DEPLOYMENTS)).complete


# --- the folder itself ---


@pytest.mark.parametrize("name", ["missing", "file", "x" * 300])
def test_an_estate_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    """Before anything is done with it."""
    (tmp_path / "file").touch()

    with pytest.raises(PortError, match="is no folder"):
        EstateFolder(tmp_path / name, LateClock(0))


async def test_a_folder_that_is_gone_fails_and_proves_nothing(folder: Folder) -> None:
    """As a share that is not mounted: nothing in it counts as deleted."""
    away = folder.path.with_name("away")
    folder.write("a.json", {"id": ACCOUNT})
    assert names((await folder.reading(ACCOUNT)).items) == ["a"]
    folder.path.rename(away)

    with pytest.raises(PortError, match="is no folder"):
        await folder.reading(ACCOUNT)
    with pytest.raises(PortError):
        await folder.estate.subscriptions(after=folder.clock.now())
    with pytest.raises(PortError):
        [each.root async for each in folder.estate.roots(SUBSCRIPTION)]

    away.rename(folder.path)
    assert names((await folder.reading(ACCOUNT)).items) == ["a"]


@pytest.mark.parametrize("content", [None, "notes.txt"], ids=["empty", "without JSON"])
async def test_a_folder_without_any_file_is_refused_and_proves_nothing(
    tmp_path: Path, content: str | None
) -> None:
    """As where a share is mounted that is not: nothing in it counts as deleted."""
    folder = Folder(tmp_path)
    folder.write("a.json", {"id": ACCOUNT})
    assert names((await folder.reading(ACCOUNT)).items) == ["a"]
    for name in ("a.json", "none.json"):
        (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / content).touch()

    with pytest.raises(PortError, match="json files; is it mounted"):
        await folder.reading(ACCOUNT)
    with pytest.raises(PortError, match="json files; is it mounted"):
        await folder.estate.subscriptions(after=folder.clock.now())


async def test_a_folder_that_may_not_be_listed_is_refused(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may hold everything."""

    def refuse(path: str) -> object:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)

    with pytest.raises(PortError, match="cannot be listed"):
        await folder.reading(ACCOUNT)


async def test_an_estate_of_3000_files_is_read_in_reasonable_time(settled: Folder) -> None:
    """Some tenths of a second, much more on a machine that does other things as well."""
    for n in range(3000):
        settled.write(f"{n}.json", {"id": f"{GROUP}/accounts/{n}", "properties": {"n": n}})

    began = time.perf_counter()
    assert len([root async for root in settled.estate.roots(SUBSCRIPTION)]) == 3000
    whole = time.perf_counter()
    settled.write("1.json", {"id": f"{GROUP}/accounts/1", "kind": "changed"})
    assert await settled.kinds(f"{GROUP}/accounts/1") == ["changed"]
    again = time.perf_counter()

    assert whole - began < 15
    assert again - whole < 5
