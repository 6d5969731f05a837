"""A file chosen on a form with a mistake elsewhere need not be chosen again."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.admin.conftest import draft_form
from tests.admin.test_settings import edit_url, picture, save
from wagtail_payments.admin.kept_files import FOLDER
from wagtail_payments.records.fields import private_storage
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.sellers import Seller
from wagtail_payments.sandbox.testing import TestClock

ADD = "wagtail_payments_invoice:add"
ROW = {"attachments-TOTAL_FORMS": "1", "attachments-0-name": "", "attachments-0-ORDER": "1", "attachments-0-id": ""}


@pytest.fixture(autouse=True)
def seller(db: None) -> Seller:
    return factories.seller_of_default_site()


def offered(page: HttpResponse, name: str) -> str:
    box = BeautifulSoup(page.content, "html.parser").select_one(f"input[name='{name}-kept']")
    return str(box["value"]) if box else ""


def post(admin: Client, price: str, **fields: Any) -> Any:
    typed = draft_form({"unit_price": price}, customer=str(Invoice.customer.field.related_model.objects.get().pk))
    return admin.post(reverse(ADD), typed | ROW | fields)


def kept_files() -> list[str]:
    storage = private_storage()
    return list(storage.listdir(FOLDER)[1]) if storage.exists(FOLDER) else []


def test_an_attachment_survives_mistakes_elsewhere(admin: Client) -> None:
    factories.make_customer()
    before = set(kept_files())
    plan = SimpleUploadedFile("plan.pdf", b"%PDF-1.4 plan")
    first = post(admin, "ten", **{"attachments-0-file": plan})
    again = post(admin, "eleven", **{"attachments-0-file-kept": offered(first, "attachments-0-file")})
    assert "plan.pdf" in again.content.decode()
    assert len(set(kept_files()) - before) == 1
    post(admin, "12", **{"attachments-0-file-kept": offered(again, "attachments-0-file")})
    row = Invoice.objects.get().attachments.get()
    assert (row.name, row.file.read()) == ("plan.pdf", b"%PDF-1.4 plan")


def test_a_logo_survives_a_mistake_elsewhere(admin: Client, seller: Seller) -> None:
    page = save(admin, seller, siren="12", logo=picture())
    token = offered(page, "logo")
    assert token
    save(admin, seller, **{"logo-kept": token})
    seller.refresh_from_db()
    assert seller.logo.name.startswith("logos/")


def test_what_was_refused_is_not_offered_again(admin: Client, seller: Seller) -> None:
    broken = SimpleUploadedFile("logo.png", b"no picture")
    assert not offered(save(admin, seller, logo=broken), "logo")


@pytest.mark.parametrize("token", ["", "made-up", "WyJzZWNyZXQiLCAiYSJd:1aaaaa:bbbb"])
def test_only_what_we_signed_is_taken(admin: Client, seller: Seller, token: str) -> None:
    save(admin, seller, **{"logo-kept": token})
    seller.refresh_from_db()
    assert not seller.logo
    assert admin.get(edit_url(seller)).status_code == 200


def test_what_nobody_came_back_for_is_taken_away(admin: Client, seller: Seller, clock: TestClock) -> None:
    token = offered(save(admin, seller, siren="12", logo=picture()), "logo")
    chosen = set(kept_files())
    clock.advance(days=4)
    save(admin, seller, siren="12", logo=picture(size=(10, 10)))
    assert len(set(kept_files()) & chosen) < len(chosen)
    assert not offered(save(admin, seller, siren="12", **{"logo-kept": token}), "logo")
