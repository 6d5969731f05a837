"""Putting an invoice right at the desk: credit by line, credit used elsewhere, replaced, revised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.admin.business import record_payment
from tests.records import rows
from wagtail_payments.actions import credits, invoices
from wagtail_payments.core.lifecycle import Status
from wagtail_payments.models import (
    CreditApplication,
    CreditNote,
    DocumentRevision,
    Entry,
    Invoice,
    Letter,
    Payment,
    Refund,
)

LINES = [("Training day", "2", "600.00", "20"), ("Handbook", "10", "15.50", "5.5")]
Issued = Callable[..., Invoice]


@pytest.fixture
def issued(db: None, clock: Any, editor: Any) -> Issued:
    def issue(**fields: Any) -> Invoice:
        draft = factories.make_invoice(**{"lines": LINES} | fields)
        return invoices.issue(invoice_id=draft.pk, by=editor, now=clock())

    return issue


@pytest.fixture
def invoice(issued: Issued) -> Invoice:
    """Two days at 600.00 and 20 %, ten books at 15.50 and 5.5 %: 1,440.00 and 163.53."""
    return issued()


def url(name: str, invoice: Invoice, *rest: object) -> str:
    return reverse(f"wagtail_payments_invoice:{name}", args=(invoice.pk, *rest))


def desk(admin: Client, invoice: Invoice) -> str:
    return admin.get(url("desk", invoice)).content.decode()


def begun(page: Any, **fields: str) -> dict[str, str]:
    """What a browser posts of the form as it was shown, with what a test types."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    shown = {name: ", ".join(value) if isinstance(value, list) else str(value or "") for name, value in values.items()}
    return shown | {"reason": "One day less"} | fields


def credit_form(admin: Client, invoice: Invoice, **fields: str) -> dict[str, str]:
    return begun(admin.get(url("credit", invoice)), **fields)


class TestCreditByLine:
    def test_a_quantity_of_a_line_is_shown_before_it_is_credited(self, admin: Client, invoice: Invoice) -> None:
        form = credit_form(admin, invoice, what="lines", line_1_quantity="1", line_2_amount="16,35")
        asked = admin.post(url("credit", invoice), form)
        assert not CreditNote.objects.exists()
        preview = asked.context["preview"]
        assert [line.description for line in preview.lines] == [
            "Ligne 1\u00a0: Training day",
            "Ligne 2\u00a0: Handbook",
        ]
        assert "€736.35" in asked.context["sentence"]
        admin.post(url("credit", invoice), form | {"confirmed": "1"})
        printed = CreditNote.objects.get().document.frozen
        assert [(line.of_line, line.quantity, line.net) for line in printed.lines] == [(1, "1", 60000), (2, "1", 1550)]
        assert printed.gross == 73635

    def test_what_is_left_of_each_line_is_offered(self, admin: Client, invoice: Invoice) -> None:
        form = credit_form(admin, invoice, what="lines", line_1_quantity="2", confirmed="1")
        admin.post(url("credit", invoice), form)
        page = admin.get(url("credit", invoice))
        assert [row.line.number for row in page.context["form"].line_rows()] == [2]
        admin.post(url("credit", invoice), begun(page, confirmed="1"))
        assert sum(note.gross for note in CreditNote.objects.all()) == invoice.gross
        assert invoice.status_on(invoice.document.issued_on) is Status.CREDITED

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"what": "lines", "line_1_quantity": "3"}, "line_1_quantity"),
            ({"what": "lines", "line_2_amount": "200"}, "line_2_amount"),
            ({"what": "lines", "line_2_amount": "x"}, "line_2_amount"),
            ({"what": "lines", "line_1_quantity": "-1"}, "line_1_quantity"),
            ({"what": "lines"}, "__all__"),
            ({"what": "everything", "line_1_quantity": "1"}, "what"),
            ({"what": "lines", "amount_0": "10"}, "what"),
            ({"what": "amounts", "amount_0": "1440,01"}, "amount_0"),
        ],
    )
    def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
        self, admin: Client, invoice: Invoice, fields: dict[str, str], wrong: str
    ) -> None:
        page = admin.post(url("credit", invoice), credit_form(admin, invoice, **fields) | {"confirmed": "1"})
        assert page.status_code == 200
        assert list(page.context["form"].errors) == [wrong]
        for name, value in fields.items():
            assert page.context["form"][name].value() == value
        assert "One day less" in page.content.decode()
        assert not CreditNote.objects.exists()

    def test_a_refund_by_line_sends_back_what_the_line_came_to(
        self, admin: Client, invoice: Invoice, clock: Any
    ) -> None:
        record_payment(invoice, invoice.gross, clock())
        page = admin.get(url("refund", invoice))
        admin.post(url("refund", invoice), begun(page, what="lines", line_1_quantity="1", confirmed="1"))
        assert Refund.objects.get().amount == 72000

    def test_words_of_a_customer_stay_text_in_the_preview(self, admin: Client, issued: Issued) -> None:
        hostile = issued(lines=[("<b>Day</b>", "1", "10", "20")])
        asked = admin.post(url("credit", hostile), credit_form(admin, hostile))
        assert "&lt;b&gt;Day" in asked.content.decode()
        assert "<b>Day" not in asked.content.decode()


