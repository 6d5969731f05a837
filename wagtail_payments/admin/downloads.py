"""Files about one record, for the editor alone: the PDF of what went out, and what was attached."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from wagtail_payments.actions import renditions
from wagtail_payments.admin.record_verbs import RecordVerb
from wagtail_payments.printing.pdf import PdfFailed
from wagtail_payments.records.documents import IssuedDocument


class GivesPdf(RecordVerb):
    """The PDF of an invoice or a quote as it went out, or as revised since: the same bytes for ever."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the file, which no cache may keep."""
        document: IssuedDocument | None = self.record.document
        if document is None:
            return self.refused(gettext("A draft has no PDF yet: look at the preview beside the form."))
        revision = _revision_asked_for(request, document)
        try:
            content = renditions.pdf_of(document=document, now=self.now, revision=revision)
        except PdfFailed:
            return self.refused(gettext("The PDF could not be made just now. It is tried again by itself."))
        return pdf_response(content, renditions.name_of(document, revision))


def _revision_asked_for(request: HttpRequest, document: IssuedDocument) -> int:
    """The revision that the address names, else the newest."""
    typed = request.GET.get("revision", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0
    return number if 0 < number <= document.revision else document.revision


class GivesAttachment(RecordVerb):
    """A file that goes with an invoice or a quote."""

    def attachments(self) -> Any:
        """Return the files to look in."""
        return self.record.attachments

    def get(self, request: HttpRequest, pk: int, attachment_pk: int) -> HttpResponseBase:
        """Send the file as a download."""
        attachment = get_object_or_404(self.attachments(), pk=attachment_pk)
        return file_response(attachment.file, str(attachment))


def file_response(file: Any, name: str) -> HttpResponseBase:
    """Return a kept file as a download of that name."""
    return as_private(FileResponse(file.open("rb"), as_attachment=True, filename=name))


def pdf_response(content: bytes, name: str) -> HttpResponseBase:
    """Return a PDF as a download, of that name without its ending."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name.replace("/", "-")}.pdf"'
    return as_private(response)


def as_private(response: Any) -> HttpResponseBase:
    """Let no cache keep the response, and no browser run it."""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
