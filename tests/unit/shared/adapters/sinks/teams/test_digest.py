"""A digest of a storm says how much, how bad and where, and is small however many alerts."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from shared.adapters.sinks.teams.digest import WORST, digest_card
from shared.adapters.sinks.teams.elements import MOST_BYTES, Element
from shared.adapters.sinks.teams.options import CardOptions
from shared.domain.finding import ResolvedReason
from shared.domain.verdict import Severity
from tests.card_alerts import ACCOUNT, REQUIREMENTS, alert, crowded, storm

OPTIONS = CardOptions(requirements=REQUIREMENTS)
WINDOW = timedelta(seconds=60)
OTHER = ACCOUNT.replace("contoso", "other")
LIST = "https://monitor.contoso.example/alerts"


def body(message: Element) -> list[Any]:
    """Return the elements of a card."""
    return cast("list[Any]", cast("Any", message)["attachments"][0]["content"]["body"])


def lines(message: Element) -> list[str]:
    """Return the texts below the top of a card."""
    return [each["text"] for each in body(message)[1:] if each["type"] == "TextBlock"]


def test_it_counts_severities_of_bad_news_and_kinds() -> None:
    """Three findings opened, one of them high, and one was resolved."""
    alerts = [
        alert(sequence=1, severity=Severity.HIGH),
        alert(sequence=2, severity=Severity.LOW),
        alert(sequence=3, severity=Severity.LOW, resource_id=OTHER),
        alert("resolved", sequence=4, severity=Severity.CRITICAL, reason=ResolvedReason.FIXED),
    ]

    card = digest_card(alerts, WINDOW, OPTIONS, LIST)

    assert body(card)[0]["items"][1]["text"] == "4 alerts on 2 resources within 1 min"
    shown = {each["title"]: each["value"] for each in body(card)[1]["facts"]}
    assert shown == {
        "🔴\N{NO-BREAK SPACE}High": "1",
        "🟡\N{NO-BREAK SPACE}Low": "2",
        "Kinds": "3 opened · 1 resolved: fixed",
    }
    (button,) = cast("Any", card)["attachments"][0]["content"]["actions"]
    assert (button["title"], button["url"]) == ("Open the list", LIST)


def test_the_worst_stand_first_and_good_news_last() -> None:
    """By severity; a resolve of a critical finding is not among the bad."""
    alerts = [
        alert("resolved", severity=Severity.CRITICAL, reason=ResolvedReason.FIXED),
        alert(severity=Severity.LOW),
        alert(severity=Severity.CRITICAL, resource_id=OTHER),
        alert(severity=Severity.HIGH),
    ]

    marks = [
        line[0] for line in lines(digest_card(alerts, WINDOW, OPTIONS)) if line[0] in "🟣🔴🟡✅"
    ]

    assert marks[:4] == ["🟣", "🔴", "🟡", "✅"]


def test_alerts_are_grouped_by_root() -> None:
    """The worst root first, each with its number of alerts and in its own spelling."""
    alerts = [alert(), alert(), alert(severity=Severity.CRITICAL, resource_id=OTHER.upper())]

    shown = lines(digest_card(alerts, WINDOW, OPTIONS))

    assert shown[-2:] == ["🟣 OTHER-HACKATHON · 1 alert", "🔴 contoso-hackathon · 2 alerts"]


def test_five_thousand_alerts_are_ten_lines_and_numbers() -> None:
    """The ten worst, the number of the others, under 20 KB."""
    card = digest_card(storm(5_000), WINDOW, OPTIONS, LIST)

    shown = lines(card)
    assert shown[0] == f"The {WORST} worst"
    assert "… and 4,990 more alerts" in shown
    assert any(each.endswith("more resources") for each in shown)
    assert len(json.dumps(card)) <= MOST_BYTES


def test_no_content_makes_a_digest_too_large() -> None:
    """Also when all that others write is as long and as wide as can be."""
    wide = "😀" * 9_000
    options = CardOptions(requirements={wide: wide})
    made = crowded()
    alerts = [replace(made, root=f"{wide}{each}") for each in range(50)] * 100

    card = digest_card(alerts, WINDOW, options, LIST)

    assert len(json.dumps(card)) <= MOST_BYTES


def test_one_alert_is_a_digest_too() -> None:
    """A storm can end with a single one left."""
    card = digest_card([alert("resolved", reason=ResolvedReason.DELETED)], WINDOW, OPTIONS)

    assert body(card)[0]["items"][1]["text"] == "1 alert on 1 resource within 1 min"
    assert body(card)[0]["style"] == "good"
