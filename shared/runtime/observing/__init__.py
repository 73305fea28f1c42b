"""Use cases and ports of the app, with somebody who watches them at work.

Each does what it wraps does, and tells the observer of it. Nothing here knows who that is, and
where nobody watches nothing is wrapped.
"""
