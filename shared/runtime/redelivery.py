"""The command `redeliver`: what sinks did not take is put back, to be told again."""

from shared.adapters.terminal import options
from shared.adapters.terminal.parked import put_back
from shared.adapters.terminal.run import ends_with_status
from shared.runtime.memory import Memory, chosen_memory, run_on


@ends_with_status
def redeliver(
    ids: options.ParkedIds = None,
    *,
    sink: options.OfSink = None,
    store: options.Kept = None,
    deployed: options.Deployed = False,
    _verbose: options.Verbose = False,
) -> int:
    """Put parked alerts back."""

    async def act(memory: Memory) -> int:
        return await put_back(memory.findings, ids or (), sink)

    return run_on(chosen_memory(store, deployed=deployed), act)
