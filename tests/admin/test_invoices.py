"""Writing a draft in the admin: what is typed is understood, what is wrong is told, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from wagtail.models import Site

from tests import factories
from tests.admin.conftest import LINE, draft_form
from wagtail_payments.actions import invoices
from wagtail_payments.admin.invoice_forms import InvoiceForm
from wagtail_payments.core.tax import VatRegime
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.sellers import PaymentSettings

ADD = "wagtail_payments_invoice:add"


def add(client: Client, *lines: dict[str, str], **fields: Any) -> Any:
    if "customer" not in fields:
        fields["customer"] = str(factories.make_customer().pk)
    return client.post(reverse(ADD), draft_form(*lines, **fields))


def errors_of(response: Any) -> dict[str, Any]:
    form = response.context["form"]
    found = {name: list(errors) for name, errors in form.errors.items()}
    for position, line in enumerate(form.formsets["lines"].forms):
        found |= {f"lines-{position}-{name}": list(errors) for name, errors in line.errors.items()}
    for position, row in enumerate(form.formsets["attachments"].forms):
        found |= {f"attachments-{position}-{name}": list(errors) for name, errors in row.errors.items()}
    return found


@pytest.fixture(autouse=True)
def seller(db: None) -> Any:
    return factories.seller_of_default_site()


def test_a_fresh_draft_shows_the_sellers_usual_terms(admin: Client, seller: Any) -> None:
    seller.terms, seller.due_days, seller.methods = "Thirty days", 45, ["transfer"]
    seller.save()
    page = admin.get(reverse(ADD))
    form = page.context["form"]
    assert (form["terms"].value(), form["due_days"].value(), form["methods"].value()) == (
        "Thirty days",
        45,
        ["transfer"],
    )
    assert form.formsets["lines"].forms[0]["vat_rate"].value() == "20"


def test_a_saved_draft_is_added_up_and_takes_no_number(admin: Client, editor: Any) -> None:
    response = add(admin, {"unit_price": "1 240,50", "quantity": "2"})
    invoice = Invoice.objects.get()
    assert response.url == reverse("wagtail_payments_invoice:edit", args=(invoice.pk,))
    assert (invoice.net, invoice.tax, invoice.gross) == (248100, 49620, 297720)
    assert invoice.is_draft
    assert invoice.created_by == editor


@pytest.mark.parametrize("sent", ["nobody", "1;2", "\x00", "99999999999999999999"])
def test_a_customer_or_item_that_is_no_key_is_none_chosen(admin: Client, sent: str) -> None:
    response = add(admin, {"item": sent}, customer=sent)
    assert response.status_code == 200
    assert "customer" in errors_of(response)
    assert not Invoice.objects.exists()


def test_saving_for_review_goes_on_to_the_review(admin: Client) -> None:
    response = add(admin, **{"action-review": "1"})
    assert response.url == reverse("wagtail_payments_invoice:review", args=(Invoice.objects.get().pk,))


@pytest.mark.parametrize("typed", ["12,5", "12.5", " 12,50 ", "12,500"])
def test_a_price_may_be_typed_with_comma_or_point(admin: Client, typed: str) -> None:
    add(admin, {"unit_price": typed})
    assert Invoice.objects.get().net == 1250


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"unit_price": "-5"}, "unit_price"),
        ({"unit_price": "ten"}, "unit_price"),
        ({"unit_price": "1,2,3"}, "unit_price"),
        ({"unit_price": ""}, "unit_price"),
        ({"unit_price": "NaN"}, "unit_price"),
        ({"unit_price": "1e30"}, "unit_price"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "0,00001"}, "quantity"),
        ({"description": ""}, "description"),
        ({"discount_percent": "101"}, "discount_percent"),
        ({"discount_amount": "1200,01"}, "discount_amount"),
        ({"discount_percent": "5", "discount_amount": "5"}, "discount_amount"),
        ({"vat_rate": "3"}, "vat_rate"),
        ({"vat_rate": ""}, "vat_rate"),
        ({"vat_category": "E", "vat_rate": "20", "vat_reason": "VATEX-EU-132-1I"}, "vat_rate"),
        ({"vat_category": "E", "vat_rate": "0"}, "vat_reason"),
        ({"vat_reason": "VATEX-EU-G"}, "vat_reason"),
        ({"vat_category": "??"}, "vat_category"),
    ],
)
def test_what_is_wrong_on_a_line_is_told_beside_it_and_nothing_typed_is_lost(
    admin: Client, line: dict[str, str], field: str
) -> None:
    response = add(admin, line, memo="Written with care")
    assert response.status_code == 200
    assert f"lines-0-{field}" in errors_of(response)
    page = response.content.decode()
    assert "Written with care" in page
    assert response.context["form"].formsets["lines"].forms[0][field].value() == (LINE | line)[field]
    assert not Invoice.objects.exists()


def test_a_category_with_one_reason_fills_it_in(admin: Client) -> None:
    add(admin, {"vat_category": "G", "vat_rate": ""})
    line = Invoice.objects.get().lines.get()
    assert (line.vat_rate, line.vat_reason) == (0, "VATEX-EU-G")


def test_a_small_business_can_not_charge_vat(admin: Client, seller: Any) -> None:
    seller.vat_regime = VatRegime.FRANCHISE
    seller.save()
    assert "lines-0-vat_category" in errors_of(add(admin))
    fresh = admin.get(reverse(ADD)).context["form"].formsets["lines"].forms[0]
    assert (fresh["vat_category"].value(), fresh["vat_reason"].value()) == ("E", "VATEX-FR-FRANCHISE")


def test_lines_outside_the_scope_of_vat_stand_alone(admin: Client) -> None:
    response = add(admin, {}, {"vat_category": "O", "vat_rate": ""})
    assert "lines-1-vat_category" in errors_of(response)


def test_a_discount_larger_than_the_whole_is_told(admin: Client) -> None:
    assert "discount_amount" in errors_of(add(admin, discount_amount="1200,01"))


def test_a_discount_by_amount_over_mixed_prices_is_told(admin: Client) -> None:
    response = add(admin, {}, {"price_includes_vat": "on"}, discount_amount="10")
    assert "discount_amount" in errors_of(response)


def test_a_total_beyond_reason_is_told_and_not_a_server_error(admin: Client) -> None:
    response = add(admin, {"unit_price": "999999999999", "quantity": "9999999999"})
    assert response.status_code == 200
    assert errors_of(response)["__all__"]


def test_a_due_date_wins_over_the_usual_number_of_days(admin: Client) -> None:
    add(admin, due_on="2030-01-31")
    invoice = Invoice.objects.get()
    assert (invoice.due_days, str(invoice.due_on)) == (None, "2030-01-31")


def test_further_fields_are_written_as_lines(admin: Client) -> None:
    add(admin, custom_fields="Project: New kitchen\nSite : Rue de Metz: 4")
    assert Invoice.objects.get().custom_fields == [
        {"name": "Project", "value": "New kitchen"},
        {"name": "Site", "value": "Rue de Metz: 4"},
    ]
    page = admin.get(reverse("wagtail_payments_invoice:edit", args=(Invoice.objects.get().pk,)))
    assert page.context["form"]["custom_fields"].value() == "Project: New kitchen\nSite: Rue de Metz: 4"


def test_a_further_field_without_a_colon_is_told(admin: Client) -> None:
    assert "custom_fields" in errors_of(add(admin, custom_fields="no colon here"))


def test_a_catalogue_item_fills_in_a_line_that_has_no_price(admin: Client) -> None:
    item = factories.make_item()
    add(admin, {"item": str(item.pk), "unit_price": "", "description": "", "unit": ""})
    line = Invoice.objects.get().lines.get()
    assert (line.description, line.unit, line.unit_price) == (item.description, "day", item.unit_price)


def test_a_draft_without_lines_can_be_kept(admin: Client) -> None:
    data = draft_form(customer=str(factories.make_customer().pk)) | {"lines-TOTAL_FORMS": "0"}
    admin.post(reverse(ADD), data)
    assert Invoice.objects.get().gross == 0


def test_an_attachment_is_kept_under_a_harmless_name(admin: Client) -> None:
    response = add(admin, **attachment("../../Devis\u202efdp.pdf", b"%PDF-1.4"))
    assert response.status_code == 302
    row = Invoice.objects.get().attachments.get()
    assert row.name == "Devisfdp.pdf"
    assert ".." not in row.file.name
    assert row.file.name.startswith("attachments/")


@pytest.mark.parametrize("name", ["page.html", "run.exe", "picture.svg", "noending"])
def test_a_file_that_a_browser_would_run_is_refused(admin: Client, name: str) -> None:
    assert "attachments-0-file" in errors_of(add(admin, **attachment(name, b"<script>")))


def test_a_file_that_is_too_large_is_refused(admin: Client, settings: Any) -> None:
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"ATTACHMENT_MAX_BYTES": 10}
    assert "attachments-0-file" in errors_of(add(admin, **attachment("big.pdf", b"x" * 11)))


def attachment(name: str, content: bytes) -> dict[str, Any]:
    return {
        "attachments-TOTAL_FORMS": "1",
        "attachments-0-file": SimpleUploadedFile(name, content) if "/" not in name else _named(name, content),
        "attachments-0-name": "",
        "attachments-0-ORDER": "1",
        "attachments-0-id": "",
    }


def _named(name: str, content: bytes) -> SimpleUploadedFile:
    file = SimpleUploadedFile("placeholder.pdf", content)
    file._name = name
    return file


def test_totals_follow_what_is_typed_without_saving(admin: Client) -> None:
    typed = draft_form({"unit_price": "100"}, {"unit_price": "oops"}, {"unit_price": "50", "vat_rate": "5,5"})
    response = admin.post(reverse("wagtail_payments_invoice:new_totals"), typed)
    assert "€172.75" in response.content.decode()
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("permission", ["view_invoice", "issue_invoice"])
def test_totals_are_for_those_who_may_write(signed_in: Callable[..., Client], permission: str) -> None:
    response = signed_in(permission).post(reverse("wagtail_payments_invoice:new_totals"), draft_form())
    assert response.status_code in (302, 403)


def test_without_a_seller_the_editor_sends_to_the_settings(admin: Client) -> None:
    PaymentSettings.objects.all().delete()
    response = admin.get(reverse(ADD))
    assert response.status_code == 302


def test_who_sells_on_two_sites_chooses_and_gets_that_sellers_currency(admin: Client) -> None:
    first = factories.default_site()
    second = Site.objects.create(hostname="second.example", root_page=first.root_page, site_name="Second")
    swiss = factories.make_seller(name="Atelier Léman", currency="CHF", country="CH", vat_number="")
    factories.settle_site(swiss, second)
    assert "site" in admin.get(reverse(ADD)).context["form"].fields
    add(admin, {"vat_rate": "8,1"}, site=str(second.pk))
    invoice = Invoice.objects.get()
    assert (invoice.site, invoice.seller, invoice.currency) == (second, swiss, "CHF")


def test_who_sells_on_one_site_is_not_asked(admin: Client) -> None:
    assert "site" not in admin.get(reverse(ADD)).context["form"].fields


def test_a_site_on_which_nobody_sells_can_not_be_smuggled_in(admin: Client) -> None:
    root = factories.default_site().root_page
    stranger = Site.objects.create(hostname="stranger.example", root_page=root, port=81)
    add(admin, site=str(stranger.pk), seller="999", currency="USD", number="F1", state="issued", gross="1")
    invoice = Invoice.objects.get()
    assert (invoice.site, invoice.currency, invoice.state) == (factories.default_site(), "EUR", "draft")
    assert invoice.gross == 144000


def test_who_may_edit_but_not_see_the_history_gets_no_link_to_it(signed_in: Callable[..., Client]) -> None:
    draft = factories.make_invoice()
    page = signed_in("change_invoice", "view_invoice").get(reverse("wagtail_payments_invoice:edit", args=(draft.pk,)))
    assert page.status_code == 200
    assert reverse("wagtail_payments_invoice:history", args=(draft.pk,)) not in page.content.decode()


def test_what_was_issued_in_another_window_is_not_overwritten(
    admin: Client, editor: Any, monkeypatch: pytest.MonkeyPatch, now: Any
) -> None:
    draft = factories.make_invoice(title="As issued")
    form = draft_form(customer=str(draft.customer_id), title="Too late")
    plain = InvoiceForm.is_valid

    def issued_meanwhile(form: InvoiceForm) -> bool:
        answer = plain(form)
        if Invoice.objects.get(pk=draft.pk).is_draft:
            invoices.issue(invoice_id=draft.pk, by=editor, now=now)
        return answer

    monkeypatch.setattr(InvoiceForm, "is_valid", issued_meanwhile)
    answer = admin.post(reverse("wagtail_payments_invoice:edit", args=(draft.pk,)), form)
    draft.refresh_from_db()
    assert answer.url == reverse("wagtail_payments_invoice:desk", args=(draft.pk,))
    assert draft.title == "As issued"
    assert draft.lines.count() == 1


def test_the_preview_can_be_drawn_before_a_new_file_is_saved(admin: Client) -> None:
    typed = draft_form(customer=str(factories.make_customer().pk), **attachment("plan.pdf", b"%PDF")) | {
        "title": "Seen"
    }
    del typed["attachments-0-file"]
    address = reverse("wagtail_payments_invoice:preview_on_add")
    assert admin.post(address, typed).json() == {"is_valid": True, "is_available": True}
    shown = admin.get(address, {"mode": "page", "in_preview_panel": "true"})
    assert shown.status_code == 200
    assert "Seen" in shown.content.decode()
    assert not Invoice.objects.exists()
