"""Clouds: constants, and descriptions of private ones."""

from pathlib import Path

import pytest
from azure.identity import AzureAuthorityHosts

from shared.adapters.azure.cloud import CLOUDS, cloud_named, custom_cloud


def test_microsofts_clouds_sign_in_where_azure_identity_says() -> None:
    """The hosts that sign in are those of azure-identity."""
    hosts = {name: cloud.authority_host for name, cloud in CLOUDS.items()}

    assert hosts == {
        "public": AzureAuthorityHosts.AZURE_PUBLIC_CLOUD,
        "usgov": AzureAuthorityHosts.AZURE_GOVERNMENT,
        "china": AzureAuthorityHosts.AZURE_CHINA,
    }


def test_a_cloud_is_found_by_its_name_in_any_case() -> None:
    """The setting may say USGov."""
    cloud = cloud_named("USGov")

    assert cloud.arm_endpoint == "https://management.usgovcloudapi.net"
    assert cloud.arm_scope == "https://management.core.usgovcloudapi.net/.default"


def test_an_unknown_cloud_is_refused_with_the_names_there_are() -> None:
    """A typo does not end in the public cloud."""
    with pytest.raises(ValueError, match="use public, usgov, china or custom"):
        cloud_named("germany")


def test_a_custom_cloud_has_audiences_unless_told() -> None:
    """A slash at the end makes no difference."""
    cloud = custom_cloud("https://arm.local:8443/", None, "https://logs.local", Path("ca.pem"))

    assert cloud.arm_endpoint == "https://arm.local:8443"
    assert cloud.arm_scope == "https://arm.local:8443/.default"
    assert cloud.logs_endpoint == "https://logs.local"
    assert cloud.logs_audience == "https://api.loganalytics.io"
    assert cloud.authority_host is None
    assert custom_cloud("https://arm.local", "https://arm/").arm_scope == "https://arm/.default"


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://s3cret",
        "s3cret",
        "https://",
        "https://u:s3cret@arm.local",
        "https://arm.local/s3cret",
        "https://s3cret:70000",
    ],
)
def test_a_custom_endpoint_that_is_no_https_host_is_refused(endpoint: str) -> None:
    """Tokens are sent to it; the error does not show what may be a password."""
    with pytest.raises(ValueError, match="an endpoint of a cloud must ") as caught:
        custom_cloud(endpoint)

    assert "s3cret" not in str(caught.value)


def test_a_ca_file_is_trusted_instead_of_the_system(tmp_path: Path) -> None:
    """A file that is not there is an error, not the system's store."""
    with pytest.raises(OSError, match="No such file"):
        custom_cloud("https://arm.local", ca_file=tmp_path / "none.pem").tls()
