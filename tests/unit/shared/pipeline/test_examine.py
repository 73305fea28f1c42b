"""Examinations are made at once; what hangs, fails or crashes hides nothing of the others."""

import asyncio
import re
import string
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from shared.domain.diagnosis import Diagnosis, is_fit
from shared.domain.health import Health, HealthCheck
from shared.pipeline.coverage_controls import SUBSCRIPTION_SWEPT
from shared.pipeline.examine import Examination, examination_of, examine
from shared.pipeline.health_report import Part, Signs
from shared.pipeline.own_sight import OWN_SIGHT
from shared.pipeline.remedies import AZURE, LOCAL, Remedies, Remedy
from shared.ports import PortError
from tests.fakes import BEGINNING

GOOD = Diagnosis("good", Health.OK, "Fine.")
SHORT = timedelta(seconds=0.05)
NAMES = dict.fromkeys(
    ("account", "dead_letters", "app", "group", "assignee", "workspace", "store_file"), "x"
)


def named(name: str, ask: object) -> Examination:
    """Return an examination that does this."""
    return Examination(name, ask, "Why.", "command")  # type: ignore[arg-type] # as tests make it


async def _good() -> Sequence[Diagnosis]:
    return [GOOD]


async def _hangs() -> Sequence[Diagnosis]:
    await asyncio.Event().wait()
    return []


async def _fails() -> Sequence[Diagnosis]:
    raise PortError("it is down")


async def _crashes() -> Sequence[Diagnosis]:
    raise ZeroDivisionError


async def test_each_is_told_in_order_whatever_becomes_of_the_others() -> None:
    """What could not be made is a fault, with why it matters and a command."""
    asked = [
        named("a", _hangs),
        named("b", _good),
        named("c", _fails),
        named("d", _crashes),
        named("e", _hangs),
    ]
    loop = asyncio.get_running_loop()
    began = loop.time()
    found = await examine(asked, SHORT)

    # At once: two that hang take the time of one.
    assert loop.time() - began < 0.5
    assert [each.name for each in found] == ["a", "good", "c", "d", "e"]
    faults = [each for each in found if each is not GOOD]
    assert {each.health for each in faults} == {Health.FAULT}
    assert "no answer in 0.05 s" in found[0].message
    assert "it is down" in found[2].message
    assert "ZeroDivisionError" in found[3].message
    assert all(each.why and each.remedy and each.command for each in faults)


@pytest.mark.parametrize(
    ("why", "said"),
    [("it is down", "it is down."), ("is it mounted?", "is it mounted?"), ("Done.", "Done.")],
)
async def test_what_could_not_be_checked_ends_with_one_mark(why: str, said: str) -> None:
    """That of its reason, where that has one."""

    async def fail() -> Sequence[Diagnosis]:
        raise PortError(why)

    (found,) = await examine([named("a", fail)])

    assert found.message == f"Could not be checked: {said}"


async def test_a_part_of_the_health_record_is_told_with_what_people_want_to_know() -> None:
    """What is in order needs no remedy; a part that is lacking is not examined."""

    async def take(_now: object, signs: Signs) -> None:
        await asyncio.sleep(0)
        signs.check("queue.looks", Health.OK, "0 messages.", "unused")
        signs.check("poison", Health.WARN, "2 messages.", "Report them.")
        # Of these `doctor` knows more by the settings, and says so itself.
        signs.check("sinks", Health.WARN, "There is none.", "Set one.")
        signs.check("watched", Health.WARN, "Nothing is.", "Set it.")

    remedies = Remedies(AZURE, NAMES)
    asked = examination_of(Part("queues", (), take), BEGINNING, remedies)
    assert asked is not None
    good, bad = await examine([asked])

    assert good == Diagnosis("queue.looks", Health.OK, "0 messages.")
    # Somebody was not told of something: that is wrong for whoever asks.
    assert (bad.health, bad.remedy) == (Health.FAULT, "Report them.")
    assert bad.why
    assert not is_fit([good, bad])
    assert examination_of(Part("queues", (), None), BEGINNING, remedies) is None


@pytest.mark.parametrize("known", [AZURE, LOCAL], ids=["azure", "local"])
def test_every_remedy_has_a_reason_and_a_command_that_can_be_filled_in(known: object) -> None:
    """With the names that a deployment has."""
    remedies = Remedies(known, NAMES)  # type: ignore[arg-type] # pytest knows no type of a table
    for name in remedies.known:
        found = remedies.of(f"{name}.anything")
        assert found.why.endswith(".")
        assert "{" not in found.command
        asked = {field for _, field, _, _ in string.Formatter().parse(found.command) if field}
        assert asked <= NAMES.keys()


@pytest.mark.parametrize("known", [AZURE, LOCAL], ids=["azure", "local"])
def test_the_command_for_blind_spots_asks_for_all_that_the_monitor_may_not_see(
    known: Mapping[str, Remedy],
) -> None:
    """Whichever control of its own sight it is."""
    command = Remedies(known, NAMES).of("blind_spots").command

    asked = re.findall(r"--control (\S+)", command)
    assert sorted(asked) == sorted(OWN_SIGHT)
    assert SUBSCRIPTION_SWEPT in asked
    assert command.endswith("--state open --since all")


def test_whoever_asks_is_told_to_set_the_clock_of_the_machine_that_was_looked_at() -> None:
    """That of a worker, of which the record speaks, was not."""
    record = HealthCheck("clock", Health.FAULT, "It is off.", "Restart the instance.")
    found = Remedies(AZURE, NAMES).diagnosis(record)

    assert found.remedy == "Set the clock of this machine by a time server."
    assert found.command == "sudo timedatectl set-ntp true"


def test_a_warning_stays_one_where_nothing_is_lost() -> None:
    """A fault of the record stays a fault."""
    remedies = Remedies(AZURE, NAMES)

    for health in (Health.WARN, Health.FAULT):
        found = remedies.diagnosis(HealthCheck("looks", health, "Late.", "See."))
        assert found.health is health
    assert is_fit([remedies.diagnosis(HealthCheck("looks", Health.WARN, "Late.", "See."))])
