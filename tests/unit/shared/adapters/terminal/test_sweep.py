"""What `sweep` prints of a sweep that an earlier run began."""

import json

import pytest

from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.sweep import sweep_estate
from shared.ports import QueueName
from tests.records import ACCOUNT, OTHER_ACCOUNT, SUBSCRIPTION
from tests.unit.shared.pipeline.stub_monitors import catalogue, monitor
from tests.worlds import resource, world

CHOSEN = frozenset({SUBSCRIPTION})
BAD = {"state": "bad"}


async def test_a_baseline_that_is_gone_on_with_tells_all_that_it_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also what was found by a run that was killed before it printed."""
    told = world(catalogue=catalogue(monitor("account")))
    told.inventory.put(*(resource(each, properties=BAD) for each in (ACCOUNT, OTHER_ACCOUNT)))
    await told.runtime.sweeps.begin(deep=False, subscriptions=CHOSEN)
    for _ in range(2):
        taken = await told.ports.queue.take(QueueName.SWEEPS)
        assert taken is not None
        await told.runtime.worker.handle(QueueName.SWEEPS, taken.text)
        await told.ports.queue.done(QueueName.SWEEPS, taken)
    assert len(await told.history()) == 1

    await sweep_estate(told.runtime, Format.JSON, None, deep=False, subscriptions=CHOSEN)

    alerts = json.loads(capsys.readouterr().out)["alerts"]
    opened = [each["resource_id"] for each in alerts if each["kind"] == "opened"]
    assert opened == [ACCOUNT, OTHER_ACCOUNT]
