"""The commands by which people decide about findings, and `remind`."""

from collections.abc import Awaitable, Callable
from functools import partial

from shared.adapters.terminal import options
from shared.adapters.terminal.decisions import Chosen, author, decide
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.reminding import show_reminders
from shared.adapters.terminal.run import ends_with_status
from shared.domain.finding import Transition
from shared.pipeline.lifecycle import Lifecycle
from shared.runtime.following_up import lifecycle, reminders
from shared.runtime.memory import Memory, chosen_memory, run_on
from shared.settings import read_follow_up_settings

Decision = Callable[..., Awaitable[Transition | None]]
"""Records it about the finding of a root by its key, `by` somebody, for a `reason`."""


def deciding(decision: Callable[[Lifecycle], Decision]) -> Callable[..., None]:
    """Return the command that records a decision which wants nothing but a reason."""

    @ends_with_status
    def command(  # noqa: PLR0913 - the options of the command
        findings: options.FindingIds = None,
        *,
        reason: options.Reason,
        by: options.By = None,
        control: options.OfControl = None,
        resource: options.OfResource = None,
        store: options.Kept = None,
        deployed: options.Deployed = False,
        output: options.Output = Format.TABLE,
        _verbose: options.Verbose = False,
    ) -> int:
        """Decide about findings."""
        chosen = Chosen(findings or (), control, resource)

        async def act(memory: Memory, decisions: Lifecycle) -> int:
            recording = partial(decision(decisions), by=author(by, memory.user), reason=reason)
            return await decide(memory.findings, chosen, recording, output)

        return _on_findings(store, act, deployed=deployed)

    return command


acknowledge = deciding(lambda decisions: decisions.acknowledge)
unsnooze = deciding(lambda decisions: decisions.end_snooze)


@ends_with_status
def snooze(  # noqa: PLR0913 - the options of the command
    findings: options.FindingIds = None,
    *,
    until: options.UntilWhen,
    reason: options.Reason,
    by: options.By = None,
    control: options.OfControl = None,
    resource: options.OfResource = None,
    store: options.Kept = None,
    deployed: options.Deployed = False,
    output: options.Output = Format.TABLE,
    _verbose: options.Verbose = False,
) -> int:
    """Let findings send no reminders for a while."""
    chosen = Chosen(findings or (), control, resource)

    async def act(memory: Memory, decisions: Lifecycle) -> int:
        end = until.ahead_of(memory.clock.now())
        who = author(by, memory.user)
        recording = partial(decisions.snooze, by=who, reason=reason, until=end)
        return await decide(memory.findings, chosen, recording, output)

    return _on_findings(store, act, deployed=deployed)


@ends_with_status
def remind(
    *,
    store: options.Kept = None,
    deployed: options.Deployed = False,
    output: options.Output = Format.TABLE,
    _verbose: options.Verbose = False,
) -> int:
    """Tell again of what is open."""
    settings = read_follow_up_settings()

    async def act(memory: Memory) -> int:
        return await show_reminders(reminders(memory.findings, memory.clock, settings), output)

    return run_on(chosen_memory(store, deployed=deployed), act)


def _on_findings(
    store: options.Kept, act: Callable[[Memory, Lifecycle], Awaitable[int]], *, deployed: bool
) -> int:
    """Act on what is remembered, with the decisions that the settings let people take.

    Raises:
        CannotRunError: two places are named.
        PortError: what is remembered cannot be used.
        SettingsError: a setting is missing or wrong.
    """
    settings = read_follow_up_settings()

    async def acted(memory: Memory) -> int:
        return await act(memory, lifecycle(memory.findings, memory.clock, settings))

    return run_on(chosen_memory(store, deployed=deployed), acted)
