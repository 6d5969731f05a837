"""Who is told of a dispute: the owner always, with the day by which to answer; the customer of a returned debit only.

Whoever disputes a card payment hears from the bank: asking for the money meanwhile would be one wrong letter more.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from wagtail_payments.actions import alerts
from wagtail_payments.core import money
from wagtail_payments.core.lifecycle import DisputeState
from wagtail_payments.mail import letters
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.disputes import Dispute
from wagtail_payments.records.invoices import Invoice

_ENDED = (DisputeState.WON, DisputeState.PREVENTED, DisputeState.INQUIRY_CLOSED)


def tell(*, dispute: Dispute, invoice: Invoice | None, url: str, now: datetime) -> None:
    """Write letters and alerts for the state that a dispute has come to, inside the transaction that moved it.

    ``invoice`` is the one it re-opened, or that the payment was for; ``url`` is where it is answered.
    """
    state = DisputeState(dispute.state)
    if dispute.is_return and state is not DisputeState.WON:
        _returned(dispute, invoice, url, now)
    elif state is DisputeState.UNDER_REVIEW:
        _settle(dispute, now)  # answered: there is nothing to do
    elif state is DisputeState.LOST:
        _settle(dispute, now)
        _raise("dispute_lost", dispute, invoice, _lost(dispute, invoice), now)
        letters.owner_disputed(dispute=dispute, invoice=invoice, url=url, now=now)
    elif state in _ENDED:
        _settle(dispute, now)
        letters.owner_disputed(dispute=dispute, invoice=invoice, url=url, now=now)
    else:
        _raise("dispute", dispute, invoice, _asked(dispute, invoice), now)
        letters.owner_disputed(dispute=dispute, invoice=invoice, url=url, now=now)


def _returned(dispute: Dispute, invoice: Invoice | None, url: str, now: datetime) -> None:
    """Told once, however the provider calls the states on its way."""
    _raise("returned", dispute, invoice, _came_back(dispute, invoice), now)
    letters.owner_disputed(dispute=dispute, invoice=invoice, url=url, now=now)
    taken = _taken_from(dispute)
    if len(taken) > 1:
        letters.payment_of_several_returned(dispute=dispute, parts=taken, now=now)
    elif invoice is not None and invoice.document is not None:
        letters.payment_returned(dispute=dispute, invoice=invoice, now=now)


def _taken_from(dispute: Dispute) -> list[tuple[Invoice, int]]:
    """The invoices whose money it took, and how much of each, minor units."""
    taken: dict[int, tuple[Invoice, int]] = {}
    rows = dispute.allocations.select_related("invoice__seller", "invoice__customer", "invoice__document")
    for row in rows.filter(amount__lt=0).order_by("invoice"):
        _invoice, before = taken.get(row.invoice_id, (row.invoice, 0))
        taken[row.invoice_id] = (row.invoice, before - row.amount)
    return list(taken.values())


def _settle(dispute: Dispute, now: datetime) -> None:
    for kind in ("dispute", "dispute_lost", "returned"):
        alerts.settle_by_itself(kind=kind, key=str(dispute.pk), now=now)


def _raise(kind: str, dispute: Dispute, invoice: Invoice | None, text: str, now: datetime) -> None:
    about = {"dispute": dispute, "payment": dispute.payment, "invoice": invoice}
    alerts.raise_again(kind=kind, key=str(dispute.pk), text=text, now=now, **about)


def _said(dispute: Dispute, invoice: Invoice | None) -> dict[str, str]:
    payment = dispute.payment
    numbers = [one.number for one, _amount in _taken_from(dispute)]
    language, until = payment.seller.language, dispute.evidence_due_by
    day = Writer(language, dispute.currency).date(payment.seller.today(until).isoformat()) if until else ""
    return {
        "name": payment.customer.name if payment.customer else "?",
        "amount": money.formatted(dispute.amount, dispute.currency, language),
        "document": ", ".join(numbers) or str(invoice or payment.reference or "?"),
        "day": day,
    }


def _asked(dispute: Dispute, invoice: Invoice | None) -> str:
    with override(dispute.payment.seller.language):
        said = _said(dispute, invoice)
        if dispute.state == DisputeState.INQUIRY:
            text = _("The bank of %(name)s asks about the payment of %(amount)s (%(document)s); no money has moved.")
        elif dispute.state == DisputeState.APPEALED:
            text = _("The decision about the disputed payment of %(amount)s by %(name)s (%(document)s) is appealed.")
        else:
            text = _("%(name)s disputes the payment of %(amount)s (%(document)s): the bank has taken the money back.")
        by = _("Answer by %(day)s at the payment provider.") % said if said["day"] else ""
        return " ".join(filter(None, [text % said, by, _of_seats(dispute)]))


def _lost(dispute: Dispute, invoice: Invoice | None) -> str:
    with override(dispute.payment.seller.language):
        text = _(
            "The dispute about the payment of %(amount)s by %(name)s is lost (%(document)s). "
            "Have it paid in another way, or write it off."
        )
        return " ".join(filter(None, [text % _said(dispute, invoice), _of_seats(dispute)]))


def _came_back(dispute: Dispute, invoice: Invoice | None) -> str:
    with override(dispute.payment.seller.language):
        text = _("The bank of %(name)s returned the debit of %(amount)s (%(document)s). The customer is told.")
        return " ".join(filter(None, [text % _said(dispute, invoice), _of_seats(dispute)]))


def _of_seats(dispute: Dispute) -> str:
    """A seat stays: who comes after all may pay another way, and only the organiser knows."""
    attempt = dispute.payment.attempt
    if attempt is None or attempt.event is None:
        return ""
    return _("It was for %(event)s: the seats stay unless you cancel them.") % {"event": attempt.event}
