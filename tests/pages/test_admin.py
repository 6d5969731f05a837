"""Invoice pages in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission, Page
from wagtail.test.utils.form_data import nested_form_data, rich_text

from tests import factories
from tests.pages.test_invoices import add_page
from wagtail_payments.models import Invoice
from wagtail_payments.pages.models import InvoicePage


@pytest.fixture
def admin(db: None) -> Client:
    """A superuser's browser."""
    client = Client()
    client.force_login(factories.make_superuser())
    return client


def form(**fields: Any) -> dict[str, str]:
    values = {"title": "Invoices", "slug": "desk", "introduction": rich_text(""), "note": rich_text(""), "invoice": ""}
    return nested_form_data(values | {"comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}} | fields)  # type: ignore[no-any-return]


def add_url(parent: Page | None = None) -> str:
    home = parent or factories.default_site().root_page
    return reverse("wagtailadmin_pages:add", args=["wagtail_payments", "invoicepage", home.pk])


def test_it_is_offered_under_add_child_page(admin: Client) -> None:
    home = factories.default_site().root_page
    answer = admin.get(reverse("wagtailadmin_pages:add_subpage", args=[home.pk]))
    assert f'href="{add_url()}"' in answer.content.decode()
    assert "in the design of your site" in InvoicePage.get_page_description()


def test_it_has_no_pages_below_it(db: None) -> None:
    assert InvoicePage.allowed_subpage_models() == []


def test_a_counter_is_published_in_one_form(admin: Client) -> None:
    answer = admin.post(add_url(), form(**{"action-publish": "action-publish"}))
    assert answer.status_code == 302
    assert InvoicePage.objects.get().live


def test_a_second_live_counter_is_refused_in_words(admin: Client) -> None:
    add_page(title="The desk")
    answer = admin.post(add_url(), form(**{"action-publish": "action-publish"}))
    assert answer.status_code == 200
    assert "“The desk” already shows the invoices of this site in this language." in answer.content.decode()
    assert InvoicePage.objects.count() == 1


def test_a_second_counter_may_wait_as_a_draft(admin: Client) -> None:
    add_page(title="The desk")
    admin.post(add_url(), form())
    draft = InvoicePage.objects.get(slug="desk")
    assert not draft.live
    edit = reverse("wagtailadmin_pages:edit", args=[draft.pk])
    answer = admin.post(edit, form(**{"action-publish": "action-publish"}))
    assert "already shows the invoices" in answer.content.decode()
    InvoicePage.objects.get(slug="invoices").unpublish()
    assert admin.post(edit, form(**{"action-publish": "action-publish"})).status_code == 302
    assert InvoicePage.objects.get(slug="desk").live


def test_the_counter_itself_can_be_edited(admin: Client) -> None:
    page = add_page()
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    answer = admin.post(edit, form(title="New title", **{"action-publish": "action-publish"}))
    assert answer.status_code == 302
    page.refresh_from_db()
    assert page.title == "New title"


def test_a_page_of_one_invoice_may_stand_beside_the_counter(
    admin: Client,
    issued: Callable[..., Invoice],
) -> None:
    add_page()
    answer = admin.post(add_url(), form(invoice=str(issued().pk), **{"action-publish": "action-publish"}))
    assert answer.status_code == 302
    assert InvoicePage.objects.filter(invoice__isnull=False).count() == 1


def test_its_form_shows_the_record(admin: Client, issued: Callable[..., Invoice]) -> None:
    invoice = issued(language="en")
    page = add_page(invoice=invoice)
    shown = admin.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    for fact in (invoice.number, "To be paid", "€1,440.00", invoice.customer.name):
        assert fact in shown


def test_who_may_not_see_invoices_does_not_see_them_here(
    issued: Callable[..., Invoice],
) -> None:
    invoice = issued()
    page = add_page(title="For them", invoice=invoice)
    user, group = factories.make_user(), Group.objects.create(name="Page editors")
    change = Permission.objects.get(codename="change_page")
    GroupPagePermission.objects.create(group=group, page=factories.default_site().root_page, permission=change)
    user.groups.add(group)
    editor = Client()
    editor.force_login(user)
    shown = editor.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert shown.status_code == 200
    assert invoice.number not in shown.content.decode()
    chooser = reverse("wagtail_payments_invoice_chooser:choose")
    assert editor.get(chooser).status_code == 302
    chosen = reverse("wagtail_payments_invoice_chooser:chosen", args=[invoice.pk])
    assert editor.get(chosen).status_code == 302
    editor.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), form(title="Renamed", invoice=""))
    assert InvoicePage.objects.get(pk=page.pk).get_latest_revision_as_object().invoice == invoice


def test_the_chooser_lists_invoices(admin: Client, issued: Callable[..., Invoice]) -> None:
    invoice = issued()
    listed = admin.get(reverse("wagtail_payments_invoice_chooser:choose")).content.decode()
    assert invoice.number in listed


@pytest.mark.parametrize("mode", ["", "document"])
def test_a_counter_is_previewed(admin: Client, mode: str, clock: Any) -> None:
    page = add_page()
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    admin.post(address, form(title="Being edited", introduction=rich_text("<p>New words</p>")))
    shown = admin.get(address, query_params={"mode": mode})
    assert shown.status_code == 200
    assert "New words" in shown.content.decode()
    assert ("€240.00" in shown.content.decode()) == (mode == "document")


def test_a_bound_page_is_previewed_with_its_invoice(
    admin: Client,
    issued: Callable[..., Invoice],
) -> None:
    invoice = issued()
    page = add_page(invoice=invoice)
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    admin.post(address, form(invoice=str(invoice.pk)))
    shown = admin.get(address, query_params={"mode": ""})
    assert invoice.number in shown.content.decode()
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
