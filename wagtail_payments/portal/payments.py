"""Paying: to the provider and back. No id is taken from a form, an amount only as one of those offered.

Coming back decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from wagtail_payments import ports
from wagtail_payments.actions import checkout
from wagtail_payments.conf import settings
from wagtail_payments.core.lifecycle import LIVE_ATTEMPT_STATES
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.mail.links import attempt_url, read_attempt_token
from wagtail_payments.portal import access, answers, documents, limits, logos, outcome, places, theme
from wagtail_payments.portal.pay_form import PayForm, has_choice
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link

ASKED_LATELY = timedelta(seconds=2)


@require_POST
@answers.private
def pay(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send the customer to the provider's page for what is due or chosen; pressing twice leads to the same page."""
    now = ports.now()
    link = access.link_to(request, public_id, now)
    invoice = Invoice.objects.select_related("site", "seller", "customer").filter(document=link.document_id).first()
    if invoice is None:
        raise Http404
    with translation.override(invoice.language):
        form = PayForm(request.POST, invoice=invoice, now=now) if has_choice(invoice) else None
        if form is not None and form.is_outdated():
            return places.told(request, link, "amount_changed")
        if form is not None and not form.is_valid():
            return documents.show(request, link, page=places.page_for(request, link), pay=form, status=422)
    if not limits.allows(request, "pay", link, now):
        return places.told(request, link, "wait")
    return _start(request, link, invoice, now, form.chosen() if form is not None else None)


def _start(
    request: HttpRequest, link: Link, invoice: Invoice, now: datetime, choice: checkout.Choice | None
) -> HttpResponse:
    back = urljoin(link.site.root_url, places.url_of(request, link))  # never from the request's Host header
    return led_to_provider(
        request,
        link,
        lambda: checkout.start(invoice=invoice, now=now, return_url=attempt_url, cancel_url=back, choice=choice),
    )


def led_to_provider(request: HttpRequest, link: Link, start: Callable[[], PaymentAttempt]) -> HttpResponse:
    """Answer 303 to the provider's page, or back to where ``link`` leads with the reason why there is none."""
    try:
        attempt = start()
    except (checkout.AmountChanged, checkout.AmountRefused):
        return places.told(request, link, "amount_changed")
    except checkout.NothingToPay:
        return places.told(request, link, "paid")
    except checkout.PaymentUnderWay:
        return places.told(request, link, "under_way")
    except checkout.TooManyTries:
        return places.told(request, link, "wait")
    except checkout.OnlinePaymentOff:
        return places.told(request, link, "off")
    except GatewayUnavailable:
        return places.told(request, link, "unavailable")
    return places.SeeOther(attempt.url)


@require_safe
@answers.private
def returned(request: HttpRequest, token: str) -> HttpResponse:
    """Show how the payment stands for which the customer was at the provider; nothing else is shown."""
    now = ports.now()
    attempt = read_attempt_token(token, now=now)
    if attempt is None:
        raise Http404
    attempt = _asked_again(request, attempt, now)
    link = _link_of(attempt)
    with translation.override(attempt.invoice.language):
        return _told(request, attempt, link, now)


def _link_of(attempt: PaymentAttempt) -> Link | None:
    """To the registration whose seats were paid, to the invoices that were paid together, else to the invoice."""
    if attempt.payment_request_id is not None:
        return Link.objects.select_related("site").filter(payment_request=attempt.payment_request_id).first()
    if attempt.event_id is not None:
        links = Link.objects.select_related("site", "registration__event__seller")
        return links.filter(registration__invoice=attempt.invoice).first()
    return access.link_of(attempt.invoice.document) if attempt.invoice.document else None


def _asked_again(request: HttpRequest, attempt: PaymentAttempt, now: datetime) -> PaymentAttempt:
    """Ask the provider when its message is late; whoever reloads fast does not ask each time."""
    recently = attempt.checked_at is not None and now - attempt.checked_at < ASKED_LATELY
    if request.method == "HEAD" or recently or attempt.state not in LIVE_ATTEMPT_STATES:
        return attempt
    return checkout.refresh(attempt=attempt, now=now)


def _told(request: HttpRequest, attempt: PaymentAttempt, link: Link | None, now: datetime) -> HttpResponse:
    told = outcome.of(attempt, looked=request.GET.get(outcome.LOOKED, ""))
    context = {
        "base_template": settings.BASE_TEMPLATE,
        "outcome": told,
        "seller": attempt.invoice.seller,
        "theme_url": theme.url_of(attempt.invoice.seller),
        "icon_url": logos.icon_of(attempt.invoice.seller),
        "document_url": places.url_of(request, link) if link and access.may_open(request, link, now) else "",
    }
    response = TemplateResponse(request, "wagtail_payments/portal/return.html", context).render()
    response["Content-Language"] = attempt.invoice.language
    response["Referrer-Policy"] = "no-referrer"
    if told.look_again is not None:
        response["Refresh"] = f"{told.seconds}; url={request.path}?{outcome.LOOKED}={told.look_again}"
    return response
