"""Worker processes on one store, killed at any moment, end in the findings of judging once."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.system_clock import SystemClock
from shared.domain.finding import FindingState
from shared.domain.resource_id import ResourceId
from shared.ports import QueueName, TransitionQuery
from shared.runtime.assembly import Runtime, assemble
from shared.runtime.local import local_ports
from tests.worlds import CATALOGUE, SUBSCRIPTION, delete_event, fold, judge_folder, write_event

ROOT = Path(__file__).resolve().parents[2]
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
ACCOUNTS = [f"{GROUP}/Microsoft.CognitiveServices/accounts/a{n}" for n in range(14)]
HUBS = [f"{GROUP}/Microsoft.MachineLearningServices/workspaces/hub{n}" for n in range(2)]
PROJECTS = [f"{GROUP}/Microsoft.MachineLearningServices/workspaces/p{n}" for n in range(4)]
SKUS = ("Standard", "GlobalStandard", "DataZoneStandard", "Novel")
MODES = ("Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound", "Novel")

EVENTS = 200
HELD_SECONDS = 0.5
"""How long a dead worker keeps what it had in hand."""
PATIENCE = 50
"""Seconds that a worker may need in all; it takes about two."""


@dataclass
class Workers:
    """Processes, none of which outlives the test."""

    estate: Path
    store: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, number: int = 1) -> list[subprocess.Popen[str]]:
        """Start workers, and let them begin together."""
        started = [self._start() for _ in range(number)]
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return started

    def _start(self) -> subprocess.Popen[str]:
        module = "tests.integration.worker_process"
        process = subprocess.Popen(
            [sys.executable, "-m", module, self.estate, self.store, str(HELD_SECONDS)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate(timeout=10)[1]
        return process

    def finish(self, process: subprocess.Popen[str]) -> str:
        """Wait until a worker finds nothing due any more; return what it told."""
        told, complaints = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, complaints
        assert "crashed" not in complaints
        return told

    def kill(self, process: subprocess.Popen[str], rng: random.Random, most_looks: int) -> None:
        """End a worker as a power cut would, somewhere in its next looks."""
        assert process.stdout is not None
        for _ in range(rng.randint(0, most_looks)):
            if not process.stdout.readline():
                break
        time.sleep(rng.uniform(0, 0.004))
        process.kill()
        process.communicate(timeout=10)
        assert process.returncode in {-signal.SIGKILL, 0}

    def close(self) -> None:
        """End whatever still runs."""
        for process in self.running:
            process.kill()
            process.communicate(timeout=10)


@dataclass
class Story:
    """Changes an estate folder, and lets the events of it arrive in the store."""

    folder: Path
    intake: Runtime
    rng: random.Random

    def _file(self, resource_id: str) -> Path:
        return self.folder / (resource_id.removeprefix(GROUP).replace("/", "~") + ".json")

    def _put(self, resource_id: str, **body: object) -> dict[str, object]:
        file = self._file(resource_id)
        # No worker must see half of it: a file that cannot be read keeps what is known open.
        new = file.with_suffix(".new")
        new.write_text(json.dumps({"id": resource_id, "location": "swedencentral", **body}))
        new.replace(file)
        return write_event(ResourceId.parse(resource_id), SystemClock().now().isoformat())

    def _delete(self, resource_id: str) -> dict[str, object]:
        self._file(resource_id).unlink(missing_ok=True)
        for file in self.folder.glob(f"{self._file(resource_id).stem}~*.json"):
            file.unlink()
        return delete_event(ResourceId.parse(resource_id), SystemClock().now().isoformat())

    def change(self) -> dict[str, object]:
        """Do one thing, and return the event that Azure sends of it."""
        how, what = self.rng.randrange(4), self.rng.randrange(10)
        account, hub = self.rng.choice(ACCOUNTS), self.rng.choice(HUBS)
        if not self._file(account).exists():
            # Azure keeps nothing below what is gone.
            what = 0
        match what:
            case 0 | 1 | 2:
                access = ("Enabled", "Disabled")[how % 2]
                properties = {"publicNetworkAccess": access, "disableLocalAuth": how > 1}
                kind = ("OpenAI", "AIServices")[how // 2]
                return self._put(account, kind=kind, properties=properties)
            case 3 | 4 | 5:
                name = f"{account}/deployments/d{self.rng.randrange(3)}"
                model = {"format": "OpenAI", "name": "gpt-4o", "version": "1"}
                return self._put(name, sku={"name": SKUS[how]}, properties={"model": model})
            case 6:
                mode = {"accessMode": ("Enforced", "Learning")[how % 2]}
                name = f"{account}/networkSecurityPerimeterConfigurations/p"
                return self._put(name, properties={"resourceAssociation": mode})
            case 7:
                return self._put(hub, kind="Hub", properties=_network(how))
            case 8:
                properties = {**_network(how), "hubResourceId": hub}
                return self._put(self.rng.choice(PROJECTS), kind="Project", properties=properties)
            case _:
                gone = f"{account}/deployments/d{self.rng.randrange(3)}" if how else account
                return self._delete(gone)

    async def tell(self, events: int, *begun: dict[str, object]) -> None:
        """Do so many things; their events arrive together, in any order, some of them twice."""
        told = [*begun, *(self.change() for _ in range(events))]
        told += self.rng.sample(told, events // 10)
        self.rng.shuffle(told)
        receipt = await self.intake.intake.accept(told)
        assert not receipt.malformed

    async def begin(self, events: int) -> None:
        """Make every root; more is done until there are so many events, and all arrive together."""
        properties = {**_network(0), "hubResourceId": HUBS[0]}
        begun = [
            *(self._put(each, kind="OpenAI", properties={}) for each in ACCOUNTS),
            *(self._put(each, kind="Hub", properties=_network(0)) for each in HUBS),
            *(self._put(each, kind="Project", properties=properties) for each in PROJECTS),
        ]
        await self.tell(events - len(begun), *begun)


def _network(how: int) -> dict[str, object]:
    return {"managedNetwork": {"isolationMode": MODES[how]}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty estate."""
    made = tmp_path / "estate"
    made.mkdir()
    return made


