"""Holds the parameters of a call against the ``stripe`` package's parameter classes.

A request travels as a form, so every leaf is a string here: an integer is a string of
digits, a boolean is ``true`` or ``false``.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, get_args, get_origin

from stripe import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from typing_extensions import is_typeddict

from wagtail_payments.sandbox.spec.annotations import resolved
from wagtail_payments.sandbox.spec.problems import NONE_FOUND, Check, Fault, Problem, inside
from wagtail_payments.sandbox.spec.routes import find_operation
from wagtail_payments.sandbox.spec.types_of import (
    alternatives,
    is_literal,
    is_union,
    unwrapped,
)

_INTEGER = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def check_request(method: str, path: str, params: Mapping[str, object]) -> list[Problem]:
    """All that is wrong with a call; ``params`` is the decoded form (strings, lists, dicts).

    It cannot see which combinations Stripe demands (a price or price data, say), nor
    lengths and ranges: the types do not say them.
    """
    operation = find_operation(method.upper(), path)
    if operation is None:
        return [Problem(Fault.PATH, f"Unrecognized request URL ({method.upper()}: {path}).")]
    if operation.params is None:
        return [_unknown(name) for name in params]
    return list(_record(operation.params)(params))


@cache
def _record(cls: type) -> Check:
    """The check of a dictionary with known keys (a TypedDict)."""
    options = RequestOptions.__annotations__
    own = {key: kind for key, kind in cls.__annotations__.items() if key not in options}
    required = frozenset(own) & frozenset(getattr(cls, "__required_keys__", ()))
    kinds = resolved(cls.__module__, own)
    fields = {key: lru_cache(maxsize=1)(lambda kind=kind: _check(kind)) for key, kind in kinds.items()}

    def check(value: object) -> list[Problem]:
        if not isinstance(value, Mapping):
            return [Problem(Fault.SHAPE, "Invalid object")]
        found = [_missing(key) for key in sorted(required - value.keys())]
        for key, member in value.items():
            if (field := fields.get(key)) is None:
                found.append(_unknown(key))
            elif problems := field()(member):
                found += inside(key, problems)
        return found

    return check


def _check(annotation: Any) -> Check:
    """The check of one annotation."""
    annotation = unwrapped(annotation)
    if is_union(annotation):
        return _one_of(alternatives(annotation))
    if is_literal(annotation):
        return _choice(get_args(annotation))
    if is_typeddict(annotation):
        return _record(annotation)
    if get_origin(annotation) is list:
        return _list(_check(get_args(annotation)[0]))
    if get_origin(annotation) in (dict, UntypedStripeObject):
        return _free_keys(_check(get_args(annotation)[-1]))
    return _LEAVES.get(annotation, _anything)


def _one_of(members: list[Any]) -> Check:
    listed = [value for member in members if is_literal(member) for value in get_args(member)]
    checks = [_check(member) for member in members if not is_literal(member)]
    if listed:
        checks.insert(0, _choice(tuple(listed)))

    def check(value: object) -> list[Problem]:
        answers = []
        for member in checks:
            problems = list(member(value))
            if not problems:
                return []
            answers.append(problems)
        return max(answers, key=_closeness)

    return check


def _closeness(problems: list[Problem]) -> tuple[int, bool]:
    """How nearly a value fitted: the member that was wrong deepest inside was meant."""
    deepest = max(problems, key=lambda problem: len(problem.where))
    return len(deepest.where), deepest.fault is not Fault.SHAPE


def _choice(values: tuple[Any, ...]) -> Check:
    allowed = frozenset(str(value) for value in values)
    expected = _in_words([str(value) for value in values if value != ""])

    def check(value: object) -> tuple[Problem, ...]:
        if value in allowed if isinstance(value, str) else False:
            return NONE_FOUND
        if value == "":
            return (_empty(),)
        fault = Fault.CHOICE if isinstance(value, str) else Fault.SHAPE
        return (Problem(fault, f"must be one of {expected}", expected=expected),)

    return check


def _in_words(values: list[str]) -> str:
    return values[0] if len(values) == 1 else ", ".join(values[:-1]) + f", or {values[-1]}" if values else ""


def _list(item: Check) -> Check:
    def check(value: object) -> list[Problem]:
        if not isinstance(value, list):
            return [Problem(Fault.SHAPE, "Invalid array")]
        return [problem for index, member in enumerate(value) for problem in inside(str(index), item(member))]

    return check


def _free_keys(item: Check) -> Check:
    def check(value: object) -> list[Problem]:
        if not isinstance(value, Mapping):
            return [Problem(Fault.SHAPE, "Invalid object")]
        # An empty value removes the key, in metadata as everywhere.
        filled = {key: member for key, member in value.items() if member != ""}
        return [problem for key, member in filled.items() for problem in inside(key, item(member))]

    return check


def _string(value: object) -> tuple[Problem, ...]:
    if not isinstance(value, str):
        return (Problem(Fault.SHAPE, "Invalid string"),)
    return NONE_FOUND if value else (_empty(),)


def _matching(pattern: re.Pattern[str], kind: str) -> Check:
    def check(value: object) -> tuple[Problem, ...]:
        if isinstance(value, str) and pattern.fullmatch(value):
            return NONE_FOUND
        if value == "":
            return (_empty(),)
        shown = value if isinstance(value, str) else "{}"
        return (Problem(Fault.TYPE, f"Invalid {kind}: {shown}", expected=kind),)

    return check


def _anything(value: object) -> tuple[Problem, ...]:
    return NONE_FOUND


_LEAVES: dict[Any, Check] = {
    str: _string,
    int: _matching(_INTEGER, "integer"),
    float: _matching(_DECIMAL, "decimal"),
    Decimal: _matching(_DECIMAL, "decimal"),
    bool: _matching(re.compile("true|false"), "boolean"),
}


def _unknown(key: str) -> Problem:
    return Problem(Fault.UNKNOWN, f"Received unknown parameter: {key}", (key,))


def _missing(key: str) -> Problem:
    return Problem(Fault.MISSING, f"Missing required param: {key}.", (key,))


def _empty() -> Problem:
    return Problem(Fault.EMPTY, "You passed an empty string.")
