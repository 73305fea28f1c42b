"""Addresses of webhooks: which will do, and that they are never shown."""

import pytest

from shared.adapters.sinks.secret_address import SecretAddress

SECRET = "s3cr3t-signature"  # noqa: S105 - known to all who read this
URL = f"https://prod-1.logic.example:8443/workflows/{SECRET}/run?sp=%2Ftriggers%2Frun&sig={SECRET}"


def test_only_scheme_and_host_are_shown() -> None:
    """Whoever knows the rest may post."""
    address = SecretAddress.parse(URL)

    assert address.shown == "https://prod-1.logic.example:8443"
    assert SECRET not in f"{address} {address!r} {address.shown}"
    assert address.url == URL


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.8.8.8"])
def test_plain_http_is_for_this_machine(host: str) -> None:
    """There nobody listens in between."""
    address = SecretAddress.parse(f"http://{host}:8080/hook")

    assert address.is_loopback
    assert address.shown == f"http://{host}:8080"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hook",
        f"http://hooks.example/{SECRET}",
        f"http://127.0.0.1.example/{SECRET}",
        f"http://10.0.0.1/{SECRET}",
        f"ftp://hooks.example/{SECRET}",
        f"file:///{SECRET}",
        f"https:///{SECRET}",
        f"https://user:{SECRET}@hooks.example/",
        f"https://hooks.example/#{SECRET}",
        f"https://hooks.example:99999/{SECRET}",
        f"https://hooks.example:0/{SECRET}",
        f"https://[::1/{SECRET}",
        f"https://hooks.example/{SECRET} ",
        f"https://hooks.example/{SECRET}\nX-Header: 1",
        f"https://hóoks.example/{SECRET}",
        f"https://hooks.example/{SECRET}" + "a" * 5000,
    ],
)
def test_what_will_not_do_is_refused_and_not_shown(text: str) -> None:
    """The message says what would do, and nothing of what was given."""
    with pytest.raises(ValueError, match="the address of a webhook") as caught:
        SecretAddress.parse(text)

    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None
