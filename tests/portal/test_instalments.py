"""The page of an invoice in instalments: what is asked first, what may be chosen, and pages that are out of date."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.actions.conftest import paid_by_transfer as paid_by_transfer
from tests.actions.test_disputes import tell
from tests.actions.test_instalments import drafted, in_three
from tests.portal.conftest import FIREFOX, open_link, page_of, url
from wagtail_payments import ports
from wagtail_payments.actions import checkout, invoices
from wagtail_payments.core.lifecycle import DisputeState
from wagtail_payments.models import Invoice, Payment, PaymentAttempt

pytestmark = pytest.mark.usefixtures("sandbox", "clock")
TOTAL = 144000


@pytest.fixture
def invoice(browser: Client) -> Invoice:
    made = in_three(language="en")
    open_link(browser, made)
    return made


def press(browser: Client, invoice: Invoice, choice: str, covered: int = 0, **fields: str) -> Any:
    data = {
        "pay-choice": choice,
        "pay-covered": str(covered),
        **{f"pay-{name}": value for name, value in fields.items()},
    }
    return browser.post(url("pay", invoice), data)


def asked(browser: Client, invoice: Invoice, choice: str, covered: int = 0, **fields: str) -> int:
    answer = press(browser, invoice, choice, covered, **fields)
    attempt = PaymentAttempt.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (303, attempt.url)
    return attempt.amount


def test_what_is_asked_now_is_the_large_thing_and_the_rest_is_told(browser: Client, invoice: Invoice) -> None:
    page = page_of(browser, invoice)
    assert '<span class="wp-due__label">To pay now</span>' in page
    assert ">€480.00</strong>" in page
    assert "To be paid today" in page
    assert "€1,440.00 left to pay in all." in page
    assert page.count("wp-schedule__row") == 3
    assert page.count("to come") == 2


def test_a_late_instalment_is_told_and_the_next_is_offered_too(browser: Client, invoice: Invoice, clock: Any) -> None:
    clock.advance(days=32)
    page = page_of(browser, invoice)
    assert ">€960.00</strong>" in page
    assert "Overdue since" in page
    for words in ("What is due now: €960.00", "The next instalment: €480.00", "All that is left: €1,440.00"):
        assert words in page
    assert page.count("wp-schedule__state--late") == 2


@pytest.mark.parametrize(("choice", "amount"), [("now", 48000), ("all", TOTAL)])
def test_the_choice_decides_the_amount(browser: Client, invoice: Invoice, choice: str, amount: int) -> None:
    assert asked(browser, invoice, choice) == amount


def test_after_one_is_paid_the_next_is_asked(
    browser: Client, invoice: Invoice, paid_by_transfer: Callable[..., Payment]
) -> None:
    paid_by_transfer(invoice, 48000)
    page = page_of(browser, invoice)
    assert '<span class="wp-due__label">Next payment</span>' in page
    assert "€960.00 left to pay in all." in page
    assert asked(browser, invoice, "next", covered=48000) == 48000


def test_a_page_from_before_a_payment_charges_nothing(
    browser: Client, invoice: Invoice, paid_by_transfer: Callable[..., Payment]
) -> None:
    paid_by_transfer(invoice, 48000)
    answer = press(browser, invoice, "all", covered=0)
    assert answer["Location"].endswith("said=amount_changed")
    assert not PaymentAttempt.objects.exists()
    assert "Nothing was charged: look again" in browser.get(answer["Location"]).content.decode()


def test_while_a_bank_decides_about_one_the_next_is_paid_and_that_one_is_not_asked_for_again(
    browser: Client, invoice: Invoice, sandbox: Any
) -> None:
    asked(browser, invoice, "now")
    attempt = PaymentAttempt.objects.get()
    sandbox.pay(attempt.session_id or "")
    checkout.refresh(attempt=attempt, now=ports.now())
    tell(Payment.objects.get(), DisputeState.NEEDS_RESPONSE, 48000)
    form = browser.get(url("document", invoice)).context["shown"].pay.form
    assert [label for _name, label in form.fields["choice"].choices] == [
        "The next instalment: €480.00",
        "All that is left: €960.00",
    ]
    assert asked(browser, invoice, "next", covered=form["covered"].value()) == 48000


@pytest.mark.parametrize("data", [{}, {"pay-choice": "whatever"}, {"pay-choice": "other", "pay-amount": "5"}])
def test_without_a_choice_that_was_offered_nothing_is_charged(
    browser: Client, invoice: Invoice, data: dict[str, str]
) -> None:
    answer = browser.post(url("pay", invoice), data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not PaymentAttempt.objects.exists()


def test_the_amount_of_a_forged_form_counts_for_nothing(browser: Client, invoice: Invoice) -> None:
    assert asked(browser, invoice, "now", amount="1", minor="1") == 48000


class TestAnotherAmount:
    @pytest.fixture
    def invoice(self, browser: Client, issued: Callable[..., Invoice]) -> Invoice:
        made = issued(language="en", other_amount=True, least_amount=Decimal(50))
        open_link(browser, made)
        return made

    def test_it_is_offered_within_its_bounds(self, browser: Client, invoice: Invoice) -> None:
        assert "Another amount, from €50.00 to €1,440.00" in page_of(browser, invoice)
        assert asked(browser, invoice, "other", amount="99,90") == 9990
        assert asked(browser, invoice, "all") == TOTAL

    @pytest.mark.parametrize("typed", ["", "abc", "49.99", "1440.01", "-5", "1e3", "<b>", "١٢٣٤٥٦"])
    def test_what_can_not_be_paid_is_told_beside_the_field_and_kept(
        self, browser: Client, invoice: Invoice, typed: str
    ) -> None:
        answer = press(browser, invoice, "other", amount=typed)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'id="id_pay-amount_error"' in page
        assert typed in ("", "<b>") or f'value="{typed}"' in page
        assert 'value="other"' in page.split("checked")[0].rsplit("<input", 1)[1]
        assert "<b>" not in page
        assert not PaymentAttempt.objects.exists()

    def test_an_amount_beside_another_choice_is_not_guessed_at(self, browser: Client, invoice: Invoice) -> None:
        answer = press(browser, invoice, "all", amount="60")
        assert answer.status_code == 422
        assert "choose “Another amount”" in answer.content.decode()


def test_while_one_is_on_its_way_no_other_is_begun(browser: Client, invoice: Invoice, sandbox: Any) -> None:
    press(browser, invoice, "now")
    PaymentAttempt.objects.update(state="processing")
    page = page_of(browser, invoice)
    assert "€480.00 on their way from your bank." in page
    assert "wp-button--main" not in page
    assert '<span class="wp-due__label">Next payment</span>' in page


def test_a_page_with_instalments_costs_a_fixed_number_of_queries(browser: Client) -> None:
    counts = []
    for number in (2, 12):
        made = invoices.issue(invoice_id=drafted(*[{}] * number).pk, by=None, now=ports.now())
        open_link(browser, made)
        browser.get(url("document", made))
        with CaptureQueriesContext(connection) as captured:
            browser.get(url("document", made), headers={"user-agent": FIREFOX})
        counts.append(len(captured))
    assert counts[0] == counts[1]
