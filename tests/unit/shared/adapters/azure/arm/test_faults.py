"""What ARM and the network can do wrong: each ends in bounded time, in words, and is no answer."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web
from azure.core.exceptions import ClientAuthenticationError

from shared.adapters.azure.arm.problems import ArmError
from shared.adapters.azure.arm.quota import Quota
from shared.adapters.azure.arm.retry import Patience
from shared.adapters.system_clock import SystemClock
from shared.domain.verdict import Cause
from shared.ports import Pace
from tests.scripted_arm import (
    ACCOUNT,
    GIVEN,
    READ,
    Answer,
    FixedToken,
    ScriptedArm,
    breaks_off,
    client_of,
    hangs,
    resets,
    says,
    scripted_arm,
    sends,
    statuses,
)

NO_WAIT = timedelta(0)
HTML = "<!DOCTYPE html><title>Our services aren't available right now</title>"


@pytest.fixture
async def arm(tmp_path: Path) -> AsyncIterator[ScriptedArm]:
    """A server."""
    async with scripted_arm(tmp_path, says({"a": 1})) as running:
        yield running


async def failure(arm: ScriptedArm, credential: FixedToken | None = None) -> ArmError:
    """Read an account that cannot be read."""
    async with client_of(arm, credential=credential) as client:
        with pytest.raises(ArmError) as caught:
            await client.get(ACCOUNT, "v", permission=READ)
    assert caught.value.problem.cause is Cause.UNREADABLE
    return caught.value


PASSING_CODES = [408, 409, 500, 502, 503, 504]
PASSING: dict[str, Answer] = {
    **{
        str(code): answer
        for code, answer in zip(PASSING_CODES, statuses(PASSING_CODES), strict=True)
    },
    "retry at once": says({}, 503, {"Retry-After": "0"}),
    "retry at no time": says({}, 503, {"Retry-After": "no time at all"}),
    "hang": hangs,
    "reset": resets,
    "broken off": breaks_off,
    "truncated": sends('{"value": ['),
    "HTML": sends(HTML, kind="text/html"),
    "HTML of a proxy": sends(HTML, 502, kind="text/html"),
    "nothing": sends(""),
    "list": says([1]),
    "null": says(None),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
async def test_a_passing_fault_is_survived_in_the_same_call(
    arm: ScriptedArm, fault: Answer
) -> None:
    """Twice wrong and then right is right."""
    arm.script = [fault, fault, says({"a": 1})]
    async with client_of(arm) as client:
        body, _ = await client.get(ACCOUNT, "v", permission=READ)

    assert body == {"a": 1}


STAYING: dict[str, tuple[Answer, str]] = {
    "500": (statuses([500])[0], r"status 500 \(X: y\)"),
    "409": (statuses([409])[0], r"status 409 \(X: y\)"),
    "HTML of a proxy": (sends(HTML, 503), "status 503; it is tried again"),
    "hang": (hangs, "could not be reached"),
    "reset": (resets, "could not be reached"),
    "broken off": (breaks_off, "could not be reached"),
    "truncated": (sends('{"value": ['), "something that is no JSON"),
    "HTML": (sends(HTML), "something that is no JSON"),
    "list": (says([1]), "JSON that is no object"),
}


@pytest.mark.parametrize(("fault", "words"), STAYING.values(), ids=STAYING)
async def test_a_fault_that_stays_is_handed_back_after_three_tries(
    arm: ScriptedArm, fault: Answer, words: str
) -> None:
    """In words, and to be tried again later by the queue."""
    arm.script = [fault]
    error = await failure(arm)

    assert error.problem.retry_after == NO_WAIT
    assert error.problem.permission is None
    assert re.search(words, str(error))
    assert len(arm.requests) >= 3


async def test_a_hang_of_a_minute_ends_with_the_bound_of_the_call(arm: ScriptedArm) -> None:
    """A look's lease outlives it."""
    arm.script = [hangs]
    began = time.monotonic()
    async with client_of(arm, patience=Patience(whole=0.15, read=60)) as client:
        with pytest.raises(ArmError, match=r"did not answer within 0\.15 s") as caught:
            await client.get(ACCOUNT, "v", permission=READ)

    assert time.monotonic() - began < 1
    assert caught.value.problem.retry_after == NO_WAIT
    assert caught.value.status is None


