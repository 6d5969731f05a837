"""Sent, asked about, options chosen, proven by a code, signed: both sides get the copy with its certificate."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from pypdf import PdfReader

from tests.actions.signers import PLAN, with_options
from tests.stories.conftest import Business
from wagtail_payments import ports
from wagtail_payments.actions import evidence_packs, quote_questions
from wagtail_payments.models import Agreement, Link, Quote


def url(name: str, quote: Quote) -> str:
    return reverse(f"wagtail_payments:{name}", args=[Link.objects.get(document=quote.document).public_id])


def letters_to(address: str) -> list[Any]:
    return [letter for letter in mail.outbox if address in letter.to]


@pytest.mark.django_db(transaction=True)
def test_a_quote_is_signed(business: Business) -> None:
    quote = with_options(ports.now(), title="Formation", plan=PLAN, terms="Payable à 30 jours.")
    business.run_clockwork()
    (brought,) = letters_to(quote.customer.email)
    link = re.search(r"https?://[^/]+(/\S+/l/\S+)", brought.body)
    assert link is not None
    agent = {"user-agent": "Mozilla/5.0 Firefox/140.0"}
    page = business.customer.get(link[1], follow=True, headers=agent).content.decode()
    assert "Signer ce devis" in page

    business.customer.post(
        url("question", quote), {"question-email": "nadia@example.org", "question-text": "Le repas est-il compris ?"}
    )
    quote_questions.answer(quote_id=quote.pk, text="Oui, bien sûr.", by=None, now=ports.now())
    business.run_clockwork()
    assert "Oui, bien sûr." in letters_to("nadia@example.org")[0].body

    training, book = quote.lines.all()
    chosen = {"chosen": "1", f"q-{training.pk}": "3", f"o-{book.pk}": "on"}
    who = {"name": "Nadia Ferrand", "role": "Gérante", "email": "nadia@example.org"}
    business.customer.post(url("sign", quote), who | chosen)
    business.run_clockwork()
    code = re.search(r"^\d{6}$", letters_to("nadia@example.org")[-1].body, re.MULTILINE)
    assert code is not None
    business.clock.advance(minutes=2)
    business.customer.post(url("sign_code", quote), {"code": code[0]}, headers=agent)
    final = business.customer.get(url("sign_confirm", quote)).content.decode()
    shown = re.search(r'name="shown" value="(\w+)"', final)
    assert shown is not None
    sent = {"shown": shown[1], "typed": "bon pour accord"}
    business.customer.post(url("sign_confirm", quote), sent, headers=agent)
    business.run_clockwork()

    mine, owners = letters_to("nadia@example.org")[-1], letters_to(quote.seller.email)[-1]
    assert mine.subject.startswith("Votre devis signé")
    assert mine.attachments[0][1] == owners.attachments[0][1]
    check_the_copy(mine.attachments[0][1], Agreement.objects.get())
    assert evidence_packs.problems(Quote.objects.get(pk=quote.pk)) == []
    kinds = [step.kind for step in quote.steps.order_by("number")]
    assert kinds == ["sent", "opened", "question", "answer", "code_sent", "code_proven", "signed"]


def check_the_copy(content: bytes, agreement: Agreement) -> None:
    reader = PdfReader(io.BytesIO(content))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert agreement.gross == 163200
    for words in (
        "Signé électroniquement par Nadia Ferrand, Gérante",
        "Certificat de signature du devis",
        "Signature électronique simple",
        "Bon pour accord",
        "au premier essai",
        agreement.sha256,
        agreement.terms_sha256,
        agreement.quote.paper.sha256,
        "prouvée par le code",
        "Mozilla/5.0 Firefox/140.0",
    ):
        assert words in text, words
