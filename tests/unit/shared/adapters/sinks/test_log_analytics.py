"""Rows through the real client: what arrives, in which portions, and what goes wrong."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.sinks.log_analytics import Collection, LogAnalytics, LogIngestion
from shared.adapters.sinks.log_tables import ALERTS, HEALTH
from shared.domain.health import HealthRecord
from shared.domain.verdict import Evidence
from shared.ports import BusyError, PortError, RefusedError
from tests.fakes import BEGINNING, FakeClock
from tests.local_azure.faults import Fault, Kind
from tests.local_azure.log_ingestion import RULE
from tests.records import transition
from tests.sink_worlds import LogsWorld, running_logs

LONG = "\N{GRINNING FACE}" * 20_000


@pytest.fixture
async def here() -> AsyncIterator[LogsWorld]:
    """A data collection rule."""
    async with running_logs(FakeClock()) as world:
        yield world


async def failed(here: LogsWorld) -> PortError:
    """Send an alert, and return what went wrong."""
    with pytest.raises(PortError) as caught:
        await here.sink.send([transition()])
    return caught.value


async def test_alerts_arrive_as_rows(here: LogsWorld) -> None:
    """As the schema says, in order."""
    alerts = [transition(n) for n in (1, 2, 3)]

    await here.sink.send(alerts)

    assert here.service.rows[ALERTS.stream] == [ALERTS.row(each, BEGINNING) for each in alerts]


async def test_a_storm_is_a_few_calls_of_under_a_megabyte(here: LogsWorld) -> None:
    """Azure takes no more at once, unpacked."""
    alerts = [replace(transition(n), message="m" * 2000) for n in range(1, 1001)]

    await here.sink.send(alerts)

    assert len(here.service.rows[ALERTS.stream]) == 1000
    assert len(here.service.sizes) == 4
    assert max(here.service.sizes) <= 1_000_000


async def test_the_longest_alerts_arrive(here: LogsWorld) -> None:
    """Cut, each in a call of its own."""
    evidence = tuple(Evidence("account", LONG, LONG, LONG) for _ in range(50))
    alerts = [
        replace(
            transition(n),
            message=LONG * 4,
            remediation=LONG * 4,
            evidence=evidence,
            tables={LONG: LONG},
            resource_id=LONG,
            root=LONG,
        )
        for n in (1, 2)
    ]

    await here.sink.send(alerts)

    assert len(here.service.rows[ALERTS.stream]) == 2
    assert max(here.service.sizes) <= 1_000_000


async def test_other_tables_are_written_by_the_same_client(here: LogsWorld) -> None:
    """Health, and evaluations."""
    record = HealthRecord(BEGINNING, "1", "i", canary_took=timedelta(seconds=3))

    await here.ingestion.write(HEALTH, [record])

    assert here.service.rows[HEALTH.stream] == [HEALTH.row(record, BEGINNING)]


async def test_calls_share_a_connection_and_a_token(here: LogsWorld) -> None:
    """One alert after the other."""
    for n in (1, 2, 3):
        await here.sink.send([transition(n)])

    assert here.azure.log.connections == 1
    assert len(here.azure.log.matching("/msi/token")) == 1


async def test_a_throttled_call_says_for_how_long(here: LogsWorld) -> None:
    """And the client neither waits nor tries again by itself."""
    here.azure.fault("/streams/", status=429, headers={"Retry-After": "3600"})

    error = await failed(here)

    assert isinstance(error, BusyError)
    assert error.retry_after == timedelta(hours=1)
    assert len(here.azure.log.matching("/streams/")) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_outage_is_left_to_the_delivery(here: LogsWorld, status: int) -> None:
    """Tried once."""
    here.azure.fault("/streams/", status=status)

    assert isinstance(await failed(here), BusyError)
    assert len(here.azure.log.matching("/streams/")) == 1


async def test_a_reset_after_the_rows_were_taken_means_them_twice(here: LogsWorld) -> None:
    """With the same id."""
    here.azure.fault("/streams/", kind="reset", times=1)
    assert isinstance(await failed(here), BusyError)

    await here.sink.send([transition()])

    ids = [row["AlertId"] for row in here.service.rows[ALERTS.stream]]
    assert ids == [transition().id] * 2


async def test_a_slow_answer_is_given_up() -> None:
    """Long before the lease of the sink is over; the rows may have been taken."""
    async with running_logs(longest=timedelta(seconds=0.2)) as here:
        here.azure.faults.add(Fault("/streams/", kind=Kind.HANG, seconds=60))

        error = await failed(here)

    assert isinstance(error, BusyError)
    assert str(error).startswith("Log Analytics ")


async def test_a_column_that_no_stream_declares_is_refused(
    here: LogsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The local rule is stricter than Azure, which would drop the cell."""
    monkeypatch.setattr(here.service, "_columns", {ALERTS.stream: {"TimeGenerated": "datetime"}})

    error = await failed(here)

    assert isinstance(error, RefusedError)
    assert "answered 400 (InvalidPayload)" in str(error)


