"""What the words mean: resources, snapshots, verdicts, findings.

Pure: no clock, environment or I/O.
"""
