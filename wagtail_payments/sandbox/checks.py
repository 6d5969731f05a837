"""The sandbox in production is a mistake, and Django says so at start."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from wagtail_payments.sandbox.permission import REFUSAL, SETTING, sandbox_allowed


@register()
def sandbox_is_not_in_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: the sandbox is installed, ``DEBUG`` is off, and nobody said that it is a test."""
    if sandbox_allowed():
        return []
    hint = (
        f"Take 'wagtail_payments.sandbox' out of INSTALLED_APPS in production, or set {SETTING} = True "
        "where only tests run."
    )
    return [Error(REFUSAL, hint=hint, id="wagtail_payments_sandbox.E001")]
