"""Every table and page type, gathered here because Django looks here."""

from wagtail_payments.pages import models as pages
from wagtail_payments.records.agreements import Agreement, QuoteQuestion, QuoteStep, SigningCode
from wagtail_payments.records.attempts import AttemptShare, PaymentAttempt
from wagtail_payments.records.contracts import Contract
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.customers import CatalogueItem, Customer
from wagtail_payments.records.deliveries import Alert, Heartbeat, RateLimit, WebhookDelivery
from wagtail_payments.records.deposits import Deduction, Deposit
from wagtail_payments.records.disputes import Dispute, DisputedMoney
from wagtail_payments.records.documents import IssuedDocument, NumberSeries, Rendition
from wagtail_payments.records.events import Consent, DiscountCode, Event, Question, TicketType
from wagtail_payments.records.instalments import Instalment
from wagtail_payments.records.invoices import Invoice, InvoiceAttachment, InvoiceLine
from wagtail_payments.records.ledger import Chain, Entry, EntryLine
from wagtail_payments.records.letters import DeliveryReport, Letter
from wagtail_payments.records.links import Link, Opening
from wagtail_payments.records.payment_requests import PaymentRequest
from wagtail_payments.records.payments import (
    Allocation,
    CreditApplication,
    Payment,
    Receipt,
    Refund,
)
from wagtail_payments.records.proformas import Proforma
from wagtail_payments.records.promises import Promise
from wagtail_payments.records.quotes import PlanStep, Quote, QuoteAttachment, QuoteLine
from wagtail_payments.records.registrations import Cancellation, Registration, Seat
from wagtail_payments.records.reminders import Reminder, ReminderMute, ReminderPolicy, ReminderStep
from wagtail_payments.records.revisions import DocumentRevision, RevisionAttachment
from wagtail_payments.records.sellers import PaymentSettings, Seller, SellerWording
from wagtail_payments.records.withdrawals import Withdrawal
from wagtail_payments.records.words import LetterWords
from wagtail_payments.records.write_offs import WriteOff

__all__ = [
    "Agreement",
    "Alert",
    "Allocation",
    "AttemptShare",
    "Cancellation",
    "CatalogueItem",
    "Chain",
    "Consent",
    "Contract",
    "CreditApplication",
    "CreditNote",
    "Customer",
    "Deduction",
    "DeliveryReport",
    "Deposit",
    "DiscountCode",
    "Dispute",
    "DisputedMoney",
    "DocumentRevision",
    "Entry",
    "EntryLine",
    "Event",
    "Heartbeat",
    "Instalment",
    "Invoice",
    "InvoiceAttachment",
    "InvoiceLine",
    "IssuedDocument",
    "Letter",
    "LetterWords",
    "Link",
    "NumberSeries",
    "Opening",
    "Payment",
    "PaymentAttempt",
    "PaymentRequest",
    "PaymentSettings",
    "PlanStep",
    "Proforma",
    "Promise",
    "Question",
    "Quote",
    "QuoteAttachment",
    "QuoteLine",
    "QuoteQuestion",
    "QuoteStep",
    "RateLimit",
    "Receipt",
    "Refund",
    "Registration",
    "Reminder",
    "ReminderMute",
    "ReminderPolicy",
    "ReminderStep",
    "Rendition",
    "RevisionAttachment",
    "Seat",
    "Seller",
    "SellerWording",
    "SigningCode",
    "TicketType",
    "WebhookDelivery",
    "Withdrawal",
    "WriteOff",
    "pages",
]
