"""The observer of the function app: Application Insights, where the platform names one."""

from collections.abc import Mapping
from functools import partial

from shared.adapters.insights.exporting import open_exporters
from shared.adapters.insights.late import LateObserver

CONNECTION = "APPLICATIONINSIGHTS_CONNECTION_STRING"
"""The platform's own setting; the host reads it too."""


def observer_for(environment: Mapping[str, str]) -> LateObserver:
    """Return what watches this worker; silent where no Application Insights is set."""
    connection = environment.get(CONNECTION, "").strip()
    return LateObserver(partial(open_exporters, connection) if connection else None)
