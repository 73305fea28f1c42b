"""Two workers, each with its own view of an estate folder: the older view never wins."""

import json
from dataclasses import replace
from pathlib import Path

from shared.adapters.local.estate import EstateFolder
from shared.domain.topology import Source
from shared.pipeline.messages import LookMessage, Trigger
from shared.runtime.assembly import assemble
from tests.worlds import CATALOGUE, SUBSCRIPTION, fold, world

ACCOUNT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
    "/Microsoft.CognitiveServices/accounts/a"
)


async def test_a_look_never_judges_by_a_reading_older_than_the_one_committed(
    tmp_path: Path,
) -> None:
    """A message that still needs a deep source does not bring back what was seen before a fix."""
    told = world()

    def write(*, keys_off: bool) -> None:
        body = {"id": ACCOUNT, "kind": "OpenAI", "properties": {"disableLocalAuth": keys_off}}
        (tmp_path / "account.json").write_text(json.dumps(body), encoding="utf-8")

    first, second = (
        assemble(
            replace(told.ports, inventory=EstateFolder(tmp_path, told.clock)),
            CATALOGUE,
            frozenset({SUBSCRIPTION}),
        )
        for _ in range(2)
    )
    write(keys_off=False)
    early = told.clock.now()
    deep = LookMessage(ACCOUNT, early, Trigger.CHANGE, sources=(Source.PERIMETER_CONFIGURATIONS,))
    # The first worker scans the folder, and looks at something else.
    await first.ports.inventory.subscriptions(after=early)
    write(keys_off=True)
    await second.looks.look(LookMessage(ACCOUNT, told.clock.now(), Trigger.SWEEP))

    await first.looks.look(deep)

    assert not [key for key in fold(await told.history()) if key.startswith("identity.")]
