"""An order that is paid in two parts, on its registrant's page: what is still to come, and the way to pay it."""

from __future__ import annotations

from urllib.parse import urljoin

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from wagtail_payments import ports
from wagtail_payments.actions import checkout, ticket_deposits
from wagtail_payments.gateways.model import GatewayUnavailable
from wagtail_payments.mail.links import attempt_url
from wagtail_payments.portal import access, answers, limits, places
from wagtail_payments.portal.registrations import registration_of


@require_POST
@answers.private
def pay(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send the registrant to the provider for the balance that was asked for; twice leads to the same page."""
    now = ports.now()
    link = access.registration_to(request, public_id, now)
    if not limits.allows(request, "balance", link, now):
        return places.told(request, link, "wait")
    back = urljoin(link.site.root_url, places.own_url(link))  # never from the request's Host header
    try:
        attempt = ticket_deposits.start_paying(
            registration=registration_of(link), now=now, return_url=attempt_url, cancel_url=back
        )
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
