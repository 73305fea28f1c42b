"""`check` writes the formats of others while it judges: ten thousand results are never held."""

import io
from collections.abc import Callable, Iterator

import pytest

from shared.adapters.terminal.check_formats import write_ocsf, write_sarif
from shared.adapters.terminal.notes import InputNotes
from shared.domain.resource_id import ResourceId
from shared.domain.verdict import failed
from shared.pipeline.evaluate import Observation
from tests import arm
from tests.unit.shared.adapters.terminal.samples import CATALOGUE, monitor

MADE = monitor()
Writer = Callable[[io.StringIO, Iterator[Observation]], None]


def sarif(stream: io.StringIO, seen: Iterator[Observation]) -> None:
    """Write a log over a whole input."""
    write_sarif(stream, seen, CATALOGUE, InputNotes())


@pytest.mark.parametrize("write", [sarif, write_ocsf])
def test_each_result_is_written_before_the_next_is_judged(write: Writer) -> None:
    """So what is held does not grow with what is judged."""
    stream = io.StringIO()
    written = []

    def judged() -> Iterator[Observation]:
        for at in range(4):
            written.append(stream.getvalue().count("The answer is no."))
            resource = ResourceId.parse(f"{arm.ACCOUNT_ID}-{at}")
            yield Observation(MADE.id, MADE.control, resource, failed("The answer is no."))

    write(stream, judged())

    each = written[1]
    assert each >= 1
    assert written == [0, each, 2 * each, 3 * each]
