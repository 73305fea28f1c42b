"""Which change a transition follows from: who made it, and when, as far as it is known."""

from dataclasses import replace
from datetime import datetime

import pytest

from shared.domain.finding import Attribution
from shared.domain.root_state import Attributable
from shared.domain.topology import Source
from shared.domain.verdict import Evidence
from shared.pipeline.attribution import (
    CLOCK_SLACK,
    KEPT_AT_MOST,
    KEPT_FOR,
    attributable,
    attribute,
    still_waiting,
)
from shared.pipeline.messages import ChangeNote, LookMessage, Trigger
from tests.records import ACCOUNT, CONTROL, GROUP, moment, transition

CHILD, SIBLING = f"{ACCOUNT}/deployments/chat", f"{ACCOUNT}/deployments/other"
PART = f"{ACCOUNT}/networkSecurityPerimeterConfigurations/p"
RULE = f"{ACCOUNT}/managedNetworks/default/outboundRules/r"
TAGS = f"{ACCOUNT}/providers/Microsoft.Resources/tags/default"
HUB = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/hub"
SEEN = moment(100)
"""When the look that recorded the transition began reading."""


def waiting(
    subject: str = ACCOUNT, known: Attribution | None = None, name: str = "t"
) -> Attributable:
    """Return a transition that waits to be explained, or has been."""
    return Attributable(name, CONTROL, subject, SEEN, known)


def message(
    changed: str = ACCOUNT,
    occurred: float = 50,
    *,
    actor: str | None = "ann",
    accepted: float = 60,
) -> LookMessage:
    """Return the message of a change."""
    note = ChangeNote(changed, False, moment(occurred), actor, "c0ffee")  # noqa: FBT003
    return LookMessage(ACCOUNT, moment(accepted), Trigger.CHANGE, note)


def known(occurred: float, *, actor: str | None = "ann", exact: bool = True) -> Attribution:
    """Return what is known of a change."""
    return Attribution(actor, moment(occurred), "c0ffee", exact)


def explained(wait: Attributable, told: LookMessage) -> Attribution | None:
    """Return what a message adds to what is known of one transition."""
    after, found = attribute([wait], told)
    assert [each.attribution for each in after] == [found.get("t", wait.attribution)]
    return found.get("t")


def test_a_change_of_the_very_resource_explains_what_was_seen_of_it() -> None:
    """With its actor, its time and its correlation id, in any case of the id."""
    expected = Attribution("ann", moment(50), "c0ffee", exact=True)

    assert explained(waiting(), message(ACCOUNT.upper())) == expected


@pytest.mark.parametrize(
    ("changed", "subject", "exact"),
    [
        pytest.param(ACCOUNT, CHILD, False, id="what lies above it"),
        pytest.param(PART, ACCOUNT, True, id="a part of it that is not judged by itself"),
        pytest.param(RULE, ACCOUNT, True, id="a part of such a part"),
        pytest.param(TAGS, ACCOUNT, True, id="its tags"),
        pytest.param(PART, CHILD, False, id="a part of what lies above it"),
        pytest.param(HUB, ACCOUNT, False, id="another root, which is told only when it decides"),
        pytest.param(SIBLING, CHILD, None, id="a judged sibling"),
        pytest.param(CHILD, ACCOUNT, None, id="a judged child"),
        pytest.param(f"{CHILD}2", CHILD, None, id="a sibling whose name begins alike"),
    ],
)
def test_a_change_explains_what_it_can_have_led_to(
    changed: str,
    subject: str,
    exact: bool | None,  # noqa: FBT001 - a parameter
) -> None:
    """Exactly, as something that decides about it, or not at all: judged siblings do not."""
    found = explained(waiting(subject), message(changed))

    assert (None if found is None else found.exact) is exact


@pytest.mark.parametrize(
    ("occurred", "explains"),
    [(99, True), (100 + CLOCK_SLACK.total_seconds(), True), (161, False), (3600, False)],
)
def test_a_change_made_after_the_look_does_not_explain_it(occurred: float, explains: bool) -> None:  # noqa: FBT001 - a parameter
    """But for a minute, because Azure stamps a change when it completes."""
    assert (explained(waiting(), message(occurred=occurred)) is not None) is explains


