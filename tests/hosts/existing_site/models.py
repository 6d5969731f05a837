"""The pages that this site had before."""

from __future__ import annotations

from django.db import models
from wagtail.models import Page

from wagtail_payments.pages.models import EventPage


class ArticlePage(Page):
    """An article."""

    template = "existing_site/article.html"
    body = models.TextField(blank=True)


class WorkshopPage(EventPage):
    """An event of which visitors want to know who holds it: a second page type for events, made out of ours."""

    speaker = models.CharField(max_length=100)
