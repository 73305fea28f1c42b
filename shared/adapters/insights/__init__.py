"""Application Insights: spans and numbers by OpenTelemetry. The only place that imports it."""