@pytest.mark.parametrize("status", [400, 413])
async def test_a_refusal_in_the_midst_is_one(here: LogsWorld, status: int) -> None:
    """The portions before it have arrived; nothing is swallowed."""
    alerts = [replace(transition(n), message="m" * 60_000) for n in range(1, 31)]
    here.azure.faults.add(Fault("/streams/", status=status, skip=1))

    with pytest.raises(RefusedError):
        await here.sink.send(alerts)

    assert 0 < len(here.service.rows[ALERTS.stream]) < 30


async def test_the_token_is_for_the_audience_of_the_service() -> None:
    """One for another is turned away, and a person is told."""
    async with running_logs(audience="https://storage.azure.com") as here:
        error = await failed(here)

    assert isinstance(error, BusyError)
    assert "Log Analytics answered 401 (InvalidAuthenticationTokenAudience)" in str(error)
    assert "check its address and rights" in str(error)


async def test_a_rule_that_is_not_there_keeps_the_alerts() -> None:
    """Its id is a setting, which a person mends."""
    async with running_logs(rule="dcr-other") as here:
        error = await failed(here)

    assert isinstance(error, BusyError)
    assert "answered 404 (NotFound): nothing is there; check its address" in str(error)


async def test_without_a_token_the_alerts_are_kept(here: LogsWorld) -> None:
    """The identity has no right to one, or the service is down for a while."""
    here.azure.fault("/msi/token", status=400)

    error = await failed(here)

    assert isinstance(error, BusyError)
    assert str(error).startswith("no token for Log Analytics: ")


async def test_nobody_there_is_busy(here: LogsWorld) -> None:
    """The endpoint is a setting too."""
    nowhere = Collection("https://127.0.0.1:1", RULE)
    calls = here.ingestion._calls  # noqa: SLF001 - the same way to another place
    ingestion = LogIngestion(nowhere, calls)

    with pytest.raises(BusyError, match=r"^Log Analytics cannot be reached: "):
        await LogAnalytics(ingestion).send([transition()])
    await ingestion.close()


async def test_a_closed_client_opens_again(here: LogsWorld) -> None:
    """Closing twice is nothing, either."""
    await here.sink.send([transition(1)])
    await here.ingestion.close()
    await here.ingestion.close()

    await here.sink.send([transition(2)])

    assert len(here.service.rows[ALERTS.stream]) == 2


async def test_a_token_is_in_no_error_and_no_log(
    here: LogsWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at the lowest level either."""
    caplog.set_level(logging.DEBUG)
    here.azure.fault("/streams/", status=403)

    error = await failed(here)

    tokens = list(here.azure.identity._issued)  # noqa: SLF001 - what was given out
    assert tokens
    assert not any(each in caplog.text + str(error) for each in tokens)


async def test_sending_nothing_asks_for_nothing(here: LogsWorld) -> None:
    """No token, no client."""
    await here.sink.send([])

    assert here.azure.log.requests == []
