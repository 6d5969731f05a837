"""Whether the sandbox may run here: it would tell a real shop that it was paid."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

SETTING = "WAGTAIL_PAYMENTS_SANDBOX_ALLOW"
REFUSAL = f"The payments sandbox runs only with DEBUG = True, or where {SETTING} = True says that this is a test."

View = Callable[..., HttpResponseBase]


def sandbox_allowed() -> bool:
    """True while developing, and where the host says that this is a test."""
    return bool(settings.DEBUG or getattr(settings, SETTING, False))


def only_where_allowed(view: View) -> View:
    """Refuse a view where the sandbox may not run."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not sandbox_allowed():
            raise PermissionDenied(REFUSAL)
        return view(request, *args, **kwargs)

    return guarded
