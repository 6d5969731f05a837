"""Who may do what: Wagtail's permission policies for our records, and the permissions of single verbs.

Every user interface of Wagtail asks these policies, so what is refused here is refused in lists, bulk
actions, previews and choosers alike; a superuser is bound as well.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import PROTECT, Model
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.customers import CatalogueItem, Customer
from wagtail_payments.records.events import Event
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.quotes import Quote
from wagtail_payments.records.registrations import Registration

try:
    from wagtail.permissions import register_permission_policy
except ImportError:  # Wagtail 7.4: viewsets carry their own policy
    register_permission_policy = None

HAS_REGISTRY = register_permission_policy is not None
CHANGING = frozenset({"change", "delete"})
SEEING = frozenset({"add", "change", "delete", "view"})


class InvoicePolicy(ModelPermissionPolicy):
    """Neither an issued invoice nor the draft of a registration is changed or deleted, by anyone."""

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Invoice) -> bool:
        """Ask the model's permissions, after the law."""
        if action in CHANGING and (not instance.is_draft or is_of_registration(instance)):
            return False
        if action == "delete" and has_deposits(instance):
            return False
        return bool(super().user_has_permission_for_instance(user, action, instance))


def has_deposits(invoice: Invoice) -> bool:
    """Is it a draft that deposits were asked for on? It is what they are deducted from, so it stays."""
    return bool(invoice.kind == InvoiceKind.FINAL and invoice.deposits.exists())


def is_of_registration(invoice: Invoice) -> bool:
    """Is it a draft that a registration waits to have paid?"""
    return invoice.pk is not None and invoice.is_draft and order_of(invoice) is not None


def order_of(invoice: Invoice) -> Registration | None:
    """Return the registration whose price, deposit or balance an invoice asks for, if there is one."""
    name = "balance_of" if invoice.kind == InvoiceKind.FINAL else "registration"
    found: Registration | None = getattr(invoice, name, None)
    return found


class QuotePolicy(ModelPermissionPolicy):
    """A quote that was sent is neither changed nor deleted, by anyone."""

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Quote) -> bool:
        """Ask the model's permissions, after what was promised."""
        if action in CHANGING and not instance.is_draft:
            return False
        return bool(super().user_has_permission_for_instance(user, action, instance))


class EventPolicy(ModelPermissionPolicy):
    """A cancelled event is not changed any more; one that somebody registered for, or that a page presents, stays."""

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Event) -> bool:
        """Ask the model's permissions, after what was promised to people."""
        if action == "change" and instance.is_cancelled:
            return False
        if action == "delete" and is_promised(instance):
            return False
        return bool(super().user_has_permission_for_instance(user, action, instance))


def is_promised(event: Event) -> bool:
    """Has anybody registered, or does a page present it?"""
    protected = [
        relation.get_accessor_name()
        for relation in event._meta.related_objects
        if getattr(relation, "on_delete", None) is PROTECT
    ]
    return any(getattr(event, name).exists() for name in protected if name)


class CustomerPolicy(ModelPermissionPolicy):
    """A customer with documents stays: the books name it."""

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Customer) -> bool:
        """Ask the model's permissions, and for deleting also the books."""
        if action == "delete" and is_in_the_books(instance):
            return False
        return bool(super().user_has_permission_for_instance(user, action, instance))


def is_in_the_books(customer: Customer) -> bool:
    """Does an invoice, quote, payment, document or letter name this customer?"""
    named = (customer.invoices, customer.quotes, customer.documents, customer.payments, customer.letters)
    return any(rows.exists() for rows in named)


POLICIES: dict[type[Model], ModelPermissionPolicy] = {
    Invoice: InvoicePolicy(Invoice),
    Quote: QuotePolicy(Quote),
    Customer: CustomerPolicy(Customer),
    CatalogueItem: ModelPermissionPolicy(CatalogueItem),
    CreditNote: ModelPermissionPolicy(CreditNote),
    Event: EventPolicy(Event),
}


def register_policies() -> None:
    """Tell Wagtail which policy guards which record; call it before a viewset is made."""
    if register_permission_policy is None:
        return
    for model in (Invoice, Quote, Customer, Event):
        register_permission_policy(model, POLICIES[model])


def allowed(user: Any, codename: str) -> bool:
    """May the user do that, e.g. ``allowed(user, "issue_invoice")``?"""
    return bool(user.has_perm(f"wagtail_payments.{codename}"))


def may_see(user: Any, model: type[Model]) -> bool:
    """May the user see records of that kind at all?"""
    return bool(POLICIES[model].user_has_any_permission(user, SEEING))


def require(user: Any, *codenames: str) -> None:
    """Raise ``PermissionDenied`` unless the user has every one of these permissions."""
    if not all(allowed(user, codename) for codename in codenames):
        raise PermissionDenied
