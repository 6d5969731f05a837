"""The seller's colours as a stylesheet of its own, so that pages need no inline style and pass a strict policy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from wagtail_payments.records.sellers import Seller

# :where() weighs nothing, so that any rule of the host for --wp-* wins.
SHEET = ":where(.wp-page){--wp-brand:#%(brand)s;--wp-accent:#%(accent)s}\n"


def url_of(seller: Seller) -> str:
    """Return the address of the stylesheet; it names the colours, so it changes when they do."""
    brand, accent = seller.colour.lower().lstrip("#"), seller.accent_colour.lower().lstrip("#")
    return reverse("wagtail_payments:theme", args=[brand, accent])


@require_safe
def theme(request: HttpRequest, brand: str, accent: str) -> HttpResponse:
    """Answer the stylesheet; the URL lets nothing through but six hexadecimal digits each."""
    response = HttpResponse(SHEET % {"brand": brand, "accent": accent}, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
