"""Money: payments, what they pay, refunds. Amounts are minor units; rows of money are only added."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wagtail_payments.core.lifecycle import (
    RESERVING_REFUND_STATES,
    RefundKind,
    RefundState,
)
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.attempts import attempt_states as attempt_states  # the first migration names it here
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import CurrencyCode, MinorUnits, Mode, ProviderId
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.sellers import Seller


def payment_methods() -> list[tuple[str, Any]]:
    """Return how money can come in; online methods have the provider's codes."""
    return [
        ("transfer", _("Bank transfer")),
        ("cheque", _("Cheque")),
        ("cash", _("Cash")),
        ("terminal", _("Card terminal")),
        ("card", _("Card")),
        ("sepa_debit", _("SEPA direct debit")),
        ("link", pgettext_lazy("payment method", "Link")),
        ("paypal", _("PayPal")),
        ("bancontact", _("Bancontact")),
        ("ideal", _("iDEAL")),
        ("klarna", _("Klarna")),
        ("other", _("Other")),
    ]


def refund_states() -> list[tuple[str, Any]]:
    """Return the states of a refund."""
    labels = {
        RefundState.REQUESTED: _("Requested"),
        RefundState.PENDING: _("Under way"),
        RefundState.UNKNOWN: _("No answer yet"),
        RefundState.SUCCEEDED: pgettext_lazy("refund", "Done"),
        RefundState.FAILED: _("Failed"),
    }
    return [(state.value, label) for state, label in labels.items()]


def refund_kinds() -> list[tuple[str, Any]]:
    """Return why money goes back."""
    labels = {
        RefundKind.OVERPAYMENT: _("Overpayment"),
        RefundKind.CREDIT_NOTE: _("With a credit note"),
        RefundKind.REVERSAL: _("Payment taken back"),
    }
    return [(kind.value, label) for kind, label in labels.items()]


