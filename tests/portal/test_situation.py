"""Every state has its own sentence, icon and tone."""

from __future__ import annotations

from datetime import date

import pytest
from django.template.loader import get_template

from wagtail_payments.core.lifecycle import Balance, Status
from wagtail_payments.portal import situation
from wagtail_payments.portal.situation import Facts
from wagtail_payments.printing.amounts import Writer

TODAY = date(2026, 3, 16)
PART = Balance(100_00, paid=40_00)


WHOLE = Balance(100_00)


def facts(status: Status, balance: Balance = WHOLE, **more: object) -> Facts:
    return Facts(status, balance, Writer("en", "EUR"), TODAY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", Status)
def test_every_status_is_told_with_an_icon_that_exists(status: Status) -> None:
    told = situation.of(facts(status, due_on=date(2026, 3, 1)))
    assert told.sentence
    assert told.tone in {"calm", "soon", "late", "wait", "done", "void"}
    assert get_template(told.icon_template)


def test_no_two_statuses_that_a_customer_meets_are_told_alike() -> None:
    met = {
        Status.OPEN: facts(Status.OPEN, due_on=date(2026, 4, 1)),
        Status.OVERDUE: facts(Status.OVERDUE, due_on=date(2026, 3, 1)),
        Status.PROCESSING: facts(Status.PROCESSING, Balance(100, processing=100)),
        Status.PAID: facts(Status.PAID, Balance(100, paid=100), settled_on=TODAY),
        Status.CREDITED: facts(Status.CREDITED, Balance(100, credited=100), credit_note="A2026-0001"),
        Status.UNCOLLECTIBLE: facts(Status.UNCOLLECTIBLE, due_on=date(2026, 3, 1)),
        Status.DISPUTED: facts(Status.DISPUTED, Balance(100, disputed=100)),
        Status.PARTLY_PAID: facts(Status.PARTLY_PAID, PART, due_on=date(2026, 4, 1)),
        Status.DRAFT: facts(Status.DRAFT),
    }
    assert len({(told.sentence, told.detail) for told in map(situation.of, met.values())}) == len(met)


@pytest.mark.parametrize(
    ("due_on", "sentence", "detail"),
    [
        (None, "To be paid", ""),
        (date(2026, 3, 16), "To be paid today", ""),
        (date(2026, 3, 15), "To be paid today", ""),
        (date(2026, 3, 17), "To be paid by March 17, 2026", "Tomorrow."),
        (date(2026, 3, 18), "To be paid by March 18, 2026", "In 2 days."),
    ],
)
def test_days_are_counted_in_words(due_on: date | None, sentence: str, detail: str) -> None:
    told = situation.of(facts(Status.OPEN, due_on=due_on))
    assert (told.sentence, told.detail) == (sentence, detail)


def test_one_day_late_is_one_day() -> None:
    assert situation.of(facts(Status.OVERDUE, due_on=date(2026, 3, 15))).detail == "One day late."


def test_what_was_paid_credited_and_is_on_its_way_is_added() -> None:
    balance = Balance(100_00, paid=10_00, credited=20_00, processing=30_00)
    detail = situation.of(facts(Status.PARTLY_PAID, balance)).detail
    assert detail == "€10.00 already paid. €20.00 credited. €30.00 on their way from your bank."


def test_what_a_bank_took_back_is_said() -> None:
    told = situation.of(facts(Status.OPEN, due_on=date(2026, 3, 18), taken_back="€10.00"))
    assert told.detail == "In 2 days. Your bank has taken €10.00 back."


def test_while_a_bank_decides_nobody_is_asked_to_pay() -> None:
    told = situation.of(facts(Status.DISPUTED, Balance(100_00, disputed=100_00)))
    assert told.sentence == "This payment is disputed"
    assert "you need not pay" in told.detail


def test_a_credited_invoice_names_the_credit_note() -> None:
    told = situation.of(facts(Status.CREDITED, Balance(100, credited=100), credit_note="A2026-0001"))
    assert "A2026-0001" in told.detail


def test_an_uncollectible_invoice_that_was_paid_after_all_is_paid() -> None:
    told = situation.of(facts(Status.UNCOLLECTIBLE, Balance(100, paid=100), settled_on=TODAY))
    assert told.sentence == "Paid on March 16, 2026. Thank you!"
