"""Revising what was sent: words that are not fiscal, as a revision beside the issued text, which never changes.

What may change: purchase order number, memo, further fields, and files that are added. Terms of payment may not: for a
business they are a compulsory mention (C. com. L441-9). Amounts, lines, parties, dates and everything else are
corrected by ``corrections``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import models, transaction
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.actions import journal, ledger, links, renditions
from wagtail_payments.core import snapshot
from wagtail_payments.core.snapshot import Document
from wagtail_payments.mail import letters
from wagtail_payments.printing import pdf
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.guards import lock
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.revisions import DocumentRevision, RevisionAttachment

REVISABLE = ("order_reference", "memo", "custom_fields", "attachments")


class RevisionRefused(Exception):
    """The invoice can't be revised so; the text says why."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The words as they are to be shown from now on, and the files to add, each with the name shown."""

    order_reference: str
    memo: str
    custom_fields: tuple[tuple[str, str], ...]
    files: Sequence[tuple[str, File[bytes]]] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """To whom the revision is told, and what the editor adds to the letter."""

    to: Sequence[str]
    cc: Sequence[str] = ()
    text: str = ""


def revise(
    *, invoice_id: int, changes: Changes, by: Any, now: datetime, form_key: str, notice: Notice | None = None
) -> DocumentRevision:
    """Show other words from now on, as the next revision; the same form twice makes one.

    The PDF is drawn after commit, both are kept, and the letter goes when it stands. Raises ``RevisionRefused``.
    """
    kept = [_kept(name, file) for name, file in changes.files]
    try:
        with transaction.atomic(durable=True):
            (invoice,) = lock(Invoice, invoice_id)
            standing: DocumentRevision | None = DocumentRevision.objects.filter(form_key=form_key).first()
            if standing is None:
                return _revised(invoice, changes, kept, notice, by, now, form_key)
    except BaseException:
        _forget(kept)
        raise
    _forget(kept)
    return standing


def _kept(name: str, file: File[bytes]) -> RevisionAttachment:
    """A file is stored before the transaction, which waits for nothing slow."""
    attachment = RevisionAttachment(name=name)
    attachment.file.save(str(file.name or name or "file").rsplit("/", 1)[-1], file, save=False)
    return attachment


def _forget(kept: Sequence[RevisionAttachment]) -> None:
    for attachment in kept:
        attachment.file.storage.delete(str(attachment.file.name))


def _revised(
    invoice: Invoice,
    changes: Changes,
    kept: Sequence[RevisionAttachment],
    notice: Notice | None,
    by: Any,
    now: datetime,
    form_key: str,
) -> DocumentRevision:
    document = invoice.document
    if document is None:
        raise RevisionRefused(_("This invoice is still a draft. A draft is simply changed."))
    before, number = document.current, document.revision + 1
    after = _written(before, changes, kept, number, invoice.seller.today(now).isoformat())
    changed = [name for name in REVISABLE if getattr(before, name) != getattr(after, name)]
    _refuse(after, changed)
    text = snapshot.to_text(after)
    revision = DocumentRevision.objects.create(
        document=document,
        revision=number,
        text=text,
        sha256=snapshot.digest(text),
        changed=changed,
        by=by,
        at=now,
        form_key=form_key,
    )
    for attachment in kept:
        attachment.revision = revision
        attachment.save(force_insert=True)
    _show(invoice, document, revision, after)
    ledger.seal_revision(invoice=invoice, revision=revision, now=now)
    _follow(invoice, revision, notice, by, now)
    return revision


def _written(before: Document, changes: Changes, kept: Sequence[RevisionAttachment], number: int, on: str) -> Document:
    return replace(
        before,
        order_reference=changes.order_reference.strip(),
        memo=changes.memo.strip(),
        custom_fields=changes.custom_fields,
        attachments=(*before.attachments, *(str(attachment) for attachment in kept)),
        revision=number,
        revised_on=on,
    )


def _refuse(after: Document, changed: Sequence[str]) -> None:
    if not changed:
        raise RevisionRefused(_("Nothing was changed, so there is nothing to revise."))
    if pdf.is_too_long(after):
        raise RevisionRefused(_("This would be too long to be printed. Shorten the texts."))


def _show(invoice: Invoice, document: IssuedDocument, revision: DocumentRevision, after: Document) -> None:
    """The revision is what is shown now. The invoice's own columns follow, past their guard: lists search them."""
    IssuedDocument.objects.filter(pk=document.pk).update(revision=revision.revision)
    fields = [{"name": name, "value": value} for name, value in after.custom_fields]
    own: models.QuerySet[Invoice] = models.QuerySet(Invoice)
    own.filter(pk=invoice.pk).update(order_reference=after.order_reference, memo=after.memo, custom_fields=fields)


def _follow(invoice: Invoice, revision: DocumentRevision, notice: Notice | None, by: Any, now: datetime) -> None:
    document = IssuedDocument.objects.select_related("seller", "customer").get(pk=revision.document_id)
    ports.failpoint("revise.kept")
    renditions.draw_after_commit(document, now)
    if notice is not None:
        link = links.open_link_for(document=document, site=invoice.site, now=now)
        letters.invoice_revised(
            revision=revision, link=link, to=notice.to, cc=notice.cc, text=notice.text, by=by, now=now
        )
    data = {"revision": revision.revision, "changed": revision.changed}
    journal.note(invoice, "revise", now=now, by=by, data=data)
