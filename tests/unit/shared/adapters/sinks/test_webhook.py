"""The sink `webhook`: signed objects, one or several, each with its id."""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.formats.alert_object import alert_json
from shared.adapters.sinks.connections import Connections
from shared.adapters.sinks.endpoint import Endpoint
from shared.adapters.sinks.secret_address import SecretAddress
from shared.adapters.sinks.signature import HEADER, signature
from shared.adapters.sinks.webhook import Webhook
from shared.domain.verdict import Evidence
from shared.ports import BusyError, RefusedError
from tests.fakes import BEGINNING, FakeClock
from tests.local_azure.faults import Fault, Kind
from tests.records import transition
from tests.sink_worlds import HookWorld, running_hooks

SECRET = "a shared secret"  # noqa: S105 - known to all who read this
ALERT = replace(transition(), id="0123456789abcdef0123456789abcdef")
ROOT = Path(__file__).resolve().parents[5]


@pytest.fixture
async def here() -> AsyncIterator[HookWorld]:
    """A receiver, and a clock that stands almost still."""
    async with running_hooks(FakeClock()) as world:
        yield world


@pytest.fixture
def sink(here: HookWorld) -> Webhook:
    """A sink that posts to it."""
    return Webhook(here.endpoint(), SECRET, here.clock)


def ids(here: HookWorld) -> list[list[str]]:
    """Return the ids of the alerts in each post."""
    contents = [post.content for post in here.hooks.posts]
    return [
        [alert["id"] for alert in (each if isinstance(each, list) else [each])] for each in contents
    ]


async def test_one_alert_is_the_object_of_an_alert(here: HookWorld, sink: Webhook) -> None:
    """Exactly as the commands print it."""
    await sink.send([ALERT])

    (post,) = here.hooks.posts
    assert post.content == alert_json(ALERT)
    assert list(post.content) == list(alert_json(ALERT))


async def test_several_are_an_array_in_their_order(here: HookWorld, sink: Webhook) -> None:
    """In one post."""
    alerts = [transition(n) for n in (1, 2, 3)]

    await sink.send(alerts)

    (post,) = here.hooks.posts
    assert post.content == [alert_json(each) for each in alerts]


async def test_a_post_is_signed_with_its_time(here: HookWorld, sink: Webhook) -> None:
    """HMAC-SHA256 of the seconds, a dot and the body, computed here by hand."""
    await sink.send([ALERT])

    (post,) = here.hooks.posts
    stamp = str(int(BEGINNING.timestamp()))
    inner = hashlib.sha256(_padded(0x36) + stamp.encode() + b"." + post.body).digest()
    expected = hashlib.sha256(_padded(0x5C) + inner).hexdigest()
    assert post.headers["X-Compliance-Signature"] == f"t={stamp},v1={expected}"


def _padded(pad: int) -> bytes:
    """Return the key of RFC 2104, padded to a block."""
    return bytes(each ^ pad for each in SECRET.encode().ljust(64, b"\0"))


async def test_the_documented_way_to_verify_accepts_our_posts_and_no_others(
    here: HookWorld, sink: Webhook
) -> None:
    """The very lines of the guide are run."""
    guide = (ROOT / "docs" / "sinks.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(import hashlib.*?)```", guide, re.DOTALL)
    told: dict[str, object] = {}
    exec(compile(code, "docs/sinks.md", "exec"), told)  # noqa: S102 - our own guide
    is_ours = told["is_ours"]
    assert callable(is_ours)
    await sink.send([ALERT])
    (post,) = here.hooks.posts
    header, now = post.headers["X-Compliance-Signature"], BEGINNING.timestamp()

    assert is_ours(SECRET, header, post.body, now)
    assert is_ours(SECRET, header, post.body, now + 299)
    assert not is_ours(SECRET, header, post.body, now + 301)
    assert not is_ours(SECRET, header, post.body + b" ", now)
    assert not is_ours("another", header, post.body, now)
    assert not is_ours(SECRET, header.replace("t=1", "t=2"), post.body, now)
    assert not is_ours(SECRET, "", post.body, now)
    assert not is_ours(SECRET, "t=x,v1=", post.body, now)


