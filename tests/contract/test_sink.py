"""`Sink`: where alerts go; what it says it was told has arrived."""

import pytest

from tests.contract.backends import SinkBackend
from tests.records import transition

pytestmark = pytest.mark.contract


def test_a_sink_has_a_name_that_stays(sink_backend: SinkBackend) -> None:
    """The outbox remembers by it what was told."""
    name = sink_backend.sink.name

    assert name
    assert sink_backend.sink.name == name


async def test_alerts_have_arrived_when_they_are_sent(sink_backend: SinkBackend) -> None:
    """All of them, in the order that they were given in, call after call."""
    alerts = [transition(n) for n in range(1, 6)]
    await sink_backend.sink.send(alerts[:3])
    assert sink_backend.told() == [each.id for each in alerts[:3]]

    await sink_backend.sink.send(alerts[3:])

    assert sink_backend.told() == [each.id for each in alerts]


async def test_sending_nothing_is_nothing(sink_backend: SinkBackend) -> None:
    """No alert, nothing told."""
    await sink_backend.sink.send([])

    assert sink_backend.told() == []


async def test_a_sink_that_is_down_says_so_and_can_be_told_again(
    sink_backend: SinkBackend,
) -> None:
    """With an error, so that the alerts are sent again later."""
    alerts = [transition(1), transition(2)]
    with sink_backend.down(), pytest.raises(sink_backend.failure):
        await sink_backend.sink.send(alerts)

    await sink_backend.sink.send(alerts)

    assert sink_backend.told()[-2:] == [each.id for each in alerts]
