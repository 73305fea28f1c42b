"""Bicep files, read with a real parser: what each declares, and where.

The grammar is tree-sitter-bicep's. It knows no types: that a file is sound is more than this shows.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

LANGUAGE = Language(tree_sitter_bicep.language())
_TARGET = re.compile(r"^targetScope = '(\w+)'", re.MULTILINE)


def named(node: Node) -> list[Node]:
    """Return the named children of a node, without comments."""
    return [each for each in node.named_children if "comment" not in each.type]


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it."""
    yield node
    for child in node.named_children:
        yield from walk(child)


def text_of(node: Node) -> str:
    """Return the source of a node."""
    return (node.text or b"").decode()


@dataclass(frozen=True)
class Parameter:
    """A parameter: whether it must be passed, its type as it is written, and its decorators."""

    name: str
    type: str
    required: bool
    decorators: tuple[str, ...]


@dataclass(frozen=True)
class Declared:
    """A resource or a module: its symbol, its type with version or its path, and its body.

    `body` is None where none could be found; `loop` are the names that a loop gives it.
    """

    symbol: str
    target: str
    body: Node | None
    existing: bool
    loop: tuple[str, ...]
    conditional: bool
    node: Node = field(repr=False)

    @property
    def properties(self) -> dict[str, Node]:
        """The values of the body by their keys."""
        return properties_of(self.body) if self.body is not None else {}


def properties_of(body: Node) -> dict[str, Node]:
    """Return the values of an object by their keys; a key of a deployment's making is `${…}`."""
    found = {}
    for each in named(body):
        if each.type != "object_property":
            continue
        parts = named(each)
        found[text_of(parts[0]).strip("'")] = parts[-1]
    return found


@dataclass(frozen=True)
class BicepFile:
    """A Bicep file."""

    path: Path
    text: str

    @cached_property
    def root(self) -> Node:
        """The syntax tree."""
        return Parser(LANGUAGE).parse(self.text.encode()).root_node

    @cached_property
    def errors(self) -> list[str]:
        """Where the parser could not go on, or went wrong, with what stands there.

        It takes a call inside an array, `[resourceGroup().id]`, for two items: write a variable.

        The grammar takes the `param name = value` of a parameters file for a parameter without its
        type; that one missing word is no error there.
        """
        found = []
        for node in _broken(self.root):
            untyped = node.is_missing and node.parent is not None and node.parent.type == "type"
            if not (untyped and self.path.suffix == ".bicepparam"):
                line = node.start_point[0] + 1
                found.append(f"{self.path.name}:{line}: {text_of(node)[:60]!r}")
        return found + [
            f"{self.path.name}:{node.start_point[0] + 1}: a call inside an array"
            for node in walk(self.root)
            if node.type == "parenthesized_expression" and not named(node)
        ]

    @property
    def target_scope(self) -> str:
        """What it is deployed to."""
        found = _TARGET.search(self.text)
        return found[1] if found else "resourceGroup"

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Its parameters by name."""
        found = {}
        for node, decorators in self._decorated("parameter_declaration"):
            parts = named(node)
            kind = text_of(parts[1])
            required = len(parts) == 2 and not kind.endswith("?")
            name = text_of(parts[0])
            found[name] = Parameter(name, kind, required, decorators)
        return found

    @cached_property
    def assigned(self) -> dict[str, Node]:
        """In a parameters file: the values by parameter."""
        nodes = [each for each in self.root.named_children if each.type == "parameter_declaration"]
        return {text_of(named(each)[0]): named(each)[-1] for each in nodes}

    @cached_property
    def variables(self) -> dict[str, Node]:
        """Its variables by name."""
        nodes = [each for each in self.root.named_children if each.type == "variable_declaration"]
        return {text_of(named(each)[0]): named(each)[-1] for each in nodes}

    @cached_property
    def outputs(self) -> dict[str, Node]:
        """Its outputs by name."""
        nodes = [each for each in self.root.named_children if each.type == "output_declaration"]
        return {text_of(named(each)[0]): named(each)[-1] for each in nodes}

    @cached_property
    def types(self) -> dict[str, Node]:
        """Its types by name."""
        nodes = [each for each in self.root.named_children if each.type == "type_declaration"]
        return {text_of(named(each)[0]): named(each)[-1] for each in nodes}

    @cached_property
    def resources(self) -> list[Declared]:
        """Its resources, those that exist already included."""
        return [_declared(node) for node in walk(self.root) if node.type == "resource_declaration"]

    @cached_property
    def modules(self) -> list[Declared]:
        """The modules that it deploys."""
        return [_declared(node) for node in walk(self.root) if node.type == "module_declaration"]

    def loaded(self, call: Node) -> object | None:
        """Return what `loadJsonContent` or `loadTextContent` reads; None: it is another call."""
        function = call.child_by_field_name("function")
        if function is None or text_of(function) not in {"loadJsonContent", "loadTextContent"}:
            return None
        path = self.path.parent / text_of(call.child_by_field_name("arguments") or call).strip(
            "()'"
        )
        content = path.read_text(encoding="utf-8")
        return json.loads(content) if path.suffix == ".json" else content

    def _decorated(self, kind: str) -> Iterator[tuple[Node, tuple[str, ...]]]:
        waiting: tuple[str, ...] = ()
        for node in self.root.named_children:
            if node.type == "decorators":
                waiting = tuple(text_of(each) for each in node.named_children)
            elif "comment" not in node.type:
                if node.type == kind:
                    yield node, waiting
                waiting = ()


def _broken(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.is_error or child.is_missing:
            yield child
        elif child.has_error:
            yield from _broken(child)


def _declared(node: Node) -> Declared:
    parts = named(node)
    body: Node | None = parts[-1]
    loop: tuple[str, ...] = ()
    conditional = False
    if body is not None and body.type == "for_statement":
        loop = loop_names(body)
        body = named(body)[-1]
    if body is not None and body.type == "if_statement":
        conditional = True
        body = named(body)[-1]
    return Declared(
        symbol=text_of(parts[0]),
        target=text_of(parts[1]).strip("'"),
        body=body if body is not None and body.type == "object" else None,
        existing=any(
            each.type == "existing" or text_of(each) == "existing" for each in node.children
        ),
        loop=loop,
        conditional=conditional,
        node=node,
    )


def loop_names(loop: Node) -> tuple[str, ...]:
    """Return the names that a `for` brings: its item, and its index where it has one."""
    first = named(loop)[0]
    nodes = named(first) if first.type == "for_loop_parameters" else [first]
    return tuple(text_of(each) for each in nodes)


def bicep(text: str, path: Path = Path("sample.bicep")) -> BicepFile:
    """Return a text as a file."""
    return BicepFile(path, text)


@lru_cache
def bicep_file(path: Path) -> BicepFile:
    """Return a file."""
    return BicepFile(path, path.read_text(encoding="utf-8"))
