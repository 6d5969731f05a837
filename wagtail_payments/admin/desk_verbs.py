"""What can be done with an invoice now, and why the rest can't."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wagtail_payments.actions import credits
from wagtail_payments.actions.obstacles import REMINDED
from wagtail_payments.admin.permissions import allowed, is_of_registration
from wagtail_payments.admin.places import invoice_url
from wagtail_payments.admin.registered_drafts import reason, registration_url
from wagtail_payments.core.lifecycle import Balance, Status, Stored
from wagtail_payments.records.deposits import PART_KINDS
from wagtail_payments.records.invoices import Invoice


@dataclass(frozen=True, slots=True)
class Verb:
    """A button, or (with ``why_not``) the reason why there is none now."""

    label: str
    url: str
    icon: str
    why_not: str = ""
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What the verbs depend on: the money, the status, and what can be credited and sent back."""

    invoice: Invoice
    status: Status
    balance: Balance
    creditable: int
    refundable: int
    link_is_live: bool
    is_disputed: bool = False


def verbs_of(standing: Standing, user: Any) -> list[Verb]:
    """Return the verbs this user may know of, in the order of use."""
    invoice = standing.invoice
    return list(_of_draft(invoice, user)) if invoice.is_draft else list(_of_issued(standing, user))


def _of_draft(invoice: Invoice, user: Any) -> Iterator[Verb]:
    if is_of_registration(invoice):
        url = registration_url(user, invoice)
        if url:
            yield Verb(_("Open the registration"), url, "group", is_primary=True)
        yield Verb(_("Edit, issue or delete"), "", "edit", reason())
        return
    if allowed(user, "change_invoice"):
        yield Verb(_("Edit the draft"), invoice_url("edit", invoice.pk), "edit", is_primary=True)
    yield Verb(_("Review"), invoice_url("review", invoice.pk), "check")
    if invoice.kind not in PART_KINDS:
        yield Verb(_("Deposits and pro formas"), invoice_url("deposits", invoice.pk), "doc-full")
    if allowed(user, "add_invoice"):
        yield Verb(_("Duplicate"), invoice_url("duplicate", invoice.pk), "copy")


def _of_issued(standing: Standing, user: Any) -> Iterator[Verb]:
    invoice, due = standing.invoice, standing.balance.due
    pk = invoice.pk
    if allowed(user, "issue_invoice"):
        label = _("Send again") if _was_sent(invoice) else _("Send")
        yield Verb(label, invoice_url("compose", pk), "mail", is_primary=due > 0)
    yield Verb(_("Download PDF"), invoice_url("pdf", pk), "download")
    if allowed(user, "issue_invoice"):
        yield Verb(_("Link for the customer"), invoice_url("link", pk), "link")
    yield from _of_reminders(standing, user)
    if allowed(user, "record_payment"):
        yield Verb(_("Record a payment"), invoice_url("pay", pk), "plus-inverse")
        yield from _plan(standing)
    if allowed(user, "make_refund"):
        yield Verb(pgettext("verb", "Refund"), invoice_url("refund", pk), "rotate", _why_no_refund(standing))
        yield Verb(_("Credit"), invoice_url("credit", pk), "minus", _why_no_credit(standing))
    if allowed(user, "writeoff_invoice"):
        yield _giving_up(standing)
    if allowed(user, "add_invoice"):
        yield Verb(pgettext("verb", "Correct"), invoice_url("correct", pk), "edit")
    if allowed(user, "add_invoice") and invoice.kind not in PART_KINDS:
        yield Verb(_("Duplicate"), invoice_url("duplicate", pk), "copy")
    yield from _never(invoice, user)


def _giving_up(standing: Standing) -> Verb:
    pk = standing.invoice.pk
    if standing.status is Status.UNCOLLECTIBLE:
        return Verb(_("Count on it again"), invoice_url("recover", pk), "rotate")
    why_not = "" if standing.balance.due > 0 else _("Nothing is due on it.")
    if standing.balance.processing or standing.balance.disputed:
        why_not = _("Money for it is still with a bank.")
    return Verb(_("Write off"), invoice_url("write_off", pk), "cross", why_not)


def _of_reminders(standing: Standing, user: Any) -> Iterator[Verb]:
    if allowed(user, "send_reminder"):
        why_not = "" if standing.status in REMINDED else _("Only what is open or overdue can be reminded of.")
        yield Verb(_("Remind"), invoice_url("remind", standing.invoice.pk), "date", why_not)


def _plan(standing: Standing) -> Iterator[Verb]:
    """Only where there is something to plan: on a paid invoice nobody looks for it."""
    left = standing.balance.asked - standing.balance.processing
    if standing.invoice.state == Stored.ISSUED and left > 0:
        yield Verb(_("Plan the payment"), invoice_url("promise", standing.invoice.pk), "calendar-alt")


def _was_sent(invoice: Invoice) -> bool:
    return invoice.document is not None and invoice.document.letters.filter(kind="invoice").exists()


def _why_no_refund(standing: Standing) -> str:
    if why := _why_no_credit(standing):
        return why
    if standing.is_disputed:
        return _("A payment of it is disputed: nothing can go back before the customer's bank has decided.")
    if not standing.refundable:
        return _("Nothing was paid on it that could go back.")
    return ""


def _why_no_credit(standing: Standing) -> str:
    if not standing.creditable:
        return _("Everything on it has been credited already.")
    return credits.why_not(standing.invoice)


def _never(invoice: Invoice, user: Any) -> Iterator[Verb]:
    """What people look for and the law does not allow."""
    if allowed(user, "change_invoice") or allowed(user, "delete_invoice"):
        reason = _("An issued invoice can't be changed or deleted. “Correct” shows the ways to put it right.")
        yield Verb(_("Edit or delete"), "", "edit", reason)
