"""How the stored sources of a root are found."""

from contextlib import closing
from pathlib import Path

from shared.adapters.local.database import Database
from shared.adapters.local.snapshot_store import SqliteSnapshotStore
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from tests.records import ACCOUNT, moment

ROOT = ResourceId.parse(ACCOUNT)


async def test_a_source_whose_name_is_part_of_another_is_told_from_it(tmp_path: Path) -> None:
    """Each is found by itself among all of them, such as `account` beside `account_preview`."""
    with closing(Database(tmp_path / "compliance.db")) as database:
        store = SqliteSnapshotStore(database)
        await store.save(ROOT, [SourceReading(source, (), moment(1)) for source in Source])

        for source in Source:
            assert list(await store.load(ROOT, [source])) == [source]
            others = set(Source) - {source}
            assert set(await store.load(ROOT, others)) == others
