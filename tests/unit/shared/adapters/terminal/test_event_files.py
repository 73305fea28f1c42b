"""Events are read from files one after the other, and a file that cannot be read stops no other."""

import io
import os
import sys
from pathlib import Path

import pytest

from shared.adapters.terminal.event_files import events_in
from shared.adapters.terminal.notes import LeftOut


def test_files_are_read_in_their_order_also_twice(tmp_path: Path) -> None:
    """Lines and arrays, numbered as they come."""
    one, two = tmp_path / "1.json", tmp_path / "2.jsonl"
    one.write_text('[{"a": 1}, {"a": 2}]', encoding="utf-8")
    two.write_text('{"a": 3}\n{"a": 4}\n', encoding="utf-8")
    unusable: list[LeftOut] = []

    found = list(events_in([str(one), str(two), str(one)], unusable))

    assert found == [{"a": number} for number in (1, 2, 3, 4, 1, 2)]
    assert unusable == []


def test_what_is_no_file_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    """A pipe or a device might never end; a folder is no recording."""
    good = tmp_path / "good.json"
    good.write_text("[1]", encoding="utf-8")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    names = [str(tmp_path / "none"), str(tmp_path), str(pipe), "/dev/zero", "\0", "", str(good)]
    unusable: list[LeftOut] = []

    assert list(events_in(names, unusable)) == [1]

    assert unusable[0] == LeftOut(names[0], "", "cannot be read: No such file or directory")

    assert [each.file for each in unusable] == names[:-1]
    assert "name the files in it" in unusable[1].why
    assert "name it -" in unusable[2].why


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second dash finds it at its end."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"a": 1}')))

    assert next(events_in(["-"], [])) == {"a": 1}
