"""The papers of a quote, for the editor: PDF, attachments, the proof of an acceptance, the evidence of a signature."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from wagtail_payments.actions import evidence_packs, signed_papers
from wagtail_payments.admin.downloads import GivesAttachment, GivesPdf, as_private, file_response, pdf_response
from wagtail_payments.admin.quote_verbs import QuoteVerb
from wagtail_payments.records.agreements import Agreement


class PdfView(GivesPdf, QuoteVerb):
    """The PDF as sent."""


class AttachmentView(GivesAttachment, QuoteVerb):
    """A file that goes with the quote."""


class ProofView(QuoteVerb):
    """The paper that proves an acceptance."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the file as a download."""
        agreement = get_object_or_404(Agreement.objects.exclude(file=""), quote=self.quote)
        name = str(agreement.file.name).rsplit("/", 1)[-1]
        return file_response(agreement.file, name)


class SignedView(QuoteVerb):
    """The signed copy with its certificate, as both sides got it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the file as a download."""
        agreement = get_object_or_404(Agreement, quote=self.quote, how="signed")
        copy = signed_papers.copy_of(agreement)
        if copy is None:
            return self.refused(gettext("The signed copy is still being made. Try again in a minute."))
        with copy.file.open("rb") as file:
            return pdf_response(file.read(), f"{self.quote.number}-signed")


class EvidenceView(QuoteVerb):
    """All that proves what happened to a quote, as one file to hand over."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the file as a download."""
        if self.quote.is_draft:
            raise Http404
        response = HttpResponse(evidence_packs.evidence_pack(self.quote), content_type="application/zip")
        name = self.quote.number.replace("/", "-")
        response["Content-Disposition"] = f'attachment; filename="{name}-evidence.zip"'
        return as_private(response)
