"""Who says it: the monitor as it names itself in what it hands to others."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

NAME = "azure-ai-compliance-monitor"
FULL_NAME = "Azure AI compliance monitor"
PROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"

PARTITIONS = {
    "public": "AzureCloud",
    "usgov": "AzureUSGovernment",
    "china": "AzureChinaCloud",
}
"""What OCSF calls Azure's clouds, by the name that the setting `cloud` has for them.

ocsf-schema 1.8.0, objects/cloud.json, `cloud_partition`
"""


def version() -> str:
    """Return the version that pyproject.toml states; `unknown` where there is none."""
    try:
        stated = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
        return str(stated["project"]["version"])
    except (OSError, KeyError, TypeError, ValueError):
        return "unknown"


@dataclass(frozen=True, slots=True)
class Producer:
    """The monitor that tells, in which version, and in which cloud; None: that is not known.

    `partition` is one of `PARTITIONS`.
    """

    version: str
    partition: str | None = None
