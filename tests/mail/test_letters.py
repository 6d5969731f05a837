"""Letters: in the reader's language, exact, and harmless whatever people are called."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.utils import translation

from tests import factories
from tests.mail.conftest import NOW, draw, issue, issued_document, write
from wagtail_payments.core.snapshot import MoneyMoved, Share
from wagtail_payments.core.totals import DiscountTooLarge
from wagtail_payments.mail import letters, links, outbox
from wagtail_payments.mail.addresses import AddressRefused
from wagtail_payments.models import (
    CreditNote,
    Invoice,
    IssuedDocument,
    Letter,
    Link,
    Payment,
    Refund,
)

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\" style='x'"


def pay(invoice: Invoice, **fields: Any) -> Payment:
    values: dict[str, Any] = {"method": "card", "card": "Visa 4242", "amount": 24000, "fee": 385, "gateway": "stripe"}
    payment = Payment(
        seller=invoice.seller,
        customer=invoice.customer,
        mode="live",
        received_on=NOW.date(),
        received_at=NOW,
        currency="EUR",
        **values | fields,
    )
    payment.save()
    return payment


def receipt_of(invoice: Invoice, payment: Payment, kind: str = "receipt", **fields: Any) -> IssuedDocument:
    moved = MoneyMoved("2026-11-15", payment.method, "", (Share(invoice.number, "2026-11-15", payment.amount),))
    values = {"gross": payment.amount, "moved": moved}
    document = issued_document(invoice, fields.pop("number", "R2026-0001"), kind=kind, **values | fields)
    draw(document)
    return document


def refund_of(payment: Payment, **fields: Any) -> Refund:
    values = {"gateway": "stripe", "kind": "overpayment", "mode": "live", "amount": 5000, "currency": "EUR"}
    return Refund.objects.create(
        payment=payment, state="succeeded", idempotency_key="k", requested_at=NOW, **values | fields
    )


def question(invoice: Invoice, text: str, from_email: str = "nadia@librairie.example") -> Letter:
    document = IssuedDocument.objects.get(pk=invoice.document_id)
    return letters.question(document=document, link=document.links.get(), text=text, from_email=from_email, now=NOW)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_subject_says_who_what_how_much_and_until_when(english: Invoice) -> None:
    letter = write(english)
    assert letter.subject == "Invoice F2026-0042 from Atelier Garonne: €240.00 due December 15, 2026"


def test_an_english_letter_reads_well_as_plain_text(english: Invoice) -> None:
    assert plain(write(english).text) == (
        "Hello Nadia Ferrand,\n\n"
        "Here is your invoice F2026-0042: €240.00 to pay by December 15, 2026. It is attached as a PDF.\n\n"
        "You can read it and pay it online, without an account:\n\n"
        "Pay your invoice online: {{ link }}\n\n"
        "Do you have a question? Simply reply to this e-mail.\n\n"
        "Kind regards\nAtelier Garonne\n\n"
        "Invoice: F2026-0042\nSubject: Bookbinding\nTotal: €240.00\nDue on: December 15, 2026\n\n"
        "--\nAtelier Garonne\n+33 5 61 00 00 00\nbonjour@atelier.example\n"
    )


def test_a_french_letter_writes_amounts_and_dates_the_french_way_whatever_the_editors_language(french: Invoice) -> None:
    with translation.override("en"):
        letter = write(french)
    assert letter.language == "fr"
    assert "1 240,50 €" in plain(letter.text)
    assert "15 décembre 2026" in letter.text
    assert 'lang="fr"' in letter.html


def test_the_html_has_one_button_where_the_editor_put_the_link(english: Invoice) -> None:
    html = write(english, text="Before\n\n#LINK\n\nAfter").html
    assert html.count('class="wp-button"') == 1
    assert html.index("Before") < html.index('class="wp-button"') < html.index("After")
    assert "Pay €240.00" in plain(html)


@pytest.mark.parametrize("text", ["No link at all", "Inside #LINK a sentence", "Open {{ link }} now"])
def test_a_letter_always_has_a_button_and_the_address_in_full(english: Invoice, text: str) -> None:
    letter = write(english, text=text)
    assert letter.html.count('class="wp-button"') == 1
    assert letter.html.count(">{{ link }}<") >= 1
    assert letter.text.count("{{ link }}") == 1


def test_nothing_in_a_letter_is_fetched_from_anywhere(english: Invoice) -> None:
    html = write(english).html
    assert not re.search(r"<img|<link|<script|url\(|src=|@import", html)
    assert set(re.findall(r'href="([^"]*)"', html)) == {"{{ link }}"}


def test_an_invoice_that_is_not_paid_online_asks_to_read_and_not_to_pay(db: None) -> None:
    invoice = factories.make_invoice(customer=factories.make_customer(language="en"), online_payment=False)
    issue(invoice)
    letter = write(invoice)
    assert "See the invoice" in letter.html
    assert "See your invoice online: {{ link }}" in letter.text
    assert "pay it online" not in letter.text


def test_a_paid_invoice_asks_for_nothing(english: Invoice) -> None:
    english.allocations.create(payment=pay(english), amount=24000, at=NOW)
    letter = write(english)
    assert plain(letter.subject) == "Invoice F2026-0042 from Atelier Garonne: €240.00, paid"
    assert "Pay €" not in letter.html
    assert "Due on" not in letter.text


def test_a_partly_paid_invoice_asks_for_the_rest(english: Invoice) -> None:
    english.allocations.create(payment=pay(english, amount=4000), amount=4000, at=NOW)
    letter = write(english)
    assert "Pay €200.00" in plain(letter.html)
    assert "Still to pay: €200.00" in plain(letter.text)


def test_a_test_invoice_says_so_on_top(db: None) -> None:
    invoice = factories.make_invoice(customer=factories.make_customer(language="en"))
    issue(invoice, "TEST-F2026-0001", mode="test")
    assert write(invoice).text.startswith("* This is a test.")


def test_copies_go_to_whom_the_editor_named_once_each(english: Invoice) -> None:
    cc = ["compta@librairie.example", "COMPTA@librairie.example", "nadia@librairie.example", " "]
    assert write(english, cc=cc).cc == ["compta@librairie.example"]


def test_names_and_texts_are_text_and_never_markup(db: None) -> None:
    seller = factories.make_seller(name="Atelier & " + MARKUP[:40], language="en")
    customer = factories.make_customer(language="en", name=MARKUP, contact_name=MARKUP)
    invoice = factories.make_invoice(seller=seller, customer=customer, title=MARKUP)
    issue(invoice)
    letter = write(invoice, text="{{ customer }} {{ title }} <b>bold</b>")
    payment = pay(invoice)
    receipt = letters.receipt(document=receipt_of(invoice, payment), payment=payment, now=NOW)
    asked = question(invoice, MARKUP)
    assert receipt is not None
    for html in (letter.html, receipt.html, asked.html):
        assert "<script>" not in html
        assert "<img" not in html
        assert "<b>" not in html
        assert "&lt;script&gt;" in html
    assert "<script>" in letter.text, "plain text shows what was typed"
    assert "&lt;" not in letter.text


@pytest.mark.parametrize("name", ["{{ link }}", "{{link}}", "#LINK", "{{ seller }}"])
def test_a_customer_called_like_a_placeholder_gets_no_second_link(db: None, name: str) -> None:
    customer = factories.make_customer(language="en", name=name, contact_name=name)
    invoice = factories.make_invoice(customer=customer, title=name)
    issue(invoice)
    letter = write(invoice, text="Hello {{ customer }}: {{ title }}\n\n#LINK")
    outbox.deliver(letter_id=letter.pk, now=NOW)
    url = links.url_of(Link.objects.select_related("site").get())
    (message,) = mail.outbox
    assert message.body.count(url) == 1
    assert message.alternatives[0][0].count(url) == 3
    assert message.body.replace("\u2060", "").count(name) >= 2


def test_a_template_in_an_editors_text_is_not_run(english: Invoice) -> None:
    letter = write(english, text="{% debug %} {{ seller.iban }} {{ settings.SECRET_KEY }}")
    assert "{% debug %} {{ seller.iban }} {{ settings.SECRET_KEY }}" in letter.text


def test_a_line_break_in_a_subject_or_a_name_makes_no_header(db: None) -> None:
    customer = factories.make_customer(language="en", name="Nadia\r\nBcc: evil@example.org", contact_name="")
    invoice = factories.make_invoice(customer=customer)
    issue(invoice)
    letter = write(invoice, subject="For {{ customer }}\r\nBcc: evil@example.org")
    outbox.deliver(letter_id=letter.pk, now=NOW)
    (message,) = mail.outbox
    assert message.subject == "For Nadia Bcc: evil@example.org Bcc: evil@example.org"
    assert "Bcc" not in message.message()
    assert message.recipients() == ["nadia@librairie.example"]


def test_very_long_texts_fit(db: None) -> None:
    customer = factories.make_customer(language="en", contact_name="N" * 200)
    invoice = factories.make_invoice(customer=customer, title="T" * 200)
    issue(invoice)
    letter = write(invoice, subject="{{ customer }}" * 50, text="{{ title }}" * 500)
    assert len(letter.subject) == 300


def test_a_test_letter_goes_to_the_editor_alone_and_says_that_it_is_one(english: Invoice) -> None:
    editor = factories.make_editor(email="editor@atelier.example")
    letter = letters.test(invoice=english, to=editor.email, subject="Hello", text="#LINK", by=editor, now=NOW)
    outbox.deliver(letter_id=letter.pk, now=NOW)
    (message,) = mail.outbox
    assert message.recipients() == ["editor@atelier.example"]
    assert message.subject == "Test: Hello"
    assert message.body.startswith("* A test: only you got this letter.")
    assert links.url_of(Link.objects.select_related("site").get()) in message.body
    assert [attachment[0] for attachment in message.attachments] == ["F2026-0042.pdf"]


def test_the_test_of_a_draft_takes_no_number_and_its_link_opens_nothing(db: None) -> None:
    draft = factories.make_invoice(customer=factories.make_customer(language="en"))
    editor = factories.make_editor()
    subject, text = letters.default_invoice_text(invoice=draft, language="en")
    letter = letters.test(invoice=draft, to=editor.email, subject=subject, text=text, by=editor, now=NOW)
    assert outbox.deliver(letter_id=letter.pk, now=NOW)
    assert "(number)" in letter.subject
    assert links.read_token("preview", now=NOW) is None
    assert not IssuedDocument.objects.exists()


def test_the_preview_of_an_unsaved_invoice_shows_its_total_and_keeps_nothing(db: None) -> None:
    invoice = factories.build_invoice(lines=[("Day", "1", "200", "20")], language="en", currency="EUR")
    subject, text = letters.default_invoice_text(invoice=invoice, language="en")
    html, twin = letters.render_preview(invoice=invoice, subject=subject, text=text)
    assert "Pay €240.00" in plain(html)
    assert "€240.00" in plain(twin)
    assert not Letter.objects.exists()
    assert not Link.objects.exists()


def test_the_preview_of_what_cannot_be_added_up_says_so(db: None) -> None:
    invoice = factories.build_invoice()
    invoice.discount_amount = Decimal(99_999)
    with pytest.raises(DiscountTooLarge):
        letters.render_preview(invoice=invoice, subject="", text="")


def test_a_receipt_is_written_once_and_encloses_its_pdf(english: Invoice) -> None:
    payment = pay(english)
    document = receipt_of(english, payment)
    first = letters.receipt(document=document, payment=payment, now=NOW)
    assert letters.receipt(document=document, payment=payment, now=NOW) == first
    assert first is not None
    outbox.deliver(letter_id=first.pk, now=NOW)
    (message,) = mail.outbox
    assert plain(message.subject) == "Receipt R2026-0001 from Atelier Garonne: €240.00"
    assert "We have received your payment of €240.00 (card, November 15, 2026). Thank you!" in plain(message.body)
    assert [attachment[0] for attachment in message.attachments] == ["R2026-0001.pdf"]
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_nobody_is_written_to_where_no_address_is_known(english: Invoice) -> None:
    english.customer.email = ""
    english.customer.save()
    payment = pay(english)
    assert letters.receipt(document=receipt_of(english, payment), payment=payment, now=NOW) is None
    assert not Letter.objects.exists()


def test_the_owner_gets_a_copy_in_their_own_language_and_can_reply_to_the_customer(english: Invoice) -> None:
    english.seller.copy_to, english.seller.language = "owner@atelier.example", "en"
    english.seller.save()
    payment = pay(english)
    letter = letters.owner_paid(document=receipt_of(english, payment), payment=payment, now=NOW)
    assert (letter.to, letter.reply_to) == (["owner@atelier.example"], "nadia@librairie.example")
    assert plain(letter.subject) == "Canal Books has paid €240.00 (F2026-0042)"
    assert "Fee: €3.85" in plain(letter.text)
    assert letters.owner_paid(document=letter.document, payment=payment, now=NOW) == letter


def test_the_owners_copy_holds_no_link_of_the_customer(english: Invoice) -> None:
    payment = pay(english)
    letter = letters.owner_paid(document=receipt_of(english, payment), payment=payment, now=NOW)
    assert letter.link is None
    assert "{{ link }}" not in letter.text + letter.html


@pytest.mark.parametrize(
    ("gateway", "card", "words"),
    [
        ("stripe", "Visa 4242", "back to your card (Visa 4242)"),
        ("stripe", "", "back the way you paid"),
        ("manual", "", "We have paid €50.00 back to you."),
    ],
)
def test_a_refund_says_where_the_money_goes(english: Invoice, gateway: str, card: str, words: str) -> None:
    payment = pay(english, card=card)
    refund = refund_of(payment, gateway=gateway)
    document = receipt_of(english, payment, kind="refund_receipt", gross=5000)
    letter = letters.refund_receipt(document=document, refund=refund, now=NOW)
    assert letter is not None
    assert words in plain(letter.text)
    told = letters.owner_refunded(document=document, refund=refund, now=NOW)
    assert "50" in told.subject


def test_a_credit_note_names_its_invoice_and_its_reason(english: Invoice) -> None:
    document = issued_document(english, "A2026-0001", kind="credit_note", gross=6000)
    draw(document)
    CreditNote(
        seller=english.seller,
        invoice=english,
        document=document,
        mode="live",
        reason="Half a day less",
        currency="EUR",
        net=5000,
        tax=1000,
        gross=6000,
    ).save()
    letter = letters.credit_note(
        document=document, link=document.links.get(), customer=english.customer, by=None, now=NOW
    )
    assert letter is not None
    assert "lowers invoice F2026-0042 by €60.00" in plain(letter.text)
    assert "Reason: Half a day less" in letter.text


def test_a_payment_that_failed_offers_to_try_again(english: Invoice) -> None:
    attempt = factories.make_attempt(
        english,
        mode="live",
        amount=24000,
        idempotency_key="a",
        created_at=NOW,
    )
    letter = letters.payment_failed(attempt=attempt, now=NOW)
    assert letter is not None
    assert letter.subject == "Your payment for invoice F2026-0042 did not go through"
    assert "Pay €240.00" in plain(letter.html)
    assert letter.enclosed.count() == 0
    assert letters.payment_failed(attempt=attempt, now=NOW) == letter


def test_a_question_reaches_the_seller_and_the_answer_the_customer(english: Invoice) -> None:
    english.seller.language = "en"
    english.seller.save()
    letter = question(english, "Is lunch included?\r\n\r\nThank you.\nNadia")
    assert (letter.to, letter.reply_to) == (["bonjour@atelier.example"], "nadia@librairie.example")
    assert letter.subject == "Question about F2026-0042 from Canal Books"
    assert "Is lunch included?\n\nThank you.\nNadia" in letter.text


@pytest.mark.parametrize("address", ["a@b.example\nBcc: c@d.example", "a@b.example,c@d.example", "nobody", ""])
def test_a_question_from_no_address_is_refused(english: Invoice, address: str) -> None:
    with pytest.raises(AddressRefused):
        question(english, "Hello", address)


@pytest.mark.parametrize("text", ["{{ link }}", "#LINK {{ number }}", "\x00{{ link }}"])
def test_a_question_brings_no_link_and_expands_nothing(english: Invoice, text: str) -> None:
    letter = question(english, text)
    outbox.deliver(letter_id=letter.pk, now=NOW)
    (message,) = mail.outbox
    assert "/payments/l/" not in message.body + message.alternatives[0][0]
    assert "F2026-0042:" not in message.body.split("asks about")[0]


def test_a_host_lays_out_one_kind_of_letter_in_its_own_way(english: Invoice, settings: Any) -> None:
    own = {
        "wagtail_payments/letters/invoice.txt": "OWN {{ words.subject }}",
        "wagtail_payments/letters/invoice.html": (
            '{% extends "wagtail_payments/letters/letter.html" %}{% block head %}OWN HEAD{% endblock %}'
        ),
    }
    loaders = [
        ("django.template.loaders.locmem.Loader", own),
        "django.template.loaders.app_directories.Loader",
    ]
    first = settings.TEMPLATES[0]
    settings.TEMPLATES = [
        first | {"APP_DIRS": False, "OPTIONS": first["OPTIONS"] | {"loaders": loaders}},
    ]
    letter = write(english)
    assert letter.text.startswith("OWN Invoice")
    assert "OWN HEAD" in letter.html
    assert "OWN" not in question(english, "Hello").html
