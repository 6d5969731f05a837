"""The review before an invoice is issued: what the law or plain sense still wants, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wagtail_payments.actions import contracts, correctable, deposit_findings, papers
from wagtail_payments.actions.finding import Finding as Finding
from wagtail_payments.actions.finding import error as _error
from wagtail_payments.actions.finding import warning as _warning
from wagtail_payments.core import money, tax, totals
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.core.schedule import DoesNotAddUp
from wagtail_payments.core.snapshot import Document
from wagtail_payments.core.tax import VatCategory, VatGroup, VatProblem, VatRegime
from wagtail_payments.printing import pdf
from wagtail_payments.records.deposits import to_pay
from wagtail_payments.records.drafts import Draft
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.sellers import Seller

# A document of more lines than this takes longer to draw than a person would wait.
MOST_LINES = 500


def review(*, invoice: Invoice, now: datetime) -> list[Finding]:
    """Return what stands in the way of issuing this draft, errors first (empty: nothing)."""
    found = [*_seller(invoice), *_customer(invoice), *_lines(invoice), *_dates(invoice, now)]
    found += _replaced(invoice.corrects, invoice) if invoice.corrects is not None else ()
    found += deposit_findings.of(invoice)
    found += contracts.of(invoice)
    if not any(finding.field == "lines" for finding in found):
        found += _printed(invoice, now)
    return sorted(found, key=lambda finding: finding.level != "error")


def of_seller(*, seller: Seller, charges_vat: bool) -> Iterator[Finding]:
    """Yield what of the seller's identity must still be filled in: CGI ann. II art. 242 nonies A; C. com. R123-238."""
    if not (seller.street and seller.postcode and seller.city):
        yield _error("seller_address", _("Your address is not complete. Fill it in under Settings."), "seller")
    if seller.country == "FR" and not (seller.siren or seller.siret):
        yield _error("seller_siren", _("Your SIREN or SIRET is missing. Fill it in under Settings."), "seller")
    if charges_vat and seller.vat_regime == VatRegime.NORMAL and not seller.vat_number:
        yield _error("seller_vat", _("You charge VAT, so your VAT number must be printed. Add it under Settings."))
    if not seller.legal_form:
        yield _warning("seller_legal_form", _("Your legal form (such as SARL or EI) is not filled in under Settings."))


def _seller(invoice: Invoice) -> Iterator[Finding]:
    seller = invoice.seller
    charges = any(line.vat_category == VatCategory.STANDARD for line in invoice.lines.all())
    yield from of_seller(seller=seller, charges_vat=charges)
    if invoice.currency != seller.currency:
        yield _error(
            "currency",
            _("Invoices are made out in %(currency)s, your currency.") % {"currency": seller.currency},
            "currency",
        )


def _customer(invoice: Invoice) -> Iterator[Finding]:
    customer = invoice.customer
    if not (customer.street and customer.city):
        # Arrêté 83-50/A, art. 3: a consumer's note names the customer; CGI 242 nonies A wants a business's address.
        level = _warning if customer.is_consumer else _error
        yield level("customer_address", _("The customer's address is not complete."), "customer")
    if not customer.email:
        yield _warning(
            "customer_email", _("The customer has no e-mail address: the invoice can't be sent."), "customer"
        )
    if customer.kind != "consumer" and customer.country == "FR" and not customer.siren:
        yield _warning(
            "customer_siren", _("The customer's SIREN will be compulsory on electronic invoices."), "customer"
        )
    needs_number = {VatCategory.REVERSE_CHARGE, VatCategory.INTRA_COMMUNITY}
    if not customer.vat_number and any(line.vat_category in needs_number for line in invoice.lines.all()):
        yield _error(
            "customer_vat",
            _("Without VAT, the customer's VAT number must be on the invoice. Add it to the customer."),
            "customer",
        )


def _lines(invoice: Invoice) -> Iterator[Finding]:
    lines = list(invoice.lines.all())
    if not lines:
        yield _error("no_lines", _("There is nothing on this invoice yet: add a line."), "lines")
        return
    if len(lines) > MOST_LINES:
        yield _error(
            "too_many_lines",
            _("An invoice can have %(most)d lines at most. Divide it in two.") % {"most": MOST_LINES},
            "lines",
        )
    yield from of_vat(seller=invoice.seller, groups=[line.vat for line in lines])
    yield from of_totals(invoice)


def of_vat(*, seller: Seller, groups: Sequence[VatGroup]) -> Iterator[Finding]:
    """Yield what is wrong with the VAT of lines, by their position, each and together."""
    regime = VatRegime(seller.vat_regime)
    for position, group in enumerate(groups, start=1):
        for problem in tax.problems(group, seller_country=seller.country, regime=regime):
            yield _error(problem, vat_sentence(problem) % {"position": position}, "lines")
    categories = {group.category for group in groups}
    if VatCategory.OUT_OF_SCOPE in categories and len(categories) > 1:
        problem = VatProblem.OUT_OF_SCOPE_STANDS_ALONE
        yield _error(problem, vat_sentence(problem), "lines")


def of_totals(draft: Draft) -> Iterator[Finding]:
    """Yield why the lines of an invoice or a quote can't be added up."""
    try:
        draft.totals()
    except totals.DiscountTooLarge:
        yield _error("discount", _("A discount is larger than what it is taken from."), "lines")
    except totals.MixedPriceBasis:
        yield _error("discount", mixed_basis_sentence(), "lines")
    except totals.AmountTooLarge:
        yield _error("too_large", _("This total is too large to be right. Check quantities and prices."), "lines")


