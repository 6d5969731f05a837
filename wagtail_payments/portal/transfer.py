"""Paying by bank transfer: the account, the reference, and a code for what is due now."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from wagtail_payments.core.snapshot import Document
from wagtail_payments.printing.amounts import NBSP, Writer, grouped
from wagtail_payments.printing.qr import NoTransferCode, epc_payload, epc_qr_svg


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where to transfer what; ``code`` is an SVG for banking apps, empty where there can be none."""

    holder: str
    iban: str
    bic: str
    reference: str
    amount: str
    code: SafeString


def of(document: Document, due: int, writer: Writer) -> Transfer | None:
    """Return how to pay ``due`` (minor units) by transfer, or None where the document gives no account."""
    terms = document.payment
    if not terms.iban or due <= 0:
        return None
    holder = terms.account_holder or document.seller.name
    code = _code(document, holder, due)
    return Transfer(
        holder, grouped(terms.iban, 4).replace(NBSP, " "), terms.bic, document.number, writer.money(due), code
    )


def _code(document: Document, holder: str, due: int) -> SafeString:
    terms = document.payment
    try:
        payload = epc_payload(
            name=holder,
            iban=terms.iban,
            bic=terms.bic,
            amount=due,
            currency=document.currency,
            text=document.number,
        )
    except NoTransferCode:
        return mark_safe("")
    return mark_safe(epc_qr_svg(payload))  # squares and numbers: no text of a person stands in it
