"""Reading a frozen document again: do its lines and totals still add up (EN 16931, BR-CO-10 to 15)?"""

from __future__ import annotations

from decimal import Decimal

from wagtail_payments.core.snapshot import Document, Line
from wagtail_payments.core.tax import VatCategory, VatGroup
from wagtail_payments.core.totals import Discount, LineInput, line_amount


def adds_up(document: Document) -> bool:
    """Does each line come to its amount, the lines to the net, and net and VAT to the gross? Options count nothing."""
    firm = [line for line in document.lines if not line.optional]
    return (
        all(_line_fits(line, document.currency) for line in document.lines)
        and sum(line.net for line in firm) == document.lines_net
        and document.lines_net - document.discount == document.net == sum(row.base for row in document.vat)
        and sum(row.tax for row in document.vat) == document.tax
        and document.net + document.tax == document.gross
    )


def _line_fits(line: Line, currency: str) -> bool:
    vat = VatGroup(VatCategory(line.vat_category), Decimal(line.vat_rate), line.vat_reason)
    typed = LineInput(
        Decimal(line.quantity),
        Decimal(line.unit_price),
        vat,
        line.price_includes_vat,
        Discount(minor=line.discount),
    )
    return line_amount(typed, currency).amount == line.amount
