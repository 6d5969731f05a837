"""The seller's logo and icon, under names made of their content; the only things here that everyone may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from wagtail_payments.portal import answers
from wagtail_payments.records.fields import private_storage
from wagtail_payments.records.sellers import Seller

FOLDER = "logos/"


def url_of(name: str) -> str:
    """Return the address of the logo stored under ``name``, or nothing where there is none to show."""
    if not name.startswith(FOLDER):
        return ""
    try:
        return reverse("wagtail_payments:logo", args=[name.removeprefix(FOLDER)])
    except NoReverseMatch:  # not named by its content: not one of ours
        return ""


def icon_of(seller: Seller) -> str:
    """Return the address of the seller's icon, or nothing: for the browser's tab, and small beside the name."""
    return url_of(seller.icon.name or "")


@require_safe
def logo(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a logo or an icon; the URL lets only names of hexadecimal digits through, so no path can be asked for."""
    storage = private_storage()
    if not storage.exists(FOLDER + name):
        return answers.sealed(request, answers.not_found(request))
    with storage.open(FOLDER + name) as file:
        response = HttpResponse(file.read(), content_type="image/png")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'"
    return response
