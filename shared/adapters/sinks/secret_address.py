"""Addresses that are secrets: whoever knows that of a webhook may post to it."""

from dataclasses import dataclass
from ipaddress import ip_address

from shared.domain.web_address import address_parts


@dataclass(frozen=True, slots=True, repr=False)
class SecretAddress:
    """An address of which only the scheme and the host are ever shown.

    `url` is exactly as it was given: a signature in it must not be spelt differently.
    """

    url: str
    shown: str
    is_loopback: bool

    @classmethod
    def parse(cls, text: str) -> "SecretAddress":
        """Read an address: https, or plain http to this machine alone.

        Raises:
            ValueError: it will not do; the message says what would, and shows nothing of it.
        """
        parts = address_parts(text)
        host = parts.hostname if parts is not None else None
        if parts is None or not host:
            raise ValueError("the address of a webhook must read https://<host>/<path>")
        is_loopback = _is_loopback(host)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback):
            raise ValueError(
                "the address of a webhook must begin with https:// (http:// to this machine alone)"
            )
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise ValueError("the address of a webhook must have neither a user nor a #fragment")
        named = f"[{host}]" if ":" in host else host
        port = f":{parts.port}" if parts.port is not None else ""
        return cls(text, f"{parts.scheme}://{named}{port}", is_loopback)

    def gives_away(self, text: str) -> bool:
        """Whether a text is a part of what is not shown."""
        return text in self.url

    def __repr__(self) -> str:
        return f"SecretAddress({self.shown}/…)"

    def __str__(self) -> str:
        return self.shown


def _is_loopback(host: str) -> bool:
    """Whether a host is this machine, without asking anybody for its address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
