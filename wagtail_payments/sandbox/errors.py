"""Refusals in Stripe's own error shapes."""

from collections.abc import Mapping
from http import HTTPStatus

from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.spec.problems import Fault, Problem


class Refused(Exception):
    """The call is answered with an error.

    ``executed`` tells whether Stripe had begun to carry the call out: only then is the
    answer kept under the idempotency key.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = HTTPStatus.BAD_REQUEST,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = True,
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = int(status)
        self.executed = executed
        facts = {"code": code, "message": message, "param": param, **(details or {})}
        self.error: Json = {"type": kind} | {key: fact for key, fact in facts.items() if fact is not None}

    def body(self) -> Json:
        """The answer as Stripe writes it."""
        return {"error": self.error}


def invalid(message: str, param: str, code: str | None = None) -> Refused:
    """A parameter that is refused before anything is done."""
    return Refused(message, param=param, code=code, executed=False)


def missing_object(kind: str, key: str, param: str = "id") -> Refused:
    """An id that names nothing here: 404 when it stands in the path, 400 in a parameter."""
    return Refused(f"No such {kind}: '{key}'", status=HTTPStatus.NOT_FOUND, code="resource_missing", param=param)


def missing_reference(kind: str, key: str, param: str) -> Refused:
    """A parameter that names an object which does not exist."""
    return Refused(f"No such {kind}: '{key}'", code="resource_missing", param=param)


def card_refused(message: str, code: str, *, param: str | None = None, **details: str) -> Refused:
    """A payment that the bank or the card network turned down: 402."""
    status = HTTPStatus.PAYMENT_REQUIRED
    return Refused(message, status=status, kind="card_error", code=code, param=param, details=details)


def not_played(param: str) -> Refused:
    """A parameter that Stripe knows and this sandbox does not act on.

    Taking it in silence would let a program believe in an effect that never comes.
    """
    return invalid(f"The sandbox does not play the parameter {param}.", param, "sandbox_not_played")


def from_problem(problem: Problem) -> Refused:
    """Stripe's wording for what its parameter types do not allow."""
    param = problem.param
    match problem.fault:
        case Fault.PATH:
            return Refused(problem.message, status=HTTPStatus.NOT_FOUND, executed=False)
        case Fault.UNKNOWN if param == "payment_method_types":
            return _removed_payment_method_types()
        case Fault.UNKNOWN:
            return invalid(f"Received unknown parameter: {param}", param, "parameter_unknown")
        case Fault.MISSING:
            return invalid(f"Missing required param: {param}.", param, "parameter_missing")
        case Fault.EMPTY:
            return invalid(_EMPTY % {"param": param}, param, "parameter_invalid_empty")
        case Fault.CHOICE:
            return invalid(f"Invalid {param}: must be one of {problem.expected}", param)
        case Fault.TYPE if problem.expected == "integer":
            return invalid(problem.message, param, "parameter_invalid_integer")
    return invalid(problem.message, param)


_EMPTY = (
    "You passed an empty string for '%(param)s'. We assume empty values are an attempt to unset a "
    "parameter; however '%(param)s' cannot be unset. You should remove '%(param)s' from your request "
    "or supply a non-empty value."
)


def _removed_payment_method_types() -> Refused:
    return invalid(
        "The payment_method_types parameter is no longer supported. Use dynamic payment methods, and "
        "allowed_payment_method_types to narrow them.",
        "payment_method_types",
        "payment_method_types_no_longer_supported",
    )
