"""Every table and page type, gathered here because Django looks here."""

from wagtail_payments.pages import models as pages
from wagtail_payments.records.agreements import Agreement, QuoteQuestion, QuoteStep, SigningCode
from wagtail_payments.records.credit_notes import CreditNote
from wagtail_payments.records.customers import CatalogueItem, Customer
from wagtail_payments.records.deliveries import Alert, Heartbeat, RateLimit, WebhookDelivery
from wagtail_payments.records.documents import IssuedDocument, NumberSeries, Rendition
from wagtail_payments.records.events import Consent, DiscountCode, Event, Question, TicketType
from wagtail_payments.records.invoices import Invoice, InvoiceAttachment, InvoiceLine
from wagtail_payments.records.ledger import Chain, Entry, EntryLine
from wagtail_payments.records.letters import DeliveryReport, Letter
from wagtail_payments.records.links import Link, Opening
from wagtail_payments.records.payments import (
    Allocation,
    CreditApplication,
    Payment,
    PaymentAttempt,
    Receipt,
    Refund,
)
from wagtail_payments.records.quotes import PlanStep, Quote, QuoteAttachment, QuoteLine
from wagtail_payments.records.registrations import Cancellation, Registration, Seat
from wagtail_payments.records.sellers import PaymentSettings, Seller, SellerWording
from wagtail_payments.records.withdrawals import Withdrawal

__all__ = [
    "Agreement",
    "Alert",
    "Allocation",
    "Cancellation",
    "CatalogueItem",
    "Chain",
    "Consent",
    "CreditApplication",
    "CreditNote",
    "Customer",
    "DeliveryReport",
    "DiscountCode",
    "Entry",
    "EntryLine",
    "Event",
    "Heartbeat",
    "Invoice",
    "InvoiceAttachment",
    "InvoiceLine",
    "IssuedDocument",
    "Letter",
    "Link",
    "NumberSeries",
    "Opening",
    "Payment",
    "PaymentAttempt",
    "PaymentSettings",
    "PlanStep",
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
    "Rendition",
    "Seat",
    "Seller",
    "SellerWording",
    "SigningCode",
    "TicketType",
    "WebhookDelivery",
    "Withdrawal",
    "pages",
]