async def test_a_server_that_is_not_there_is_a_problem(arm: ScriptedArm) -> None:
    """A refused connection says so."""
    arm.endpoint = "https://127.0.0.1:9"
    error = await failure(arm)

    assert "could not be reached" in str(error)
    assert error.status is None
    assert error.code is None
    assert error.message == error.problem.detail


async def test_a_long_retry_after_is_left_to_the_queue(arm: ScriptedArm) -> None:
    """Nobody sleeps ten minutes in a function."""
    arm.script = [says({}, 503, {"Retry-After": "600"})]
    error = await failure(arm)

    assert error.problem.retry_after == timedelta(minutes=10)
    assert len(arm.requests) == 1


async def test_a_throttle_of_ten_minutes_is_told_and_not_tested(arm: ScriptedArm) -> None:
    """Later reads of the subscription are not even sent; others are."""
    arm.script = [says({}, 429, {"Retry-After": "600"}), says({"a": 1})]
    async with client_of(arm) as client:
        for _ in range(2):
            with pytest.raises(ArmError, match=r"throttled by ARM until \d{4}-.*Z") as caught:
                await client.get(ACCOUNT, "v", permission=READ)
            assert caught.value.status == 429
            wait = caught.value.problem.retry_after
            assert wait is not None
            assert timedelta(minutes=9) < wait < timedelta(minutes=11)
        await client.get("/subscriptions/other", "v", permission=READ)

    assert len(arm.requests) == 2


async def test_a_throttle_until_a_date_is_honoured(arm: ScriptedArm) -> None:
    """Retry-After may be an HTTP date."""
    until = datetime.now(UTC) + timedelta(hours=2)
    arm.script = [says({}, 429, {"Retry-After": format_datetime(until, usegmt=True)})]
    error = await failure(arm)

    wait = error.problem.retry_after
    assert wait is not None
    assert timedelta(minutes=119) < wait < timedelta(minutes=121)


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}, {"Retry-After": "soon"}])
async def test_a_throttle_without_a_time_is_a_few_seconds(
    arm: ScriptedArm, headers: dict[str, str]
) -> None:
    """ARM is not asked again at once."""
    arm.script = [says({}, 429, headers)]
    error = await failure(arm)

    wait = error.problem.retry_after
    assert wait is not None
    assert timedelta(seconds=2) < wait < timedelta(seconds=4)
    assert len(arm.requests) == 1


async def test_a_short_throttle_is_waited_for_without_using_up_the_calls_time(
    arm: ScriptedArm,
) -> None:
    """The wait belongs to the quota, whose patience is another."""
    arm.script = [says({}, 429, {"Retry-After": "0.2"}), says({"a": 1})]
    patience = Patience(whole=0.15, tries=1)
    quota = Quota(SystemClock(), patience={Pace.EVENT: timedelta(seconds=5)})
    async with client_of(arm, patience=patience, quota=quota) as client:
        body, _ = await client.get(ACCOUNT, "v", permission=READ)

    assert body == {"a": 1}


async def test_throttles_one_after_the_other_spend_one_patience(arm: ScriptedArm) -> None:
    """However short each is, the call ends."""
    arm.script = [says({}, 429, {"Retry-After": "0.05"})]
    quota = Quota(SystemClock(), patience={Pace.EVENT: timedelta(seconds=0.25)})
    async with client_of(arm, quota=quota) as client, asyncio.timeout(1):
        with pytest.raises(ArmError, match="throttled by ARM") as caught:
            await client.get(ACCOUNT, "v", permission=READ)

    assert caught.value.problem.retry_after is not None
    assert 2 <= len(arm.requests) <= 5


async def test_a_question_that_is_throttled_is_not_waited_for(arm: ScriptedArm) -> None:
    """Resource Graph's quota is kept by whoever asks."""
    arm.script = [says({}, 429, {"Retry-After": "5"})]
    async with client_of(arm) as client:
        with pytest.raises(ArmError, match="throttled by ARM") as caught:
            await client.post("/providers/x", "v", {}, permission=READ)

    assert caught.value.status == 429
    assert caught.value.problem.retry_after == timedelta(seconds=5)
    assert len(arm.requests) == 1


