"""What others write stays text in a card: the real Markdown reader finds nothing in it."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import escape, unescape

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitors import load_catalogue
from shared.adapters.sinks.teams.card import alert_card
from shared.adapters.sinks.teams.digest import digest_card
from shared.adapters.sinks.teams.options import Applied, CardOptions
from shared.adapters.sinks.teams.plain_text import exact, plain
from shared.adapters.sinks.teams.room import ROOMS
from shared.adapters.sinks.teams.title import control_words
from shared.domain.resource_id import ResourceId
from tests.card_alerts import DEPLOYMENT, HOSTILE, hostile
from tests.card_browser import FOLDER

Reader = Callable[[str], str]

PIECES = [
    *"<>[](){}*_~`#|\\!&@$:/.+-=\"' \n\t",
    *("](", "**", "__", "~~", "```", "<at>x</at>", "<b>", "</b>", "<!--", "-->", "&lt;", "&#60;"),
    *("http://", "https://evil.example/x", "www.", "mailto:", "ftp:", "//", "a@b.co", "evil.com"),
    *(
        "1. ",
        "2) ",
        "- ",
        "+ ",
        "# ",
        "> ",
        "---",
        "***",
        "| a | b |",
        "    ",
        "[x]: /u",
        "sku.name",
    ),
    *("${a}", "{{DATE(2026-01-01)}}", "\u202e", "\u200b", "\u2028", "\x00", "\ufe0f", "\u3164"),
    *("é", "名", "😀", "عربي", "a", "b1", "x_y", "_z_", "az ", "com", "127.0.0.1", "xn--p1ai"),
]
DATA = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=12).map("".join)
SLOW_FIXTURE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture(scope="module")
def read() -> Iterator[Reader]:
    """Give the Markdown reader that the renderer of cards is used with, links in text included."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules/markdown-it").is_dir():
        pytest.skip("no Node.js with markdown-it: `make test` installs it where there is npm")
    command = [node, str(FOLDER / "read_markdown.js")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def rendered(text: str) -> str:
            stdin.write(json.dumps(text).encode() + b"\n")
            stdin.flush()
            return str(json.loads(stdout.readline()))

        yield rendered
        stdin.close()


def is_only_text(text: str, html: str) -> bool:
    """Whether Markdown made one paragraph of a text and nothing more of it."""
    return html == f"<p>{escape(text, quote=False).replace(chr(34), '&quot;')}</p>\n"


def texts(value: object) -> Iterator[str]:
    """Go through all that a card shows: texts, titles and values."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key in {"text", "title", "value", "fallbackText"} and isinstance(each, str):
                yield each
            else:
                yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def test_the_reader_finds_what_teams_would_act_on(read: Reader) -> None:
    """The check is worth something: the hostile text as it comes has links, a tag and emphasis."""
    html = read(HOSTILE)

    assert "<a href" in html
    assert "<at>" in html
    assert "<strong>" in html
    assert '<a href="http://sku.name">' in read("sku.name")


@settings(max_examples=1500, deadline=None, suppress_health_check=SLOW_FIXTURE)
@given(DATA, st.sampled_from([3, 40, 400]))
@example(HOSTILE, 4000)
@example("+", 40)
@example("1.", 40)
@example("_", 40)
def test_data_is_only_text(read: Reader, data: str, limit: int) -> None:
    """Whatever is made plain, Markdown reads as one paragraph of just that text."""
    text = plain(data, limit)

    assert is_only_text(text, read(text))


@settings(max_examples=1500, deadline=None, suppress_health_check=SLOW_FIXTURE)
@given(DATA.map("az rest {}".format))
@example(f"az x {HOSTILE}")
def test_a_command_is_only_text_as_well(read: Reader, data: str) -> None:
    """A command that is shown to the letter holds nothing that Markdown acts on."""
    text = exact(data, 400)

    assert is_only_text(text, read(text))


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW_FIXTURE)
@given(DATA)
@example(HOSTILE)
def test_no_text_of_a_card_is_more_than_text(read: Reader, data: str) -> None:
    """In no place of an alert's card or a digest does data become markup, link or template."""
    alert = hostile(data)
    named = Applied(before=alert.evidence, route=data, exemption=data, notes={data: data})
    options = CardOptions(subscriptions={data: data}, requirements={data: data})
    cards = [
        alert_card(alert, options, named),
        digest_card([alert] * 12, timedelta(seconds=60), options),
    ]

    for text in texts(cards):
        assert is_only_text(text, read(text)), text
        assert "${" not in text
        assert "{{" not in text


def test_no_requirement_or_step_of_the_catalogue_is_mangled(read: Reader) -> None:
    """What our own controls say is shown to the letter, and is safe as it is."""
    resource = ResourceId.parse(DEPLOYMENT)
    for monitor in load_catalogue():
        assert control_words(monitor.id, ROOMS[0]) == monitor.id
        assert is_only_text(monitor.id, read(monitor.id))
        requirement = monitor.control.requirement
        assert exact(requirement, 180) == requirement
        for step in monitor.control.remediation_for(resource).splitlines():
            command = step[step.index("az ") :] if "az " in step else ""
            ours = command.replace("https://management.azure.com/", "/")
            if ours:
                assert unescape(exact(ours, 900)) == ours
