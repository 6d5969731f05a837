"""From a quote to its last cent: deposit, milestone, balance, an addition agreed later; a phone call billed whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests import factories
from tests.actions.test_billing import agreed_sums, sums
from tests.admin.business import sent_quote
from tests.stories.conftest import Business
from tests.stories.test_deposits import on_account, pay, printed, sent
from wagtail_payments import ports
from wagtail_payments.actions import agreements, billing, clockwork
from wagtail_payments.actions.agreements import Word
from wagtail_payments.models import Alert, Customer, Invoice, Quote

PLAN = [
    ("Acompte", "30", None, "at_signature"),
    ("Premier module livré", "40", None, "on_milestone"),
    ("Solde", None, None, "on_milestone"),
]
LINES = [("Formation reliure", "3", "333.33", "20"), ("Manuel", "7", "10.99", "5.5")]


def agreed(customer: Customer, how: str = "phone", chosen: Any = None, **fields: Any) -> Quote:
    """The editor sends a quote, and the customer says yes some days later."""
    quote = sent_quote(factories.make_quote(customer=customer, **fields), ports.now())
    word = Word(how, ports.now().date(), "Nadia Ferrand", note="She called at ten.")
    agreements.accept_by_word(quote_id=quote.pk, word=word, chosen=chosen or {}, by=None, now=ports.now())
    return Quote.objects.get(pk=quote.pk)


def billed(business: Business, quote: Quote, step: int = 0) -> Invoice:
    """The editor invoices a part, and the customer pays it."""
    draft = billing.bill(quote_id=quote.pk, step=step, by=None, now=ports.now())
    invoice = sent(draft)
    business.run_clockwork()
    pay(business, invoice)
    return invoice


def test_deposit_milestone_balance_and_an_addition_agreed_later(business: Business) -> None:
    customer, event = factories.make_customer(), factories.make_event()
    quote = agreed(customer, lines=LINES, plan=PLAN, event=event, title="Stage de reliure")
    deposit = billed(business, quote, 0)
    assert on_account("419100") == -deposit.net
    business.clock.advance(days=20)
    interim = billed(business, quote, 1)
    assert on_account("706000") == -interim.net

    addition = agreed(customer, lines=[("Une journée de plus", "1", "450.00", "20")], event=event)
    business.clock.advance(days=20)
    final = billed(business, quote, 2)
    whole = billed(business, addition)

    parts = [deposit, interim, final]
    assert sums(parts) == agreed_sums(quote)
    assert sum(part.gross for part in parts) == quote.agreement.gross
    assert sums([whole]) == agreed_sums(addition)
    assert {step.state for one in (quote, addition) for step in billing.standing(quote=one).steps} == {"paid"}
    assert on_account("419100") == on_account("411000") == 0
    assert on_account("706000") == -(quote.agreement.net + addition.agreement.net)

    text = printed(final)
    for words in ("Facture de solde", "Déjà facturé", deposit.number, interim.number, quote.number, "accepté le"):
        assert words in text, words
    assert "Facture de situation" in printed(interim)
    assert "Acompte (30 %)" in printed(deposit)
    assert [one.pk for one in event.quotes.order_by("pk")] == [quote.pk, addition.pk]
    business.check_books()


def test_a_phone_acceptance_is_billed_whole(business: Business) -> None:
    option = factories.make_quote_line("Manuel", "1", "10.99", "5.5", is_optional=True, most=Decimal(9))
    quote = sent_quote(factories.make_quote(lines=[("Formation", "1", "450.00", "20"), option]), ports.now())
    manual = quote.lines.get(description="Manuel")
    word = Word("phone", ports.now().date(), "Nadia Ferrand", note="Elle a appelé à dix heures.")
    chosen = {manual.pk: Decimal(4)}
    agreements.accept_by_word(quote_id=quote.pk, word=word, chosen=chosen, by=None, now=ports.now())
    quote = Quote.objects.get(pk=quote.pk)
    invoice = billed(business, quote)
    assert invoice.gross == quote.agreement.gross == 540_00 + 46_38
    assert quote.number in printed(invoice)
    assert "Facture de solde" not in printed(invoice)
    assert (on_account("411000"), on_account("419100")) == (0, 0)
    business.check_books()


def test_a_part_on_a_date_is_drafted_by_the_clockwork(business: Business) -> None:
    plan = [("Avant de commencer", None, "200", "2026-04-10"), ("Solde", None, None, "on_milestone")]
    quote = agreed(factories.make_customer(), lines=LINES, plan=plan)
    assert clockwork.run_once(now=ports.now())["billing"] == 0
    business.clock.advance(days=40)
    assert business.run_clockwork()["billing"] == 1
    assert business.run_clockwork()["billing"] == 0
    (draft,) = Invoice.objects.filter(kind="deposit")
    assert draft.gross == 200_00
    assert quote.number in Alert.objects.get(kind="billing").text
