"""Words that people type or paste: markup, other scripts, endless ones. Nothing breaks, runs, or is lost."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse

from tests import factories
from tests.stories.conftest import Business
from wagtail_payments.actions import renditions
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.models import Customer, Payment

MARKUP = '<script>alert(1)</script><img src=x onerror=alert(2)><pdf:insertpdf src="/etc/passwd"/>{{ 7|add:7 }}'
WORDS = {
    "markup": MARKUP,
    "right to left": "ורד־תכלת \u202eשלום مرحبا بالعالم",
    "emoji": "👩🏽‍🏫 Atelier 🎉 工房",
    "formula": '=HYPERLINK("https://evil.example","x")',
    "controls": "a\u0001b\u200bc\ufeffd",
}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS.keys())
def test_an_invoice_of_strange_words_goes_the_whole_way(business: Business, words: str) -> None:
    customer = factories.make_customer(name=words[:200], contact_name=words[:200])
    lines = [(words * (10_000 // len(words)), "1", "100.00", "20")]
    invoice = business.send_invoice(customer=customer, title=words[:200], memo=words, lines=lines)
    assert len(mail.outbox) == 1
    assert "\n" not in mail.outbox[0].subject

    page = business.open_link(invoice).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert invoice.document is not None
    assert renditions.pdf_of(document=invoice.document, now=business.clock()).startswith(b"%PDF")

    attempt = business.start_paying(invoice)
    business.sandbox.pay(attempt.session_id)
    business.deliver_webhooks()
    business.run_clockwork()
    assert business.status(invoice) is Status.PAID
    assert Payment.objects.count() == 1
    business.check_books()


HOSTILE_FIELDS = [
    {"name": "x" * 10_000},
    {"name": "a\x00b"},
    {"email": "a@b.example, c@d.example"},
    {"email": "a@b.example\nBcc: c@d.example"},
    {"cc_emails": "not an address"},
    {"siren": "123"},
    {"vat_number": "BE000"},
]


@pytest.mark.parametrize("wrong", HOSTILE_FIELDS, ids=lambda wrong: str(wrong)[:40])
def test_a_customer_form_says_what_is_wrong_and_loses_nothing(business: Business, wrong: dict[str, str]) -> None:
    business.customer.force_login(factories.make_superuser())
    typed = {"kind": "professional", "name": "Librairie du Parc", "country": "FR", "language": "fr", "city": "Albi"}
    answer = business.customer.post(reverse("wagtail_payments_customer:add"), typed | wrong)
    assert answer.status_code == 200, "the form comes back"
    assert not Customer.objects.exists()
    assert 'value="Albi"' in answer.content.decode()
    assert "error" in answer.content.decode()
