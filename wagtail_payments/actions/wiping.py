"""Removing test money: the one place where rows of the books are deleted, and only those of mode ``test``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from wagtail_payments.records.agreements import Agreement, QuoteQuestion, QuoteStep, SigningCode
from wagtail_payments.records.attempts import AttemptShare, PaymentAttempt
from wagtail_payments.records.contracts import Contract
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.deliveries import Alert, Heartbeat
from wagtail_payments.records.deposits import Deduction, Deposit
from wagtail_payments.records.disputes import Dispute, DisputedMoney
from wagtail_payments.records.documents import IssuedDocument, NumberSeries, Rendition
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.instalments import Instalment
from wagtail_payments.records.invoices import Invoice, InvoiceAttachment, InvoiceLine
from wagtail_payments.records.ledger import Chain, Entry, EntryLine
from wagtail_payments.records.letters import DeliveryReport, Letter
from wagtail_payments.records.links import Link, Opening
from wagtail_payments.records.payment_requests import PaymentRequest
from wagtail_payments.records.payments import Allocation, CreditApplication, Payment, Receipt, Refund
from wagtail_payments.records.proformas import Proforma
from wagtail_payments.records.promises import Promise
from wagtail_payments.records.quotes import PlanStep, Quote, QuoteAttachment, QuoteLine
from wagtail_payments.records.registrations import Cancellation, Registration, Seat
from wagtail_payments.records.reminders import Reminder, ReminderMute
from wagtail_payments.records.revisions import DocumentRevision, RevisionAttachment
from wagtail_payments.records.withdrawals import Withdrawal
from wagtail_payments.records.write_offs import WriteOff

TEST = Mode.TEST
WIPED = "wiped"  # what providers hold of test money from before this moment is nobody's any more


class StillShown(Exception):
    """A page, or a record of the host's, names a test invoice; the text says which ones."""


# Leaves first: each row goes before what it points to.
ROWS: tuple[tuple[type[models.Model], Q], ...] = (
    (Rendition, Q(document__mode=TEST)),
    (RevisionAttachment, Q(revision__document__mode=TEST)),
    (DocumentRevision, Q(document__mode=TEST)),
    (
        Alert,
        Q(invoice__mode=TEST)
        | Q(payment__mode=TEST)
        | Q(refund__mode=TEST)
        | Q(attempt__mode=TEST)
        | Q(quote__mode=TEST)
        | Q(registration__mode=TEST),
    ),
    (EntryLine, Q(entry__chain__mode=TEST)),
    (Entry, Q(chain__mode=TEST)),
    (Chain, Q(mode=TEST)),
    (DeliveryReport, Q(letter__document__mode=TEST) | Q(letter__registration__mode=TEST)),
    (
        Letter.enclosed.through,
        Q(letter__document__mode=TEST) | Q(letter__registration__mode=TEST) | Q(issueddocument__mode=TEST),
    ),
    (Letter.further_links.through, Q(link__document__mode=TEST) | Q(link__payment_request__mode=TEST)),
    (Reminder, Q(invoice__mode=TEST)),
    (ReminderMute, Q(invoice__mode=TEST)),
    (Letter, Q(document__mode=TEST) | Q(registration__mode=TEST)),
    (
        Opening,
        Q(link__document__mode=TEST) | Q(link__registration__mode=TEST) | Q(link__payment_request__mode=TEST),
    ),
    (Link, Q(document__mode=TEST) | Q(registration__mode=TEST) | Q(payment_request__mode=TEST)),
    (Seat, Q(registration__mode=TEST)),
    (Withdrawal, Q(quote__mode=TEST) | Q(cancellation__registration__mode=TEST)),
    (Cancellation, Q(registration__mode=TEST)),
    (Registration, Q(mode=TEST)),
    (QuoteStep, Q(quote__mode=TEST, quote__document__isnull=False)),
    (QuoteQuestion, Q(quote__mode=TEST, quote__document__isnull=False)),
    (SigningCode, Q(quote__mode=TEST, quote__document__isnull=False)),
    (Agreement, Q(quote__mode=TEST)),
    (Contract, Q(quote__mode=TEST) | Q(invoice__mode=TEST)),
    (PlanStep, Q(quote__mode=TEST, quote__document__isnull=False)),
    (QuoteLine, Q(quote__mode=TEST, quote__document__isnull=False)),
    (QuoteAttachment, Q(quote__mode=TEST, quote__document__isnull=False)),
    (Quote, Q(mode=TEST, document__isnull=False)),
    (Receipt, Q(document__mode=TEST)),
    (Allocation, Q(payment__mode=TEST)),
    (CreditApplication, Q(invoice__mode=TEST)),
    (DisputedMoney, Q(payment__mode=TEST)),
    (Dispute, Q(mode=TEST)),
    (WriteOff, Q(invoice__mode=TEST)),
    (Refund, Q(mode=TEST)),
    (Payment, Q(mode=TEST)),
    (AttemptShare, Q(attempt__mode=TEST)),
    (PaymentAttempt, Q(mode=TEST)),
    (PaymentRequest.invoices.through, Q(paymentrequest__mode=TEST)),
    (PaymentRequest, Q(mode=TEST)),
    (CreditNote, Q(mode=TEST)),
    (Promise, Q(invoice__mode=TEST)),
    (Instalment, Q(invoice__mode=TEST)),
    (Deduction, Q(invoice__mode=TEST) | Q(deducted__mode=TEST)),
    (Deposit, Q(invoice__mode=TEST) | Q(contract__mode=TEST)),
    (Proforma, Q(document__mode=TEST)),
    (InvoiceLine, Q(invoice__mode=TEST)),
    (InvoiceAttachment, Q(invoice__mode=TEST)),
    (Invoice, Q(mode=TEST)),
    (IssuedDocument, Q(mode=TEST)),
    (NumberSeries, Q(mode=TEST)),
)


