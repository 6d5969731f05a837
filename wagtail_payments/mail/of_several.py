"""What is confirmed to a customer about one payment that was for several invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_payments.mail import posts, templates, vocabulary, writing
from wagtail_payments.mail.placeholders import Linked
from wagtail_payments.mail.reminders import pay_together
from wagtail_payments.mail.templates import MARKS, Said, Template
from wagtail_payments.mail.wordings import notice_of
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.attempts import PaymentAttempt
from wagtail_payments.records.disputes import Dispute
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link

Parts = Sequence[tuple[Invoice, int]]


def payment_failed(*, attempt: PaymentAttempt, now: datetime) -> Letter | None:
    """Write to the customer that a bank did not carry out a payment, once; None where nobody's address is known."""
    shares = attempt.shares.select_related("invoice__seller", "invoice__customer", "invoice__document")
    parts = [(share.invoice, share.amount) for share in shares.order_by("pk")]
    link = Link.objects.filter(payment_request=attempt.payment_request_id, revoked_at=None).first()
    return _write(FAILED, parts, link, once=f"payment_failed:{attempt.pk}", now=now)


def payment_returned(*, dispute: Dispute, parts: Parts, now: datetime) -> Letter | None:
    """Write to the customer that the bank returned a debit, once; None where nobody's address is known."""
    attempt = dispute.payment.attempt
    request = attempt.payment_request_id if attempt else None
    link = Link.objects.filter(payment_request=request, revoked_at=None).first() if request else None
    return _write(RETURNED, parts, link, once=f"payment_returned:{dispute.pk}", now=now)


def _write(template: Template, parts: Parts, link: Link | None, *, once: str, now: datetime) -> Letter | None:
    first, mark = parts[0][0], writing.place()
    if not first.customer.email:
        return None
    with translation.override(first.language):
        words = templates.words(
            template,
            seller=first.seller,
            language=first.language,
            values=_values(parts),
            linked=Linked(mark if link else "", pay_together()),
            facts=[(invoice.number, _money(invoice, amount)) for invoice, amount in parts],
            notice=notice_of(first.mode),
        )
    post = posts.to_customer(template.letter_kind, first, link, once=once)
    return writing.already_written(once) or writing.write(post, words, mark=mark if link else "", now=now)


def _values(parts: Parts) -> Mapping[str, str]:
    first = parts[0][0]
    still_due = any(invoice.balance().due > 0 for invoice, _amount in parts)
    return {
        "number": ", ".join(invoice.number for invoice, _amount in parts),
        "amount": _money(first, sum(amount for _invoice, amount in parts)),
        "customer": first.customer.contact_name or first.customer.name,
        "seller": first.seller.name,
        "what_now": _("The invoices are still to be paid. You can try again, or pay in another way:")
        if still_due
        else _("The invoices have been paid otherwise in the meantime. There is nothing to do."),
    }


def _money(invoice: Invoice, amount: int) -> str:
    return Writer(invoice.language, invoice.currency).money(amount)


def _letter(subject: str, text: str) -> Said:
    greeting = _("Hello %(name)s,") % {"name": "{{ customer }}"}
    closing = _("Kind regards") + "\n{{ seller }}"
    return Said(subject % MARKS, templates.joined(greeting, text % MARKS, "{{ what_now }}", "#LINK", closing))


def _failed_words() -> Said:
    return _letter(
        _("Your payment of %(amount)s did not go through"),
        _("Your bank did not carry out the payment of %(amount)s for the invoices %(number)s."),
    )


def _returned_words() -> Said:
    return _letter(
        _("Your bank returned the payment of %(amount)s"),
        _("Your bank has returned the direct debit of %(amount)s for the invoices %(number)s."),
    )


_FACTS = ((gettext_lazy("Invoices"), "number"), (gettext_lazy("Amount"), "amount"))
FAILED = templates.register(
    Template(
        "payment_failed_several",
        gettext_lazy("Payment of several invoices that failed"),
        gettext_lazy("When a bank refuses a payment of several invoices that was under way."),
        vocabulary.FAILED,
        _failed_words,
        pay_together,
        _FACTS,
        "payment_failed",
    )
)
RETURNED = templates.register(
    Template(
        "payment_returned_several",
        gettext_lazy("Payment of several invoices that came back"),
        gettext_lazy("When a bank returns a direct debit by which several invoices had been paid."),
        vocabulary.FAILED,
        _returned_words,
        pay_together,
        _FACTS,
        "payment_returned",
    )
)
