"""How connections leave this machine, and what is said of settings by which they cannot."""

import ssl
from pathlib import Path

import aiohttp
import pytest
import trustme

from shared.adapters.azure.cloud import CLOUDS
from shared.adapters.azure.session import open_session
from shared.adapters.outbound import OutboundError, proxy_for, tls_context
from shared.adapters.sinks.connections import Connections


def test_a_file_is_trusted_in_place_of_the_system(tmp_path: Path) -> None:
    """Its authority alone."""
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(file))

    context = tls_context(file)

    assert isinstance(context, ssl.SSLContext)
    assert len(context.get_ca_certs()) == 1


async def test_the_store_of_the_system_is_read_once_for_all_sessions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And servers are verified by it all the same."""

    def read_again(*_: object, **__: object) -> None:
        pytest.fail("the store is read again")

    monkeypatch.setattr(ssl, "create_default_context", read_again)
    webhooks = Connections()
    async with open_session(CLOUDS["public"], "https://management.azure.com"), webhooks.session():
        assert tls_context(None) is True

    assert aiohttp.connector._SSL_CONTEXT_VERIFIED.verify_mode is ssl.CERT_REQUIRED  # noqa: SLF001 - what True means
    assert aiohttp.connector._SSL_CONTEXT_VERIFIED.check_hostname  # noqa: SLF001 - as above


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file"), (b"no PEM", "holds no certificate"), (b"", "holds no certificate")],
)
def test_a_file_that_cannot_be_used_is_named_with_its_setting(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    """Not the service that was to be called."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(OutboundError, match=why) as caught:
        tls_context(file)

    assert str(caught.value).startswith(f"COMPLIANCE_CA_FILE names {file}, which cannot be used: ")


@pytest.mark.parametrize(
    ("named", "proxy"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("https://me:p%40ss@proxy.example", "https://me:p%40ss@proxy.example"),
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("me:word@proxy.example:3128", "http://me:word@proxy.example:3128"),
        ("", None),
    ],
)
def test_the_environment_names_the_proxy(
    monkeypatch: pytest.MonkeyPatch, named: str, proxy: str | None
) -> None:
    """Except for hosts that it leaves out; without a scheme it is one that speaks http."""
    monkeypatch.setenv("https_proxy", named)
    monkeypatch.setenv("no_proxy", "inside.example")

    assert proxy_for("https://hooks.example/a") == proxy
    assert proxy_for("https://inside.example/a") is None


@pytest.mark.parametrize(
    "named",
    [
        "socks5://me:s3cret@proxy.example:1080",
        "http://me:s3cret@[proxy",
        "http://me:s3cret@proxy.example:70000",
        "http://",
        "http://s3cret proxy:1",
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """And not shown."""
    monkeypatch.setenv("https_proxy", named)

    with pytest.raises(OutboundError, match="no usable proxy as https_proxy: write http") as caught:
        proxy_for("https://hooks.example/a")

    assert "s3cret" not in str(caught.value)
