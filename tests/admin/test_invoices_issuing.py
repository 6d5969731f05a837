"""From a draft to a letter: the review, the number, the compose step; twice is once, errors are sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from tests import factories
from wagtail_payments.actions import invoices
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.letters import Letter


@pytest.fixture
def draft(db: None, clock: Any) -> Invoice:
    return factories.make_invoice()


def url(name: str, invoice: Invoice) -> str:
    return reverse(f"wagtail_payments_invoice:{name}", args=(invoice.pk,))


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


LETTER = {"to": "nadia@librairie.example", "cc": "", "subject": "Invoice {{ number }}", "text": "Hello\n\n{{ link }}"}


def test_the_review_names_what_is_missing_and_offers_no_issue(admin: Client, draft: Invoice) -> None:
    draft.customer.street = ""
    draft.customer.save()
    page = admin.get(url("review", draft))
    assert [row.finding.code for row in page.context["errors"]] == ["customer_address"]
    assert url("issue", draft) not in page.content.decode()
    assert page.context["errors"][0].url == reverse("wagtail_payments_customer:edit", args=(draft.customer_id,))


def test_a_ready_draft_can_be_issued_from_the_review(admin: Client, draft: Invoice) -> None:
    page = admin.get(url("review", draft))
    assert page.context["errors"] == []
    assert url("issue", draft) in page.content.decode()


def test_issuing_takes_the_number_and_opens_the_desk(admin: Client, draft: Invoice, editor: Any) -> None:
    response = admin.post(url("issue", draft))
    draft.refresh_from_db()
    assert response.url == url("desk", draft)
    assert draft.number in said(response)[0]
    assert draft.document is not None
    assert draft.document.issued_by == editor


def test_a_double_click_issues_once_and_says_so(admin: Client, draft: Invoice) -> None:
    admin.post(url("issue", draft))
    number = Invoice.objects.get().number
    response = admin.post(url("issue", draft), follow=True)
    assert "already" in response.content.decode()
    assert Invoice.objects.get().number == number


def test_a_draft_with_errors_is_not_issued_and_says_why(admin: Client, draft: Invoice) -> None:
    draft.customer.street = ""
    draft.customer.save()
    response = admin.post(url("issue", draft))
    assert response.url == url("review", draft)
    assert Invoice.objects.get().is_draft


def test_a_number_is_never_taken_by_looking(admin: Client, draft: Invoice) -> None:
    assert admin.get(url("issue", draft)).status_code == 405
    assert Invoice.objects.get().is_draft


def test_the_letter_begins_with_the_customers_address_and_our_words(admin: Client, draft: Invoice) -> None:
    draft.customer.cc_emails = "compta@librairie.example"
    draft.customer.save()
    form = admin.get(url("compose", draft)).context["form"]
    assert (form["to"].value(), form["cc"].value()) == ("nadia@librairie.example", "compta@librairie.example")
    assert "{{ link }}" in form["text"].value() or "#LINK" in form["text"].value()


def test_issue_and_send_writes_one_letter_however_often_it_is_clicked(admin: Client, draft: Invoice) -> None:
    for _click in range(2):
        admin.post(url("compose", draft), LETTER | {"send": "1"})
    letter = Letter.objects.get(kind="invoice")
    assert letter.to == ["nadia@librairie.example"]
    assert not Invoice.objects.get().is_draft


def test_sending_again_twice_by_a_double_click_is_once(admin: Client, draft: Invoice, editor: Any, clock: Any) -> None:
    invoices.issue(invoice_id=draft.pk, by=editor, now=clock())
    for _click in range(2):
        admin.post(url("compose", draft), LETTER | {"send": "1"})
    assert Letter.objects.filter(kind="invoice").count() == 1
    clock.advance(minutes=5)
    admin.post(url("compose", draft), LETTER | {"send": "1"})
    assert Letter.objects.filter(kind="invoice").count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", ""),
        ("to", "not an address"),
        ("to", "a@b.example, wrong"),
        ("cc", "wrong"),
        ("subject", ""),
        ("subject", "Invoice {{ nummer }}"),
        ("text", "Hello {{ name.__class__ }}"),
        ("text", ""),
    ],
)
def test_a_letter_with_a_mistake_is_not_sent_and_nothing_is_lost(
    admin: Client, draft: Invoice, field: str, value: str
) -> None:
    response = admin.post(url("compose", draft), LETTER | {"send": "1", field: value, "subject2": ""})
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert "Hello" in response.content.decode() or field == "text"
    assert Invoice.objects.get().is_draft
    assert not Letter.objects.exists()


def test_a_subject_can_not_smuggle_a_header_in(admin: Client, draft: Invoice) -> None:
    admin.post(url("compose", draft), LETTER | {"send": "1", "subject": "Hello\r\nBcc: eve@example.org"})
    assert "\n" not in Letter.objects.get(kind="invoice").subject


def test_a_test_goes_to_the_editor_alone_and_issues_nothing(admin: Client, draft: Invoice, editor: Any) -> None:
    response = admin.post(url("compose", draft), LETTER | {"test": "1", "to": ""})
    assert response.status_code == 200
    assert Letter.objects.get().to == [editor.email]
    assert Invoice.objects.get().is_draft


def test_a_test_from_the_review_uses_our_words(admin: Client, draft: Invoice, editor: Any) -> None:
    response = admin.post(url("send_test", draft))
    assert response.url == url("review", draft)
    assert Letter.objects.get().to == [editor.email]


def test_without_an_address_of_ones_own_a_test_says_what_to_do(admin: Client, draft: Invoice, editor: Any) -> None:
    editor.email = ""
    editor.save()
    page = admin.post(url("send_test", draft), follow=True)
    assert "no e-mail address" in page.content.decode()
    assert not Letter.objects.exists()


@pytest.mark.parametrize("name", ["issue", "compose", "send_test", "link"])
def test_issuing_and_sending_have_a_permission_of_their_own(
    signed_in: Callable[..., Client], draft: Invoice, name: str
) -> None:
    browser = signed_in("view_invoice", "add_invoice", "change_invoice")
    for answer in (browser.get(url(name, draft)), browser.post(url(name, draft), LETTER | {"send": "1"})):
        assert answer.status_code in (302, 403, 405)
        assert answer.get("Location", reverse("wagtailadmin_home")) == reverse("wagtailadmin_home")
    assert Invoice.objects.get().is_draft
    assert not Letter.objects.exists()


def test_an_issued_invoice_is_not_edited_by_any_form(admin: Client, draft: Invoice, editor: Any, clock: Any) -> None:
    issued = invoices.issue(invoice_id=draft.pk, by=editor, now=clock())
    for name in ("edit", "delete"):
        for answer in (admin.get(url(name, draft)), admin.post(url(name, draft), {"title": "Changed"})):
            assert answer.url == url("desk", draft)
            assert "credit note" in said(answer)[-1]
    draft.refresh_from_db()
    assert (draft.title, draft.number) == (issued.title, issued.number)
