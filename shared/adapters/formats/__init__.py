"""Findings in the formats that others have defined: plain data, for any way out of the monitor."""
