"""Why a reminder must not go out now. Asked when it is planned, and again under the lock when it is sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Max, OuterRef, Q

from wagtail_payments.core.lifecycle import Status
from wagtail_payments.core.reminders import Skipped
from wagtail_payments.records.contracts import is_left
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import DeliveryReport
from wagtail_payments.records.payments import Refund
from wagtail_payments.records.reminders import ReminderMute

# Whatever else an invoice may be, now or in later versions, is a reason not to remind.
REMINDED = frozenset({Status.OPEN, Status.OVERDUE, Status.PARTLY_PAID})
_REASONS: dict[str, str] = {
    Status.CREDITED.value: Skipped.PAID.value,
    Status.PLANNED.value: Skipped.PROMISED.value,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says of several invoices at once: keys of invoices, addresses in lower case."""

    muted: frozenset[int]
    reversed: frozenset[int]
    withdrawn: frozenset[int]
    bounced: frozenset[str]


def known_about(invoices: Sequence[Invoice]) -> Known:
    """Ask for all that stands in the way of reminders of these invoices, in four questions."""
    addresses = {invoice.customer.email.lower() for invoice in invoices if invoice.customer.email}
    went_back, withdrawn = _to_be_looked_at(invoices)
    return Known(
        muted=_muted(invoices),
        reversed=went_back,
        withdrawn=withdrawn,
        bounced=bounced(addresses),
    )


def obstacle(invoice: Invoice, today: date, *, known: Known | None = None, despite_mute: bool = False) -> str | None:
    """Return why this invoice must not be reminded of on that day, as a value of ``Skipped``, or None.

    Any status but open, overdue and partly paid is an obstacle by itself, under its own name.
    """
    status, balance = invoice.status_on(today), invoice.balance()
    if status not in REMINDED:
        return _REASONS.get(status.value, status.value)
    if balance.due <= 0:
        return Skipped.PAID
    if balance.processing:
        return Skipped.PROCESSING
    return _around(invoice, known or known_about([invoice]), despite_mute)


def _around(invoice: Invoice, known: Known, despite_mute: bool) -> str | None:
    if invoice.pk in known.reversed:
        return Skipped.REVERSED
    if invoice.pk in known.withdrawn:
        return Skipped.WITHDRAWN
    if not invoice.customer.email:
        return Skipped.NO_ADDRESS
    if invoice.customer.email.lower() in known.bounced:
        return Skipped.BOUNCED
    return Skipped.MUTED if invoice.pk in known.muted and not despite_mute else None


def bounced(addresses: Collection[str]) -> frozenset[str]:
    """Return the addresses whose last mail came back or was refused, and those that ever complained."""
    if not addresses:
        return frozenset()
    reports = DeliveryReport.objects.filter(recipient__in=addresses).order_by().values("recipient")
    rows = reports.annotate(
        back=Max("at", filter=Q(event__in=["bounced", "rejected"])),
        complained=Max("at", filter=Q(event="complained")),
        arrived=Max("at", filter=Q(event="delivered")),
    )
    return frozenset(row["recipient"] for row in rows if row["complained"] or _is_back(row["back"], row["arrived"]))


def _is_back(back: date | None, arrived: date | None) -> bool:
    return back is not None and (arrived is None or arrived <= back)


def _to_be_looked_at(invoices: Sequence[Invoice]) -> tuple[frozenset[int], frozenset[int]]:
    """Those whose money went back, and those of a contract that a consumer has left, until the seller credits them."""
    looked_for = Refund.objects.filter(needs_a_look=True, allocations__invoice=OuterRef("pk"))
    rows = Invoice.objects.filter(pk__in=[invoice.pk for invoice in invoices])
    found = list(rows.annotate(went_back=Exists(looked_for), is_left=is_left()).values("pk", "went_back", "is_left"))
    return (
        frozenset(row["pk"] for row in found if row["went_back"]),
        frozenset(row["pk"] for row in found if row["is_left"]),
    )


def _muted(invoices: Sequence[Invoice]) -> frozenset[int]:
    keys = [invoice.pk for invoice in invoices]
    people = {invoice.customer_id for invoice in invoices}
    rows = ReminderMute.objects.filter(Q(invoice__in=keys) | Q(customer__in=people))
    off = list(rows.values_list("invoice_id", "customer_id"))
    muted = {invoice for invoice, _customer in off}
    silent: set[int | None] = {customer for _invoice, customer in off if customer is not None}
    return frozenset(invoice.pk for invoice in invoices if invoice.pk in muted or invoice.customer_id in silent)


def mute_of(invoice: Invoice) -> ReminderMute | None:
    """Return what switches reminders of this invoice off, if anything does."""
    rows = ReminderMute.objects.filter(Q(invoice=invoice) | Q(customer=invoice.customer_id))
    return rows.select_related("by").order_by("pk").first()
