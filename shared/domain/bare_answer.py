"""Answers that list a resource without its properties, as `az resource list` gives them."""

from shared.domain.resource import Resource
from shared.domain.verdict import Cause, UndecidableError


def refuse_bare(resource: Resource) -> None:
    """Refuse to conclude anything from what is absent in an answer that shows no properties.

    Controls that hold while a property is absent call this first; the others fail by themselves.

    Raises:
        UndecidableError: the resource's body has no properties.
    """
    properties = resource.object("properties")
    if properties.value is None:
        message = f"the resource is shown without its properties{properties.wrong}"
        raise UndecidableError(Cause.UNDETERMINED, message)
