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
