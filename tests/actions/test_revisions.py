"""Words revised after an invoice was sent: a text and a PDF of their own, beside those that were issued."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.db import models

from tests import factories
from tests.printing.readers import text_of
from wagtail_payments import ports
from wagtail_payments.actions import corrections, credits, invoices, renditions, revisions, wiping
from wagtail_payments.mail import outbox
from wagtail_payments.models import DocumentRevision, Entry, Invoice, IssuedDocument, Letter, RevisionAttachment
from wagtail_payments.records.guards import AppendOnly, IssuedIsFrozen
from wagtail_payments.reports import verification

pytestmark = pytest.mark.django_db
Issued = Callable[..., Invoice]


def changes(invoice: Invoice, **fields: Any) -> revisions.Changes:
    """The words as they stand, with what a test changes."""
    current = IssuedDocument.objects.get(pk=invoice.document_id).current
    values: dict[str, Any] = {
        "order_reference": current.order_reference,
        "memo": current.memo,
        "custom_fields": current.custom_fields,
    }
    return revisions.Changes(**values | fields)


def revise(invoice: Invoice, now: datetime, notice: revisions.Notice | None = None, **fields: Any) -> DocumentRevision:
    key = fields.pop("form_key", None) or ports.new_id()
    return revisions.revise(
        invoice_id=invoice.pk, changes=changes(invoice, **fields), by=None, now=now, form_key=key, notice=notice
    )


def fresh(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(pk=invoice.pk)


def problems(invoice: Invoice) -> list[str]:
    return [problem.what for problem in verification.verify(seller=invoice.seller, mode="test")]


def test_the_issued_text_stays_and_the_revision_is_shown(issued: Issued, now: datetime) -> None:
    invoice = issued(memo="Thanks", custom_fields=[{"name": "Project", "value": "Kitchen"}])
    before = (invoice.document.text, invoice.document.sha256)
    revision = revise(invoice, now, order_reference=" PO-4711 ")
    document = fresh(invoice).document
    assert (document.text, document.sha256) == before
    assert document.frozen.order_reference == ""
    assert (document.current.order_reference, document.current.memo) == ("PO-4711", "Thanks")
    assert (document.current.revision, document.current.revised_on) == (2, "2026-03-16")
    assert (revision.revision, revision.changed) == (2, ["order_reference"])
    assert document.current.lines == document.frozen.lines
    assert fresh(invoice).order_reference == "PO-4711", "lists find it"
    assert not problems(invoice)


def test_both_pdfs_are_kept_and_the_newest_says_so(issued: Issued, now: datetime, committing: Any) -> None:
    invoice = issued(language="en")
    first = renditions.pdf_of(document=invoice.document, now=now)
    with committing():
        revise(invoice, now, order_reference="PO-4711")
        revise(invoice, now, memo="With thanks")
    document = fresh(invoice).document
    newest = renditions.pdf_of(document=document, now=now)
    assert renditions.pdf_of(document=document, now=now, revision=1) == first
    assert "PO-4711" in text_of(renditions.pdf_of(document=document, now=now, revision=2))
    told = " ".join(text_of(newest).split())
    assert all(words in told for words in ("PO-4711", "With thanks", "Revision 3"))
    assert "Revision" not in text_of(first)
    assert [row.revision for row in document.renditions.order_by("revision")] == [1, 2, 3]
    assert not problems(invoice)


def test_the_sweep_draws_a_revision_that_a_crash_left_out(issued: Issued, now: datetime) -> None:
    invoice = issued()
    renditions.draw(document=invoice.document, now=now)
    revise(invoice, now, memo="New")
    later = now.replace(hour=12)
    assert renditions.draw_missing(now=later) == 1
    assert renditions.draw_missing(now=later) == 0
    assert set(fresh(invoice).document.renditions.values_list("revision", flat=True)) == {1, 2}


def test_the_customer_is_told_with_the_new_pdf(
    issued: Issued, now: datetime, clock: Any, committing: Any, django_capture_on_commit_callbacks: Any
) -> None:
    invoice = issued(customer=factories.make_customer(language="en"))
    notice = revisions.Notice(["buyer@example.org"], ["copy@example.org"], "As you asked.")
    file = ContentFile(b"%PDF-1.4 plan", name="plan.pdf")
    with committing():
        revise(invoice, now, notice, order_reference="PO-4711", files=[("Floor plan", file)])
    outbox.deliver_due(now=now)
    letter = Letter.objects.get(kind="invoice_revised")
    assert letter.state == "sent", letter.error
    (sent,) = [one for one in mail.outbox if one.to == ["buyer@example.org"]]
    assert sent.cc == ["copy@example.org"]
    assert "was updated" in sent.subject
    assert all(words in sent.body for words in ("purchase order number", "As you asked."))
    names = [attachment[0] for attachment in sent.attachments]
    assert names[0].endswith(".pdf")
    assert "Floor plan.pdf" in names
    assert "PO-4711" in text_of(sent.attachments[0][1])


def test_a_file_is_added_and_named_on_the_document(issued: Issued, now: datetime) -> None:
    invoice = issued()
    revise(invoice, now, files=[("", ContentFile(b"plan", name="plan.pdf"))])
    kept = RevisionAttachment.objects.get()
    assert kept.file.read() == b"plan"
    assert fresh(invoice).document.current.attachments[-1].startswith("plan")


def test_the_same_form_twice_is_one_revision(issued: Issued, now: datetime) -> None:
    invoice = issued()
    form = {"memo": "New", "form_key": "one form", "files": [("A", ContentFile(b"a", name="a.txt"))]}
    assert revise(invoice, now, **form) == revise(invoice, now, **form)
    assert DocumentRevision.objects.count() == RevisionAttachment.objects.count() == 1
    assert Entry.objects.filter(kind="revision").count() == 1


def test_nothing_changed_and_a_draft_are_refused_and_no_file_is_left(issued: Issued, now: datetime) -> None:
    with pytest.raises(revisions.RevisionRefused, match="Nothing was changed"):
        revise(issued(), now)
    draft = factories.make_invoice()
    file = ContentFile(b"a", name="a.txt")
    words = revisions.Changes("PO", "", (), [("A", file)])
    with pytest.raises(revisions.RevisionRefused, match="draft"):
        revisions.revise(invoice_id=draft.pk, changes=words, by=None, now=now, form_key="a")
    assert not DocumentRevision.objects.exists()


def test_a_revision_is_never_changed_and_the_invoice_stays_guarded(issued: Issued, now: datetime) -> None:
    invoice = issued()
    revision = revise(invoice, now, memo="New")
    with pytest.raises(AppendOnly):
        DocumentRevision.objects.update(text="{}")
    with pytest.raises(AppendOnly):
        revision.delete()
    with pytest.raises(IssuedIsFrozen):
        Invoice.objects.filter(pk=invoice.pk).update(memo="By another way")
    with pytest.raises(IssuedIsFrozen):
        IssuedDocument.objects.filter(pk=invoice.document_id).update(text="{}")


def test_the_chain_seals_it(issued: Issued, now: datetime) -> None:
    invoice = issued()
    revise(invoice, now, memo="New")
    assert not problems(invoice)
    rows: models.QuerySet[Any] = models.QuerySet(DocumentRevision)
    kept = DocumentRevision.objects.get()
    rows.update(text=kept.text.replace("New", "Old"))
    assert problems(invoice) == ["its revised text was changed"]
    rows.update(text=kept.text)
    assert not problems(invoice)
    rows.all()._raw_delete(rows.db)
    assert problems(invoice) == ["its revised text is missing"]


def test_corrections_and_copies_go_on_from_the_revised_words(issued: Issued, now: datetime) -> None:
    invoice = issued()
    revise(invoice, now, order_reference="PO-4711", custom_fields=(("Project", "Bath"),))
    assert invoices.duplicate(invoice=fresh(invoice), by=None, now=now).order_reference == "PO-4711"
    (group,) = credits.creditable(fresh(invoice))
    note = credits.credit(
        invoice_id=invoice.pk, amounts={group.key: 100}, reason="Less", by=None, now=now, form_key="a"
    )
    assert note.document.frozen.order_reference == "PO-4711"
    draft = corrections.draft_corrective(invoice_id=invoice.pk, reason="More", by=None, now=now)
    assert draft.custom_fields == [{"name": "Project", "value": "Bath"}]


def test_test_money_with_revisions_is_wiped(issued: Issued, now: datetime, committing: Any) -> None:
    invoice = issued()
    revise(invoice, now, memo="New", files=[("A", ContentFile(b"a", name="a.txt"))])
    with committing():
        wiping.wipe_test_money(now=now)
    assert not DocumentRevision.objects.exists()
    assert not RevisionAttachment.objects.exists()
