"""Outbound rules of managed networks, as workspaces and managed networks of accounts embed them."""

from typing import NamedTuple

from shared.domain.resource import Resource

RULES = "properties.managedNetwork.outboundRules"
"""An object: the rules by their names."""
OF_AZURE = frozenset({"dependency", "recommended", "required"})
"""Categories of the rules that users do not define themselves."""
WITHOUT_EFFECT = frozenset({"inactive", "deleting", "failed"})


class OutboundRule(NamedTuple):
    """A rule by its name; `body` is a view with the network's id, empty for what is no object."""

    name: str
    body: Resource

    @property
    def is_of_user_in_effect(self) -> bool:
        """Whether a user defined it, or may have, and it is in effect, or may be."""
        category, status = self.body.text("category").value, self.body.text("status").value
        return (category or "").lower() not in OF_AZURE and (
            (status or "").lower() not in WITHOUT_EFFECT
        )


def outbound_rules(network: Resource) -> tuple[OutboundRule, ...]:
    """Return the rules that a workspace, or a managed network of an account, shows."""
    found = network.object(RULES).value or {}
    return tuple(
        OutboundRule(
            name, Resource(network.id, rule if isinstance(rule, dict) else {}, network.api_version)
        )
        for name, rule in found.items()
        if rule is not None
    )
