"""Holds an answer or an event against the ``stripe`` package's resource classes."""

import inspect
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any, get_args, get_origin

from stripe import ListObject, SearchResultObject, StripeObject
from stripe._object_classes import get_object_class
from stripe._stripe_object import UntypedStripeObject

from wagtail_payments.sandbox.spec.annotations import resolved
from wagtail_payments.sandbox.spec.problems import NONE_FOUND, Check, Fault, Problem, inside
from wagtail_payments.sandbox.spec.types_of import (
    alternatives,
    is_class_variable,
    is_literal,
    is_union,
)


def check_object(value: object) -> list[Problem]:
    """All that differs between an object and its class in the ``stripe`` package.

    Unknown keys, wrong types, values outside an enum and missing fields are named. The
    object inside an event is held against its own class, a list member too.
    """
    if not isinstance(value, Mapping):
        return [Problem(Fault.SHAPE, "Not an object.")]
    name = value.get("object")
    if name in ("list", "search_result"):
        return _check_list(value)
    cls = _class_named(name)
    problems = list(_object(cls)(value)) if cls else _nameless(name)
    data = value.get("data")
    if name == "event" and isinstance(data, Mapping):
        problems += inside("data", inside("object", check_object(data.get("object"))))
    return problems


def _class_named(name: object) -> Any:
    found = get_object_class("V1", name) if isinstance(name, str) else StripeObject
    return None if found is StripeObject else found


def _nameless(name: object) -> list[Problem]:
    return [Problem(Fault.CHOICE, f"No object is called {name!r}.", ("object",))]


def _check_list(value: Mapping[str, object]) -> list[Problem]:
    data = value.get("data")
    if not isinstance(data, list):
        return [Problem(Fault.SHAPE, "Not a list.", ("data",))]
    required = {"has_more": bool, "url": str}
    found = [
        Problem(Fault.TYPE, "Wrong or missing.", (key,))
        for key, kind in required.items()
        if not isinstance(value.get(key), kind)
    ]
    for index, member in enumerate(data):
        found += inside("data", inside(str(index), check_object(member)))
    return found


@cache
def _object(cls: Any) -> Check:
    """The check of one resource class, or of a class nested in one."""
    kinds = _fields(cls)
    fields = {key: lru_cache(maxsize=1)(lambda kind=kind: _check(kind)) for key, kind in kinds.items()}
    required = frozenset(key for key, kind in kinds.items() if not _may_be_none(kind))

    def check(value: object) -> list[Problem]:
        if not isinstance(value, Mapping):
            return [Problem(Fault.SHAPE, f"Not an object: {value!r}")]
        found = [Problem(Fault.MISSING, "Missing.", (key,)) for key in sorted(required - value.keys())]
        for key, member in value.items():
            if (field := fields.get(key)) is None:
                found.append(Problem(Fault.UNKNOWN, "Not a field of this object.", (key,)))
            elif problems := field()(member):
                found += inside(key, problems)
        return found

    return check


def _fields(cls: type[StripeObject]) -> dict[str, Any]:
    """The fields of a class on the wire; a trailing underscore keeps off Python's words."""
    fields: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if not issubclass(base, StripeObject) or base.__module__ == StripeObject.__module__:
            continue
        hints = resolved(base.__module__, inspect.get_annotations(base))
        fields |= {key: kind for key, kind in hints.items() if not is_class_variable(kind)}
    wire_names = {python: wire for wire, python in cls._field_remappings.items()}
    return {wire_names.get(key, key): kind for key, kind in fields.items()}


def _may_be_none(annotation: Any) -> bool:
    return annotation is Any or (is_union(annotation) and type(None) in get_args(annotation))


def _check(annotation: Any) -> Check:
    """The check of one annotation."""
    if is_union(annotation):
        return _one_of([_check(member) for member in alternatives(annotation)])
    if is_literal(annotation):
        return _choice(get_args(annotation))
    if get_origin(annotation) is list:
        return _list(_check(get_args(annotation)[0]))
    if get_origin(annotation) in (ListObject, SearchResultObject):
        return _check_list_answer
    if get_origin(annotation) in (dict, UntypedStripeObject):
        return _free_keys(_check(get_args(annotation)[-1]))
    if isinstance(annotation, type) and issubclass(annotation, StripeObject):
        return _lazily(annotation)
    return _LEAVES.get(annotation, _anything)


def _lazily(cls: Any) -> Check:
    """Classes hold one another in circles, so the check is made when first needed."""
    if cls in (StripeObject, UntypedStripeObject):
        return _anything
    return lambda value: _object(cls)(value)


def _check_list_answer(value: object) -> list[Problem]:
    return _check_list(value) if isinstance(value, Mapping) else [Problem(Fault.SHAPE, "Not a list.")]


def _one_of(checks: list[Check]) -> Check:
    def check(value: object) -> list[Problem]:
        answers = []
        for member in checks:
            problems = list(member(value))
            if not problems:
                return []
            answers.append(problems)
        return max(answers, key=lambda found: max(len(problem.where) for problem in found))

    return check


def _choice(values: tuple[Any, ...]) -> Check:
    def check(value: object) -> tuple[Problem, ...]:
        fits = any(value == allowed and type(value) is type(allowed) for allowed in values)
        return NONE_FOUND if fits else (Problem(Fault.CHOICE, f"{value!r} is none of {values}."),)

    return check


def _list(item: Check) -> Check:
    def check(value: object) -> list[Problem]:
        if not isinstance(value, list):
            return [Problem(Fault.SHAPE, "Not a list.")]
        return [problem for index, member in enumerate(value) for problem in inside(str(index), item(member))]

    return check


def _free_keys(item: Check) -> Check:
    def check(value: object) -> list[Problem]:
        if not isinstance(value, Mapping):
            return [Problem(Fault.SHAPE, "Not an object.")]
        return [problem for key, member in value.items() for problem in inside(key, item(member))]

    return check


def _exactly(kind: type) -> Check:
    def check(value: object) -> tuple[Problem, ...]:
        # Not isinstance: True is an int to Python, never to JSON.
        if type(value) is kind:
            return NONE_FOUND
        return (Problem(Fault.TYPE, f"{value!r} is no {kind.__name__}."),)

    return check


def _decimal(value: object) -> tuple[Problem, ...]:
    try:
        Decimal(value) if isinstance(value, str) else Decimal("not a string")
    except InvalidOperation:
        return (Problem(Fault.TYPE, f"{value!r} is no decimal string."),)
    return NONE_FOUND


def _number(value: object) -> tuple[Problem, ...]:
    fits = type(value) in (int, float)
    return NONE_FOUND if fits else (Problem(Fault.TYPE, f"{value!r} is no number."),)


def _anything(value: object) -> tuple[Problem, ...]:
    return NONE_FOUND


_LEAVES: dict[Any, Check] = {
    str: _exactly(str),
    int: _exactly(int),
    bool: _exactly(bool),
    float: _number,
    Decimal: _decimal,
    type(None): _exactly(type(None)),
}
