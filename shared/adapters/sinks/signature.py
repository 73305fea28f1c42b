"""Signatures of webhooks: who posted it, that it is whole, and when it was signed."""

import hashlib
import hmac
from datetime import datetime

HEADER = "X-Compliance-Signature"


def signature(secret: bytes, body: bytes, at: datetime) -> str:
    """Return `t=<Unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`."""
    stamp = str(int(at.timestamp()))
    signed = hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256)
    return f"t={stamp},v1={signed.hexdigest()}"
