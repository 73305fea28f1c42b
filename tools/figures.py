"""What `make bench` measures, and the limits that it is held to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what, its unit, its limit if any, and whether less is better."""

    what: str
    unit: str
    limit: float | None = None
    less_is_better: bool = True


FIGURES = {
    "control_us": Figure("one control on one resource in memory", "µs", 10),
    "families_ms": Figure("all families on an account with 50 deployments", "ms", 20),
    "changed_per_s": Figure(
        "10,000 changes, every account another each time", "events/s", less_is_better=False
    ),
    "events_per_s": Figure(
        "replay: 10,000 events on an estate as it is", "events/s", 1_000, less_is_better=False
    ),
    "replay_mb": Figure("replay: memory", "MB", 150),
    "check_s": Figure("check: folder of 10,000 deployments", "s", 6),
    "check_mb": Figure("check: memory", "MB", 200),
    "look_reads": Figure("look at a known account with 10 deployments", "reads", 2),
    "look_connections": Figure("such looks: new connections", "", 0),
    "look_own_ms": Figure("such looks: our own time, that of a bare client taken off", "ms", 2),
    "deep_look_reads": Figure("first look at such an account, every source", "reads"),
    "core_sweep_reads": Figure("core sweep of 100 accounts", "reads"),
    "deep_sweep_reads": Figure("deep sweep of 100 accounts", "reads"),
    "sweep_1000_s": Figure("core sweep of 1,000 accounts x 10, ARM at 30 ms", "s", 2.5),
    "sweep_1000_cpu_s": Figure("such a sweep: our own CPU", "s"),
    "sweep_1000_reads": Figure("such a sweep", "reads", 1_010),
    "sweep_1000_mb": Figure("such a sweep: memory", "MB", 150),
    "quota_1000_s": Figure("the same under ARM's quota", "s", 34),
    "sweep_10000_s": Figure("core sweep of 10,000 accounts x 10, ARM at 30 ms", "s"),
    "sweep_10000_mb": Figure("such a sweep: memory", "MB", 150),
    "unchanged_looks_per_core_s": Figure(
        "looks on Azurite that find nothing new, of our own CPU",
        "looks/s",
        200,
        less_is_better=False,
    ),
    "unchanged_look_azurite_ms": Figure("such a look: Azurite's own share", "ms"),
    "changed_looks_per_core_s": Figure(
        "looks on Azurite that find a change, of our own CPU", "looks/s", 200, less_is_better=False
    ),
    "changed_look_azurite_ms": Figure("such a look: Azurite's own share", "ms"),
    "drain_s": Figure("20,000 queued events over 200 roots, two workers", "s", 60),
    "drain_worker_mb": Figure("such a drain: memory of a worker", "MB", 150),
    "drain_worker_growth_mb": Figure("such a drain: its growth in the second half", "MB"),
    "alerts_5000_s": Figure("5,000 alerts through the outbox to three sinks", "s", 60),
    "alerts_5000_mb": Figure("such a delivery: memory", "MB", 150),
    "first_alert_own_ms": Figure("event to alert posted, ARM at 30 ms: our own time", "ms", 150),
    "doctor_s": Figure("`doctor` against an Azure in good health", "s", 10),
    "package_mb": Figure("deployed package, zipped", "MB", 60),
    "unpacked_mb": Figure("its files", "MB", 60),
    "cold_start_s": Figure("cold start to the first event, local backend", "s", 1),
    "cold_start_azure_s": Figure("cold start to the first event, on Azurite", "s", 1),
    "import_s": Figure("import function_app, compiled", "s", 0.35),
    "import_mb": Figure("import function_app: memory", "MB", 60),
}
