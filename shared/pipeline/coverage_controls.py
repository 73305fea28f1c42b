"""The controls that the pipeline itself judges: whether the monitor sees what it should.

They have no monitor, because they judge the monitor's own sight and not a resource's properties.
"""

from collections.abc import Mapping

from shared.domain.control import Control, FoundBy
from shared.domain.verdict import Severity

RESOURCE_READABLE = "coverage.resource_readable"
SUBSCRIPTION_SWEPT = "coverage.subscription_swept"
SUBSCRIPTION_WATCHED = "coverage.subscription_watched"

_LEARN = "https://learn.microsoft.com/azure/"

COVERAGE_CONTROLS: Mapping[str, Control] = {
    RESOURCE_READABLE: Control(
        requirement="Everything the monitor judges can be read.",
        why=(
            "What cannot be read cannot be judged: it is neither compliant nor not, and must not "
            "look like either."
        ),
        fails_when=(
            "A source of a root was refused in three looks in a row, or could not be read for one "
            "hour. Throttling and outages count by the hour alone."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Where the message names a permission, give the monitor's identity a role that has "
                "it: az role assignment create --assignee IDENTITY_OBJECT_ID --role "
                "Reader --scope {id}"
            ),
            "Where it names an outage or throttling, nothing: it clears itself once all is read.",
        ),
        references=(f"{_LEARN}role-based-access-control/troubleshooting",),
        found_by=FoundBy.SWEEP,
    ),
    SUBSCRIPTION_SWEPT: Control(
        requirement="Every sweep of a watched subscription sees all of it.",
        why=(
            "Events can be lost, and Microsoft changes some settings without an event. Only a "
            "complete sweep finds what they did not tell; a partial one must not look complete."
        ),
        fails_when=(
            "The last sweep could not list the subscription, has not come to its end by the time "
            "of the next, gave up roots, or knows of roots that it could neither list nor read."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Where a list was refused, let the monitor's identity read the subscription: az "
                "role assignment create --assignee IDENTITY_OBJECT_ID --role Reader "
                "--scope /subscriptions/{subscription}"
            ),
            (
                "Where roots are not looked at yet, ARM or the monitor is slow: the sweep goes on "
                "by itself. Look for throttling (status 429) in its log, and let it use more "
                "instances."
            ),
            "Where roots were given up, report the traceback that the log has of each.",
        ),
        references=(
            f"{_LEARN}role-based-access-control/troubleshooting",
            f"{_LEARN}azure-resource-manager/management/request-limits-and-throttling",
        ),
        found_by=FoundBy.SWEEP,
        limits=("A resource that neither Resource Graph nor an event ever told of is not missed.",),
    ),
    SUBSCRIPTION_WATCHED: Control(
        requirement="Every subscription with AI resources that the monitor can see is watched.",
        why=(
            "Models deployed in a subscription that nobody watches are judged by no control; a "
            "new subscription is easily forgotten in a list that people keep."
        ),
        fails_when=(
            "The watched subscriptions are set by hand, and the monitor's identity sees another "
            "one that holds an account, a workspace or a registry."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Add it to the ids in the setting: az functionapp config appsettings set --name "
                "FUNCTION_APP --resource-group ITS_RESOURCE_GROUP --settings "
                "COMPLIANCE_WATCHED_SUBSCRIPTIONS=IDS,{subscription}"
            ),
            (
                "Or, if it is none of the organisation's concern, take the identity's access away: "
                "az role assignment delete --assignee IDENTITY_OBJECT_ID --scope "
                "/subscriptions/{subscription}"
            ),
        ),
        references=(f"{_LEARN}azure-resource-manager/management/overview",),
        found_by=FoundBy.SWEEP,
        limits=("A subscription that the identity has no access to cannot be seen.",),
    ),
}
"""Control id → control."""

BLIND_SPOTS = frozenset({RESOURCE_READABLE, SUBSCRIPTION_SWEPT})
"""Controls that alert as a blind spot, and as its end."""

FAMILY = "coverage."


def is_kept_apart(control: str) -> bool:
    """Whether a control judges the monitor's sight of a whole subscription.

    Others than looks do, so a look at the subscription leaves its findings alone.
    """
    return control.startswith(FAMILY) and control != RESOURCE_READABLE
