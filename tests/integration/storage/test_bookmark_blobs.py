"""Bookmarks in blobs."""

from shared.adapters.azure.storage.bookmarks import BlobBookmarks
from shared.adapters.azure.storage.names import BOOKMARKS
from shared.pipeline import activity_bookmark
from shared.pipeline.activity_bookmark import FIRST_ROUND, OVERLAP
from tests.azurite_server import Azurite, clients
from tests.records import moment


async def test_a_bookmark_that_is_no_text_begins_a_first_round(azurite: Azurite) -> None:
    """As any other damaged one does: otherwise nothing would be listened to until it is mended."""
    async with clients(azurite.account()) as opened:
        bookmarks = BlobBookmarks(opened)
        await bookmarks.save("activity_log", "{}")
        blob = opened.blobs.get_blob_client(BOOKMARKS, "activity_log")
        await blob.upload_blob(b"\xff\xfe{", overwrite=True)

        loaded = await activity_bookmark.load(bookmarks, "activity_log", moment(0))

        assert loaded.after.ingested_at == moment(0) - FIRST_ROUND + OVERLAP
