"""Notes on standard error: a line each, escaped, and never a flood."""

import pytest

from shared.adapters.terminal.notes import (
    InputNotes,
    LeftOut,
    error,
    tell_estate,
    tell_skipped,
    tell_twice,
    tell_unusable,
)


def test_an_error_is_one_escaped_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a file is called; of a long line the middle is left out."""
    error("\x1b[2Jfile\n" + "x" * 1000 + ".json: empty")

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(r"error: \x1b[2Jfile\nxxx")
    assert err.endswith("x.json: empty\n")
    assert len(err) < 450
    assert err.count("\n") == 1


def test_each_unusable_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """With its reason; of many, the first twenty and how many more."""
    tell_unusable([LeftOut(f"{number}.json", "", "empty") for number in range(23)])

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "error: 0.json: empty"
    assert lines[20:] == ["error: and 3 more files that could not be used"]


def test_a_few_skipped_parts_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """File, part and reason."""
    tell_skipped([LeftOut("a.json", "/subscriptions/s/…/vm", "no control judges it")])

    said = capsys.readouterr().err
    assert said == "note: a.json: skipped /subscriptions/s/…/vm: no control judges it\n"


def test_many_skipped_parts_are_counted_by_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """An export of a whole subscription is no thousand lines."""
    machines = [LeftOut("a.json", f"vm{number}", "no control judges it") for number in range(500)]
    others = [LeftOut("b.json", f"o{number}", f"reason {number}") for number in range(25)]

    tell_skipped(machines + others)

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "note: skipped 500: no control judges it; the first is vm0 in a.json"
    assert lines[-1] == "note: skipped 6 for other reasons"
    assert len(lines) == 21


def test_resources_given_twice_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """None is no line."""
    tell_twice([])
    tell_twice(["a"])
    tell_twice(["a", "b", "c"])

    assert capsys.readouterr().err.splitlines() == [
        "note: given twice, the last one counts: a",
        "note: given twice, the last one counts: a and 2 more",
    ]


def test_what_is_not_of_the_estate_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Files that cannot be read are named, and the status tells; skipped parts are summed up."""
    skipped = [LeftOut("a.json", "vm1", "no control judges it")] * 3

    assert tell_estate(InputNotes([LeftOut("b.json", "", "empty")], skipped, []), 0) == 2
    assert [tell_estate(InputNotes(), status) for status in (0, 2)] == [0, 2]

    assert capsys.readouterr().err.splitlines() == [
        "error: b.json: empty",
        "note: not of the estate: vm1 in a.json (no control judges it) and 2 more",
    ]
