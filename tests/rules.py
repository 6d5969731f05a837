"""The rules of the house for source text, each a question that answers with what breaks it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE = 350
LONGEST_FUNCTION = 40
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base", "tools", "stuff"}

# The clock, chance and the post come in through ports.py, so that a test can stand in for the world.
OF_THE_WORLD = {
    "timezone.now",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "uuid.uuid1",
    "uuid.uuid4",
    "uuid1",
    "uuid4",
    "os.urandom",
    "send_mail",
    "mail.send_mail",
    "get_connection",
    "mail.get_connection",
}
ROOMS_OF_THE_WORLD = {"secrets", "random"}


def too_long(source: str) -> Iterator[str]:
    """Files and functions that nobody reads to the end; a docstring does not count."""
    length = len(source.splitlines())
    if length > LONGEST_FILE:
        yield f"{length} lines"
    for function in _functions(source):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        length = (function.end_lineno or 0) - body[0].lineno + 1 if body else 0
        if length > LONGEST_FUNCTION:
            yield f"{function.name}: {length} lines"


def says_nothing(path: Path) -> bool:
    """File and folder names that could hold anything."""
    return path.with_suffix("").name in NAMES_THAT_SAY_NOTHING


def asks_the_world(source: str) -> Iterator[str]:
    """Calls to clock, chance or post, wherever they were imported from."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            dotted = ".".join(name.split(".")[-2:])
            if dotted in OF_THE_WORLD or name.split(".")[0] in ROOMS_OF_THE_WORLD or name in OF_THE_WORLD:
                yield f"line {node.lineno}: {name}"
        if isinstance(node, ast.ImportFrom) and node.module in ROOMS_OF_THE_WORLD:
            yield f"line {node.lineno}: from {node.module}"


def imports_late(source: str) -> Iterator[str]:
    """Imports inside functions, which hide who knows whom."""
    for function in _functions(source):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"{function.name}, line {node.lineno}"


def trusts_text(source: str) -> Iterator[str]:
    """Text that is said to need no escaping."""
    for node in ast.walk(ast.parse(source)):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in {"mark_safe", "SafeText", "html_safe"}:
            yield f"line {node.lineno}: {name}"


def trusts_text_in_template(source: str) -> Iterator[str]:
    """Filters and tags that switch escaping off."""
    squeezed = source.replace(" ", "")
    yield from (mark for mark in ("|safe", "|safeseq", "{%autoescapeoff") if mark in squeezed)


def counts_in_floats(source: str) -> Iterator[str]:
    """Floating point numbers, which can't hold a cent."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"line {node.lineno}: {node.value}"
        if isinstance(node, ast.Name) and node.id == "float":
            yield f"line {node.lineno}: float"


def puts_off(source: str) -> Iterator[str]:
    """Notes to do something another day."""
    for number, line in enumerate(source.splitlines(), start=1):
        if any(word in line for word in ("TO" + "DO", "FIX" + "ME")):
            yield f"line {number}"


def lacks_docstring(source: str) -> Iterator[str]:
    """Public names that do not say what they are."""
    tree = ast.parse(source)
    if source.strip() and not ast.get_docstring(tree):
        yield "the module"
    for node in _public(tree):
        if not ast.get_docstring(node):
            yield node.name


Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
INNER = {"Meta", "Media", "Migration"}


def _public(tree: ast.Module | ast.ClassDef) -> Iterator[Named]:
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_") or node.name in INNER or _is_override(node):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from _public(node)


def _is_override(node: Named) -> bool:
    """Setters and overloads repeat a name that is documented beside them."""
    return any(ast.unparse(mark).endswith((".setter", "overload", "override")) for mark in node.decorator_list)


def _functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
