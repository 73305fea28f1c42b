"""What a bench says of the machine it ran on."""

from tools.bench_machine import CpuTimes, described

_BEGAN = CpuTimes.read("cpu  1000 0 500 9000 10 0 0 20 7 0\ncpu0 500 0 250 4500 5 0 0 10 7 0\n")


def test_stolen_time_is_a_share_of_the_time_that_was_wanted() -> None:
    """Idle time was not wanted by anybody, so it dilutes nothing."""
    ended = CpuTimes.read("cpu  1060 0 515 99000 99 0 0 45 7 0\n")

    assert ended.stolen_share(_BEGAN) == 0.25


def test_no_time_at_all_has_no_share() -> None:
    """Two readings in the same tick are no reason to fail."""
    assert _BEGAN.stolen_share(_BEGAN) == 0.0


def test_a_disturbed_bench_says_that_it_is_to_be_repeated() -> None:
    """Figures of a crowded host are told from those of a quiet one."""
    ended = CpuTimes.read("cpu  1060 0 515 9000 10 0 0 45 7 0\n")

    assert described(113.4, _BEGAN, ended) == (
        "this machine: 113 ms of CPU for the reference loop; 25% of the CPU went to other machines "
        "of its host; measure again when it is quiet"
    )


def test_a_quiet_bench_says_no_more_than_what_it_ran_on() -> None:
    """The reference loop tells a slow machine from a quick one."""
    ended = CpuTimes.read("cpu  2000 0 515 9000 10 0 0 21 7 0\n")

    assert described(113.4, _BEGAN, ended) == (
        "this machine: 113 ms of CPU for the reference loop; 0% of the CPU went to other machines "
        "of its host"
    )


def test_a_machine_that_tells_nothing_is_described_by_its_loop() -> None:
    """Where there is no /proc nothing is made up."""
    assert described(113.4, None, None) == "this machine: 113 ms of CPU for the reference loop"
