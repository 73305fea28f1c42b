"""A message's text as it goes over the queue: base64, as host.json says (`messageEncoding`).

Not as it is: a queue's answers are XML, which cannot hold every character. The Functions host,
which reads these messages too, sets aside unseen what is not in the encoding that it is told.
"""

import base64
import binascii

LONGEST = 64 * 1024
"""Bytes of a message after encoding, and so 48 KiB of text: the limit of Storage Queues."""


def encode_text(text: str) -> str:
    """Return a text in base64.

    Raises:
        ValueError: it is too long for a queue, or no Unicode text.
    """
    encoded = base64.b64encode(text.encode()).decode("ascii")
    if len(encoded) > LONGEST:
        msg = f"a message of {len(text.encode())} bytes is too long for a queue (48 KiB at most)"
        raise ValueError(msg)
    return encoded


def decode_text(encoded: str) -> str:
    """Return the text; one that somebody put there by hand, and not in base64, as it is."""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return encoded
