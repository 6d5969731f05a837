"""The desk of an issued invoice: its state, what can be done, what happened, the PDF and the link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.users.models import UserProfile

from tests import factories
from wagtail_payments.actions import clockwork, credits, invoices, payments, refunds
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import DeliveryReport
from wagtail_payments.records.links import Link, Opening
from wagtail_payments.records.payments import Payment


@pytest.fixture
def invoice(db: None, clock: Any, editor: Any) -> Invoice:
    """1,200.00 at 20 % and 155.00 at 5.5 %: 1,440.00 and 163.53."""
    lines = [("Training day", "1", "1200.00", "20"), ("Handbook", "10", "15.50", "5.5")]
    return invoices.issue(invoice_id=factories.make_invoice(lines=lines).pk, by=editor, now=clock())


def url(name: str, invoice: Invoice, *more: int) -> str:
    return reverse(f"wagtail_payments_invoice:{name}", args=(invoice.pk, *more))


def paid(invoice: Invoice, amount: int, by: Any, now: Any, key: str = "paid") -> Payment:
    facts = {"method": "transfer", "received_on": invoice.seller.today(now), "reference": "", "form_key": key}
    return payments.record(invoice=invoice, amount=amount, by=by, now=now, **facts)


def test_the_desk_shows_what_can_be_done_and_why_the_rest_can_not(
    admin: Client, invoice: Invoice, editor: Any, clock: Any
) -> None:
    page = admin.get(url("desk", invoice))
    possible = {verb.url for verb in page.context["verbs"]}
    offered = ("compose", "pdf", "link", "pay", "promise", "remind", "credit", "correct", "write_off", "duplicate")
    assert {url(name, invoice) for name in offered} == possible
    assert any("Nothing was paid" in verb.why_not for verb in page.context["impossible"])
    paid(invoice, invoice.gross, editor, clock())
    page = admin.get(url("desk", invoice))
    assert url("refund", invoice) in {verb.url for verb in page.context["verbs"]}
    assert page.context["tag"].status == "paid"


def test_the_desk_of_an_overdue_invoice_says_since_when(admin: Client, editor: Any, clock: Any) -> None:
    draft = factories.make_invoice()
    late = invoices.issue(invoice_id=draft.pk, by=editor, now=clock() - timedelta(days=40))
    page = admin.get(url("desk", late))
    assert page.context["days_late"] == 10
    assert "10 days late" in page.content.decode()


def test_the_desk_of_a_draft_is_its_editor_for_those_who_may_edit(
    admin: Client, signed_in: Callable[..., Client]
) -> None:
    draft = factories.make_invoice()
    assert admin.get(url("desk", draft)).url == url("edit", draft)
    assert signed_in("view_invoice").get(url("desk", draft)).status_code == 200


def test_the_timeline_tells_what_happened_newest_first(
    admin: Client, invoice: Invoice, editor: Any, clock: Any
) -> None:
    clock.advance(minutes=1)
    words = {"subject": "Invoice", "text": "{{ link }}", "cc": []}
    invoices.send(invoice=invoice, by=editor, now=clock(), to=["nadia@librairie.example"], **words)
    clock.advance(minutes=1)
    paid(invoice, 100_00, editor, clock())
    told = [moment.text for moment in admin.get(url("desk", invoice)).context["moments"]]
    wanted = ["€100.00", "Invoice mailed to nadia@librairie.example", invoice.number]
    places = [next(place for place, text in enumerate(told) if word in text) for word in wanted]
    assert places == sorted(places)


def test_what_is_sent_with_the_issue_stands_above_it(admin: Client, editor: Any, clock: Any) -> None:
    draft = factories.make_invoice()
    words = {"subject": "Invoice", "text": "{{ link }}", "to": ["nadia@librairie.example"], "cc": []}
    sent = invoices.issue_and_send(invoice_id=draft.pk, by=editor, now=clock(), **words)
    mailed, issued = (moment.text for moment in admin.get(url("desk", sent)).context["moments"][:2])
    assert "nadia@librairie.example" in mailed
    assert sent.number in issued


def test_the_letters_of_receipts_credit_notes_and_refunds_are_there_too(
    admin: Client, invoice: Invoice, editor: Any, clock: Any
) -> None:
    other = factories.make_invoice()
    invoices.issue(invoice_id=other.pk, by=editor, now=clock())
    for one in (invoice, Invoice.objects.get(pk=other.pk)):
        payment = paid(one, one.gross, editor, clock(), key=f"paid {one.pk}")
        amounts = {credits.creditable(one)[0].key: 12_00}
        wish = refunds.Wish(0, by_hand=True, reason="Less was done", by=editor, form_key=f"once {one.pk}")
        refunds.refund_invoice(invoice_id=one.pk, amounts=amounts, payment_id=payment.pk, wish=wish, now=clock())
    clockwork.run_once(now=clock())
    page = admin.get(url("desk", invoice)).context
    kinds = sorted(letter.kind for letter in page["letters"])
    assert kinds == ["credit_note", "owner_paid", "owner_refunded", "receipt", "refund_receipt"]
    told = " ".join(moment.text for moment in page["moments"])
    assert all(str(letter.get_kind_display()) in told for letter in page["letters"])


def test_the_pdf_is_the_one_that_was_issued(admin: Client, invoice: Invoice) -> None:
    first, second = (admin.get(url("pdf", invoice)) for _ in range(2))
    assert first.content == second.content
    assert first.content.startswith(b"%PDF")
    assert "no-store" in first["Cache-Control"]
    assert "ETag" not in first


def test_a_duplicate_is_made_by_a_button_and_not_by_a_look(admin: Client, invoice: Invoice) -> None:
    assert admin.get(url("duplicate", invoice)).status_code == 200
    assert Invoice.objects.count() == 1
    answer = admin.post(url("duplicate", invoice))
    copy = Invoice.objects.exclude(pk=invoice.pk).get()
    assert answer.url == url("edit", copy)
    assert copy.is_draft
    assert copy.lines.count() == 2


def test_renewing_the_link_says_that_the_printed_one_dies(admin: Client, invoice: Invoice) -> None:
    before = admin.get(url("link", invoice)).context["url"]
    assert "printed in the PDF" in admin.get(url("link_renew", invoice)).content.decode()
    assert admin.get(url("link", invoice)).context["url"] == before
    admin.post(url("link_renew", invoice))
    assert admin.get(url("link", invoice)).context["url"] != before


def test_a_revoked_link_is_shown_no_more(admin: Client, invoice: Invoice) -> None:
    admin.post(url("link_revoke", invoice))
    assert admin.get(url("link", invoice)).context["url"] == ""


def test_a_bounce_stands_out_on_the_timeline(admin: Client, invoice: Invoice, editor: Any, clock: Any) -> None:
    words = {"subject": "Invoice", "text": "{{ link }}", "cc": []}
    letter = invoices.send(invoice=invoice, by=editor, now=clock(), to=["gone@librairie.example"], **words)
    detail = {"recipient": "gone@librairie.example", "detail": "no such mailbox", "event_id": "1"}
    DeliveryReport.objects.create(letter=letter, event="bounced", at=clock() + timedelta(minutes=1), **detail)
    first = admin.get(url("desk", invoice)).context["moments"][0]
    assert first.is_bad
    assert "gone@librairie.example" in first.text
    assert "no such mailbox" in first.text


def test_the_desk_asks_no_more_for_more_letters_and_openings(
    admin: Client, invoice: Invoice, editor: Any, clock: Any
) -> None:
    counts = []
    for _round in range(2):
        for _more in range(5):
            words = {"subject": "Invoice", "text": "{{ link }}", "cc": []}
            invoices.send(invoice=invoice, by=editor, now=clock(), to=["nadia@librairie.example"], **words)
            Opening.objects.create(link=Link.objects.get(document=invoice.document), generation=1, at=clock())
        admin.get(url("desk", invoice))
        with CaptureQueriesContext(connection) as asked:
            admin.get(url("desk", invoice))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 45


def test_in_french_the_money_is_written_and_read_as_in_france(admin: Client, invoice: Invoice, editor: Any) -> None:
    UserProfile.objects.create(user=editor, preferred_language="fr")
    page = admin.get(url("pay", invoice)).content.decode()
    assert 'value="1603,53"' in page
    assert "1\u00a0603,53\u00a0€" in page
