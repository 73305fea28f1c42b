"""The command `doctor`: whether the monitor is fit for its work, and what mends it."""

import asyncio
from collections.abc import Callable

from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal import options
from shared.adapters.terminal.doctor import show_health
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.run import ends_with_status, leave_interrupts_to_asyncio
from shared.domain.control import Catalogue
from shared.domain.health import check_tables
from shared.runtime.checks import diagnoses


def doctor_with(catalogue: Callable[[], Catalogue]) -> Callable[..., None]:
    """Return the command; `catalogue` loads the monitors."""

    @ends_with_status
    def doctor(
        *,
        estate: options.EstateOrNot = None,
        store: options.StoreToCheck = None,
        output: options.Output = Format.TABLE,
        _verbose: options.Verbose = False,
    ) -> int:
        """Check the monitor itself."""
        leave_interrupts_to_asyncio()
        found = asyncio.run(diagnoses(estate, store, catalogue()))
        return show_health(check_tables(SystemClock().now()), output, found)

    return doctor