class TestUsedElsewhere:
    @pytest.fixture
    def pair(self, issued: Issued, clock: Any) -> tuple[Invoice, Invoice]:
        """One invoice overpaid by 50.00 and credited by 100.00, and one that is open."""
        customer = factories.make_customer()
        first, second = issued(customer=customer), issued(customer=customer)
        record_payment(first, first.gross + 5000, clock())
        amounts = {credits.creditable(first)[0].key: 10000}
        credits.credit(invoice_id=first.pk, amounts=amounts, reason="Less", by=None, now=clock(), form_key="less")
        return first, second

    def test_both_desks_offer_it_and_one_click_uses_it(self, admin: Client, pair: tuple[Invoice, Invoice]) -> None:
        first, second = pair
        note, payment = CreditNote.objects.get(), Payment.objects.get()
        assert "€100.00 of it are available" in desk(admin, first)
        for verb, source in (("use_credit", note), ("use_money", payment)):
            place = url(verb, second, source.pk)
            assert place in desk(admin, first)
            assert place in desk(admin, second)
            for _click in range(2):
                assert admin.post(place).url == url("desk", second)
            assert place not in desk(admin, second)
        assert second.balance().due == second.gross - 15000
        assert CreditApplication.objects.filter(invoice=second).count() == 1
        told = desk(admin, second)
        assert f"of credit note {note} used here" in " ".join(told.split())
        assert f"€100.00 of credit note {note} used for this invoice" in told

    def test_looking_changes_nothing(self, admin: Client, pair: tuple[Invoice, Invoice]) -> None:
        note = CreditNote.objects.get()
        assert admin.get(url("use_credit", pair[1], note.pk)).status_code == 405
        assert not CreditApplication.objects.filter(invoice=pair[1]).exists()

    def test_nobody_elses_invoice(self, admin: Client, pair: tuple[Invoice, Invoice], issued: Issued) -> None:
        other = issued(customer=factories.make_customer(name="Somebody else"))
        assert admin.post(url("use_credit", other, CreditNote.objects.get().pk)).status_code == 404
        assert admin.post(url("use_money", other, Payment.objects.get().pk)).status_code == 404
        assert "use-credit" not in desk(admin, other)

    def test_a_payment_under_way_is_said(self, admin: Client, pair: tuple[Invoice, Invoice]) -> None:
        rows.make_attempt(pair[1], pair[1].gross, state="processing")
        answer = admin.post(url("use_credit", pair[1], CreditNote.objects.get().pk), follow=True)
        assert "under way" in answer.content.decode()

    def test_the_balance_stands_at_the_desk_and_at_the_customer(
        self, admin: Client, pair: tuple[Invoice, Invoice], signed_in: Any
    ) -> None:
        first, second = pair
        assert "€1,603.53 due" in desk(admin, second)
        assert "€150.00 of credit" in desk(admin, second)
        place = reverse("wagtail_payments_customer:edit", args=(first.customer_id,))
        assert "Test documents only" in admin.get(place).content.decode(), "shown only where there are no others"
        rows.make_issued(seller=first.seller, customer=first.customer)
        assert "€1,440.00" in admin.get(place).content.decode()
        assert "€1,440.00" not in signed_in("change_customer").get(place).content.decode()
        assert admin.get(reverse("wagtail_payments_customer:add")).status_code == 200


