"""On which site one sells for whom, and what a fresh draft takes from there."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from wagtail.models import Site

from wagtail_payments import ports
from wagtail_payments.records.events import Event
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.quotes import Quote
from wagtail_payments.records.sellers import PaymentSettings, Seller


def selling_sites() -> list[Site]:
    """Return the sites that have a seller, the default site first."""
    chosen = PaymentSettings.objects.exclude(seller=None).select_related("site")
    return sorted((row.site for row in chosen), key=lambda site: (not site.is_default_site, site.pk))


def seller_of(site: Site) -> Seller | None:
    """Return who sells on a site."""
    row = PaymentSettings.objects.filter(site=site).select_related("seller").first()
    return row.seller if row is not None else None


def current_site(request: HttpRequest) -> Site | None:
    """Return the site that is being looked at if someone sells there, else the first on which someone does."""
    sites = selling_sites()
    seen = Site.find_for_request(request)
    return seen if seen in sites else next(iter(sites), None)


def today_here(request: HttpRequest) -> date:
    """Return today's date where the seller is that the admin is used for."""
    site = current_site(request)
    seller = seller_of(site) if site is not None else None
    return seller.today(ports.now()) if seller is not None else ports.now().date()


def fresh(model: type[Any], request: HttpRequest) -> Any:
    """Return an unsaved invoice, quote or event with the seller's usual terms; without a seller it is empty."""
    site = current_site(request)
    seller = seller_of(site) if site is not None else None
    if site is None or seller is None:
        return model()
    person = request.user if request.user.is_authenticated else None
    return model(site=site, seller=seller, created_by=person, **_USUAL[model](seller))


def usual_terms(seller: Seller) -> dict[str, Any]:
    """Return what an invoice takes from its seller."""
    return _of_draft(seller) | {
        "due_days": seller.due_days,
        "terms": seller.terms,
        "online_payment": seller.online_payment,
        "methods": list(seller.methods),
        "other_amount": seller.other_amount,
        "least_amount": seller.least_amount,
    }


def _of_quote(seller: Seller) -> dict[str, Any]:
    return _of_draft(seller) | {
        "valid_days": seller.quote_days,
        "terms": seller.quote_terms,
        "no_withdrawal": seller.quote_no_withdrawal,
    }


def _of_draft(seller: Seller) -> dict[str, Any]:
    return {"currency": seller.currency, "language": seller.language, "nature": seller.nature}


def _of_event(seller: Seller) -> dict[str, Any]:
    return {
        "language": seller.language,
        "time_zone": seller.time_zone,
        "no_withdrawal": seller.event_no_withdrawal,
    }


_USUAL = {Invoice: usual_terms, Quote: _of_quote, Event: _of_event}