class Payment(Frozen):
    """Money received, however it came. Kept for ever; what it pays is a matter of allocations."""

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"fee", "provider_net", "lock_count", "recorded_by"})

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="payments")
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="payments", null=True
    )
    attempt = models.OneToOneField(PaymentAttempt, on_delete=models.PROTECT, null=True, related_name="payment")
    gateway = models.CharField(_("came through"), max_length=30, default="manual")
    account = models.CharField(max_length=100, blank=True)
    mode = models.CharField(max_length=4, choices=Mode)
    payment_id = ProviderId(null=True)
    charge_id = ProviderId(null=True)
    form_key = models.CharField(max_length=64, null=True, unique=True)  # one form, one payment
    method = models.CharField(_("method"), max_length=20, choices=payment_methods)
    card = models.CharField(max_length=40, blank=True)  # brand and last four digits, never more
    amount = MinorUnits(_("amount"))
    currency = CurrencyCode()
    fee = MinorUnits(_("fee"), null=True)
    provider_net = MinorUnits(_("net of fee"), null=True)
    received_on = models.DateField(_("received on"), db_index=True)
    received_at = models.DateTimeField()
    reference = models.CharField(_("reference"), max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    lock_count = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-received_at", "-pk"]
        base_manager_name = "objects"
        permissions = [
            ("record_payment", _("Can record payments")),
            ("export_payment", _("Can export payments")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["payment_id", "gateway", "account"], name="wagtail_payments_payment_counted_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="wagtail_payments_payment_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.received_on}"

    def allocated(self) -> int:
        """What of it pays invoices, minor units."""
        return _sum(self.allocations.all())

    def reserved(self) -> int:
        """What has gone back or is reserved to go back, minor units."""
        return _sum(self.refunds.filter(state__in=RESERVING_REFUND_STATES))

    def refundable(self) -> int:
        """What can still go back, minor units: it has not gone back, is not reserved to, and no bank holds it."""
        return self._left("refundable_now")

    def unallocated(self) -> int:
        """What of it pays nothing yet, has not gone back and is with us, minor units."""
        return self._left("spare")

    def _left(self, name: str) -> int:
        left: int = with_money_left(Payment.objects.filter(pk=self.pk)).values_list(name, flat=True).get()
        return left

    def allocated_to(self, invoice: Invoice) -> int:
        """What of it pays that invoice and was not refunded with a credit note on it, minor units."""
        credited = self.refunds.filter(state__in=RESERVING_REFUND_STATES, credit_note__invoice=invoice)
        return _sum(self.allocations.filter(invoice=invoice)) - _sum(credited)


def with_money_left(payments: models.QuerySet[Payment]) -> models.QuerySet[Any]:
    """Add ``spare`` and ``refundable_now`` to payments: what ``unallocated`` and ``refundable`` return of each."""
    reserving = Q(state__in=RESERVING_REFUND_STATES)
    taken = _sum_of("disputed_money")
    return payments.annotate(
        refundable_now=F("amount") - _sum_of("refunds", reserving) - taken,
        spare=F("amount")
        - _sum_of("allocations")
        - _sum_of("refunds", reserving & ~Q(kind=RefundKind.CREDIT_NOTE))
        - taken,
    )


def _sum_of(relation: str, condition: Q | None = None) -> Coalesce:
    """What the rows come to that point to a payment."""
    rows: Any = Payment._meta.get_field(relation).related_model
    pointing = rows._base_manager.filter(condition or Q(), payment=OuterRef("pk")).order_by()
    return Coalesce(
        Subquery(pointing.values("payment").annotate(whole=Sum("amount")).values("whole")),
        Value(0),
        output_field=models.BigIntegerField(),
    )


def _sum(rows: models.QuerySet[Any]) -> int:
    return rows.aggregate(whole=Sum("amount"))["whole"] or 0


def available_credit(credit_note: CreditNote) -> int:
    """What of a credit note neither lowers an invoice nor goes back, minor units."""
    going_back = credit_note.refunds.filter(state__in=RESERVING_REFUND_STATES)
    return credit_note.gross - _sum(credit_note.applications.all()) - _sum(going_back)


class Refund(models.Model):
    """Money that goes back. Its state moves only forward; its amount is reserved from the request on."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    kind = models.CharField(_("kind"), max_length=20, choices=refund_kinds)
    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, null=True, related_name="refunds")
    gateway = models.CharField(_("sent through"), max_length=30)
    account = models.CharField(max_length=100, blank=True)
    mode = models.CharField(max_length=4, choices=Mode)
    amount = MinorUnits(_("amount"))
    currency = CurrencyCode()
    state = models.CharField(_("state"), max_length=20, choices=refund_states, default=RefundState.REQUESTED)
    idempotency_key = models.CharField(max_length=64, unique=True)
    refund_id = ProviderId(null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    failure = models.CharField(max_length=500, blank=True)
    needs_a_look = models.BooleanField(default=False)  # made in the provider's dashboard, re-opened an invoice
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    settled_on = models.DateField(_("done on"), null=True)
    lock_count = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-pk"]
        permissions = [("make_refund", _("Can refund payments")), ("export_refund", _("Can export refunds"))]
        constraints = [
            models.UniqueConstraint(
                fields=["refund_id", "gateway", "account"], name="wagtail_payments_refund_counted_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="wagtail_payments_refund_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.state}"


class Allocation(Frozen):
    """A part of a payment that pays an invoice, or (negative) is taken back from it."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="allocations")
    dispute = models.ForeignKey(
        "wagtail_payments.Dispute", on_delete=models.PROTECT, null=True, related_name="allocations"
    )
    amount = MinorUnits()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ["pk"]
        base_manager_name = "objects"
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="wagtail_payments_allocation_not_zero")]

    def __str__(self) -> str:
        return f"{self.payment} → {self.invoice}: {self.amount}"


class CreditApplication(Frozen):
    """A part of a credit note that lowers what is due on an invoice."""

    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="applications")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_applications")
    amount = MinorUnits()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("credit application")
        verbose_name_plural = _("credit applications")
        ordering = ["pk"]
        base_manager_name = "objects"
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="wagtail_payments_application_not_zero")]

    def __str__(self) -> str:
        return f"{self.credit_note} → {self.invoice}: {self.amount}"


class Receipt(Frozen):
    """A receipt for one payment or one refund; its paper is an issued document of the receipts' series."""

    document = models.OneToOneField(IssuedDocument, on_delete=models.PROTECT, related_name="receipt")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True, related_name="receipt")
    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, null=True, related_name="receipt")

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=Q(payment__isnull=False, refund=None) | Q(payment=None, refund__isnull=False),
                name="wagtail_payments_receipt_for_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.document)