class TestReplaced:
    def test_the_three_ways_are_offered(self, admin: Client, invoice: Invoice) -> None:
        assert url("correct", invoice) in desk(admin, invoice)
        page = admin.get(url("correct", invoice)).content.decode()
        for name in ("revise", "reissue", "corrective"):
            assert url(name, invoice) in page

    def test_why_one_cannot_is_said(self, admin: Client, invoice: Invoice, clock: Any, signed_in: Any) -> None:
        credits.credit(invoice_id=invoice.pk, amounts=None, reason="All", by=None, now=clock(), form_key="all")
        page = admin.get(url("correct", invoice)).content.decode()
        assert "credited already" in page
        assert url("reissue", invoice) not in page
        assert admin.get(url("reissue", invoice)).url == url("desk", invoice)
        assert admin.get(url("corrective", invoice)).url == url("desk", invoice)
        reader = signed_in("view_invoice", "add_invoice").get(url("correct", invoice)).content.decode()
        assert "may not issue and send" in reader

    def test_credited_and_issued_anew_in_two_clicks(self, admin: Client, invoice: Invoice, clock: Any) -> None:
        record_payment(invoice, 60353, clock())
        form = begun(admin.get(url("reissue", invoice)))
        asked = admin.post(url("reissue", invoice), form)
        assert "€1,603.53" in asked.context["sentence"]
        assert "€603.53 that were paid will pay the new invoice" in asked.context["sentence"]
        assert asked.context["preview"].lines
        assert not CreditNote.objects.exists()
        for _click in range(2):
            answer = admin.post(url("reissue", invoice), form | {"confirmed": "1"})
            draft = Invoice.objects.get(corrects=invoice)
            assert answer.url == url("edit", draft)
        assert CreditNote.objects.count() == 1
        assert "To be replaced by" in desk(admin, invoice)
        admin.post(url("issue", draft))
        new = Invoice.objects.get(pk=draft.pk)
        assert new.balance().due == 100000
        assert "Replaces <a" in desk(admin, new)
        assert new.number in desk(admin, invoice)
        assert "Credited" in admin.get(url("desk", invoice)).context["tag"].label

    def test_a_corrective_invoice_is_drafted_opened_and_issued(
        self, admin: Client, invoice: Invoice, clock: Any
    ) -> None:
        record_payment(invoice, invoice.gross, clock())
        form = begun(admin.get(url("corrective", invoice)))
        asked = admin.post(url("corrective", invoice), form)
        assert "Nothing changes until you issue it" in asked.context["sentence"]
        draft_url = admin.post(url("corrective", invoice), form | {"confirmed": "1"}).url
        draft = Invoice.objects.get(corrects=invoice)
        assert draft_url == url("edit", draft)
        assert admin.get(draft_url).status_code == 200
        assert not CreditNote.objects.exists()
        assert admin.get(url("review", draft)).context["errors"] == []
        admin.post(url("issue", draft))
        new = Invoice.objects.get(pk=draft.pk)
        assert new.status_on(new.document.issued_on) is Status.PAID
        assert CreditNote.objects.get().reason == "One day less"

    def test_another_customer_on_a_corrective_draft_is_told_at_the_review(
        self, admin: Client, invoice: Invoice
    ) -> None:
        admin.post(url("corrective", invoice), begun(admin.get(url("corrective", invoice)), confirmed="1"))
        draft = Invoice.objects.get(corrects=invoice)
        draft.customer = factories.make_customer(name="Somebody else")
        draft.save()
        assert [row.finding.code for row in admin.get(url("review", draft)).context["errors"]] == ["corrects_customer"]
        assert admin.post(url("issue", draft)).url == url("review", draft)

    def test_a_draft_is_simply_changed(self, admin: Client, clock: Any) -> None:
        draft = factories.make_invoice()
        for name in ("correct", "reissue", "corrective", "revise"):
            assert admin.get(url(name, draft)).url == url("desk", draft)


