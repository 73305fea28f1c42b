"""Evaluations and alerts drawn at random, with whatever can stand in names, messages and values."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from shared.domain.finding import Attribution, ResolvedReason, Transition, TransitionKind
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.verdict import Cause, Evidence, Judgement, Severity, Verdict
from shared.pipeline.evaluate import Observation
from tests.card_alerts import HOSTILE
from tests.unit.shared.adapters.terminal.samples import monitor

ANY_TEXT = st.text(st.characters(), max_size=30)
NAMES = ANY_TEXT | st.sampled_from(["..", ".", "a]( b", "%2e", HOSTILE.replace("/", "")])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
EVIDENCE = st.lists(st.builds(Evidence, ANY_TEXT, ANY_TEXT, VALUES, VALUES), max_size=3).map(tuple)
MESSAGES = ANY_TEXT | st.just(HOSTILE)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zone is beside


def parses(text: str) -> bool:
    """Whether a text is an ARM id."""
    try:
        ResourceId.parse(text)
    except MalformedResourceIdError:
        return False
    return True


IDS = st.builds(
    "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.CognitiveServices/accounts/{}".format,
    NAMES,
    NAMES,
    NAMES,
).filter(parses)


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """Draw what a control says of a resource."""
    verdict = draw(st.sampled_from(Verdict))
    cause = draw(st.sampled_from(Cause)) if verdict is Verdict.UNKNOWN else None
    made = monitor(severity=draw(st.sampled_from(Severity)))
    judgement = Judgement(verdict, draw(MESSAGES), draw(EVIDENCE), cause)
    return Observation(made.id, made.control, ResourceId.parse(draw(IDS)), judgement)


@st.composite
def alerts(draw: st.DrawFn) -> Transition:
    """Draw an alert of any kind; a few are of no control."""
    told = st.builds(
        Attribution, st.none() | ANY_TEXT, TIMES, st.none() | ANY_TEXT, exact=st.booleans()
    )
    return Transition(
        id=draw(ANY_TEXT),
        root=draw(ANY_TEXT),
        sequence=draw(st.integers(0, 10**6)),
        kind=draw(st.sampled_from(TransitionKind)),
        reason=draw(st.none() | st.sampled_from(ResolvedReason)),
        control=draw(st.none() | st.sampled_from(["family.answer_allowed", "gone.long_ago"])),
        resource_id=draw(IDS | ANY_TEXT),
        resource_type=draw(ANY_TEXT),
        severity=draw(st.sampled_from(Severity)),
        at=draw(TIMES),
        message=draw(MESSAGES),
        evidence=draw(EVIDENCE),
        remediation=draw(ANY_TEXT),
        tables=draw(st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=2)),
        alerts=True,
        attribution=draw(st.none() | told),
    )
