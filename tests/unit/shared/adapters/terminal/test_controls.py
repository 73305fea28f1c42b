"""Controls are listed, and explained to somebody who has never heard of them."""

import json

import pytest

from shared.adapters.terminal.controls import explain_control, known_control, list_controls
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.run import CannotRunError
from shared.pipeline.coverage_controls import RESOURCE_READABLE
from shared.pipeline.own_sight import OWN_SIGHT
from tests.unit.shared.adapters.terminal.samples import CATALOGUE

ID = "family.answer_allowed"


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def test_the_list_has_every_control_in_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Id, severity, requirement, what it applies to and how it is found."""
    list_controls(CATALOGUE, Format.TABLE)

    assert capsys.readouterr().out.startswith(
        "family.answer_allowed  high\n"
        "  The answer is one that is allowed.\n"
        "  Applies to accounts of kind openai. Found by sweep.\n"
        "\n"
        "family.second_control  low\n"
    )


def test_what_the_monitor_finds_about_itself_is_listed_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Last, and counted."""
    list_controls(CATALOGUE, Format.TABLE)

    told = capsys.readouterr().out
    assert "coverage.subscription_swept  high\n  Every sweep of a watched" in told
    assert "Judges the monitor's own sight. Found by sweep." in told
    assert f"{2 + len(OWN_SIGHT)} controls." in told


def test_an_explanation_leaves_no_question(capsys: pytest.CaptureFixture[str]) -> None:
    """Every part has a heading, placeholders are recognisable, defaults are shown."""
    explain_control(CATALOGUE, ID.upper(), Format.TABLE)

    assert capsys.readouterr().out.splitlines() == [
        "family.answer_allowed  high",
        "The answer is one that is allowed.",
        "",
        "Why",
        "  Other answers are wrong.",
        "",
        "Fails when",
        "  properties.answer is none of allowed.",
        "",
        "Applies to",
        "  Microsoft.CognitiveServices/accounts of kind openai",
        "",
        "Found by",
        "  sweep: Microsoft changes it and no event tells, so within the hour or day",
        "",
        "Parameters",
        '  allowed = ["yes"]',
        "    Answers that are allowed.",
        "",
        "How to mend it",
        "  Give another answer:",
        "    az resource update --ids <id> --set properties.answer=yes",
        "  In the portal: <account> in <resource-group>.",
        "",
        "Known limits",
        "  Questions are not judged.",
        "",
        "Azure Policy built-in",
        "  12345678",
        "",
        "Needs answers of these API versions or later",
        "  accounts: 2023-05-01",
        "",
        "References",
        "  https://learn.microsoft.com/azure/answers",
    ]


def test_the_same_is_there_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """One object for one control, an array for all."""
    explain_control(CATALOGUE, ID, Format.JSON)
    one = json.loads(capsys.readouterr().out)
    list_controls(CATALOGUE, Format.JSON)
    every = json.loads(capsys.readouterr().out)

    assert one == every[0]
    assert [each["id"] for each in every] == [ID, "family.second_control", *OWN_SIGHT]
    assert one["applies_to"] == [
        {"type": "Microsoft.CognitiveServices/accounts", "kinds": ["openai"]}
    ]
    assert one["parameters"] == [
        {"name": "allowed", "default": ["yes"], "description": "Answers that are allowed."}
    ]


@pytest.mark.parametrize("output", Format)
def test_blind_spots_can_be_explained_too(
    capsys: pytest.CaptureFixture[str], output: Format
) -> None:
    """They alert under a control that no monitor has."""
    explain_control(CATALOGUE, RESOURCE_READABLE, output)

    assert "Everything the monitor judges can be read." in capsys.readouterr().out


def test_an_unknown_control_is_answered_with_the_nearest() -> None:
    """And with where they are listed."""
    with pytest.raises(CannotRunError, match=r"Did you mean 'family.answer_allowed'\? `cli.py"):
        known_control(CATALOGUE, "family.anser_allowed")