class TestRevised:
    def test_a_purchase_order_number_is_revised_and_told(self, admin: Client, invoice: Invoice) -> None:
        page = admin.get(url("revise", invoice))
        assert page.context["form"]["to"].value() == invoice.customer.email
        form = begun(page, order_reference="PO-4711", notify="on", text="As you asked.")
        for _click in range(2):
            assert admin.post(url("revise", invoice), form).url == url("desk", invoice)
        assert DocumentRevision.objects.get().changed == ["order_reference"]
        assert Letter.objects.filter(kind="invoice_revised").count() == 1
        told = desk(admin, invoice)
        assert "PO-4711" in told
        assert "Words revised: revision 2" in told
        assert f"{url('pdf', invoice)}?revision=1" in told

    def test_the_ledger_shows_it_without_amounts(self, admin: Client, invoice: Invoice) -> None:
        admin.post(url("revise", invoice), begun(admin.get(url("revise", invoice)), memo="New", notify=""))
        entry = Entry.objects.get(kind="revision")
        assert admin.get(reverse("wagtail_payments_book_entry_inspect", args=(entry.pk,))).status_code == 200
        assert "Words revised" in admin.get(reverse("wagtail_payments_book_entry_index")).content.decode()

    def test_both_pdfs_can_be_downloaded(self, admin: Client, invoice: Invoice) -> None:
        first = admin.get(url("pdf", invoice)).content
        admin.post(url("revise", invoice), begun(admin.get(url("revise", invoice)), memo="New", notify=""))
        newest = admin.get(url("pdf", invoice))
        assert newest.content != first
        assert f"{invoice.number}-2.pdf" in newest["Content-Disposition"]
        assert admin.get(url("pdf", invoice) + "?revision=1").content == first
        assert admin.get(url("pdf", invoice) + "?revision=99x").content == newest.content

    def test_a_file_is_added_without_telling(self, admin: Client, invoice: Invoice) -> None:
        form = begun(admin.get(url("revise", invoice)), notify="", name="Floor plan")
        file = SimpleUploadedFile("plan.pdf", b"%PDF-1.4")
        admin.post(url("revise", invoice), form | {"file": file})
        added = DocumentRevision.objects.get().attachments.get()
        assert "Floor plan" in desk(admin, invoice)
        answer = admin.get(url("added", invoice, added.pk))
        assert b"".join(answer.streaming_content) == b"%PDF-1.4"
        assert not Letter.objects.filter(kind="invoice_revised").exists()

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({}, "__all__"),
            ({"memo": "New", "notify": "on", "to": ""}, "to"),
            ({"memo": "New", "to": "nobody"}, "to"),
            ({"custom_fields": "no colon"}, "custom_fields"),
        ],
    )
    def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
        self, admin: Client, invoice: Invoice, fields: dict[str, str], wrong: str
    ) -> None:
        page = admin.post(url("revise", invoice), begun(admin.get(url("revise", invoice)), **fields))
        assert page.status_code == 200
        assert wrong in page.context["form"].errors
        typed = {name: value for name, value in fields.items() if name != "notify"}
        assert all(page.context["form"][name].value() == value for name, value in typed.items())
        assert not DocumentRevision.objects.exists()

    def test_a_file_that_cannot_be_attached_is_told(self, admin: Client, invoice: Invoice) -> None:
        form = begun(admin.get(url("revise", invoice)))
        page = admin.post(url("revise", invoice), form | {"file": SimpleUploadedFile("run.exe", b"MZ")})
        assert "can&#x27;t be attached" in page.content.decode()
