"""Log Analytics: the Activity Log, read with the queries in `queries/`."""
