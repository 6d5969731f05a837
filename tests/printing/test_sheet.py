from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.printing import samples
from wagtail_payments.core.snapshot import Address
from wagtail_payments.core.totals import Discount
from wagtail_payments.printing.sheet import Sheet, sheet


def totals(page: Sheet) -> list[tuple[str, str]]:
    return [(row.label, row.amount.replace("\u00a0", " ")) for row in page.totals]


def english(**changes: object) -> Sheet:
    return sheet(samples.document(language="en", **changes))


def test_net_prices_add_up_to_net_tax_and_gross() -> None:
    page = english()
    assert page.columns.price_heading == "Unit price excl. VAT"
    assert totals(page) == [
        ("Total excl. VAT", "€2,853.37"),
        ("VAT", "€549.79"),
        ("Total incl. VAT", "€3,403.16"),
        ("Amount due", "€3,403.16"),
    ]
    assert [(row.rate, row.base, row.tax) for row in page.vat] == [
        ("20%", "2,709.37", "541.87"),
        ("5.5%", "144.00", "7.92"),
    ]


def test_a_discount_on_the_whole_is_shown_in_the_basis_of_the_lines() -> None:
    page = sheet(replace(samples.consumer(), language="en"))
    assert page.columns.amount_heading == "Amount incl. VAT"
    assert totals(page)[:2] == [("Sum of the lines", "€199.70"), ("Discount", "-€9.99")]
    assert page.main.value == "€189.71"
    net = english(discount=Discount(percent=Decimal(10)))
    assert totals(net)[:2] == [("Sum of the lines", "€2,853.37"), ("Discount", "-€285.34")]


def test_mixed_prices_each_say_whether_vat_is_inside() -> None:
    items = [samples.Item("net", "10"), samples.Item("gross", "12", gross=True)]
    page = sheet(samples.document(items, language="en"))
    assert page.columns.amount_heading == "Amount excl. VAT"
    assert [(line.price_note, line.amount) for line in page.lines] == [("excl. VAT", "10.00"), ("incl. VAT", "10.00")]


def test_a_seller_without_vat_shows_no_rate_but_the_legal_sentence() -> None:
    page = sheet(samples.franchise())
    assert not page.columns.vat
    assert page.vat == ()
    assert page.exemptions == ("TVA non applicable, art. 293 B du CGI",)


def test_reverse_charge_names_both_vat_numbers_and_the_country() -> None:
    page = sheet(samples.belgian())
    assert page.exemptions == ("Autoliquidation",)
    assert "BE0202239951" in [fact.value for fact in page.details]
    assert page.customer.address[-1] == "Belgique"
    assert any("FR44732829320" in part for part in page.identity)


def test_an_invoice_paid_at_issue_asks_for_nothing() -> None:
    page = sheet(samples.paid_at_issue())
    assert page.is_settled
    assert page.transfer is None
    assert page.main.value == "3\u00a0403,16\u00a0€"


def test_a_part_payment_is_deducted() -> None:
    invoice = samples.document(language="en", prepaid=100_000)
    assert totals(sheet(invoice))[-2:] == [("Already paid", "-€1,000.00"), ("Amount due", "€2,403.16")]


def test_a_credit_note_cites_the_invoice_with_its_date() -> None:
    page = sheet(replace(samples.credit_note(), language="en"))
    assert page.references == ("Credit on invoice F2026-0042 of November 15, 2026",)
    assert page.reason == "Une journée annulée à la demande du client"
    assert page.memo == ""
    assert page.main.label == "Amount credited"


def test_a_receipt_says_what_came_when_how_and_for_what() -> None:
    page = sheet(replace(samples.receipt(), language="en"))
    assert page.main.value == "€3,500.00"
    assert ("Received on", "November 20, 2026") in [(fact.label, fact.value) for fact in page.band]
    assert ("Payment method", "Card (Visa 4242)") in [(fact.label, fact.value) for fact in page.details]
    assert [row.amount for row in page.shares] == ["€3,000.00", "€450.00", "€50.00"]
    assert page.totals == ()


def test_a_refund_receipt_says_why() -> None:
    page = sheet(replace(samples.refund_receipt(), language="en"))
    assert page.title == "Refund receipt"
    assert page.reason == "Journée annulée"
    assert page.band[-1].label == "Refunded on"


def test_a_draft_says_that_its_number_comes_later() -> None:
    page = english(number="", issued_on="")
    assert page.band[0].value == "given when issued"


def test_another_address_of_delivery_is_printed_and_the_same_one_is_not() -> None:
    quay = Address("1 quai de Tounis", "", "31000", "Toulouse", "FR")
    assert english(delivery=quay).delivery == ("1 quai de Tounis", "31000 Toulouse")
    assert english(delivery=samples.CUSTOMER.address).delivery == ()


def test_the_legal_identity_names_form_capital_register_and_numbers() -> None:
    page = english()
    text = " · ".join(page.identity).replace("\u00a0", " ")
    assert "Atelier Garonne, SARL with a capital of 10 000 €" in text
    assert "SIRET 732 829 320 00074" in text
    assert "RCS Toulouse 732 829 320" in text