def mixed_basis_sentence() -> str:
    """Say why a discount by amount can't be spread over net and gross lines."""
    return _(
        "A discount by amount needs lines that are all without VAT or all with VAT included. "
        "Use a percentage, or change the lines."
    )


def vat_sentence(problem: VatProblem) -> str:
    """Say what is wrong with the VAT of a line; holds ``%(position)d``, save where the whole is meant."""
    return {
        VatProblem.RATE_MISSING: _("Line %(position)d: write the VAT rate, or choose why there is no VAT."),
        VatProblem.RATE_NOT_ALLOWED: _("Line %(position)d: this VAT rate does not exist in France."),
        VatProblem.RATE_MUST_BE_ZERO: _("Line %(position)d: without VAT, the rate must be 0."),
        VatProblem.REASON_MISSING: _("Line %(position)d: choose the reason why there is no VAT."),
        VatProblem.REASON_DOES_NOT_FIT: _("Line %(position)d: this reason does not go with this kind of VAT."),
        VatProblem.FRANCHISE_CHARGES_NO_VAT: _(
            "Line %(position)d: you have the small business exemption (art. 293 B), so no VAT may be shown."
        ),
        VatProblem.OUT_OF_SCOPE_STANDS_ALONE: _(
            "Lines outside the scope of VAT can't stand on one invoice with other lines."
        ),
    }[problem]


def _dates(invoice: Invoice, now: datetime) -> Iterator[Finding]:
    today = invoice.seller.today(now)
    due_on = invoice.due_date(today)
    if due_on is None:
        yield _error("due", _("Say when the invoice is due: a number of days, or a date."), "due_days")
    elif due_on < today:
        yield _error("due_past", _("The due date has passed. Choose a later one."), "due_on")
    yield from _instalments(invoice, today)
    categories = {line.vat_category for line in invoice.lines.all()}
    if VatCategory.INTRA_COMMUNITY in categories and not invoice.supplied_on:
        yield _error("supplied", _("A sale to another EU country needs the date of delivery."), "supplied_on")


def _replaced(original: Invoice, invoice: Invoice) -> Iterator[Finding]:
    """What is corrected must still stand; a corrective invoice goes to whom the first one went."""
    is_corrective = invoice.kind == InvoiceKind.CORRECTIVE
    sentence = correctable.why_not(original) if is_corrective else correctable.under_way(original)
    if sentence:
        yield _error("corrects", sentence)
    if is_corrective and invoice.seller_id != original.seller_id:
        yield _error(
            "corrects_seller",
            _("A corrective invoice is issued by the seller of the invoice that it corrects."),
            "site",
        )
    if invoice.customer_id != original.customer_id:
        if is_corrective:
            yield _error(
                "corrects_customer",
                _(
                    "A corrective invoice goes to the customer of %(number)s. "
                    "To bill somebody else, credit that invoice and write a new one."
                )
                % {"number": original.number},
                "customer",
            )
        else:
            yield _warning(
                "corrects_customer",
                _("%(number)s went to another customer: what was paid on it stays with them, as credit.")
                % {"number": original.number},
                "customer",
            )


def _instalments(invoice: Invoice, today: date) -> Iterator[Finding]:
    days = [row.due_on for row in invoice.agreed_rows()]
    if days and days[0] < today:
        yield _error("instalment_past", _("The day of an instalment has passed. Choose a later one."), "instalments")
    if len(set(days)) < len(days):
        yield _error("instalment_twice", same_day_sentence(), "instalments")
    try:
        invoice.instalment_parts(to_pay(invoice) if days else 0)
    except DoesNotAddUp as problem:
        yield _error("instalments", short_sentence(problem.left, invoice), "instalments")
    except totals.CannotAddUp:
        return  # told already


def same_day_sentence() -> str:
    """Say that each instalment has a day of its own."""
    return _("Two instalments have the same day. Give each its own.")


def short_sentence(left: int, invoice: Invoice) -> str:
    """Say by how much instalments miss the total; ``left`` in minor units, negative where they are too much."""
    amount = money.formatted(abs(left), invoice.currency, get_language() or invoice.language)
    if left > 0:
        return _("The instalments are %(amount)s less than the total.") % {"amount": amount}
    if left < 0:
        return _("The instalments are %(amount)s more than the total.") % {"amount": amount}
    return _("An instalment would be nothing: leave it out, or change the others.")


def _printed(invoice: Invoice, now: datetime) -> Iterator[Finding]:
    document = papers.document_of(invoice=invoice, now=now)
    if pdf.is_too_long(document):
        yield _error("too_long", _("This invoice is too long to be printed. Divide it in two, or shorten its texts."))
        return
    yield from _how_to_pay(document)
    missing = pdf.missing_characters(document)
    if missing:
        yield _warning(
            "fonts",
            _("No font has these characters, they will be printed as □: %(characters)s")
            % {"characters": " ".join(missing[:20])},
        )
    if document.customer.kind != "consumer" and not document.terms:
        yield _warning("terms", _("There are no terms of payment on this invoice."), "terms")


def _how_to_pay(document: Document) -> Iterator[Finding]:
    if document.due and not document.payment.online and not document.payment.iban:
        yield _warning(
            "no_way_to_pay",
            _("The customer will not know how to pay: allow online payment, or add your IBAN under Settings."),
        )
