"""Credit notes by line and by rate: never above the invoice, and any chain of them ends on its exact VAT."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.strategies import any_lines, discounts
from wagtail_payments.core import crediting, money, totals
from wagtail_payments.core.creditable import Left, key_of, what_is_left
from wagtail_payments.core.crediting import Credit, LineWish, plain
from wagtail_payments.core.snapshot import Address, Document, Line, Party, VatRow
from wagtail_payments.core.tax import VatCategory, VatGroup
from wagtail_payments.core.totals import Discount, LineInput

TWENTY, LOW = VatGroup(VatCategory.STANDARD, Decimal(20)), VatGroup(VatCategory.STANDARD, Decimal("5.5"))
NOBODY = Party("", Address())


def invoice_of(lines: list[LineInput], discount: Discount = totals.NO_DISCOUNT, currency: str = "EUR") -> Document:
    added = totals.compute(lines, currency, discount)
    printed = tuple(
        Line(
            description=f"Line {number}",
            quantity=plain(line.quantity),
            unit="h",
            unit_price=plain(line.unit_price),
            price_includes_vat=line.price_includes_vat,
            discount=total.discount,
            discount_percent="",
            amount=total.amount,
            net=total.net,
            vat_category=line.vat.category,
            vat_rate=plain(line.vat.rate),
            vat_reason=line.vat.reason,
        )
        for number, (line, total) in enumerate(zip(lines, added.lines, strict=True), start=1)
    )
    rows = tuple(VatRow(row.vat.category, plain(row.vat.rate), row.base, row.tax, row.vat.reason) for row in added.vat)
    return _document(currency, printed, rows)


def _document(currency: str, lines: tuple[Line, ...], vat: tuple[VatRow, ...]) -> Document:
    return Document("invoice", "live", "en", currency, NOBODY, NOBODY, lines=lines, vat=vat)


def note_of(credit: Credit, currency: str = "EUR") -> Document:
    return _document(currency, credit.lines, credit.vat)


def simple(price: str, quantity: str = "1", vat: VatGroup = TWENTY, **fields: object) -> LineInput:
    return LineInput(Decimal(quantity), Decimal(price), vat, **fields)  # type: ignore[arg-type]


def assert_adds_up(credit: Credit, currency: str = "EUR") -> None:
    """BR-CO-10, 13 to 15; and each line is its quantity times its price, less its discount."""
    assert sum(line.net for line in credit.lines) == credit.net
    for row in credit.vat:
        of_row = [line for line in credit.lines if (line.vat_category, line.vat_rate, line.vat_reason) == key_of(row)]
        assert sum(line.net for line in of_row) == row.base
        assert 0 <= row.tax <= row.base + row.tax
    for line in credit.lines:
        price = money.to_minor(money.product(Decimal(line.quantity), Decimal(line.unit_price)), currency)
        assert line.amount == price - line.discount
        assert line.discount >= 0


def a_credit(left: Left, chance: random.Random) -> Credit:
    """Something that a person could ask for: by rate, by quantity, by amount, or all that is left."""
    way = chance.choice(["rate", "line", "line", "all"])
    if way == "rate":
        group = chance.choice([group for group in left.groups if group.left])
        return crediting.by_rate(left, {group.key: chance.randint(1, group.left)}, "Credit")
    lines = [line for line in left.lines if line.left]
    if way == "all" or not lines:
        return crediting.everything(left, "Credit")
    line = chance.choice(lines)
    quantity = (line.left_quantity * chance.choice([1, Decimal("0.5")])).quantize(Decimal("0.0001"))
    if chance.random() < 0.5 and quantity and line.gross_of(quantity) > 0:
        return crediting.by_line(left, [LineWish(line.number, quantity=quantity)])
    return crediting.by_line(left, [LineWish(line.number, amount=chance.randint(1, line.left))])


@given(any_lines, discounts, st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_every_chain_of_credits_ends_on_the_invoice(
    lines: list[LineInput], discount: Discount, chance: random.Random
) -> None:
    invoice = invoice_of(lines, discount)
    notes: list[Document] = []
    left = what_is_left(invoice, notes)
    assert sum(line.gross for line in left.lines) == left.gross == sum(row.base + row.tax for row in invoice.vat)
    while left.gross:
        credit = a_credit(left, chance) if len(notes) < 12 else crediting.everything(left, "Credit")
        assert_adds_up(credit)
        notes.append(note_of(credit))
        left = what_is_left(invoice, notes)
        assert all(0 <= group.left <= group.gross for group in left.groups)
        assert all(0 <= line.left <= line.gross for line in left.lines)
    for row in invoice.vat:
        credited = [given for note in notes for given in note.vat if key_of(given) == key_of(row)]
        assert sum(given.base for given in credited) == row.base
        assert sum(given.tax for given in credited) == row.tax


def test_a_whole_line_is_credited_as_it_was_printed() -> None:
    invoice = invoice_of([simple("450.00", "2"), simple("15.50", "10", LOW)])
    credit = crediting.by_line(what_is_left(invoice, []), [LineWish(2, quantity=Decimal(10))])
    (line,) = credit.lines
    assert (line.quantity, line.unit, line.unit_price, line.net, line.of_line) == ("10", "h", "15.5", 15500, 2)
    assert (credit.net, credit.tax) == (15500, 853)


def test_part_of_a_line_by_quantity_and_then_the_rest() -> None:
    invoice = invoice_of([simple("3.33", "3", price_includes_vat=True)])
    notes: list[Document] = []
    for _ in range(3):
        notes.append(note_of(crediting.by_line(what_is_left(invoice, notes), [LineWish(1, quantity=Decimal(1))])))
    assert [note.lines[0].of_gross for note in notes] == [333, 333, 333]
    assert what_is_left(invoice, notes).gross == 0


def test_the_discount_on_the_whole_is_taken_off_the_line_too() -> None:
    invoice = invoice_of([simple("100"), simple("300")], Discount(percent=Decimal(10)))
    credit = crediting.by_line(what_is_left(invoice, []), [LineWish(1, quantity=Decimal(1))])
    assert (credit.net, credit.tax, credit.lines[0].discount) == (9000, 1800, 1000)


def test_lines_with_vat_included_are_worth_what_they_say() -> None:
    invoice = invoice_of([simple("10", price_includes_vat=True), simple("10", price_includes_vat=True)])
    assert [line.gross for line in what_is_left(invoice, []).lines] == [1000, 1000]


def test_everything_cites_the_lines_unless_a_credit_by_rate_came_before() -> None:
    invoice = invoice_of([simple("100"), simple("50")])
    left = what_is_left(invoice, [])
    assert [line.of_line for line in crediting.everything(left, "Rest").lines] == [1, 2]
    before = note_of(crediting.by_rate(left, {left.groups[0].key: 100}, "Less"))
    rest = crediting.everything(what_is_left(invoice, [before]), "Rest")
    assert [(line.of_line, line.description) for line in rest.lines] == [(0, "Rest")]
    assert rest.gross == 17900


def test_more_than_is_left_is_refused() -> None:
    invoice = invoice_of([simple("100"), simple("50")])
    left = what_is_left(invoice, [])
    key = left.groups[0].key
    less = what_is_left(invoice, [note_of(crediting.by_rate(left, {key: 17000}, "Less"))])
    with pytest.raises(crediting.TooMuchOfLine):
        crediting.by_line(left, [LineWish(1, amount=12001)])
    with pytest.raises(crediting.TooMuchOfLine):
        crediting.by_line(left, [LineWish(1, quantity=Decimal("1.1"))])
    with pytest.raises(crediting.TooMuch):
        crediting.by_line(less, [LineWish(1, amount=1000), LineWish(2, amount=1)])
    with pytest.raises(crediting.TooMuch):
        crediting.by_rate(less, {key: 1001}, "Less")
    for wishes in ([], [LineWish(1, amount=0)], [LineWish(1, amount=-1)], [LineWish(1)]):
        with pytest.raises(crediting.NothingChosen):
            crediting.by_line(left, wishes)
    with pytest.raises(crediting.NoSuchPart):
        crediting.by_line(left, [LineWish(3, amount=1)])


def test_one_line_named_twice_is_not_credited_beyond_its_worth() -> None:
    invoice = invoice_of([simple("100"), simple("50")])
    with pytest.raises(crediting.CannotCredit):
        crediting.by_line(what_is_left(invoice, []), [LineWish(1, amount=12000), LineWish(1, amount=1)])
