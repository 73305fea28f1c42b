"""What earlier versions stored can be read."""

import pytest

from shared.adapters.encoding.findings import (
    decode_finding,
    decode_transition,
    decode_transitions,
    encode_finding,
    encode_transition,
)
from shared.domain.finding import NO_FOLLOW_UP, FindingState, TransitionKind
from tests.records import ACCOUNT, CONTROL, moment
from tests.records import finding as made_finding
from tests.records import transition as made_transition

ABOUT = (
    f'"control":"{CONTROL}","resource_id":"{ACCOUNT}",'
    '"resource_type":"Microsoft.CognitiveServices/accounts","severity":"high","message":"It is.",'
    '"evidence":[{"source":"account","path":"p","expected":1,"observed":null}],'
    '"remediation":"az …","tables":{}'
)
OLD_FINDING = (
    f'{{{ABOUT},"state":"open","opened_at":"2026-11-20T08:00:00Z","resolved_at":null}}'
).encode()
OLD_TRANSITION = (
    f'{{{ABOUT},"id":"t1","root":"{ACCOUNT.lower()}","sequence":3,"kind":"opened","reason":null,'
    '"at":"2026-11-20T08:00:00Z","alerts":true,"attribution":{"actor":"mara",'
    '"occurred_at":"2026-11-20T07:59:54Z","correlation_id":null,"exact":true}}'
).encode()


def test_a_finding_of_before_follow_ups_has_none() -> None:
    """It was told of when it was opened."""
    found = decode_finding(OLD_FINDING)

    assert (found.state, found.follow_up) == (FindingState.OPEN, NO_FOLLOW_UP)
    assert found.told_at == found.opened_at == moment(0)
    assert decode_finding(encode_finding(found)) == found


def test_a_transition_of_before_says_nothing_of_what_it_does_not_know() -> None:
    """Alone and on a page of several."""
    found = decode_transition(OLD_TRANSITION)

    assert (found.kind, found.before, found.also_to) == (TransitionKind.OPENED, (), ())
    assert (found.opened_at, found.author) == (None, None)
    assert (found.acknowledged, found.snoozed) == (None, None)
    assert decode_transitions(b"[" + OLD_TRANSITION + b"]") == (found,)
    assert decode_transition(encode_transition(found)) == found


@pytest.mark.parametrize("kind", TransitionKind)
def test_every_kind_is_read_as_it_was_written(kind: TransitionKind) -> None:
    """Those as well that nothing records yet."""
    told = made_transition(kind=kind)

    assert decode_transition(encode_transition(told)) == told


def test_a_finding_is_read_as_it_was_written() -> None:
    """Resolved ones as well."""
    for state in FindingState:
        assert decode_finding(encode_finding(made_finding(state=state))).state is state
