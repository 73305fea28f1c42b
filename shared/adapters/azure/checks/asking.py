"""Questions to ARM about its own affairs, and what a refusal of one means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.problems import ArmError
from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health

_REFUSED: Final = 403
NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class Question:
    """A list in ARM: `permission` is the action that allows to read it."""

    path: str
    api_version: str
    permission: str


async def listed(arm: ArmClient, question: Question) -> list[Mapping[str, object]]:
    """Return the items of every page.

    Raises:
        ArmError: they could not be read.
    """
    pages = arm.pages(question.path, question.api_version, permission=question.permission)
    return [item async for page in pages for item in page.items]


def untold(name: str, error: ArmError, subscription: str, why: str) -> Diagnosis:
    """Return what is found where ARM does not answer: a warning where it is only not allowed."""
    missing = error.problem.permission
    if error.status == _REFUSED and missing is not None:
        return Diagnosis(
            name,
            Health.WARN,
            f"Could not be checked: whoever is signed in lacks {missing}.",
            why,
            "Run it as somebody with the role Reader on the subscription.",
            'az role assignment create --role Reader --assignee "$(az ad signed-in-user show'
            f' --query id --output tsv)" --scope /subscriptions/{subscription}',
        )
    return Diagnosis(
        name,
        Health.FAULT,
        f"Could not be checked: {error.problem.detail}.",
        why,
        "See that the subscription is there, and that ARM can be reached.",
        f"az account show --subscription {subscription}",
    )


def part(body: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return an object within one; an empty one where there is none."""
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def parts(body: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """Return the objects in a list within an object."""
    found = body.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def text(body: Mapping[str, object], name: str) -> str:
    """Return a text within an object, or ''."""
    found = body.get(name)
    return found if isinstance(found, str) else ""


def texts(body: Mapping[str, object], name: str) -> list[str]:
    """Return the texts in a list within an object."""
    found = body.get(name)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
