"""What is printed on an invoice or a quote, as its desk shows it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from wagtail_payments.core.snapshot import Document
from wagtail_payments.printing import quote_rows
from wagtail_payments.printing.amounts import Writer


def printed(document: Document | None) -> dict[str, Any]:
    """Return a document with what the customer may choose and its billing plan, in the language of the admin.

    ``None`` is a draft that does not add up.
    """
    if document is None:
        return {"document": None}
    writer = Writer(get_language() or document.language, document.currency)
    lines = [(line, quote_rows.choice(line, writer)) for line in document.lines]
    return {"document": document, "lines": lines, "plan": quote_rows.plan(document, writer)}
