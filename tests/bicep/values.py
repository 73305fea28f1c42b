"""Values of Bicep expressions, as far as they can be known without Azure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from tests.bicep.source import BicepFile, named, properties_of, text_of


@dataclass(frozen=True)
class Unknown:
    """A value that only a deployment knows; `text` is its source."""

    text: str


@dataclass(frozen=True)
class OneOf:
    """One of several values: what a condition chooses from."""

    values: tuple[object, ...]


@dataclass(frozen=True)
class Many:
    """A list, of which each item is like this one."""

    item: object


_PLAIN = {"true": True, "false": False}


def value_of(file: BicepFile, node: Node) -> object:
    """Return the value of an expression: plain values, lists and dicts, with the above inside."""
    read = _READ.get(node.type)
    return Unknown(text_of(node)) if read is None else read(file, node)


def _string(_file: BicepFile, node: Node) -> object:
    made = any(each.type == "interpolation" for each in node.named_children)
    return Unknown(text_of(node)) if made else text_of(node).strip("'").lstrip("\n")


def _variable(file: BicepFile, node: Node) -> object:
    meant = file.variables.get(text_of(node))
    return Unknown(text_of(node)) if meant is None else value_of(file, meant)


def _called(file: BicepFile, node: Node) -> object:
    loaded = file.loaded(node)
    if loaded is not None:
        return loaded
    function, arguments = named(node)[0], named(named(node)[-1])
    if text_of(function) == "map" and arguments[-1].type == "lambda_expression":
        return Many(value_of(file, named(arguments[-1])[-1]))
    if text_of(function) == "concat":
        lists = [value_of(file, each) for each in arguments]
        if all(isinstance(each, list) for each in lists):
            return [item for each in lists if isinstance(each, list) for item in each]
        return Many(OneOf(tuple(_item(each) for each in lists)))
    if text_of(function) == "items":
        whole = value_of(file, arguments[0])
        if isinstance(whole, Mapping):
            return [{"key": key, "value": each} for key, each in whole.items()]
    return Unknown(text_of(node))


def _member(file: BicepFile, node: Node) -> object:
    whole = value_of(file, named(node)[0])
    key = text_of(named(node)[-1])
    if isinstance(whole, Mapping) and key in whole:
        return whole[key]
    return Unknown(text_of(node))


def _item(value: object) -> object:
    if isinstance(value, list):
        return OneOf(tuple(value))
    return value.item if isinstance(value, Many) else Unknown("…")


_READ: Mapping[str, Callable[[BicepFile, Node], object]] = {
    "array": lambda file, node: [value_of(file, each) for each in named(node)],
    "boolean": lambda _, node: _PLAIN[text_of(node)],
    "call_expression": _called,
    "for_statement": lambda file, node: Many(value_of(file, named(node)[-1])),
    "identifier": _variable,
    "member_expression": _member,
    "null": lambda _, __: None,
    "number": lambda _, node: int(text_of(node)),
    "object": lambda file, node: {
        key: value_of(file, each) for key, each in properties_of(node).items()
    },
    "parenthesized_expression": lambda file, node: value_of(file, named(node)[0]),
    "string": _string,
    "ternary_expression": lambda file, node: OneOf(
        tuple(value_of(file, each) for each in named(node)[1:])
    ),
}
