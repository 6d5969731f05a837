"""The hosted page: where the payer pays, passes 3-D Secure, or goes back to the shop."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from wagtail_payments.sandbox import checkout
from wagtail_payments.sandbox.errors import Refused
from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.permission import only_where_allowed
from wagtail_payments.sandbox.running import current
from wagtail_payments.sandbox.views.languages import spoken
from wagtail_payments.sandbox.views.pay_form import PayForm, in_words

_DECLINED = 402


@only_where_allowed
@csrf_protect
@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, key: str) -> HttpResponse:
    """The page of one session."""
    session = _session(key)
    with spoken(request, session["locale"]):
        if session["status"] != "open":
            return _ended(request, session)
        if request.method == "GET":
            return _page(request, session, PayForm(session))
        return _try(request, session, PayForm(session, request.POST))


@only_where_allowed
@csrf_protect
@require_http_methods(["GET", "POST"])
def challenge(request: HttpRequest, key: str) -> HttpResponse:
    """The payer's bank asks who they are (3-D Secure)."""
    session = _session(key)
    with spoken(request, session["locale"]):
        if session["status"] != "open":
            return _ended(request, session)
        if request.method == "GET":
            return render(request, "wagtail_payments_sandbox/challenge.html", _facts(session))
        return _answer(request, session, passed=request.POST.get("answer") == "complete")


def _try(request: HttpRequest, session: Json, form: PayForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, session, form, status=_DECLINED)
    try:
        with current().working() as world:
            intent = checkout.confirm(world, session["id"], form.instrument, form.payer)
    except Refused as refusal:
        return _refused(request, session, form, refusal)
    if intent["status"] == "requires_action":
        return _see_other(reverse("wagtail_payments_sandbox:challenge", args=[session["id"]]))
    return _to_shop(session)


def _answer(request: HttpRequest, session: Json, *, passed: bool) -> HttpResponse:
    try:
        with current().working() as world:
            checkout.answer_challenge(world, session["id"], passed=passed)
    except Refused as refusal:
        return _refused(request, session, PayForm(session), refusal)
    return _to_shop(session)


def _refused(request: HttpRequest, session: Json, form: PayForm, refusal: Refused) -> HttpResponse:
    """The page again with the bank's reason; a session that ended meanwhile says so."""
    now = _session(session["id"])
    if now["status"] != "open":
        return _ended(request, now)
    return _page(request, session, form, refusal=in_words(refusal), status=_DECLINED)


def _session(key: str) -> Json:
    try:
        return current().object("checkout.session", key)
    except KeyError:
        raise Http404("There is no such Checkout Session.") from None


def _page(request: HttpRequest, session: Json, form: PayForm, *, status: int = 200, **more: Any) -> HttpResponse:
    facts = _facts(session) | {"form": form, **more}
    return render(request, "wagtail_payments_sandbox/pay.html", facts, status=status)


def _ended(request: HttpRequest, session: Json) -> HttpResponse:
    """A session that is paid or over. Who pays twice is brought to the shop's thank-you page."""
    if session["status"] == "complete" and request.method == "POST":
        return _to_shop(session)
    return render(request, "wagtail_payments_sandbox/ended.html", _facts(session))


def _facts(session: Json) -> dict[str, Any]:
    sandbox = current()
    with sandbox.working() as world:
        kept = world.shelves.get("line_items", session["id"]) or {"items": []}
    return {
        "session": session,
        "items": kept["items"],
        "merchant": sandbox.rules.merchant,
        "success_url": _filled(session["success_url"], session),
        "cancel_url": _filled(session["cancel_url"], session),
    }


def _filled(url: str | None, session: Json) -> str:
    return (url or "").replace("{CHECKOUT_SESSION_ID}", session["id"])


def _to_shop(session: Json) -> HttpResponse:
    return _see_other(_filled(session["success_url"], session))


def _see_other(url: str) -> HttpResponse:
    """303: whatever the method was, the browser goes on with a GET."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response
