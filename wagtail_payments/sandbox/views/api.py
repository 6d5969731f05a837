"""The API over HTTP."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from wagtail_payments.sandbox.api import Request, handle
from wagtail_payments.sandbox.faults import ConnectionLost
from wagtail_payments.sandbox.permission import only_where_allowed
from wagtail_payments.sandbox.running import current

HANG_UP = "Sandbox-Hang-Up"


@csrf_exempt
@only_where_allowed
def call(request: HttpRequest, rest: str) -> HttpResponse:
    """One API call. An answer that a fault swallows is marked for the server to hang up."""
    asked = Request(
        request.method or "",
        f"/v1/{rest}",
        request.META.get("QUERY_STRING", ""),
        request.headers,
        request.body.decode("utf-8", errors="replace"),
    )
    try:
        answer = handle(current(), asked)
    except ConnectionLost:
        return HttpResponse(status=504, headers={HANG_UP: "1"})
    return HttpResponse(answer.body, status=answer.status, headers=answer.headers)
