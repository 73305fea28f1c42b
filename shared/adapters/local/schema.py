"""The tables of the local store."""

APPLICATION_ID = 0x41414D53
"""Stands in the file's header ("AAMS"), by which it is known from other programs' databases."""

_FIRST = """
CREATE TABLE roots (
    root TEXT PRIMARY KEY, subscription TEXT NOT NULL, version INTEGER NOT NULL, gone INTEGER NOT
    NULL, passed INTEGER NOT NULL, unknown INTEGER NOT NULL, not_applicable INTEGER NOT NULL, state
    BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX roots_of_subscription ON roots (subscription);
CREATE TABLE dependencies (root TEXT NOT NULL, depends_on TEXT NOT NULL, PRIMARY KEY (depends_on,
root)) WITHOUT ROWID;
CREATE TABLE findings (
    root TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, severity TEXT NOT NULL, body BLOB
    NOT NULL, PRIMARY KEY (root, key)
) WITHOUT ROWID;
CREATE INDEX open_findings ON findings (root, severity) WHERE state = 'open';
CREATE TABLE transitions (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, root TEXT NOT NULL,
    sequence INTEGER NOT NULL, at TEXT NOT NULL, control TEXT, severity TEXT NOT NULL, finding
    TEXT, alerts INTEGER NOT NULL, resource TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (root,
    sequence)
);
CREATE INDEX transitions_by_time ON transitions (at);
CREATE INDEX outbox ON transitions (position) WHERE alerts = 1;
CREATE TABLE told (sink TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE leases (root TEXT PRIMARY KEY, worker TEXT NOT NULL, until REAL NOT NULL) WITHOUT
ROWID;
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, due REAL NOT NULL, deliveries
    INTEGER NOT NULL DEFAULT 0, receipt TEXT, text TEXT NOT NULL
);
CREATE INDEX messages_due ON messages (queue, due, id);
CREATE TABLE snapshots (
    root TEXT NOT NULL, source TEXT NOT NULL, read_at TEXT NOT NULL, body BLOB NOT NULL, PRIMARY
    KEY (root, source)
) WITHOUT ROWID;
CREATE TABLE set_aside (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, reason TEXT NOT NULL, length INTEGER
    NOT NULL, text TEXT NOT NULL
);
CREATE TABLE sweeps (
    id TEXT PRIMARY KEY, subscription TEXT NOT NULL, deep INTEGER NOT NULL, baseline INTEGER NOT
    NULL, started_at TEXT NOT NULL, roots INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE sweep_roots (sweep TEXT NOT NULL, root TEXT NOT NULL, PRIMARY KEY (sweep, root))
WITHOUT ROWID;
"""

_LISTENING = """
CREATE TABLE bookmarks (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE received_events (
    subscription TEXT NOT NULL, id TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (subscription, id)
) WITHOUT ROWID;
CREATE INDEX received_events_by_time ON received_events (subscription, at);
"""

_COVERAGE = """
ALTER TABLE sweeps ADD COLUMN listed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sweeps ADD COLUMN reasons TEXT NOT NULL DEFAULT '[]';
ALTER TABLE sweeps ADD COLUMN coverage BLOB;
ALTER TABLE sweep_roots ADD COLUMN listed INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sweep_roots ADD COLUMN outcome TEXT;
CREATE INDEX sweep_roots_left ON sweep_roots (sweep) WHERE outcome IS NULL;
CREATE INDEX sweeps_of_subscription ON sweeps (subscription, deep, started_at);
"""

_SINKS = """
CREATE TABLE sink_states (sink TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL)
WITHOUT ROWID;
CREATE TABLE parked (
    sink TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (sink,
    id)
) WITHOUT ROWID;
CREATE TABLE put_back (sink TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (id, sink)) WITHOUT ROWID;
"""

# A table WITHOUT ROWID gives each row over a quarter of a page a page of its own besides, nearly
# empty; most findings and states are longer, most readings shorter. The dependencies are also
# deleted by root.
_BODIES = """
CREATE TABLE wide_findings (
    root TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, severity TEXT NOT NULL, body BLOB
    NOT NULL, PRIMARY KEY (root, key)
);
INSERT INTO wide_findings (root, key, state, severity, body)
SELECT root, key, state, severity, body FROM findings;
DROP TABLE findings;
ALTER TABLE wide_findings RENAME TO findings;
CREATE INDEX open_findings ON findings (root, severity) WHERE state = 'open';
CREATE TABLE wide_roots (
    root TEXT NOT NULL PRIMARY KEY, subscription TEXT NOT NULL, version INTEGER NOT NULL, gone
    INTEGER NOT NULL, passed INTEGER NOT NULL, unknown INTEGER NOT NULL, not_applicable INTEGER NOT
    NULL, state BLOB NOT NULL
);
INSERT INTO wide_roots
(root, subscription, version, gone, passed, unknown, not_applicable, state)
SELECT root, subscription, version, gone, passed, unknown, not_applicable, state FROM roots;
DROP TABLE roots;
ALTER TABLE wide_roots RENAME TO roots;
CREATE INDEX roots_of_subscription ON roots (subscription, root);
CREATE INDEX dependencies_of_root ON dependencies (root);
"""

SCHEMAS = (_FIRST, _LISTENING, _COVERAGE, _SINKS, _BODIES)
"""What each version adds to the one before; a store of an older version gets what it lacks."""
SCHEMA_VERSION = len(SCHEMAS)
