"""The single entry in ``INSTALLED_APPS``."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class WagtailPaymentsConfig(AppConfig):
    """Invoices, payments, receipts and books for a Wagtail site."""

    name = "wagtail_payments"
    label = "wagtail_payments"
    verbose_name = _("Payments")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Wire what can only be wired once every model is there: checks, roles, previews, guards, delivery reports."""
        from wagtail_payments import checks, ports  # noqa: PLC0415
        from wagtail_payments.actions import reminder_letters  # noqa: PLC0415
        from wagtail_payments.admin import roles  # noqa: PLC0415
        from wagtail_payments.mail import outbox, tracking  # noqa: PLC0415
        from wagtail_payments.portal import preview, quote_preview  # noqa: PLC0415
        from wagtail_payments.records.invoices import Invoice  # noqa: PLC0415
        from wagtail_payments.records.quotes import Quote  # noqa: PLC0415

        checks.register()
        post_migrate.connect(roles.after_migrate, sender=self)
        ports.register_preview(Invoice, preview.serve)
        outbox.guard("reminder", reminder_letters.may_leave)
        ports.register_preview(Quote, quote_preview.serve)
        if apps.is_installed("anymail"):
            tracking.connect()
