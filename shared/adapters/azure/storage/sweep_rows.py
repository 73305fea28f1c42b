"""The rows of a sweep.

A sweep has a partition of its own: its head, a row for each root with what became of it, and one
more for each that is still to be looked at, so that what is left is a short range. Another
partition lists the sweeps of a subscription, newest first, with the coverage of those that are
over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from shared.adapters.azure.storage.operations import Act, Columns, Operation
from shared.adapters.azure.storage.row_bodies import body_columns, body_of
from shared.adapters.azure.storage.row_json import StoredRow
from shared.adapters.azure.storage.table_keys import backward, digest, key, microseconds
from shared.adapters.encoding.sweeps import decode_outcome, encode_outcome
from shared.domain.sweep import RootOutcome, Sweep, SweptRoot

HEAD = "head"
ROOTS = "root"
LEFT = "left"
DEPTHS = {False: "core", True: "deep"}


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a sweep beside its roots."""

    sweep: Sweep
    listed: bool = False
    reasons: tuple[str, ...] = ()
    finished: bool = False


def partition_of_sweep(sweep_id: str) -> str:
    """Return the partition of a sweep."""
    return key("sweep", digest(sweep_id))


def partition_of_list(subscription: str) -> str:
    """Return the partition that lists the sweeps of a subscription."""
    return key("subscription", digest(subscription))


def list_key(sweep: Sweep) -> str:
    """Return where a sweep stands in the list: by depth, newest first."""
    return key(DEPTHS[sweep.deep], backward(microseconds(sweep.started_at)), digest(sweep.id))


def sweep_columns(sweep: Sweep) -> dict[str, object]:
    """Return the columns of a sweep that has begun."""
    return {
        "sweep": sweep.id,
        "subscription": sweep.subscription,
        "deep": sweep.deep,
        "baseline": sweep.baseline,
        "started_at": sweep.started_at.isoformat(),
        "listed": False,
        "finished": False,
        **reason_columns(()),
    }


def reason_columns(reasons: Sequence[str]) -> dict[str, object]:
    """Return the columns of what could not be listed."""
    return body_columns(orjson.dumps(list(reasons)))


def decode_sweep(columns: Columns) -> Sweep:
    """Read a sweep back; its roots are not counted."""
    return Sweep(
        str(columns["sweep"]),
        str(columns["subscription"]),
        bool(columns["deep"]),
        bool(columns["baseline"]),
        datetime.fromisoformat(str(columns["started_at"])),
        0,
    )


def decode_head(stored: StoredRow) -> Head:
    """Read a head back."""
    columns = stored.columns
    reasons = tuple(str(each) for each in orjson.loads(body_of(columns)))
    return Head(decode_sweep(columns), bool(columns["listed"]), reasons, bool(columns["finished"]))


def new_root(root: str, *, listed: bool) -> list[Operation]:
    """Return the operations that add a root; they fail when it is there."""
    return [
        Operation(Act.INSERT, root_key(root), {"root": root, "listed": listed}),
        Operation(Act.INSERT, left_key(root), {"root": root}),
    ]


def root_key(root: str) -> str:
    """Return the key of the row of a root."""
    return key(ROOTS, digest(root))


def left_key(root: str) -> str:
    """Return the key of the row that is there while a root is to be looked at."""
    return key(LEFT, digest(root))


def outcome_columns(outcome: RootOutcome) -> dict[str, object]:
    """Return the columns of what became of a root."""
    return body_columns(encode_outcome(outcome))


def decode_root(stored: StoredRow) -> SweptRoot:
    """Read back what became of a root."""
    columns = stored.columns
    is_done = "body" in columns or "packed00" in columns
    outcome = decode_outcome(body_of(columns)) if is_done else None
    return SweptRoot(str(columns["root"]), bool(columns["listed"]), outcome)
