"""Logging of the function app: one line of JSON for the outcome of every invocation.

    {"function": "look", "status": "looked", "root": "/subscriptions/…", "sources_read": 2, …}

Outcomes are told by the logger `compliance`; everything else by the logger of its own module
(`shared.pipeline.look`, …). Lines hold counts and resource ids, never content of an event: its
claims are personal data. Something that people should look into is a warning, the rest is
information. The failure of an invocation is not told here: it leaves the function as an exception,
which the host logs and counts.
"""

import json
import logging
from collections import Counter
from collections.abc import Sequence

from shared.pipeline.look import LookReport
from shared.pipeline.receive import Receipt
from shared.ports import Sweep

log = logging.getLogger("compliance")

CHATTY = ("azure.core", "azure.identity", "azure.monitor", "httpx", "msal", "urllib3")
"""Libraries that tell of every request; not all of `azure`, for the worker is `azure.functions`."""


def quieten_libraries() -> None:
    """Let libraries tell of warnings and worse only."""
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_ready(controls: int) -> None:
    """Tell that this worker is ready for its first work."""
    _log("runtime", "ready", controls=controls)


def log_receipt(function: str, receipt: Receipt) -> None:
    """Tell what became of inputs; why one is malformed is stored with it, and may quote it."""
    _log(
        function,
        "received",
        logging.WARNING if receipt.malformed else logging.INFO,
        received=receipt.received,
        changes=len(receipt.messages),
        ignored=receipt.ignored,
        malformed=len(receipt.malformed),
    )


def log_look(function: str, report: LookReport | None) -> None:
    """Tell how a look ended; None: its message was no look message and is set aside."""
    if report is None:
        _log(function, "set_aside", logging.WARNING)
        return
    _log(
        function,
        report.status,
        root=report.root.key,
        sources_read=report.sources_read,
        unread=len(report.problems),
        transitions=Counter(each.kind for each in report.transitions),
    )


def log_sweeps(function: str, sweeps: Sequence[Sweep], *, late: bool) -> None:
    """Tell what a sweep began; `late`: past its time. To watch nothing is worth a warning."""
    _log(
        function,
        "begun",
        logging.INFO if sweeps else logging.WARNING,
        subscriptions=len(sweeps),
        baselines=sum(each.baseline for each in sweeps),
        roots=sum(each.roots for each in sweeps),
        late=late,
    )


def _log(function: str, status: str, level: int = logging.INFO, /, **fields: object) -> None:
    log.log(level, "%s", json.dumps({"function": function, "status": status, **fields}))
