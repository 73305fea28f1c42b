"""How far managed networks are closed."""

import pytest

from shared.domain.isolation_mode import MODE, UNKNOWN_MODE, IsolationMode, mode_rank, mode_words
from tests.arm import workspace


def test_modes_are_ordered_by_what_they_let_out() -> None:
    """A stricter mode has a higher rank."""
    assert [mode.rank for mode in IsolationMode] == [0, 1, 2]
    assert max(IsolationMode, key=lambda mode: mode.rank) == "AllowOnlyApprovedOutbound"


def test_modes_are_read_in_any_case() -> None:
    """Policies spell them as they like; what is no mode is refused."""
    assert IsolationMode("ALLOWINTERNETOUTBOUND") is IsolationMode.ALLOW_INTERNET_OUTBOUND
    with pytest.raises(ValueError, match="Airtight"):
        IsolationMode("Airtight")


@pytest.mark.parametrize(
    ("stated", "rank", "words"),
    [
        ("AllowOnlyApprovedOutbound", 2, "isolation mode AllowOnlyApprovedOutbound"),
        ("allowinternetoutbound", 1, "isolation mode allowinternetoutbound"),
        ("Disabled", 0, "isolation mode Disabled"),
        (None, 0, "no isolation mode, which means Disabled"),
        (
            [],
            0,
            (
                "no isolation mode, which means Disabled (isolationMode is a list, not text, and "
                "counts as absent)"
            ),
        ),
        ("Airtight", UNKNOWN_MODE, "isolation mode Airtight (not a known mode)"),
        ("", 0, "no isolation mode, which means Disabled"),
    ],
)
def test_a_stated_mode_has_a_rank_and_words(stated: object, rank: int, words: str) -> None:
    """Absent is Disabled, and a mode that is not known ranks below all others."""
    mode = workspace(managedNetwork={"isolationMode": stated}).text(MODE)

    assert (mode_rank(mode), mode_words(mode)) == (rank, words)
