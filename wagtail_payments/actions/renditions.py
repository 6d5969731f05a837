"""Drawing issued documents: once, right after they were issued, and by a sweep for what a crash left out."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports
from wagtail_payments.actions import alerts, papers, sweeps
from wagtail_payments.core import snapshot
from wagtail_payments.core.snapshot import Document, Kind
from wagtail_payments.mail import links
from wagtail_payments.printing import pdf
from wagtail_payments.records.documents import IssuedDocument, Rendition
from wagtail_payments.records.links import Link
from wagtail_payments.records.revisions import DocumentRevision

logger = logging.getLogger(__name__)

KIND = "pdf"


def draw(*, document: IssuedDocument, now: datetime, revision: int | None = None) -> Rendition:
    """Return the PDF of an issued document, drawn and kept if it was not yet; raises ``PdfFailed``.

    Of its newest revision, or of that one. Two at once draw the same bytes, and one of them is kept.
    """
    wanted = revision or document.revision
    standing: Rendition | None = document.renditions.filter(kind=KIND, revision=wanted).first()
    if standing is not None:
        return standing
    printed = document.current if wanted == document.revision else _earlier(document, wanted)
    rendered = pdf.render_issued(papers.paper_of(document=printed, pay_url=_pay_url(document)))
    ports.failpoint("rendition.drawn")
    return _keep(document, wanted, rendered, now)


def _earlier(document: IssuedDocument, revision: int) -> Document:
    """What was shown before the newest revision; number 1 is what was issued."""
    if revision == 1:
        return document.frozen
    return snapshot.from_text(DocumentRevision.objects.get(document=document, revision=revision).text)


def _keep(document: IssuedDocument, revision: int, rendered: pdf.Rendered, now: datetime) -> Rendition:
    rendition = Rendition(
        document=document,
        kind=KIND,
        revision=revision,
        sha256=hashlib.sha256(rendered.pdf).hexdigest(),
        size=len(rendered.pdf),
        substituted="".join(rendered.substituted)[:200],
        created_at=now,
    )
    rendition.file.save(f"{name_of(document, revision)}.pdf", ContentFile(rendered.pdf), save=False)
    try:
        with transaction.atomic():
            rendition.save(force_insert=True)
    except IntegrityError:
        rendition.file.storage.delete(str(rendition.file.name))
        return Rendition.objects.get(document=document, kind=KIND, revision=revision)
    return rendition


def name_of(document: IssuedDocument, revision: int | None = None) -> str:
    """Return the name of a document's file, without its ending: its number, and from the second on the revision."""
    number, wanted = document.number.replace("/", "-"), revision or document.revision
    return number if wanted == 1 else f"{number}-{wanted}"


def _pay_url(document: IssuedDocument) -> str:
    """The link that is printed: on a quote, and on an invoice that was not already paid when it was issued."""
    link = Link.objects.filter(document=document).select_related("site").first()
    return links.url_of(link) if link is not None and (document.frozen.due or document.kind == Kind.QUOTE) else ""


def pdf_of(*, document: IssuedDocument, now: datetime, revision: int | None = None) -> bytes:
    """Return the bytes of the PDF, of the newest revision or of that one, the same for ever; raises ``PdfFailed``."""
    with draw(document=document, now=now, revision=revision).file.open("rb") as file:
        content: bytes = file.read()
    return content


def draw_after_commit(document: IssuedDocument, now: datetime) -> None:
    """Draw when the transaction has committed; what fails then is left to the sweep."""
    transaction.on_commit(lambda: draw_or_alert(document=document, now=now))


def draw_or_alert(*, document: IssuedDocument, now: datetime) -> bool:
    """Draw, or tell the editors that it did not work; the invoice is issued all the same."""
    try:
        draw(document=document, now=now)
    except Exception as error:  # also what storages raise: it is issued, and must not look as if it were not
        unforeseen = None if isinstance(error, pdf.PdfFailed) else error
        logger.warning("The PDF of %s could not be drawn: %s", document.number, error, exc_info=unforeseen)
        with override(document.seller.language):
            text = _("The PDF of %(number)s could not be made yet. It is tried again by itself.") % {
                "number": document.number
            }
        alerts.raise_once(kind="rendition", key=str(document.pk), text=text, now=now)
        return False
    return True


def draw_missing(*, now: datetime, most: int = 50) -> int:
    """Draw what has no PDF yet, ``most`` in a turn; return how many were drawn. Fresh ones are left to their issuer."""
    drawn = Rendition.objects.filter(document=OuterRef("pk"), kind=KIND, revision=OuterRef("revision"))
    missing = IssuedDocument.objects.filter(~Exists(drawn), issued_at__lt=now - timedelta(seconds=30))
    return sweeps.sweep("renditions", missing, lambda row: draw_or_alert(document=row, now=now), most=most, now=now)
