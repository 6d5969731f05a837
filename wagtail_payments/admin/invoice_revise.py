"""Revising the words of an issued invoice that are not fiscal, and telling the customer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.utils import get_user_display_name
from wagtail.admin.widgets import AdminAutoHeightTextInput

from wagtail_payments import ports
from wagtail_payments.actions import revisions
from wagtail_payments.admin import attachment_form, kept_files
from wagtail_payments.admin.downloads import GivesAttachment
from wagtail_payments.admin.invoice_verbs import InvoiceVerb
from wagtail_payments.admin.text_fields import AddressesField, PairsField
from wagtail_payments.mail import letters
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.revisions import RevisionAttachment


class RevisionForm(forms.Form):
    """The words as they stand; a file to add; and whether the customer is told."""

    order_reference = forms.CharField(label=_("Purchase order number"), max_length=100, required=False)
    memo = forms.CharField(
        label=_("Memo"), required=False, max_length=20_000, widget=AdminAutoHeightTextInput(attrs={"rows": 3})
    )
    custom_fields = PairsField(
        label=_("Further fields"),
        required=False,
        help_text=_("Printed at the top, one on each line: “Name: value”, for example “Project: New kitchen”."),
    )
    file = kept_files.KeptFileField(
        label=_("Attach a file"), required=False, max_length=200, help_text=_("A document, a picture or a ZIP file.")
    )
    name = forms.CharField(label=_("Name shown"), required=False, max_length=attachment_form.LONGEST_NAME)
    notify = forms.BooleanField(label=_("Notify the customer that this invoice was updated"), required=False)
    to = AddressesField(label=_("To"), required=False, help_text=_("Separate several addresses by a comma."))
    cc = AddressesField(label=_("Copy to"), required=False)
    text = forms.CharField(
        label=_("Your message"),
        required=False,
        max_length=5_000,
        widget=AdminAutoHeightTextInput(attrs={"rows": 3}),
        help_text=_("The letter says by itself what was changed, and brings the new PDF."),
    )
    form_key = forms.SlugField(max_length=64, widget=forms.HiddenInput)

    shown_name = ""

    def clean_file(self) -> Any:
        """Check kind and size of a file."""
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            self.shown_name = attachment_form.check(file)
        return file or None

    def clean(self) -> dict[str, Any]:
        """Whoever is notified needs an address."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("notify") and not data.get("to") and "to" not in self.errors:
            self.add_error("to", ValidationError(_("To whom? Write an e-mail address, or untick the box.")))
        return data

    def changes(self) -> revisions.Changes:
        """Return the words, and the file if there is one."""
        data = self.cleaned_data
        name = attachment_form.harmless_name(data["name"] or self.shown_name)
        return revisions.Changes(
            order_reference=data["order_reference"],
            memo=data["memo"],
            custom_fields=tuple((pair["name"], pair["value"]) for pair in data["custom_fields"]),
            files=[(name, data["file"])] if data["file"] else [],
        )

    def notice(self) -> revisions.Notice | None:
        """Return to whom it is told, if to anybody."""
        data = self.cleaned_data
        return revisions.Notice(data["to"], data["cc"], data["text"]) if data["notify"] else None


class ReviseView(InvoiceVerb):
    """Other words from now on; what was issued is kept beside."""

    page_title = _("Revise words")
    permissions = ("issue_invoice",)
    template_name = "wagtail_payments/admin/invoices/revise.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the words as they stand."""
        document = self.invoice.document
        if document is None:
            return self.refused(gettext("This invoice is still a draft. A draft is simply changed."))
        current, customer = document.current, self.invoice.customer
        initial = {
            "order_reference": current.order_reference,
            "memo": current.memo,
            "custom_fields": [{"name": name, "value": value} for name, value in current.custom_fields],
            "to": [customer.email] if customer.email else [],
            "cc": customer.cc,
            "notify": bool(customer.email),
            "form_key": ports.new_id(),
        }
        return self._shown(RevisionForm(initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Revise, and say which revision it is."""
        form = RevisionForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._shown(form)
        try:
            revision = revisions.revise(
                invoice_id=pk,
                changes=form.changes(),
                by=self.person,
                now=self.now,
                form_key=form.cleaned_data["form_key"],
                notice=form.notice(),
            )
        except revisions.RevisionRefused as error:
            form.add_error(None, str(error))
            return self._shown(form)
        said = {"revision": revision.revision, "number": self.invoice.number}
        return self.done(gettext("%(number)s is shown as revision %(revision)s from now on.") % said)

    def _shown(self, form: RevisionForm) -> HttpResponseBase:
        return self.render_to_response(self.get_context_data(form=form))


class AddedView(GivesAttachment, InvoiceVerb):
    """A file that a revision added, for the editor to look at."""

    def attachments(self) -> Any:
        """Return the files that revisions added."""
        return added_to(self.invoice)


def added_to(invoice: Invoice) -> Any:
    """Return the files that revisions added to an invoice."""
    return RevisionAttachment.objects.filter(revision__document__invoice=invoice)


@dataclass(frozen=True, slots=True)
class Version:
    """A revision in a list, the issued text being the first; ``query`` names it to the download."""

    number: int
    at: datetime
    by: str
    changed: str
    query: str
    is_shown: bool


def versions_of(document: IssuedDocument | None) -> Iterator[Version]:
    """Yield the revisions, the newest first; nothing where there is only what was issued."""
    if document is None or document.revision == 1:
        return
    for row in document.revisions.select_related("by").order_by("-revision"):
        by = get_user_display_name(row.by) if row.by else ""
        changed = ", ".join(letters.changes_in_words(row.changed))
        is_shown = row.revision == document.revision
        yield Version(row.revision, row.at, by, changed, f"?revision={row.revision}", is_shown)
    yield Version(1, document.issued_at, "", gettext("as issued"), "?revision=1", False)
