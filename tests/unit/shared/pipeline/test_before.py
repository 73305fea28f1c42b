"""An alert says what was there before, also of what passed and so left no finding."""

from datetime import timedelta

import pytest

from shared.domain.finding import Transition, TransitionKind
from shared.domain.verdict import Evidence, Severity
from shared.pipeline.remind import Reminders
from tests.records import ACCOUNT
from tests.unit.shared.pipeline.stub_monitors import catalogue, monitor
from tests.worlds import World, resource, world, write_event

K = TransitionKind


def seen(value: object) -> tuple[Evidence, ...]:
    """Return what the control sees of the account."""
    return (Evidence("account", "properties.state", "good", value),)


class Watched:
    """An account, changed again and again, each time with an event."""

    def __init__(self) -> None:
        self.told: World = world(catalogue=catalogue(monitor(severity=Severity.HIGH)))

    async def becomes(self, state: str) -> list[Transition]:
        """Change the account; return what was recorded."""
        before = len(await self.told.history())
        account = resource(ACCOUNT, properties={"state": state})
        self.told.inventory.put(account)
        await self.told.tell(write_event(account.id, self.told.clock.now().isoformat()))
        await self.told.drain()
        return (await self.told.history())[before:]


async def test_every_change_of_a_finding_says_what_was_before() -> None:
    """Opened after it passed, changed, resolved, and opened again."""
    at = Watched()
    await at.becomes("good")
    (opened,) = await at.becomes("bad")
    (changed,) = await at.becomes("awful")
    (resolved,) = await at.becomes("good")
    (again,) = await at.becomes("bad")

    kinds = [each.kind for each in (opened, changed, resolved, again)]
    assert kinds == [K.OPENED, K.EVIDENCE_CHANGED, K.RESOLVED, K.REOPENED]
    # A control that passes here shows no evidence: what was before is not made up.
    assert (opened.before, opened.evidence) == ((), seen("bad"))
    assert (changed.before, changed.evidence) == (seen("bad"), seen("awful"))
    assert (resolved.before, resolved.evidence) == (seen("awful"), seen("awful"))
    assert again.evidence == seen("bad")


@pytest.mark.parametrize("known", [False, True])
async def test_an_opening_says_what_the_control_saw_when_it_passed(known: bool) -> None:  # noqa: FBT001 - a parameter
    """By the last snapshot; of an account never seen before nothing is known."""
    told = world()
    good = resource(
        ACCOUNT, kind="OpenAI", location="swedencentral", properties={"disableLocalAuth": True}
    )
    bad = resource(
        ACCOUNT, kind="OpenAI", location="swedencentral", properties={"disableLocalAuth": False}
    )
    for each in [good, bad] if known else [bad]:
        told.inventory.put(each)
        await told.tell(write_event(each.id, told.clock.now().isoformat()))
        await told.drain()

    (opened,) = [
        each
        for each in await told.history()
        if each.control == "identity.local_auth_disabled" and each.kind is K.OPENED
    ]

    assert [each.observed for each in opened.evidence] == [False]
    assert [each.observed for each in opened.before] == ([True] if known else [])


async def test_a_reminder_says_who_made_the_change() -> None:
    """Also where that became known after the finding was opened; a new opening has its own."""
    at = Watched()
    told, store = at.told, at.told.ports.findings
    account = resource(ACCOUNT, properties={"state": "bad"})
    told.inventory.put(account)
    changed = told.clock.now().isoformat()
    await told.sweep()
    claims = {"claims": {"name": "mara@contoso.example"}}
    await told.tell(write_event(account.id, changed, **claims))
    await told.drain()
    told.clock.advance(timedelta(days=1))

    await Reminders(store, told.clock).run()
    await at.becomes("good")
    await at.becomes("bad")
    told.clock.advance(timedelta(days=1))
    await Reminders(store, told.clock).run()

    first, second = [each for each in await told.history() if each.kind is K.REMINDER]
    assert first.attribution is not None
    assert first.attribution.actor == "mara@contoso.example"
    assert first.detected_after is None
    assert second.attribution is not None
    assert second.attribution.actor is None
    assert second.attribution.occurred_at > first.at
