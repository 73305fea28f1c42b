"""The monitor's own fitness is shown to people and programs."""

import json
from datetime import date

import pytest

from shared.adapters.terminal.doctor import TABLE_WHY, show_health
from shared.adapters.terminal.formats import Format
from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health, HealthCheck, TableCheck

REGIONS = TableCheck(
    "regions",
    date(2026, 11, 20),
    3,
    HealthCheck("data_table.regions", Health.OK, "The table is of 2026-11-20, 3 days ago."),
)
ZONES = TableCheck(
    "data_zones",
    date(2026, 4, 1),
    236,
    HealthCheck("data_table.data_zones", Health.WARN, "It is old.", "Renew it."),
)
SCOPES = TableCheck(
    "sku_scopes",
    date(2026, 4, 2),
    235,
    HealthCheck("data_table.sku_scopes", Health.WARN, "It is old, too.", "Renew it."),
)
MODELS = TableCheck(
    "models",
    None,
    None,
    HealthCheck("data_table.models", Health.FAULT, "It is \x1b[31mbroken.", "Restore it."),
)


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def test_people_see_every_table_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong stands under the table, each remedy once; nothing reaches the terminal raw."""
    status = show_health((ZONES, MODELS, REGIONS, SCOPES), Format.TABLE)

    assert status == 1
    assert capsys.readouterr().out.splitlines() == [
        "data table  as of       days old  status",
        "data_zones  2026-04-01  236       warn",
        "  It is old.",
        "models                            fault",
        "  It is \\x1b[31mbroken.",
        "regions     2026-11-20  3         ok",
        "sku_scopes  2026-04-02  235       warn",
        "  It is old, too.",
        "",
        "data_zones, sku_scopes",
        "  Renew it.",
        "",
        "models",
        "  Restore it.",
        "",
        "4 checks: 1 ok, 2 warn, 1 fault.",
    ]


def test_good_tables_take_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to do."""
    assert show_health((REGIONS,), Format.TABLE) == 0
    assert capsys.readouterr().out.splitlines() == [
        "data table  as of       days old  status",
        "regions     2026-11-20  3         ok",
        "",
        "1 check: 1 ok.",
    ]


def test_programs_get_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    """Every key is always there."""
    show_health((REGIONS, ZONES), Format.JSON)

    assert json.loads(capsys.readouterr().out) == {
        "checks": [
            {
                "check": "data_table.regions",
                "status": "ok",
                "message": "The table is of 2026-11-20, 3 days ago.",
                "why": None,
                "remedy": None,
                "command": None,
            },
            {
                "check": "data_table.data_zones",
                "status": "warn",
                "message": "It is old.",
                "why": TABLE_WHY,
                "remedy": "Renew it.",
                "command": None,
            },
        ]
    }


@pytest.mark.parametrize("output", Format)
@pytest.mark.parametrize(
    ("tables", "status"), [((REGIONS,), 0), ((REGIONS, ZONES), 0), ((MODELS, REGIONS), 1)]
)
def test_only_a_fault_ends_with_1(
    tables: tuple[TableCheck, ...], status: int, output: Format
) -> None:
    """A warning does not break a build that runs the command."""
    assert show_health(tables, output) == status


def test_what_was_found_comes_first_with_all_that_helps(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Why it matters, what to do, and a command that can be copied."""
    good = Diagnosis("identity", Health.OK, "Signed in.")
    bad = Diagnosis("storage", Health.FAULT, "Refused.", "Work is there.", "Give it.", "az role x")

    assert show_health((REGIONS,), Format.TABLE, (good, bad)) == 1

    assert capsys.readouterr().out.splitlines()[:9] == [
        "ok    identity",
        "      Signed in.",
        "fault storage",
        "      Refused.",
        "      Why it matters: Work is there.",
        "      What to do: Give it.",
        "      az role x",
        "",
        "data table  as of       days old  status",
    ]
