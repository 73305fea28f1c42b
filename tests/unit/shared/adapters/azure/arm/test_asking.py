"""One question to ARM: what is kept of a list while it is read."""

from collections.abc import AsyncIterator
from typing import Any

from shared.adapters.azure.arm.api_versions import ApiVersions
from shared.adapters.azure.arm.asking import Asker
from shared.adapters.azure.arm.client import Page
from shared.adapters.azure.arm.problems import ArmError, unreadable
from shared.adapters.azure.arm.sources import WAYS
from shared.domain.resource_id import ResourceId
from shared.domain.topology import Source
from shared.ports import Pace
from tests.fakes import FakeClock
from tests.records import ACCOUNT, SUBSCRIPTION

DEPLOYMENT = f"{ACCOUNT}/deployments/chat"


class Repeating:
    """A list that shows the same deployment on ever other pages, and one item without an id."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock

    async def pages(self, *_: object, **__: object) -> AsyncIterator[Page]:
        """Give a hundred pages, and then up."""
        yield Page(({"name": "nameless"}, {"name": "another"}), self._clock.now())
        for number in range(100):
            name = DEPLOYMENT if number % 2 else DEPLOYMENT.upper()
            yield Page(({"id": name, "number": number},), self._clock.now())
        raise unreadable("the list has no end")


async def test_a_list_that_repeats_itself_is_not_kept_over_and_over() -> None:
    """Each item once, as it was last: an endless list of full pages would be gigabytes."""
    clock = FakeClock()
    client: Any = Repeating(clock)
    asker = Asker(client, ApiVersions(clock), clock, Pace.EVENT)

    answer = await asker.ask(WAYS[Source.DEPLOYMENTS][0], ResourceId.parse(ACCOUNT))

    assert answer.items == (
        {"name": "nameless"},
        {"name": "another"},
        {"id": DEPLOYMENT, "number": 99},
    )
    assert answer.problem is not None
    assert answer.problem.detail == "the list has no end"


class Unregistered:
    """A provider that the subscription does not use."""

    async def pages(self, *_: object, **__: object) -> AsyncIterator[Page]:
        """Refuse, as ARM does, before any page."""
        pages: tuple[Page, ...] = ()
        for page in pages:
            yield page
        problem = unreadable("no such registration").problem
        raise ArmError(problem, 409, "MissingSubscriptionRegistration")


async def test_a_provider_that_is_not_registered_has_no_resources() -> None:
    """No blind spot: a provider cannot be unregistered while it has some."""
    clock = FakeClock()
    client: Any = Unregistered()
    asker = Asker(client, ApiVersions(clock), clock, Pace.EVENT)
    subscription = ResourceId.parse(f"/subscriptions/{SUBSCRIPTION}")

    answer = await asker.ask(WAYS[Source.DEFENDER_PLANS][0], subscription)

    assert (answer.items, answer.problem, answer.absent) == ((), None, False)


class Unasked:
    """A client that nobody should ask."""

    async def get(self, *_: object, **__: object) -> object:
        """Fail the test."""
        raise AssertionError

    def pages(self, *_: object, **__: object) -> AsyncIterator[Page]:
        """Fail the test."""
        raise AssertionError


async def test_an_id_that_no_request_can_hold_is_a_problem() -> None:
    """Half a surrogate pair has no form in UTF-8."""
    clock = FakeClock()
    client: Any = Unasked()
    asker = Asker(client, ApiVersions(clock), clock, Pace.EVENT)

    for source in (Source.ACCOUNT, Source.DEPLOYMENTS):
        answer = await asker.ask(WAYS[source][0], ResourceId.parse(f"{ACCOUNT}\ud800"))

        assert answer.items == ()
        assert answer.problem is not None
        assert answer.problem.detail.endswith("is no path in ARM")
        assert answer.problem.detail.isprintable()
