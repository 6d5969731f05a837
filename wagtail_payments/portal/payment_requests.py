"""Several invoices of one customer on one page, paid at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from wagtail_payments import ports
from wagtail_payments.actions import checkout
from wagtail_payments.conf import settings
from wagtail_payments.mail.links import attempt_url
from wagtail_payments.portal import access, answers, limits, logos, payments, places, together, visitors
from wagtail_payments.portal.messages import message_of
from wagtail_payments.records.links import Link

TEMPLATE = "wagtail_payments/portal/payment_request.html"


@require_safe
@answers.private
def payment_request(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the invoices whose common link was opened in this browser."""
    return show(request, access.request_to(request, public_id, ports.now()))


def show(request: HttpRequest, link: Link, *, page: Any = None) -> HttpResponse:
    """Show them in their own language, within ``page`` where there is one; rendered at once, while it is spoken."""
    asked = access.invoices_of(link)
    with translation.override(asked.language):
        told = {
            "base_template": settings.BASE_TEMPLATE,
            "together": together.of_link(request, link, ports.now()),
            "icon_url": logos.icon_of(asked.seller),
            "message": message_of(request),
            "by_staff": visitors.is_staff(request),
        }
        template = TEMPLATE if page is None else page.get_template(request)
        context = told if page is None else page.document_context(request, **told)
        response = TemplateResponse(request, template, context).render()
    response["Content-Language"] = asked.language
    return response


@require_POST
@answers.private
def pay(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send the customer to the provider's page for all that is due now; pressing twice leads to the same page."""
    now = ports.now()
    link = access.request_to(request, public_id, now)
    if not limits.allows(request, "pay", link, now):
        return places.told(request, link, "wait")
    back = urljoin(link.site.root_url, places.url_of(request, link))  # never from the request's Host header
    return payments.led_to_provider(
        request,
        link,
        lambda: checkout.start_together(
            request=access.invoices_of(link), now=now, return_url=attempt_url, cancel_url=back, seen=_seen(request)
        ),
    )


def _seen(request: HttpRequest) -> int | None:
    """What the page said that it comes to: compared, never believed."""
    typed = request.POST.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else None
