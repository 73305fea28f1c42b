"""The messages on the queues: read back as they were written, and refused with the field."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.canary import CANARY
from shared.domain.topology import Source
from shared.pipeline.messages import (
    ChangeNote,
    LookMessage,
    MalformedMessageError,
    Trigger,
    decode,
)
from tests.records import ACCOUNT, moment

PLAIN = LookMessage(ACCOUNT, moment(1.000001), Trigger.CHANGE)
FULL = LookMessage(
    ACCOUNT,
    moment(1),
    Trigger.SWEEP,
    ChangeNote(f"{ACCOUNT}/deployments/ü", True, moment(0), "Zoë 'the' \"admin\"", "c0ffee"),  # noqa: FBT003
    (Source.MANAGED_NETWORKS, Source.PERIMETER_CONFIGURATIONS),
    sweep="1 2026-11-20T08:00:00+00:00",
    baseline=True,
)


@pytest.mark.parametrize(
    "message",
    [
        PLAIN,
        FULL,
        replace(FULL, change=ChangeNote(ACCOUNT, False, moment(0), None, None)),  # noqa: FBT003
        *(replace(PLAIN, trigger=each) for each in Trigger if each is not Trigger.CANARY),
        LookMessage(CANARY.text, moment(1), Trigger.CANARY),
    ],
)
def test_a_message_is_read_back_as_it_was_written(message: LookMessage) -> None:
    """From text or from bytes."""
    assert decode(message.encode()) == message
    assert decode(message.encode().encode()) == message


@pytest.mark.parametrize(
    ("root", "trigger"), [(CANARY.text, Trigger.CHANGE), (ACCOUNT, Trigger.CANARY)]
)
def test_a_canary_is_of_the_reserved_root_and_nothing_else_is(root: str, trigger: Trigger) -> None:
    """A forged event cannot pass for one, nor one for a look at a real account."""
    with pytest.raises(MalformedMessageError, match="canary"):
        decode(LookMessage(root, moment(1), trigger).encode())


def test_a_message_is_short() -> None:
    """What it does not say is left out: a queue bills by size, and takes 64 KiB."""
    assert len(PLAIN.encode()) < 250
    assert "null" not in PLAIN.encode()


def test_times_of_other_zones_are_the_same_times() -> None:
    """Whoever wrote them."""
    elsewhere = replace(PLAIN, accepted_at=moment(1).astimezone(timezone(timedelta(hours=2))))

    assert decode(elsewhere.encode()).accepted_at == moment(1)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "message"),
        ("{", "message"),
        ("null", "message"),
        ("[]", "message"),
        ('"text"', "message"),
        ("{}", "root"),
        ('{"root": 5}', "root"),
        (f'{{"root": "{ACCOUNT}"}}', "accepted_at"),
        (PLAIN.encode().replace("2026", "the year"), "accepted_at"),
        (PLAIN.encode().replace('"change"', '"whim"'), "trigger"),
        (FULL.encode().replace("managed_networks", "moods"), "sources.0"),
        (FULL.encode().replace('"deletes":true', '"deletes":"perhaps"'), "change.deletes"),
        (FULL.encode().replace('"baseline":true', '"baseline":[]'), "baseline"),
        (FULL.encode().replace("deployments", "/"), "change.resource_id"),
    ],
)
def test_a_text_that_is_no_message_is_refused_with_its_first_fault(text: str, field: str) -> None:
    """The field is named."""
    with pytest.raises(MalformedMessageError, match=f"^{field}: .+"):
        decode(text)


@pytest.mark.parametrize("root", ["", "text", "/subscriptions/s/resourceGroups/g", "/a" * 2000])
def test_a_root_that_is_no_id_is_a_fault_of_the_message(root: str) -> None:
    """It would only crash the look."""
    with pytest.raises(MalformedMessageError, match=r"^root: "):
        decode(replace(PLAIN, root=root).encode())


def test_a_root_of_a_type_that_has_no_sources_is_a_fault_of_the_message() -> None:
    """A child, or a resource of another provider, cannot be looked at."""
    for root in (f"{ACCOUNT}/deployments/d", ACCOUNT.replace("accounts", "others")):
        with pytest.raises(MalformedMessageError, match=r"^root: "):
            decode(replace(PLAIN, root=root).encode())


@given(st.text() | st.binary())
def test_any_text_is_a_message_or_is_refused(text: str | bytes) -> None:
    """Nothing else is raised."""
    with pytest.raises(MalformedMessageError):
        decode(text)


def test_a_time_without_a_zone_is_refused() -> None:
    """It could not be compared with any other."""
    naive = datetime(2026, 11, 20, 8)  # noqa: DTZ001 - that is what it is about
    with pytest.raises(MalformedMessageError, match=r"^accepted_at: "):
        decode(replace(PLAIN, accepted_at=naive).encode())
