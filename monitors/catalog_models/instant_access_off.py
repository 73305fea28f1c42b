"""A Foundry account must not let its callers use models without a deployment.

With instant access (preview) a caller names a model and it answers: no deployment, so no SKU, no
content filter and no approval of it that another control could judge.
"""

from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.listing import listed
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.tables import normalised
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import (
    Cause,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    not_applicable,
    passed,
    unknown,
)

PROJECTS_SINCE = "2025-06-01"
"""The first API version whose accounts carry `allowProjectManagement`."""
SHOWN_SINCE = "2026-01-15"
"""The date of the first preview API that shows `instant`; no stable API does."""


def _checked_region(text: str) -> str:
    """Return a region of a policy without blanks around it."""
    name = text.strip()
    if not normalised(name).isalnum():
        raise ValueError(f"{text!r} is no region; write it without wildcards: westus3, West US 3")
    return name


RegionName = Annotated[str, AfterValidator(_checked_region)]


class InstantParameters(Parameters):
    """Where Microsoft offers instant access."""

    regions: tuple[RegionName, ...] = ("westus3",)
    """Regions with instant access, in any of Azure's spellings; accounts elsewhere are not
    concerned. In the preview it is West US 3 alone."""

    @cached_property
    def names(self) -> frozenset[str]:
        """The regions as they are compared."""
        return frozenset(map(normalised, self.regions))


def evaluate(resource: Resource, snapshot: Snapshot, parameters: InstantParameters) -> Judgement:
    """Judge one account."""
    location = resource.text("location")
    if not location.value:
        message = f"the account states no location{location.wrong}, which instant access depends on"
        raise UndecidableError(Cause.UNDETERMINED, message)
    if normalised(location.value) not in parameters.names:
        return not_applicable(f"There is no instant access in {location.shown('absent')}.")
    projects = resource.flag("properties.allowProjectManagement")
    if not projects.value:
        return not_applicable(
            "Only accounts with projects have instant access: allowProjectManagement is "
            f"{projects.shown('absent')}."
        )
    shown = _showing_instant(resource, snapshot)
    if shown is None:
        stated = resource.api_version
        return unknown(
            Cause.UNDETERMINED,
            f"Read with {f'API version {stated}' if stated else 'an API version not stated'}, and "
            f"only previews from {SHOWN_SINCE}-preview on show instant access.",
        )
    view, source = shown
    allowed = view.list("properties.instant.modelAllowList")
    seen = allowed.evidence(source, [])
    if allowed.value is None:
        return failed(
            "Every instant model can be called without a deployment: instant.modelAllowList is "
            f"absent{allowed.wrong}.",
            seen,
        )
    if allowed.value:
        names = listed([each if isinstance(each, str) else "(no name)" for each in allowed.value])
        return failed(f"Models can be called without a deployment: {names}.", seen)
    return passed("No model can be called without a deployment: modelAllowList is empty.", seen)


def _showing_instant(resource: Resource, snapshot: Snapshot) -> tuple[Resource, Source] | None:
    """Return the answer for the account that shows `instant`, and its source; None: none does.

    Raises:
        UndecidableError: the account could not be read with a preview API.
    """
    if _shows_instant(resource.api_version):
        return resource, Source.ACCOUNT
    reading = snapshot.reading(Source.ACCOUNT_PREVIEW)
    for view in reading.items:
        if _shows_instant(view.api_version):
            return view, Source.ACCOUNT_PREVIEW
    if reading.problem is None or reading.is_absent_from_input:
        return None
    detail = f"the account could not be read with a preview API: {reading.problem.detail}"
    raise UndecidableError(reading.problem.cause, detail)


def _shows_instant(api_version: str | None) -> bool:
    """Whether answers of an API version carry `instant`: only those of later previews do."""
    return (
        api_version is not None
        and api_version[:10] >= SHOWN_SINCE
        and api_version.lower().endswith("-preview")
    )


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Models cannot be called without a deployment.",
        why=(
            "In some regions a Foundry account answers for any of Microsoft's instant models as "
            "soon as a caller names one, without a deployment. The prompts are processed anywhere "
            "in the world, under the default content filter, by whichever model is new: everything "
            "that an organisation rules on by its deployments is passed by. It is on until "
            "somebody sets an empty list of models."
        ),
        fails_when=(
            "The account allows projects, lies in a region of regions, and "
            "instant.modelAllowList is not an empty list (absent: every instant model). Where no "
            "answer of a preview API of 2026-01-15-preview or later is to be had: unknown."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Write a file instant.json that holds properties.instant.modelAllowList as an "
                "empty list, as the page on instant access shows it."
            ),
            (
                "az rest --method patch --url {id} "
                "--url-parameters api-version=2026-01-15-preview --body @instant.json"
            ),
        ),
        references=("https://learn.microsoft.com/azure/foundry/concepts/instant-models",),
        limits=(
            "Only a preview API shows the setting; an export that does not state it is unknown.",
            "An Azure Policy that blocks instant access for a subscription is not seen.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT, kinds=frozenset({"aiservices"})),),
    evaluate=evaluate,
    parameters=InstantParameters(),
    needs=(Source.ACCOUNT_PREVIEW,),
    since={ResourceType.ACCOUNT: PROJECTS_SINCE},
)
