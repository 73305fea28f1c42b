"""Programs for those who work on the monitor: the benchmark and the catalogue's page."""