async def test_what_does_not_exist_has_the_status_404(arm: ScriptedArm) -> None:
    """Whoever reads decides what its absence means."""
    arm.script = [says({"error": {"code": "ResourceNotFound", "message": "gone"}}, 404)]
    error = await failure(arm)

    assert (error.status, error.code, error.message) == (404, "ResourceNotFound", "gone")
    assert error.problem.retry_after is None
    assert len(arm.requests) == 1


async def test_a_refusal_names_the_action_that_arm_names_and_is_over_when_granted(
    arm: ScriptedArm,
) -> None:
    """ARM knows better than we which action is missing; the next read after the grant works."""
    message = (
        "The client 'x' does not have authorization to perform action"
        " 'Microsoft.CognitiveServices/accounts/deployments/read' over scope '/subscriptions/s'"
    )
    refusal = {"error": {"code": "AuthorizationFailed", "message": message}}
    arm.script = [says(refusal, 403), says({"error": {}}, 403), says({"a": 1})]
    async with client_of(arm) as client:
        errors: list[ArmError] = []
        for _ in range(2):
            with pytest.raises(ArmError) as caught:
                await client.get(ACCOUNT, "v", permission=READ)
            errors.append(caught.value)
        await client.get(ACCOUNT, "v", permission=READ)

    named, unnamed = errors
    assert named.problem.permission == "Microsoft.CognitiveServices/accounts/deployments/read"
    assert named.code == "AuthorizationFailed"
    assert unnamed.problem.permission == READ
    assert f"a role with {READ}" in unnamed.problem.detail


async def test_a_token_that_arm_does_not_accept_is_no_missing_permission(arm: ScriptedArm) -> None:
    """Another token is fetched for the next call."""
    credential = FixedToken()
    arm.script = [says({"error": {"code": "InvalidAuthenticationToken"}}, 401)]
    error = await failure(arm, credential)

    assert error.problem.permission is None
    assert error.problem.retry_after == NO_WAIT
    assert "did not accept the token (InvalidAuthenticationToken)" in str(error)


async def test_without_a_token_nothing_is_sent_until_there_is_one(arm: ScriptedArm) -> None:
    """A token endpoint that is down and comes back."""
    credential = FixedToken()
    credential.error = ClientAuthenticationError("the identity\nservice is down")
    async with client_of(arm, credential=credential) as client:
        with pytest.raises(ArmError) as caught:
            await client.get(ACCOUNT, "v", permission=READ)
        assert arm.requests == []
        credential.error = None
        await client.get(ACCOUNT, "v", permission=READ)

    assert "no token for ARM: the identity service is down" in str(caught.value)
    assert caught.value.problem.retry_after == NO_WAIT
    assert len(credential.asked) == 2


async def test_another_error_is_told_with_arms_code_and_message(arm: ScriptedArm) -> None:
    """Shortened, on one line, without what could be a token; not tried again."""
    message = "no\nsuch version eyJhbGciOi.eyJzdWIi.c2ln " + "x" * 900
    arm.script = [says({"error": {"code": "NoRegisteredProviderFound", "message": message}}, 400)]
    error = await failure(arm)

    assert error.code == "NoRegisteredProviderFound"
    assert error.message.startswith("no such version … xxx")
    assert len(error.message) == 300
    assert len(str(error)) < 400
    assert error.problem.retry_after is None
    assert len(arm.requests) == 1


async def test_a_provider_that_nobody_registered_is_not_waited_for(arm: ScriptedArm) -> None:
    """Of the conflicts (409) it is the one that stays until somebody acts."""
    arm.script = [says({"error": {"code": "MissingSubscriptionRegistration"}}, 409)]

    problem = (await failure(arm)).problem

    assert problem.retry_after is None
    assert problem.detail == "ARM answered with status 409 (MissingSubscriptionRegistration)"


@pytest.mark.parametrize(
    "body", [{"code": "Bad", "message": "flat"}, {"error": "text"}, {"error": {"code": 7}}, [], 1]
)
async def test_an_error_of_any_shape_is_an_error(arm: ScriptedArm, body: object) -> None:
    """Providers do not all answer alike."""
    arm.script = [says(body, 400)]

    assert (await failure(arm)).status == 400


async def test_a_redirect_is_not_followed(arm: ScriptedArm) -> None:
    """Our token goes to ARM alone."""
    arm.script = [says({}, 307, {"Location": "/elsewhere"}), says({"a": 1})]
    error = await failure(arm)

    assert "redirect (status 307), which is not followed" in str(error)
    assert len(arm.requests) == 1


