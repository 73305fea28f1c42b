"""Rows of the Activity Log as the export writes them, for tests."""

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from shared.domain.resource_id import ResourceId
from tests.fakes import BEGINNING
from tests.records import SUBSCRIPTION

ACTOR: Final = "ann@example.com"
_NUMBERS = itertools.count(1)


def deployment(number: int = 1, account: str = "acme") -> ResourceId:
    """Return the id of a deployment."""
    return ResourceId.parse(
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.CognitiveServices"
        f"/accounts/{account}/deployments/d{number}"
    )


def row(
    resource_id: ResourceId | None = None,
    *,
    at: datetime = BEGINNING,
    status: str = "Success",
    correlation_id: str = "",
    **columns: object,
) -> dict[str, object]:
    """Return a row of a write; each has an id of its own."""
    about = resource_id or deployment()
    number = next(_NUMBERS)
    return {
        "TimeGenerated": at.isoformat(),
        "CategoryValue": "Administrative",
        "OperationNameValue": f"{about.type}/write".upper(),
        "ActivityStatusValue": status,
        "_ResourceId": about.text.lower(),
        "SubscriptionId": about.subscription,
        "Caller": ACTOR,
        "Claims": '{"appid": "44444444-4444-4444-4444-444444444444"}',
        "CorrelationId": correlation_id or f"c0000000-0000-4000-8000-{number:012}",
        "EventDataId": f"d0000000-0000-4000-8000-{number:012}",
        **columns,
    }


def rows(numbers: Iterable[int], *, accounts: int = 1) -> list[dict[str, object]]:
    """Return a row a number, spread over accounts and over time."""
    return [
        row(deployment(each, f"acme-{each % accounts}"), at=BEGINNING + timedelta(seconds=each))
        for each in numbers
    ]
