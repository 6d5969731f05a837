"""The customer's link, the PDF, the attachments, and a copy."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import invoices, renditions
from wagtail_payments.actions import links as link_actions
from wagtail_payments.admin.invoice_verbs import ConfirmedVerb, InvoiceVerb
from wagtail_payments.admin.places import invoice_url
from wagtail_payments.mail import links
from wagtail_payments.printing.pdf import PdfFailed
from wagtail_payments.records.deposits import PART_KINDS
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.links import Link


class PdfView(InvoiceVerb):
    """The PDF as issued, or as revised since: the same bytes for ever."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the file, which no cache may keep."""
        document = self.invoice.document
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


class AttachmentView(InvoiceVerb):
    """A file that goes with the invoice, for the editor to look at."""

    def get(self, request: HttpRequest, pk: int, attachment_pk: int) -> HttpResponseBase:
        """Send the file as a download."""
        attachment = get_object_or_404(self.invoice.attachments, pk=attachment_pk)
        response = FileResponse(attachment.file.open("rb"), as_attachment=True, filename=str(attachment))
        return as_private(response)


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


class DuplicateView(ConfirmedVerb):
    """A fresh draft alike."""

    page_title = _("Duplicate")
    permissions = ("add_invoice",)
    button = _("Make a draft like this one")

    def led_away(self, request: HttpRequest) -> HttpResponseBase | None:
        """A copy of a deposit would be a deposit on nothing."""
        if self.invoice.kind in PART_KINDS:
            return self.refused(gettext("A deposit is not duplicated: ask for another one on its draft."))
        return super().led_away(request)

    def question(self) -> str:
        """Say what the copy takes over."""
        return gettext("A new draft with the same customer, lines and words: no number, no payments, today's terms.")

    def perform(self) -> HttpResponseBase:
        """Make it, and open it."""
        draft = invoices.duplicate(invoice=self.invoice, by=self.person, now=self.now)
        return redirect(invoice_url("edit", draft.pk))


class LinkView(InvoiceVerb):
    """The customer's link, to be passed on by another way than e-mail."""

    page_title = _("Link for the customer")
    permissions = ("issue_invoice",)
    template_name = "wagtail_payments/admin/invoices/link.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show it; who has it can open and pay the invoice."""
        if self.invoice.document is None:
            return self.refused(gettext("A draft has no link yet. It gets one when it is issued."))
        link = link_of(self)
        context = self.get_context_data(
            link=link,
            url="" if link.revoked_at else links.url_of(link),
            renew_url=invoice_url("link_renew", pk),
            revoke_url=invoice_url("link_revoke", pk),
            openings=link.openings.order_by("-at")[:5],
        )
        return self.render_to_response(context)


def link_of(verb: InvoiceVerb) -> Link:
    """Return the link of an issued invoice."""
    document = verb.invoice.document
    assert document is not None  # noqa: S101  # its callers asked before
    return link_actions.link_for(document=document, site=verb.invoice.site, now=verb.now)


class _LinkVerb(ConfirmedVerb):
    """A change of the link of an issued invoice."""

    permissions = ("issue_invoice",)
    is_serious = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask, if there is a link."""
        if self.invoice.is_draft:
            return self.refused(gettext("A draft has no link yet. It gets one when it is issued."))
        return super().get(request, pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Do it, if there is a link."""
        return self.get(request, pk) if self.invoice.is_draft else super().post(request, pk)


class RenewLinkView(_LinkVerb):
    """The next link; every earlier one dies."""

    page_title = _("Renew the link")
    button = _("Make a new link")

    def question(self) -> str:
        """Say what dies."""
        return gettext(
            "Every link sent so far stops working, also the one printed in the PDF and its QR code. "
            "Send the invoice again afterwards."
        )

    def perform(self) -> HttpResponseBase:
        """Renew, and show the new link."""
        link_actions.renew(link=link_of(self), by=self.person, now=self.now)
        return redirect(invoice_url("link", self.invoice.pk))


class RevokeLinkView(_LinkVerb):
    """The end of the link."""

    page_title = _("Revoke the link")
    button = _("End the link")

    def question(self) -> str:
        """Say what ends."""
        return gettext(
            "The customer can no longer open or pay this invoice online, and the link printed in the PDF dies. "
            "You can make a new link later."
        )

    def perform(self) -> HttpResponseBase:
        """Revoke it."""
        link_actions.revoke(link=link_of(self), by=self.person, now=self.now)
        return self.done(gettext("The link no longer opens the invoice."))
