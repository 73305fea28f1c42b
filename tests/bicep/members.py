"""Members of values whose shape is known: `row.subscriptionId`, `abbreviations.plan`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tree_sitter import Node

from tests.bicep.source import BicepFile, loop_names, named, properties_of, text_of
from tests.bicep.values import value_of

Shape = Mapping[str, Any] | None
"""The members that a value has, with their own; None: that is not known."""

OF_FUNCTIONS: Mapping[str, Shape] = {
    "environment": {
        "name": None,
        "portal": None,
        "suffixes": {"keyvaultDns": None, "storage": None},
    },
    "managementGroup": {"id": None, "name": None},
    "resourceGroup": {"id": None, "location": None, "name": None},
    "subscription": {"id": None, "subscriptionId": None, "tenantId": None},
    "tenant": {"tenantId": None},
}


@dataclass(frozen=True)
class _Place:
    """What is known at a place of a file: shapes of local names, and of what a lambda gets."""

    file: BicepFile
    local: Mapping[str, Shape]
    item: Shape = None

    def knowing(self, names: tuple[str, ...], shape: Shape) -> "_Place":
        """Return the place inside a loop or lambda: its item first, then an index."""
        local = {**self.local, **dict.fromkeys(names), names[0]: shape}
        return _Place(self.file, local)


def problems_of(file: BicepFile) -> list[str]:
    """Return every member that what it is taken from does not have."""
    return list(_visit(file.root, _Place(file, {})))


def _visit(node: Node, place: _Place) -> Iterator[str]:
    children = named(node)
    if node.type == "member_expression":
        shape, key = _shape(children[0], place), text_of(children[-1])
        if shape is not None and key not in shape:
            yield f"line {node.start_point[0] + 1}: {text_of(node)}: there is no {key}"
    elif node.type == "for_statement":
        place = place.knowing(loop_names(node), _item(children[1], place))
    elif node.type == "lambda_expression":
        place = place.knowing((text_of(children[0]),), place.item)
    elif node.type == "call_expression" and named(children[-1]):
        place = _Place(place.file, place.local, _item(named(children[-1])[0], place))
    for child in children:
        yield from _visit(child, place)


def _shape(node: Node, place: _Place) -> Shape:
    """Return the shape of an expression."""
    children, name = named(node), text_of(node)
    if node.type == "identifier":
        if name in place.local:
            return place.local[name]
        return _of_value(value_of(place.file, node)) if name in place.file.variables else None
    if node.type == "call_expression":
        return _of_value(place.file.loaded(node)) or OF_FUNCTIONS.get(text_of(children[0]))
    if node.type == "member_expression":
        outer = _shape(children[0], place)
        return None if outer is None else outer.get(text_of(children[-1]))
    if node.type == "lambda_expression":
        # The grammar reads `each => each.name` as the name of a lambda.
        return _shape(children[-1], place.knowing((text_of(children[0]),), place.item))
    return None


def _item(node: Node, place: _Place) -> Shape:
    """Return the shape that every item of a list has."""
    parameter = place.file.parameters.get(text_of(node))
    if node.type == "identifier" and parameter is not None:
        return _of_type(place.file, parameter.type.removesuffix("[]"))
    node = place.file.variables.get(text_of(node), node)
    if node.type == "call_expression" and text_of(named(node)[0]) == "filter":
        return _item(named(named(node)[-1])[0], place)
    rows = value_of(place.file, node)
    if text_of(node).startswith("items(") and not isinstance(rows, list):
        return {"key": None, "value": None}
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        return None
    shared = set.intersection(*(set(row) for row in rows))
    return {key: _of_value(rows[0][key]) for key in shared}


def _of_value(value: object) -> Shape:
    if not isinstance(value, Mapping):
        return None
    return {key: _of_value(each) for key, each in value.items()}


def _of_type(file: BicepFile, name: str) -> Shape:
    declared = file.types.get(name.removesuffix("?"))
    if declared is None:
        return None
    return {key: _of_type(file, text_of(each)) for key, each in properties_of(declared).items()}
