"""Pro formas: a draft on paper, numbered in a series of its own. Nothing is owed, booked or paid by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_payments.actions import documents, findings, journal, links, papers, renditions
from wagtail_payments.actions.modes import mode_of
from wagtail_payments.actions.numbers import ClockWentBack
from wagtail_payments.core.numbering import Series
from wagtail_payments.core.snapshot import Document, Kind, PaymentTerms
from wagtail_payments.mail import proformas as letters
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.proformas import Proforma

# Within this time a second one of the same draft is a double click.
DOUBLE_CLICK = timedelta(seconds=10)
# What must be right on an invoice, and may still be open on what is none.
MAY_BE_OPEN = frozenset({"due", "due_past", "deposit_unpaid", "deposit_draft", "deposit_processing"})


class ProformaRefused(Exception):
    """The pro forma can't be made; the text says why."""


def send(*, invoice_id: int, to: Sequence[str], by: Any, now: datetime) -> Proforma:
    """Make a pro forma of a draft and write the letter that brings it (to nobody: no letter); a double click makes one.

    Raises ``ProformaRefused``.
    """
    with transaction.atomic(durable=True):
        (draft,) = lock(Invoice, invoice_id)
        recent = draft.proformas.filter(document__issued_at__gt=now - DOUBLE_CLICK, document__issued_by=by)
        standing: Proforma | None = recent.first()
        if standing is not None:
            return standing
        _refuse_unfit(draft, now)
        proforma = Proforma.objects.create(invoice=draft, document=_frozen(draft, by, now))
        _follow(draft, proforma.document, to, by, now)
    return proforma


def _refuse_unfit(draft: Invoice, now: datetime) -> None:
    if not draft.is_draft:
        raise ProformaRefused(_("This invoice has been issued: a pro forma is made of a draft."))
    if hasattr(draft, "registration"):
        raise ProformaRefused(
            _("This draft belongs to a registration: it becomes an invoice by itself when it is paid.")
        )
    found = findings.review(invoice=draft, now=now)
    errors = [one.message for one in found if one.level == "error" and one.code not in MAY_BE_OPEN]
    if errors:
        raise ProformaRefused(" ".join(errors))


def _frozen(draft: Invoice, by: Any, now: datetime) -> IssuedDocument:
    draft.mode = mode_of(draft.site)  # in hand only: what the invoice becomes is decided when it is issued
    on = draft.seller.today(now)
    request = documents.Issue(
        seller=draft.seller,
        customer=draft.customer,
        series=Series.PROFORMA,
        mode=draft.mode,
        issued_on=on,
        at=now,
        by=by,
    )
    try:
        return documents.freeze(request, lambda number: _printed(draft, number, on, now))
    except ClockWentBack as error:
        raise ProformaRefused(str(error)) from error


def _printed(draft: Invoice, number: str, on: date, now: datetime) -> Document:
    """What the invoice would be, without what makes one pay."""
    document = papers.document_of(invoice=draft, now=now, number=number, issued_on=on)
    return replace(document, kind=Kind.PROFORMA, variant="", due_on="", due=0, payment=PaymentTerms())


def _follow(draft: Invoice, document: IssuedDocument, to: Sequence[str], by: Any, now: datetime) -> None:
    link = links.make_for(document=document, site=draft.site, now=now)
    renditions.draw_after_commit(document, now)
    if to:
        letters.proforma(document=document, link=link, customer=draft.customer, to=to, by=by, now=now)
    journal.note(draft, "proforma", now=now, by=by, data={"number": document.number, "to": list(to)})
