"""How connections leave this machine: whom TLS trusts, and through which proxy they go."""

import ssl
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from shared.domain.web_address import address_parts

CA_FILE = "COMPLIANCE_CA_FILE"


class OutboundError(OSError):
    """No connection can be made as it is set; the message names the setting, and no password."""


def tls_context(ca_file: Path | None) -> ssl.SSLContext | Literal[True]:
    """Return what aiohttp is given to trust a PEM file *instead of* the system's store.

    A context; without a file True, by which aiohttp takes the context of the system's store that it
    has made for itself: to read the store anew costs every session 40 ms.

    Raises:
        OutboundError: the file cannot be read, or holds no certificate.
    """
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        is_read = isinstance(error, ssl.SSLError)
        why = "it holds no certificate in PEM" if is_read else error.strerror
        raise OutboundError(f"{CA_FILE} names {ca_file}, which cannot be used: {why}") from error


def proxy_for(address: str) -> str | None:
    """Return the proxy through which the environment has an address reached, if any.

    It may hold a password. Look it up once for each address: aiohttp's `trust_env` would read the
    environment, and a file of passwords, for each request.

    Raises:
        OutboundError: what the environment names is no proxy that we can use.
    """
    parts = urlsplit(address)
    named = None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
    if not named:
        return None
    # Without a scheme, as curl takes it too.
    proxy = named if "://" in named else f"http://{named}"
    found = address_parts(proxy)
    if found is None or found.scheme not in {"http", "https"}:
        name = f"{parts.scheme}_proxy"
        raise OutboundError(
            f"the environment names no usable proxy as {name}: write http://<host>:<port>"
        )
    return proxy
