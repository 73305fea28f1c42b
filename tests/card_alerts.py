"""Alerts of every kind, plain ones and the worst that can come, for tests of what shows them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

from shared.domain.finding import Attribution, ResolvedReason, Transition, TransitionKind
from shared.domain.resource_id import ResourceId
from shared.domain.topology import ResourceType
from shared.domain.verdict import Evidence, Severity

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-hackathon/providers"
ACCOUNT = f"{GROUP}/Microsoft.CognitiveServices/accounts/contoso-hackathon"
DEPLOYMENT = f"{ACCOUNT}/deployments/demo_chat"
CHANGED = datetime(2026, 11, 19, 13, 9, 12, 500_000, tzinfo=UTC)
RECORDED = CHANGED + timedelta(seconds=6)
STEPS = (
    "Deploy the model anew with an allowed SKU and move the callers: az cognitiveservices account "
    f"deployment create --subscription {SUBSCRIPTION} --resource-group rg-hackathon "
    "--name contoso-hackathon --deployment-name NEW_NAME --model-format OpenAI "
    "--sku-name DataZoneStandard --sku-capacity CAPACITY\n"
    f"Then delete this one: az resource delete --ids {DEPLOYMENT}\n"
    "Where it is wanted after all, say so in an exemption, with who decided it."
)
REQUIREMENTS = {
    "deployment_type.sku_allowed": "Deployments use only the allowed SKUs (deployment types).",
    "deployment_type.processing_location_allowed": (
        "Prompts are processed only in the areas that the policy allows."
    ),
    "network_isolation.public_access_restricted": (
        "The account cannot be called from anywhere on the internet."
    ),
}
HOSTILE = (
    "[click](https://evil.example/x) <at>Everyone</at> **bold** _it_ ~~gone~~ `code` # h | a \\"
    " ![i](https://evil.example/i.png) www.evil.example mailto:a@evil.example a@evil.example"
    " evil.com //evil.com <https://evil.example> &lt;b&gt; ${title} {{DATE(2026-01-01,SHORT)}}"
    " \u202eesrever\u202c zero\u200bwidth bell\x07 \x1b[31mred\n- item\n1. one\n\n> quote\n***"
)
"""Everything that a reader of cards could act on, in one text."""


def kind(name: str) -> TransitionKind:
    """Return a kind by its name, also one that the domain does not know yet."""
    return cast("TransitionKind", name)


def alert(  # noqa: PLR0913 - what alerts differ in
    named: str = "opened",
    *,
    sequence: int = 1,
    severity: Severity = Severity.HIGH,
    reason: ResolvedReason | None = None,
    control: str | None = "deployment_type.sku_allowed",
    resource_id: str = DEPLOYMENT,
    message: str = "SKU GlobalStandard is not allowed; allowed: Standard, DataZone*.",
    remediation: str = STEPS,
) -> Transition:
    """Return an alert of a change that was seen six seconds later."""
    resource = ResourceId.parse(resource_id)
    return Transition(
        id=f"{sequence:032x}",
        root=resource.root.key,
        sequence=sequence,
        kind=kind(named),
        reason=reason,
        control=control,
        resource_id=resource_id,
        resource_type=resource.type,
        severity=severity,
        at=RECORDED,
        message=message,
        evidence=(
            Evidence("deployments", "sku.name", ("Standard", "DataZone*"), "GlobalStandard"),
            Evidence("account", "location", "swedencentral", "swedencentral"),
        ),
        remediation=remediation,
        tables={"sku_scopes": "2026-10-01"},
        alerts=True,
        attribution=Attribution("elif@contoso.example", CHANGED, "c-1", exact=True),
    )


def baseline() -> Transition:
    """Return the alert of a first sweep."""
    found = replace(
        alert(
            "baseline",
            control=None,
            resource_id=f"/subscriptions/{SUBSCRIPTION}",
            severity=Severity.CRITICAL,
            message=(
                "First sweep of the subscription: 58 findings open "
                "(2 critical, 31 high, 20 medium, 5 low)."
            ),
            remediation="",
        ),
        attribution=None,
        evidence=(),
    )
    return replace(found, resource_type=ResourceType.SUBSCRIPTION)


def hostile(text: str = HOSTILE, *, rows: int = 3) -> Transition:
    """Return an alert in which everything that others write is this text."""
    made = alert(message=text, remediation="\n".join([text, f"Then: az resource show -n {text}"]))
    folded = " ".join(text.split()) or "x"
    return replace(
        made,
        control=text,
        resource_id=text,
        resource_type=text,
        root=folded.lower(),
        evidence=tuple(
            Evidence(text, f"{text}{number}", {text: [text, None]}, (text, 1.5))
            for number in range(rows)
        ),
        attribution=Attribution(text, CHANGED, text, exact=False),
    )


def longest() -> Transition:
    """Return an alert that has too much of everything."""
    name = "a" * 260
    return replace(
        hostile("\N{FAMILY}\N{ARABIC LETTER AIN}\u202e" + "w" * 5_000 + " ה" * 5_000, rows=500),
        control="network_isolation." + "x" * 300,
        resource_id=f"{GROUP}/Microsoft.CognitiveServices/accounts/{name}/deployments/{name}",
        root=f"{GROUP}/Microsoft.CognitiveServices/accounts/{name}".lower(),
        remediation="\n".join(
            f"Step {each}: az resource show --ids {'/x' * 2_000}" for each in range(50)
        ),
    )


def crowded() -> Transition:
    """Return an alert that has the widest characters in every place, and a long portal link."""
    wide = "😀" * 9_000
    resource_id = (
        f"/subscriptions/{wide[:30]}/resourceGroups/{'g' * 300}/providers"
        f"/Microsoft.CognitiveServices/accounts/{'n' * 1_200}/deployments/{wide[:300]}"
    )
    return replace(
        hostile(wide, rows=500),
        resource_id=resource_id,
        root=ResourceId.parse(resource_id).root.key,
        remediation="\n".join([f"{wide} az x {wide}"] * 90),
    )


def storm(count: int) -> list[Transition]:
    """Return so many alerts on many roots, of many kinds and severities."""
    kinds = ("opened", "opened", "opened", "worsened", "resolved")
    controls = list(REQUIREMENTS)
    severities = list(Severity)[1:]
    return [
        replace(
            alert(
                kinds[each % len(kinds)],
                sequence=each,
                severity=severities[each % 7 % len(severities)],
                reason=ResolvedReason.FIXED if kinds[each % len(kinds)] == "resolved" else None,
                control=controls[each % len(controls)],
                resource_id=DEPLOYMENT.replace("contoso-", f"team{each % 41}-"),
            ),
            at=RECORDED + timedelta(milliseconds=each * 10),
        )
        for each in range(count)
    ]
