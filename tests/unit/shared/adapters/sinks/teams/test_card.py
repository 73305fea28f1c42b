"""An alert's card says what happened, stays small, and looks as its kind should."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from shared.adapters.formats.portal import PORTALS
from shared.adapters.sinks.teams.card import alert_card
from shared.adapters.sinks.teams.elements import MOST_BYTES, Element
from shared.adapters.sinks.teams.looks import LOOKS, look_of
from shared.adapters.sinks.teams.options import Applied, CardOptions
from shared.domain.finding import SILENT_KINDS, Attribution, ResolvedReason, TransitionKind
from shared.domain.verdict import Evidence, Severity
from tests.card_alerts import (
    ACCOUNT,
    CHANGED,
    DEPLOYMENT,
    HOSTILE,
    RECORDED,
    REQUIREMENTS,
    SUBSCRIPTION,
    alert,
    baseline,
    crowded,
    hostile,
    longest,
)

OPTIONS = CardOptions(requirements=REQUIREMENTS)
STAR = "\N{ASTERISK OPERATOR}"


def content(message: Element) -> Any:  # noqa: ANN401 - JSON, looked into by the tests
    """Return the card in a message."""
    return cast("Any", message)["attachments"][0]["content"]


def words(value: object) -> Iterator[str]:
    """Go through every text of a card."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key in {"text", "title", "value"} and isinstance(each, str):
                yield each
            else:
                yield from words(each)
    elif isinstance(value, list):
        for each in value:
            yield from words(each)


def facts(message: Element) -> dict[str, str]:
    """Return the table of facts of a card."""
    (table,) = (each for each in content(message)["body"] if each["type"] == "FactSet")
    return {fact["title"]: fact["value"] for fact in table["facts"]}


def links(message: Element) -> dict[str, str]:
    """Return the buttons of a card and where they lead."""
    return {each["title"]: each["url"] for each in content(message).get("actions", [])}


def test_the_message_is_what_a_workflows_webhook_takes() -> None:
    """A message with one attachment: an Adaptive Card 1.5, wide, with a text for older clients."""
    message = alert_card(alert(), OPTIONS)

    assert message["type"] == "message"
    (attachment,) = cast("list[Element]", message["attachments"])
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["contentUrl"] is None
    card = content(message)
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.5")
    assert card["msteams"] == {"width": "Full"}
    assert card["fallbackText"].startswith("🚨 Opened")


def test_it_says_what_happened_to_what_by_whom_and_when() -> None:
    """Resource, type in words, root, group, subscription, actor and both times are facts."""
    shown = facts(alert_card(alert(), OPTIONS))

    assert shown["Resource"] == "demo_chat"
    assert shown["Type"] == "model deployment"
    assert shown["Part of"] == "contoso-hackathon · AI account"
    assert shown["Group"] == "rg-hackathon"
    assert shown["Subscription"] == "22222222-2222-2222-2222-222222222222"
    assert shown["Changed by"] == "elif@contoso\N{ONE DOT LEADER}example"
    assert shown["Changed at"] == "2026-11-19 13:09:12 UTC"
    assert shown["Detected"] == "6 s after the change, 2026-11-19 13:09:18 UTC"


@pytest.mark.parametrize(
    ("delay", "said"),
    [
        (timedelta(seconds=-3), "at once"),
        (timedelta(milliseconds=400), "under 1 s after the change"),
        (timedelta(seconds=90), "1 min 30 s after the change"),
        (timedelta(minutes=65), "1 h 5 min after the change"),
        (timedelta(days=3, hours=2), "3 d after the change"),
    ],
)
def test_the_delay_is_in_words(delay: timedelta, said: str) -> None:
    """However long it took, and when Azure's clock is ahead of ours."""
    by = Attribution("mara", RECORDED - delay, None, exact=True)

    shown = facts(alert_card(replace(alert(), attribution=by), OPTIONS))

    assert shown["Detected"].startswith(said + ", ")


def test_what_is_not_known_is_not_made_up() -> None:
    """Without an event there is no actor; with an event that names none, the card says so."""
    assert "Changed by" not in facts(alert_card(replace(alert(), attribution=None), OPTIONS))
    nobody = Attribution(None, CHANGED, None, exact=False)
    shown = facts(alert_card(replace(alert(), attribution=nobody), OPTIONS))
    assert shown["Changed by"] == "not told by Azure"
    assert shown["Change of"] == "something that this resource depends on"


