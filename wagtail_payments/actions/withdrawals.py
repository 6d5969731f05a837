"""A consumer leaves a contract signed online, within the time the law gives; nothing is paid back by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from wagtail_payments import signals
from wagtail_payments.actions import alerts, checkout, contracts, evidence, journal, quotes
from wagtail_payments.actions.signing import Trace, one_name
from wagtail_payments.core import withdrawal
from wagtail_payments.core.evidence import text_digest
from wagtail_payments.core.lifecycle import QuoteEvent, QuoteState
from wagtail_payments.mail import signing as letters
from wagtail_payments.mail.addresses import checked
from wagtail_payments.printing.amounts import Writer
from wagtail_payments.records.agreements import Agreement
from wagtail_payments.records.contracts import invoices_of
from wagtail_payments.records.exemptions import exemption_reasons
from wagtail_payments.records.guards import lock
from wagtail_payments.records.quotes import Quote
from wagtail_payments.records.withdrawals import Withdrawal


class WithdrawalRefused(Exception):
    """This contract can't be left this way; the text says why."""


@dataclass(frozen=True, slots=True)
class Right:
    """Whether a contract may be left: until when, or by which exception not. ``is_open``: now it may.

    ``ends_early``: not after what was registered for has begun, though the last day is later.
    """

    last_day: date
    reason: str = ""
    is_open: bool = False
    ends_early: bool = False


def right_to(*, quote: Quote, agreement: Agreement, now: datetime) -> Right | None:
    """Return the right to withdraw, in the active language; None where the law gives none to begin with.

    It gives one to private persons, of contracts made online: C. conso. L221-18.
    """
    if agreement.how != "signed" or agreement.frozen.customer.kind != "consumer":
        return None
    last = withdrawal.last_day(agreement.on, of_goods=quote.nature in ("goods", "both"))
    if quote.no_withdrawal:
        return Right(last, str(exemption_reasons()[quote.no_withdrawal]))
    in_time = quote.seller.today(now) <= last
    return Right(last, is_open=in_time and quote.state == QuoteState.SIGNED)


def statement_of(*, quote: Quote, agreement: Agreement, name: str) -> str:
    """Return the statement that is shown, confirmed and kept, in the language of the quote."""
    with translation.override(quote.language):
        said = {
            "name": one_name(name),
            "number": quote.number,
            "seller": agreement.frozen.seller.name,
            "day": Writer(quote.language, quote.currency).date(agreement.on.isoformat()),
        }
        return (
            _(
                "I, %(name)s, withdraw from the contract with %(seller)s that was made by quote %(number)s, "
                "signed on %(day)s."
            )
            % said
        )


def withdraw(*, quote_id: int, name: str, email: str, now: datetime, trace: Trace) -> Withdrawal:
    """Keep the withdrawal, acknowledge it at once and tell the seller; pressing twice is withdrawing once.

    Raises ``WithdrawalRefused``, or ``AddressRefused`` for an address that is none.
    """
    address = checked(email)
    with transaction.atomic(durable=True):
        (quote,) = lock(Quote, quote_id)
        made: Withdrawal | None = Withdrawal.objects.filter(quote=quote).first()
        if made is None:
            made = _left(quote, name, address, now, trace)
    for invoice in invoices_of(quote):  # nobody should pay what is no longer to be paid
        checkout.withdraw_outdated(invoice=invoice, now=now)
    return made


def _left(quote: Quote, name: str, email: str, now: datetime, trace: Trace) -> Withdrawal:
    contracts.is_invoiced(quote)  # holds its invoices, so that no part of it is issued in this very moment
    agreement = _refuse(quote, now)
    statement = statement_of(quote=quote, agreement=agreement, name=name)
    made = declared(statement=statement, name=name, email=email, now=now, trace=trace)
    made.quote = quote
    quotes.move(quote=quote, event=QuoteEvent.WITHDRAW)
    made.save(force_insert=True)
    data = {"name": made.name, "email": made.email, "sha256": made.sha256}
    evidence.add_step(quote=quote, kind="withdrawn", now=now, data=data, ip=trace.ip, agent=trace.agent)
    letters.withdrawn(quote=quote, withdrawal=made, now=now)
    letters.owner_withdrawn(quote=quote, withdrawal=made, now=now)
    _alert(quote, made, now)
    journal.note(quote, "quote_withdrawn", now=now, data={"name": made.name})
    signals.send_on_commit(signals.quote_withdrawn, Quote, quote=quote, withdrawal=made)
    return made


def declared(*, statement: str, name: str, email: str, now: datetime, trace: Trace) -> Withdrawal:
    """Return a withdrawal in those words, not kept yet; the address was checked."""
    made = Withdrawal(name=one_name(name), email=email, statement=statement, at=now)
    made.sha256, made.ip = text_digest(statement), trace.ip[:45]
    made.agent = trace.agent.replace("\x00", "")[:200]
    return made


def _refuse(quote: Quote, now: datetime) -> Agreement:
    agreement: Agreement | None = Agreement.objects.filter(quote=quote).first()
    right = right_to(quote=quote, agreement=agreement, now=now) if agreement else None
    if agreement is None or right is None:
        raise WithdrawalRefused(_("This is no contract that can be left this way. Write to the seller."))
    if right.reason:
        raise WithdrawalRefused(right.reason)
    if not right.is_open:
        raise WithdrawalRefused(_("The time to withdraw is over. Write to the seller."))
    return agreement


def _alert(quote: Quote, made: Withdrawal, now: datetime) -> None:
    with translation.override(quote.seller.language):
        text = _(
            "%(customer)s has withdrawn from quote %(number)s. Pay back what was paid within 14 days, "
            "and credit what was invoiced."
        ) % {"customer": quote.customer.name[:100], "number": quote.number}
    alerts.raise_once(kind="withdrawal", key=f"{quote.family}:{quote.version}", text=text, now=now, quote=quote)