@pytest.mark.parametrize(
    ("occurred", "explains"),
    [(60, True), (60 - CLOCK_SLACK.total_seconds(), True), (-1, False)],
)
def test_a_change_that_was_to_be_seen_before_does_not_explain_it(
    occurred: float,
    explains: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Whoever made it is not to blame for what came after."""
    wait = replace(waiting(), not_before=moment(60))

    assert (explained(wait, message(occurred=occurred)) is not None) is explains


def test_a_change_was_to_be_seen_where_all_that_decides_had_been_read() -> None:
    """By the oldest of its readings; of what was never read nothing can be said."""
    both = replace(
        transition(),
        evidence=tuple(Evidence(each, "p", 1, 2) for each in ("account", "deployments")),
    )
    shown: dict[str, datetime] = {Source.ACCOUNT: moment(30), Source.DEPLOYMENTS: moment(20)}

    (known_of_both,) = attributable([both], SEEN, shown)
    (known_of_one,) = attributable([both], SEEN, {Source.ACCOUNT: moment(30)})
    (without_evidence,) = attributable([replace(both, evidence=())], SEEN, shown)

    assert known_of_both.not_before == moment(20)
    assert (known_of_one.not_before, without_evidence.not_before) == (None, None)


@pytest.mark.parametrize(
    ("before", "told", "replaces"),
    [
        pytest.param(known(50), message(occurred=70), True, id="later beats earlier"),
        pytest.param(known(50), message(occurred=40), False, id="earlier does not"),
        pytest.param(known(50), message(occurred=50), False, id="the same again"),
        pytest.param(known(50, exact=False), message(occurred=40), True, id="exact beats indirect"),
        pytest.param(known(50), message(HUB, 70), False, id="indirect does not"),
        pytest.param(known(50, actor=None), message(occurred=40), True, id="somebody beats nobody"),
        pytest.param(known(50), message(occurred=70, actor=None), False, id="nobody does not"),
        pytest.param(known(50), message(occurred=110), False, id="made after the look"),
    ],
)
def test_the_change_that_explains_most_is_kept(
    before: Attribution,
    told: LookMessage,
    replaces: bool,  # noqa: FBT001 - a parameter
) -> None:
    """In whichever order they are told."""
    assert (explained(waiting(known=before), told) is not None) is replaces


def test_what_is_told_late_only_replaces_what_names_another_resource_or_nobody() -> None:
    """Azure tells rows of the Activity Log again; the event that asked for the look was first."""
    late = message(occurred=70, accepted=500)

    assert explained(waiting(known=known(50)), late) is None
    assert explained(waiting(known=known(50, exact=False)), late) == known(70)
    assert explained(waiting(known=known(50, actor=None)), late) == known(70)
    assert explained(waiting(), late) == known(70)


def test_every_transition_that_a_change_explains_is_attributed() -> None:
    """The others wait on."""
    several = [waiting(ACCOUNT, name="a"), waiting(SIBLING, name="b"), waiting(CHILD, name="c")]

    after, found = attribute(several, message(CHILD))

    assert set(found) == {"c"}
    assert [each.attribution is None for each in after] == [True, True, False]


def test_a_message_without_a_change_explains_nothing() -> None:
    """A sweep's, say."""
    several = [waiting(), waiting(known=known(50))]

    after, found = attribute(several, LookMessage(ACCOUNT, moment(60), Trigger.SWEEP))

    assert (list(after), found) == (several, {})


@pytest.mark.parametrize("before", [None, known(50)])
def test_an_operation_that_failed_explains_nothing(before: Attribution | None) -> None:
    """Whoever was refused has not done it, though they came last."""
    tried = message(occurred=70)
    assert tried.change is not None
    refused = replace(tried, change=replace(tried.change, failed=True))

    assert explained(waiting(known=before), refused) is None


# --- what waits ---


def test_new_transitions_wait_for_the_change_that_led_to_them() -> None:
    """It must have been made before the look began reading."""
    assert attributable([transition(3)], SEEN, {}) == (
        Attributable(transition(3).id, CONTROL, ACCOUNT, SEEN, None),
    )


@pytest.mark.parametrize("known_before", [None, known(50)])
def test_a_transition_waits_for_a_day(known_before: Attribution | None) -> None:
    """Rows of the Activity Log are hours late, and may name somebody where an event did not."""
    wait = waiting(known=known_before)

    def waits(at: datetime) -> bool:
        return still_waiting([wait], [], at) == [wait]

    assert waits(SEEN + KEPT_FOR * 0.99)
    assert not waits(SEEN + KEPT_FOR)


def test_a_transition_that_is_explained_is_done_with_when_its_finding_changes_again() -> None:
    """A change told later belongs to the later transition; an unexplained one still waits."""
    explained_, unexplained = waiting(known=known(50)), waiting()
    new = [replace(waiting(ACCOUNT.upper()), transition_id="new")]
    other = [replace(waiting(CHILD), transition_id="other")]

    assert still_waiting([explained_, unexplained], new, SEEN) == [unexplained, *new]
    assert still_waiting([explained_], other, SEEN) == [explained_, *other]


def test_no_more_than_a_hundred_wait() -> None:
    """The state of a root stays small; the newest are kept."""
    many = [waiting(name=str(n)) for n in range(KEPT_AT_MOST + 5)]

    assert still_waiting(many, [waiting(name="new")], SEEN) == [
        *many[6:],
        waiting(name="new"),
    ]
