"""Who may: every address about an invoice, for someone without a permission, without any, and without a login."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from wagtail_payments.actions import invoices
from wagtail_payments.admin.invoices import InvoiceViewSet
from wagtail_payments.admin.snippets import DeskURLFinder
from wagtail_payments.records.invoices import Invoice

NAMES = [pattern.name for pattern in InvoiceViewSet().get_urlpatterns()]
# What each address needs; a new one without a row here fails the first test.
NEEDS: dict[str, tuple[str, ...]] = {
    "list": ("view_invoice",),
    "list_results": ("view_invoice",),
    "add": ("add_invoice",),
    "edit": ("change_invoice",),
    "delete": ("delete_invoice",),
    "usage": ("change_invoice",),
    "history": ("history_invoice",),
    "history_results": ("history_invoice",),
    "preview_on_add": ("add_invoice",),
    "preview_on_edit": ("change_invoice",),
    "new_totals": ("add_invoice",),
    "totals": ("change_invoice",),
    "item": ("add_invoice", "change_invoice"),
    "customer": ("add_invoice", "change_invoice"),
    "desk": ("view_invoice",),
    "review": ("view_invoice",),
    "issue": ("issue_invoice",),
    "compose": ("issue_invoice",),
    "send_test": ("issue_invoice",),
    "pay": ("record_payment",),
    "promise": ("record_payment",),
    "promise_withdraw": ("record_payment",),
    "credit": ("make_refund",),
    "refund": ("make_refund",),
    "overpayment": ("make_refund",),
    "refund_credit": ("make_refund",),
    "duplicate": ("add_invoice",),
    "pdf": ("view_invoice",),
    "attachment": ("view_invoice",),
    "refresh": ("view_invoice",),
    "link": ("issue_invoice",),
    "link_renew": ("issue_invoice",),
    "link_revoke": ("issue_invoice",),
    "together": ("issue_invoice",),
    "together_renew": ("issue_invoice",),
    "together_revoke": ("issue_invoice",),
    "write_off": ("writeoff_invoice",),
    "recover": ("writeoff_invoice",),
    "use_credit": ("record_payment",),
    "use_money": ("record_payment",),
    "correct": ("add_invoice",),
    "reissue": ("make_refund", "add_invoice"),
    "corrective": ("make_refund", "add_invoice"),
    "revise": ("issue_invoice",),
    "added": ("view_invoice",),
    "remind": ("send_reminder",),
    "mute": ("send_reminder",),
    "deposits": ("view_invoice",),
    "deposit_ask": ("add_invoice",),
    "deposit_decide": ("issue_invoice",),
    "deposit_take": ("change_invoice",),
    "deposit_let_go": ("change_invoice",),
    "deposit_new": ("add_invoice",),
    "proforma": ("issue_invoice",),
    "proforma_pdf": ("view_invoice",),
}
EVERY = {
    "add_invoice", "change_invoice", "delete_invoice", "view_invoice", "history_invoice", "export_invoice",
    "issue_invoice", "record_payment", "make_refund", "writeoff_invoice", "send_reminder",
}  # fmt: skip
WITHOUT_PK = {"list", "list_results", "add", "preview_on_add", "new_totals", "deposit_new"}
WITH_TWO = {
    "overpayment", "refund_credit", "attachment", "refresh", "use_credit", "use_money", "added", "deposit_decide",
    "deposit_take", "deposit_let_go", "proforma_pdf", "together", "together_renew", "together_revoke",
}  # fmt: skip
SEEN_BY_ANY = {
    "list", "list_results", "desk", "review", "pdf", "attachment", "refresh", "added", "deposits", "proforma_pdf",
}  # fmt: skip


def address(name: str, pk: int) -> str:
    args = () if name in WITHOUT_PK else (pk, 1) if name in WITH_TWO else (pk,)
    return reverse(f"wagtail_payments_invoice:{name}", args=args)


def refused(answer: Any) -> bool:
    to_the_door = answer.status_code == 302 and answer["Location"].split("?")[0] in (
        reverse("wagtailadmin_home"),
        reverse("wagtailadmin_login"),
    )
    return to_the_door or answer.status_code == 403


@pytest.fixture
def issued(db: None, clock: Any) -> Invoice:
    editor = factories.make_editor()
    return invoices.issue(invoice_id=factories.make_invoice().pk, by=editor, now=clock())


def test_every_address_says_what_it_needs() -> None:
    assert set(NAMES) == set(NEEDS)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_login_there_is_nothing(client: Client, issued: Invoice, name: str) -> None:
    for answer in (client.get(address(name, issued.pk)), client.post(address(name, issued.pk))):
        assert refused(answer)


@pytest.mark.parametrize("name", NAMES)
def test_without_its_permission_an_address_is_closed_and_tells_nothing(
    signed_in: Callable[..., Client], issued: Invoice, name: str
) -> None:
    others = set() if name in SEEN_BY_ANY else EVERY - set(NEEDS[name])
    browser = signed_in(*others, "view_customer")
    draft = factories.make_invoice()
    answers = [browser.get(address(name, draft.pk)), browser.post(address(name, draft.pk))]
    assert all(refused(answer) or answer.status_code == 405 for answer in answers)
    missing = [browser.get(address(name, 999999)), browser.post(address(name, 999999))]
    assert [answer.status_code for answer in missing] == [answer.status_code for answer in answers] or name in {
        "edit",
        "delete",
        "history",
        "history_results",
        "usage",
        "preview_on_edit",
    }


@pytest.mark.parametrize("name", ["issue", "send_test", "refresh", "new_totals", "totals"])
def test_what_changes_something_is_never_done_by_a_look(admin: Client, issued: Invoice, name: str) -> None:
    assert admin.get(address(name, issued.pk)).status_code == 405


@pytest.mark.parametrize("name", ["issue", "pay", "refund", "compose", "link_renew", "duplicate"])
def test_a_post_without_its_token_is_refused(editor: Any, issued: Invoice, name: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(editor)
    assert browser.post(address(name, issued.pk), {"confirmed": "1"}).status_code == 403


def test_a_superuser_is_bound_as_well(issued: Invoice) -> None:
    browser = Client()
    browser.force_login(factories.make_superuser())
    browser.post(address("delete", issued.pk))
    browser.post(address("edit", issued.pk), {"title": "Changed"})
    assert Invoice.objects.get(pk=issued.pk).title == issued.title


def test_where_invoices_are_named_the_link_is_for_those_who_may_see(issued: Invoice) -> None:
    assert DeskURLFinder(factories.make_user("view_invoice")).get_edit_url(issued) == address("desk", issued.pk)
    assert DeskURLFinder(factories.make_user("view_payment")).get_edit_url(issued) is None


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 1234*4321 }}",
    "\u202etxt.exe",
    "'||1",
    "😀" * 50,
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_a_customer_or_editor_types_runs_in_the_admin(admin: Client, clock: Any, payload: str) -> None:
    customer = factories.make_customer(name=payload, contact_name=payload)
    draft = factories.make_invoice(
        customer=customer,
        title=payload,
        memo=payload,
        order_reference=payload[:100],
        custom_fields=[{"name": payload, "value": payload}],
        lines=[(payload, "1", "10", "20")],
    )
    pages = [address(name, draft.pk) for name in ("edit", "review", "compose", "duplicate", "list", "delete")]
    invoices.issue(invoice_id=factories.make_invoice(customer=customer, title=payload).pk, by=None, now=clock())
    last = Invoice.objects.first()
    assert last is not None
    pages += [address(name, last.pk) for name in ("desk", "pay", "promise", "credit", "link", "link_renew", "history")]
    for page in pages:
        text = admin.get(page).content.decode()
        assert "<script>alert(1)" not in text, page
        assert "<img src=x" not in text, page
        assert "5332114" not in text, page
