"""Following the pages of a list, to ARM only and not for ever."""

from collections.abc import Mapping

from yarl import URL

from shared.adapters.azure.arm.problems import unreadable
from shared.adapters.error_text import short

MOST_PAGES = 1000
"""Of one list; ARM's pages of what we list hold 20 items and more."""


class Trail:
    """The pages of one list that were visited so far; begins with the first.

    An address is read by the very parser that aiohttp sends it with, so that the two cannot
    disagree about its host.
    """

    def __init__(self, endpoint: str, first: str, most: int = MOST_PAGES) -> None:
        self._endpoint = endpoint
        self._first = first
        self._seen: set[URL] = set()
        self._most = most

    def next(self, body: Mapping[str, object]) -> str | None:
        """Return the address of the page after this one, or None at the end.

        It may lie in another subscription (Azure's own examples do), not on another host: the
        request carries our token.

        Raises:
            ArmError: it must not be followed.
        """
        link = body.get("nextLink")
        if link is None or link == "":
            return None
        # Only here: most lists have one page, and parsing its address is work for nothing.
        self._seen = self._seen or {URL(self._first)}
        url = self._read(link)
        if url in self._seen:
            raise unreadable("the list repeats: its next page was read before")
        if len(self._seen) >= self._most:
            raise unreadable(f"the list has no end: more than {self._most:,} pages")
        self._seen.add(url)
        return str(url)

    def _read(self, link: object) -> URL:
        """Check where a link points to."""
        try:
            url = URL(link) if isinstance(link, str) else URL()
            origin = URL(self._endpoint).origin()
            same = url.origin() == origin and url.user is None and url.password is None
        except ValueError:
            raise unreadable("the next page is no address") from None
        if not same:
            # However long it is: the reason is stored.
            raise unreadable(f"the next page points to another host: {short(url.host or 'none')}")
        return url


def items(body: Mapping[str, object]) -> tuple[tuple[Mapping[str, object], ...], bool]:
    """Return the objects of a page, and whether it holds nothing else.

    Raises:
        ArmError: the page holds no list.
    """
    value = body.get("value")
    if not isinstance(value, list):
        raise unreadable("ARM's page holds no list", 200)
    found = tuple(item for item in value if isinstance(item, dict))
    return found, len(found) == len(value)
