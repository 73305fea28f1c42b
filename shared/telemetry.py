"""Logging of the function app: one line of JSON for the outcome of every invocation.

    {"function": "look", "status": "looked", "root": "/subscriptions/…", "sources_read": 2, …}

Outcomes are told by the logger `compliance`, health records by `compliance.health`, what each sink
has taken by `compliance.alerts`; everything else by the logger of its own module
(`shared.pipeline.look`, …). An event can be followed to its alert: by `correlation_id` from
`resource_changed` to `look`, by the ids of alerts from `look` to `deliver`. Lines hold counts and
ids, never content of an event: its claims are personal data. Something that people should look into
is a warning, the rest is information. The failure of an invocation is not told here: it leaves the
function as an exception, which the host logs and counts.
"""

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from shared.pipeline.messages import LookMessage, MalformedMessageError, decode
from shared.pipeline.sayable import correlation

if TYPE_CHECKING:
    from shared.domain.finding import Transition
    from shared.domain.health import HealthRecord
    from shared.domain.sweep import Sweep
    from shared.pipeline.deliver import Delivered
    from shared.pipeline.listen import Heard
    from shared.pipeline.look import LookReport
    from shared.pipeline.put_back import PutBack
    from shared.pipeline.receive import Receipt
    from shared.pipeline.remind import Reminded

log = logging.getLogger("compliance")
health_log = logging.getLogger("compliance.health")
alerts_log = logging.getLogger("compliance.alerts")

MOST_IDS = 100
"""In one line; Application Insights cuts lines at 32,768 characters."""

CHATTY = (
    "azure.core",
    "azure.data",
    "azure.identity",
    "azure.monitor",
    "azure.storage",
    "httpx",
    "msal",
    "opentelemetry",
    "urllib3",
)
"""Libraries that tell of every request; not all of `azure`, for the worker is `azure.functions`."""


def quieten_libraries() -> None:
    """Let libraries tell of warnings and worse only."""
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_ready(controls: int) -> None:
    """Tell that this worker is ready for its first work."""
    _log("runtime", "ready", controls=controls)


def log_receipt(function: str, receipt: "Receipt") -> None:
    """Tell what became of inputs; why one is malformed is stored with it, and may quote it."""
    _log(
        function,
        "received",
        logging.WARNING if receipt.malformed else logging.INFO,
        received=receipt.received,
        changes=len(receipt.messages),
        ignored=receipt.ignored,
        malformed=len(receipt.malformed),
        asked=[
            {"root": each.root.lower(), "correlation_id": _correlation(each)}
            for each in receipt.messages[:MOST_IDS]
        ],
    )


def log_look(function: str, report: "LookReport | PutBack | None", text: str = "") -> None:
    """Tell how a look ended that a message asked for; None: it was none, and is set aside."""
    # Imported here: what only takes in events logs no look.
    from shared.pipeline.put_back import PutBack  # noqa: PLC0415 - see above

    if report is None:
        _log(function, "set_aside", logging.WARNING)
        return
    if isinstance(report, PutBack):
        _log(
            function,
            "put_back",
            logging.WARNING,
            root=report.root,
            put_backs=report.put_backs,
            seconds=report.delay.total_seconds(),
            reason=report.reason,
            **_asked(text),
        )
        return
    _log(
        function,
        report.status,
        root=report.root.key,
        sources_read=report.sources_read,
        unread=len(report.problems),
        transitions=Counter(each.kind for each in report.transitions),
        alerts=[each.id for each in report.transitions if each.alerts][:MOST_IDS],
        **_asked(text),
    )


def log_sweeps(function: str, sweeps: "Sequence[Sweep]", *, late: bool) -> None:
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


def log_heard(function: str, heard: "Heard | None", *, late: bool) -> None:
    """Tell what the Activity Log said; None: no workspace is set, and nothing is listened to."""
    if heard is None:
        _log(function, "no_workspace", late=late)
        return
    _log(
        function,
        "heard",
        logging.WARNING if heard.malformed or not heard.caught_up else logging.INFO,
        rows=heard.rows,
        known=heard.known,
        changes=heard.changes,
        ignored=heard.ignored,
        malformed=heard.malformed,
        incomplete=heard.incomplete,
        caught_up=heard.caught_up,
        late=late,
    )


def log_delivered(function: str, done: "Delivered") -> None:
    """Tell what became of a delivery; what fails or was parked is worth a warning."""
    failing = {name: each.why for name, each in done.sinks.items() if each.failed}
    _log(
        function,
        "delivered",
        logging.WARNING if failing or done.parked else logging.INFO,
        told={name: each.told for name, each in done.sinks.items() if each.told},
        parked=done.parked,
        failing=failing,
        next_at=None if done.next_at is None else done.next_at.isoformat(),
    )


def log_told(sink: str, alerts: "Sequence[Transition]") -> None:
    """Tell which alerts a sink has taken, each with the change in Azure that it follows from."""
    ids = {
        each.id: None if each.attribution is None else correlation(each.attribution.correlation_id)
        for each in alerts[:MOST_IDS]
    }
    told = {"function": "deliver", "status": "told", "sink": sink, "number": len(alerts)}
    alerts_log.info("%s", json.dumps({**told, "alerts": ids}))


def log_reminded(function: str, done: "Reminded", *, late: bool) -> None:
    """Tell what was told again; more than one run can tell of is worth a warning."""
    level = logging.WARNING if done.left else logging.INFO
    _log(function, "reminded", level, **asdict(done), late=late)


def log_health(record: "HealthRecord") -> None:
    """Tell how the monitor is, whole: where no table keeps it, this line does."""
    from shared.domain.health import Health  # noqa: PLC0415 - as in log_look

    wrong = {each.name: each.message for each in record.checks if each.health is not Health.OK}
    sent_at, took = record.canary_sent_at, record.canary_took
    told = {
        "health": record.health,
        "at": record.at.isoformat(),
        "version": record.version,
        "instance": record.instance,
        "canary_sent_at": None if sent_at is None else sent_at.isoformat(),
        "canary_seconds": None if took is None else took.total_seconds(),
        "wrong": wrong,
        "measures": dict(record.measures),
    }
    level = logging.INFO if record.health is Health.OK else logging.WARNING
    health_log.log(level, "%s", json.dumps(told))


def log_upkeep(function: str, counts: Mapping[str, object], *, late: bool) -> None:
    """Tell what each task of a timer counted; whatever lost its way is worth a warning."""
    lost = any(counts.get(each) for each in ("dead_letters", "poison"))
    _log(function, "done", logging.WARNING if lost else logging.INFO, **counts, late=late)


def _asked(text: str) -> dict[str, object]:
    """Return why a look was asked for, as its message says."""
    try:
        message = decode(text)
    except MalformedMessageError:
        return {}
    return {"trigger": message.trigger, "correlation_id": _correlation(message)}


def _correlation(message: LookMessage) -> str | None:
    return None if message.change is None else correlation(message.change.correlation_id)


def _log(function: str, status: str, level: int = logging.INFO, /, **fields: object) -> None:
    log.log(level, "%s", json.dumps({"function": function, "status": status, **fields}))
