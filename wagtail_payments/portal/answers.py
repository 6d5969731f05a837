"""How private answers are sent: never cached, indexed, framed or referred to; and the page for what is not there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings as django_settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers

from wagtail_payments.conf import settings

NOT_FOUND = "wagtail_payments/portal/not_found.html"
View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """Make a view's answers private, and answer whatever is foreign, ended or missing with the same page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            response = view(request, *args, **options)
        except Http404:
            response = not_found(request)
        return sealed(request, response)

    # Some of the actions behind our views commit by themselves.
    return transaction.non_atomic_requests(guarded)


def not_found(request: HttpRequest) -> HttpResponse:
    """Return the page that asks to get a new link from the sender: the same bytes whatever the reason."""
    context = {"base_template": settings.BASE_TEMPLATE}
    response = TemplateResponse(request, NOT_FOUND, context, status=404)
    response["Referrer-Policy"] = "no-referrer"
    return response


def sealed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Add the headers of a private answer."""
    previewed = getattr(request, "is_preview", False)
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["X-Content-Type-Options"] = "nosniff"
    response.setdefault("Referrer-Policy", "same-origin")
    if not previewed:
        response["X-Frame-Options"] = "DENY"
    if not _host_has_its_own_policy():
        framed_by = "'self'" if previewed else "'none'"
        response.setdefault("Content-Security-Policy", f"frame-ancestors {framed_by}")
    patch_vary_headers(response, ["Cookie"])
    return response


def _host_has_its_own_policy() -> bool:
    """A Content-Security-Policy of ours would replace the host's stricter one: middleware leaves a set header alone."""
    if getattr(django_settings, "SECURE_CSP", None):
        return True
    return any("csp" in name.lower() for name in django_settings.MIDDLEWARE)
