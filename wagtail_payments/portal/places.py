"""Where a document, a registration or several invoices are shown, and where an event is presented."""

from __future__ import annotations

from typing import Any

from django.conf import settings as django_settings
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from wagtail.models import Site

from wagtail_payments.portal import access
from wagtail_payments.portal.messages import PARAMETER
from wagtail_payments.records.events import Event
from wagtail_payments.records.links import Link
from wagtail_payments.records.page_types import document_page_types, event_page_types


class SeeOther(HttpResponseRedirect):
    """303: what was asked for is shown at another address, by GET."""

    status_code = 303


def page_for(request: HttpRequest, link: Link) -> Any | None:
    """Return the live page that shows the document on the site the visitor is on, or None."""
    site = Site.find_for_request(request)
    if site is None or site.pk != link.site_id or link.registration_id is not None:
        return None
    found = (_page_of(model, link, site) for model in document_page_types())
    return next((page for page in found if page is not None), None)


def url_of(request: HttpRequest, link: Link) -> str:
    """Return the clean address at which this visitor sees the document."""
    page = page_for(request, link)
    return page.url_for(request, link) if page is not None else own_url(link)


def own_url(link: Link) -> str:
    """Return the address at which the app shows the document, the registration or the invoices, without any page."""
    name = "document" if link.document_id else "payment_request" if link.payment_request_id else "registration"
    return reverse(f"wagtail_payments:{name}", args=[link.public_id])


def event_page(event: Event, language: str) -> Any | None:
    """Return the live page that presents an event, in that language where there is one; None without any."""
    found = [page for model in event_page_types() for page in model.objects.live().filter(event=event).order_by("path")]
    return next((page for page in found if page.locale.language_code == language), next(iter(found), None))


def told(request: HttpRequest, link: Link, message: str) -> SeeOther:
    """Go back to the document, which then shows that message."""
    return SeeOther(f"{url_of(request, link)}?{PARAMETER}={message}")


def counter_of(site: Site, language: str) -> Any | None:
    """Return the live page at which customers of a site open their documents in a language, or None."""
    found = (
        _live(model, site).filter(_is_counter(language)).order_by("path").first() for model in document_page_types()
    )
    return next((page for page in found if page is not None), None)


def _live(model: Any, site: Site) -> Any:
    return model.objects.live().descendant_of(site.root_page, inclusive=True)


def _is_counter(language: str) -> Q:
    several = getattr(django_settings, "WAGTAIL_I18N_ENABLED", False)
    return Q(invoice=None, locale__language_code=language) if several else Q(invoice=None)


def _page_of(model: Any, link: Link, site: Site) -> Any | None:
    if link.payment_request is not None:
        return _live(model, site).filter(_is_counter(link.payment_request.language)).order_by("path").first()
    counter = _is_counter(access.paper_of(link).language)
    wanted = _live(model, site).filter(Q(invoice__document=link.document_id) | counter)
    return wanted.order_by(F("invoice").asc(nulls_last=True), "path").first()
