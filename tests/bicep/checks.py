"""What the compiler would say of a file: names, functions, modules and outputs that do not fit."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tests.bicep import members
from tests.bicep.arm_types import arm_types, unreadable
from tests.bicep.source import BicepFile, Declared, bicep_file, loop_names, named, text_of, walk
from tests.bicep.values import Unknown, value_of

FUNCTIONS = frozenset(
    {
        *("base64", "bool", "cidrSubnet", "concat", "contains", "empty", "environment", "filter"),
        *("first", "flatten", "format", "guid", "indexOf", "int", "intersection", "items", "join"),
        *("json", "last", "length", "loadJsonContent", "loadTextContent", "managementGroup"),
        *("managementGroupResourceId", "map", "max", "min", "objectKeys", "range"),
        *("readEnvironmentVariable", "reduce", "replace", "resourceGroup", "resourceId", "sort"),
        *("split", "string", "subscription", "subscriptionResourceId", "substring", "take"),
        *("tenant", "tenantResourceId", "toLower", "toObject", "trim", "union", "uniqueString"),
        "uri",
    }
)
"""Functions of Bicep that may be used here; none of them reads a key."""
DECORATORS = frozenset(
    {
        *("allowed", "batchSize", "description", "maxLength", "maxValue", "metadata", "minLength"),
        *("minValue", "sealed", "secure"),
    }
)
_OF_A_MODULE = frozenset({"dependsOn", "name", "params", "scope"})
_LITERALS = {"string": str, "int": int, "bool": bool, "object": dict}
_SCOPES = {
    "resourceGroup": "resourceGroup",
    "subscription": "subscription",
    "managementGroup": "managementGroup",
    "tenant": "tenant",
}
_NAMED_FIRST = frozenset(
    {
        *("call_expression", "for_statement", "lambda_expression", "module_declaration"),
        *("output_declaration", "parameter_declaration", "resource_declaration"),
        "variable_declaration",
    }
)
"""What begins with a name that is no value: its own, or that of a function."""
_NOT_NAMES = frozenset(
    {
        *("array_type", "metadata_declaration", "nullable_type", "primitive_type"),
        *("target_scope_assignment", "type", "type_declaration", "using_statement"),
    }
)


def problems_of(file: BicepFile) -> list[str]:
    """Return everything that does not fit; resources' properties are checked elsewhere."""
    return [
        *_unknown_names(file),
        *_unused(file),
        *_unreadable_properties(file),
        *members.problems_of(file),
        *(problem for module in file.modules for problem in _module(file, module)),
    ]


def uses(file: BicepFile) -> Iterator[tuple[Node, frozenset[str]]]:
    """Yield every identifier that stands for a value, with the names that it is among."""
    yield from _uses(file.root, frozenset())


def _uses(node: Node, local: frozenset[str]) -> Iterator[tuple[Node, frozenset[str]]]:
    children = named(node)
    if node.type == "identifier":
        yield node, local
        return
    if node.type in _NOT_NAMES:
        return
    if node.type == "for_statement":
        local |= set(loop_names(node))
    elif node.type == "lambda_expression":
        local |= {text_of(each) for each in walk(children[0]) if each.type == "identifier"}
    key = node.type == "object_property" and children[0].type == "identifier"
    for child in children[1:] if key or node.type in _NAMED_FIRST else children:
        yield from _uses(child, local)


def _unknown_names(file: BicepFile) -> Iterator[str]:
    known = {
        *file.parameters,
        *file.variables,
        *(each.symbol for each in (*file.resources, *file.modules)),
    }
    for node, local in uses(file):
        if text_of(node) not in known | local | {"az", "sys"}:
            yield f"line {node.start_point[0] + 1}: {text_of(node)} is not declared"
    for node in walk(file.root):
        if node.type == "identifier" and node.parent is not None and node.parent.type == "type":
            if text_of(node) not in file.types:
                yield f"line {node.start_point[0] + 1}: there is no type {text_of(node)}"
        elif node.type == "call_expression":
            name = text_of(named(node)[0])
            decorates = node.parent is not None and node.parent.type == "decorator"
            if name not in (DECORATORS if decorates else FUNCTIONS):
                yield f"line {node.start_point[0] + 1}: {name}() is not known"


def _unused(file: BicepFile) -> Iterator[str]:
    used = {text_of(node) for node, _ in uses(file)}
    for name in (*file.parameters, *file.variables):
        if name not in used:
            yield f"{name} is not used"


def _unreadable_properties(file: BicepFile) -> Iterator[str]:
    resources = {each.symbol: each.target for each in file.resources}
    modules = {each.symbol: each for each in file.modules}
    for node in walk(file.root):
        outer = node.parent is not None and node.parent.type == "member_expression"
        if node.type != "member_expression" or outer:
            continue
        parts = [part.strip("?!") for part in text_of(node).split(".")]
        symbol = re.sub(r"\[.*\]$", "", parts[0])
        line = node.start_point[0] + 1
        if symbol in resources and resources[symbol].lower() in arm_types():
            missing = unreadable(resources[symbol], parts[1:])
            if missing:
                yield f"line {line}: {text_of(node)}: there is no {missing}"
        elif symbol in modules:
            path = file.path.parent / modules[symbol].target
            outputs = bicep_file(path).outputs if path.is_file() else {}
            if parts[1] not in {"outputs", "name"}:
                yield f"line {line}: {text_of(node)}: a module has outputs"
            elif parts[1] == "outputs" and parts[2] not in outputs:
                yield f"line {line}: {text_of(node)}: there is no such output"


def _module(file: BicepFile, module: Declared) -> Iterator[str]:
    path = file.path.parent / module.target
    if not path.is_file():
        yield f"{module.symbol}: there is no {module.target}"
        return
    called = bicep_file(path)
    for key in module.properties.keys() - _OF_A_MODULE:
        yield f"{module.symbol}: {key} is nothing of a module"
    params = module.properties.get("params")
    whole = value_of(file, params) if params is not None else {}
    passed = whole if isinstance(whole, dict) else {}
    for name in passed.keys() - called.parameters.keys():
        yield f"{module.symbol}: {module.target} has no parameter {name}"
    for name, parameter in called.parameters.items():
        if name not in passed and parameter.required:
            yield f"{module.symbol}: {name} is not passed"
        elif name in passed and not fits(passed[name], parameter.type):
            yield f"{module.symbol}: {name} is to be {parameter.type}, not {passed[name]!r}"
    scope = _scope(file, module)
    if scope != called.target_scope:
        yield f"{module.symbol}: {module.target} is for a {called.target_scope}, not a {scope}"


def fits(value: object, kind: str) -> bool:
    """Whether a value that is known fits a type; what is not known always does."""
    if kind.endswith("[]"):
        return not isinstance(value, str | int | dict)
    wanted = _LITERALS.get(kind.rstrip("?"))
    known = isinstance(value, str | int | dict | list) and not isinstance(value, Unknown)
    return wanted is None or not known or type(value) is wanted


def _scope(file: BicepFile, module: Declared) -> str:
    node = module.properties.get("scope")
    if node is None:
        return file.target_scope
    if node.type == "identifier":
        made = {each.symbol: each.target for each in file.resources}.get(text_of(node), "")
        return "resourceGroup" if "/resourceGroups@" in made else text_of(node)
    return _SCOPES.get(text_of(named(node)[0]), text_of(node))
