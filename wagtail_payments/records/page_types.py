"""Which page types of the site show what is remembered: ours, and those that the host made of our mixins."""

from __future__ import annotations

from typing import Any

from django.apps import apps


def document_page_types() -> list[Any]:
    """Return the page types that show documents."""
    return _marked("shows_payment_documents")


def event_page_types() -> list[Any]:
    """Return the page types that present an event, each by its field ``event``."""
    return _marked("presents_payment_event")


def event_index_types() -> list[Any]:
    """Return the page types that list the events whose pages stand below them."""
    return _marked("lists_payment_events")


def _marked(mark: str) -> list[Any]:
    return [model for model in apps.get_models() if getattr(model, mark, False)]
