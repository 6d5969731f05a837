"""The signed copy: the final document with its certificate behind it, drawn once, sealed, and sent to both sides."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime, timedelta

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments import ports
from wagtail_payments.actions import alerts, certificates, papers, renditions, sweeps
from wagtail_payments.mail import signing as letters
from wagtail_payments.printing import certificate, pdf, seal
from wagtail_payments.printing.paper import Paper
from wagtail_payments.records.agreements import Agreement
from wagtail_payments.records.documents import IssuedDocument, Rendition

logger = logging.getLogger(__name__)

KIND = "signed"


def draw(*, agreement: Agreement, now: datetime) -> Rendition:
    """Return the signed copy, drawn, kept and sent to both sides if it was not yet.

    Raises ``PdfFailed``, or ``SealUnusable`` where the site's certificate can't be used.
    """
    document = _document_of(agreement)
    standing: Rendition | None = document.renditions.filter(kind=KIND).first()
    if standing is not None:
        return standing
    renditions.draw(document=document, now=now)  # its hash stands on the certificate
    drawn = pdf.render_issued(_paper(agreement))
    page = certificate.render(certificates.page_of(agreement), agreement.on)
    content = seal.sealed(certificate.behind(drawn.pdf, page))
    ports.failpoint("signed.drawn")
    return _keep(agreement, content, "".join(drawn.substituted), now)


def copy_of(agreement: Agreement) -> Rendition | None:
    """Return the signed copy if it was drawn."""
    return _document_of(agreement).renditions.filter(kind=KIND).first()


def draw_after_commit(agreement: Agreement, now: datetime) -> None:
    """Draw when the transaction has committed; what fails then is left to the sweep."""
    transaction.on_commit(lambda: draw_or_alert(agreement=agreement, now=now))


def draw_or_alert(*, agreement: Agreement, now: datetime) -> bool:
    """Draw, or tell the editors that it did not work; the quote is signed all the same."""
    try:
        draw(agreement=agreement, now=now)
    except Exception as error:  # also what storages and certificates raise: it is signed, and must not look otherwise
        number = agreement.quote.number
        logger.warning("The signed copy of %s could not be drawn: %s", number, error, exc_info=error)
        with override(agreement.quote.seller.language):
            text = _("The signed copy of %(number)s could not be made yet. It is tried again by itself.") % {
                "number": number
            }
        alerts.raise_once(kind="rendition", key=f"signed:{agreement.pk}", text=text, now=now)
        return False
    return True


def draw_missing(*, now: datetime, most: int = 50) -> int:
    """Draw the signed copies that a crash left out, ``most`` in a turn; return how many were drawn."""
    drawn = Rendition.objects.filter(document__quote=OuterRef("quote"), kind=KIND)
    missing = Agreement.objects.filter(~Exists(drawn), how="signed", at__lt=now - timedelta(seconds=30))
    missing = missing.select_related("quote__document", "quote__seller", "quote__customer")
    return sweeps.sweep("signed", missing, lambda row: draw_or_alert(agreement=row, now=now), most=most, now=now)


def _document_of(agreement: Agreement) -> IssuedDocument:
    return agreement.quote.paper


def _paper(agreement: Agreement) -> Paper:
    with override(agreement.quote.language):
        said = {"name": ", ".join(filter(None, (agreement.name, agreement.role)))}
        said["at"] = certificates.utc(agreement.at.astimezone(UTC).isoformat())
        signed = (_("Signed electronically by %(name)s, %(at)s.") % said, _("The certificate follows."))
    return papers.signed_paper_of(document=agreement.frozen, signed=signed)


def _keep(agreement: Agreement, content: bytes, substituted: str, now: datetime) -> Rendition:
    """Keep the file and write the letters that bring it, all or nothing: no letter is sent before its copy stands."""
    document = _document_of(agreement)
    rendition = Rendition(
        document=document,
        kind=KIND,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        substituted=substituted[:200],
        created_at=now,
    )
    rendition.file.save(f"{document.number.replace('/', '-')}-signed.pdf", ContentFile(content), save=False)
    try:
        with transaction.atomic():
            rendition.save(force_insert=True)
            letters.signed(quote=agreement.quote, agreement=agreement, now=now)
            letters.owner_signed(quote=agreement.quote, agreement=agreement, now=now)
    except IntegrityError:  # another process drew it in the same moment, and its copy stands
        rendition.file.storage.delete(str(rendition.file.name))
        return Rendition.objects.get(document=document, kind=KIND, revision=1)
    return rendition
