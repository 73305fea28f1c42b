"""A filter of Event Grid that keeps back what the monitor must hear of is seen to do so."""

from pathlib import Path

import pytest

from shared.adapters.azure.checks.event_filters import EVENT_TYPES, PROVIDERS, shortfalls

ROOT = Path(__file__).resolve().parents[6]
ID = "11111111-1111-1111-1111-111111111111"


def contains(*values: str, operator: str = "StringContains", key: str = "subject") -> object:
    """Return an advanced filter."""
    return {"operatorType": operator, "key": key, "values": list(values)}


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"includedEventTypes": None},
        {"includedEventTypes": ["All"]},
        {"includedEventTypes": list(EVENT_TYPES), "advancedFilters": [contains(*PROVIDERS)]},
        {"subjectBeginsWith": f"/SUBSCRIPTIONS/{ID}/", "subjectEndsWith": ""},
        {"advancedFilters": [contains("/providers/microsoft.")]},
        {"advancedFilters": [contains("/subscriptions/", operator="StringBeginsWith")]},
    ],
)
def test_what_lets_all_through_falls_short_of_nothing(filters: dict[str, object]) -> None:
    """However it is written."""
    assert shortfalls(filters, ID) == []


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"includedEventTypes": list(EVENT_TYPES[:2])}, "ResourceActionSuccess"),
        ({"advancedFilters": [contains(PROVIDERS[0])]}, "Microsoft.MachineLearningServices"),
        ({"advancedFilters": [contains(*PROVIDERS), contains("x")]}, "CognitiveServices"),
        ({"advancedFilters": [contains("a", key="data.status")]}, "data.status"),
        ({"advancedFilters": [contains("a", operator="StringNotIn")]}, "StringNotIn"),
        ({"subjectBeginsWith": "/subscriptions/other"}, "must begin with"),
        ({"subjectEndsWith": "/deployments"}, "must end with"),
    ],
)
def test_what_keeps_something_back_is_named(filters: dict[str, object], said: str) -> None:
    """What cannot be judged counts as kept back."""
    assert any(said in each for each in shortfalls(filters, ID))


def test_what_is_wanted_is_what_is_deployed() -> None:
    """The Bicep of the event subscription and this check name the same."""
    deployed = (ROOT / "infra/modules/event_subscription.bicep").read_text("utf-8")

    assert all(f"'{each}'" in deployed for each in (*EVENT_TYPES, *PROVIDERS))
