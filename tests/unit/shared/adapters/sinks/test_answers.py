"""What a status says of alerts."""

from datetime import timedelta

import pytest

from shared.adapters.sinks.answers import TooLargeError, failure
from shared.ports import BusyError, RefusedError

WHERE = "https://hooks.example"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_passes_is_tried_again(status: int) -> None:
    """After as long as was asked for."""
    error = failure(WHERE, status, timedelta(seconds=7))

    assert isinstance(error, BusyError)
    assert error.retry_after == timedelta(seconds=7)
    assert str(error) == f"https://hooks.example answered {status}"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "check its address and rights"),
        (403, "check its address and rights"),
        (404, "check its address"),
        (410, "make a new one"),
        (405, "not set up as we need it"),
        (418, "not set up as we need it"),
        (307, "set its new address"),
        (200, "nobody can read"),
    ],
)
def test_what_a_person_can_mend_is_kept_and_says_what(status: int, words: str) -> None:
    """No alert is lost because somebody deleted a flow."""
    error = failure(WHERE, status, code="SomeCode")

    assert isinstance(error, BusyError)
    assert f"answered {status} (SomeCode)" in str(error)
    assert words in str(error)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_is_wrong_with_the_alert_is_refused(status: int) -> None:
    """Others may be taken, and less of them."""
    error = failure(WHERE, status)

    assert isinstance(error, RefusedError)
    assert isinstance(error, TooLargeError) is (status == 413)


def test_a_workflow_that_is_turned_off_keeps_the_alerts() -> None:
    """Teams answers 400 then; nothing is wrong with the alert."""
    error = failure(WHERE, 400, code="WorkflowTriggerIsNotEnabled")

    assert isinstance(error, BusyError)
    assert "turned off or gone" in str(error)
