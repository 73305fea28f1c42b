"""`remind` in the function app: what has been open for too long is told again."""

from collections.abc import Callable
from pathlib import Path

from shared.domain.finding import TransitionKind
from tests.integration.functions_host.host import FunctionsHost
from tests.integration.functions_host.local_world import ON_TIME, history


async def test_the_timer_tells_again_of_what_is_open(
    start: Callable[..., FunctionsHost], settings: dict[str, str], store: Path
) -> None:
    """By the service levels that are set, and says how much it was."""
    host = start(settings | {"COMPLIANCE_REMIND_AFTER_HOURS__HIGH": "0.000001"})
    assert host.invoke("sweep", ON_TIME).failure is None
    assert host.invoke("redrive", ON_TIME).failure is None
    host.outcomes()

    assert host.invoke("remind", ON_TIME).failure is None

    outcome = host.outcomes()[-1]
    told = [each for each in await history(store) if each.kind is TransitionKind.REMINDER]
    assert (outcome["function"], outcome["status"]) == ("remind", "reminded")
    assert (outcome["reminders"], outcome["left"], outcome["late"]) == (len(told), 0, False)
    assert told
    assert {each.severity for each in told} == {"high"}
