"""The workbook: as its parts say, of known items, with queries that run on what the sink wrote."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.domain.finding import Attribution
from shared.domain.health import Health, HealthCheck, HealthRecord
from shared.domain.verdict import Cause, passed, unknown
from tests.kql.test_queries import checked
from tests.log_history import History, running_history
from tests.records import ACCOUNT, ROOT, SUBSCRIPTION, moment, transition
from tests.unit.shared.pipeline.stub_monitors import fail, observation
from tools.workbook import FOLDER, SEVERITIES, WORKSPACE, workbook

WRITTEN = json.loads((FOLDER / "workbook.json").read_text("utf-8"))
ITEMS = {1: "text", 3: "KqlItem/1.0", 9: "KqlParameterItem/1.0"}
SHOWN_AS = {"tiles", "table", "barchart", "timechart"}
TOKEN = re.compile(r"\{(\w+)(?::(\w+))?\}")
CHOSEN = {
    "TimeRange:startISO": "2026-11-20T07:00:00.000Z",
    "TimeRange:endISO": "2026-11-20T09:30:00.000Z",
    "Subscription": '"*"',
    "Severity": '"*"',
    "Control": '"*"',
}


def asked() -> dict[str, str]:
    """Return every query of the workbook, those of its parameters too, by its name."""
    queries = {
        each["name"]: each["content"]["query"] for each in WRITTEN["items"] if each["type"] == 3
    }
    return queries | {each["name"]: each["query"] for each in parameters() if "query" in each}


def parameters() -> Iterator[dict[str, str]]:
    """Go through the parameters."""
    for each in WRITTEN["items"]:
        if each["type"] == 9:
            yield from each["content"]["parameters"]


def filled_in(text: str, **chosen: str) -> str:
    """Return a query as the portal asks it."""
    values = CHOSEN | chosen
    return TOKEN.sub(lambda found: values[found[0].strip("{}")], text)


def test_the_file_is_as_its_parts_say() -> None:
    """Run `python -m tools.workbook` after a change."""
    assert workbook() == WRITTEN


def test_every_item_is_one_that_the_portal_knows() -> None:
    """With a name of its own, the version that belongs to it, and a way to show it."""
    names = [each["name"] for each in WRITTEN["items"]]
    assert len(set(names)) == len(names)
    assert WRITTEN["version"] == "Notebook/1.0"
    assert WRITTEN["fallbackResourceIds"] == [WORKSPACE]
    for each in WRITTEN["items"]:
        content = each["content"]
        assert content.get("version", "text") == ITEMS[each["type"]]
        if each["type"] == 3:
            assert content["visualization"] in SHOWN_AS
            assert content["queryType"] == 0
            assert content["timeContext"]["durationMs"] >= timedelta(days=365) / timedelta(
                milliseconds=1
            )


def test_every_parameter_is_there_and_has_a_value() -> None:
    """Those that the queries name are declared; of all, a list holds a star."""
    declared = {each["name"]: each for each in parameters()}
    named = {found[1] for text in asked().values() for found in TOKEN.finditer(text)}

    assert named == set(declared) == {"TimeRange", "Subscription", "Severity", "Control"}
    assert len({each["id"] for each in declared.values()}) == len(declared)
    choices = json.loads(declared["Severity"]["jsonData"])
    assert [each["value"] for each in choices] == list(SEVERITIES)


def test_every_query_file_is_shown() -> None:
    """None is forgotten, and none is missing."""
    files = {file.stem for file in (FOLDER / "queries").glob("*.kql")}

    shown = {name.removeprefix("query_") for name in asked() if name.startswith("query_")}
    assert shown | {"subscriptions", "controls"} == files


def test_every_query_is_sound_as_it_is_asked() -> None:
    """By Microsoft's parser, with all and with some chosen."""
    some = {"Subscription": f'"{SUBSCRIPTION}"', "Severity": '"high","low"', "Control": '"a.b"'}
    queries = {name: filled_in(text) for name, text in asked().items()}
    queries |= {f"{name} (some)": filled_in(text, **some) for name, text in asked().items()}

    assert {name: each for name, each in checked(queries).items() if each} == {}


async def lived(here: History) -> None:
    """Let something of everything happen."""
    by = Attribution("ann@example.com", moment(-3), "c0ffee", exact=True)
    seen = [
        observation(passed("Good."), control_id="stub.good"),
        observation(unknown(Cause.UNREADABLE, "403"), control_id="stub.unread"),
        observation(fail(), control_id="stub.bad"),
    ]
    await here.look(ROOT, seen)
    await here.tell([transition(50, attribution=by, control="stub.who")])
    mended = [observation(passed("Good."), control_id="stub.bad"), *seen[:2]]
    here.clock.advance(timedelta(minutes=5))
    await here.look(ROOT, mended)
    checks = (HealthCheck("queue", Health.OK, "It is short."),)
    await here.say_how_it_is(
        HealthRecord(moment(600), "1", "i", checks, moment(500), timedelta(seconds=4))
    )
    here.arrive()


@pytest.mark.parametrize("name", [*asked()])
async def test_every_query_answers(tmp_path: Path, name: str) -> None:
    """Over rows that the real sink wrote, with all and with one subscription chosen."""
    async with running_history(tmp_path) as here:
        await lived(here)
        for chosen in ('"*"', f'"{SUBSCRIPTION}"'):
            assert here.ask(filled_in(asked()[name], Subscription=chosen), moment(700))
        nobody = here.ask(filled_in(asked()[name], Subscription='"nobody"'), moment(700))
        assert (nobody == []) is ("{Subscription}" in asked()[name])


async def test_the_worst_offender_and_who_did_it_are_named(tmp_path: Path) -> None:
    """With numbers that add up."""
    async with running_history(tmp_path) as here:
        await lived(here)
        (offender,) = here.ask(filled_in(asked()["query_worst_offenders"]), moment(700))
        actors = here.ask(filled_in(asked()["query_actors"]), moment(700))

    assert (offender["TargetResourceId"], offender["Findings"]) == (ACCOUNT, 1)
    assert {each["Actor"] for each in actors} == {"ann@example.com", "(not known)"}
