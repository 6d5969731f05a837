"""The dashboard: what the merchant would see at Stripe, and what only a sandbox can do."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe

from wagtail_payments.sandbox.permission import only_where_allowed
from wagtail_payments.sandbox.rules import RefundEnding
from wagtail_payments.sandbox.running import current
from wagtail_payments.sandbox.views import rows
from wagtail_payments.sandbox.views.words import DONE, REFUND_ENDINGS, SWITCHES


@only_where_allowed
@csrf_protect
@require_safe
def payments(request: HttpRequest) -> HttpResponse:
    """All payments, with refund and dispute."""
    with current().working() as world:
        return _page(request, "payments", rows=rows.payments(world.shelves), balance=current().balance())


@only_where_allowed
@csrf_protect
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """All Checkout Sessions; open ones can be expired, debits settled."""
    with current().working() as world:
        return _page(request, "sessions", rows=rows.sessions(world.shelves))


@only_where_allowed
@require_safe
def customers(request: HttpRequest) -> HttpResponse:
    """All customers."""
    with current().working() as world:
        return _page(request, "customers", rows=rows.customers(world.shelves))


@only_where_allowed
@csrf_protect
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """All events and how far their webhooks got."""
    with current().working() as world:
        return _page(request, "events", rows=rows.events(world.shelves), endpoints=current().outbox.endpoints)


@only_where_allowed
@csrf_protect
@require_safe
def event(request: HttpRequest, key: str) -> HttpResponse:
    """One event: what was sent, each try, and a button to send it again."""
    with current().working() as world:
        found = rows.event(world.shelves, key)
        if found is None:
            raise Http404("There is no such event.")
        return _page(request, "event", **found)


@only_where_allowed
@csrf_protect
@require_safe
def behaviour(request: HttpRequest) -> HttpResponse:
    """What shall go wrong, and time."""
    sandbox = current()
    switches = [(name, label, help_text, getattr(sandbox.outbox.switches, name)) for name, label, help_text in SWITCHES]
    endings = [(ending, label, ending == sandbox.rules.refund_ending) for ending, label in REFUND_ENDINGS.items()]
    return _page(request, "behaviour", switches=switches, endings=endings, default_ending=RefundEnding.SUCCEEDED)


@only_where_allowed
@require_safe
def receipt(request: HttpRequest, key: str) -> HttpResponse:
    """The receipt a charge links to."""
    try:
        charge = current().object("charge", key)
    except KeyError:
        raise Http404("There is no such charge.") from None
    return _page(request, "receipt", charge=charge)


def _page(request: HttpRequest, name: str, **facts: Any) -> HttpResponse:
    facts |= {"page": name, "merchant": current().rules.merchant, "done": DONE.get(request.GET.get("done", ""))}
    return render(request, f"wagtail_payments_sandbox/{name}.html", facts)
