"""Public access to an account: how it is set, and the perimeter that can make up for it.

An enforced network security perimeter decides who can reach the account, whatever its own settings
say.
"""

from shared.domain.resource import Property
from shared.domain.snapshot import Snapshot
from shared.domain.topology import Source
from shared.domain.verdict import Evidence, Judgement, failed, passed, unknown

ACCESS = "properties.publicNetworkAccess"
DEFAULT_ACTION = "properties.networkAcls.defaultAction"
MODE = "properties.resourceAssociation.accessMode"


def described(found: Property[str], default: str, *known: str) -> str:
    """Return `<property> is <value>` for a message, and what a value that is not known counts as.

    `default` is what Azure does without the property; `known` are further values that are known.
    """
    name = found.path.removeprefix("properties.")
    shown = found.shown("absent")
    if found.value is None or found.value.lower() in (each.lower() for each in (default, *known)):
        return f"{name} is {shown}"
    return f"{name} is {shown} (not a known value, so it counts as {default})"


def judge_by_perimeter(
    snapshot: Snapshot, exposure: str, found: str, *evidence: Evidence
) -> Judgement:
    """Judge an account that nothing but an enforced perimeter can protect.

    `exposure` says what the account is without one (`is open to the internet`), `found` what that
    follows from, as `evidence` shows.
    """
    reading = snapshot.reading(Source.PERIMETER_CONFIGURATIONS)
    for configuration in reading.items:
        mode = configuration.text(MODE)
        if (mode.value or "").lower() == "enforced":
            message = "An enforced network security perimeter decides who can reach the account."
            return passed(message, mode.evidence(Source.PERIMETER_CONFIGURATIONS, "Enforced"))
    if reading.problem is not None and not reading.is_absent_from_input:
        message = (
            f"Without an enforced perimeter the account {exposure} ({found}), "
            f"and its perimeters could not be read: {reading.problem.detail}."
        )
        return unknown(reading.problem.cause, message, *evidence)
    assumed = " No perimeter is in the input, which counts as none."
    return failed(
        f"The account {exposure}: {found}.{assumed if reading.is_absent_from_input else ''}",
        *evidence,
    )
