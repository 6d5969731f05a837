"""Asking a customer for several invoices at once: one link, one letter, one payment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_payments import ports
from wagtail_payments.actions import instalments, journal, links, orders
from wagtail_payments.core.lifecycle import Stored
from wagtail_payments.gateways import registry
from wagtail_payments.mail import payment_requests as letters
from wagtail_payments.mail import writing
from wagtail_payments.mail.reminders import with_links
from wagtail_payments.records import contracts
from wagtail_payments.records.customers import Customer
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.guards import hold
from wagtail_payments.records.instalments import read_at_once
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter
from wagtail_payments.records.links import Link
from wagtail_payments.records.payment_requests import PaymentRequest

MOST = 50  # a provider's page takes a hundred lines; nobody reads so many


class RequestRefused(Exception):
    """These invoices can't be asked for together; the text says why."""


def chosen(keys: Iterable[int]) -> list[Invoice]:
    """Read invoices with their money and all that a letter says of them, in a fixed number of questions."""
    rows: Any = Invoice.objects.with_balance().filter(pk__in=keys)
    related: Any = rows.select_related("customer", "document", "seller", "site")
    found: list[Invoice] = sorted(related, key=lambda one: (one.next_due_on is None, one.next_due_on, one.number))
    read_at_once(found)
    return found


def payable_together(customer: Customer, now: datetime) -> list[list[Invoice]]:
    """Return what of a customer can be asked for together now: one list for each seller, site, mode and currency.

    What was given up is not proposed; whoever chooses it may ask for it.
    """
    rows: Any = Invoice.objects.with_balance().filter(customer=customer, due__gt=0, state=Stored.ISSUED)
    rows = rows.exclude(contracts.is_left())
    groups: dict[tuple[Any, ...], list[Invoice]] = {}
    for invoice in chosen(rows.values_list("pk", flat=True)):
        if not _unfit(invoice, now):
            alike = (invoice.seller_id, invoice.site_id, invoice.mode, invoice.currency)
            groups.setdefault(alike, []).append(invoice)
    firsts = [group[:MOST] for group in groups.values()]
    return [group for group in firsts if not why_not(group, now)]


def why_not(invoices: Sequence[Invoice], now: datetime) -> str:
    """Return why these can't be asked for together, in the active language, or nothing where they can."""
    if len(invoices) < 2:
        return _("Choose at least two invoices.")
    if len(invoices) > MOST:
        return _("At most %(number)s invoices can be asked for together.") % {"number": MOST}
    if reason := _differing(invoices) or _first_unfit(invoices, now):
        return reason
    if not orders.can_share_a_method(invoices):
        return _("These invoices have no way to pay in common.")
    first = invoices[0]
    if not any(gateway.live == (first.mode == Mode.LIVE) for gateway in registry.for_site(first.site).values()):
        return _("No payment provider is set up.")
    return ""


def _differing(invoices: Sequence[Invoice]) -> str:
    differing = {
        "customer_id": _("These invoices are for different customers: one payment can’t be for both."),
        "seller_id": _("These invoices are of different sellers: one payment can’t go to both."),
        "currency": _("These invoices are in different currencies."),
        "site_id": _("These invoices belong to different sites."),
        "mode": _("A test invoice can’t be paid together with a real one."),
    }
    found = (text for name, text in differing.items() if len({getattr(one, name) for one in invoices}) > 1)
    return next(found, "")


def _first_unfit(invoices: Sequence[Invoice], now: datetime) -> str:
    if reason := next(filter(None, (_unfit(invoice, now) for invoice in invoices)), ""):
        return reason
    left = Invoice.objects.filter(contracts.is_left(), pk__in=[invoice.pk for invoice in invoices]).first()
    return _("The customer has withdrawn from the contract of %(document)s.") % {"document": left} if left else ""


def _unfit(invoice: Invoice, now: datetime) -> str:
    if invoice.is_draft:
        return _("%(document)s has not been issued yet.") % {"document": invoice}
    if not invoice.online_payment or not orders.can_share_a_method([invoice]):
        return _("%(document)s can’t be paid online.") % {"document": invoice}
    if not instalments.asked_together(invoice, invoice.seller.today(now)):
        return _("Nothing is to be paid now on %(document)s.") % {"document": invoice}
    return ""


def link_for(*, invoices: Sequence[Invoice], by: Any, now: datetime) -> Link:
    """Return the link by which these invoices are paid together; the same invoices have the same one, for good.

    Inside the caller's transaction. Raises ``RequestRefused``.
    """
    if reason := why_not(invoices, now):
        raise RequestRefused(reason)
    first = invoices[0]
    keys = sorted(invoice.pk for invoice in invoices)
    request, is_new = PaymentRequest.objects.get_or_create(
        of_these=hashlib.sha256(",".join(map(str, keys)).encode()).hexdigest(),
        defaults={
            "seller": first.seller,
            "customer": first.customer,
            "site": first.site,
            "mode": first.mode,
            "currency": first.currency,
            "language": first.language,
            "public_id": ports.new_id(),
            "created_at": now,
            "created_by": by,
        },
    )
    if is_new:
        request.invoices.set(keys)
    return links.link_for_request(request=request, now=now)


def make(*, invoice_ids: Iterable[int], by: Any, now: datetime) -> Link:
    """Return the link by which these invoices are paid together, for an editor to pass on.

    One that was revoked is renewed: whoever asks again wants it to open. Raises ``RequestRefused``.
    """
    keys = sorted(set(invoice_ids))
    with transaction.atomic():
        hold(Invoice, *keys)
        return _open_link(chosen(keys), by, now)


def ask(*, invoice_ids: Iterable[int], by: Any, now: datetime, form_key: str) -> Letter:
    """Write to the customer of these invoices, with the link to pay them together; one form writes once.

    Raises ``RequestRefused``.
    """
    keys, once = sorted(set(invoice_ids)), f"payment_request:{form_key}"
    with transaction.atomic():
        hold(Invoice, *keys)
        standing = writing.already_written(once)
        if standing is not None:
            return standing
        invoices = chosen(keys)
        link = _open_link(invoices, by, now)
        if not invoices[0].customer.email:
            raise RequestRefused(_("%(name)s has no e-mail address.") % {"name": invoices[0].customer})
        letter = letters.payment_request(link=link, about=with_links(invoices), by=by, now=now, once=once)
        for invoice in invoices:
            data = {"to": letter.to, "number": ", ".join(one.number for one in invoices)}
            journal.note(invoice, "asked_together", now=now, by=by, data=data)
    return letter


def _open_link(invoices: Sequence[Invoice], by: Any, now: datetime) -> Link:
    link = link_for(invoices=invoices, by=by, now=now)
    return links.renew(link=link, by=by, now=now) if link.revoked_at else link
