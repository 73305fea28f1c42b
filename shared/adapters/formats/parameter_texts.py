"""What the parameters of a control mean: the docstrings of their fields, for lists and documents.

Read from the source when they are asked for. To let pydantic read them (`use_attribute_docstrings`)
costs every start that loads the monitors 340 million instructions, and it shows them to nobody.
"""

import ast
import inspect
from collections.abc import Mapping
from itertools import pairwise
from textwrap import dedent

from shared.domain.control import Parameters


def parameter_texts(kind: type[Parameters]) -> Mapping[str, str]:
    """Return what each field means, on one line; "" where nothing is said."""
    texts = dict.fromkeys(kind.model_fields, "")
    for each in reversed(kind.__mro__):
        if issubclass(each, Parameters):
            # A class can have more than fields, such as a constant.
            texts |= {name: text for name, text in _docstrings(each).items() if name in texts}
    return texts


def _docstrings(kind: type[Parameters]) -> dict[str, str]:
    """Return the texts that stand below the fields which a class itself has."""
    (tree,) = ast.parse(dedent(inspect.getsource(kind))).body
    assert isinstance(tree, ast.ClassDef)  # noqa: S101 - for the type checker
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(tree.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
