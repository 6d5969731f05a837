"""Everything that stands on the page of several invoices asked for together; the template only lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_payments.actions import instalments, orders
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.portal import access, logos, places, shown, situation, theme
from wagtail_payments.portal.shown import LONG_AMOUNT, Pay
from wagtail_payments.portal.situation import Facts, Situation
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records import contracts
from wagtail_payments.records.fields import Mode
from wagtail_payments.records.instalments import read_at_once
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.links import Link
from wagtail_payments.records.payment_requests import PaymentRequest
from wagtail_payments.records.sellers import Seller


@dataclass(frozen=True, slots=True)
class Row:
    """One of the invoices. ``url`` leads to it where this browser may see it by itself."""

    number: str
    title: str
    amount: str
    situation: Situation
    url: str = ""


@dataclass(frozen=True, slots=True)
class Together:
    """The page: the sum of what is to be paid now, the button, and how each invoice stands.

    ``minor`` is that sum in minor units: the button says it back, so that nobody pays another amount than they saw.
    """

    seller: Seller
    language: str
    amount: str
    minor: int
    situation: Situation
    rows: tuple[Row, ...]
    theme_url: str
    logo_url: str
    is_test: bool
    pay: Pay | None = None

    @property
    def amount_is_long(self) -> bool:
        """Must it be written smaller to fit a phone?"""
        return len(self.amount) > LONG_AMOUNT


def of_link(request: HttpRequest, link: Link, now: datetime) -> Together:
    """Return the page of a link, in the active language."""
    asked = access.invoices_of(link)
    today, writer = asked.seller.today(now), Writer(asked.language, asked.currency)
    invoices = _invoices(asked)
    sums = [instalments.asked_together(invoice, today) for invoice in invoices]
    return Together(
        seller=asked.seller,
        language=asked.language,
        amount=writer.money(sum(sums)),
        minor=sum(sums),
        situation=_in_all(invoices, sums, today, writer),
        rows=tuple(
            _row(request, invoice, minor, today, writer, now) for invoice, minor in zip(invoices, sums, strict=True)
        ),
        theme_url=theme.url_of(asked.seller),
        logo_url=logos.icon_of(asked.seller),
        is_test=asked.mode == Mode.TEST,
        pay=_pay(link, [one for one, minor in zip(invoices, sums, strict=True) if minor], sum(sums), writer),
    )


def _invoices(asked: PaymentRequest) -> list[Invoice]:
    """With their money and their links, in a fixed number of questions; longest due first."""
    rows: Any = Invoice.objects.with_balance().filter(payment_requests=asked).exclude(contracts.is_left())
    related: Any = rows.select_related("document__seller", "seller").prefetch_related("document__links__site")
    found: list[Invoice] = sorted(related, key=lambda one: (one.next_due_on is None, one.next_due_on, one.number))
    read_at_once(found)
    return found


def _row(request: HttpRequest, invoice: Invoice, minor: int, today: date, writer: Writer, now: datetime) -> Row:
    facts = Facts(
        status=invoice.status_on(today),
        balance=invoice.balance(),
        writer=writer,
        today=today,
        due_on=invoice.next_due_on,
        planned_on=invoice.planned_on,
    )
    own = next(iter(invoice.document.links.all()), None) if invoice.document else None
    if own is not None:
        own.document = invoice.document
    may_see = own is not None and access.may_open(request, own, now)
    return Row(
        number=invoice.number,
        title=invoice.title,
        amount=writer.money(minor) if minor else "",
        situation=situation.of(facts),
        url=places.url_of(request, own) if own is not None and may_see else "",
    )


def _in_all(invoices: list[Invoice], sums: list[int], today: date, writer: Writer) -> Situation:
    """How they stand together: the most pressing of those that are to be paid, else why there is nothing to pay."""
    if any(sums):
        pressing = [invoice for invoice, minor in zip(invoices, sums, strict=True) if minor]
        late = sum(invoice.status_on(today) == Status.OVERDUE for invoice in pressing)
        number = {"number": len(pressing), "late": late}
        if late:
            return Situation("late", "alert", _("%(late)s of %(number)s overdue") % number)
        return Situation("calm", "calendar", _("%(number)s to be paid") % number)
    on_its_way = sum(invoice.balance().processing for invoice in invoices)
    if on_its_way:
        return Situation(
            "wait", "hourglass", _("Your payment is being confirmed"), situation.waiting_words(writer.money(on_its_way))
        )
    if not invoices:
        return Situation("void", "back", _("You have withdrawn from this contract: there is nothing to pay."))
    if all(invoice.balance().due <= 0 for invoice in invoices):
        return Situation("done", "check", _("All of it is paid. Thank you!"))
    return Situation("wait", "hourglass", _("Nothing is to be paid here just now."))


def _pay(link: Link, invoices: list[Invoice], minor: int, writer: Writer) -> Pay | None:
    if not invoices or not orders.can_share_a_method(invoices):
        return None
    providers = shown.providers_of(link.site, invoices[0].mode)
    if not providers:
        return None
    codes = [code for code in orders.common_methods(invoices) if code not in shown.BY_HAND]
    url = reverse("wagtail_payments:payment_request_pay", args=[link.public_id])
    return shown.button(writer.money(minor), url, codes, providers, writer)
