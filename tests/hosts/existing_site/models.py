"""The pages that this site had before."""

from __future__ import annotations

from django.db import models
from wagtail.models import Page


class ArticlePage(Page):
    """An article."""

    template = "existing_site/article.html"
    body = models.TextField(blank=True)
