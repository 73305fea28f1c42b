"""Web addresses that are set from outside. What is wrong with one is said without showing it.

People paste signatures and passwords; the errors of `urllib` repeat what they were given.
"""

from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

from shared.domain.host_name import host_name

LONGEST = 4096


def address_parts(text: str) -> SplitResult | None:
    """Take an address apart; None for what has no host, or a port that cannot be (0, 70000, x)."""
    if len(text) > LONGEST or not text.isascii() or not text.isprintable():
        return None
    if any(each in text for each in " \\"):
        return None
    try:
        parts = urlsplit(text)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    # A name with a colon is an address of IPv6, which `urlsplit` has checked.
    return parts if port != 0 and (":" in name or host_name(name)) else None


def service_address(text: str, *, with_path: bool = False) -> str:
    """Return the https address of a service that gets tokens, without a slash at its end.

    Raises:
        ValueError: it will not do; the message goes after the name of what holds it.
    """
    address = text.strip()
    parts = address_parts(address)
    if not address.lower().startswith("https://"):
        raise ValueError("must begin with https://")
    form = "https://<host>[:<port>]" + ("[/<path>]" if with_path else "")
    if parts is None:
        raise ValueError(f"must be {form}, the port a number from 1 to 65535")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError(f"must be {form}, without a user, a signature or a key")
    path = parts.path.rstrip("/")
    if path and not with_path:
        raise ValueError(f"must be {form}, without a path")
    return f"https://{parts.netloc}{path}"


def _below_a_path(text: str) -> str:
    """Return the address of a service that may lie below a path."""
    return service_address(text, with_path=True)


Endpoint = Annotated[str, AfterValidator(service_address)]
"""`https://<host>[:<port>]` in a setting."""
EndpointWithPath = Annotated[str, AfterValidator(_below_a_path)]
"""`https://<host>[:<port>][/<path>]` in a setting."""
