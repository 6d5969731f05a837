"""Reminders: each step once, never in the way of what has happened since, and after a stopped clock only the last."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.actions.signers import HERE, PLAN, proven, sent_quote, sign
from wagtail_payments import ports
from wagtail_payments.actions import (
    billing,
    clockwork,
    invoices,
    links,
    obstacles,
    payments,
    reminder_series,
    reminders,
    reminders_by_hand,
    renditions,
    signed_papers,
    wiping,
    withdrawals,
)
from wagtail_payments.actions.reminder_series import StepChoice
from wagtail_payments.actions.reminders_by_hand import Wish
from wagtail_payments.actions.signing import Trace
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.core.reminders import Tone
from wagtail_payments.mail import outbox
from wagtail_payments.models import (
    Alert,
    DeliveryReport,
    Instalment,
    Invoice,
    Letter,
    Link,
    Payment,
    Quote,
    Refund,
    Reminder,
    ReminderMute,
    ReminderPolicy,
    Seller,
)
from wagtail_payments.testing import SimulatedCrash, crash_at

pytestmark = pytest.mark.django_db(transaction=True)
Issued = Callable[..., Invoice]


@pytest.fixture(autouse=True)
def _no_drawing(monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    monkeypatch.setattr(renditions, "draw_after_commit", lambda document, now: None)
    monkeypatch.setattr(signed_papers, "draw_after_commit", lambda agreement, now: None)
    factories.settle_site()
    run()


@pytest.fixture
def issued() -> Issued:
    """An invoice that is due in thirty days."""

    def issue(**fields: Any) -> Invoice:
        return invoices.issue(invoice_id=factories.make_invoice(**fields).pk, by=None, now=ports.now())

    return issue


def run() -> int:
    return reminders.run(now=ports.now())


def on(clock: Any, days: int) -> int:
    """The clockwork runs so many days from now."""
    clock.advance(days=days)
    return run()


def told() -> list[tuple[str, str]]:
    """Every reminder so far: its step, and what became of it."""
    rows = Reminder.objects.order_by("pk").select_related("letter", "step")
    return [(f"{row.days}", row.reason or (row.letter.state if row.letter else row.state)) for row in rows]


def pay(invoice: Invoice, amount: int | None = None) -> Payment:
    return payments.record(
        invoice=Invoice.objects.get(pk=invoice.pk),
        amount=amount or invoice.gross,
        method="transfer",
        received_on=invoice.seller.today(ports.now()),
        reference="VIR",
        by=None,
        now=ports.now(),
        form_key=ports.new_id(),
    )


def by_hand(*chosen: Invoice, **wish: Any) -> reminders_by_hand.Plan:
    keys = [invoice.pk for invoice in chosen]
    return reminders_by_hand.remind(
        invoice_ids=keys, wish=Wish(**{"by": None, "form_key": ports.new_id()} | wish), now=ports.now()
    )


def mute(invoice: Invoice, whose: str = "invoice") -> None:
    reminders_by_hand.mute(invoice=invoice, whose=whose, by=None, now=ports.now())


def report(event: str, address: str = "nadia@librairie.example") -> None:
    letter = Letter.objects.create(
        kind="invoice",
        seller=factories.seller_of_default_site(),
        language="fr",
        message_id=ports.new_id(),
        due_at=ports.now(),
        created_at=ports.now(),
        state="sent",
    )
    DeliveryReport(letter=letter, event=event, recipient=address, at=ports.now()).save()


class TestSeries:
    def test_three_days_before_seven_and_twenty_one_after(self, issued: Issued, clock: Any) -> None:
        issued()
        beats = [on(clock, 1) for _day in range(60)]
        assert [day for day, written in enumerate(beats, start=1) if written] == [27, 37, 51]
        assert told() == [("-3", "sent"), ("7", "sent"), ("21", "sent")]
        assert len(mail.outbox) == 3

    def test_polite_then_firmer(self, issued: Issued, clock: Any) -> None:
        issued(language="en")
        for _day in range(60):
            on(clock, 1)
        subjects = [message.subject for message in mail.outbox]
        assert [subject.split()[0] for subject in subjects] == ["Soon", "Reminder:", "Overdue"]
        assert "for 21 days" in subjects[2]

    def test_twice_in_a_day_is_once(self, issued: Issued, clock: Any) -> None:
        issued()
        clock.advance(days=37)
        assert [run(), run(), run()] == [1, 0, 0]

    def test_after_a_month_without_clockwork_only_the_latest_is_sent(self, issued: Issued, clock: Any) -> None:
        issued()
        assert on(clock, 60) == 1
        assert told() == [("-3", "late"), ("7", "late"), ("21", "sent")]
        assert on(clock, 60) == 0

    def test_nobody_is_reminded_by_night(self, issued: Issued, clock: Any) -> None:
        issued()
        clock.advance(days=37, hours=13)
        assert run() == 0
        clock.advance(hours=9)
        assert run() == 1

    def test_what_is_due_at_once_gets_no_notice_before(self, issued: Issued, clock: Any) -> None:
        issued(due_days=2)
        assert [on(clock, 1) for _day in range(10)] == [0] * 8 + [1, 0]
        assert told() == [("7", "sent")]

    def test_switched_off_nothing_goes_out_and_nothing_is_made_up_for(self, issued: Issued, clock: Any) -> None:
        issued()
        settle(is_on=False)
        assert on(clock, 38) == 0
        settle(is_on=True)
        assert run() == 0
        assert on(clock, 13) == 1
        assert told() == [("21", "sent")]

    def test_what_was_overdue_before_the_first_beat_is_not_flooded(self, issued: Issued, clock: Any) -> None:
        ReminderPolicy.objects.all().delete()
        Seller.objects.get().reminder_steps.all().delete()
        issued()
        assert on(clock, 45) == 0
        assert Reminder.objects.count() == 0
        assert on(clock, 6) == 1

    def test_a_new_step_reaches_nobody_whose_day_has_passed(self, issued: Issued, clock: Any) -> None:
        issued()
        on(clock, 37)
        rows = series_choices()
        settle(steps=[*rows, StepChoice(None, 10, Tone.POLITE)])
        assert on(clock, 3) == 1
        assert told()[-1] == ("10", "sent")
        clock.advance(days=2)
        settle(steps=[*series_choices(), StepChoice(None, 11, Tone.POLITE)])
        assert run() == 0

    def test_a_step_that_is_moved_is_not_sent_again(self, issued: Issued, clock: Any) -> None:
        issued()
        on(clock, 37)
        moved = [StepChoice(row.key, 9 if row.days == 7 else row.days, row.tone) for row in series_choices()]
        settle(steps=moved)
        assert on(clock, 3) == 0

    def test_a_series_that_makes_no_sense_is_refused(self) -> None:
        with pytest.raises(reminder_series.SeriesRefused):
            settle(steps=[StepChoice(None, 7, Tone.POLITE), StepChoice(None, 7, Tone.FIRM)])
        with pytest.raises(reminder_series.SeriesRefused):
            settle(steps=[StepChoice(None, days, Tone.POLITE) for days in range(11)])


def series_choices() -> list[StepChoice]:
    steps = factories.seller_of_default_site().reminder_steps.order_by("days")
    return [StepChoice(step.pk, step.days, Tone(step.tone), step.is_on) for step in steps]


def settle(*, is_on: bool = True, one_letter: bool = True, steps: Sequence[StepChoice] | None = None) -> None:
    chosen = series_choices() if steps is None else steps
    seller = factories.seller_of_default_site()
    reminder_series.settle(seller=seller, is_on=is_on, one_letter=one_letter, steps=chosen, now=ports.now())


class TestObstacles:
    """Whatever stands in the way when it is planned is written down, and nothing goes out."""

    def stopped(self, clock: Any, reason: str) -> None:
        assert on(clock, 37) == 0
        assert told()[-1] == ("7", reason)
        assert mail.outbox == []

    def test_paid(self, issued: Issued, clock: Any) -> None:
        pay(issued())
        mail.outbox.clear()
        assert on(clock, 37) == 0
        assert told() == []

    def test_nothing_due(self, issued: Issued, clock: Any) -> None:
        issued(lines=[("Gift", "1", "0", "20")])
        assert on(clock, 37) == 0
        assert told() == []

    @pytest.mark.parametrize("amount", [100, 144_000])
    def test_processing(self, amount: int, issued: Issued, clock: Any) -> None:
        invoice = issued()
        factories.make_attempt(
            invoice,
            amount=amount,
            idempotency_key="key",
            state="processing",
            created_at=ports.now(),
        )
        self.stopped(clock, "processing")

    @pytest.mark.parametrize("whose", ["invoice", "customer"])
    def test_muted(self, whose: str, issued: Issued, clock: Any) -> None:
        mute(issued(), whose)
        self.stopped(clock, "muted")

    @pytest.mark.parametrize("event", ["bounced", "rejected", "complained"])
    def test_mail_that_comes_back(self, event: str, issued: Issued, clock: Any) -> None:
        issued()
        report(event)
        self.stopped(clock, "bounced")

    def test_an_address_that_works_again(self, issued: Issued, clock: Any) -> None:
        issued()
        report("bounced")
        clock.advance(hours=1)
        report("delivered")
        assert on(clock, 37) == 1

    def test_whoever_complained_once_is_left_alone(self, issued: Issued, clock: Any) -> None:
        issued()
        report("complained")
        clock.advance(hours=1)
        report("delivered")
        self.stopped(clock, "bounced")

    def test_no_address(self, issued: Issued, clock: Any) -> None:
        issued(customer=factories.make_customer(email=""))
        self.stopped(clock, "no_address")

    def test_money_that_went_back_and_nobody_has_looked(self, issued: Issued, clock: Any) -> None:
        invoice = issued()
        payment = pay(invoice)
        refund = Refund.objects.create(
            payment=payment, kind="reversal", gateway="stripe", mode="test", amount=invoice.gross, currency="EUR",
            state="succeeded", idempotency_key="r", requested_at=ports.now(), needs_a_look=True,
        )  # fmt: skip
        invoice.allocations.model(
            payment=payment, invoice=invoice, amount=-invoice.gross, refund=refund, at=ports.now()
        ).save()
        mail.outbox.clear()
        self.stopped(clock, "reversed")

    def test_a_customer_who_withdrew_from_the_contract(self, clock: Any) -> None:
        quote = sent_quote(ports.now(), customer=factories.make_consumer(), plan=PLAN, deposit_term="acompte")
        sign(quote, proven(quote, ports.now()), ports.now())
        quote = Quote.objects.get()
        assert billing.bill_at_signature(quote=quote, now=ports.now()) is not None
        withdrawals.withdraw(quote_id=quote.pk, name="Julie", email="j@example.org", now=ports.now(), trace=HERE)
        assert on(clock, 7) == 0
        assert told() == [("7", "withdrawn")]

    def test_uncollectible(self, issued: Issued, clock: Any) -> None:
        Invoice.objects.filter(pk=issued().pk).update(state="uncollectible")
        assert on(clock, 37) == 0
        assert told() == []

    @pytest.mark.parametrize("plan", [PLAN, ()])
    def test_a_contract_that_a_consumer_has_left(self, clock: Any, plan: Any) -> None:
        quote = sent_quote(ports.now(), customer=factories.make_consumer(), plan=plan, deposit_term="acompte")
        sign(quote, proven(quote, ports.now()), ports.now())
        draft = billing.bill(quote_id=quote.pk, by=None, now=ports.now())
        invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())
        withdrawals.withdraw(quote_id=quote.pk, name="Julie", email="julie@example.org", now=ports.now(), trace=Trace())
        mail.outbox.clear()
        assert on(clock, 37) == 0
        assert told()[-1][1] == "withdrawn"
        assert [why_not for _invoice, why_not in by_hand(draft).refused] == ["withdrawn"]
        assert mail.outbox == []

    def test_a_status_of_later_versions_is_an_obstacle_by_itself(
        self, issued: Issued, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        invoice = issued()
        today = invoice.seller.today(now)
        for status in Status:
            monkeypatch.setattr(Invoice, "status_on", lambda self, day, status=status: status)
            why_not = obstacles.obstacle(invoice, today)
            assert (why_not is None) == (status in (Status.OPEN, Status.OVERDUE, Status.PARTLY_PAID)), status


class TestLeaving:
    """Between writing and sending, things happen: it is asked again as the letter leaves."""

    @pytest.fixture
    def waiting(self, issued: Issued, clock: Any) -> Invoice:
        """A reminder is written, and the mail waits for the clockwork."""
        invoice = issued(language="en")
        with outbox.left_to_the_clockwork():
            assert on(clock, 37) == 1
        assert mail.outbox == []
        return invoice

    def deliver(self) -> int:
        return outbox.deliver_due(now=ports.now())

    def test_nothing_has_happened(self, waiting: Invoice) -> None:
        assert self.deliver() == 1
        assert told()[-1] == ("7", "sent")

    def test_paid_in_between(self, waiting: Invoice) -> None:
        pay(waiting)
        mail.outbox.clear()
        self.deliver()
        assert [message.subject for message in mail.outbox if "Reminder" in message.subject] == []
        assert told()[-1] == ("7", "paid")
        assert Letter.objects.get(kind="reminder").state == "withdrawn"
        assert self.deliver() == 0

    def test_muted_in_between(self, waiting: Invoice) -> None:
        mute(waiting)
        assert self.deliver() == 0
        assert told()[-1] == ("7", "muted")

    def test_a_mail_server_that_surely_took_nothing_is_asked_again_and_so_is_the_obstacle(
        self, waiting: Invoice, clock: Any
    ) -> None:
        def refuse(message: Any) -> None:
            raise ConnectionRefusedError

        with ports.use(everywhere=True, mailer=refuse):
            assert self.deliver() == 0
        assert Letter.objects.get(kind="reminder").state == "queued"
        pay(waiting)
        mail.outbox.clear()
        clock.advance(hours=1)
        self.deliver()
        assert told()[-1] == ("7", "paid")

    @pytest.mark.parametrize("place", ["letter.before_send", "letter.after_send"])
    def test_a_crash_while_sending_leaves_a_doubt_and_is_never_sent_again_by_itself(
        self, place: str, waiting: Invoice, clock: Any
    ) -> None:
        with crash_at(place), pytest.raises(SimulatedCrash):
            self.deliver()
        left = len(mail.outbox)
        for _beat in range(3):
            clock.advance(hours=1)
            clockwork.run_once(now=ports.now())
        assert len(mail.outbox) == left
        (reminder,) = Reminder.objects.filter(letter__isnull=False)
        assert reminder.is_doubtful
        assert Alert.objects.filter(kind="letter", settled_at=None).exists()

    @pytest.fixture
    def doubtful(self, waiting: Invoice, clock: Any) -> Reminder:
        with crash_at("letter.before_send"), pytest.raises(SimulatedCrash):
            self.deliver()
        clock.advance(hours=1)
        self.deliver()
        return Reminder.objects.get(letter__isnull=False)

    def test_an_editor_sends_it_now(self, doubtful: Reminder) -> None:
        assert reminders_by_hand.send_now(reminder=doubtful, now=ports.now())
        assert len(mail.outbox) == 1
        assert told()[-1] == ("7", "sent")
        assert not Alert.objects.filter(kind="letter", settled_at=None).exists()
        doubtful = Reminder.objects.get(pk=doubtful.pk)
        assert not reminders_by_hand.send_now(reminder=doubtful, now=ports.now())

    def test_sending_it_now_asks_again_as_well(self, doubtful: Reminder) -> None:
        pay(doubtful.invoice)
        mail.outbox.clear()
        reminders_by_hand.send_now(reminder=doubtful, now=ports.now())
        assert mail.outbox == []
        assert told()[-1] == ("7", "paid")

    def test_an_editor_knows_that_it_was_sent(self, doubtful: Reminder) -> None:
        assert reminders_by_hand.it_was_sent(reminder=doubtful, by=None, now=ports.now())
        assert told()[-1] == ("7", "sent")
        assert mail.outbox == []
        assert not reminders_by_hand.it_was_sent(reminder=doubtful, by=None, now=ports.now())

    @pytest.mark.parametrize("place", ["reminder.planned", "reminder.written", "reminder.checked", "letter.claimed"])
    def test_a_crash_anywhere_else_never_sends_twice(self, place: str, issued: Issued, clock: Any) -> None:
        issued()
        clock.advance(days=37)
        with crash_at(place), contextlib.suppress(SimulatedCrash):  # a task's crash ends with the task
            run()
        for _beat in range(3):
            clock.advance(hours=1)
            clockwork.run_once(now=ports.now())
        assert len(mail.outbox) == (0 if place == "letter.claimed" else 1)
        assert Reminder.objects.filter(days=7).count() == 1
        row = Reminder.objects.get(days=7)
        assert row.letter is not None
        assert row.letter.state == ("unknown" if place == "letter.claimed" else "sent")


class TestSeveral:
    @pytest.fixture
    def three(self, issued: Issued) -> list[Invoice]:
        customer = factories.make_customer(language="en")
        return [issued(customer=customer, title=title) for title in ("One", "Two", "Three")]

    def test_one_letter_with_a_link_to_each(self, three: list[Invoice], clock: Any) -> None:
        assert on(clock, 37) == 1
        (message,) = mail.outbox
        for invoice in three:
            assert invoice.number in message.body
            assert invoice.document.links.get().public_id in message.body
        together = Link.objects.get(payment_request__isnull=False)
        assert together.public_id in message.body
        assert "Pay all together" in message.body
        assert message.body.count("/l/") == 4
        html = message.alternatives[0][0]
        assert html.count(together.public_id) == 3  # the button, and the address in full, linked
        assert html.count("/l/") == 6
        assert "{{" not in message.body + html
        assert "4,320.00" in message.subject.replace("\u00a0", " ")
        letter = Letter.objects.get(kind="reminder")
        assert "/l/" not in letter.text + letter.html
        assert {row.letter_id for row in Reminder.objects.filter(days=7)} == {letter.pk}

    def test_one_of_them_is_paid_as_it_leaves_and_the_others_get_a_letter_of_their_own(
        self, three: list[Invoice], clock: Any
    ) -> None:
        with outbox.left_to_the_clockwork():
            on(clock, 37)
        pay(three[1])
        mail.outbox.clear()
        outbox.deliver_due(now=ports.now())
        assert run() == 1
        (message,) = [one for one in mail.outbox if "Reminder" in one.subject]
        assert three[1].number not in message.body
        assert message.body.count("/l/") == 3
        together = Letter.objects.filter(kind="reminder", state="sent", link__payment_request__isnull=False).get()
        assert set(together.link.payment_request.invoices.all()) == {three[0], three[2]}
        assert sorted(row for row in told() if row[0] == "7") == [("7", "paid"), ("7", "sent"), ("7", "sent")]

    def test_the_same_invoices_again_carry_the_same_link(self, three: list[Invoice], clock: Any) -> None:
        on(clock, 37)
        on(clock, 14)
        letters = Letter.objects.filter(kind="reminder").order_by("pk")
        assert len(letters) == 2
        assert len({letter.link_id for letter in letters}) == 1
        assert Link.objects.filter(payment_request__isnull=False).count() == 1

    def test_a_link_that_an_editor_ended_is_not_sent_again(self, three: list[Invoice], clock: Any) -> None:
        on(clock, 37)
        links.revoke(link=Link.objects.get(payment_request__isnull=False), by=None, now=ports.now())
        on(clock, 14)
        last = Letter.objects.filter(kind="reminder").latest("pk")
        assert (last.link, "all at once" in last.text) == (None, False)
        assert last.further_links.count() == 3

    def test_without_a_provider_each_has_its_own_link_alone(
        self, three: list[Invoice], clock: Any, settings: Any
    ) -> None:
        settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"GATEWAYS": {}}
        on(clock, 37)
        letter = Letter.objects.get(kind="reminder")
        assert (letter.link, letter.further_links.count(), "all at once" in letter.text) == (None, 3, False)

    def test_one_letter_each_where_the_seller_wants_it_so(self, three: list[Invoice], clock: Any) -> None:
        settle(one_letter=False)
        assert on(clock, 37) == 3

    def test_notices_before_the_due_date_come_one_by_one(self, three: list[Invoice], clock: Any) -> None:
        assert on(clock, 27) == 3

    def test_people_and_languages_are_not_mixed(self, three: list[Invoice], issued: Issued, clock: Any) -> None:
        issued()
        issued(customer=three[0].customer, language="fr")
        assert on(clock, 37) == 3


class TestInstalments:
    """Each instalment is asked for by a series of its own, as far as it is due by then."""

    @pytest.fixture
    def invoice(self) -> Invoice:
        """Three parts of 480.00: in ten days, and a month after the other."""
        draft = factories.make_invoice(language="en")
        for place in range(3):
            day = draft.seller.today(ports.now()) + timedelta(days=10 + 30 * place)
            Instalment.objects.create(invoice=draft, due_on=day, sort_order=place)
        return invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())

    def test_a_late_one_is_reminded_of_though_the_last_is_far_ahead(self, invoice: Invoice, clock: Any) -> None:
        assert [on(clock, days) for days in (6, 1, 9, 1)] == [0, 1, 0, 1]
        letter = Letter.objects.filter(kind="reminder").latest("pk")
        assert "480.00" in letter.subject
        assert "1,440.00" not in letter.subject
        assert [row.due_on for row in Reminder.objects.all()] == [invoice.instalments.earliest("due_on").due_on] * 2

    def test_the_next_one_has_its_notice_once_the_first_is_paid(self, invoice: Invoice, clock: Any) -> None:
        on(clock, 7)
        pay(invoice, 48000)
        assert [on(clock, days) for days in (10, 19, 1)] == [0, 0, 1]
        assert [row.days for row in Reminder.objects.order_by("pk")] == [-3, -3]

    def test_paid_as_it_leaves_it_stays_though_the_others_are_to_pay(self, invoice: Invoice, clock: Any) -> None:
        with outbox.left_to_the_clockwork():
            assert on(clock, 17) == 1
        pay(invoice, 48000)
        mail.outbox.clear()
        outbox.deliver_due(now=ports.now())
        assert [message.subject for message in mail.outbox if "Reminder" in message.subject] == []
        assert told()[-1] == ("7", "paid")

    def test_two_late_ones_are_asked_for_together(self, invoice: Invoice, clock: Any) -> None:
        on(clock, 45)
        letter = Letter.objects.filter(kind="reminder").get()
        assert "960.00" in letter.subject
        assert "Pay €960.00" in letter.html
        assert "480.00" not in letter.text + letter.html

    def test_of_several_invoices_they_are_read_at_once(self, clock: Any) -> None:
        customer = factories.make_customer()
        for _each in range(6):
            draft = factories.make_invoice(customer=customer)
            for place in range(3):
                day = draft.seller.today(ports.now()) + timedelta(days=10 + 30 * place)
                Instalment.objects.create(invoice=draft, due_on=day, sort_order=place)
            invoices.issue(invoice_id=draft.pk, by=None, now=ports.now())
        clock.advance(days=17)
        with outbox.left_to_the_clockwork(), CaptureQueriesContext(connection) as captured:
            assert run() == 1
        asked = [row["sql"] for row in captured.captured_queries]
        assert sum(bool(re.match(r"SELECT .wagtail_payments_instalment.", sql)) for sql in asked) == 1


class TestByHand:
    def test_it_takes_the_place_of_its_step(self, issued: Issued, clock: Any) -> None:
        invoice = issued(language="en")
        clock.advance(days=38)
        assert by_hand(invoice).count == 1
        assert told() == [("7", "sent")]
        assert run() == 0
        assert mail.outbox[0].subject.startswith("Reminder")

    def test_one_besides_all_steps(self, issued: Issued, clock: Any) -> None:
        invoice = issued()
        on(clock, 37)
        by_hand(invoice)
        assert told()[-1] == ("None", "sent")
        assert on(clock, 14) == 1

    def test_the_same_form_twice_is_once(self, issued: Issued, clock: Any) -> None:
        invoice = issued()
        clock.advance(days=40)
        by_hand(invoice, form_key="same")
        by_hand(invoice, form_key="same")
        assert len(mail.outbox) == 1

    def test_it_asks_for_obstacles_and_only_muted_can_be_passed(self, issued: Issued, clock: Any) -> None:
        invoice = issued()
        clock.advance(days=40)
        mute(invoice)
        assert by_hand(invoice).refused == [(invoice, "muted")]
        assert mail.outbox == []
        assert by_hand(invoice, despite_mute=True).count == 1
        assert len(mail.outbox) == 1
        pay(invoice)
        assert by_hand(invoice, despite_mute=True).refused == [(invoice, "paid")]

    def test_switching_on_again(self, issued: Issued, clock: Any) -> None:
        invoice = issued()
        mute(invoice, "customer")
        mute(invoice, "")
        assert not ReminderMute.objects.exists()
        assert on(clock, 37) == 1


def test_wiping_test_money_takes_reminders_along(issued: Issued, clock: Any) -> None:
    customer = factories.make_customer()
    made = [issued(customer=customer) for _each in range(2)]
    on(clock, 37)
    mute(made[0])
    assert Letter.objects.get(kind="reminder").further_links.count() == 2
    wiping.wipe_test_money(now=ports.now())
    assert [model.objects.count() for model in (Reminder, ReminderMute, Letter)] == [0, 0, 0]


class TestHowMuchIsAsked:
    def asked(self) -> int:
        with CaptureQueriesContext(connection) as captured:
            run()
        return len(captured.captured_queries)

    def test_as_many_questions_for_fifty_that_are_not_due_as_for_five(self, issued: Issued, clock: Any) -> None:
        for _each in range(5):
            issued()
        few = self.asked()
        for _each in range(20):
            issued()
        assert self.asked() == few <= 8

    def test_each_letter_costs_the_same(self, issued: Issued, clock: Any) -> None:
        def cost(count: int) -> int:
            for _each in range(count):
                issued()
            clock.advance(days=37)
            with outbox.left_to_the_clockwork():
                return self.asked()

        one, six = cost(1), cost(5)  # the first one is due again with the five new ones
        assert (six - one) % 5 == 0
        assert (six - one) // 5 <= 12