def test_it_says_what_was_what_is_and_what_is_wanted() -> None:
    """With the evidence of before: before, now and wanted; after a resolve: what was."""
    was = Evidence("deployments", "sku.name", ("Standard", "DataZone*"), "Standard")

    opened = list(words(alert_card(alert(), OPTIONS, Applied(before=(was,)))))
    resolved = list(words(alert_card(alert("resolved", reason=ResolvedReason.FIXED), OPTIONS)))

    wanted = f"wanted Standard, DataZone{STAR}"
    assert f"Before Standard → now GlobalStandard · {wanted}" in opened
    assert f"Was GlobalStandard · {wanted}" in resolved
    assert "✅ Resolved: fixed · high severity" in resolved


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "absent"),
        (True, "true"),
        ("", "empty text"),
        ([], "none"),
        ({}, "nothing"),
        ({"a": [1, None]}, "a: 1, absent"),
        (2.5, "2.5"),
    ],
)
def test_values_are_in_words(value: object, said: str) -> None:
    """What is absent or empty says so."""
    made = replace(alert(), evidence=(Evidence("account", "x", "y", value),))

    assert f"Found {said} · wanted y" in words(alert_card(made, OPTIONS))


def test_commands_can_be_copied() -> None:
    """The steps stand as text, their commands to the letter in a box of their own."""
    boxes = [each for each in content(alert_card(alert(), OPTIONS))["body"][1:] if "items" in each]

    (first,), (second,) = (box["items"] for box in boxes)
    assert first["fontType"] == "Monospace"
    assert first["text"].startswith("az cognitiveservices account deployment create --subscription")
    assert second["text"] == f"az resource delete --ids {DEPLOYMENT}"


def test_a_form_becomes_a_button_and_an_arm_address_a_path() -> None:
    """Addresses of our own steps are of use without being links in a text."""
    form = "https://customervoice.microsoft.com/Pages/ResponsePage.aspx?id=v4j5_QlQCN0PWcu"
    steps = f"Apply with the form {form}\nSee: az rest --url https://management.azure.com{ACCOUNT}"

    card = alert_card(alert(remediation=steps), OPTIONS)

    assert links(card)["Open the form"] == form
    assert f"az rest --url {ACCOUNT}" in words(card)
    assert "① Apply with the form" in words(card)


def test_what_applied_is_shown() -> None:
    """Route, exemption, how long it is open, and whatever else is noted."""
    applied = Applied(
        open_since=RECORDED - timedelta(hours=25),
        route="teams",
        exemption="EX-1 ended",
        notes={"Snoozed by": "mara: waiting for quota"},
    )

    shown = facts(alert_card(alert("reminder"), OPTIONS, applied))

    assert shown["Open for"] == "1 d 1 h"
    assert shown["Route"] == "teams"
    assert shown["Exemption"] == "EX-1 ended"
    assert shown["Snoozed by"] == "mara: waiting for quota"


@pytest.mark.parametrize("cloud", PORTALS)
def test_the_portal_of_the_cloud_opens_the_root(cloud: str) -> None:
    """A model deployment has no page in the portal: its account's is opened."""
    card = alert_card(alert(), replace(OPTIONS, portal=PORTALS[cloud]))

    assert links(card)["Open in portal"] == f"{PORTALS[cloud]}/#resource{ACCOUNT}"


def test_a_link_holds_nothing_but_an_encoded_id() -> None:
    """What is no id has no link, and a name cannot break out of one."""
    odd = f"{ACCOUNT.rpartition('/')[0]}/a b?x=1#)"

    assert links(alert_card(alert(resource_id=odd), OPTIONS))["Open in portal"].endswith(
        "/accounts/a%20b%3Fx%3D1%23%29"
    )
    assert links(alert_card(hostile(), OPTIONS)) == {}
    assert links(alert_card(alert(), replace(OPTIONS, portal=None))) == {}
    emoji = ACCOUNT.replace("contoso-hackathon", "😀" * 1_000)
    (link,) = links(alert_card(alert(resource_id=emoji), OPTIONS)).values()
    assert link.endswith("/subscriptions/22222222-2222-2222-2222-222222222222")


def test_every_kind_that_alerts_has_a_look() -> None:
    """A kind that the domain has is drawn on purpose; one that it will have is drawn calmly."""
    # A canary is told to Log Analytics alone.
    assert set(TransitionKind) - SILENT_KINDS - {TransitionKind.CANARY} <= set(LOOKS)
    assert look_of("quarantined_[x]").words == "Quarantined \u2772x\u2773"


