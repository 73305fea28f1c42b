"""Messages in the form that the Functions host reads and writes."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.azure.storage.message_text import decode_text, encode_text
from shared.adapters.azure.storage.queues import VISIBILITY

HOST = json.loads((Path(__file__).resolve().parents[6] / "host.json").read_text("utf-8"))
QUEUES = HOST["extensions"]["queues"]


def test_the_encoding_is_the_one_that_the_host_is_told() -> None:
    """The host would put what it cannot decode on the poison queue, unseen by us."""
    assert QUEUES["messageEncoding"] == "base64"
    assert base64.b64decode(encode_text('{"root": "ü"}')) == '{"root": "ü"}'.encode()


def test_a_message_is_away_as_long_as_with_the_host() -> None:
    """What the code takes itself comes back no later than what the host takes."""
    hours, minutes, seconds = map(int, QUEUES["visibilityTimeout"].split(":"))

    assert timedelta(hours=hours, minutes=minutes, seconds=seconds) == VISIBILITY


def test_a_message_of_48_kib_is_the_longest() -> None:
    """A look message is a thousandth of it; one that is longer is refused before it is sent."""
    assert decode_text(encode_text("x" * 49_152)) == "x" * 49_152
    with pytest.raises(ValueError, match=r"a message of 49153 bytes is too long for a queue"):
        encode_text("x" * 49_153)


def test_what_is_no_unicode_text_is_refused() -> None:
    """Half of a surrogate pair has no form in bytes."""
    with pytest.raises(ValueError, match="surrogates"):
        encode_text("\ud800")


@pytest.mark.parametrize("text", ['{"root": "x"}', "/w==", "a message by hand"])
def test_what_is_not_in_base64_is_read_as_it_is(text: str) -> None:
    """Somebody put it there by hand; whoever reads messages says whether it is one."""
    assert decode_text(text) == text
