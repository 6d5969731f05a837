"""Putting an issued invoice right: which of three ways, then one sentence that says what will happen, then the deed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import checkout, correctable, corrections, credits
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.invoice_verbs import InvoiceVerb
from wagtail_payments.admin.permissions import allowed
from wagtail_payments.admin.places import invoice_url
from wagtail_payments.admin.refund_forms import ReasonForm
from wagtail_payments.admin.refund_words import what_is_credited
from wagtail_payments.admin.two_steps import InTwoSteps
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.printing.sheet import Sheet, sheet
from wagtail_payments.records.invoices import Invoice


@dataclass(frozen=True, slots=True)
class Way:
    """One way to put an invoice right; with ``why_not`` it can't be gone now."""

    title: str
    text: str
    url: str
    button: str
    why_not: str = ""


class CorrectView(InvoiceVerb):
    """The three ways, with what each is for."""

    page_title = _("Correct")
    permissions = ("add_invoice",)
    template_name = "wagtail_payments/admin/invoices/correct.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show them; a draft is simply changed, and one that is to replace it already is opened."""
        if self.invoice.is_draft:
            return self.refused(correctable.why_not(self.invoice))
        why_not, draft = correctable.why_not(self.invoice), corrections.draft_of(self.invoice)
        ways = list(_ways(self.invoice, why_not, request.user))
        return self.render_to_response(self.get_context_data(ways=ways, draft=draft))


def _ways(invoice: Invoice, why_not: str, user: Any) -> list[Way]:
    pk = invoice.pk
    may_credit = "" if allowed(user, "make_refund") else gettext("Your account may not issue credit notes.")
    may_send = "" if allowed(user, "issue_invoice") else gettext("Your account may not issue and send invoices.")
    return [
        Way(
            gettext("Revise words"),
            gettext(
                "For the purchase order number, the memo, further fields and attachments. "
                "The invoice keeps its number; both versions are kept, and the customer can be told."
            ),
            invoice_url("revise", pk),
            gettext("Revise words"),
            may_send,
        ),
        Way(
            gettext("Credit and issue anew"),
            gettext(
                "For a wrong customer, address, date or amount. A credit note takes back all that is left now, and a "
                "new draft has everything filled in. What was paid pays the new invoice when you issue it."
            ),
            invoice_url("reissue", pk),
            gettext("Credit and issue anew"),
            why_not or may_credit,
        ),
        Way(
            gettext("Corrective invoice"),
            gettext(
                "For wrong lines or amounts, to the same customer. A draft has everything filled in; "
                "when you issue it, it cites this invoice, takes its place, and what was paid goes along. "
                "Until then nothing changes."
            ),
            invoice_url("corrective", pk),
            gettext("Draft a corrective invoice"),
            why_not or may_credit,
        ),
    ]


class _Replacing(InTwoSteps):
    """Makes the draft that replaces the invoice."""

    permissions = ("make_refund", "add_invoice")
    kind: InvoiceKind

    def make_form(self, **options: Any) -> ReasonForm | None:
        """Ask for the reason, where the invoice can be corrected, or was so a moment ago."""
        draft = corrections.draft_of(self.invoice)
        again = draft is not None and draft.kind == self.kind
        return ReasonForm(**options) if again or not self.why_not() else None

    def why_not(self) -> str:
        """Say why it can't be corrected."""
        return correctable.why_not(self.invoice)

    def opened(self, draft: Invoice) -> HttpResponseBase:
        """Go on to the draft."""
        checkout.withdraw_outdated(invoice=self.invoice, now=self.now)
        return redirect(invoice_url("edit" if allowed(self.person, "change_invoice") else "desk", draft.pk))


class ReissueView(_Replacing):
    """A credit note over all that is left, and a new draft."""

    page_title = _("Credit and issue anew")
    kind = InvoiceKind.STANDARD

    def preview(self, form: ReasonForm) -> Sheet | None:
        """Draw up the credit note as it would be printed."""
        if corrections.draft_of(self.invoice) is not None:
            return None
        reason = form.cleaned_data["reason"]
        return sheet(credits.preview(invoice=self.invoice, amounts=None, reason=reason, now=self.now))

    def sentence(self, form: ReasonForm) -> str:
        """Say what is issued, and what becomes of what was paid."""
        left, currency = credits.left_of(self.invoice).gross, self.invoice.currency
        credited = what_is_credited(self.invoice.number, left, currency)
        then = gettext("It is mailed to the customer, and a new draft is opened. This cannot be undone.")
        kept = left - max(self.invoice.balance().due, 0)
        if kept <= 0:
            return f"{credited} {then}"
        paid = gettext("%(amount)s that were paid will pay the new invoice.") % {"amount": in_words(kept, currency)}
        return f"{credited} {paid} {then}"

    def perform(self, form: ReasonForm) -> HttpResponseBase:
        """Credit it, and open the draft."""
        data = form.cleaned_data
        draft = corrections.reissue(
            invoice_id=self.invoice.pk, reason=data["reason"], by=self.person, now=self.now, form_key=data["form_key"]
        )
        return self.opened(draft)


class CorrectiveView(_Replacing):
    """A draft that takes the place of the invoice when it is issued."""

    page_title = _("Corrective invoice")
    kind = InvoiceKind.CORRECTIVE

    def sentence(self, form: ReasonForm) -> str:
        """Say that nothing happens yet, and what will."""
        return gettext(
            "A draft is opened with everything of %(number)s. Nothing changes until you issue it; then a credit note "
            "takes back %(number)s, and the corrective invoice takes its place."
        ) % {"number": self.invoice.number}

    def perform(self, form: ReasonForm) -> HttpResponseBase:
        """Make the draft, and open it."""
        reason = form.cleaned_data["reason"]
        draft = corrections.draft_corrective(invoice_id=self.invoice.pk, reason=reason, by=self.person, now=self.now)
        return self.opened(draft)
