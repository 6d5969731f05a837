"""The desk of an invoice: a read-only page with its state, its money, what was sent, and what can be done now."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wagtail_payments.actions import credits, instalments, papers
from wagtail_payments.admin.books.alerts import SETTLE
from wagtail_payments.admin.deposit_chain import chain_of
from wagtail_payments.admin.desk_verbs import Standing, verbs_of
from wagtail_payments.admin.invoice_applying import offers_of
from wagtail_payments.admin.invoice_money import carried_to, payments_about, refundable, refundable_payments
from wagtail_payments.admin.invoice_reminders import state_of
from wagtail_payments.admin.invoice_revise import added_to, versions_of
from wagtail_payments.admin.invoice_together import requests_of
from wagtail_payments.admin.invoice_verbs import InvoiceVerb
from wagtail_payments.admin.permissions import POLICIES, allowed, may_see
from wagtail_payments.admin.places import INVOICES, invoice_url
from wagtail_payments.admin.places_of_books import verb_url
from wagtail_payments.admin.printed import printed
from wagtail_payments.admin.quote_billing import quote_link
from wagtail_payments.admin.status_words import tag_of, tag_of_part
from wagtail_payments.admin.timeline import letters_about, timeline
from wagtail_payments.core import totals
from wagtail_payments.core.lifecycle import LIVE_ATTEMPT_STATES
from wagtail_payments.core.snapshot import Document
from wagtail_payments.records.deliveries import Alert
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.payments import Payment, Refund, available_credit
from wagtail_payments.records.quotes import Quote


class DeskView(InvoiceVerb):
    """Where an invoice opens. A draft goes on to its editor, for those who may edit."""

    template_name = "wagtail_payments/admin/invoices/desk.html"
    shows_registered = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show the invoice."""
        if POLICIES[Invoice].user_has_permission_for_instance(request.user, "change", self.invoice):
            return redirect(invoice_url("edit", pk))
        today = self.invoice.seller.today(self.now)
        tag, balance = tag_of(self.invoice, today), self.invoice.balance()
        context = self.get_context_data(
            tag=tag,
            balance=balance,
            moments=timeline(self.invoice),
            days_late=_days_late(self.invoice, today),
            reminders=state_of(self.invoice, today, request.user),
            **printed(self._document()),
            **self._money(),
            **self._days(today),
        )
        link = Link.objects.filter(document=self.invoice.document_id).first() if self.invoice.document_id else None
        standing = Standing(
            invoice=self.invoice,
            status=tag.status,
            balance=balance,
            creditable=_creditable(self.invoice),
            refundable=0 if self.invoice.is_draft else sum(map(self._refundable, refundable_payments(self.invoice))),
            link_is_live=link is not None and link.revoked_at is None,
            is_disputed=any(dispute.is_undecided for row in context["payments"] for dispute in row["disputes"]),
        )
        verbs = verbs_of(standing, request.user)
        context |= {
            "link": link,
            "verbs": [verb for verb in verbs if not verb.why_not],
            "impossible": [verb for verb in verbs if verb.why_not],
            "alerts": self._alerts(),
            "offers": offers_of(self.invoice, due=balance.due, left=_left_over(context)),
            "may_record": allowed(request.user, "record_payment"),
            "chain": chain_of(self.invoice),
            "agreed": quote_link(self.invoice) if may_see(request.user, Quote) else None,
        }
        return self.render_to_response(context)

    def records(self) -> Any:
        """Read the quote that it may be for at once."""
        return super().records().select_related("contract__quote__document", "contract__quote__customer")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """This is the invoice's own page."""
        return [*super().get_breadcrumbs_items()[:-2], {"url": "", "label": str(self.invoice)}]

    def get_page_title(self) -> str:
        """What the page is about."""
        return str(_("Invoice"))

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add where one may go from here."""
        context = super().get_context_data(**options)
        context["may_refund"] = allowed(self.request.user, "make_refund")
        if allowed(self.request.user, "history_invoice"):
            context["history_url"] = reverse(f"{INVOICES}:history", args=(self.invoice.pk,))
        return context

    def _refundable(self, payment: Payment) -> int:
        return refundable(payment, self.invoice)

    def _alerts(self) -> list[dict[str, Any]]:
        """What needs a person's eye about this invoice, with where it is settled."""
        may_settle = allowed(self.person, SETTLE)
        open_alerts = Alert.objects.filter(invoice=self.invoice, settled_at=None)
        return [{"alert": alert, "url": verb_url(alert, "settle") if may_settle else ""} for alert in open_alerts]

    def _document(self) -> Document | None:
        """What is printed; a draft is drawn up as it stands, if it adds up."""
        if self.invoice.document is not None:
            return self.invoice.document.current
        try:
            return papers.document_of(invoice=self.invoice, now=self.now)
        except totals.CannotAddUp:
            return None

    def _days(self, today: date) -> dict[str, Any]:
        """The instalments with their states, and the days that were planned; asked for only where there are some."""
        return {
            "instalments": [
                {"standing": row, "tag": tag_of_part(row.state)} for row in instalments.standings(self.invoice, today)
            ],
            "promises": [] if self.invoice.is_draft else self.invoice.promises.all()[:10],
        }

    def _money(self) -> dict[str, Any]:
        """Payments, tries, refunds, credit notes and letters, each in a fixed number of queries per row."""
        invoice = self.invoice
        refunds = Refund.objects.filter(payment__in=payments_about(invoice)).select_related("credit_note__document")
        letters = letters_about(invoice) if invoice.document_id else Letter.objects.none()
        return {
            "payments": [_payment_row(payment, invoice) for payment in payments_about(invoice)],
            "attempts": [
                {"attempt": share.attempt, "share": share, "is_live": share.attempt.state in LIVE_ATTEMPT_STATES}
                for share in invoice.attempt_shares.select_related("attempt").order_by("-attempt")[:10]
            ],
            "together": requests_of(invoice),
            "refunds": refunds.order_by("-pk"),
            "credit_notes": [
                {"note": note, "available": available_credit(note)}
                for note in invoice.credit_notes.select_related("document").order_by("-pk")
            ],
            "letters": letters[:50],
            "carried": carried_to(invoice),
            "replaced_by": Invoice.objects.filter(corrects=invoice).select_related("document").first(),
            "versions": list(versions_of(invoice.document)),
            "added": added_to(invoice) if invoice.document and invoice.document.revision > 1 else [],
        }


def _payment_row(payment: Any, invoice: Invoice) -> dict[str, Any]:
    receipt = getattr(payment, "receipt", None)
    return {
        "payment": payment,
        "here": payment.allocated_to(invoice),
        "unallocated": payment.unallocated(),
        "refundable": min(payment.allocated_to(invoice), payment.refundable()),
        "disputes": payment.disputes.all(),
        "receipt": receipt.document if receipt is not None else None,
    }


def _left_over(money: dict[str, Any]) -> int:
    """What credit notes and payments of the invoice have left for others."""
    free = sum(max(row["unallocated"], 0) for row in money["payments"])
    return free + sum(max(row["available"], 0) for row in money["credit_notes"])


def _creditable(invoice: Invoice) -> int:
    return 0 if invoice.is_draft else sum(max(group.left, 0) for group in credits.creditable(invoice))


def _days_late(invoice: Invoice, today: Any) -> int:
    return max((today - invoice.next_due_on).days, 0) if invoice.next_due_on and not invoice.is_draft else 0
