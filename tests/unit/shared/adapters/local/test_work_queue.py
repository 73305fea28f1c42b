"""Taking from a queue in a file that other processes write too."""

from contextlib import closing
from pathlib import Path

from shared.adapters.local.database import Database
from shared.adapters.local.work_queue import SqliteWorkQueue
from shared.ports import QueueName
from tests.fakes import FakeClock

LOOKS = QueueName.LOOKS


async def test_a_queue_is_found_empty_while_another_process_writes(tmp_path: Path) -> None:
    """A worker without work waits for nobody."""
    file = tmp_path / "compliance.db"
    with closing(Database(file)) as writing, closing(Database(file, busy_seconds=0)) as database:
        queue = SqliteWorkQueue(database, FakeClock())
        with writing.transaction():
            assert await queue.take(LOOKS) is None


class Forestalled(Database):
    """A file in which others do something after the first query, before what follows from it."""

    meanwhile: str = ""

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Run a query."""
        found = super().rows(statement, *values)
        if self.meanwhile:
            self.run(self.meanwhile)
            self.meanwhile = ""
        return found


async def taken_when(tmp_path: Path, meanwhile: str) -> list[str]:
    """Return what is taken of two messages when something happens while the first is taken."""
    with closing(Forestalled(tmp_path / "compliance.db")) as database:
        queue = SqliteWorkQueue(database, FakeClock())
        await queue.put(LOOKS, ["first", "second"])
        database.meanwhile = meanwhile
        found = [await queue.take(LOOKS), await queue.take(LOOKS)]
        return [each.text for each in found if each is not None]


async def test_a_message_that_another_takes_at_the_same_time_is_left_to_it(tmp_path: Path) -> None:
    """Whoever writes first has it; the other takes the next one."""
    another = "UPDATE messages SET deliveries = 1, receipt = 'r', due = due + 30 WHERE id = 1"

    assert await taken_when(tmp_path, another) == ["second"]


async def test_a_message_that_is_put_back_at_the_same_time_waits(tmp_path: Path) -> None:
    """Its delay is kept."""
    assert await taken_when(tmp_path, "UPDATE messages SET due = due + 30 WHERE id = 1") == [
        "second"
    ]


async def test_a_delivery_to_another_at_the_same_time_is_counted(
    tmp_path: Path,
) -> None:
    """Also where messages are out of sight for no time at all."""
    another = "UPDATE messages SET deliveries = 1, receipt = 'r' WHERE id = 1"
    with closing(Forestalled(tmp_path / "compliance.db")) as database:
        queue = SqliteWorkQueue(database, FakeClock())
        await queue.put(LOOKS, ["first"])
        database.meanwhile = another

        taken = await queue.take(LOOKS)

    assert taken is not None
    assert taken.deliveries == 2
