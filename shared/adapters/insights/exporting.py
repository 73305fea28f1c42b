"""The exporter to Application Insights, and what of it is turned off.

The connection string is Application Insights' own setting, and so is
`APPLICATIONINSIGHTS_AUTHENTICATION_STRING`, by which the exporter signs in as the app's identity:
`infra/` sets both. Every span is exported: the host decides by itself about its own records, and
writes into `traceparent` that nothing is to be recorded.
"""

import os
from contextvars import ContextVar

from shared.ports import Observer

OFF = {
    # Microsoft's statistics about the exporter, ours about it, and switches from afar.
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    # A metric that only repeats what the instance is called.
    "APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED": "true",
}
"""Settings of the exporter; an app setting of the same name wins."""
EVERY_MS = 60_000
"""Metrics are told once a minute."""


def open_exporters(connection: str, parent: ContextVar[str]) -> Observer:
    """Return an observer that tells Application Insights; its threads end with the process.

    Raises:
        ValueError: the connection string is none.
    """
    for name, value in OFF.items():
        os.environ.setdefault(name, value)
    # Imported here: this is what costs 250 ms, and it happens in a thread of its own.
    from azure.monitor.opentelemetry.exporter import (  # noqa: PLC0415 - see above
        AzureMonitorMetricExporter,
        AzureMonitorTraceExporter,
    )
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415 - see above
    from opentelemetry.sdk.metrics.export import (  # noqa: PLC0415 - see above
        PeriodicExportingMetricReader,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - see above
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - see above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - see above
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON  # noqa: PLC0415 - see above

    from shared.adapters.insights.telling import OpenTelemetryObserver  # noqa: PLC0415 - see above

    resource = Resource(
        {
            "service.name": os.environ.get("WEBSITE_SITE_NAME", "compliance-monitor"),
            "service.instance.id": os.environ.get("WEBSITE_INSTANCE_ID", "local"),
        }
    )
    # What cannot be sent is dropped after the exporter's own tries: no file is left behind.
    options = {"connection_string": connection, "disable_offline_storage": True}
    traces = TracerProvider(sampler=ALWAYS_ON, resource=resource)
    traces.add_span_processor(BatchSpanProcessor(AzureMonitorTraceExporter(**options)))
    reader = PeriodicExportingMetricReader(
        AzureMonitorMetricExporter(**options), export_interval_millis=EVERY_MS
    )
    meters = MeterProvider([reader], resource=resource)
    name = "compliance"
    return OpenTelemetryObserver(traces.get_tracer(name), meters.get_meter(name), parent)