async def test_a_repeat_has_the_same_key_and_a_new_time(here: HookWorld, sink: Webhook) -> None:
    """The receiver knows it by its key, and that it is no replay of somebody else by its time."""
    await sink.send([ALERT])
    assert isinstance(here.clock, FakeClock)
    here.clock.advance(timedelta(hours=1))
    await sink.send([ALERT])

    first, second = here.hooks.posts
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == ALERT.id
    assert first.body == second.body
    assert first.headers["X-Compliance-Signature"] != second.headers["X-Compliance-Signature"]


async def test_the_key_of_several_is_of_these_several(here: HookWorld, sink: Webhook) -> None:
    """Fewer of them have another."""
    alerts = [transition(n) for n in (1, 2, 3)]
    for each in (alerts, alerts, alerts[:2]):
        await sink.send(each)

    keys = [post.headers["Idempotency-Key"] for post in here.hooks.posts]
    assert keys[0] == keys[1] != keys[2]


async def test_an_id_that_fits_no_header_is_hashed(here: HookWorld, sink: Webhook) -> None:
    """It cannot become a header of its own."""
    await sink.send([replace(ALERT, id="a\r\nX-Evil: 1")])

    (post,) = here.hooks.posts
    assert "X-Evil" not in post.headers
    assert post.headers["Idempotency-Key"].startswith("sha256-")


async def test_what_is_too_large_is_sent_in_halves(here: HookWorld, sink: Webhook) -> None:
    """In order, none twice."""
    alerts = [transition(n) for n in range(1, 8)]
    here.hooks.largest = 3000

    await sink.send(alerts)

    assert [each for post in ids(here) for each in post] == [each.id for each in alerts]
    assert len(here.hooks.posts) > 1


async def test_one_that_is_too_large_alone_is_refused(here: HookWorld, sink: Webhook) -> None:
    """Those before it have arrived."""
    large = replace(transition(2), message="long " * 1000)
    here.hooks.largest = 3000

    with pytest.raises(RefusedError, match="413"):
        await sink.send([transition(1), large])

    assert ids(here) == [[transition(1).id]]


async def test_any_text_can_be_sent(here: HookWorld, sink: Webhook) -> None:
    """Also what is no UTF-8: tags hold what people put there."""
    evidence = (Evidence("account", "tags.a", "x", "\ud800\N{SNOWMAN}\x00"),)

    await sink.send([replace(ALERT, evidence=evidence)])

    assert b"\\ud800\\u2603\\u0000" in here.hooks.posts[0].body


async def test_a_reset_after_the_post_means_the_same_id_again(
    here: HookWorld, sink: Webhook
) -> None:
    """The receiver has it twice, and can tell."""
    here.hooks.faults.add(Fault("", kind=Kind.RESET, times=1))
    with pytest.raises(BusyError):
        await sink.send([ALERT])

    await sink.send([ALERT])

    assert ids(here) == [[ALERT.id], [ALERT.id]]


async def test_another_machine_needs_a_secret(here: HookWorld) -> None:
    """The message names the variable to set."""
    address = SecretAddress.parse("https://hooks.example/h1dd3n")
    endpoint = Endpoint(address, Connections(), here.clock)

    for none in (None, ""):
        with pytest.raises(ValueError, match="COMPLIANCE_WEBHOOK_SECRET") as caught:
            Webhook(endpoint, none, here.clock)
        assert "h1dd3n" not in str(caught.value)


async def test_this_machine_needs_none(here: HookWorld) -> None:
    """Then a post is not signed."""
    await Webhook(here.endpoint(), None, here.clock).send([ALERT])

    (post,) = here.hooks.posts
    assert "X-Compliance-Signature" not in post.headers


def test_the_secret_is_not_shown(sink: Webhook) -> None:
    """Not by a debugger's `repr`, either."""
    assert SECRET not in repr(sink)


async def test_a_secret_of_any_bytes_signs(here: HookWorld) -> None:
    """An environment need not be UTF-8; what is no UTF-8 in it comes as halves of surrogates."""
    raw = b"s\xff3cret"
    sink = Webhook(here.endpoint(), raw.decode("utf-8", "surrogateescape"), here.clock)

    await sink.send([transition()])

    (post,) = here.hooks.posts
    stamp = int(post.headers[HEADER].partition("t=")[2].partition(",")[0])
    at = datetime.fromtimestamp(stamp, UTC)
    assert post.headers[HEADER] == signature(raw, post.body, at)
