"""A door before Wagtail's own views: they look a record up before they ask the permission, and so tell what exists."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from wagtail_payments.admin.permissions import SEEING

ViewFunction = Callable[..., HttpResponseBase]


def seen_only(view: ViewFunction, policy: Any) -> ViewFunction:
    """Return the view behind a door that only those pass who may see such records at all.

    It also lets through nothing but what browsers send: Django's delete views answer the DELETE method without
    the checks of their form.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD", "POST", "OPTIONS"}:
            raise PermissionDenied
        if not policy.user_has_any_permission(request.user, SEEING):
            raise PermissionDenied
        return view(request, *args, **options)

    return guarded
