"""Orders that are invoiced in parts, paid in parts, or put right after they were issued."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests import factories
from tests.simulation.world import ANYWHERE, BASKETS, World
from wagtail_payments import ports
from wagtail_payments.actions import advances, checkout, corrections, credits, deposits, instalments, invoices
from wagtail_payments.core.crediting import LineWish
from wagtail_payments.models import CreditNote, Deposit, Instalment, Invoice


def order(world: World, customer: int, basket: int) -> Invoice:
    """Write the draft of an order."""
    whose = world.customers[customer % len(world.customers)]
    return factories.make_invoice(customer=whose, lines=BASKETS[basket % len(BASKETS)])


def draft(world: World, which: int) -> Invoice | None:
    """An order that is a draft still, whether deposits were asked for it or not."""
    row: Invoice | None = world.pick(Invoice.objects.filter(document=None, deposit=None), which)
    return row


def ask_deposit(world: World, contract: Invoice, percent: int, *, by_amount: bool) -> None:
    """Ask for a deposit, by percent or amount, and issue it; those by percent are paid at once."""
    wish = deposits.Wish(percent=Decimal(percent))
    if by_amount:
        wish = deposits.Wish(amount=contract.gross * percent // 90)
    asked = deposits.ask(contract_id=contract.pk, wish=wish, by=None, now=world.now, form_key=ports.new_id())
    issued = world.attempt(lambda: invoices.issue(invoice_id=asked.pk, by=None, now=world.now))
    if issued is not None and not by_amount:
        world.transfer(issued, issued.gross)


def ask_advance(world: World, customer: int, basket: int, percent: int) -> None:
    """Ask for a deposit without an order, at the rates of what may come, and issue it; every other one is paid."""
    whose = world.customers[customer % len(world.customers)]
    meant = factories.build_invoice(customer=whose, lines=BASKETS[basket % len(BASKETS)])
    shares = [(row.vat, row.gross * percent // 90) for row in meant.totals().vat if row.gross * percent // 90]
    key = ports.new_id()
    asked = advances.ask(draft=meant, shares=shares, by=None, now=world.now, form_key=key)
    issued = world.attempt(lambda: invoices.issue(invoice_id=asked.pk, by=None, now=world.now))
    if issued is not None and percent % 2:
        world.transfer(issued, issued.gross)


def take_advance(world: World, which: int, order: int, *, lets_go: bool) -> None:
    """Tie a deposit that waits for an order to one, or loosen one from its order; any will do, to be refused."""
    row, contract = world.pick(Deposit.objects.all(), which), draft(world, order)
    if row is None or contract is None:
        return
    verb = advances.let_go if lets_go else advances.take
    verb(contract_id=contract.pk, deposit_id=row.invoice_id, by=None, now=world.now)


def decide(world: World, which: int, *, cancels: bool) -> None:
    """Say what becomes of a deposit that is not paid."""
    row = world.pick(Deposit.objects.all(), which)
    if row is not None:
        wanted = "cancel" if cancels else "keep"
        deposits.decide(deposit_id=row.invoice_id, if_unpaid=wanted, by=None, now=world.now)


def change_order(world: World, contract: Invoice, basket: int) -> None:
    """The customer wants something else after all, which may be less than the deposits."""
    rows = [factories.make_line(*line) for line in BASKETS[basket % len(BASKETS)]]
    for place, row in enumerate(rows):
        row.sort_order = place
    contract.lines.set(rows)
    invoices.store_totals(invoice=contract)
    contract.save()


def issue(world: World, contract: Invoice) -> None:
    """Issue an order: what is left of it, where deposits came before."""
    whole = contract.totals().vat
    issued = invoices.issue(invoice_id=contract.pk, by=None, now=world.now)
    last_note = CreditNote.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    world.contracts[issued.pk] = (whole, last_note)


def issue_in_parts(world: World, customer: int, basket: int, percent: int, parts: int) -> None:
    """Issue an invoice in instalments: the first by percent, the others as they share what is left."""
    row = order(world, customer, basket)
    row.other_amount = bool(basket % 2)
    row.save()
    today = row.seller.today(world.now)
    for place in range(parts):
        agreed = Decimal(percent) if not place else None
        day = today + timedelta(days=20 * place)
        Instalment.objects.create(invoice=row, due_on=day, sort_order=place, percent=agreed)
    world.attempt(lambda: invoices.issue(invoice_id=row.pk, by=None, now=world.now))


def pay_chosen(world: World, invoice: Invoice, amount: int, *, offered: bool) -> None:
    """Choose what to pay of an invoice: one of the amounts that are offered, another, or more than is due (I28)."""
    balance = invoice.balance()
    offers = instalments.offers(invoice, invoice.seller.today(world.now))
    if offered and offers.next:
        amount = offers.next
    elif amount % 2:
        amount += balance.due
    attempt = checkout.start(
        invoice=invoice,
        now=world.now,
        return_url=lambda _: ANYWHERE,
        cancel_url=ANYWHERE,
        choice=checkout.Choice(amount, invoice.gross - balance.asked),
    )
    if attempt.amount != amount or amount > balance.due:
        world.faults.append(f"I28: {attempt.amount} is asked, {amount} chosen, {balance.due} due")
    world.pay(attempt, by_debit=False, fails=False)


def correct(world: World, invoice: Invoice) -> None:
    """Replace an invoice by a corrective one; what it comes to may be changed before it is issued."""
    corrections.draft_corrective(invoice_id=invoice.pk, reason="Wrong", by=None, now=world.now)


def reissue(world: World, invoice: Invoice) -> None:
    """Credit an invoice and write it anew."""
    corrections.reissue(invoice_id=invoice.pk, reason="Wrong", by=None, now=world.now, form_key=ports.new_id())


def credit_line(world: World, invoice: Invoice, which: int, share: int, *, by_quantity: bool) -> None:
    """Credit a part of one line, by quantity or by amount."""
    lines = credits.left_of(invoice).lines
    line = lines[which % len(lines)]
    wish = LineWish(line.number, amount=max(line.left * share // 100, 1))
    if by_quantity:
        wish = LineWish(line.number, quantity=Decimal(share) / 50)
    credits.credit(
        invoice_id=invoice.pk, amounts=[wish], reason="Part", by=None, now=world.now, form_key=ports.new_id()
    )
