"""Stripe's operations, read out of the ``stripe`` package's service modules."""

import ast
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path

import stripe

from wagtail_payments.sandbox.spec.annotations import Scope

_PACKAGE = Path(stripe.__file__).parent
_PATH_LITERAL = re.compile(r'"(/v1/[^"]+)"')
_PLACE = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the API: its method, its path pattern and the class of its parameters."""

    method: str
    pattern: re.Pattern[str]
    params: type | None


@cache
def find_operation(method: str, path: str) -> Operation | None:
    """The operation behind ``POST /v1/refunds``, or None when Stripe has no such call.

    A path without a placeholder wins over one with: ``/v1/customers/search`` is no
    customer called "search".
    """
    matching = [
        operation
        for template, module in _templates()
        if _pattern(template).fullmatch(path)
        for operation in _operations(module)
        if operation.method == method and operation.pattern == _pattern(template)
    ]
    return min(matching, key=lambda found: found.pattern.pattern.count("[^/]"), default=None)


@lru_cache(maxsize=1)
def _templates() -> tuple[tuple[str, str], ...]:
    """Every path of the API with the module that calls it; read as text, which is quick."""
    found: dict[tuple[str, str], None] = {}
    for file in sorted(_PACKAGE.rglob("*_service.py")):
        module = ".".join(("stripe", *file.relative_to(_PACKAGE).with_suffix("").parts))
        for template in _PATH_LITERAL.findall(file.read_text("utf-8")):
            found[template, module] = None
    return tuple(found)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub("[^/]+", template))


@cache
def _operations(module: str) -> tuple[Operation, ...]:
    source = _PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py").read_text("utf-8")
    verbs = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    return tuple(found for verb in verbs if (found := _operation(module, verb)))


def _operation(module: str, verb: ast.FunctionDef) -> Operation | None:
    call = next((node for node in ast.walk(verb) if _is_request(node)), None)
    if not isinstance(call, ast.Call):
        return None
    method, path = (_text(argument) for argument in call.args[:2])
    return Operation(method.upper(), _pattern(path), _params_class(module, verb))


def _is_request(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_request"


def _text(node: ast.expr) -> str:
    """The string a path argument is written as: a literal, or ``literal.format(...)``."""
    literals = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return next(str(value) for value in literals if isinstance(value, str))


def _params_class(module: str, verb: ast.FunctionDef) -> type | None:
    annotations = {argument.arg: argument.annotation for argument in verb.args.args}
    annotation = annotations.get("params")
    if annotation is None:
        return None
    cls: type = Scope(import_module(module))[_text(annotation)]
    return cls
