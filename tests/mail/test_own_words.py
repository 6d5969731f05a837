"""Own words in letters about quotes, deposits and revisions: used as written, and never without what must be said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.core import mail

from tests import factories
from tests.actions.signers import HERE, proven, sent_quote, sign
from wagtail_payments.actions import invoices, letter_words, proformas, revisions, signed_papers, withdrawals
from wagtail_payments.core.lifecycle import InvoiceKind
from wagtail_payments.mail import codes, letters, outbox, templates
from wagtail_payments.mail import quotes as quote_letters
from wagtail_payments.mail.templates import Said
from wagtail_payments.models import Letter, Quote, QuoteQuestion, Seller, SigningCode

pytestmark = pytest.mark.django_db
BARE = "Dear {{ customer }},\n\nnothing but this."


@pytest.fixture
def seller() -> Seller:
    return factories.seller_of_default_site()


@pytest.fixture
def own(seller: Seller, now: datetime) -> Any:
    """Write the seller's own words for letters in English."""

    def keep(key: str, subject: str, text: str) -> None:
        template = templates.find(key)
        assert template is not None, key
        said = Said(subject, text)
        letter_words.keep(seller=seller, template=template, language="en", said=said, by=None, now=now)

    return keep


def quote_in_english(now: datetime, **fields: Any) -> Quote:
    made = sent_quote(now, **{"customer": factories.make_consumer(), "language": "en"} | fields)
    return Quote.objects.get(pk=made.pk)


def test_an_editor_begins_with_the_sellers_words_for_a_quote_and_others_for_its_next_version(
    own: Any, now: datetime
) -> None:
    own("quote", "My quote {{ number }}", BARE)
    quote = factories.make_quote(language="en")
    assert quote_letters.default_quote_text(quote=quote, language="en") == ("My quote {{ number }}", BARE)
    quote.version = 2
    assert "new version" in quote_letters.default_quote_text(quote=quote, language="en")[1]
    assert quote_letters.default_quote_text(quote=quote, language="fr")[0].startswith("Devis")


def test_the_code_arrives_though_the_words_forgot_it_and_stands_nowhere_else(own: Any, now: datetime) -> None:
    own("signing_code", "Code for {{ number }}", "Works {{ minutes }} minutes.")
    quote = quote_in_english(now)
    mail.outbox.clear()
    proven(quote, now)
    row = SigningCode.objects.get()
    letter = Letter.objects.get(kind="signing_code")
    assert codes.code_of(row) not in letter.text + letter.subject
    outbox.deliver(letter_id=letter.pk, now=now)
    message = mail.outbox[-1]
    assert message.subject == f"Code for {quote.number}"
    assert f"Works 10 minutes.\n\n{codes.code_of(row)}\n" in message.body


def test_the_code_has_no_place_in_a_subject() -> None:
    template = templates.find("signing_code")
    assert template is not None
    assert template.unknown(Said("{{ code }}", "{{ code }}")) == (["{{ code }}"], [])


def test_a_signed_quote_is_sent_with_own_words_above_what_was_signed(own: Any, now: datetime) -> None:
    own("quote_signed", "Signed: {{ title }} for {{ amount }}", "Thank you, {{ name }}, on {{ signed_on }}.\n\n#LINK")
    quote = quote_in_english(now, title="Kitchen")
    signed_papers.draw(agreement=sign(quote, proven(quote, now), now), now=now)
    letter = Letter.objects.get(kind="quote_signed")
    assert letter.subject.startswith("Signed: Kitchen for €")
    assert "Thank you, Julie Martin, on " in letter.text
    assert "Signed by: Julie Martin, Manager" in letter.text
    assert "{{ link }}" in letter.text


def test_a_withdrawal_is_acknowledged_with_content_date_and_time_whatever_the_words(own: Any, now: datetime) -> None:
    own("withdrawal", "Goodbye", "Farewell.")
    quote = quote_in_english(now)
    sign(quote, proven(quote, now), now)
    made = withdrawals.withdraw(quote_id=quote.pk, name="Julie Martin", email="julie@example.org", now=now, trace=HERE)
    letter = Letter.objects.get(kind="withdrawal")
    assert letter.subject == "Goodbye"
    assert f"Farewell.\n\n{made.statement}\n" in letter.text
    assert "Received on: " in letter.text
    assert "(Paris time)" in letter.text