def test_documents() -> models.QuerySet[Any]:
    """Return the issued documents that would be removed."""
    return IssuedDocument.objects.filter(mode=TEST)


def wipe_test_money(*, now: datetime) -> None:
    """Remove every test document and registration with all that hangs on it; files go after commit.

    Drafts of editors stay: what they become is decided when they are issued. Raises ``StillShown``, and removes
    nothing then: an invoice page without its invoice would show everybody's.
    """
    if shown := [str(row) for row in _naming_an_invoice()]:
        raise StillShown(", ".join(shown))
    renditions = Rendition.objects.filter(document__mode=TEST)
    files = [rendition.file for rendition in renditions]
    files += [kept.file for kept in RevisionAttachment.objects.filter(revision__document__mode=TEST)]
    with transaction.atomic(durable=True):
        corrections: models.QuerySet[Any] = models.QuerySet(Invoice)
        corrections.filter(mode=TEST, corrects__isnull=False).update(corrects=None)
        asked: models.QuerySet[Any] = models.QuerySet(Deposit)  # a draft of a part stays, as a deposit of its draft
        asked.filter(step__quote__mode=TEST).update(step=None)
        for model, rows in ROWS:
            _delete(model, rows)
        Heartbeat.objects.update_or_create(name=WIPED, defaults={"at": now})
    for file in files:
        file.storage.delete(file.name)


def _naming_an_invoice() -> Iterator[models.Model]:
    """What would be left behind with a key to a test invoice that is gone."""
    goes = {model for model, _rows in ROWS}
    for relation in Invoice._meta.related_objects:
        name = relation.field.name
        if relation.related_model not in goes:
            rows: models.QuerySet[Any] = models.QuerySet(relation.related_model)
            yield from rows.filter(**{f"{name}__mode": TEST})


def _delete(model: type[models.Model], rows: Q) -> None:
    """Past the guards, which are there for live money."""
    keys = list(models.QuerySet(model).filter(rows).values_list("pk", flat=True).distinct())
    for start in range(0, len(keys), 500):
        chosen: models.QuerySet[Any] = models.QuerySet(model).filter(pk__in=keys[start : start + 500])
        chosen._raw_delete(chosen.db)
