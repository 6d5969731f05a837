"""An agreed quote is invoiced once in total, in the parts of its plan, never for more or other than was agreed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests import factories
from tests.actions.test_quotes import by_phone, send
from wagtail_payments.actions import agreements, billing, deposits, invoices, quotes, wiping
from wagtail_payments.actions.billing import BillingRefused
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.models import Alert, Contract, Deposit, EntryLine, Invoice, Letter, Quote
from wagtail_payments.records.deposits import as_core

pytestmark = pytest.mark.django_db
Agreed = Callable[..., Quote]

LINES = [("Training", "3", "333.33", "20"), ("Manual", "7", "10.99", "5.5")]
PLAN = [
    ("On signature", "30", None, "at_signature"),
    ("First module", "40", None, "on_milestone"),
    ("Balance", None, None, "on_milestone"),
]


@pytest.fixture
def agreed(now: datetime) -> Agreed:
    """Make a quote, send it, and write down that it was accepted by phone."""

    def make(chosen: Any = None, **fields: Any) -> Quote:
        quote = send(factories.make_quote(**{"lines": LINES, "plan": PLAN} | fields), now)
        agreements.accept_by_word(quote_id=quote.pk, word=by_phone(now), chosen=chosen or {}, by=None, now=now)
        return Quote.objects.get(pk=quote.pk)

    return make


def bill(quote: Quote, step: int, now: datetime) -> Invoice:
    return billing.bill(quote_id=quote.pk, step=step, by=None, now=now)


def issued(quote: Quote, step: int, now: datetime) -> Invoice:
    draft = bill(quote, step, now)
    for part in Deposit.objects.filter(contract=draft.pk):
        deposits.decide(deposit_id=part.invoice_id, if_unpaid="keep", by=None, now=now)
    return invoices.issue(invoice_id=draft.pk, by=None, now=now)


def states(quote: Quote) -> list[str]:
    return [step.state for step in billing.standing(quote=quote).steps]


def sums(documents: list[Invoice]) -> dict[Any, tuple[int, int]]:
    """Net and VAT per group over all documents."""
    found: dict[Any, tuple[int, int]] = {}
    for invoice in documents:
        for row in as_core(invoice.document.frozen.vat):
            net, tax = found.get(row.vat, (0, 0))
            found[row.vat] = (net + row.base, tax + row.tax)
    return found


def agreed_sums(quote: Quote) -> dict[Any, tuple[int, int]]:
    return {row.vat: (row.base, row.tax) for row in as_core(quote.agreement.frozen.vat)}


class TestParts:
    def test_each_part_is_of_its_kind_and_together_they_are_what_was_agreed(
        self, agreed: Agreed, now: datetime
    ) -> None:
        quote = agreed()
        parts = [issued(quote, step, now) for step in range(3)]
        assert [part.kind for part in parts] == ["deposit", "interim", "final"]
        assert [part.document.frozen.variant for part in parts] == ["deposit", "interim", "final"]
        assert sum(part.gross for part in parts) == quote.agreement.gross
        assert [part.gross for part in parts] == [step.amount for step in quote.agreement.frozen.plan]
        assert sums(parts) == agreed_sums(quote)
        standing = billing.standing(quote=quote)
        assert (standing.left, standing.invoiced) == (0, quote.agreement.gross)

    def test_random_quotes_and_plans_are_exact_per_vat_rate(self, agreed: Agreed, now: datetime) -> None:
        random = Random(7)  # noqa: S311 - no secret
        for _ in range(12):
            lines = [
                (f"Line {rate}", str(random.randint(1, 9)), f"{random.randint(1, 99999) / 100:.2f}", rate)
                for rate in random.sample(["20", "10", "5.5", "2.1", "0"], random.randint(1, 4))
            ]
            percents = [str(random.randint(1, 24)) for _ in range(random.randint(1, 4))]
            moments = [random.choice(["at_signature", "on_milestone"]), *["on_milestone"] * (len(percents) - 1)]
            plan = [(f"Part {n}", p, None, m) for n, (p, m) in enumerate(zip(percents, moments, strict=True))]
            quote = agreed(lines=lines, plan=[*plan, ("Balance", None, None, "on_milestone")])
            parts = [issued(quote, step, now) for step in range(len(percents) + 1)]
            assert sums(parts) == agreed_sums(quote)

    def test_the_document_names_the_quote_and_the_day_it_was_agreed(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        document = issued(quote, 0, now).document
        assert document is not None
        reference = document.frozen.agreed
        assert reference is not None
        assert (reference.number, reference.issued_on) == (quote.number, now.date().isoformat())
        assert document.frozen.lines[0].description.startswith("On signature (30")

    def test_without_a_plan_the_whole_is_one_ordinary_invoice(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed(plan=[])
        assert [step.label for step in billing.standing(quote=quote).steps] == ["The whole"]
        invoice = issued(quote, 0, now)
        assert (invoice.kind, invoice.document.frozen.variant) == ("standard", "")
        assert sums([invoice]) == agreed_sums(quote)
        assert invoice.document.frozen.agreed is not None
        with pytest.raises(BillingRefused, match="invoiced already"):
            bill(quote, 0, now)

    def test_only_what_was_chosen_is_invoiced(self, agreed: Agreed, now: datetime) -> None:
        option = factories.make_quote_line("Book", "1", "50.00", "5.5", is_optional=True, most=Decimal(9))
        quote = send(factories.make_quote(lines=[("Training", "1", "100.00", "20"), option]), now)
        key = quote.lines.get(description="Book").pk
        word = by_phone(now)
        agreements.accept_by_word(quote_id=quote.pk, word=word, chosen={key: Decimal(4)}, by=None, now=now)
        quote.refresh_from_db()
        draft = bill(quote, 0, now)
        assert [(line.description, line.quantity) for line in draft.lines.all()] == [("Training", 1), ("Book", 4)]
        assert draft.gross == quote.agreement.gross == 12000 + 21100

    @pytest.mark.parametrize("discount", [{"discount_percent": Decimal("7.5")}, {"discount_amount": Decimal("33.33")}])
    def test_discounts_on_lines_and_on_the_whole_stay(self, agreed: Agreed, now: datetime, discount: Any) -> None:
        lines = [
            factories.make_quote_line("One", "3", "333.33", "20", discount_percent=Decimal(10)),
            factories.make_quote_line("Two", "2", "99.99", "10", discount_amount=Decimal("5.55")),
        ]
        quote = agreed(lines=lines, **discount)
        assert sums([issued(quote, step, now) for step in range(3)]) == agreed_sums(quote)

    def test_interim_invoices_are_sales_at_once_and_deposits_end_at_zero(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        [issued(quote, step, now) for step in range(3)]

        def on(account: str) -> int:
            lines = EntryLine.objects.filter(account=account)
            return sum(line.debit - line.credit for line in lines)

        assert (on("419100"), on("706000")) == (0, -quote.agreement.net)

    def test_a_private_person_reads_what_the_deposit_is(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed(customer=factories.make_consumer(), deposit_term="arrhes")
        assert bill(quote, 0, now).deposit.term == "arrhes"

    def test_the_last_part_is_last_whatever_the_order_of_the_plan(self, agreed: Agreed, now: datetime) -> None:
        plan = [("Balance", None, None, "on_milestone"), ("Signed", "50", None, "at_signature")]
        quote = agreed(plan=plan)
        assert [step.kind for step in billing.standing(quote=quote).steps] == ["final", "deposit"]


class TestOnce:
    def test_the_same_part_again_is_the_same_draft(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        assert bill(quote, 0, now).pk == bill(quote, 0, now).pk
        assert Contract.objects.count() == Deposit.objects.count() == 1
        assert states(quote) == ["draft", "not_yet", "not_yet"]

    def test_an_issued_part_is_not_invoiced_again(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        number = issued(quote, 0, now).number
        with pytest.raises(BillingRefused, match=number):
            bill(quote, 0, now)
        assert states(quote) == ["issued", "not_yet", "not_yet"]

    def test_a_draft_that_was_deleted_can_be_made_again(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        bill(quote, 0, now).delete()
        assert states(quote)[0] == "not_yet"
        bill(quote, 0, now)
        Invoice.objects.get(kind="deposit").delete()
        Invoice.objects.get().delete()
        assert not Contract.objects.exists()
        assert bill(quote, 0, now).pk

    def test_the_last_part_waits_for_the_others(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        issued(quote, 0, now)
        with pytest.raises(BillingRefused, match="First module"):
            bill(quote, 2, now)
        whole = quote.contract.invoice
        with pytest.raises(invoices.InvoiceNotReady, match="First module"):
            invoices.issue(invoice_id=whole.pk, by=None, now=now)

    def test_there_is_no_fourth_part(self, agreed: Agreed, now: datetime) -> None:
        with pytest.raises(BillingRefused, match="no such part"):
            bill(agreed(), 3, now)


class TestRefused:
    def test_what_was_not_agreed(self, now: datetime) -> None:
        draft = factories.make_quote()
        with pytest.raises(BillingRefused, match="still a draft"):
            bill(draft, 0, now)
        with pytest.raises(BillingRefused, match="not agreed"):
            bill(send(draft, now), 0, now)

    def test_a_word_where_only_signatures_count(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        seller = quote.seller
        seller.quote_rule = "signed_only"
        seller.save()
        with pytest.raises(BillingRefused, match="Settings"):
            bill(quote, 0, now)

    def test_a_quote_of_nothing(self, agreed: Agreed, now: datetime) -> None:
        with pytest.raises(BillingRefused, match="comes to nothing"):
            bill(agreed(lines=[("Gift", "1", "0", "20")], plan=[]), 0, now)

    def test_a_cancelled_quote_and_its_drafts(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        draft = bill(quote, 0, now)
        quotes.cancel(quote_id=quote.pk, reason="", by=None, now=now)
        with pytest.raises(BillingRefused, match="cancelled"):
            bill(quote, 1, now)
        with pytest.raises(invoices.InvoiceNotReady, match="cancelled"):
            invoices.issue(invoice_id=draft.pk, by=None, now=now)

    def test_an_invoiced_quote_is_not_cancelled(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        issued(quote, 0, now)
        with pytest.raises(quotes.QuoteRefused, match="was invoiced"):
            quotes.cancel(quote_id=quote.pk, reason="", by=None, now=now)

    @pytest.mark.parametrize("change", [{"unit_price": Decimal(400)}, {"vat_rate": Decimal(10)}])
    def test_lines_that_no_longer_come_to_what_was_agreed(self, agreed: Agreed, now: datetime, change: Any) -> None:
        quote = agreed(plan=[])
        draft = bill(quote, 0, now)
        line = draft.lines.first()
        for name, value in change.items():
            setattr(line, name, value)
        line.save()
        with pytest.raises(invoices.InvoiceNotReady, match="quote of its own"):
            invoices.issue(invoice_id=draft.pk, by=None, now=now)

    @pytest.mark.parametrize("change", [{"unit_price": Decimal(1)}, {"vat_rate": Decimal(10)}])
    def test_a_part_that_was_changed(self, agreed: Agreed, now: datetime, change: Any) -> None:
        draft = bill(agreed(lines=[LINES[0]]), 0, now)
        draft.lines.update(**change)
        with pytest.raises(invoices.InvoiceNotReady, match="for this part"):
            invoices.issue(invoice_id=draft.pk, by=None, now=now)

    def test_another_customer(self, agreed: Agreed, now: datetime) -> None:
        draft = bill(agreed(plan=[]), 0, now)
        Invoice.objects.filter(pk=draft.pk).update(customer=factories.make_consumer())
        with pytest.raises(invoices.InvoiceNotReady, match="of its quote"):
            invoices.issue(invoice_id=draft.pk, by=None, now=now)

    def test_a_deposit_by_hand_on_the_contract(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        bill(quote, 0, now)
        with pytest.raises(deposits.DepositRefused, match=quote.number):
            deposits.ask(contract_id=quote.contract.invoice_id, wish=deposits.Wish(amount=100), by=None, now=now)


class TestByItself:
    def plan(self, now: datetime) -> Any:
        day = (now.date() + timedelta(days=10)).isoformat()
        return [("Before we begin", None, "500", day), ("Balance", None, None, "on_milestone")]

    def test_a_dated_part_is_drafted_on_its_day_and_the_seller_is_told(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed(plan=self.plan(now))
        assert billing.draft_due(now=now + timedelta(days=8)) == 0
        assert billing.draft_due(now=now + timedelta(days=10)) == 1
        assert states(quote) == ["draft", "not_yet"]
        assert quote.number in Alert.objects.get(kind="billing").text
        assert billing.draft_due(now=now + timedelta(days=11)) == 0

    def test_a_draft_that_the_seller_deleted_does_not_come_back(self, agreed: Agreed, now: datetime) -> None:
        agreed(plan=self.plan(now))
        later = now + timedelta(days=10)
        billing.draft_due(now=later)
        Invoice.objects.get(kind="deposit").delete()
        assert billing.draft_due(now=later) == 0

    def test_what_can_not_be_drafted_is_told_once(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed(plan=[("Fair", None, "500", now.date().isoformat()), *PLAN[2:]])
        seller = quote.seller
        seller.quote_rule = "signed_only"
        seller.save()
        assert billing.draft_due(now=now) == 0
        assert f"{quote.number} ne peut pas être facturée" in Alert.objects.get(kind="billing").text
        assert billing.draft_due(now=now) == 0
        assert not Contract.objects.exists()

    def test_on_signature_the_first_part_is_issued_and_sent_once(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        first = billing.bill_at_signature(quote=quote, now=now)
        assert first is not None
        assert (first.kind, first.is_draft, first.due_on) == (InvoiceKind.DEPOSIT, False, now.date())
        again = billing.bill_at_signature(quote=quote, now=now)
        assert again == first
        assert Letter.objects.filter(document=first.document).count() == 1

    def test_on_signature_the_whole_where_there_is_no_plan(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed(plan=[])
        whole = billing.bill_at_signature(quote=quote, now=now)
        assert whole is not None
        assert whole.gross == quote.agreement.gross

    def test_on_signature_nothing_where_the_plan_says_later(self, agreed: Agreed, now: datetime) -> None:
        assert billing.bill_at_signature(quote=agreed(plan=PLAN[2:]), now=now) is None
        assert not Contract.objects.exists()

    def test_what_stands_in_the_way_on_signature_is_told(self, agreed: Agreed, now: datetime) -> None:
        quote = agreed()
        seller = quote.seller
        seller.quote_rule = "signed_only"
        seller.save()
        assert billing.bill_at_signature(quote=quote, now=now) is None
        assert quote.number in Alert.objects.get(kind="billing").text


def test_wiping_test_money_leaves_drafts_of_their_own(agreed: Agreed, now: datetime) -> None:
    quote = agreed()
    issued(quote, 0, now)
    bill(quote, 1, now)
    wiping.wipe_test_money(now=now)
    assert not Quote.objects.exists()
    assert not Contract.objects.exists()
    draft = Deposit.objects.get()
    assert (draft.step, draft.contract.is_draft) == (None, True)
    invoices.issue(invoice_id=draft.invoice_id, by=None, now=now)


def test_standing_asks_a_constant_number_of_questions(
    agreed: Agreed, now: datetime, django_assert_max_num_queries: Any
) -> None:
    quote = agreed()
    issued(quote, 0, now)
    issued(quote, 1, now)
    quote = Quote.objects.select_related("seller", "site", "document", "agreement").get(pk=quote.pk)
    with django_assert_max_num_queries(12):
        billing.standing(quote=quote)
