"""Two sweeps at once remind once; and no payment slips in between the last question and the letter's departure."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from tests import factories
from tests.races.crowd import Window, all_at_once
from wagtail_payments import ports
from wagtail_payments.actions import invoices, payments, reminder_letters, reminders, renditions
from wagtail_payments.mail import outbox
from wagtail_payments.models import Invoice, Letter, Reminder

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def late(now: datetime, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Five invoices of one customer, and a moment at which they are a week late."""
    monkeypatch.setattr(renditions, "draw_after_commit", lambda document, now: None)
    reminders.run(now=now)
    factories.settle_site()
    reminders.run(now=now)
    customer = factories.make_customer()
    for _each in range(5):
        invoices.issue(invoice_id=factories.make_invoice(customer=customer).pk, by=None, now=now)
    return now + timedelta(days=37)


def sweep(moment: datetime) -> int:
    with outbox.left_to_the_clockwork():
        return reminders.run(now=moment)


def no_lock(model: Any, *keys: int) -> None:
    """The lock's twin: locks nothing."""


def test_four_sweeps_at_once_remind_once(late: datetime, caplog: pytest.LogCaptureFixture) -> None:
    with ports.use(everywhere=True, failpoint=Window(frozenset({"reminder.planned"}))):
        outcome = all_at_once([lambda: sweep(late)] * 4)
    assert outcome.errors == []
    assert sorted(outcome.results) == [0, 0, 0, 1]
    assert Letter.objects.filter(kind="reminder").count() == 1
    assert Reminder.objects.filter(state="written").count() == 5
    assert "failed" not in caplog.text


def test_without_the_lock_sweeps_run_into_each_other(
    late: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reminders, "hold", no_lock)
    with ports.use(everywhere=True, failpoint=Window(frozenset({"reminder.planned"}))):
        all_at_once([lambda: sweep(late)] * 2)
    assert "invoice_reminders: Invoice" in caplog.text, "both must have planned, or this test proves nothing"
    assert Letter.objects.filter(kind="reminder").count() == 1, "and even so the second key keeps it to one letter"


class SlipIn:
    """A payment that comes at the moment between the last question and the claim of the letter."""

    def __init__(self, invoice: Invoice, moment: datetime) -> None:
        self.invoice, self.moment = invoice, moment
        self.asked, self.paid = threading.Event(), threading.Event()
        self.was_paid_first = False

    def __call__(self, name: str) -> None:
        if name == "reminder.checked" and not self.asked.is_set():
            self.asked.set()
            self.was_paid_first = self.paid.wait(1.0)

    def pay(self) -> None:
        assert self.asked.wait(20)
        payments.record(
            invoice=self.invoice,
            amount=self.invoice.gross,
            method="transfer",
            received_on=self.moment.date(),
            reference="VIR",
            by=None,
            now=self.moment,
            form_key="slip",
        )
        self.paid.set()


@pytest.fixture
def slipping(late: datetime) -> Iterator[SlipIn]:
    sweep(late)
    mail.outbox.clear()
    slip = SlipIn(Invoice.objects.latest("pk"), late)
    with ports.use(everywhere=True, failpoint=slip):
        yield slip


def deliver(slip: SlipIn) -> None:
    letter = Letter.objects.get(kind="reminder")
    with contextlib.ExitStack() as stack:
        stack.enter_context(outbox.left_to_the_clockwork())
        outbox.deliver(letter_id=letter.pk, now=slip.moment)


def test_a_payment_waits_until_the_letter_is_claimed(slipping: SlipIn) -> None:
    outcome = all_at_once([lambda: deliver(slipping), slipping.pay])
    assert outcome.errors == []
    assert not slipping.was_paid_first
    assert Letter.objects.get(kind="reminder").state == "sent"


def test_without_the_lock_somebody_who_has_paid_is_reminded(slipping: SlipIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminder_letters, "hold", no_lock)
    outcome = all_at_once([lambda: deliver(slipping), slipping.pay])
    assert outcome.errors == []
    assert slipping.was_paid_first, "the payment must get in between, or this test proves nothing"
    assert Letter.objects.get(kind="reminder").state == "sent"