@pytest.fixture
def workers(folder: Path, tmp_path: Path) -> Iterator[Workers]:
    """Worker processes on a new store."""
    made = Workers(folder, tmp_path / "store.db")
    yield made
    made.close()


@pytest.fixture
def intake(folder: Path, workers: Workers) -> Iterator[Runtime]:
    """This process, in which the events arrive."""
    ports = local_ports(folder, workers.store)
    yield assemble(ports, CATALOGUE)
    assert isinstance(ports.findings, SqliteFindingStore)
    ports.findings.database.close()


async def _agrees(folder: Path, store: Path) -> None:
    """Compare what is open, and what the history leaves open, with judging the folder once."""
    failing, undecided = await judge_folder(folder)
    database = Database(store, create=False)
    findings = SqliteFindingStore(database, SystemClock())
    history = list(await findings.transitions(TransitionQuery(alerts_only=False)))[::-1]
    found = {}
    for root in {each.root for each in history}:
        for key, finding in (await findings.findings(root)).items():
            if finding.state is FindingState.OPEN:
                found[key] = finding.message
    alerts = [each.id for each in await findings.undelivered("sink", 10_000)]
    waiting = database.rows("SELECT queue, text FROM messages")
    aside = database.rows("SELECT reason FROM set_aside")
    database.close()

    assert (waiting, aside) == ([], [])
    own = {key: message for key, message in found.items() if not key.startswith("coverage.")}
    assert {key: own[key] for key in own if key not in undecided} == failing
    left_open = {key for key in fold(history) if not key.startswith("coverage.")}
    assert left_open == set(own)
    assert sorted(alerts) == sorted({each.id for each in history if each.alerts})
    assert len(failing) > len(ACCOUNTS)


@pytest.mark.parametrize("seed", [1])
async def test_a_worker_that_is_killed_again_and_again_loses_nothing(
    folder: Path, workers: Workers, intake: Runtime, seed: int
) -> None:
    """Twelve times, in the middle of its work, while more changes; the last comes to the end."""
    story = Story(folder, intake, random.Random(seed))  # noqa: S311 - to be repeated
    await story.begin(EVENTS - 12 * 10)
    for _ in range(12):
        (worker,) = workers.start()
        await story.tell(10)
        workers.kill(worker, story.rng, most_looks=15)

    workers.finish(*workers.start())

    await _agrees(folder, workers.store)


@pytest.mark.parametrize("number", [2, 4])
async def test_several_workers_share_the_work(
    folder: Path, workers: Workers, intake: Runtime, number: int
) -> None:
    """Side by side on one store, while more changes; each of them gets a part of it."""
    story = Story(folder, intake, random.Random(number))  # noqa: S311 - to be repeated
    await story.begin(EVENTS // 2)
    running = workers.start(number)
    for _ in range(10):
        await story.tell(EVENTS // 20)

    told = [workers.finish(each) for each in running]
    # They may have been quicker than the changes.
    workers.finish(*workers.start())

    await _agrees(folder, workers.store)
    assert sum("looked" in each for each in told) > 1


@pytest.mark.parametrize("seed", [3, 4])
async def test_what_a_killed_worker_had_in_hand_the_other_one_takes_over(
    folder: Path, workers: Workers, intake: Runtime, seed: int
) -> None:
    """When the time of its lease and of its message is over."""
    story = Story(folder, intake, random.Random(seed))  # noqa: S311 - to be repeated
    await story.begin(EVENTS)
    survivor, victim = workers.start(2)
    workers.kill(victim, story.rng, most_looks=10)

    workers.finish(survivor)

    await _agrees(folder, workers.store)
    assert await intake.ports.queue.next_due(QueueName.LOOKS) is None
