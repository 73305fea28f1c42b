"""The public samples of Azure's events, kept beside the checkout, are not misread."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.domain.change import ResourceChange
from shared.events.outcome import Ignored, IgnoredReason, Malformed
from shared.events.recording import read_events
from shared.events.translate import translate

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the public samples are not beside this checkout"
)

# The samples are about foreign resources; with ours in their place they must be changes.
OURS = {
    "Microsoft.Storage/storageAccounts": "Microsoft.CognitiveServices/accounts",
    "Microsoft.EventHub/namespaces": "Microsoft.CognitiveServices/accounts",
    "Microsoft.Network/networkSecurityGroups": "Microsoft.MachineLearningServices/workspaces",
    "microsoft.support/supporttickets": "microsoft.machinelearningservices/registries",
    "/AuthorizationRules/": "/deployments/",
    "/AuthorizationRules": "/deployments",
    "listKeys": "pause",
}


def messages(*folders: str) -> Iterator[dict[str, Any]]:
    """Every message of the samples in these folders."""
    for folder in folders:
        for file in sorted((SAMPLES / folder).glob("*.json")):
            with file.open("rb") as content:
                for item in read_events(content):
                    assert isinstance(item, dict), file
                    # An example of the REST specification wraps the answer.
                    body = item.get("responses", {}).get("200", {}).get("body", {"value": [item]})
                    yield from body["value"]


def reasons(*folders: str) -> set[IgnoredReason]:
    """Why the samples in these folders are ignored; fails for one that is not."""
    ignored = [translate(message) for message in messages(*folders)]
    assert all(isinstance(result, Ignored) for result in ignored), ignored
    return {result.reason for result in ignored if isinstance(result, Ignored)}


def test_samples_about_foreign_resources_are_ignored() -> None:
    """Nothing in the samples is about a resource of ours."""
    assert reasons("events/policy") == {IgnoredReason.POLICY}
    assert reasons("events/subscription", "events/arn", "activitylog") == {
        IgnoredReason.OTHER_PROVIDER
    }


def test_system_messages_are_told_apart() -> None:
    """A handshake and dead letters of other events are ignored, an answer is no event."""
    results = [translate(message) for message in messages("events/system")]

    assert results[:3] == [
        Ignored(IgnoredReason.OTHER_EVENT_TYPE),
        Ignored(IgnoredReason.OTHER_EVENT_TYPE),
        Ignored(IgnoredReason.SUBSCRIPTION_VALIDATION),
    ]
    assert isinstance(results[3], Malformed)


@pytest.mark.parametrize("folder", ["events/subscription", "events/arn", "activitylog"])
def test_the_same_samples_about_our_resources_are_changes(folder: str) -> None:
    """With our types in their place, every sample is a change with all that it tells."""
    for message in messages(folder):
        text = json.dumps(message)
        for theirs, ours in OURS.items():
            text = text.replace(theirs, ours)
        change = translate(json.loads(text))

        assert isinstance(change, ResourceChange), change
        assert change.occurred_at.year >= 2015
        assert change.operation_name.split("/")[0].lower() == change.resource_id.provider.lower()
        if folder != "events/arn":
            assert change.actor is not None
            assert change.actor.object_id
            assert change.actor.app_id
            assert change.correlation_id
