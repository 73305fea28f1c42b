"""Host names: which one a target or destination names, and what approves it.

Whatever two programs could read differently names no host: a target that somebody crafted must not
look approved here and lead elsewhere.
"""

import re
from collections.abc import Container
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

LONGEST_NAME = 253
LONGEST_TARGET = 2048
ANY = "*."
"""What a name begins with that stands for all names below the rest."""

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_AMBIGUOUS = re.compile(r"[\s\\\x00-\x1f\x7f]")
_WITH_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.ASCII | re.IGNORECASE)


def host_name(text: str) -> str | None:
    """Return a bare host name as it is compared, or None for what is none.

    Lower case, in ASCII (punycode), without the trailing dot.
    """
    name = text.lower().removesuffix(".")
    if len(name) > LONGEST_NAME:
        return None
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return name if len(name) <= LONGEST_NAME and _NAME.fullmatch(name) else None


@lru_cache(maxsize=4096)
def host_of(target: str) -> str | None:
    """Return the host that a URL, or a host with or without port and path, names; None: no host."""
    text = target.strip()
    if len(text) > LONGEST_TARGET or _AMBIGUOUS.search(text):
        return None
    try:
        parts = urlsplit(text if _WITH_SCHEME.match(text) else f"//{text}")
        name = parts.hostname
    except ValueError:
        return None
    return None if name is None or parts.netloc.count("@") > 1 else host_name(name)


def is_under(host: str, domains: Container[str]) -> bool:
    """Whether a host is one of these domains, or lies below one."""
    while host:
        if host in domains:
            return True
        host = host.partition(".")[2]
    return False


def fqdn(text: str) -> str | None:
    """Return a name with or without a leading `*.` as it is compared, or None for what is none."""
    name = text.strip()
    if not name.startswith(ANY):
        return host_name(name)
    below = host_name(name.removeprefix(ANY))
    return None if below is None else ANY + below


def covers(approved: Container[str], destination: str) -> bool:
    """Whether a destination is one of the approved ones, or a host below one that begins with `*.`.

    A destination that begins with `*.` itself must be one of them.
    """
    name = fqdn(destination)
    if name is None:
        return False
    if name in approved:
        return True
    below = "" if name.startswith(ANY) else name.partition(".")[2]
    while below:
        if ANY + below in approved:
            return True
        below = below.partition(".")[2]
    return False


def _checked_domain(text: str) -> str:
    """Return a domain of a policy as it is compared."""
    name = host_name(text.strip())
    if name is None or "." not in name:
        raise ValueError(
            f"{text!r} is no domain; write it like contoso.com, without scheme, port, path and "
            "wildcard: hosts below it are included"
        )
    return name


def _checked_fqdn(text: str) -> str:
    """Return an approved destination of a policy as it is compared."""
    name = fqdn(text)
    if name is None or "." not in name.removeprefix(ANY):
        raise ValueError(
            f"{text!r} is no destination; write a host like github.com, or *.contoso.com for all "
            "hosts below contoso.com"
        )
    return name


Domain = Annotated[str, AfterValidator(_checked_domain)]
"""A domain in a policy, which stands for itself and all hosts below it."""
Fqdn = Annotated[str, AfterValidator(_checked_fqdn)]
"""A host in a policy, or all hosts below one: `*.contoso.com`."""
