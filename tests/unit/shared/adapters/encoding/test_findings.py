"""What earlier versions stored can be read."""

from dataclasses import replace
from datetime import UTC

import orjson
import pytest

from shared.adapters.encoding.findings import (
    decode_finding,
    decode_state,
    decode_transition,
    decode_transitions,
    encode_finding,
    encode_state,
    encode_transition,
)
from shared.domain.finding import NO_FOLLOW_UP, FindingState, TransitionKind
from shared.domain.root_state import RootState, Unreadable
from shared.domain.topology import Source
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


def test_what_a_state_says_of_sources_that_this_version_lacks_is_left_out() -> None:
    """As after a later version was taken back: its roots are looked at, and by what is known."""
    known = RootState(
        sequence=3,
        read_at={Source.ACCOUNT: moment(0)},
        unreadable={Source.DEPLOYMENTS: Unreadable(moment(0), 2, "403")},
        second_look_sources=(Source.PROJECTS,),
    )
    stored = orjson.loads(encode_state(known))
    stored["read_at"]["source_of_later"] = stored["read_at"]["account"]
    stored["unreadable"]["source_of_later"] = stored["unreadable"]["deployments"]
    stored["second_look_sources"].append("source_of_later")

    assert decode_state(orjson.dumps(stored), 7) == replace(known, version=7)


def test_the_times_of_readings_come_back_in_the_time_zone_of_the_clock() -> None:
    """Not in one that says the same: to compare times of two zones takes ten times as long."""
    known = RootState(read_at={Source.ACCOUNT: moment(0.5), Source.DEPLOYMENTS: moment(1)})

    back = decode_state(encode_state(known), 0)

    assert back == known
    assert all(at.tzinfo is UTC for at in back.read_at.values())


def test_what_is_no_state_is_refused() -> None:
    """Nothing of it is guessed."""
    with pytest.raises(ValueError, match="sequence"):
        decode_state(b'{"sequence": "many"}', 1)


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
