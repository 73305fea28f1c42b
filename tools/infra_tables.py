"""Write what `infra/` takes from the code, so that neither can differ from the other.

    python -m tools.infra_tables

writes JSON files into `infra/modules/`, which Bicep reads with `loadJsonContent`: the actions of
the monitor's role, the tables and streams of Log Analytics, and the names in the storage account.
The tables are also the end of `docs/sinks.md`.
"""

import json
import sys
from pathlib import Path

from shared.adapters.azure.arm.role import ACTIONS
from shared.adapters.azure.storage import names
from shared.adapters.sinks.log_columns import TIME, Kind
from shared.adapters.sinks.log_tables import TABLES, documentation, stream_declarations
from shared.ports import QueueName

FOLDER = Path(__file__).resolve().parents[1] / "infra" / "modules"
GUIDE = FOLDER.parents[1] / "docs" / "sinks.md"
TABLE_SUFFIX = "_TABLE"
"""What the names of the constants end with that name a table; the others name containers."""


def log_tables() -> list[dict[str, object]]:
    """Return the tables as the workspace wants them declared.

    It spells one type otherwise than a data collection rule does: `dateTime`.
    """
    spelled = {Kind.DATETIME: "dateTime"}
    return [
        {
            "name": table.name,
            "description": table.meaning,
            "columns": [
                {"name": TIME, "type": spelled[Kind.DATETIME]},
                *(
                    {
                        "name": each.name,
                        "type": spelled.get(each.kind, str(each.kind)),
                        "description": each.meaning,
                    }
                    for each in table.columns
                ),
            ],
        }
        for table in TABLES
    ]


def storage_names() -> dict[str, object]:
    """Return the containers, queues and tables, and the container of dead letters.

    `ages_out` begins the names of blobs that nobody needs once nobody has written them for long.
    The daily deep sweep writes the snapshot of a root that is there, so an old one is of a root
    that is gone; were it there after all, what is missing would be read again. What was set aside
    is read again for a week, and whenever the code has changed; sweeps have found by then what it
    told of.
    """
    found = {name: text for name, text in vars(names).items() if name.isupper()}
    apart = {"DEAD_LETTERS", "POISON"}
    tables = {name for name in found if name.endswith(TABLE_SUFFIX)}
    queues = [str(each) for each in QueueName]
    return {
        "ages_out": [f"{each}/" for each in (names.ASIDE, names.SNAPSHOTS)],
        "containers": sorted(found[name] for name in found.keys() - tables - apart),
        "dead_letters": names.DEAD_LETTERS,
        "queues": sorted([*queues, *(f"{each}{names.POISON}" for each in queues)]),
        "tables": sorted(found[name] for name in tables),
    }


def contents() -> dict[str, str]:
    """Return the text of each file by its name."""
    values = {
        "log_streams.json": stream_declarations(),
        "log_tables.json": log_tables(),
        "role_actions.json": ACTIONS,
        "storage_names.json": storage_names(),
    }
    return {
        name: json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        for name, value in values.items()
    }


def main() -> None:
    """Write the files."""
    for name, text in contents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    tables = documentation()
    guide, found, _ = GUIDE.read_text("utf-8").partition(tables.partition("\n")[0] + "\n")
    if not found:
        sys.exit(f"No heading in {GUIDE} where its tables begin")
    GUIDE.write_text(guide + tables, encoding="utf-8")


if __name__ == "__main__":
    main()
