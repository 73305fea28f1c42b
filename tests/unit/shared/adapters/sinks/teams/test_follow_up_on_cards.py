"""Cards tell what an alert itself knows: what was before, since when, who knows of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.sinks.teams.card import alert_card
from shared.adapters.sinks.teams.options import CardOptions
from shared.domain.finding import Acknowledgement, ResolvedReason, Snooze, finding_uid
from shared.domain.verdict import Evidence
from tests.card_alerts import CHANGED, DEPLOYMENT, HOSTILE, RECORDED, alert
from tests.unit.shared.adapters.sinks.teams.test_card import facts, words

OPTIONS = CardOptions()
WAS = (Evidence("deployments", "sku.name", ("Standard",), "Standard"),)


def test_a_change_is_shown_from_before_to_now() -> None:
    """Without anybody handing it over beside the alert."""
    shown = list(words(alert_card(replace(alert(), before=WAS), OPTIONS)))

    assert any(each.startswith("Before Standard → now GlobalStandard") for each in shown)


def test_what_is_resolved_is_shown_from_what_was_wrong_to_now() -> None:
    """What was wrong is what was before; what is the same now was not the matter."""
    resolved = alert("resolved", reason=ResolvedReason.FIXED)
    made = replace(
        resolved,
        before=resolved.evidence,
        evidence=(replace(resolved.evidence[0], observed="Standard"), resolved.evidence[1]),
        opened_at=RECORDED - timedelta(hours=25),
    )

    card = alert_card(made, OPTIONS)

    shown = list(words(card))
    assert any(each.startswith("Was GlobalStandard → now Standard") for each in shown)
    assert any(each.startswith("Was swedencentral · wanted") for each in shown)
    assert facts(card)["Open for"] == "1 d 1 h"


@pytest.mark.parametrize("kind", ["opened", "reopened", "blind_spot"])
def test_what_has_just_begun_does_not_say_how_long_it_is_open(kind: str) -> None:
    """It is open since now."""
    made = replace(alert(kind), opened_at=RECORDED)

    assert "Open for" not in facts(alert_card(made, OPTIONS))


def test_a_reminder_says_who_knows_and_to_whom_it_was_escalated() -> None:
    """As data: nothing of their words is a link or a mention."""
    made = replace(
        alert("reminder"),
        opened_at=RECORDED - timedelta(days=3),
        acknowledged=Acknowledgement("mara", CHANGED, "waiting for quota"),
        snoozed=Snooze("jo", CHANGED, HOSTILE, RECORDED),
        also_to=("teams:oncall",),
    )

    card = alert_card(made, OPTIONS)

    shown = " ".join(words(card))
    assert facts(card)["Open for"] == "3 d"
    assert "waiting for quota" in shown
    assert "jo, until 2026" in shown
    assert "oncall" in shown
    assert "<at>" not in shown
    assert "https://evil" not in shown


def test_a_card_names_the_finding_that_commands_ask_for() -> None:
    """Beside the alert; what is of no finding names none."""
    uid = finding_uid("deployment_type.sku_allowed", DEPLOYMENT)
    subscription = alert("policy_refused", control=None)

    assert any(each.endswith(f"· Finding {uid}") for each in words(alert_card(alert(), OPTIONS)))
    assert "Finding" not in " ".join(words(alert_card(subscription, OPTIONS)))
