"""Which code runs: a name that changes with it, and with which subscriptions are watched."""

import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("shared", "monitors")


@cache
def fingerprint_of_code(watched: frozenset[str] | None = None) -> str:
    """Return a digest of the product's modules and of the watched subscriptions.

    Their texts, and not a version that somebody states: a deployment brings no `pyproject.toml`,
    and whatever a change of code is called, it can make readable what was not.
    """
    digest = hashlib.blake2b(digest_size=16)
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            digest.update(f"{file.relative_to(ROOT)}\0".encode())
            digest.update(file.read_bytes())
    for each in sorted(watched or ()):
        digest.update(f"\0{each}".encode())
    return digest.hexdigest()
