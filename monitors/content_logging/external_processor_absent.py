"""No third party may process prompts: models that their publisher runs or reads are not deployed.

A model router counts as one where it can pass prompts to such a model of the same account.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import StringConstraints

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.listing import listed
from shared.domain.model_router import MODELS, MODELS_SINCE, is_router, knows_openai_only
from shared.domain.resource import Property, Resource
from shared.domain.snapshot import Snapshot
from shared.domain.tables import normalised
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    passed,
    unknown,
)

SOURCE = Source.DEPLOYMENTS
FORMAT = "properties.model.format"
PUBLISHER = "properties.model.publisher"
NAME = "properties.model.name"
VERSION = "properties.model.version"
UNNAMED = "a model without a name"

Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class ProcessorParameters(Parameters):
    """Which models a third party processes the prompts of."""

    publishers: tuple[Name, ...] = ("Anthropic", "Fireworks", "Baseten")
    """Formats or publishers of models, in any case."""
    name_prefixes: tuple[Name, ...] = ("FW-",)
    """What the names of such models begin with, in any case."""

    @cached_property
    def by_key(self) -> Mapping[str, str]:
        """The publishers by the spelling that is compared."""
        return {normalised(each): each for each in self.publishers}

    @cached_property
    def lower_prefixes(self) -> tuple[str, ...]:
        """The prefixes in lower case."""
        return tuple(each.lower() for each in self.name_prefixes)

    @cached_property
    def words(self) -> str:
        """What is wanted of formats and publishers, for evidence."""
        return f"none of {', '.join(self.publishers)}" if self.publishers else "any"

    @cached_property
    def name_words(self) -> str:
        """What is wanted of names, for evidence."""
        prefixes = " nor ".join(self.name_prefixes)
        return f"does not begin with {prefixes}" if prefixes else "any"

    def publisher_in(self, *stated: str | None) -> str | None:
        """Return the first of these that is a third party, as it is listed, or None."""
        for each in stated:
            if each and (found := self.by_key.get(normalised(each))):
                return found
        return None

    def has_prefix(self, name: str | None) -> bool:
        """Whether a model of this name is a third party's."""
        return name is not None and name.lower().startswith(self.lower_prefixes)


def evaluate(resource: Resource, snapshot: Snapshot, parameters: ProcessorParameters) -> Judgement:
    """Judge one deployment."""
    form, publisher, name = _model(resource)
    seen = (
        form.evidence(SOURCE, parameters.words),
        publisher.evidence(SOURCE, parameters.words),
        name.evidence(SOURCE, parameters.name_words),
    )
    third_party = parameters.publisher_in(form.value, publisher.value)
    if third_party is not None:
        return failed(_processed_by(third_party, resource), *seen)
    if parameters.has_prefix(name.value):
        message = f"A third party processes the prompts: the model is {name.shown('')}."
        return failed(message, *seen)
    if not name.value or not (form.value or publisher.value):
        lacks = f"no model{name.wrong}" if not name.value else f"no model format{form.wrong}"
        return failed(
            f"The deployment states {lacks}, so that a third party may process the prompts.", *seen
        )
    if is_router(name.value):
        return _judge_router(resource, snapshot, parameters, seen)
    whose = form.shown("") if form.value else publisher.shown("")
    return passed(f"No third party processes the prompts: the model is of {whose}.", *seen)


def _model(deployment: Resource) -> tuple[Property[str], Property[str], Property[str]]:
    """Return the format, the publisher and the name of a deployment's model."""
    return deployment.text(FORMAT), deployment.text(PUBLISHER), deployment.text(NAME)


def _processed_by(third_party: str, deployment: Resource) -> str:
    """Say who processes the prompts, and where if that is known to follow from the version."""
    if normalised(third_party) != "anthropic":
        return f"{third_party}, a third party, processes the prompts of this model."
    version = deployment.text(VERSION)
    match version.value:
        case "1":
            return "Anthropic processes the prompts, on its own infrastructure (model version 1)."
        case "2":
            return (
                "Anthropic processes the prompts, although the model is hosted on Azure "
                "(model version 2)."
            )
        case _:
            return (
                f"Anthropic processes the prompts; model version {version.shown('absent')} is not "
                "known to be hosted on Azure and counts as on Anthropic's own infrastructure."
            )


