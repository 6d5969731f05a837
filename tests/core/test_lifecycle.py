"""States and statuses: the table says what a person sees, and what may follow what."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations, product

import pytest

from wagtail_payments.core.lifecycle import (
    ATTEMPT_MOVES,
    DISPUTE_MOVES,
    INVOICE_MOVES,
    LIVE_ATTEMPT_STATES,
    OPEN_DISPUTE_STATES,
    REFUND_MOVES,
    RESERVING_REFUND_STATES,
    RETURNING_DISPUTE_STATES,
    TAKING_DISPUTE_STATES,
    UNDECIDED_DISPUTE_STATES,
    AttemptState,
    Balance,
    DisputeState,
    InvoiceEvent,
    RefundState,
    Status,
    Stored,
    status,
)

TODAY = date(2026, 3, 16)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)

# stored, (total, paid, credited, processing, taken back, disputed), due date, status
STATUSES: list[tuple[Stored, tuple[int, ...], date | None, Status]] = [
    (Stored.DRAFT, (100, 0, 0, 0), None, Status.DRAFT),
    (Stored.DRAFT, (100, 0, 0, 0), YESTERDAY, Status.DRAFT),
    (Stored.SCHEDULED, (100, 0, 0, 0), TOMORROW, Status.SCHEDULED),
    (Stored.UNCOLLECTIBLE, (100, 40, 0, 0), YESTERDAY, Status.UNCOLLECTIBLE),
    (Stored.ISSUED, (100, 0, 0, 0), None, Status.OPEN),
    (Stored.ISSUED, (100, 0, 0, 0), TODAY, Status.OPEN),
    (Stored.ISSUED, (100, 0, 0, 0), YESTERDAY, Status.OVERDUE),
    (Stored.ISSUED, (100, 40, 0, 0), TOMORROW, Status.PARTLY_PAID),
    (Stored.ISSUED, (100, 0, 40, 0), TOMORROW, Status.PARTLY_PAID),
    (Stored.ISSUED, (100, 40, 0, 0), YESTERDAY, Status.OVERDUE),
    (Stored.ISSUED, (100, 0, 0, 100), TOMORROW, Status.PROCESSING),
    (Stored.ISSUED, (100, 0, 0, 100), YESTERDAY, Status.PROCESSING),
    (Stored.ISSUED, (100, 40, 0, 60), YESTERDAY, Status.PROCESSING),
    (Stored.ISSUED, (100, 0, 0, 60), TOMORROW, Status.OPEN),
    (Stored.ISSUED, (100, 0, 0, 60), YESTERDAY, Status.OVERDUE),
    (Stored.ISSUED, (100, 0, 0, 0, 0, 100), YESTERDAY, Status.DISPUTED),
    (Stored.ISSUED, (100, 40, 0, 0, 0, 60), TOMORROW, Status.DISPUTED),
    (Stored.ISSUED, (100, 0, 0, 100, 0, 60), YESTERDAY, Status.PROCESSING),
    (Stored.ISSUED, (100, 100, 0, 0, 0, 60), YESTERDAY, Status.PAID),
    (Stored.UNCOLLECTIBLE, (100, 0, 0, 0, 0, 60), YESTERDAY, Status.UNCOLLECTIBLE),
    (Stored.ISSUED, (100, 100, 0, 0), YESTERDAY, Status.PAID),
    (Stored.ISSUED, (100, 60, 40, 0), YESTERDAY, Status.PAID),
    (Stored.ISSUED, (100, 100, 0, 100), YESTERDAY, Status.PAID),
    (Stored.ISSUED, (100, 0, 100, 0), YESTERDAY, Status.PAID),  # by the credit of another invoice
    (Stored.ISSUED, (100, 0, 100, 0, 100), YESTERDAY, Status.CREDITED),
    (Stored.ISSUED, (100, 100, 0, 0, 100), YESTERDAY, Status.CREDITED),
    (Stored.ISSUED, (100, 60, 40, 0, 40), YESTERDAY, Status.PAID),
    (Stored.ISSUED, (100, 60, 0, 0, 100), YESTERDAY, Status.OVERDUE),
    (Stored.ISSUED, (0, 0, 0, 0), YESTERDAY, Status.PAID),
]


@pytest.mark.parametrize(("stored", "money", "due_on", "expected"), STATUSES)
def test_the_status_is_a_question_asked_of_the_money(
    stored: Stored, money: tuple[int, ...], due_on: date | None, expected: Status
) -> None:
    assert status(stored, Balance(*money), due_on, TODAY) is expected


def test_every_status_can_be_reached() -> None:
    assert {row[3] for row in STATUSES} | {Status.PLANNED} == set(Status)


@pytest.mark.parametrize(
    ("stored", "money", "due_on", "expected"),
    [
        (Stored.ISSUED, (100, 0, 0, 0), TOMORROW, Status.PLANNED),
        (Stored.ISSUED, (100, 0, 0, 0), YESTERDAY, Status.PLANNED),
        (Stored.ISSUED, (100, 40, 0, 0), YESTERDAY, Status.PLANNED),
        (Stored.ISSUED, (100, 0, 0, 100), YESTERDAY, Status.PROCESSING),
        (Stored.ISSUED, (100, 100, 0, 0), YESTERDAY, Status.PAID),
        (Stored.UNCOLLECTIBLE, (100, 0, 0, 0), YESTERDAY, Status.UNCOLLECTIBLE),
    ],
)
def test_a_promise_stands_until_its_day_has_passed(
    stored: Stored, money: tuple[int, int, int, int], due_on: date, expected: Status
) -> None:
    balance = Balance(*money)
    for planned_on in (TODAY, TOMORROW):
        assert status(stored, balance, due_on, TODAY, planned_on) is expected
    assert status(stored, balance, due_on, TODAY, YESTERDAY) is status(stored, balance, due_on, TODAY)


def test_every_situation_has_a_status() -> None:
    sums = (0, 40, 60, 100)
    for stored, total, paid, credited, processing, due_on in product(
        Stored, (0, 100), sums, sums, sums, (None, YESTERDAY, TODAY, TOMORROW)
    ):
        assert isinstance(status(stored, Balance(total, paid, credited, processing), due_on, TODAY), Status)


def test_a_due_date_can_only_make_a_waiting_invoice_overdue() -> None:
    sums = (0, 40, 60, 100)
    for paid, credited, processing in product(sums, sums, sums):
        balance = Balance(100, paid, credited, processing)
        early, late = status(Stored.ISSUED, balance, TOMORROW, TODAY), status(Stored.ISSUED, balance, YESTERDAY, TODAY)
        assert early is late or (early in (Status.OPEN, Status.PARTLY_PAID) and late is Status.OVERDUE)


def test_a_customer_is_asked_for_what_no_bank_has_to_decide_about() -> None:
    assert Balance(100, paid=0, disputed=60).asked == 40
    assert Balance(100, paid=100, disputed=60).asked == 0, "paid in another way meanwhile"


def test_every_state_says_what_may_follow() -> None:
    assert set(DISPUTE_MOVES) == set(DisputeState)
    assert set(INVOICE_MOVES) == set(Stored)
    assert set(ATTEMPT_MOVES) == set(AttemptState)
    assert set(REFUND_MOVES) == set(RefundState)


def test_no_state_follows_itself() -> None:
    assert not [state for state, following in ATTEMPT_MOVES.items() if state in following]
    assert not [state for state, following in REFUND_MOVES.items() if state in following]
    assert not [state for state, following in DISPUTE_MOVES.items() if state in following]


def test_a_dispute_told_in_any_order_and_twice_ends_alike() -> None:
    """Each history that a bank can write without an appeal, shuffled and repeated."""
    asked = (DisputeState.INQUIRY, DisputeState.INQUIRY_CLOSED)
    taken = (DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW)
    for before, ending in product(range(3), (None, DisputeState.LOST, DisputeState.WON, DisputeState.PREVENTED)):
        history = [*asked[:before], *taken, *([ending] if ending else [])]
        for order in permutations([*history, history[-1]]):
            state = order[0]
            for news in order:
                state = news if news in DISPUTE_MOVES[state] else state
            assert state is history[-1], order


def test_the_money_of_a_dispute_is_with_us_or_with_the_bank() -> None:
    assert not TAKING_DISPUTE_STATES & RETURNING_DISPUTE_STATES
    unmoved = set(DisputeState) - TAKING_DISPUTE_STATES - RETURNING_DISPUTE_STATES
    assert unmoved == {DisputeState.APPEALED}
    assert UNDECIDED_DISPUTE_STATES < OPEN_DISPUTE_STATES
    assert DisputeState.LOST not in OPEN_DISPUTE_STATES


def test_an_issued_invoice_never_goes_back_to_a_draft() -> None:
    drafts = {Stored.DRAFT, Stored.SCHEDULED, None}
    for state in (Stored.ISSUED, Stored.UNCOLLECTIBLE):
        assert not drafts & set(INVOICE_MOVES[state].values())
        assert InvoiceEvent.DELETE not in INVOICE_MOVES[state]


def test_nothing_follows_money_that_came() -> None:
    assert not ATTEMPT_MOVES[AttemptState.SUCCEEDED]


def test_money_is_believed_whatever_was_said_before() -> None:
    for state in set(AttemptState) - {AttemptState.SUCCEEDED}:
        assert AttemptState.SUCCEEDED in ATTEMPT_MOVES[state]


def test_nothing_goes_back_to_the_beginning() -> None:
    assert not [state for state, following in ATTEMPT_MOVES.items() if AttemptState.CREATED in following]
    assert not [state for state, following in REFUND_MOVES.items() if RefundState.REQUESTED in following]


def test_every_order_of_the_same_news_ends_alike() -> None:
    """Whatever is said while an attempt succeeds, it ends succeeded once success was heard."""
    for heard in product(AttemptState, repeat=3):
        state = AttemptState.CREATED
        for news in (*heard, AttemptState.SUCCEEDED, *heard):
            if news in ATTEMPT_MOVES[state]:
                state = news
        assert state is AttemptState.SUCCEEDED


def test_an_attempt_is_live_until_the_provider_ended_it() -> None:
    assert set(AttemptState) - LIVE_ATTEMPT_STATES == {
        AttemptState.SUCCEEDED,
        AttemptState.FAILED,
        AttemptState.EXPIRED,
    }


def test_a_refund_holds_its_amount_back_until_it_failed() -> None:
    assert set(RefundState) - RESERVING_REFUND_STATES == {RefundState.FAILED}
