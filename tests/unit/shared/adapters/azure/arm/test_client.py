"""Calls to ARM: good answers, one connection, requests as ARM wants them."""

import asyncio
import gzip
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.problems import ArmError
from shared.adapters.azure.arm.quota import Quota
from shared.adapters.system_clock import SystemClock
from shared.ports import Pace
from tests.fakes import FakeClock
from tests.scripted_arm import (
    ACCOUNT,
    BRIEF,
    GIVEN,
    READ,
    FixedToken,
    ScriptedArm,
    client_of,
    hangs,
    says,
    scripted_arm,
    sends,
)


@pytest.fixture
async def arm(tmp_path: Path) -> AsyncIterator[ScriptedArm]:
    """A server that answers with an account until told otherwise."""
    async with scripted_arm(tmp_path, says({"id": ACCOUNT})) as running:
        yield running


async def test_a_resource_is_read_with_its_version_and_our_token(arm: ScriptedArm) -> None:
    """The request has what ARM wants, and says who asks."""
    credential = FixedToken()
    before = datetime.now(UTC)
    async with client_of(arm, credential=credential, agent="monitor/1.2") as client:
        body, began_at = await client.get(ACCOUNT, "2026-07-01", permission=READ)

    asked = arm.requests[0]

    assert body == {"id": ACCOUNT}
    assert before < began_at < datetime.now(UTC)
    assert asked.path == ACCOUNT
    assert dict(asked.query) == {"api-version": "2026-07-01"}
    assert asked.headers["Authorization"] == f"Bearer {GIVEN}"
    assert asked.headers["User-Agent"] == "monitor/1.2"
    assert asked.headers["x-ms-client-request-id"]
    assert credential.asked == [(f"{arm.endpoint}/.default",)]


async def test_a_path_may_hold_a_query(arm: ScriptedArm) -> None:
    """The version is added to it, and a name with a blank gets through."""
    async with client_of(arm) as client:
        await client.get(
            "/subscriptions/s/providers/x y?$filter=a eq 'b'", "2026-07-01", permission=READ
        )

    assert arm.requests[0].path == "/subscriptions/s/providers/x y"
    assert dict(arm.requests[0].query) == {"$filter": "a eq 'b'", "api-version": "2026-07-01"}


async def test_every_request_has_an_id_of_its_own(arm: ScriptedArm) -> None:
    """A GUID, as ARM wants it, and another for another client."""
    for _ in range(2):
        async with client_of(arm) as client:
            await client.get(ACCOUNT, "v", permission=READ)
            await client.get(ACCOUNT, "v", permission=READ)

    named = [each.headers["x-ms-client-request-id"] for each in arm.requests]
    assert len(set(named)) == 4
    assert [str(uuid.UUID(each)) for each in named] == named


async def test_a_request_says_what_the_environment_adds_to_its_sender(
    arm: ScriptedArm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Azure's libraries all heed it."""
    monkeypatch.setenv("AZURE_HTTP_USER_AGENT", "of-the-house")
    async with client_of(arm, agent="monitor/1.2") as client:
        await client.get(ACCOUNT, "v", permission=READ)

    assert arm.requests[0].headers["User-Agent"] == "monitor/1.2 of-the-house"


@pytest.mark.parametrize("mark", [*"/:@!$&'()*+,;=._~-", "?", "%20", "%2F", "%25", "é", "|", '"'])
async def test_an_address_is_quoted_once(arm: ScriptedArm, mark: str) -> None:
    """In its path and in its query; what stands for itself or is quoted stays as it is."""
    path = f"{ACCOUNT}/x{mark}y"
    async with client_of(arm) as client:
        await client.get(path, "v", permission=READ)
        await client.get(f"{path}?$filter=x{mark}y", "v", permission=READ)

    sent = [each.raw_path for each in arm.requests]
    joint = "&" if mark == "?" else "?"
    wanted = [f"{path}{joint}api-version=v", f"{path}?$filter=x{mark}y&api-version=v"]
    assert sent == [URL(f"{arm.endpoint}{each}").raw_path_qs for each in wanted]


async def test_calls_one_after_the_other_use_one_connection(arm: ScriptedArm) -> None:
    """Good answers, failures, unusable answers and packed ones all leave it usable."""

    async def packed(_: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b'{"a": 1}'), headers={"Content-Encoding": "gzip"})

    arm.script = [says({}), says({}, 404), sends("<html>"), packed, says({})]
    async with client_of(arm) as client:
        await client.get(ACCOUNT, "v", permission=READ)
        with pytest.raises(ArmError):
            await client.get(ACCOUNT, "v", permission=READ)
        body, _ = await client.get(ACCOUNT, "v", permission=READ)
        await client.get(ACCOUNT, "v", permission=READ)

    assert body == {"a": 1}
    assert len(arm.requests) == 5
    assert len(arm.connections) == 1


async def test_a_closed_client_opens_again(arm: ScriptedArm) -> None:
    """In another event loop too, as a session belongs to one."""
    client = ArmClient(arm.cloud, FixedToken(), SystemClock(), Quota(SystemClock()))
    for _ in range(2):
        await client.get(ACCOUNT, "v", permission=READ)
        await client.close()

    assert len(arm.connections) == 2


