"""Our style sheet for Wagtail's lists and forms."""

from __future__ import annotations

from typing import Any

from django import forms
from wagtail.admin.staticfiles import versioned_static

SHEET = versioned_static("wagtail_payments/admin/payments.css")


class StyledList:
    """For a list with amounts: they stand to the right."""

    def get_context_data(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Add our style sheet."""
        context: dict[str, Any] = super().get_context_data(*args, **options)  # type: ignore[misc]
        context["media"] += forms.Media(css={"all": [SHEET]})
        return context
