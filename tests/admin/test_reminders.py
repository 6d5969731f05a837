"""Reminders in the admin: steps, the words of letters, the desk of an invoice, the list, the book of those in doubt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from wagtail_payments import ports
from wagtail_payments.actions import invoices, letter_words, payments, reminder_series, reminders, renditions
from wagtail_payments.admin import letter_words as pages
from wagtail_payments.admin.places_of_books import book_url, list_url, verb_url
from wagtail_payments.mail import outbox, templates
from wagtail_payments.mail.templates import Said, Template
from wagtail_payments.models import Invoice, Letter, LetterWords, Reminder, ReminderMute, Seller
from wagtail_payments.testing import SimulatedCrash, crash_at

pytestmark = pytest.mark.django_db(transaction=True)
Issued = Callable[..., Invoice]


@pytest.fixture
def boss(db: None) -> Client:
    client = Client()
    client.force_login(factories.make_superuser())
    return client


@pytest.fixture
def seller(db: None, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Seller:
    monkeypatch.setattr(renditions, "draw_after_commit", lambda document, now: None)
    seller = factories.settle_site().seller
    reminders.run(now=ports.now())
    return seller


@pytest.fixture
def issued(seller: Seller) -> Issued:
    def issue(**fields: Any) -> Invoice:
        return invoices.issue(invoice_id=factories.make_invoice(**fields).pk, by=None, now=ports.now())

    return issue


def text_of(answer: HttpResponse) -> str:
    return BeautifulSoup(answer.content, "html.parser").get_text(" ", strip=True)


def typed(page: HttpResponse) -> dict[str, Any]:
    """Return what a browser would post of the form in the page as it stands."""
    form = next(form for form in BeautifulSoup(page.content, "html.parser").select("main form") if form.select("input"))
    data: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name, kind = field["name"], field.get("type")
        if kind in ("checkbox", "radio"):
            if field.has_attr("checked"):
                data[name] = field.get("value", "on")
        elif field.name == "select":
            chosen = field.select_one("option[selected]")
            data[name] = chosen["value"] if chosen else ""
        else:
            data[name] = field.get_text() if field.name == "textarea" else field.get("value", "")
    return data


def days_of(seller: Seller) -> list[tuple[int, str, bool]]:
    return list(seller.reminder_steps.order_by("days").values_list("days", "tone", "is_on"))


class TestSteps:
    def url(self, seller: Seller) -> str:
        return reverse("wagtail_payments_seller:reminders", args=[seller.pk])

    def test_the_usual_three_stand_there_and_looking_makes_nothing(self, boss: Client, clock: Any) -> None:
        seller = factories.settle_site().seller
        page = boss.get(self.url(seller))
        data = typed(page)
        assert [data[f"steps-{number}-days"] for number in range(4)] == ["3", "7", "21", ""]
        assert data["steps-0-side"] == "before"
        assert reminder_series.series_of(seller) is None
        boss.post(self.url(seller), data)
        assert days_of(seller) == [(-3, "notice", True), (7, "polite", True), (21, "firm", True)]

    def test_saving_without_a_change_changes_nothing(self, boss: Client, seller: Seller) -> None:
        before = list(seller.reminder_steps.values())
        boss.post(self.url(seller), typed(boss.get(self.url(seller))))
        assert list(seller.reminder_steps.values()) == before

    def test_a_step_is_moved_one_taken_away_and_one_added(self, boss: Client, seller: Seller) -> None:
        data = typed(boss.get(self.url(seller)))
        data |= {"steps-1-days": "10", "steps-2-DELETE": "on", "steps-3-days": "30", "steps-3-tone": "firm"}
        boss.post(self.url(seller), data)
        assert days_of(seller) == [(-3, "notice", True), (10, "polite", True), (30, "firm", True)]

    def test_what_makes_no_sense_is_said_and_nothing_typed_is_lost(self, boss: Client, seller: Seller) -> None:
        data = typed(boss.get(self.url(seller))) | {"steps-1-days": "21"}
        answer = boss.post(self.url(seller), data)
        assert "Two reminders stand on the same day" in text_of(answer)
        assert typed(answer)["steps-1-days"] == "21"
        data = typed(boss.get(self.url(seller))) | {"steps-1-days": "soon"}
        answer = boss.post(self.url(seller), data)
        assert answer.status_code == 200
        assert typed(answer)["steps-1-days"] == "soon"
        assert len(days_of(seller)) == 3

    def test_switched_off(self, boss: Client, seller: Seller) -> None:
        data = typed(boss.get(self.url(seller)))
        data.pop("is_on")
        boss.post(self.url(seller), data)
        series = reminder_series.series_of(seller)
        assert series is not None
        assert not series.policy.is_on

    def test_a_step_of_another_seller_is_not_taken_over(self, boss: Client, seller: Seller) -> None:
        other = factories.make_seller(name="Other")
        reminder_series.begin(seller=other, now=ports.now())
        data = typed(boss.get(self.url(seller))) | {"steps-0-key": str(other.reminder_steps.get(days=7).pk)}
        boss.post(self.url(seller), data)
        assert len(days_of(other)) == 3
        assert len(days_of(seller)) == 3


def kinds_of(seller: Seller) -> list[Template]:
    return [template for section in pages.sections_of(seller) for template in section.kinds]


class TestWords:
    def url(self, seller: Seller, name: str = "edit", key: str = "receipt", language: str = "en") -> str:
        return reverse(f"wagtail_payments_seller:words_{name}", args=[seller.pk, key, language])

    def test_every_kind_is_listed_with_a_way_to_each_language(self, boss: Client, seller: Seller) -> None:
        page = boss.get(reverse("wagtail_payments_seller:words", args=[seller.pk]))
        for name in ("Receipt", "Credit note", "Registration confirmed", "Reminder 7 days after the due date"):
            assert name in text_of(page)
        for template in kinds_of(seller):
            for language in ("en", "fr"):
                assert self.url(seller, "edit", template.key, language) in page.content.decode()

    def test_every_kind_opens_with_its_words_and_a_preview_in_both_languages(
        self, boss: Client, seller: Seller
    ) -> None:
        for template in kinds_of(seller):
            for language in ("en", "fr"):
                page = boss.get(self.url(seller, "edit", template.key, language))
                assert page.status_code == 200, template.key
                said = templates.built_in(template, language)
                data = typed(page)
                assert (data["subject"], data["text"].strip()) == (said.subject, said.text), template.key
                assert template.unknown(said) == ([], []), template.key
                shown = BeautifulSoup(page.content, "html.parser").select_one("iframe[srcdoc]")["srcdoc"]
                assert "{{" not in BeautifulSoup(shown, "html.parser").get_text(), template.key
                assert seller.name in shown

    def test_own_words_are_kept_used_and_taken_back(self, boss: Client, issued: Issued, seller: Seller) -> None:
        words = {"subject": "Thanks for {{ amount }}", "text": "Dear {{ customer }},\n\nmerci!\n\n#LINK"}
        boss.post(self.url(seller), words)
        assert LetterWords.objects.get().key == "receipt"
        invoice = issued(language="en")
        pay(invoice)
        letter = Letter.objects.get(kind="receipt")
        assert letter.subject.replace("\u00a0", " ") == "Thanks for €1,440.00"
        assert "\n\nDear Nadia Ferrand,\n\nmerci!\n\nSee the receipt: {{ link }}" in letter.text
        assert "your words" in text_of(boss.get(reverse("wagtail_payments_seller:words", args=[seller.pk])))
        assert "are deleted" in text_of(boss.get(self.url(seller, "restore")))
        assert LetterWords.objects.exists()
        boss.post(self.url(seller, "restore"))
        assert not LetterWords.objects.exists()
        assert not Seller.objects.get().has_own_words
        assert typed(boss.get(self.url(seller)))["subject"].startswith("Receipt {{ number }}")

    def test_words_of_one_language_leave_the_other_alone(self, issued: Issued, seller: Seller) -> None:
        template = templates.find("receipt")
        assert template is not None
        keep(seller, "receipt", "Only English", "Hello")
        assert templates.said(template, seller=Seller.objects.get(), language="fr").subject != "Only English"
        assert templates.said(template, seller=Seller.objects.get(), language="en-gb").subject == "Only English"

    def test_the_built_in_words_are_never_stored(self, boss: Client, seller: Seller) -> None:
        boss.post(self.url(seller), typed(boss.get(self.url(seller))))
        assert not LetterWords.objects.exists()

    @pytest.mark.parametrize(
        ("field", "text", "named"),
        [
            ("text", "{{ nummer }} #LIEN", "{{ nummer }}, #LIEN"),
            ("subject", "{{ link }}", "{{ link }}"),
            ("text", "{{ days_late }}", "{{ days_late }}"),
        ],
    )
    def test_unknown_placeholders_are_flagged_by_name(
        self, field: str, text: str, named: str, boss: Client, seller: Seller
    ) -> None:
        answer = boss.post(self.url(seller), {"subject": "S", "text": "T"} | {field: text})
        assert f"Nothing is known to put in the place of {named}" in text_of(answer)
        assert text in typed(answer)[field]
        assert not LetterWords.objects.exists()

    def test_the_preview_changes_nothing_and_trusts_nothing(self, boss: Client, seller: Seller) -> None:
        typed_in = {"subject": "<b>S</b> {{ amount }}", "text": "<script>alert(1)</script> {{ nope }} {% now 'Y' %}"}
        answer = boss.post(self.url(seller, "preview"), typed_in)
        content = answer.content.decode()
        assert "&lt;b&gt;S&lt;/b&gt; €240.00" in content.replace("\u00a0", " ")
        assert "<script>" not in content
        assert "&lt;script&gt;" not in content, "inside the letter it is escaped twice: once there, once in the frame"
        assert "in the place of {{ nope }}" in content
        assert answer["Content-Security-Policy"] == "sandbox"
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert not LetterWords.objects.exists()

    def test_words_of_another_sellers_step_are_missing(self, boss: Client, seller: Seller) -> None:
        other = factories.make_seller(name="Other")
        reminder_series.begin(seller=other, now=ports.now())
        step = other.reminder_steps.first()
        assert boss.get(self.url(seller, "edit", f"reminder_step_{step.pk}")).status_code == 404
        assert boss.get(self.url(seller, "edit", "nothing")).status_code == 404
        assert boss.get(self.url(seller, "edit", "receipt", "xx")).status_code == 404

    def test_an_editor_begins_with_the_owners_words_for_an_invoice(
        self, boss: Client, issued: Issued, seller: Seller
    ) -> None:
        keep(seller, "invoice_online", "Mine {{ number }}", "My text")
        page = boss.get(reverse("wagtail_payments_invoice:compose", args=[issued(language="en").pk]))
        assert typed(page)["subject"] == "Mine {{ number }}"


def keep(seller: Seller, key: str, subject: str, text: str) -> None:
    template = templates.find(key)
    assert template is not None
    letter_words.keep(
        seller=seller, template=template, language="en", said=Said(subject, text), by=None, now=ports.now()
    )


def pay(invoice: Invoice) -> None:
    payments.record(
        invoice=invoice,
        amount=invoice.gross,
        method="transfer",
        received_on=invoice.seller.today(ports.now()),
        reference="VIR",
        by=None,
        now=ports.now(),
        form_key=ports.new_id(),
    )


def desk(client: Client, invoice: Invoice) -> str:
    return text_of(client.get(reverse("wagtail_payments_invoice:desk", args=[invoice.pk])))


class TestDesk:
    def test_it_says_what_was_sent_and_what_comes(self, boss: Client, issued: Issued, clock: Any) -> None:
        invoice = issued(language="en")
        assert "Next one on April 12, 2026." in desk(boss, invoice)
        clock.advance(days=27)
        reminders.run(now=ports.now())
        assert "Reminder 1 sent on April 12, 2026. Next one on April 22, 2026." in desk(boss, invoice)
        clock.advance(days=40)
        reminders.run(now=ports.now())
        told = desk(boss, invoice)
        assert "No further one is planned." in told
        assert "Reminder 7 days after the due date not sent: Its day went by, and a later one was due" in told

    def test_a_paid_one_says_nothing_of_reminders(self, boss: Client, issued: Issued) -> None:
        invoice = issued()
        pay(invoice)
        assert "Next one on" not in desk(boss, invoice)

    def test_a_reminder_by_hand_is_shown_and_then_sent(self, boss: Client, issued: Issued, clock: Any) -> None:
        invoice = issued(language="en")
        clock.advance(days=40)
        url = reverse("wagtail_payments_invoice:remind", args=[invoice.pk])
        page = boss.get(url)
        assert "One e-mail goes to nadia@librairie.example" in text_of(page)
        assert "slipped your attention" in page.content.decode()
        assert mail.outbox == []
        data = typed(page)
        firm = invoice.seller.reminder_steps.get(days=21).pk
        assert "In spite of our reminder" in boss.post(url, data | {"step": firm}).content.decode()
        assert mail.outbox == []
        for _click in range(2):
            boss.post(url, data | {"step": firm, "send": "1"})
        (message,) = mail.outbox
        assert message.subject.startswith("Overdue for 10 days")

    def test_muting_and_reminding_all_the_same(self, boss: Client, issued: Issued, clock: Any) -> None:
        invoice = issued()
        clock.advance(days=40)
        mute = reverse("wagtail_payments_invoice:mute", args=[invoice.pk])
        boss.get(mute)
        assert not ReminderMute.objects.exists()
        boss.post(mute, {"whose": "customer"})
        assert ReminderMute.objects.get().customer_id == invoice.customer_id
        told = desk(boss, invoice)
        assert "None will be sent: reminders are switched off." in told
        assert "Reminders switched off" in told
        url = reverse("wagtail_payments_invoice:remind", args=[invoice.pk])
        data = typed(boss.get(url)) | {"send": "1"}
        assert "No reminder was sent: reminders are switched off." in text_of(boss.post(url, data, follow=True))
        boss.post(url, data | {"despite_mute": "on"})
        assert len(mail.outbox) == 1
        boss.post(mute, {"whose": ""})
        assert not ReminderMute.objects.exists()

    def test_what_can_not_be_reminded_of_says_why(self, boss: Client, issued: Issued) -> None:
        invoice = issued()
        pay(invoice)
        answer = boss.get(reverse("wagtail_payments_invoice:remind", args=[invoice.pk]), follow=True)
        assert "No reminder was sent: nothing is due any more." in text_of(answer)
        draft = factories.make_invoice()
        answer = boss.get(reverse("wagtail_payments_invoice:remind", args=[draft.pk]), follow=True)
        assert "No reminder was sent: draft." in text_of(answer)


class TestList:
    def test_as_many_questions_for_twenty_as_for_five(self, boss: Client, issued: Issued, clock: Any) -> None:
        made = [issued() for _each in range(20)]
        clock.advance(days=40)
        url = reverse("wagtail_bulk_action", args=("wagtail_payments", "invoice", "remind"))
        asked = []
        for count in (5, 5, 20):
            query = "&".join(f"id={invoice.pk}" for invoice in made[:count])
            with CaptureQueriesContext(connection) as captured:
                boss.get(f"{url}?{query}")
            asked.append(len(captured))
        assert asked[1] == asked[2]


class TestBook:
    @pytest.fixture
    def doubtful(self, issued: Issued, clock: Any) -> Reminder:
        issued(language="en")
        clock.advance(days=40)
        with outbox.left_to_the_clockwork():
            reminders.run(now=ports.now())
        with crash_at("letter.before_send"), pytest.raises(SimulatedCrash):
            outbox.deliver_due(now=ports.now())
        clock.advance(hours=1)
        outbox.deliver_due(now=ports.now())
        return Reminder.objects.get(days=7)

    def test_those_in_doubt_come_first(self, boss: Client, doubtful: Reminder, issued: Issued, clock: Any) -> None:
        issued(language="en", customer=factories.make_customer(name="Zed"))
        clock.advance(days=40)
        reminders.run(now=ports.now())
        told = text_of(boss.get(list_url(Reminder)))
        assert told.index("Perhaps not sent") < told.index("Zed")

    def test_send_it_now(self, boss: Client, doubtful: Reminder) -> None:
        page = text_of(boss.get(book_url(doubtful)))
        assert "Send it now" in page
        assert "It was sent" in page
        assert "The reminder is on its way." in text_of(boss.post(verb_url(doubtful, "send"), follow=True))
        assert len(mail.outbox) == 1
        assert "in doubt" in text_of(boss.post(verb_url(doubtful, "send"), follow=True))
        assert len(mail.outbox) == 1

    def test_send_it_now_after_it_was_paid(self, boss: Client, doubtful: Reminder) -> None:
        pay(doubtful.invoice)
        mail.outbox.clear()
        answer = boss.post(verb_url(doubtful, "send"), follow=True)
        assert "It was not sent: Nothing is due any more." in text_of(answer)
        assert mail.outbox == []

    def test_it_was_sent(self, boss: Client, doubtful: Reminder) -> None:
        assert "Noted: it was sent." in text_of(boss.post(verb_url(doubtful, "arrived"), follow=True))
        assert mail.outbox == []
        assert "Said to have arrived" in desk(boss, doubtful.invoice)

    def test_the_book_of_letters_does_not_send_it_again(self, boss: Client, doubtful: Reminder) -> None:
        assert doubtful.letter is not None
        assert "Send again" not in text_of(boss.get(book_url(doubtful.letter)))
        answer = boss.post(verb_url(doubtful.letter, "resend"), follow=True)
        assert "A reminder is sent once" in text_of(answer)
        assert mail.outbox == []
