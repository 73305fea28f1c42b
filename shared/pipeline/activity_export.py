"""Whether the Activity Log of each watched subscription is exported to where it is read.

Nothing told is not nothing done: without the export every subscription would look quiet.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from shared.ports import ActivityLog, NoActivityTableError

QUIET_AT_MOST: Final = timedelta(days=7)
"""A subscription with AI resources has a row of some kind (policy, health, security) in a week."""

HOW: Final = (
    "Export its Activity Log there: a diagnostic setting of the subscription, category"
    " Administrative."
)


async def missing_exports(
    activity: ActivityLog, subscriptions: Collection[str], now: datetime
) -> Mapping[str, str]:
    """Return the subscriptions (lower case) whose Activity Log does not arrive, and why not.

    Raises:
        PortError: the log could not be asked.
    """
    watched = sorted(each.lower() for each in subscriptions)
    if not watched:
        return {}
    try:
        newest = await activity.newest(watched, now - QUIET_AT_MOST)
    except NoActivityTableError as error:
        reason = f"The Activity Log was never exported: {error}. {HOW}"
        return dict.fromkeys(watched, reason)
    days = QUIET_AT_MOST.days
    reason = (
        f"The workspace has no row of this subscription's Activity Log in {days} days, but rows of"
        f" others: its export is missing or broken. {HOW}"
        if newest
        else f"The workspace has no row of any watched subscription's Activity Log in {days} days:"
        f" the export to it is missing or broken. {HOW}"
    )
    return {each: reason for each in watched if each not in newest}
