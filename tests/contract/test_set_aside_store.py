"""`SetAsideStore`: inputs that nothing can be done with now."""

import pytest

from shared.ports import SetAside
from tests.contract.backends import Stores
from tests.records import moment

pytestmark = pytest.mark.contract


def item(number: int, text: str = "{") -> SetAside:
    """Return the n-th input, set aside n seconds after the beginning."""
    return SetAside(moment(number), f"reason {number}", text, 10 * number)


async def test_nothing_is_kept_at_first(stores: Stores) -> None:
    """The store begins empty."""
    assert list(await stores.aside.kept(10)) == []


async def test_what_is_kept_comes_back_newest_first(stores: Stores, others: Stores) -> None:
    """Whichever process kept it, with its reason, its text and the length of the whole."""
    first, second = item(1), item(2, 'ü\n"\N{PILE OF POO}\x00')
    third = item(3, "")
    await stores.aside.keep([first, second])
    await others.aside.keep([third])

    assert list(await stores.aside.kept(10)) == [third, second, first]
    assert list(await others.aside.kept(2)) == [third, second]


async def test_the_same_input_twice_is_kept_twice(stores: Stores) -> None:
    """Inputs that come again after an error are not told apart from new ones."""
    await stores.aside.keep([item(1)])
    await stores.aside.keep([item(1), item(1)])

    assert list(await stores.aside.kept(10)) == [item(1)] * 3


async def test_keeping_nothing_is_nothing(stores: Stores) -> None:
    """No input, nothing kept."""
    await stores.aside.keep([])

    assert list(await stores.aside.kept(10)) == []


async def test_what_is_kept_is_read_page_by_page_and_removed(
    stores: Stores, others: Stores
) -> None:
    """Each input once, though others keep and remove some meanwhile."""
    await stores.aside.keep([item(number) for number in range(5)])
    first, after = await stores.aside.page("", 2)
    await others.aside.keep([item(9)])
    await others.aside.remove(first[0].name)
    await others.aside.remove(first[0].name)
    second, after = await others.aside.page(after, 2)
    third, end = await stores.aside.page(after, 2)

    assert [each.item for each in (*first, *second, *third)] == [item(n) for n in (4, 3, 2, 1, 0)]
    assert end == ""
    assert list(await stores.aside.kept(10)) == [item(n) for n in (9, 3, 2, 1, 0)]


async def test_pages_of_nothing_end_at_once(stores: Stores) -> None:
    """Also where nothing was ever kept."""
    assert await stores.aside.page("", 5) == ([], "")
    await stores.aside.keep([item(1)])
    ((kept,), _) = await stores.aside.page("", 5)
    await stores.aside.remove(kept.name)

    found, end = await stores.aside.page("", 5)
    assert (list(found), end) == ([], "")
