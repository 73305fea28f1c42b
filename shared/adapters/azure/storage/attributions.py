"""Who made a change, found out after its transition was recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from shared.adapters.azure.storage.history_rows import Page, decode_ids, decode_page
from shared.adapters.azure.storage.table_keys import INDEX, beyond, digest, key, partition_of
from shared.adapters.azure.storage.tables import Table
from shared.domain.finding import Attribution, Transition


async def attributed_pages(
    table: Table, root: str, attributions: Mapping[str, Attribution]
) -> list[Page]:
    """Return the pages of a root's history that hold these transitions, completed.

    Transitions that were never recorded are left out.

    Raises:
        PortError: storage failed.
    """
    partition, wanted = partition_of(root), set(attributions)
    within = (INDEX, digest(root))
    pages = []
    # Newest first: what is attributed late is mostly of today.
    async for entry in table.rows(partition, key(*within, ""), beyond(*within), page=100):
        named = wanted.intersection(decode_ids(entry.columns))
        if not named:
            continue
        stored = await table.read(partition, str(entry.columns["page"]))
        if stored is not None:
            page = decode_page(stored)
            pages.append(page.holding(completed(page.transitions, attributions)))
        wanted -= named
        if not wanted:
            break
    return pages


def completed(
    transitions: Iterable[Transition], attributions: Mapping[str, Attribution]
) -> tuple[Transition, ...]:
    """Return transitions with the attributions that are known of them."""
    return tuple(
        replace(each, attribution=attributions[each.id]) if each.id in attributions else each
        for each in transitions
    )
