"""The estate and the events of the benchmark: 1,000 accounts with 10 deployments each."""

import json
from collections.abc import Iterator
from pathlib import Path

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
ACCOUNTS, DEPLOYMENTS = 1_000, 10


def account(number: int) -> dict[str, object]:
    """Return an account as ARM shows it; every third one leaves something to be found."""
    name = f"acct-{number:04}"
    return {
        "id": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{number % 50}"
        f"/providers/Microsoft.CognitiveServices/accounts/{name}",
        "name": name,
        "type": "Microsoft.CognitiveServices/accounts",
        "kind": "OpenAI",
        "location": "swedencentral",
        "sku": {"name": "S0"},
        "tags": {"team": f"team-{number % 7}"},
        "properties": {
            "publicNetworkAccess": "Disabled" if number % 3 else "Enabled",
            "disableLocalAuth": True,
            "storedCompletionsDisabled": True,
            "provisioningState": "Succeeded",
            "capabilities": [{"name": "ContentLogging", "value": "false"}],
            "privateEndpointConnections": [
                {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
            ],
        },
    }


def deployment(parent: dict[str, object], number: int, capacity: int = 10) -> dict[str, object]:
    """Return a deployment of an account as ARM shows it."""
    return {
        "id": f"{parent['id']}/deployments/gpt-{number}",
        "name": f"gpt-{number}",
        "type": "Microsoft.CognitiveServices/accounts/deployments",
        "sku": {"name": "Standard" if number else "GlobalStandard", "capacity": capacity},
        "properties": {
            "model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"},
            "versionUpgradeOption": "OnceCurrentVersionExpired",
            "provisioningState": "Succeeded",
            "raiPolicyName": "Microsoft.DefaultV2",
        },
    }


def write_estate(folder: Path, capacity: int = 10) -> None:
    """Write an estate: a file an account, with its deployments."""
    for number in range(ACCOUNTS):
        owner = account(number)
        items = [owner, *(deployment(owner, each, capacity) for each in range(DEPLOYMENTS))]
        (folder / f"{owner['name']}.json").write_text(json.dumps(items), encoding="utf-8")


def events() -> Iterator[str]:
    """Yield 10,000 events as JSON lines.

    Round by round over the accounts, so that none is coalesced.
    """
    for turn in range(DEPLOYMENTS):
        for number in range(ACCOUNTS):
            target = f"{account(number)['id']}/deployments/gpt-{turn}"
            yield json.dumps(
                {
                    "id": f"{number}-{turn}",
                    "topic": f"/subscriptions/{SUBSCRIPTION}",
                    "subject": target,
                    "eventType": "Microsoft.Resources.ResourceWriteSuccess",
                    "eventTime": "2026-11-20T08:00:00.1234567Z",
                    "dataVersion": "2",
                    "metadataVersion": "1",
                    "data": {
                        "authorization": {
                            "scope": target,
                            "action": "x",
                            "evidence": {"role": "Owner"},
                        },
                        "claims": {"name": "Kim Example", "appid": "0" * 36},
                        "correlationId": f"{number}-{turn}",
                        "resourceProvider": "Microsoft.CognitiveServices",
                        "resourceUri": target,
                        "operationName": "Microsoft.CognitiveServices/accounts/deployments/write",
                        "status": "Succeeded",
                        "subscriptionId": SUBSCRIPTION,
                    },
                }
            )
