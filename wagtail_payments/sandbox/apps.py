"""The sandbox as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SandboxConfig(AppConfig):
    """An optional app beside ``wagtail_payments``; it has no models and no migrations."""

    name = "wagtail_payments.sandbox"
    label = "wagtail_payments_sandbox"
    verbose_name = _("Payments sandbox")

    def ready(self) -> None:
        """Register the system check."""
        from wagtail_payments.sandbox import checks  # noqa: F401, PLC0415
