"""A deposit before a session and the balance after; an order that shrinks below its deposits; a pro forma before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core import mail
from django.db.models import Sum

from tests import factories
from tests.printing.readers import text_of
from tests.stories.conftest import Business
from wagtail_payments import ports
from wagtail_payments.actions import deposits, invoices, proformas, renditions
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.mail import letters
from wagtail_payments.models import CreditNote, EntryLine, Invoice, Payment
from wagtail_payments.records.payments import available_credit

SESSIONS = [("Formation reliure", "2", "450.00", "20"), ("Manuel", "3", "10.99", "5.5")]


def sent(draft: Invoice) -> Invoice:
    """The editor issues a draft and sends it with the usual words."""
    subject, text = letters.default_invoice_text(invoice=draft, language=draft.language)
    return invoices.issue_and_send(
        invoice_id=draft.pk, by=None, now=ports.now(), to=[draft.customer.email], cc=[], subject=subject, text=text
    )


def ask(contract: Invoice, **wish: Any) -> Invoice:
    wanted = deposits.Wish(**wish)
    return sent(deposits.ask(contract_id=contract.pk, wish=wanted, by=None, now=ports.now()))


def pay(business: Business, invoice: Invoice) -> None:
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    assert business.status(invoice) is Status.PAID


def on_account(account: str) -> int:
    sums = EntryLine.objects.filter(account=account).aggregate(debits=Sum("debit"), credits=Sum("credit"))
    return (sums["debits"] or 0) - (sums["credits"] or 0)


def printed(invoice: Invoice) -> str:
    text = text_of(renditions.pdf_of(document=invoice.document, now=ports.now()))
    return " ".join(text.replace("\u00a0", " ").split())


def test_a_deposit_before_a_session_and_the_balance_after(business: Business) -> None:
    order = factories.make_invoice(customer=factories.make_consumer(), lines=SESSIONS, title="Stage de reliure")
    proforma = proformas.send(invoice_id=order.pk, to=[order.customer.email], by=None, now=ports.now())
    deposit = ask(order, percent=Decimal(30), term="acompte")
    business.run_clockwork()
    subjects = [letter.subject for letter in mail.outbox]
    assert any(subject.startswith(f"Facture pro forma {proforma}, Atelier Garonne") for subject in subjects)
    assert any(subject.startswith(f"Facture d’acompte {deposit.number}, Atelier Garonne") for subject in subjects)
    text = printed(deposit)
    assert "Facture d’acompte" in text
    assert "Acompte de 30 %" in text
    assert "est un acompte" in text
    assert (deposit.gross, on_account("419100"), on_account("706000")) == (334_43, -deposit.net, 0)
    pay(business, deposit)

    business.clock.advance(days=20)
    final = sent(Invoice.objects.get(pk=order.pk))
    business.run_clockwork()
    assert any(letter.subject.startswith(f"Facture de solde {final.number}") for letter in mail.outbox)
    assert final.gross == 1114_78 - 334_43
    text = printed(final)
    for words in ("Facture de solde", "Commande entière TTC", "1 114,78 €", "Déjà facturé", deposit.number, "780,35 €"):
        assert words in text, words
    page = business.open_link(final).content.decode()
    assert deposit.number in page
    assert "780,35" in page
    pay(business, final)

    whole = order.totals()
    assert (on_account("419100"), on_account("706000"), on_account("445710")) == (0, -whole.net, -whole.tax)
    assert on_account("411000") == 0
    business.check_books()


def test_an_order_that_shrinks_below_its_deposit_ends_in_a_credit_note(business: Business) -> None:
    order = factories.make_invoice(lines=[("Formation", "4", "250.00", "20")])
    deposit = ask(order, amount=600_00)
    business.run_clockwork()
    pay(business, deposit)
    order = Invoice.objects.get(pk=order.pk)
    line = order.lines.get()
    line.quantity = Decimal(1)
    line.save()
    invoices.store_totals(invoice=order)
    order.save()
    final = sent(order)
    business.run_clockwork()
    note = CreditNote.objects.get()
    assert (note.gross, available_credit(note), final.gross) == (300_00, 300_00, 0)
    assert business.status(final) is Status.PAID
    assert "Avoir sur acompte" in " ".join(
        text_of(renditions.pdf_of(document=note.document, now=ports.now())).replace("\u00a0", " ").split()
    )
    assert "il ne reste rien à payer" in printed(final)
    assert "Nothing" not in business.open_link(final).content.decode()
    assert (on_account("419100"), on_account("706000")) == (0, -250_00)
    assert Payment.objects.count() == 1
    business.check_books()


def test_the_link_of_a_final_that_deducts_an_unpaid_deposit_asks_for_its_own_part_only(business: Business) -> None:
    order = factories.make_invoice(lines=[("Formation", "1", "1000.00", "20")])
    deposit = ask(order, percent=Decimal(50))
    deposits.decide(deposit_id=deposit.pk, if_unpaid="keep", by=None, now=ports.now())
    final = sent(Invoice.objects.get(pk=order.pk))
    business.run_clockwork()
    pay(business, final)
    assert business.status(deposit) is Status.OPEN
    pay(business, deposit)
    assert sum(payment.amount for payment in Payment.objects.all()) == 1200_00
    business.check_books()
