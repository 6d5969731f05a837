"""Turns the annotations of the ``stripe`` package into real types.

The package imports most names only under ``TYPE_CHECKING``, so ``typing.get_type_hints``
alone cannot resolve them. ``Scope`` imports such a name at the moment it is asked for.
"""

import ast
import inspect
import re
import sys
import textwrap
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, get_type_hints

_TYPING_ONLY = re.compile(r"^if TYPE_CHECKING:\n((?:[ \t]+.*\n|\n)+)", re.MULTILINE)


@cache
def typing_only_imports(module_name: str) -> dict[str, tuple[str, str]]:
    """Names a module imports for type checkers only: name -> (module, name there)."""
    source = inspect.getsource(sys.modules[module_name])
    found: dict[str, tuple[str, str]] = {}
    for block in _TYPING_ONLY.findall(source):
        for node in ast.walk(ast.parse(textwrap.dedent(block))):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    found[alias.asname or alias.name] = (node.module, alias.name)
    return found


class Scope(dict[str, Any]):
    """The names one module would see if its typing-only imports had run."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__()
        self._module = module

    def __missing__(self, name: str) -> Any:
        if name in vars(self._module):
            raise KeyError(name)
        source, original = typing_only_imports(self._module.__name__)[name]
        value = self[name] = getattr(import_module(source), original)
        return value


def resolved(module_name: str, annotations: dict[str, Any]) -> dict[str, Any]:
    """The annotations with every quoted name replaced by the type it means."""
    module = import_module(module_name)
    holder = type("Holder", (), {"__annotations__": annotations, "__module__": module_name})
    return get_type_hints(holder, localns=Scope(module), include_extras=True)