def test_an_answer_keeps_its_paragraphs_and_what_was_asked(own: Any, now: datetime) -> None:
    own("quote_answer", "About {{ title }}", "Hello {{ customer }},\n\n{{ answer }}\n\nYours\n\n{{ you_asked }}")
    quote = quote_in_english(now, title="Kitchen")
    given = QuoteQuestion(quote=quote, text="Yes.\n\nIn {{ number }} May.")
    letter = quote_letters.answer(quote=quote, answer=given, to="a@b.example", asked="When?", by=None, now=now)
    assert letter.subject == "About Kitchen"
    assert "\n\nYes.\n\nIn {{ number }} May.\n\nYours\n\nYou had asked:\n\nWhen?\n" in letter.text


def test_the_words_of_a_pro_forma(own: Any, now: datetime) -> None:
    own("proforma", "Paper {{ number }}", BARE)
    draft = factories.make_invoice(customer=factories.make_customer(language="en"), language="en")
    made = proformas.send(invoice_id=draft.pk, to=["a@b.example"], by=None, now=now)
    letter = Letter.objects.get(kind="proforma")
    assert letter.subject == f"Paper {made}"
    assert "\n\nDear Nadia Ferrand,\n\nnothing but this.\n" in letter.text


@pytest.mark.parametrize(("kind", "key"), [("deposit", "invoice_deposit"), ("final", "invoice_final")])
def test_a_deposit_and_a_final_invoice_have_words_of_their_own(kind: str, key: str, own: Any) -> None:
    own("invoice_online", "Any invoice", BARE)
    draft = factories.make_invoice(language="en", kind=InvoiceKind(kind))
    subject, text = letters.default_invoice_text(invoice=draft, language="en")
    template = templates.find(f"{key}_online")
    assert template is not None
    assert (subject, text) == templates.built_in(template, "en")
    assert subject.startswith({"deposit": "Deposit invoice ", "final": "Final invoice "}[kind])
    own(f"{key}_online", "Mine", BARE)
    assert letters.default_invoice_text(invoice=draft, language="en") == ("Mine", BARE)


def test_a_kind_without_words_of_its_own_is_written_to_as_a_standard_invoice(own: Any) -> None:
    own("invoice_online", "Any invoice", BARE)
    draft = factories.make_invoice(language="en", kind=InvoiceKind.CORRECTIVE)
    assert letters.default_invoice_text(invoice=draft, language="en") == ("Any invoice", BARE)


def test_what_an_editor_adds_to_a_revision_is_sent_though_the_words_forgot_it(own: Any, now: datetime) -> None:
    own("invoice_revised", "New: {{ number }}", "{{ changes }} ({{ revision }})")
    draft = factories.make_invoice(customer=factories.make_customer(language="en"), language="en")
    invoice = invoices.issue(invoice_id=draft.pk, by=None, now=now)
    what = revisions.Changes("PO 1", "", ())
    notice = revisions.Notice(["a@b.example"], [], "As you asked.")
    revisions.revise(invoice_id=invoice.pk, changes=what, by=None, now=now, form_key="once", notice=notice)
    letter = Letter.objects.get(kind="invoice_revised")
    assert letter.subject == f"New: {invoice.number}"
    assert "the purchase order number (2)\n\nAs you asked.\n" in letter.text


def test_own_words_that_name_a_day_are_used_only_where_there_is_one(own: Any) -> None:
    own("invoice_online", "{{ number }} due {{ due_on }}", "{{ due }} to pay by {{ due_date }}. Thank you.\n\n#LINK")
    dated, undated = factories.make_invoice(due_days=30), factories.make_invoice(due_days=None)
    assert letters.default_invoice_text(invoice=dated, language="en")[1].startswith("{{ due }} to pay by")
    subject, text = letters.default_invoice_text(invoice=undated, language="en")
    assert "due_on" not in subject + text
    assert "due_date" not in subject + text
    own("invoice_online", "{{ number }}", "{{ due }} to pay. Thank you.\n\n#LINK")
    assert letters.default_invoice_text(invoice=undated, language="en")[1].startswith("{{ due }} to pay. Thank")


def test_a_quote_that_never_expires_says_no_day(now: datetime) -> None:
    quote = factories.make_quote(language="en", valid_days=None, valid_until=None)
    subject, text = quote_letters.default_quote_text(quote=quote, language="en")
    shown = quote_letters.render_preview(quote=quote, subject=subject, text=text).text
    assert "valid" not in shown
    assert "You can read and answer it online" in shown
