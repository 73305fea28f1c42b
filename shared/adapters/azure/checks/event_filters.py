"""Whether the filter of an event subscription lets through what the monitor must hear of.

"Event filtering for Event Grid subscriptions", Microsoft Learn: all of the parts of a filter must
let an event pass; the values of one advanced filter are alternatives. Texts compare without regard
to case unless `isSubjectCaseSensitive` says otherwise.
"""

from collections.abc import Callable, Mapping
from typing import Final

from shared.adapters.azure.checks.asking import parts, text, texts
from shared.domain.topology import COGNITIVE_SERVICES, MACHINE_LEARNING

EVENT_TYPES: Final = (
    "Microsoft.Resources.ResourceWriteSuccess",
    "Microsoft.Resources.ResourceDeleteSuccess",
    "Microsoft.Resources.ResourceActionSuccess",
)
"""As in `infra/modules/event_subscription.bicep`."""
PROVIDERS: Final = tuple(f"/providers/{each}/" for each in (COGNITIVE_SERVICES, MACHINE_LEARNING))
"""What stands in the subject of every event about a resource of ours."""

_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "stringcontains": lambda subject, value: value in subject,
    "stringbeginswith": str.startswith,
    "stringendswith": str.endswith,
    "stringin": str.__eq__,
}


def shortfalls(filters: Mapping[str, object], subscription: str) -> list[str]:
    """Return what a filter keeps back, in words; none: it lets all through."""
    included = {each.lower() for each in texts(filters, "includedEventTypes")}
    found = [
        f"events of the type {each} are filtered away"
        for each in EVENT_TYPES
        if included and "all" not in included and each.lower() not in included
    ]
    for provider in PROVIDERS:
        subject = f"/subscriptions/{subscription}/resourcegroups/any{provider}any/any".lower()
        begins = text(filters, "subjectBeginsWith").lower()
        if begins and not subject.startswith(begins):
            found.append(f"the subject must begin with {begins}, which not all of ours do")
        if ends := text(filters, "subjectEndsWith"):
            found.append(f"the subject must end with {ends}, which not all of ours do")
        for each in parts(filters, "advancedFilters"):
            kept = _kept_back(each, subject, provider)
            if kept is not None:
                found.append(kept)
    return list(dict.fromkeys(found))


def _kept_back(advanced: Mapping[str, object], subject: str, provider: str) -> str | None:
    """Say what one advanced filter keeps back of a provider; None: nothing."""
    key, operator = text(advanced, "key"), text(advanced, "operatorType")
    passes = _OPERATORS.get(operator.lower())
    if key.lower() != "subject" or passes is None:
        return f"a filter on {key or 'nothing'} ({operator or 'no operator'}) keeps some back"
    if any(passes(subject, value.lower()) for value in texts(advanced, "values")):
        return None
    return f"events of {provider.strip('/').partition('/')[2]} are filtered away"