async def test_the_time_is_that_of_the_attempt_that_was_answered(arm: ScriptedArm) -> None:
    """An earlier attempt proves nothing about the state that the answer shows."""
    clock = FakeClock()
    times = []

    async def fails(_: web.Request) -> web.Response:
        times.append(clock.now())
        return web.Response(status=503)

    arm.script = [fails, says({})]
    async with client_of(arm, clock=clock) as client:
        _, began_at = await client.get(ACCOUNT, "v", permission=READ)

    assert began_at > times[0]


async def test_a_read_counts_for_its_subscription_and_other_paths_for_the_tenant(
    arm: ScriptedArm,
) -> None:
    """The spelling of the id makes no difference; a question of Resource Graph counts for none."""
    keys = []

    class Noting(Quota):
        def take_now(self, key: str, pace: Pace) -> bool:
            keys.append((key, pace))
            return True

    async with client_of(arm, quota=Noting(SystemClock())) as client:
        await client.get(ACCOUNT, "v", permission=READ)
        await client.get("/Subscriptions/S", "v", permission=READ, pace=Pace.SWEEP)
        await client.get("/tenants", "v", permission=READ)
        await client.post("/providers/x", "v", {}, permission=READ)

    assert keys == [("s", Pace.EVENT), ("s", Pace.SWEEP), ("tenant", Pace.EVENT)]


@pytest.mark.parametrize("odd", ["many", "", "9" * 5000, "²", "-1", "1.5"])
async def test_what_arm_says_is_left_is_heeded(arm: ScriptedArm, odd: str) -> None:
    """The lowest of its counts decides; what is no number is passed over."""
    left = {
        "x-ms-ratelimit-remaining-subscription-reads": odd,
        "x-ms-ratelimit-remaining-subscription-global-reads": "1",
    }
    arm.script = [says({}, headers=left)]
    quota = Quota(FakeClock(), patience=dict.fromkeys(Pace, 0 * datetime.resolution))
    async with client_of(arm, quota=quota) as client:
        await client.get(ACCOUNT, "v", permission=READ)
        await client.get(ACCOUNT, "v", permission=READ)
        with pytest.raises(ArmError, match="quota of reads is used up") as caught:
            await client.get(ACCOUNT, "v", permission=READ)

    assert caught.value.status is None
    assert caught.value.problem.retry_after is not None


async def test_a_question_is_posted_and_answered_with_headers(arm: ScriptedArm) -> None:
    """Resource Graph tells its own quota in headers."""
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(await request.json())
        return web.json_response({"data": []}, headers={"x-ms-user-quota-remaining": "14"})

    arm.script = [says({}, 500), answer]
    async with client_of(arm) as client:
        body, headers = await client.post("/providers/x", "v", {"query": "q"}, permission=READ)

    assert asked == [{"query": "q"}]
    assert body == {"data": []}
    assert headers["X-MS-User-Quota-Remaining"] == "14"


async def test_cancelling_a_call_cancels_it_and_leaves_the_client_usable(arm: ScriptedArm) -> None:
    """A cancelled look is no problem of ARM's."""
    arm.script = [hangs, says({})]
    async with client_of(arm) as client:
        call = asyncio.create_task(client.get(ACCOUNT, "v", permission=READ))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await client.get(ACCOUNT, "v", permission=READ)


@pytest.mark.parametrize(
    "path",
    [
        "@evil.example/x",
        "/subscriptions/s/../t",
        "/x/..",
        "/x/%2e%2E",
        "/x/.%2e/y",
        "/x#y",
        "/x\\y",
        "/x\ny",
        "/x/\ud800",
        "",
    ],
)
async def test_a_path_that_would_lead_elsewhere_is_not_asked_for(
    arm: ScriptedArm, path: str
) -> None:
    """Ids come from events, and whoever sends these shall not choose what we read."""
    async with client_of(arm) as client:
        with pytest.raises(ArmError, match="is no path in ARM"):
            await client.get(path, "v", permission=READ)

    assert arm.requests == []


async def test_a_question_that_is_no_text_is_not_asked(arm: ScriptedArm) -> None:
    """Half a surrogate pair can come in a name."""
    async with client_of(arm) as client:
        with pytest.raises(ArmError, match="holds what is no text"):
            await client.post("/providers/x", "v", {"query": "\ud800"}, permission=READ)

    assert arm.requests == []


async def test_a_ca_file_that_is_missing_is_a_problem_in_words(
    arm: ScriptedArm, tmp_path: Path
) -> None:
    """The message says what could not be found and which setting names it; ARM is not blamed."""
    arm.ca_file = tmp_path / "none.pem"
    async with client_of(arm) as client:
        with pytest.raises(ArmError, match="No such file") as caught:
            await client.get(ACCOUNT, "v", permission=READ)

    said = f"ARM was not asked: COMPLIANCE_CA_FILE names {arm.ca_file}"
    assert str(caught.value).startswith(said)


async def test_a_server_that_others_signed_is_not_told_the_token(
    arm: ScriptedArm, tmp_path: Path
) -> None:
    """The CA file is trusted alone."""
    (tmp_path / "other").mkdir()
    async with scripted_arm(tmp_path / "other", says({})) as other:
        arm.ca_file = other.ca_file
        async with client_of(arm, patience=BRIEF) as client:
            with pytest.raises(ArmError, match="could not be reached"):
                await client.get(ACCOUNT, "v", permission=READ)

    assert arm.requests == []
