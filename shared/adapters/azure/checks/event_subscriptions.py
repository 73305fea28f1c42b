"""Whether the events of a watched subscription are sent to the monitor: topic, state and filter.

Source of the answers: `Microsoft.EventGrid/systemTopics` and `…/eventSubscriptions` of
Azure/bicep-types-az.
"""

import asyncio
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.problems import ArmError
from shared.adapters.azure.checks.asking import Question, listed, part, text, untold
from shared.adapters.azure.checks.event_filters import EVENT_TYPES, PROVIDERS, shortfalls
from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health

NAME: Final = "event_subscription"
WHY: Final = "Without events a change is found within the hour, not within seconds."
FUNCTION: Final = "/functions/resource_changed"
DEPLOY: Final = "azd env set COMPLIANCE_PHASE complete && azd provision"
TOPICS: Final = "Microsoft.EventGrid/systemTopics"
_VERSION: Final = "2025-02-15"
_OF_SUBSCRIPTIONS: Final = "microsoft.resources.subscriptions"


@dataclass(frozen=True, slots=True)
class EventSubscriptions:
    """Looks for those whose destination is the function."""

    arm: ArmClient

    async def ask(self, subscription: str) -> Sequence[Diagnosis]:
        """Tell how the events of a subscription come to the monitor."""
        name, scope = f"{NAME}.{subscription}", f"/subscriptions/{subscription}"
        try:
            topics = await listed(
                self.arm, Question(f"{scope}/providers/{TOPICS}", _VERSION, f"{TOPICS}/read")
            )
            own = [each for each in topics if _is_of(each, scope)]
            found = await asyncio.gather(*(self._below(text(each, "id")) for each in own))
        except ArmError as error:
            return [untold(name, error, subscription, WHY)]
        ours = [each for some in found for each in some if _is_ours(each)]
        if not ours:
            said = (
                "No event subscription of its system topic sends to `resource_changed`."
                if own
                else "It has no system topic of the type Microsoft.Resources.Subscriptions."
            )
            remedy = "Deploy again, now that the code is there: both are made."
            return [Diagnosis(name, Health.FAULT, said, WHY, remedy, DEPLOY)]
        told = [each for some in ours for each in _judged(name, some, subscription)]
        said = f"{len(ours)} send{'s' if len(ours) == 1 else ''} to `resource_changed`."
        return told or [Diagnosis(name, Health.OK, said)]

    async def _below(self, topic: str) -> list[Mapping[str, object]]:
        """Return the event subscriptions of a topic."""
        kind = "eventSubscriptions"
        return await listed(
            self.arm, Question(f"{topic}/{kind}", _VERSION, f"{TOPICS}/{kind}/read")
        )


def _is_of(topic: Mapping[str, object], scope: str) -> bool:
    """Whether a topic is that of what Azure tells of its resources in the subscription."""
    properties = part(topic, "properties")
    is_kind = text(properties, "topicType").lower() == _OF_SUBSCRIPTIONS
    return is_kind and text(properties, "source").lower() == scope.lower()


def _is_ours(events: Mapping[str, object]) -> bool:
    destination = part(part(events, "properties"), "destination")
    goes_to = text(part(destination, "properties"), "resourceId")
    return goes_to.lower().endswith(FUNCTION)


def _judged(name: str, events: Mapping[str, object], subscription: str) -> list[Diagnosis]:
    """Tell what is wrong with an event subscription that sends to the monitor."""
    properties, called = part(events, "properties"), text(events, "name")
    state = text(properties, "provisioningState")
    told = []
    if state.lower() != "succeeded":
        said = f"The event subscription {called} is in the state {state or '(none)'}."
        remedy = "Deploy again: it is made anew."
        told.append(Diagnosis(name, Health.FAULT, said, WHY, remedy, DEPLOY))
    if kept_back := shortfalls(part(properties, "filter"), subscription):
        said = f"The event subscription {called} does not send all: {'; '.join(kept_back)}."
        remedy = "Set the filter as it was deployed."
        command = _filter_command(text(events, "id"), subscription)
        told.append(Diagnosis(name, Health.FAULT, said, WHY, remedy, command))
    if not part(properties, "deadLetterDestination") and not part(
        properties, "deadLetterWithResourceIdentity"
    ):
        said = f"The event subscription {called} leaves what it cannot deliver nowhere."
        why = "What is refused for a day is lost; sweeps alone find those changes."
        remedy = "Deploy again: the place is set."
        told.append(Diagnosis(name, Health.WARN, said, why, remedy, DEPLOY))
    return told


def _filter_command(resource_id: str, subscription: str) -> str:
    """Return the command that sets the filter of an event subscription by its id."""
    pieces = resource_id.split("/")
    # /subscriptions/…/resourceGroups/<4>/providers/…/systemTopics/<8>/eventSubscriptions/<10>
    group, topic, called = (
        shlex.quote(pieces[at]) if len(pieces) > at else "''" for at in (4, 8, 10)
    )
    return (
        f"az eventgrid system-topic event-subscription update --name {called}"
        f" --system-topic-name {topic} --resource-group {group} --subscription {subscription}"
        f" --included-event-types {' '.join(EVENT_TYPES)}"
        f" --advanced-filter subject StringContains {' '.join(PROVIDERS)}"
    )
