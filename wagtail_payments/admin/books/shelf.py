"""All the books."""

from __future__ import annotations

from wagtail.admin.menu import MenuItem
from wagtail_modeladmin.menus import ModelAdminMenuItem
from wagtail_modeladmin.options import modeladmin_register

from wagtail_payments.admin.books import guards
from wagtail_payments.admin.books.alerts import AlertBook
from wagtail_payments.admin.books.book import Book
from wagtail_payments.admin.books.credit_notes import CreditNoteBook
from wagtail_payments.admin.books.deliveries import DeliveryBook
from wagtail_payments.admin.books.disputes import DisputeBook
from wagtail_payments.admin.books.ledger import Ledger
from wagtail_payments.admin.books.letters import LetterBook
from wagtail_payments.admin.books.payments import PaymentBook
from wagtail_payments.admin.books.refunds import RefundBook
from wagtail_payments.admin.books.registrations import RegistrationBook
from wagtail_payments.admin.books.reminders import ReminderBook

BOOKS: tuple[type[Book], ...] = (
    CreditNoteBook,
    PaymentBook,
    RefundBook,
    DisputeBook,
    Ledger,
    DeliveryBook,
    LetterBook,
    AlertBook,
    RegistrationBook,
    ReminderBook,
)


def register_books() -> None:
    """Give wagtail-modeladmin every book, and Wagtail the policy of each; call it once."""
    for book in BOOKS:
        guards.register_policy(book.model, guards.BookPolicy(book.model))
        modeladmin_register(book)


def menu_item(book: type[Book]) -> MenuItem:
    """Return a book's line in the menu; it is shown to who may read the book."""
    return ModelAdminMenuItem(book(), order=1)
