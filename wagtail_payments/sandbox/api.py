"""The API's door: one HTTP call in, one HTTP answer out, without Django and without a socket."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

import stripe

from wagtail_payments.sandbox.engine import Sandbox
from wagtail_payments.sandbox.errors import Refused, from_problem
from wagtail_payments.sandbox.expand import expanded
from wagtail_payments.sandbox.faults import ApiFault, ConnectionLost
from wagtail_payments.sandbox.forms import decoded
from wagtail_payments.sandbox.idempotency import check_key, remember, replay
from wagtail_payments.sandbox.json_types import Json, Params
from wagtail_payments.sandbox.keys import check_api_key
from wagtail_payments.sandbox.limits import check_limits
from wagtail_payments.sandbox.routes import find_route
from wagtail_payments.sandbox.spec import check_request
from wagtail_payments.sandbox.world import Call, World

_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(\.[a-z]+)?")
_TROUBLE = {
    ApiFault.CONFLICT: Refused(
        "This object cannot be accessed right now because another API request or Stripe process is "
        "currently accessing it.",
        status=HTTPStatus.CONFLICT,
        code="lock_timeout",
        executed=False,
    ),
    ApiFault.RATE_LIMIT: Refused(
        "Request rate limit exceeded.",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        code="rate_limit",
        executed=False,
    ),
    ApiFault.SERVER_ERROR: Refused(
        "An unknown error occurred.", status=HTTPStatus.INTERNAL_SERVER_ERROR, kind="api_error"
    ),
}


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP call. Header names are compared without regard to case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    def header(self, name: str) -> str:
        """A header, or an empty string."""
        wanted = name.lower()
        return next((text for key, text in self.headers.items() if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Json:
        """The body, read."""
        answer: Json = json.loads(self.body)
        return answer


def handle(sandbox: Sandbox, request: Request) -> Response:
    """Answer a call. Raises ``ConnectionLost`` when a fault swallows the answer."""
    fault = sandbox.faults.strike(request.path)
    if fault is ApiFault.TIMEOUT_BEFORE:
        raise ConnectionLost(request.path)
    with sandbox.working() as world:
        request_id = world.ids("req")
        answer = _answer(world, request, request_id, fault)
    if fault is ApiFault.TIMEOUT_AFTER:
        raise ConnectionLost(request.path)
    return _with_headers(answer, request, request_id)


def _answer(world: World, request: Request, request_id: str, fault: ApiFault | None) -> Response:
    key = request.header("Idempotency-Key") if request.method == "POST" else ""
    try:
        check_api_key(world.rules, request.header("Authorization"))
        _check_version(request)
        check_key(key)
        params = decoded(request.query, request.body)
        if key and (kept := replay(world, key, request.method, request.path, params)):
            return _replayed(kept)
        if fault in _TROUBLE and fault is not ApiFault.SERVER_ERROR:
            raise _TROUBLE[fault]
        world.call = Call(request_id, key or None)
        response, executed = _executed(world, request, params, fault)
    except Refused as refusal:
        return _refusal(refusal)
    finally:
        world.call = Call()
    if key and executed:
        remember(world, key, request.method, request.path, params, response.status, response.body)
    return response


def _executed(world: World, request: Request, params: Params, fault: ApiFault | None) -> tuple[Response, bool]:
    """The answer, and whether the call was carried out (only then is it kept)."""
    try:
        if fault is ApiFault.SERVER_ERROR:
            raise _TROUBLE[fault]
        return Response(HTTPStatus.OK, {}, _text(_call(world, request, params))), True
    except Refused as refusal:
        return _refusal(refusal), refusal.executed


def _call(world: World, request: Request, params: Params) -> Json:
    found = find_route(request.method, request.path)
    if found is None or found[0].public:
        _check_params(request, params)
    if found is None:
        message = f"The sandbox does not play {request.method} {request.path}."
        raise Refused(message, status=HTTPStatus.NOT_FOUND, code="sandbox_not_played", executed=False)
    route, ids = found
    return expanded(world, route.handler(world, params, *ids), params.get("expand", []))


def _check_params(request: Request, params: Params) -> None:
    problems = check_request(request.method, request.path, params)
    if problems:
        raise from_problem(problems[0])
    check_limits(params)


def _check_version(request: Request) -> None:
    version = request.header("Stripe-Version")
    if version and not _VERSION.fullmatch(version):
        raise Refused(f"Invalid Stripe API version: {version}", executed=False)


def _refusal(refusal: Refused) -> Response:
    return Response(refusal.status, _retry_advice(refusal.status), _text(refusal.body()))


def _replayed(kept: Json) -> Response:
    headers = {"Idempotent-Replayed": "true", **_retry_advice(kept["status"])}
    return Response(kept["status"], headers, kept["body"])


def _retry_advice(status: int) -> dict[str, str]:
    """A kept 500 stays a 500, so the SDK is told not to try the same key again."""
    return {"Stripe-Should-Retry": "false"} if status == HTTPStatus.INTERNAL_SERVER_ERROR else {}


def _text(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _with_headers(answer: Response, request: Request, request_id: str) -> Response:
    headers = {
        "Content-Type": "application/json",
        "Request-Id": request_id,
        "Stripe-Version": request.header("Stripe-Version") or stripe.api_version or "",
        **answer.headers,
    }
    if key := request.header("Idempotency-Key"):
        headers["Idempotency-Key"] = key
    return replace(answer, headers=headers)