def _judge_router(
    router: Resource,
    snapshot: Snapshot,
    parameters: ProcessorParameters,
    seen: tuple[Evidence, ...],
) -> Judgement:
    """Judge a model router by the models of third parties that are deployed beside it."""
    version = router.text(VERSION)
    if knows_openai_only(router):
        message = f"The router passes prompts to models of OpenAI only (version {version.value})."
        return passed(message, *seen, version.evidence(SOURCE, "before 2025-11-18"))
    routes = router.list(MODELS)
    beside = sorted(
        {
            name
            for each in snapshot.reading(SOURCE).items
            if (name := _third_party_model(each, parameters)) and _leads_to(routes.value, name)
        }
    )
    evidence = (
        *seen,
        routes.evidence(SOURCE, "a list without models of third parties"),
        Evidence(SOURCE, f"[].{NAME}", "no deployed model of a third party", beside),
    )
    if not beside:
        _refuse_unread_siblings(snapshot)
        message = "The router reaches no deployed model whose prompts a third party processes."
        return passed(message, *evidence)
    if not routes.value and router.read_before(MODELS_SINCE):
        return unknown(
            Cause.UNDETERMINED,
            f"Read with API version {router.api_version}, which does not show what the router "
            f"routes to; {MODELS_SINCE} and later do.",
            *evidence,
        )
    why = "lists them" if routes.value else "names no models, which means all" + routes.wrong
    return failed(
        "The router can pass prompts to models of third parties that are deployed beside it, "
        f"{listed(beside)}: routing.models {why}.",
        *evidence,
    )


def _third_party_model(deployment: Resource, parameters: ProcessorParameters) -> str | None:
    """Return the name of a deployment's model if a third party processes its prompts, or None."""
    form, publisher, name = _model(deployment)
    is_theirs = parameters.publisher_in(form.value, publisher.value) is not None
    if is_theirs or parameters.has_prefix(name.value):
        return name.value or UNNAMED
    return None


def _leads_to(routes: object, name: str) -> bool:
    """Whether a router that lists these models may choose the one of this name.

    None listed means all; an entry that names no model may be any.
    """
    if not isinstance(routes, list) or not routes:
        return True
    named = [entry.get("name") if isinstance(entry, dict) else None for entry in routes]
    return name == UNNAMED or any(
        not isinstance(each, str) or each.lower() == name.lower() for each in named
    )


def _refuse_unread_siblings(snapshot: Snapshot) -> None:
    """Raise unless the account's deployments are all known.

    Raises:
        UndecidableError: the list could not be read whole, or the input has the router alone.
    """
    snapshot.all(SOURCE)
    if snapshot.reading(Source.ACCOUNT).is_absent_from_input:
        message = "the router's account is not in the input, so other deployments may be missing"
        raise UndecidableError(Cause.UNDETERMINED, message)
    if not snapshot.reading(SOURCE).complete:
        message = "not every deployment of the account is known"
        raise UndecidableError(Cause.UNDETERMINED, message)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="No third party processes the prompts of a deployment.",
        why=(
            "For most models Microsoft alone processes prompts and completions, under its terms. "
            "Some publishers process those of their models themselves: Anthropic is the processor "
            "for Claude even where it is hosted on Azure, and Fireworks runs models on hardware of "
            "its own. Then another company holds the data under terms of its own, and Microsoft's "
            "promises about storage and abuse review do not cover it. Nothing but the model's "
            "name and format tells."
        ),
        fails_when=(
            "model.format or model.publisher is one of publishers, model.name begins with one of "
            "name_prefixes, or no model is stated. A model-router of version 2025-11-18 or later: "
            "routing.models (absent or empty: all models) has such a model that is deployed in "
            "the account."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Move the callers to a model that Azure processes itself, then delete this "
                "deployment: az cognitiveservices account deployment delete "
                "--subscription {subscription} --resource-group {resource_group} --name {root} "
                "--deployment-name {name}"
            ),
            (
                "A router: delete the deployments of those models, or in the portal choose the "
                "models that it may route to."
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/responsible-ai/claude-models/data-privacy",
            "https://learn.microsoft.com/azure/foundry/foundry-models/concepts/claude-models-hosting-comparison",
            "https://learn.microsoft.com/azure/foundry/openai/concepts/model-router",
        ),
        limits=(
            "A publisher that becomes a processor is not known until it is added to publishers.",
            (
                "A router needs only Claude models to be deployed beside it; another third "
                "party's model that it reached by itself would not be seen."
            ),
        ),
    ),
    applies_to=(AppliesTo(ResourceType.DEPLOYMENT),),
    evaluate=evaluate,
    parameters=ProcessorParameters(),
    needs=(Source.DEPLOYMENTS, Source.ACCOUNT),
)
