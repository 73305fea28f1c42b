"""An alert in words fits 80 columns and tells what happened at a glance."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.terminal.alert_lines import write_alert
from shared.adapters.terminal.page import Page
from shared.domain.finding import (
    Acknowledgement,
    Attribution,
    ResolvedReason,
    Snooze,
    Transition,
    TransitionKind,
    finding_uid,
)
from shared.domain.verdict import Evidence, Severity
from tests import arm
from tests.unit.shared.adapters.terminal.samples import CHANGED, RECORDED, transition

UID = finding_uid("deployment_type.sku_allowed", f"{arm.ACCOUNT_ID}/deployments/chat")


def written(alert: Transition, *, colour: bool = False) -> str:
    """Write an alert at 80 columns."""
    stream = io.StringIO()
    write_alert(Page(stream, width=80, colour=colour), alert)
    return stream.getvalue()


def test_an_alert_says_what_where_when_who_and_why() -> None:
    """Five lines and a blank one; the last by what commands know the finding."""
    assert written(transition()).splitlines() == [
        "OPENED  high  deployment_type.sku_allowed",
        "    /00000000…/rg-ai/…/accounts/acct/deployments/chat",
        "    2026-11-20 07:59:30Z by mara, detected 31 s after the change",
        "    SKU GlobalStandard is not allowed.",
        f"    finding {UID[:12]}",
        "",
    ]


@pytest.mark.parametrize("kind", TransitionKind)
def test_every_kind_is_named_in_words(kind: TransitionKind) -> None:
    """Colour alone would tell nothing to a colour-blind reader or a log file."""
    assert written(transition(kind)).startswith(kind.replace("_", " ").upper())


def test_opening_and_resolving_have_different_colours() -> None:
    """Red and green, beside the words."""
    assert written(transition(), colour=True).startswith("\x1b[31mOPENED")
    resolved = transition(TransitionKind.RESOLVED, reason=ResolvedReason.FIXED)
    assert written(resolved, colour=True).startswith("\x1b[32mRESOLVED (fixed)")


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_can_be_shown(severity: Severity) -> None:
    """Also info, which never alerts but may stand in a history."""
    assert f"  {severity}  " in written(transition(severity=severity))


@pytest.mark.parametrize(
    ("attribution", "said"),
    [
        (None, "    recorded 2026-11-20 08:00:01Z\n"),
        (Attribution(None, CHANGED, None, exact=True), "    2026-11-20 07:59:30Z, detected"),
    ],
)
def test_what_is_not_known_is_not_told(attribution: Attribution | None, said: str) -> None:
    """No actor, or no change at all."""
    assert said in written(transition(attribution=attribution))


def test_what_was_before_stands_before_what_is_now() -> None:
    """Where it differs, three changes at most; what was absent says so."""
    paths = ("sku.name", "b", "c", "d", "e")
    told = replace(
        transition(),
        evidence=tuple(Evidence("x", each, 1, {"n": each}) for each in paths),
        before=(
            *(Evidence("x", each, 1, None) for each in paths[:4]),
            Evidence("x", "e", 1, {"n": "e"}),
        ),
    )

    lines = written(told).splitlines()[4:]

    assert lines[0] == '    sku.name: absent → {"n": "sku.name"}'
    assert lines[3] == "    and 1 more changes"


def test_reminders_say_how_long_it_is_open_and_who_knows() -> None:
    """And whom it was escalated to."""
    told = replace(
        transition(TransitionKind.REMINDER, attribution=None),
        opened_at=RECORDED - timedelta(hours=25),
        acknowledged=Acknowledgement("mara", CHANGED, "known"),
        snoozed=Snooze("jo", CHANGED, "window", RECORDED),
        also_to=("teams:oncall",),
    )

    text = written(told)

    assert "    open for 1 d 1 h\n" in text
    assert "    acknowledged by mara: known\n" in text
    assert "    snoozed by jo until 2026-11-20 08:00:01Z: window\n" in text
    assert "    escalated to teams:oncall\n" in text


def test_a_first_sweep_has_no_control() -> None:
    """Its digest is of the subscription."""
    digest = transition(TransitionKind.BASELINE, control=None, resource_id="/subscriptions/s")

    assert written(digest).startswith("BASELINE  high  first sweep\n    /subscriptions/s\n")


def test_the_longest_alert_fits_80_columns() -> None:
    """Long ids are cut, long actors and messages wrapped, whatever characters they have."""
    long = transition(
        TransitionKind.BLIND_SPOT_CLEARED,
        control="network_isolation.workspace_public_access_disabled",
        severity=Severity.CRITICAL,
        resource_id=f"{arm.ACCOUNT_ID}/deployments/{'名' * 64}",
        message="\u202e\x1b[2J " + "x" * 300,
        attribution=Attribution("a" * 200, CHANGED, None, exact=True),
    )

    text = written(long)

    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "\u202e" not in text