def test_ends_reminders_and_baselines_look_different_from_opens() -> None:
    """By the style of the top, and by its words for those who see no colours."""
    tops = {name: content(alert_card(alert(name), OPTIONS))["body"][0] for name in LOOKS}

    assert tops["opened"]["style"] == tops["reopened"]["style"] == "attention"
    assert tops["resolved"]["style"] == tops["blind_spot_cleared"]["style"] == "good"
    assert tops["reminder"]["style"] == "warning"
    assert tops["blind_spot"]["style"] == "accent"
    assert tops["baseline"]["style"] == "emphasis"
    assert len({top["items"][0]["text"] for top in tops.values()}) == len(LOOKS)


def test_a_baseline_says_how_much_was_found() -> None:
    """It is drawn as one, whoever asks."""
    shown = list(words(alert_card(baseline(), OPTIONS)))

    assert "📋 Baseline" in shown
    assert any("58 findings open (2 critical, 31 high" in each for each in shown)


@pytest.mark.parametrize(
    "made",
    [
        longest(),
        hostile(),
        hostile("\N{FAMILY}" * 30_000, rows=500),
        hostile("名" * 30_000, rows=500),
        hostile('"\\\x00' * 30_000, rows=500),
        replace(baseline(), message="😀" * 30_000, resource_id="😀" * 30_000),
    ],
    ids=["longest", "hostile", "emoji", "Chinese", "escaped", "baseline"],
)
def test_no_content_makes_a_card_too_large(made: Any) -> None:  # noqa: ANN401 - a transition
    """Under 20 KB, also where every character beyond ASCII is escaped."""
    full = Applied(notes={f"{HOSTILE}{each}": HOSTILE for each in range(100)}, route=HOSTILE * 99)

    message = alert_card(made, OPTIONS, full)

    assert len(json.dumps(message, ensure_ascii=False).encode()) <= MOST_BYTES
    assert len(json.dumps(message)) <= MOST_BYTES


def test_a_card_crowded_with_the_widest_characters_is_small_enough() -> None:
    """Everything at once: names, evidence of before and now, notes, steps and long links."""
    made, wide = crowded(), "😀" * 9_000
    options = CardOptions(
        requirements={wide: wide},
        subscriptions={"😀" * 30: wide},
        details=lambda _: "https://monitor.contoso.example/" + "d" * 1_000,
    )
    full = Applied(
        before=tuple(replace(each, observed=f"{wide}1") for each in made.evidence),
        open_since=CHANGED,
        route=wide,
        exemption=wide,
        notes={f"{wide}{each}": wide for each in range(9)},
    )

    message = alert_card(made, options, full)

    assert len(json.dumps(message)) <= MOST_BYTES
    assert len(links(message)) == 2


def test_what_is_left_out_is_counted() -> None:
    """Rows, steps and characters that are not shown are said in numbers."""
    shown = list(words(alert_card(longest(), OPTIONS)))

    assert "… and 494 more rows" in shown
    assert "… and 44 more steps" in shown
    assert any(each.endswith(" more characters") for each in shown)


def test_an_unknown_control_is_named_by_its_id() -> None:
    """Without a requirement the id stands in words; with one, below it."""
    shown = list(
        words(alert_card(alert(control="family.some_rule", severity=Severity.LOW), OPTIONS))
    )

    assert "Family: some rule" in shown
    assert "family.some_rule" in shown


def test_an_alert_about_a_subscription_has_no_resource_of_its_own() -> None:
    """A refused policy or a blind subscription is shown by kind and subscription alone."""
    about = alert("policy_refused", control=None, resource_id=f"/subscriptions/{SUBSCRIPTION}")
    named = CardOptions(subscriptions={SUBSCRIPTION: "Contoso *Production*"})

    card = alert_card(about, named)

    assert "Resource" not in facts(card)
    assert facts(card)["Subscription"] == f"Contoso {STAR}Production{STAR} · {SUBSCRIPTION}"
    assert content(card)["body"][0]["items"][1]["text"] == "Policy refused"


def test_an_id_that_is_too_long_for_any_link_has_none() -> None:
    """Rather no button than one that a browser refuses."""
    endless = f"/subscriptions/{'😀' * 1_000}"

    assert links(alert_card(alert(resource_id=endless), OPTIONS)) == {}
