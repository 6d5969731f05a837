"""Customers and the catalogue: found, made in place, kept as long as the books name them, shown to those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from wagtail_payments.records.customers import CatalogueItem, Customer

CHOOSE = "wagtailsnippetchoosers_wagtail_payments_customer"
NEW: dict[str, str] = {
    "new-customer-name": "Studio Lune",
    "new-customer-kind": "professional",
    "new-customer-email": "hello@lune.example",
    "new-customer-street": "1 rue du Puits",
    "new-customer-postcode": "31000",
    "new-customer-city": "Toulouse",
    "new-customer-country": "FR",
    "new-customer-language": "fr",
    "new-customer-siren": "",
    "new-customer-vat_number": "",
}


def test_a_customer_is_made_inside_the_chooser(admin: Client) -> None:
    answer = admin.post(reverse(f"{CHOOSE}:create"), NEW)
    made = Customer.objects.get()
    assert answer.json()["result"]["string"] == "Studio Lune"
    assert answer.json()["result"]["id"] == str(made.pk)


def test_a_mistake_inside_the_chooser_is_told_and_nothing_is_lost(admin: Client) -> None:
    answer = admin.post(reverse(f"{CHOOSE}:create"), NEW | {"new-customer-siren": "123456789"})
    shown = str(answer.json())
    assert "check digits" in shown
    assert "Studio Lune" in shown
    assert not Customer.objects.exists()


@pytest.mark.parametrize("words", ["Lune", "hello@", "552100554"])
def test_the_chooser_finds_by_name_address_and_number(admin: Client, words: str) -> None:
    factories.make_customer(name="Studio Lune", email="hello@lune.example", siren="552100554")
    factories.make_customer()
    found = admin.get(reverse(f"{CHOOSE}:choose_results"), {"q": words}).context["results"]
    assert [customer.name for customer in found] == ["Studio Lune"]


@pytest.mark.parametrize("model", ["customer", "invoice", "catalogueitem"])
def test_the_choosers_tell_nothing_to_those_who_may_not_see(signed_in: Callable[..., Client], model: str) -> None:
    invoice = factories.make_invoice()
    keys = {"customer": invoice.customer_id, "invoice": invoice.pk, "catalogueitem": factories.make_item().pk}
    chooser = f"wagtailsnippetchoosers_wagtail_payments_{model}"
    browser = signed_in("view_payment")
    names = [(f"{chooser}:choose", ()), (f"{chooser}:choose_results", ()), (f"{chooser}:chosen", (keys[model],))]
    for name, args in [*names, (f"{chooser}:chosen", (999999,)), (f"{chooser}:chosen_multiple", ())]:
        answer = browser.get(reverse(name, args=args), {"id": keys[model]})
        assert answer.status_code in (302, 403), name


def test_a_customer_is_made_in_place_only_by_those_who_may(signed_in: Callable[..., Client]) -> None:
    for permission in ("view_payment", "view_customer"):
        assert signed_in(permission).post(reverse(f"{CHOOSE}:create"), NEW).status_code in (302, 403)
    assert not Customer.objects.exists()


@pytest.mark.parametrize("method", ["delete", "put", "patch"])
def test_a_customer_is_deleted_by_the_form_alone(admin: Client, method: str) -> None:
    customer = factories.make_invoice().customer
    answer = getattr(admin, method)(reverse("wagtail_payments_customer:delete", args=(customer.pk,)))
    assert answer.status_code in (302, 403, 405)
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_a_customer_with_an_invoice_is_kept_and_the_page_says_why(admin: Client) -> None:
    customer = factories.make_invoice().customer
    address = reverse("wagtail_payments_customer:delete", args=(customer.pk,))
    assert "in the books" in admin.get(address).content.decode()
    assert admin.post(address).status_code in (302, 403)
    bulk = reverse("wagtail_bulk_action", args=("wagtail_payments", "customer", "delete"))
    assert admin.post(f"{bulk}?id={customer.pk}").status_code in (200, 302)
    assert Customer.objects.filter(pk=customer.pk).exists()


def test_a_customer_without_documents_can_be_deleted(admin: Client) -> None:
    customer = factories.make_customer()
    admin.post(reverse("wagtail_payments_customer:delete", args=(customer.pk,)))
    assert not Customer.objects.exists()


def test_the_list_of_customers_searches_and_filters(admin: Client) -> None:
    factories.make_customer()
    wanted = factories.make_consumer()
    address = reverse("wagtail_payments_customer:list")
    assert list(admin.get(address, {"q": "julie@"}).context["object_list"]) == [wanted]
    assert list(admin.get(address, {"kind": "consumer"}).context["object_list"]) == [wanted]


@pytest.mark.parametrize("name", ["wagtail_payments_customer", "wagtail_payments_catalogue"])
def test_personal_data_and_prices_leave_only_with_those_who_may_change_them(
    signed_in: Callable[..., Client], name: str
) -> None:
    record = name.rsplit("_", 1)[-1].replace("catalogue", "catalogueitem")
    refused = signed_in(f"view_{record}").get(reverse(f"{name}:list"), {"export": "csv"})
    assert refused.status_code in (302, 403)
    given = signed_in(f"view_{record}", f"change_{record}").get(reverse(f"{name}:list"), {"export": "csv"})
    assert given.status_code == 200


def item_form(**fields: str) -> dict[str, Any]:
    usual = {"name": "Day", "description": "", "unit": "day", "unit_price": "1 200,5", "vat_category": "S"}
    return usual | {"vat_rate": "5,5", "vat_reason": ""} | fields


def test_an_item_of_the_catalogue_takes_a_price_with_a_comma(admin: Client) -> None:
    admin.post(reverse("wagtail_payments_catalogue:add"), item_form())
    item = CatalogueItem.objects.get()
    assert (str(item.unit_price.normalize()), str(item.vat_rate.normalize())) == ("1200.5", "5.5")


def test_an_item_fills_in_a_line(admin: Client) -> None:
    item = factories.make_item(description="")
    values = admin.get(reverse("wagtail_payments_invoice:item", args=(item.pk,))).json()
    assert values["description"] == "Training day"
    assert values["unit_price"] == "1200"


def test_what_an_item_costs_is_for_those_who_write_invoices(signed_in: Callable[..., Client]) -> None:
    item = factories.make_item()
    answer = signed_in("view_invoice").get(reverse("wagtail_payments_invoice:item", args=(item.pk,)))
    assert answer.status_code in (302, 403)


def test_there_is_no_copy_view(admin: Client) -> None:
    pages = admin.get(reverse("wagtail_payments_customer:list")).content.decode()
    assert "/copy/" not in pages
    assert admin.get("/admin/payments/invoices/copy/1/").status_code == 404


def test_a_customers_page_leads_to_their_invoices_and_to_a_new_one(admin: Client) -> None:
    belgian = factories.make_belgian()
    factories.seller_of_default_site()
    page = admin.get(reverse("wagtail_payments_customer:edit", args=(belgian.pk,))).content.decode()
    fresh = reverse("wagtail_payments_invoice:add") + f"?customer={belgian.pk}"
    assert "Invoices of this customer" in page
    assert fresh in page
    form = admin.get(fresh).context["form"]
    assert (form["customer"].value(), form["language"].value()) == (belgian.pk, "en")


@pytest.mark.parametrize("chosen", ["x", "999999", "-1", ""])
def test_a_customer_who_is_not_there_is_simply_not_chosen(admin: Client, chosen: str) -> None:
    factories.seller_of_default_site()
    page = admin.get(reverse("wagtail_payments_invoice:add"), {"customer": chosen})
    assert page.context["form"]["customer"].value() is None


def test_an_invoice_speaks_its_customers_language(admin: Client) -> None:
    belgian = factories.make_belgian()
    assert admin.get(reverse("wagtail_payments_invoice:customer", args=(belgian.pk,))).json() == {"language": "en"}
