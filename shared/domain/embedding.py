"""Putting a child that came as a resource of its own where ARM shows it: inside its parent."""

from collections.abc import Mapping

from shared.domain.resource import Resource


def embed(owner: Resource, child: Resource) -> Resource:
    """Return the owner with the child in it, in place of what it shows of the same child."""
    if child.id.type.lower().endswith("/outboundrules"):
        return _with_rule(owner, child)
    return _with_connection(owner, child)


def _with_connection(owner: Resource, connection: Resource) -> Resource:
    """Add a private endpoint connection: `properties.privateEndpointConnections[]`."""
    others = [
        each
        for each in owner.list("properties.privateEndpointConnections").value or ()
        if not (isinstance(each, dict) and str(each.get("id", "")).lower() == connection.id.key)
    ]
    return _replaced(owner, {"privateEndpointConnections": [*others, connection.body]})


def _with_rule(owner: Resource, rule: Resource) -> Resource:
    """Add an outbound rule: `properties.managedNetwork.outboundRules{}`, by its name."""
    network = dict(owner.object("properties.managedNetwork").value or {})
    rules = dict(owner.object("properties.managedNetwork.outboundRules").value or {})
    rules[rule.id.name] = rule.object("properties").value or {}
    return _replaced(owner, {"managedNetwork": {**network, "outboundRules": rules}})


def _replaced(owner: Resource, properties: Mapping[str, object]) -> Resource:
    """Return the owner with some properties replaced."""
    all_of_them = {**(owner.object("properties").value or {}), **properties}
    return Resource(owner.id, {**owner.body, "properties": all_of_them}, owner.api_version)
