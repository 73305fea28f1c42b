"""The clouds of Azure: where ARM, Log Analytics and the sign-in live, and what a token is for.

Sources: Microsoft's azcore and azlogs (`cloud` tables of the SDK for Go, the only one that states
them), `azure.identity.AzureAuthorityHosts`, `azure.mgmt.core.tools.get_arm_endpoints`.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shared.adapters.outbound import tls_context
from shared.domain.web_address import service_address


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud: endpoints (https, no slash at the end) and the audiences of tokens for them.

    `authority_host` is the host that signs in; None leaves it to azure-identity
    (`AZURE_AUTHORITY_HOST`, else the public cloud's). `ca_file` is a PEM file to trust *instead of*
    the system's store. `storage_suffix` is what the names of storage endpoints end with.
    """

    name: str
    arm_endpoint: str
    arm_audience: str
    logs_endpoint: str
    logs_audience: str
    authority_host: str | None
    storage_audience: str = "https://storage.azure.com"
    storage_suffix: str | None = None
    ca_file: Path | None = None

    @property
    def arm_scope(self) -> str:
        """What a token for ARM is asked for."""
        return f"{self.arm_audience}/.default"

    def tls(self) -> ssl.SSLContext | Literal[True]:
        """Return what aiohttp is given to trust what this cloud's machines are to be trusted by.

        Make it once per session, not per request: aiohttp keeps a connection only for the very
        context that it was opened with.

        Raises:
            OutboundError: the CA file cannot be read, or is no PEM.
        """
        return tls_context(self.ca_file)


CLOUDS = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            name="public",
            arm_endpoint="https://management.azure.com",
            arm_audience="https://management.azure.com",
            logs_endpoint="https://api.loganalytics.io",
            logs_audience="https://api.loganalytics.io",
            authority_host="login.microsoftonline.com",
            storage_suffix="core.windows.net",
        ),
        Cloud(
            name="usgov",
            arm_endpoint="https://management.usgovcloudapi.net",
            arm_audience="https://management.core.usgovcloudapi.net",
            logs_endpoint="https://api.loganalytics.us",
            logs_audience="https://api.loganalytics.us",
            authority_host="login.microsoftonline.us",
            storage_suffix="core.usgovcloudapi.net",
        ),
        Cloud(
            name="china",
            arm_endpoint="https://management.chinacloudapi.cn",
            arm_audience="https://management.chinacloudapi.cn",
            logs_endpoint="https://api.loganalytics.azure.cn",
            logs_audience="https://api.loganalytics.azure.cn",
            authority_host="login.chinacloudapi.cn",
            storage_suffix="core.chinacloudapi.cn",
        ),
    )
}
"""Microsoft's own clouds, by the name that the setting uses."""


def cloud_named(name: str) -> Cloud:
    """Return one of Microsoft's clouds.

    Raises:
        ValueError: there is none of that name.
    """
    try:
        return CLOUDS[name.lower()]
    except KeyError:
        raise ValueError(f"no cloud is named {name!r}: use {', '.join(CLOUDS)} or custom") from None


def custom_cloud(
    arm_endpoint: str,
    arm_audience: str | None = None,
    logs_endpoint: str | None = None,
    ca_file: Path | None = None,
    *,
    logs_audience: str | None = None,
) -> Cloud:
    """Describe a private cloud or a test server.

    The audience of ARM defaults to its endpoint; that of Log Analytics to the public cloud's, which
    its regional and private endpoints share.

    Raises:
        ValueError: an endpoint is no https address of a host.
    """
    arm = _endpoint(arm_endpoint)
    public = CLOUDS["public"]
    return Cloud(
        name="custom",
        arm_endpoint=arm,
        arm_audience=(arm_audience or arm).rstrip("/"),
        logs_endpoint=_endpoint(logs_endpoint) if logs_endpoint else public.logs_endpoint,
        logs_audience=(logs_audience or public.logs_audience).rstrip("/"),
        authority_host=None,
        ca_file=ca_file,
    )


def _endpoint(text: str) -> str:
    """Return `https://host[:port]`; tokens go there, so nothing else will do."""
    try:
        return service_address(text)
    except ValueError as error:
        raise ValueError(f"an endpoint of a cloud {error}") from None
