"""Small questions about types, asked by both checkers."""

import types
from typing import Any, ClassVar, Literal, NotRequired, Required, Union, get_args, get_origin


def is_union(annotation: Any) -> bool:
    """Whether the annotation is ``A | B`` in either spelling."""
    return get_origin(annotation) in (Union, types.UnionType)


def is_literal(annotation: Any) -> bool:
    """Whether the annotation lists its values."""
    return get_origin(annotation) is Literal


def is_class_variable(annotation: Any) -> bool:
    """Whether the annotation belongs to the class and not to the object on the wire."""
    return annotation is ClassVar or get_origin(annotation) is ClassVar


def unwrapped(annotation: Any) -> Any:
    """The annotation without ``NotRequired[...]`` around it."""
    while get_origin(annotation) in (NotRequired, Required):
        annotation = get_args(annotation)[0]
    return annotation


def alternatives(annotation: Any) -> list[Any]:
    """The members of a union with open enums closed.

    Stripe writes an enum as ``Literal["a", "b"] | str`` so that old clients survive new
    values. Here a value outside the list is a mistake, so the ``str`` is left out.
    """
    members = list(get_args(annotation))
    listed = [value for member in members if is_literal(member) for value in get_args(member)]
    if any(value != "" for value in listed):
        members = [member for member in members if member is not str]
    return members
