"""What the figures of a bench are worth: how quick this machine is, and how much of it is ours."""

import time
from dataclasses import dataclass
from pathlib import Path

_LOOPS = 2_000_000
_TRIES = 5
_STOLEN = 7
"""Which of the times in /proc/stat another guest of the same host had (proc(5))."""
MOST_STOLEN = 0.02
"""Share above which figures say more of the neighbours than of the monitor."""


def reference_ms() -> float:
    """Return the CPU time (ms) of a fixed loop, the least of some tries.

    It tells a slow machine from a quick one, roughly: neither memory nor system calls are in it.
    """
    return min(_loop_ms() for _ in range(_TRIES))


def _loop_ms() -> float:
    began, total = time.process_time(), 0
    for each in range(_LOOPS):
        total += each & 7
    return (time.process_time() - began) * 1e3


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """The time of all cores since the machine began, in ticks; what others stole of it."""

    busy: int
    stolen: int

    @staticmethod
    def read(stat: str) -> "CpuTimes":
        """Read /proc/stat: user, nice, system, idle, iowait, irq, softirq and steal come first."""
        times = [int(each) for each in stat.split("\n", 1)[0].split()[1:9]]
        idle = times[3] + times[4]
        return CpuTimes(sum(times) - idle, times[_STOLEN])

    def stolen_share(self, since: "CpuTimes") -> float:
        """Return which share of the time that was wanted since then went to others."""
        busy = self.busy - since.busy
        return (self.stolen - since.stolen) / busy if busy else 0.0


def cpu_times() -> CpuTimes | None:
    """Return the times so far; None where there is no /proc."""
    try:
        return CpuTimes.read(Path("/proc/stat").read_text(encoding="ascii"))
    except OSError:
        return None


def described(reference: float, began: CpuTimes | None, ended: CpuTimes | None) -> str:
    """Say in a line what the figures were measured on."""
    line = f"this machine: {reference:,.0f} ms of CPU for the reference loop"
    if began is None or ended is None:
        return line
    share = ended.stolen_share(began)
    doubt = "; measure again when it is quiet" if share > MOST_STOLEN else ""
    return f"{line}; {share:.0%} of the CPU went to other machines of its host{doubt}"
