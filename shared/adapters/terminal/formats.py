"""The forms of output."""

from enum import StrEnum


class Format(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    """For people."""
    JSON = "json"
    """For programs: ASCII only, on standard output alone."""
    SARIF = "sarif"
    """For what shows results of checks, code scanning of GitHub among them: SARIF 2.1.0."""
    OCSF = "ocsf"
    """For what gathers security findings: an array of OCSF 1.8.0 Compliance Findings."""


PLAIN = (Format.TABLE, Format.JSON)
"""What every command prints; the other forms are of findings."""
