"""Telemetry on abusive users must stay in the account's subscription and geography.

An account can write what its content filters found, user by user, to a store that the customer
names (`raiMonitorConfig`).
"""

from shared.domain.bare_answer import refuse_bare
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.processing import Home, home_at
from shared.domain.resource import Property, Resource
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.snapshot import Snapshot
from shared.domain.tables import regions
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    passed,
)

CONFIG = "properties.raiMonitorConfig"
STORE = f"{CONFIG}.adxStorageResourceId"
NOWHERE = "global"
"""A location that says nothing of the place."""


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    config, named = resource.object(CONFIG), resource.text(STORE)
    if named.observed is None:
        refuse_bare(resource)
        absent = (
            "raiMonitorConfig names no store"
            if config.value is not None
            else f"raiMonitorConfig is absent{config.wrong}"
        )
        message = f"No telemetry on abusive users is written anywhere: {absent}."
        return passed(message, config.evidence(Source.ACCOUNT, "absent, or a store close by"))
    seen = named.evidence(Source.ACCOUNT, "a store in the account's subscription and geography")
    store = _store(named.value)
    if store is None:
        message = (
            "Where telemetry on abusive users goes is not known: adxStorageResourceId is no "
            "resource id."
        )
        return failed(message, seen)
    if store.subscription != resource.id.subscription:
        message = (
            "Telemetry on abusive users goes to a store in another subscription than the account's."
        )
        return failed(message, seen)
    return _judge_places(
        resource.text("location"), snapshot.referenced(store).text("location"), seen
    )


def _store(text: str | None) -> ResourceId | None:
    """Return the top-level resource that is written to, or None for what is no resource id."""
    try:
        store = ResourceId.parse(text).root
    except MalformedResourceIdError:
        return None
    return store if store.segments else None


def _judge_places(here: Property[str], there: Property[str], seen: Evidence) -> Judgement:
    """Compare the geographies of the account and of the store."""
    account, store = _home(here, "account"), _home(there, "store")
    evidence = (
        seen,
        here.evidence(Source.ACCOUNT, "a known region"),
        there.evidence(Source.REFERENCED, "in the geography of the account"),
    )
    if account.location == store.location != NOWHERE:
        message = f"Telemetry on abusive users stays in {store.location}, where the account is."
        return passed(message, *evidence)
    for called, home in (("account", account), ("store", store)):
        if home.geography is None:
            return failed(
                f"Whether telemetry on abusive users stays in the account's geography is not "
                f"known: the table of regions of {regions().as_of} does not have the location of "
                f"the {called}, {home.location}.",
                *evidence,
            )
    if account.geography == store.geography:
        return passed(
            f"Telemetry on abusive users stays in the account's geography: the store is in "
            f"{store.location}, the account in {account.location}.",
            *evidence,
        )
    return failed(
        f"Telemetry on abusive users leaves the account's geography: the store is in "
        f"{store.location}, the account in {account.location}.",
        *evidence,
    )


def _home(location: Property[str], called: str) -> Home:
    """Return what the tables know of a location, which Azure always states."""
    if location.value:
        return home_at(location.value)
    message = f"the {called} states no location{location.wrong}"
    raise UndecidableError(Cause.UNDETERMINED, message)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Telemetry on abusive users stays in the account's subscription and geography.",
        why=(
            "The detection of potentially abusive users writes which users sent how many harmful "
            "requests, and of what kind, to a store (an Azure Data Explorer database) that "
            "somebody with write access names. That is personal data of the worst sort to lose. In "
            "another subscription other people can read it, and in another geography other law "
            "holds for it."
        ),
        fails_when=(
            "raiMonitorConfig.adxStorageResourceId is in another subscription, in another Azure "
            "geography than the account, at a location that the table of regions does not know, "
            "or no resource id (absent: nothing is written)."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "Name a store of the account's subscription and geography: az resource update "
                "--ids {id} --api-version 2025-12-01 "
                "--set properties.raiMonitorConfig.adxStorageResourceId=STORE_ID"
            ),
            "Then delete what was written to the old one.",
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-services/openai/how-to/risks-safety-monitor",
        ),
        limits=("Who can read the store is not judged here.",),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.REFERENCED,),
    since={ResourceType.ACCOUNT: "2024-10-01"},
    tables=("regions",),
)
