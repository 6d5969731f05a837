"""The customer's link, the PDF, the attachments, and a copy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import invoices
from wagtail_payments.admin import links
from wagtail_payments.admin.downloads import GivesAttachment, GivesPdf
from wagtail_payments.admin.invoice_verbs import ConfirmedVerb, InvoiceVerb
from wagtail_payments.admin.places import invoice_url
from wagtail_payments.records.deposits import PART_KINDS


class PdfView(GivesPdf, InvoiceVerb):
    """The PDF as issued, or as revised since."""


class AttachmentView(GivesAttachment, InvoiceVerb):
    """A file that goes with the invoice."""


class DuplicateView(ConfirmedVerb):
    """A fresh draft alike."""

    page_title = _("Duplicate")
    permissions = ("add_invoice",)
    button = _("Make a draft like this one")

    def led_away(self, request: HttpRequest) -> HttpResponseBase | None:
        """A copy of a deposit would be a deposit on nothing."""
        if self.invoice.kind in PART_KINDS:
            return self.refused(gettext("A deposit is not duplicated: ask for another one."))
        return super().led_away(request)

    def question(self) -> str:
        """Say what the copy takes over."""
        return gettext("A new draft with the same customer, lines and words: no number, no payments, today's terms.")

    def perform(self) -> HttpResponseBase:
        """Make it, and open it."""
        draft = invoices.duplicate(invoice=self.invoice, by=self.person, now=self.now)
        return redirect(invoice_url("edit", draft.pk))


NO_LINK = _("A draft has no link yet. It gets one when it is issued.")


class LinkView(links.ShowsLink, InvoiceVerb):
    """The link; who has it can open and pay the invoice."""

    permissions = ("issue_invoice",)
    template_name = "wagtail_payments/admin/invoices/link.html"
    none_yet = NO_LINK


class RenewLinkView(links.RenewsLink, ConfirmedVerb):
    """The next link; every earlier one dies."""

    permissions = ("issue_invoice",)
    none_yet = NO_LINK

    def question(self) -> str:
        """Say what dies."""
        return gettext(
            "Every link sent so far stops working, also the one printed in the PDF and its QR code. "
            "Send the invoice again afterwards."
        )


class RevokeLinkView(links.RevokesLink, ConfirmedVerb):
    """The end of the link."""

    permissions = ("issue_invoice",)
    none_yet = NO_LINK
    ended = _("The link no longer opens the invoice.")

    def question(self) -> str:
        """Say what ends."""
        return gettext(
            "The customer can no longer open or pay this invoice online, and the link printed in the PDF dies. "
            "You can make a new link later."
        )
