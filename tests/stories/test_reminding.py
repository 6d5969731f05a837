"""Reminded as an owner would: politely, then firmly, never whoever has paid; several at once, and by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import mail
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.stories.conftest import Business
from tests.stories.test_money_by_hand import transfer
from wagtail_payments import ports
from wagtail_payments.actions import letter_words, promises
from wagtail_payments.actions import reminders as sweep
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.core.reminders import Tone
from wagtail_payments.mail import outbox, reminders
from wagtail_payments.mail.templates import Said
from wagtail_payments.models import Invoice, Letter, Promise, Reminder


def subjects() -> list[str]:
    """What customers got since the last look."""
    found = [message.subject.replace("\u00a0", " ") for message in mail.outbox]
    mail.outbox.clear()
    return found


def live(business: Business, days: int) -> list[str]:
    """The clockwork runs day after day; return what was mailed."""
    for _day in range(days):
        business.clock.advance(days=1)
        business.run_clockwork()
    return subjects()


def test_a_notice_a_polite_reminder_a_firm_one_and_the_payment(business: Business) -> None:
    business.run_clockwork()
    invoice = business.send_invoice(customer=factories.make_customer(language="en"))
    subjects()
    assert live(business, 26) == []
    (notice,) = live(business, 4)
    assert notice.startswith("Soon due: invoice TEST-F2026-0001, €1,440.00 by April 15, 2026")
    assert live(business, 6) == []
    (polite,) = live(business, 4)
    assert polite == "Reminder: invoice TEST-F2026-0001, €1,440.00"
    (firm,) = live(business, 20)
    assert firm == "Overdue for 21 days: invoice TEST-F2026-0001, €1,440.00"
    assert business.status(invoice) is Status.OVERDUE

    letter = Letter.objects.filter(kind="reminder").latest("pk")
    assert letter.link == invoice.document.links.get()
    transfer(invoice, invoice.gross)
    business.run_clockwork()
    subjects()
    assert live(business, 60) == []
    business.check_books()


def test_what_is_paid_before_the_day_is_not_reminded_of(business: Business) -> None:
    business.run_clockwork()
    invoice = business.send_invoice()
    live(business, 36)
    transfer(invoice, invoice.gross)
    live(business, 1)
    assert [row.days for row in Reminder.objects.order_by("days")] == [-3]


def test_a_payment_between_writing_and_sending_stops_the_letter(business: Business) -> None:
    business.run_clockwork()
    invoice = business.send_invoice()
    live(business, 36)
    business.clock.advance(days=1)
    with outbox.left_to_the_clockwork():
        assert sweep.run(now=ports.now()) == 1
    transfer(invoice, invoice.gross)
    subjects()
    business.run_clockwork()
    assert not [subject for subject in subjects() if subject.startswith("Rappel")]
    assert Reminder.objects.get(days=7).reason == "paid"


def test_three_invoices_of_one_customer_come_in_one_letter_whose_links_open(business: Business) -> None:
    business.run_clockwork()
    customer = factories.make_customer()
    three = [business.send_invoice(customer=customer, title=title) for title in ("Un", "Deux", "Trois")]
    live(business, 36)
    business.clock.advance(days=1)
    business.run_clockwork()
    (message,) = mail.outbox
    assert message.subject.replace("\u00a0", " ") == "Rappel : 3 factures, 4 320,00 €"
    together, *urls = [line for line in message.body.splitlines() if "/l/" in line]
    assert len({together, *urls}) == 4
    page = business.customer.get(together.split("localhost")[-1], follow=True).content.decode()
    assert all(invoice.number in page for invoice in three)
    for url, invoice in zip(urls, three, strict=True):
        page = business.customer.get(url.split("localhost")[-1], follow=True)
        assert invoice.number in page.content.decode()


def test_the_owner_writes_another_text_and_it_is_sent(business: Business) -> None:
    business.run_clockwork()
    seller = factories.seller_of_default_site()
    step = seller.reminder_steps.get(days=7)
    template = reminders.step_template(step, Tone(step.tone))
    said = Said(
        "Et {{ number }} ?", "Bonjour {{ customer }},\n\n{{ amount_due }} depuis {{ days_late }} jours.\n\n#LINK"
    )
    letter_words.keep(seller=seller, template=template, language="fr", said=said, by=None, now=ports.now())
    business.send_invoice()
    live(business, 36)
    business.clock.advance(days=1)
    business.run_clockwork()
    (message,) = mail.outbox
    assert message.subject == "Et TEST-F2026-0001 ?"
    assert "1 440,00 € depuis 7 jours." in message.body.replace("\u00a0", " ")
    assert "/l/" in message.body


def bulk(client: Client, method: str, *chosen: Invoice, **data: Any) -> Any:
    query = "&".join(f"id={invoice.pk}" for invoice in chosen)
    url = reverse("wagtail_bulk_action", args=("wagtail_payments", "invoice", "remind"))
    return getattr(client, method)(f"{url}?{query}", data) if method == "post" else client.get(f"{url}?{query}")


def test_an_editor_reminds_from_the_list(business: Business, client: Client) -> None:
    business.run_clockwork()
    late = business.send_invoice()
    paid = business.send_invoice()
    transfer(paid, paid.gross)
    business.clock.advance(days=40)
    editor = Client()
    editor.force_login(factories.make_editor())
    subjects()
    page = bulk(editor, "get", late, paid).content.decode()
    assert "One e-mail goes out" in page
    assert f"{paid.number} · Librairie du Canal: Nothing is due any more" in page
    form_key = page.split('name="form_key" value="')[1].split('"')[0]
    for _click in range(2):
        bulk(editor, "post", late, paid, form_key=form_key)
    assert [subject for subject in subjects() if "Rappel" in subject] == [
        "Rappel : facture TEST-F2026-0001, 1 440,00 €"
    ]
    assert live(business, 1) == []


def test_reminded_promised_and_paid(business: Business) -> None:
    """A polite reminder, a day named by the customer and missed, a firm one, another day, and the money on it."""
    business.run_clockwork()
    invoice = business.send_invoice(customer=factories.make_customer(language="en"))
    type(invoice.seller).objects.filter(pk=invoice.seller_id).update(promise_days=60)
    live(business, 36)
    (polite,) = live(business, 1)
    assert polite.startswith("Reminder: invoice")

    promise(business, invoice, days=20)
    assert business.status(invoice) is Status.PLANNED
    assert reminders_in(live(business, 20)) == []
    (firm,) = live(business, 1)
    assert firm == "Overdue for 28 days: invoice TEST-F2026-0001, €1,440.00"
    assert [row.end for row in Promise.objects.all()] == ["broken"]

    promise(business, invoice, days=5)
    live(business, 4)
    business.open_link(invoice)
    attempt = business.start_paying(invoice)
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    assert business.status(invoice) is Status.PAID
    live(business, 1)
    assert [row.end for row in Promise.objects.order_by("pk")] == ["broken", "kept"]
    assert reminders_in(live(business, 60)) == []
    assert [(row.days, row.state) for row in Reminder.objects.order_by("days")] == [
        (-3, "written"),
        (7, "written"),
        (21, "written"),
    ]
    business.check_books()


def reminders_in(subjects: list[str]) -> list[str]:
    """Those to the customer, and none to the seller."""
    return [subject for subject in subjects if subject.startswith(("Soon due", "Reminder", "Overdue"))]


def promise(business: Business, invoice: Invoice, days: int) -> None:
    """The customer names a day on the invoice's page."""
    day = invoice.seller.today(ports.now()) + timedelta(days)
    promises.make(invoice_id=invoice.pk, planned_on=day, by=None, by_customer=True, now=ports.now())
