"""Putting an issued invoice right: credited and issued anew, or replaced by a corrective invoice.

Nothing issued is changed. Words that are not fiscal are revised instead, see ``revisions``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from wagtail_payments.actions import correctable, credits, invoices, journal, replacing
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice


class CorrectionRefused(Exception):
    """The invoice can't be corrected now; the text says why and what to do."""


def reissue(*, invoice_id: int, reason: str, by: Any, now: datetime, form_key: str) -> Invoice:
    """Credit all that is left of an invoice and return a new draft like it; the same again returns that draft.

    What had been paid is credit from then on, and pays the new invoice when it is issued.
    Raises ``CorrectionRefused`` or ``CreditRefused``.
    """
    with transaction.atomic(durable=True):
        (invoice,) = lock(Invoice, invoice_id)
        standing = draft_of(invoice)
        if standing is not None and standing.kind == InvoiceKind.STANDARD:
            return standing
        _refuse(invoice, standing)
        note = credits.credit_locked(invoice=invoice, amounts=None, reason=reason, by=by, now=now, form_key=form_key)
        draft = _draft(invoice, InvoiceKind.STANDARD, reason, by, now)
        credits.book(credit_note=note, now=now)
    return draft


def draft_corrective(*, invoice_id: int, reason: str, by: Any, now: datetime) -> Invoice:
    """Return a draft that will replace an invoice (384) when it is issued; until then nothing changes.

    The same again returns the draft that stands. Raises ``CorrectionRefused``.
    """
    with transaction.atomic(durable=True):
        (invoice,) = lock(Invoice, invoice_id)
        standing = draft_of(invoice)
        if standing is not None and standing.kind == InvoiceKind.CORRECTIVE:
            return standing
        _refuse(invoice, standing)
        return _draft(invoice, InvoiceKind.CORRECTIVE, reason, by, now)


def draft_of(invoice: Invoice) -> Invoice | None:
    """Return the draft that is to replace an invoice, if there is one."""
    draft: Invoice | None = Invoice.objects.filter(corrects=invoice, document=None).first()
    return draft


def _refuse(invoice: Invoice, standing: Invoice | None) -> None:
    sentence = correctable.why_not(invoice)
    if standing is not None and not sentence:
        sentence = correctable.draft_stands()
    if sentence:
        raise CorrectionRefused(sentence)


def _draft(invoice: Invoice, kind: InvoiceKind, reason: str, by: Any, now: datetime) -> Invoice:
    draft = invoices.copied(invoice=invoice, by=by)
    draft.kind, draft.corrects, draft.mode = kind, invoice, invoice.mode
    draft.supplied_on = invoice.supplied_on
    draft.metadata = {replacing.REASON: reason}
    invoices.store_totals(invoice=draft)
    draft.save()
    journal.note(draft, "correct", now=now, by=by, data={"number": invoice.number})
    journal.note(invoice, "correction", now=now, by=by, data={"reason": reason})
    return draft
