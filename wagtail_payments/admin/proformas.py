"""Pro formas of a draft: sent with one button, read as they were drawn."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import proformas, renditions
from wagtail_payments.admin.invoice_verbs import ConfirmedVerb, InvoiceVerb
from wagtail_payments.admin.places import invoice_url
from wagtail_payments.printing.pdf import PdfFailed


class ProformaView(ConfirmedVerb):
    """Send a pro forma of a draft."""

    page_title = _("Send a pro forma")
    permissions = ("issue_invoice",)
    button = _("Send it")

    def question(self) -> str:
        """Say to whom, and that nothing is owed by it."""
        people = ", ".join(self._people())
        if not people:
            return gettext(
                "The customer has no e-mail address: the pro forma is made, and you send its PDF yourself. "
                "It takes a number of its own; nothing is to be paid on it and your books don't change."
            )
        return gettext(
            "A pro forma of this draft goes to %(people)s with its PDF. It takes a number of its own; nothing is to "
            "be paid on it and your books don't change."
        ) % {"people": people}

    def _people(self) -> list[str]:
        return [self.invoice.customer.email] if self.invoice.customer.email else []

    def perform(self) -> HttpResponseBase:
        """Make and send it."""
        try:
            proforma = proformas.send(invoice_id=self.invoice.pk, to=self._people(), by=self.person, now=self.now)
        except proformas.ProformaRefused as error:
            return self.refused(error)
        messages.success(self.request, gettext("Pro forma %(number)s made.") % {"number": proforma})
        return redirect(invoice_url("deposits", self.invoice.pk))


class ProformaPdfView(InvoiceVerb):
    """The PDF of a pro forma of this draft."""

    def get(self, request: HttpRequest, pk: int, proforma_pk: int) -> HttpResponseBase:
        """Answer the file."""
        document = get_object_or_404(self.invoice.proformas, pk=proforma_pk).document
        try:
            content = renditions.pdf_of(document=document, now=self.now)
        except PdfFailed as error:
            return self.refused(error)
        name = document.number.replace("/", "-")
        headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store, private"}
        return HttpResponse(content, content_type="application/pdf", headers=headers)
