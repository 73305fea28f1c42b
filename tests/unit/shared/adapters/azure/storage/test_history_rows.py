"""A page of the history: what is written of it is what it holds."""

from shared.adapters.azure.storage.attributions import completed
from shared.adapters.azure.storage.history_rows import pages_of
from shared.adapters.azure.storage.row_bodies import body_of
from shared.adapters.encoding.findings import decode_transitions
from shared.domain.finding import Attribution
from tests.records import ROOT, moment, transition


def test_a_page_that_was_completed_is_written_as_it_is_then() -> None:
    """New transitions are encoded once, when they are laid out; not those that came in later."""
    opened = transition()
    (page,) = pages_of(ROOT, [opened], 1)
    known = {opened.id: Attribution("kim", moment(1), "c-1", exact=True)}

    after = page.holding(completed(page.transitions, known))

    assert after.transitions[0].attribution is not None
    assert decode_transitions(body_of(after.columns())) == after.transitions
