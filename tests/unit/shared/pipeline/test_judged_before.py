"""What this process judged last of each root."""

import pytest

from shared.domain.snapshot import Problem, Snapshot, SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Cause
from shared.pipeline import judged_before
from shared.pipeline.judged_before import JudgedBefore, fingerprint
from tests.arm import account, changed, deployment, read_with, snapshot_of


def test_only_the_same_version_and_snapshot_is_known() -> None:
    """Another worker's commit makes another version."""
    memory = JudgedBefore()
    memory.remember("root", 3, b"seen")

    assert memory.knows("root", 3, b"seen")
    assert not memory.knows("root", 4, b"seen")
    assert not memory.knows("root", 3, b"other")
    assert not memory.knows("other", 3, b"seen")


def test_the_root_not_seen_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory is bounded."""
    monkeypatch.setattr(judged_before, "MOST_ROOTS", 2)
    memory = JudgedBefore()
    for root in ("a", "b", "a", "c"):
        memory.remember(root, 1, b"seen")

    known = {root for root in ("a", "b", "c") if memory.knows(root, 1, b"seen")}
    assert known == {"a", "c"}


def test_whatever_a_judgement_depends_on_changes_the_fingerprint() -> None:
    """Bodies, API versions, what is there, what could not be read, what is watched."""
    root, chat = account(), deployment()
    forbidden = Problem(Cause.UNREADABLE, "403")
    different = [
        snapshot_of(root, chat),
        snapshot_of(root),
        snapshot_of(changed(root, "properties.publicNetworkAccess", "Disabled"), chat),
        snapshot_of(read_with("2023-05-01", root), chat),
        snapshot_of(root, changed(chat, "sku.name", "GlobalStandard")),
        snapshot_of(root, chat, problems={Source.PROJECTS: forbidden}),
        snapshot_of(root, chat, watched=()),
    ]

    assert len({fingerprint(each) for each in different}) == len(different)


def test_when_it_was_read_does_not() -> None:
    """A second look at the same is the same."""
    seen = snapshot_of(account(), deployment())
    again = Snapshot(
        seen.root,
        {
            source: SourceReading(source, reading.items)
            for source, reading in reversed(list(seen.readings.items()))
        },
        seen.watched,
    )

    assert fingerprint(again) == fingerprint(seen)
