"""Letters to the seller about disputes: the day by which to answer, and what the bank decided."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments.core.lifecycle import DisputeState
from wagtail_payments.mail import writing
from wagtail_payments.mail.addresses import one_line
from wagtail_payments.mail.placeholders import button_to, plain
from wagtail_payments.mail.wordings import notice_of
from wagtail_payments.mail.writing import Post, Words
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.disputes import Dispute
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter


def owner_disputed(*, dispute: Dispute, invoice: Invoice | None, url: str, now: datetime) -> Letter:
    """Tell the seller how a dispute stands, once for each state; ``url`` is where it is answered, or empty."""
    payment, seller = dispute.payment, dispute.payment.seller
    with translation.override(seller.language):
        writer = Writer(seller.language, dispute.currency)
        until = dispute.evidence_due_by if _is_to_answer(dispute) else None
        said = {
            "amount": writer.money(dispute.amount),
            "customer": one_line(payment.customer.name) if payment.customer else _("somebody unknown"),
            "number": invoice.number if invoice is not None else "",
        }
        subject, *texts = _words(dispute)
        rows = [
            (_("Customer"), said["customer"]),
            (_("Amount"), said["amount"]),
            (_("Invoice"), said["number"]),
            (_("Reason"), str(dispute.get_reason_display())),
            (_("Answer by"), writer.date(seller.today(until).isoformat()) if until else ""),
        ]
        button = _("Open it at the payment provider") if url else ""
        paragraphs = [plain(text % said) for text in texts]
        words = Words(
            subject=subject % said,
            paragraphs=[*paragraphs, button_to(url, button)] if url else paragraphs,
            facts=[(label, value) for label, value in rows if value],
            button=button,
            url=url,
            notice=notice_of(dispute.mode),
        )
    once = f"owner_disputed:{dispute.pk}:{'returned' if dispute.is_return else dispute.state}"
    document = invoice.document if invoice is not None else None
    post = Post(
        kind="owner_disputed",
        seller=seller,
        language=seller.language,
        to=[seller.email],
        customer=payment.customer,
        document=document,
        once=once,
    )
    return writing.already_written(once) or writing.write(post, words, now=now)


def _is_to_answer(dispute: Dispute) -> bool:
    asked = (DisputeState.INQUIRY, DisputeState.NEEDS_RESPONSE, DisputeState.APPEALED)
    return not dispute.is_return and dispute.state in asked


def _words(dispute: Dispute) -> tuple[str, ...]:
    """The subject and the paragraphs, placeholders not yet filled in."""
    return _asked(dispute) if _is_to_answer(dispute) else _ended(dispute)


def _ended(dispute: Dispute) -> tuple[str, ...]:
    match DisputeState(dispute.state):
        case DisputeState.WON:
            return (
                _("Dispute won: %(amount)s of %(customer)s"),
                _("The bank has decided for you: %(amount)s are yours again."),
            )
        case DisputeState.PREVENTED | DisputeState.INQUIRY_CLOSED:
            return (
                _("Dispute closed: %(amount)s of %(customer)s"),
                _("The bank asks no more about the payment of %(amount)s. There is nothing to do."),
            )
        case _ if dispute.is_return:
            return (
                _("Debit returned: %(amount)s of %(customer)s"),
                _("The bank of %(customer)s has returned the direct debit of %(amount)s. This can't be contested."),
                _("The invoice is open again, and your customer was asked to pay it in another way."),
            )
        case _:
            return (
                _("Dispute lost: %(amount)s of %(customer)s"),
                _("The bank has decided for your customer: %(amount)s stay with %(customer)s."),
                _("The invoice is open again. Have it paid in another way, or write it off."),
            )


def _asked(dispute: Dispute) -> tuple[str, ...]:
    match DisputeState(dispute.state):
        case DisputeState.INQUIRY:
            return (
                _("A bank asks about a payment: %(amount)s of %(customer)s"),
                _("The bank of %(customer)s asks about the payment of %(amount)s. No money has moved yet."),
                _("Answer at the payment provider, or refund the payment: unanswered, it may become a dispute."),
            )
        case DisputeState.APPEALED:
            return (
                _("Dispute appealed: %(amount)s of %(customer)s"),
                _("The decision about the payment of %(amount)s is appealed. See what the payment provider asks."),
            )
        case _:
            return (
                _("Payment disputed: %(amount)s of %(customer)s"),
                _("%(customer)s disputes the payment of %(amount)s: the bank holds the money until it decides."),
                _("Send your evidence at the payment provider. Without an answer in time the dispute is lost."),
                _("Your customer is not asked to pay, and nothing can be refunded, before the bank has decided."),
            )
