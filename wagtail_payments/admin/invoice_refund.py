"""Crediting an invoice and sending money back: a form, one sentence that says what will happen, then the deed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import checkout, credits, refunds
from wagtail_payments.admin.amount_words import in_words
from wagtail_payments.admin.credit_forms import CreditForm, RefundForm
from wagtail_payments.admin.invoice_money import payments_about, refundable_payments
from wagtail_payments.admin.refund_forms import AmountBackForm
from wagtail_payments.admin.refund_words import what_goes_back, what_is_credited
from wagtail_payments.admin.two_steps import InTwoSteps
from wagtail_payments.core.creditable import Left
from wagtail_payments.printing.sheet import Sheet, sheet
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.customer_credit import paid_towards
from wagtail_payments.records.payments import Payment, Refund, available_credit


class CreditingView(InTwoSteps):
    """Issues a credit note, which is shown before."""

    def preview(self, form: CreditForm) -> Sheet:
        """Draw up the credit note as it would be printed."""
        reason = form.cleaned_data["reason"]
        note = credits.preview(invoice=self.invoice, amounts=form.wanted(), reason=reason, now=self.now)
        return sheet(note)


class CreditView(CreditingView):
    """A credit note that lowers what is due; no money moves."""

    page_title = _("Credit")

    def make_form(self, **options: Any) -> CreditForm | None:
        """Offer what is left to credit."""
        left = _left(self.invoice)
        return CreditForm(left=left, currency=self.invoice.currency, **options) if left else None

    def why_not(self) -> str:
        """Say that nothing is left."""
        return _why_not_creditable(self.invoice)

    def sentence(self, form: CreditForm) -> str:
        """Say what is issued, and that no money moves."""
        credited = what_is_credited(self.invoice.number, form.total(), self.invoice.currency)
        beyond = form.total() - max(self.invoice.balance().due, 0)
        then = gettext("It is mailed to the customer. This cannot be undone.")
        if beyond <= 0:
            return f"{credited} {then}"
        kept = gettext("%(amount)s of it is then the customer's: send it back, use it for another invoice, or keep it.")
        return f"{credited} {kept % {'amount': in_words(beyond, self.invoice.currency)}} {then}"

    def perform(self, form: CreditForm) -> HttpResponseBase:
        """Issue the credit note."""
        note = credits.credit(
            invoice_id=self.invoice.pk,
            amounts=form.wanted(),
            reason=form.cleaned_data["reason"],
            by=self.person,
            now=self.now,
            form_key=form.cleaned_data["form_key"],
        )
        checkout.withdraw_outdated(invoice=self.invoice, now=self.now)
        return self.done(gettext("Credit note %(number)s issued.") % {"number": note})


class RefundView(CreditingView):
    """A credit note, and the money back."""

    page_title = pgettext_lazy("verb", "Refund")

    def make_form(self, **options: Any) -> RefundForm | None:
        """Offer what is left to credit and was paid."""
        left, paid = _left(self.invoice), refundable_payments(self.invoice)
        if left is None or not paid:
            return None
        return RefundForm(left=left, currency=self.invoice.currency, payments=paid, **options)

    def why_not(self) -> str:
        """Say what is missing."""
        if _left(self.invoice) is None:
            return _why_not_creditable(self.invoice)
        if any(dispute.is_undecided for paid in payments_about(self.invoice) for dispute in paid.disputes.all()):
            return gettext("A payment of this invoice is disputed: nothing can go back before the bank has decided.")
        return gettext(
            "Nothing was paid on this invoice yet, so nothing can go back. A credit note lowers what is due."
        )

    def sentence(self, form: RefundForm) -> str:
        """Say what is issued and what goes back to whom."""
        payment = form.payment()
        credited = what_is_credited(self.invoice.number, form.total(), self.invoice.currency)
        back = self._goes_back(form)
        if not back:
            then = gettext("No money goes back: it only lowers what is due. This cannot be undone.")
            return f"{credited} {then}"
        return f"{credited} {what_goes_back(payment, back, by_hand=form.by_hand())}"

    def _goes_back(self, form: RefundForm) -> int:
        """What the credit note leaves after lowering what is due, up to what the payment paid."""
        due, payment = max(self.invoice.balance().due, 0), form.payment()
        return max(min(form.total() - due, paid_towards(payment, self.invoice), payment.refundable()), 0)

    def perform(self, form: RefundForm) -> HttpResponseBase:
        """Credit, and ask for the money to go back."""
        note, refund = refunds.refund_invoice(
            invoice_id=self.invoice.pk,
            amounts=form.wanted(),
            payment_id=form.payment().pk,
            wish=self.wish(form),
            now=self.now,
        )
        checkout.withdraw_outdated(invoice=self.invoice, now=self.now)
        if refund is None:
            return self.done(gettext("Credit note %(number)s issued.") % {"number": note})
        return self.told(refund)


class AmountBackView(InTwoSteps):
    """An amount goes back without a new credit note."""

    def sentence(self, form: AmountBackForm) -> str:
        """Say what goes back to whom."""
        return what_goes_back(form.payment(), form.cleaned_data["amount"], by_hand=form.by_hand())

    def perform(self, form: AmountBackForm) -> HttpResponseBase:
        """Ask for the money to go back."""
        return self.told(self.send_back(form.payment(), self.wish(form, form.cleaned_data["amount"])))

    def send_back(self, payment: Payment, wish: refunds.Wish) -> Refund:
        """Make the refund."""
        raise NotImplementedError


class OverpaymentView(AmountBackView):
    """Money that pays nothing goes back; no credit note, since nothing was sold."""

    page_title = _("Refund an overpayment")

    def make_form(self, **options: Any) -> AmountBackForm | None:
        """Offer what pays nothing; the payment must be about this invoice."""
        payment = get_object_or_404(payments_about(self.invoice), pk=self.kwargs["payment_pk"])
        most = min(payment.unallocated(), payment.refundable())
        return AmountBackForm(payment=payment, most=most, **options) if most > 0 else None

    def why_not(self) -> str:
        """Say that nothing is left over."""
        return gettext("Nothing of this payment is left over.")

    def send_back(self, payment: Payment, wish: refunds.Wish) -> Refund:
        """Refund the overpayment."""
        return refunds.refund_overpayment(payment=payment, wish=wish, now=self.now)


class RefundCreditView(AmountBackView):
    """What a credit note of this invoice still has available goes back."""

    page_title = _("Refund a credit note")

    @property
    def note(self) -> CreditNote:
        """The credit note, which must be of this invoice."""
        return get_object_or_404(self.invoice.credit_notes, pk=self.kwargs["note_pk"])

    def make_form(self, **options: Any) -> AmountBackForm | None:
        """Offer what the credit note has available, from the newest payment that can give it."""
        available, paid = available_credit(self.note), refundable_payments(self.invoice)
        if not paid or available <= 0:
            return None
        most = min(available, paid_towards(paid[0], self.invoice), paid[0].refundable())
        return AmountBackForm(payment=paid[0], most=most, **options)

    def why_not(self) -> str:
        """Say that nothing is available."""
        return gettext("Nothing of this credit note is left to send back.")

    def send_back(self, payment: Payment, wish: refunds.Wish) -> Refund:
        """Refund what the credit note still has."""
        return refunds.refund_credit_note(credit_note=self.note, payment=payment, wish=wish, now=self.now)


def _left(invoice: Any) -> Left | None:
    """What can still be credited, or None where there is nothing."""
    left = None if invoice.is_draft else credits.left_of(invoice)
    return left if left is not None and left.gross > 0 else None


def _why_not_creditable(invoice: Any) -> str:
    if invoice.is_draft:
        return gettext("Only an issued invoice can be credited; a draft is simply changed.")
    return gettext("Everything on this invoice has been credited already.")