async def test_an_answer_beyond_the_bound_is_refused(arm: ScriptedArm) -> None:
    """However it is packed: memory is bounded."""

    async def swells(_: web.Request) -> web.Response:
        response = web.json_response({"x": "y" * 2_000_000})
        response.enable_compression()
        return response

    arm.script = [swells, says({"a": 1})]
    # Patient: a busy machine takes its time to pack that much.
    async with client_of(arm, largest=2**20, patience=Patience()) as client:
        with pytest.raises(ArmError, match="larger than 1 MiB"):
            await client.get(ACCOUNT, "v", permission=READ)
        await client.get(ACCOUNT, "v", permission=READ)

    assert len(arm.requests) == 2


async def test_no_token_is_ever_logged(arm: ScriptedArm, caplog: pytest.LogCaptureFixture) -> None:
    """Not even with every logger at its most talkative."""
    caplog.set_level(logging.DEBUG)
    arm.script = [says({}, 500), breaks_off, says({"a": 1})]
    async with client_of(arm) as client:
        await client.get(ACCOUNT, "v", permission=READ)

    assert GIVEN not in caplog.text


async def test_faults_of_many_calls_at_once_stay_apart(arm: ScriptedArm) -> None:
    """Each call has its own answer or problem."""

    async def by_name(request: web.Request) -> web.Response:
        name = int(request.path.rpartition("/")[2])
        return web.json_response({"n": name}, status=404 if name % 3 == 0 else 200)

    arm.script = [by_name]
    # Sixty handshakes at once take a busy machine its time.
    async with client_of(arm, patience=Patience(whole=20)) as client:
        calls = [client.get(f"/subscriptions/s/{n}", "v", permission=READ) for n in range(60)]
        found = await asyncio.gather(*calls, return_exceptions=True)

    for n, outcome in enumerate(found):
        if n % 3:
            assert not isinstance(outcome, BaseException)
            assert outcome[0] == {"n": n}
        else:
            assert isinstance(outcome, ArmError)


@pytest.mark.parametrize("many", ["9" * 30, f"Fri, 20 Nov {'9' * 20} 08:00:30 GMT"])
async def test_a_wait_without_measure_is_no_crash_and_no_end_of_reading(
    arm: ScriptedArm, many: str
) -> None:
    """A day at most: whatever is at fault may be mended long before."""
    for status in (429, 503):
        arm.script = [says({}, status, {"Retry-After": many})]
        wait = (await failure(arm)).problem.retry_after
        assert wait is not None
        assert wait < timedelta(days=1, seconds=10)


async def test_a_wait_in_milliseconds_is_honoured(arm: ScriptedArm) -> None:
    """Azure's services have headers of their own for it."""
    arm.script = [says({}, 503, {"x-ms-retry-after-ms": "600000"})]

    assert (await failure(arm)).problem.retry_after == timedelta(minutes=10)


async def test_an_action_that_is_none_is_not_repeated(arm: ScriptedArm) -> None:
    """The permission that is missing is shown and stored; it is what was asked for."""
    message = "has no authorization to perform action 'x\n\x1b[31mpay here'"
    arm.script = [says({"error": {"code": "AuthorizationFailed", "message": message}}, 403)]

    assert (await failure(arm)).problem.permission == READ


async def refuses_as_a_proxy(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Want another password."""
    writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


async def test_the_password_of_a_proxy_is_not_shown(
    arm: ScriptedArm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To aiohttp its name is its whole address, and the problem is stored and alerts."""
    monkeypatch.delenv("no_proxy", raising=False)
    async with await asyncio.start_server(refuses_as_a_proxy, "127.0.0.1", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        monkeypatch.setenv("https_proxy", f"http://me:s3cret@127.0.0.1:{port}")
        arm.endpoint = "https://arm.example"

        error = await failure(arm)

    assert "407" in str(error)
    assert f"://…@127.0.0.1:{port}" in str(error)
    assert "s3cret" not in str(error)


async def test_a_proxy_that_is_none_is_a_problem_in_words(
    arm: ScriptedArm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ARM is not blamed."""
    monkeypatch.setenv("https_proxy", "socks5://me:s3cret@proxy.example")
    arm.endpoint = "https://arm.example"

    assert str(await failure(arm)).startswith("ARM was not asked: the environment names no usable")
