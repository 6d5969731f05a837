"""The pages of the example site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page


class HomePage(Page):
    """The front page."""

    introduction = RichTextField(blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    template = "demo/home.html"
    max_count = 1

    def get_context(self, request: HttpRequest, *args: Any, **options: Any) -> dict[str, Any]:
        """Tell the template where the sandbox is."""
        return {**super().get_context(request, *args, **options), "sandbox_url": settings.SANDBOX_URL}
