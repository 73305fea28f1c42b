"""What a process remembers of the findings that it read or committed last."""

from shared.adapters.azure.storage.recent_findings import LONGEST, RecentFindings
from tests.records import ACCOUNT, finding

ONE, OTHER = finding(), finding(f"{ACCOUNT}/deployments/d")


def test_findings_are_known_of_one_etag_only() -> None:
    """A row that was written since proves that they may be others."""
    recent = RecentFindings()
    recent.read("root", "1", {ONE.key: ONE})

    assert recent.get("root", "1") == {ONE.key: ONE}
    assert recent.get("root", "2") is None
    assert recent.get("root", "1") is None


def test_a_commit_carries_on_what_is_known_of_the_row_that_it_replaces() -> None:
    """And nothing where that is of another row, or where the new one has no etag."""
    recent = RecentFindings()
    changed = finding(message="changed")
    recent.read("root", "1", {ONE.key: ONE, OTHER.key: OTHER})

    recent.committed("root", "1", "2", [changed])
    assert recent.get("root", "2") == {ONE.key: changed, OTHER.key: OTHER}

    recent.committed("root", "1", "3", [ONE])
    assert recent.get("root", "3") is None

    recent.read("root", "3", {ONE.key: ONE})
    recent.committed("root", "3", "", [])
    assert recent.get("root", "3") is None


def test_all_findings_of_a_first_commit_are_known() -> None:
    """Before it there was no row, and so no finding."""
    recent = RecentFindings()

    recent.committed("root", "", "1", [ONE])

    assert recent.get("root", "1") == {ONE.key: ONE}


def test_who_changes_what_was_handed_out_changes_nothing_here() -> None:
    """The next look gets all of it."""
    recent = RecentFindings()
    recent.read("root", "1", {ONE.key: ONE})

    (recent.get("root", "1") or {}).clear()

    assert recent.get("root", "1") == {ONE.key: ONE}


def test_findings_are_read_again_after_a_while_whatever_was_committed() -> None:
    """Retention removes some without a commit."""
    times = iter([0.0, LONGEST - 1, LONGEST])
    recent = RecentFindings(seconds=lambda: next(times))
    recent.read("root", "1", {ONE.key: ONE})
    recent.committed("root", "1", "2", [])

    assert recent.get("root", "2") is not None
    assert recent.get("root", "2") is None


def test_roots_that_were_not_seen_for_longest_are_forgotten() -> None:
    """The bound is on findings, and a root without any takes the room of one."""
    recent = RecentFindings(limit=6)
    recent.read("a", "1", {ONE.key: ONE})
    recent.read("b", "1", {ONE.key: ONE})
    recent.read("b", "2", {})
    recent.read("c", "1", {ONE.key: ONE})
    assert recent.get("a", "1") is not None

    recent.read("d", "1", {})
    recent.read("e", "1", {})

    known = [each for each in "abcde" if recent.get(each, "2" if each == "b" else "1") is not None]
    assert known == ["a", "c", "d", "e"]


def test_a_root_with_more_findings_than_fit_makes_nobody_forget_the_others() -> None:
    """It would be forgotten itself as soon as it is remembered."""
    recent = RecentFindings(limit=1)
    recent.read("a", "1", {})

    recent.read("large", "1", {ONE.key: ONE})

    assert recent.get("large", "1") is None
    assert recent.get("a", "1") is not None
