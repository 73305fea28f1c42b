"""The use cases: receive, look, evaluate, reconcile, deliver, sweep.

Knows ports, never Azure or SQLite.
"""
