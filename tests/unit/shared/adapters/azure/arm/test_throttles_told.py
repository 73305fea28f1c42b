"""Whoever watches hears of every read that ARM refused for now."""

from datetime import timedelta

from shared.adapters.azure.arm.quota import Quota
from tests.fakes import FakeClock


def test_every_refusal_is_told() -> None:
    """Also those that change nothing, because the bucket is closed already."""
    clock, told = FakeClock(), []
    quota = Quota(clock, told=lambda: told.append(1))
    quota.throttled("s", None)
    quota.throttled("s", None)
    quota.throttled("s", clock.now() + timedelta(seconds=5))
    quota.answered("s", 100)

    assert len(told) == 3
